"""A program as a flat network that the engine runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from studio.compile.backend import Stimulus
from studio.compile.program import Connection, Input, Program
from studio.compile.wiring import Block
from studio.models.catalogue import builtin
from studio.network.flat import Chosen, FlatNetwork, FlatPopulation, FlatProjection, FlatSource, Record, RunSettings


def network(program: Program, stimulus: Stimulus | None = None) -> FlatNetwork:
    """See `Program.network`."""
    settings = program.flat.run if program.flat is not None else RunSettings()
    steps = program.steps if stimulus is None else stimulus.steps
    run = replace(
        settings,
        duration=steps * program.dt,
        dt=program.dt,
        seed=program.seed,
        method=None,
        record=tuple(Record(layer.key, "spikes", None, program.dt) for layer in program.layers),
        events=(),
        faults=(),
    )
    populations = tuple(FlatPopulation(x.key, x.key, x.size, x.shape, x.neuron, x.start) for x in program.layers)
    sources = tuple(_source(x, stimulus, program.dt) for x in program.inputs)
    projections = tuple(_projection(c) for c in program.connections)
    return FlatNetwork(program.name, populations, sources, projections, run, program.hash)


def _source(given: Input, stimulus: Stimulus | None, dt: float) -> FlatSource:
    if stimulus is None:
        return FlatSource(given.key, given.key, given.size, given.shape, given.source)
    if given.analog:
        starts, values = stimulus.currents[given.key]
        params = {"times": starts * dt, "amplitudes": values}
        return FlatSource(given.key, given.key, given.size, given.shape, Chosen(builtin().get("source", "step_current"), params))
    steps, ids = stimulus.spikes[given.key]
    params = {"times": (steps + 1) * dt, "ids": ids}
    return FlatSource(given.key, given.key, given.size, given.shape, Chosen(builtin().get("source", "spike_list"), params))


def _projection(c: Connection) -> FlatProjection:
    """With the document's own rule where its weights are still the document's, else as a list."""
    w = c.wiring
    if w.drawn is not None and w.quantised is None and not w.changes and not isinstance(w.form, Block):
        return replace(
            w.drawn, key=c.key, source=c.source, target=c.target, kinetics=c.kinetics, plasticity=c.plasticity, signals=c.signals
        )
    block = w.onto()
    lists = {"sources": block.sources, "targets": block.targets}
    delays: float | np.ndarray = block.delays * w.dt
    if len(block) and (block.delays == block.delays[0]).all():
        delays = float(block.delays[0] * w.dt)
    explicit = Chosen(builtin().get("connector", "explicit"), lists)
    return FlatProjection(
        c.key, c.path, c.source, c.target, explicit, c.kinetics, c.plasticity, c.device, block.weights, delays, False, signals=c.signals
    )
