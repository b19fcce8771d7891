"""One column circuit, used six times in a ring: hierarchy, ports, lateral connections, overrides."""

from studio.network.build import Network, probability

COLUMNS, EXC, INH = 6, 400, 100
LAYOUT = {
    "main": {"thalamus": (0, 40), "columns": (320, 40)},
    "column": {"exc": (300, 0), "inh": (300, 240), "port:thalamus": (0, 40), "port:lateral": (0, 240), "port:out": (640, 40)},
}
DESCRIPTION = (
    f"One circuit of {EXC} excitatory and {INH} inhibitory neurons stands {COLUMNS} times in a ring; neighbours excite each other, and the first column is more excitable "
    "(a lower threshold, set as an override of that copy). Enter a column with a double click: a change there changes all of them. "
    "Source: a minimal sketch after Mountcastle 1997, doi:10.1093/brain/120.4.701, with current-based neurons as in Vogels and Abbott 2005, doi:10.1523/JNEUROSCI.3508-05.2005."
)


def build() -> Network:
    net = Network("Cortical columns")
    column = net.circuit("column")
    lif = {"tau_m": 20.0, "c_m": 0.25, "v_rest": -65.0, "v_reset": -65.0, "v_th": -50.0, "t_ref": 2.0}
    exc = column.population("exc", EXC, "lif", shape=(20, 20), **lif)
    inh = column.population("inh", INH, "lif", shape=(10, 10), **lif)
    fast, slow = ("exponential", {"tau": 2.0}), ("exponential", {"tau": 6.0})
    for target, weight in ((exc, 0.03), (inh, 0.05)):
        column.connect(
            exc, target, probability(0.1), kinetics=fast, weight=weight, delay={"normal": [1.5, 0.3], "unit": "ms", "min": 0.5, "max": 4.0}
        )
        column.connect(
            inh, target, probability(0.2), kinetics=slow, weight=-0.2, delay={"normal": [1.0, 0.2], "unit": "ms", "min": 0.5, "max": 4.0}
        )
    column.port("thalamus", "in", [exc, inh])
    column.port("lateral", "in", exc)
    column.port("out", "out", exc)
    thalamus = net.source("Thalamus", 200, "poisson", rate=18.0)
    columns = net.instance("Columns", column, repeat=COLUMNS, override={"[0].exc.v_th": -51.0})
    net.connect(thalamus, columns["thalamus"], probability(0.5), kinetics=fast, weight=0.07, delay=1.5, copies="all")
    net.connect(
        columns["out"],
        columns["lateral"],
        probability(0.02),
        kinetics=fast,
        weight=0.03,
        delay=3.0,
        copies={"offsets": [[1], [-1]], "wrap": True},
    )
    net.run(duration=1000.0)
    return net
