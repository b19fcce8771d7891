"""What one core does, in processor time: the constants from which `benchmarks.whole_brain` computes."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

CELLS, STEPS, WARM = 50_000, 1000, 200
REPEATS = 3


def measured() -> dict[str, float]:
    """Nanoseconds of an update, of a synapse crossed, and of a spike whose row holds one synapse; the least of a few repeats."""
    rounds = [_once() for _ in range(REPEATS)]
    return {name: min(one[name] for one in rounds) for name in rounds[0]}


def _once() -> dict[str, float]:
    noisy, _ = _spent(_noisy())
    silent, _ = _spent(_listening(10, 10, 1))
    long, crossed = _spent(_listening(10_000, 100_000, 1000))
    short, looked = _spent(_listening(4_000_000, 1_000_000, 1, one=True))
    return {
        "update": noisy / (CELLS * STEPS) * 1e9,
        "event": (long - silent) / crossed * 1e9,
        "row": (short - silent) / looked * 1e9,
    }


def _noisy() -> Any:
    """Neurons with noise of their own, and nothing else."""
    import studio

    net = studio.Network("Noisy")
    cells, noise = net.population("cells", CELLS, "lif"), net.source("noise", CELLS, "poisson", rate=2000.0)
    net.connect(noise, cells, studio.one_to_one(), weight=0.1, delay=1.0)
    return net


def _listening(sources: int, spikes: int, fan_out: int, one: bool = False) -> Any:
    """Neurons that listen to given spikes, too weak to make them fire; `one`: one weight and one delay for all."""
    import studio

    random = np.random.default_rng(1)
    times, ids = np.sort(random.uniform(20.0, 120.0, spikes)), random.integers(0, sources, spikes)
    net = studio.Network("Listening")
    cells, given = net.population("cells", CELLS, "lif"), net.source("given", sources, "spike_list", times=times, ids=ids)
    weight = 1e-4 if one else {"normal": [1e-4, 1e-5]}
    delay = 1.5 if one else {"normal": [1.5, 0.7], "min": 0.1}
    net.connect(given, cells, studio.fixed_out_degree(fan_out), kinetics="exponential", weight=weight, delay=delay)
    return net


def _spent(net: Any) -> tuple[float, int]:
    """Processor seconds of this thread for STEPS steps, and how many synapses were crossed in them."""
    from studio.engine.run import flat_network
    from studio.engine.simulation import Plan, Simulation

    simulation = Simulation(flat_network(net), Plan(0.1, 1, "single", None, 1))
    _advance(simulation, WARM)
    before, begun = sum(simulation.counters()[0].values()), time.thread_time()
    _advance(simulation, STEPS)
    spent = time.thread_time() - begun
    simulation.close()
    return spent, sum(simulation.counters()[0].values()) - before


def _advance(simulation: Any, steps: int) -> None:
    done = 0
    while done < steps:
        done += simulation.advance(steps - done)
