"""What a network does by itself: its sources, run alone, and the potentials of its neurons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from studio.backends.stimulus import stimulus_of
from studio.compile.backend import Stimulus
from studio.compile.leaky import Leaky
from studio.compile.program import Program
from studio.network.flat import FlatNetwork, Record


def own_stimulus(program: Program, ticks: int) -> Stimulus:
    """What the network's own sources give in the first `ticks` ticks."""
    from studio.engine.run import simulate

    flat = program.flat
    if flat is None:
        return Stimulus(ticks)
    record = tuple(Record(s.path, "spikes", None, flat.run.dt) for s in flat.sources if s.model.signal == "spiking")
    run = replace(flat.run, duration=ticks * program.dt, record=record, events=(), faults=())
    alone: FlatNetwork = replace(flat, populations=(), projections=(), run=run)
    return stimulus_of(program, simulate(alone))


MOST = 20_000_000  # potentials that are kept of a run


def potentials(program: Program, layers: Mapping[str, Leaky], ms: float) -> dict[str, tuple[float, float]]:
    """Of the ideal network's first `ms`: the mean potential of some layers' neurons, counted from the reset and at least 0, and the mean size
    of its distance from where they would rest, in the membrane's unit."""
    from studio.engine.run import simulate

    flat = program.flat
    sizes = {p.path: p.size for p in flat.populations if p.path in layers} if flat is not None else {}
    if flat is None or not sizes:
        return {}
    every = max(flat.run.dt, ms * sum(sizes.values()) / MOST)
    record = tuple(Record(path, "v", None, every) for path in sizes)
    run = replace(flat.run, duration=min(ms, flat.run.duration), record=record, events=(), faults=())
    traces = simulate(replace(flat, run=run)).traces
    out = {}
    for path in sizes:
        leaky = layers[path]
        x = np.asarray(traces[path, "v"].values, np.float64) - leaky.zero
        gone = 1.0 - np.asarray(leaky.decay)
        rest = np.divide(leaky.drive, gone, out=np.zeros(np.broadcast(gone, leaky.drive).shape), where=gone > 0)
        out[path] = max(float(x.mean()), 0.0), float(np.abs(x - rest).mean())
    return out
