"""The inputs that a network gives itself: its sources, run alone."""

from __future__ import annotations

from dataclasses import replace

from studio.backends.stimulus import stimulus_of
from studio.compile.backend import Stimulus
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
