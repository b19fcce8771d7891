"""The field's small benchmark network: 4,000 neurons with current-based synapses that keep themselves active."""

from studio.network.build import Network, probability

EXC, INH, P = 3_200, 800, 0.02
TAU_M, C_M = 20.0, 0.2  # ms, nF
RESISTANCE = TAU_M / C_M  # MOhm
W_EXC, W_INH = 1.62 / RESISTANCE, -9.0 / RESISTANCE  # nA: a current that would hold the voltage 1.62 mV up, 9 mV down
TAU_EXC, TAU_INH = 5.0, 10.0
DELAY = 0.1
LAYOUT = {"excitatory": (0, 40), "inhibitory": (360, 40)}
DESCRIPTION = (
    f"{EXC + INH:,} leaky integrate-and-fire neurons, 80 % excitatory, connected with a probability of {100 * P:g} %. They rest above threshold and need no drive: "
    "inhibition holds them at about 5.5 Hz. Simulators are compared by this network (CUBA). "
    "Source: Vogels and Abbott 2005, doi:10.1523/JNEUROSCI.3508-05.2005, as benchmark 2 of Brette et al. 2007, doi:10.1007/s10827-007-0038-6."
)


def build(scale: float = 1.0) -> Network:
    """The network, or one of another size; a smaller one has the same probability of connection, so it fires faster."""
    net = Network("CUBA benchmark")
    lif = {"tau_m": TAU_M, "c_m": C_M, "v_rest": -49.0, "v_reset": -60.0, "v_th": -50.0, "t_ref": 5.0, "v": {"uniform": [-60.0, -50.0]}}
    exc = net.population("Excitatory", round(EXC * scale), "lif", **lif)
    inh = net.population("Inhibitory", round(INH * scale), "lif", **lif)
    for source, weight, tau in ((exc, W_EXC, TAU_EXC), (inh, W_INH, TAU_INH)):
        for target in (exc, inh):
            net.connect(source, target, probability(P), kinetics=("exponential", {"tau": tau}), weight=weight, delay=DELAY)
    net.run(duration=1000.0)
    return net
