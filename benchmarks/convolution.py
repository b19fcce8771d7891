"""A convolutional layer kept as a kernel, beside the same synapses as a list: bytes, building, delivery. `python -m benchmarks.convolution`

32 x 28 x 28 sources at 20 Hz onto 64 x 28 x 28 neurons through kernels of 3 x 3, 14 million synapses; single precision.
"""

from __future__ import annotations

import argparse
import json
import time
from typing import Any

import numpy as np

from studio.engine.connectivity import synapses
from studio.engine.parts import Plan
from studio.engine.simulation import Simulation
from studio.network.build import Network, convolution, explicit
from studio.network.flat import FlatNetwork

GRID, CHANNELS, WINDOW = (32, 28, 28), 64, 3
RATE, DT, STEPS = 20.0, 1.0, 200


def layer(listed: bool) -> FlatNetwork:
    """The network, flat."""
    kernel = np.random.default_rng(1).normal(size=(CHANNELS, GRID[0], WINDOW, WINDOW)).astype(np.float32)
    net = Network("layer")
    net.run(dt=DT, duration=STEPS * DT)
    a = net.source("a", int(np.prod(GRID)), "poisson", shape=GRID, rate=RATE)
    b = net.population("b", CHANNELS * GRID[1] * GRID[2], "if_euler", shape=(CHANNELS, *GRID[1:]), v_threshold=1e6)
    net.connect(a, b, convolution(kernel, padding=WINDOW // 2), kinetics="pulse", weight=1.0, delay=DT)
    if not listed:
        return net.flatten()
    found = synapses(net.flatten(), "p1")
    other = Network("layer")
    other.run(dt=DT, duration=STEPS * DT)
    a = other.source("a", int(np.prod(GRID)), "poisson", rate=RATE)
    b = other.population("b", CHANNELS * GRID[1] * GRID[2], "if_euler", v_threshold=1e6)
    pairs = explicit(np.asarray(found.sources, np.int32), np.asarray(found.targets, np.int32))
    other.connect(a, b, pairs, kinetics="pulse", weight=np.asarray(found.weights, np.float32), delay=DT)
    return other.flatten()


def measure(flat: FlatNetwork, threads: int, repeats: int) -> dict[str, Any]:
    """The fastest of the repeats."""
    plan = Plan(DT, 1, "single", None, threads, profile=True)
    delivery, build = [], []
    for _ in range(repeats):
        started = time.perf_counter()
        made = Simulation(flat, plan)
        build.append(made.build_s)
        while made.step < STEPS:
            made.advance(STEPS - made.step)
            made.spikes("a")
        events = sum(made.counters()[0].values())
        delivery.append(sum(s for category, path, s in made.profile() if category == "delivery" and path))
        rows = made.links[0].rows
        made.close()
        assert time.perf_counter() > started
    tables = {id(a): a.nbytes for r in rows for a in (r.starts, r.targets, r.weights, r.table) if a is not None}
    n = sum(r.n for r in rows)
    return {
        "synapses": n,
        "bytes": sum(tables.values()),
        "bytes_per_synapse": sum(tables.values()) / n,
        "build_s": min(build),
        "events": events,
        "delivery_s": min(delivery),
        "ns_per_event_and_thread": min(delivery) / events * 1e9 * threads,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    for name, listed in (("kernel", False), ("list", True)):
        print(name, json.dumps(measure(layer(listed), asked.threads, asked.repeats)))


if __name__ == "__main__":
    main()
