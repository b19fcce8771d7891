"""Small documents drawn by a seed: odd names, every connector, delays that no machine has, circuits, constraints. What a stranger might draw."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

import studio
from studio.findings import FindingError, errors
from studio.models.catalogue import builtin

NAMES = (
    "exc",
    "a b",
    "module",
    "größe",
    'say "hi"',
    "../../etc",
    "1st",
    "🧠",
    "input",
    "$display",
    "out.v",
    "tab\tname",
    'nul\0\n"""',
    "-rf",
    "core_0",
    "a" * 70,
)
USUAL = ("lif", "lif", "lif", "lif_euler", "if_euler", "alif", "izhikevich", "loihi", "truenorth")
STEPS = 40  # of a run


def drawn(seed: int) -> studio.Network:
    """A network that `check` finds no error in."""
    return _Draw(seed).network()


class _Draw:
    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)
        self.dt = self.r.choice((1.0, 1.0, 0.1, 0.5, 2.0, 0.3))
        self.net = studio.Network(self.r.choice(NAMES))
        self.net.run(dt=self.dt, duration=STEPS * self.dt, seed=seed)

    def network(self) -> studio.Network:
        r, net = self.r, self.net
        nodes = [self.population(net) for _ in range(r.randint(1, 4))]
        sources = [self.source() for _ in range(r.randint(0, 2))]
        links = [self.connect(net, s, r.choice(nodes)) for s in sources]
        links += [self.connect(net, r.choice(nodes + sources), r.choice(nodes)) for _ in range(r.randint(0, 3))]
        if r.random() < 0.2:
            column = net.circuit("column")
            inner = self.population(column)
            self.connect(column, inner, inner)
            column.port("in", "in", inner)
            copies = self.tried(lambda: net.instance("cols", column, repeat=r.randint(1, 3)))
            if copies is not None:
                self.tried(lambda: net.connect(nodes[0], copies["in"], studio.probability(0.5), weight=2.0, delay=self.dt, copies="all"))
        if r.random() < 0.2:
            self.constrain(nodes, [x for x in links if x is not None])
        return net

    def tried(self, draw: Callable[[], Any]) -> Any:
        """What was drawn, or None where the studio refuses it."""
        before = self.net.json
        try:
            made = draw()
        except FindingError:
            made = None
        if made is None or errors(self.net.check()):
            self.net.replace(before)
            return None
        return made

    def population(self, circuit: Any) -> Any:
        r, size = self.r, self.r.choice((1, 2, 9, 16, 33, 257))
        key = r.choice(USUAL) if r.random() < 0.85 else r.choice(builtin().all("neuron")).key
        params = {}
        for p in builtin().get("neuron", key).params:
            if p.kind == "number" and p.default is not None and r.random() < 0.15:
                value = float(p.default) * r.choice((0.5, 1.3, 0.01, 100.0))
                params[p.name] = (
                    round(value) if p.integer else value if p.shared or r.random() < 0.7 else np.linspace(value, value * 1.1, size)
                )
        made = self.tried(lambda: circuit.population(r.choice(NAMES), size, key, **params))
        return circuit.population("plain", size, "lif") if made is None else made

    def source(self) -> Any:
        r, n = self.r, self.r.choice((1, 4, 30))
        kind = r.choice(("poisson", "poisson", "spike_list", "step_current"))
        if kind == "poisson":
            return self.net.source(r.choice(NAMES), n, kind, rate=r.choice((0.0, 50.0, 1000.0)))
        if kind == "spike_list":
            times = np.sort([r.randint(0, STEPS) for _ in range(r.choice((0, 1, 40)))]) * self.dt
            return self.net.source(r.choice(NAMES), n, kind, times=times, ids=np.array([r.randrange(n) for _ in times]))
        return self.net.source(r.choice(NAMES), n, kind, times=np.array([0.0, 5 * self.dt]), amplitudes=np.array([1.0, -0.5]))

    def connector(self, n: int, m: int) -> Any:
        r = self.r
        listed = [r.randrange(n) for _ in range(r.choice((0, 1, 30)))]
        return r.choice(
            (
                studio.all_to_all(),
                studio.one_to_one(),
                studio.probability(r.choice((0.0, 0.3, 1.0))),
                studio.fixed_in_degree(r.choice((0, 3, 300))),
                studio.fixed_out_degree(2),
                studio.fixed_total_number(50),
                studio.explicit(listed, [r.randrange(m) for _ in listed]),
                studio.dense(np.random.default_rng(n).normal(size=(m, n)).round(1)),
            )
        )

    def connect(self, circuit: Any, source: Any, target: Any) -> Any:
        r = self.r
        connector = self.connector(source.json["size"], target.json["size"])
        if source.json["model"] == "step_current":
            return self.tried(lambda: circuit.connect(source, target, connector, gain=r.choice((1.0, 0.0, -2.0))))
        delay = r.choice((self.dt, 1.5 * self.dt, 5 * self.dt, 17 * self.dt, 300 * self.dt, 0.0, {"uniform": [self.dt, 5 * self.dt]}))
        weight = r.choice((0.0, 1e-3, 2.0, 8.0, -3.0, 1e4, {"normal": [2.0, 1.0]}))
        kinetics = "delta" if r.random() < 0.6 else r.choice(("exponential", "alpha", "pulse", "conductance_exponential", "nmda"))
        plasticity = "static" if r.random() < 0.9 else r.choice(("stdp_pair", "loihi_stdp", "tsodyks_markram"))
        draw = {"weight": weight, "delay": delay, "kinetics": kinetics, "plasticity": plasticity}
        made = self.tried(lambda: circuit.connect(source, target, connector, **draw))
        return self.tried(lambda: circuit.connect(source, target, delay=self.dt)) if made is None else made

    def constrain(self, nodes: list[Any], links: list[Any]) -> None:
        r, net = self.r, self.net
        draws: list[Callable[[], Any]] = [
            lambda: net.constrain("fan_in", nodes[0], limit=r.choice((1, 64))),
            lambda: net.constrain("region", nodes[0], chip=r.choice((0, 1, 99)), cores=r.choice(((0, 1), (2, 8), (500, 600)))),
            lambda: net.constrain("keep_apart", nodes[0], nodes[-1]),
            lambda: net.constrain("keep_together", nodes[0], nodes[-1], scope=r.choice(("chip", "core"))),
        ]
        if links:
            draws.append(lambda: net.constrain("delay_class", links[0], delays=[self.dt, 3 * self.dt]))
        chosen = r.choice(draws)
        self.tried(lambda: (chosen(), True)[1])
