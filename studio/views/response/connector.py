"""Who is connected with whom: sources across, targets up."""

from __future__ import annotations

import numpy as np

from studio.views.response.bench import KICK, Bench, population, spikes
from studio.views.response.picture import Curve, Panel

SIDE = 24


def panels(bench: Bench) -> tuple[Panel, ...]:
    """A matrix of dots; connectors of given arrays have none."""
    given = {p.name: bench.params.get(p.name, p.default) for p in bench.model.params}
    if any(p.kind == "array" for p in bench.model.params):
        return ()
    params = {k: min(v, 4) if k == "k" and isinstance(v, int | float) else v for k, v in given.items() if v is not None}
    params = {k: min(v, 4 * SIDE) if k == "n" and isinstance(v, int | float) else v for k, v in params.items()}
    nodes = {"pre": spikes(SIDE, np.zeros(0), np.zeros(0, int)), "post": population("lif", SIDE)}
    wires = {
        "p": {
            "from": "pre",
            "to": "post",
            "connector": {"model": bench.model.key, "params": params},
            "weight": KICK,
            "plasticity": {"model": "stdp_pair"},
        }
    }
    recording = bench.run(nodes, wires, bench.dt, [])
    synapses = recording.weights["p"]
    return (
        Panel(
            "24 sources, 24 targets",
            "source",
            "",
            "target",
            "",
            (Curve(synapses.sources.astype(float), synapses.targets.astype(float), "", "dots"),),
        ),
    )
