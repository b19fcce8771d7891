"""How often neurons fire, block by block: from a run, or as stated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from studio.compile.graph import owners, whole_inputs
from studio.compile.program import Input, Layer, Program
from studio.compile.wiring import Cut
from studio.models.spec import Events, Rates
from studio.network.flat import Drawn

Listed = tuple[np.ndarray, np.ndarray]
USUAL = 10.0  # Hz: what a neuron is taken to fire at where nothing is known
MOST = 20_000_000  # counts (blocks x steps) that are kept for the busiest step


@dataclass(frozen=True)
class Activity:
    """How often every neuron fires, over `steps` steps of `dt` ms: `rates` [Hz] by layer or input.

    `counts` (blocks, steps; blocks are parts, then inputs without parts, as in a BlockGraph): spikes of every block in every step, where a run says them and they are few enough. `measured`: from a run.
    """

    rates: Mapping[str, np.ndarray]
    steps: int
    dt: float
    measured: bool
    counts: np.ndarray | None = None

    @property
    def seconds(self) -> float:
        return self.steps * self.dt / 1000.0


def blocks(program: Program) -> list[tuple[str, Cut]]:
    """(layer or input, cut) of every block of a program, in the order of its BlockGraph."""
    return [(p.layer, p.cut) for p in program.parts] + [(key, Cut(0, program.node(key).size)) for key in whole_inputs(program)]


def of_run(program: Program, spikes: Mapping[str, Listed], steps: int) -> Activity:
    """From the spikes of layers and inputs (steps, ids) by their keys; a node without any is silent, one that is not named fires as usual."""
    all_blocks = blocks(program)
    seconds = steps * program.dt / 1000.0
    counts = np.zeros((len(all_blocks), steps), np.int32) if len(all_blocks) * steps <= MOST else None
    places = _places(all_blocks)
    rates: dict[str, np.ndarray] = {}
    for node in (*program.layers, *program.inputs):
        if node.key not in spikes:
            rates[node.key] = np.full(node.size, stated_rate(node, program))
            continue
        at, ids = (np.asarray(a, np.int64) for a in spikes[node.key])
        rates[node.key] = np.bincount(ids, minlength=node.size) / seconds
        if counts is not None and node.key in places:
            where = np.array(places[node.key])
            own = owners([all_blocks[k][1] for k in where], node.size)[ids]
            kept = (own >= 0) & (at >= 0) & (at < steps)
            np.add.at(counts, (where[own[kept]], at[kept]), 1)
    return Activity(rates, steps, program.dt, True, counts)


def stated(program: Program, rates: Mapping[str, float] | None = None, usual: float = USUAL) -> Activity:
    """From rates [Hz] by path or key of a node; sources fire as their model says, others at `usual`."""
    said = rates or {}
    out: dict[str, np.ndarray] = {}
    for node in (*program.layers, *program.inputs):
        given = said.get(node.key, said.get(node.path))
        out[node.key] = np.full(node.size, stated_rate(node, program, usual) if given is None else float(given))
    return Activity(out, program.steps, program.dt, False)


def stated_rate(node: Layer | Input, program: Program, usual: float = USUAL) -> float:
    """The mean rate [Hz] of one element: of a source from its model, of a neuron `usual`; 0 of an analog source."""
    if isinstance(node, Layer):
        return usual
    if node.analog:
        return 0.0
    params = {k: _mean(v) if isinstance(v, Drawn) else v for k, v in node.source.params.items()}
    form = node.source.model.lower(params, node.size, program.dt)
    seconds = program.steps * program.dt / 1000.0
    if isinstance(form, Events):
        return len(form.steps) / node.size / seconds
    if isinstance(form, Rates):
        ends = np.clip(np.append(form.starts, program.steps), 0, program.steps)
        return float(np.average(form.hz.mean(axis=1), weights=np.diff(ends))) if program.steps else 0.0
    return usual


def _mean(drawn: Drawn) -> float:
    return (
        (drawn.a + drawn.b) / 2.0
        if drawn.shape == "uniform"
        else drawn.a
        if drawn.shape == "normal"
        else float(np.exp(drawn.a + drawn.b**2 / 2))
    )


def _places(all_blocks: list[tuple[str, Cut]]) -> dict[str, list[int]]:
    out: dict[str, list[int]] = {}
    for k, (node, _) in enumerate(all_blocks):
        out.setdefault(node, []).append(k)
    return out
