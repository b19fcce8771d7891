"""Networks for TrueNorth's tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from engine.networks import network, pairs, population, projection, source

from studio.network.flat import FlatNetwork

CELLS = {"tau_m": 20.0, "c_m": 1.0, "v_rest": 0.0, "v_reset": 0.0, "v_th": 20.0, "t_ref": 0.0}


def driven(seed: int = 1, ticks: int = 120, rate: float = 0.12, size: int = 24):
    """A source of given spikes, at most one a tick and element."""
    rng = np.random.default_rng(seed)
    steps, ids = np.nonzero(rng.random((ticks, size)) < rate)
    return source("x", size, "spike_list", times=steps + 1.0, ids=ids)


def some(rng: np.random.Generator, n_source: int, n_target: int, p: float):
    return np.nonzero(rng.random((n_source, n_target)) < p)


def tangle(ticks: int = 120) -> FlatNetwork:
    """Two layers with loops, both signs, real weights, delays of 1 to 22 ticks; an analog input; copies and relays are needed."""
    rng = np.random.default_rng(5)
    links = []
    for key, a, b, n, m, p in (
        ("xa", "x", "a", 24, 30, 0.4),
        ("ab", "a", "b", 30, 17, 0.5),
        ("ba", "b", "a", 17, 30, 0.4),
        ("aa", "a", "a", 30, 30, 0.1),
    ):
        s, t = some(rng, n, m, p)
        weights = {
            "xa": rng.choice([6.0, -3.0], len(s)),
            "ab": rng.normal(4.0, 3.0, len(s)),
            "ba": np.full(len(s), -4.0),
            "aa": np.full(len(s), 2.0),
        }[key]
        delays = {
            "xa": np.full(len(s), 1.0),
            "ab": np.full(len(s), 3.0),
            "ba": rng.integers(1, 6, len(s)).astype(float),
            "aa": np.full(len(s), 22.0),
        }[key]
        links.append(projection(key, a, b, pairs(s, t), weights, delays))
    current = source("i", 2, "step_current", times=np.array([0.0, 30.0, 60.0]), amplitudes=np.array([[0.0, 1.5], [2.0, 0.0], [0.0, 0.5]]))
    links.append(projection("ib", "i", "b", pairs(np.array([0, 1, 1]), np.array([3, 4, 5])), 1.0, 1.0, None))
    populations = [population("a", 30, **CELLS), population("b", 17, **{**CELLS, "i_offset": 0.4})]
    return network(populations, [driven(ticks=ticks), current], links, dt=1.0, duration=float(ticks))


def read_out(ticks: int = 120) -> FlatNetwork:
    """The same with a layer that hears both and whose spikes leave the chip."""
    flat = tangle(ticks)
    rng = np.random.default_rng(8)
    links = [projection(f"{k}o", k, "o", pairs(*some(rng, n, 12, 0.5)), w, 2.0) for k, n, w in (("a", 30, 9.0), ("b", 17, -2.0))]
    return replace(flat, populations=(*flat.populations, population("o", 12, **CELLS)), projections=(*flat.projections, *links))


def sheet(side: int, kernel: np.ndarray, listed: bool = False, ticks: int = 60) -> FlatNetwork:
    """A sheet that hears itself through a kernel, and a strip of given spikes. `listed`: as a list of synapses."""
    form = {"kernel": kernel[None, None], "padding_y": kernel.shape[0] // 2, "padding_x": kernel.shape[1] // 2}
    shapes = {"source_shape": (side, side), "target_shape": (side, side)}
    cells = replace(population("sheet", side * side, **{**CELLS, "i_offset": 1.6}), shape=(side, side))
    own = projection("own", "sheet", "sheet", ("convolution", {**form, **shapes}), 1.0, 2.0)
    flat = network([cells], [], [own], dt=1.0, duration=float(ticks))
    if not listed:
        return flat
    from studio.backends.truenorth.machine import TARGET
    from studio.compile.program import lower

    block = lower(flat, TARGET).connections[0].wiring.onto()
    block = block.keep(block.weights != 0)
    own = projection("own", "sheet", "sheet", pairs(block.sources, block.targets), block.weights, 2.0)
    return replace(flat, projections=(own,))
