"""A program run by the engine: the emulator of machines whose neurons are models of the catalogue."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.compile.backend import Outcome, Stimulus, in_order
from studio.compile.pipeline import Cancelled
from studio.compile.program import Connection, Program
from studio.compile.watching import tick
from studio.compile.wiring import Block
from studio.network.flat import Record


def run(program: Program, stimulus: Stimulus, states: tuple[tuple[str, str], ...] = (), precision: str = "double") -> Outcome:
    """What the engine makes of a program. `states`: (layer, state) to record in every step. Whole-number weights are multiplied with their scale."""
    from studio.engine.run import simulate

    flat = scaled(program).network(stimulus)
    records = tuple(Record(layer, what, None, program.dt) for layer, what in states)
    flat = replace(flat, run=replace(flat.run, precision=precision, record=(*flat.run.record, *records)))
    recording = simulate(flat, watch=lambda f: tick(f.t_ms / max(f.duration_ms, 1e-9)))
    if not recording.complete:  # interrupted
        raise Cancelled
    spikes = {key: in_order(np.asarray(s.steps) - 1, np.asarray(s.ids)) for key, s in recording.spikes.items()}
    traces = {name: np.asarray(recording.traces[name].values) for name in states}
    events = {k: float(v) for k, v in recording.counters.get("events", {}).items()}
    return Outcome(stimulus.steps, program.dt, {layer.key: spikes[layer.key] for layer in program.layers}, traces, {}, events)


def scaled(program: Program) -> Program:
    """The program with quantised weights in their kinetics' unit again: what the whole numbers mean."""
    return program.with_connections(_scaled(c) for c in program.connections if c.quantised is not None)


def _scaled(c: Connection) -> Connection:
    q = c.quantised
    assert q is not None

    def back(block: Block) -> Block:
        scale = q.scale if np.ndim(q.scale) == 0 else np.asarray(q.scale)[block.targets]
        return replace(block, weights=block.weights * scale)

    return replace(c, wiring=c.wiring.mapped(back))
