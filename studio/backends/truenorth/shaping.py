"""Before layers are cut: levels of analog inputs, delays that the chip has, and in which order layers are taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from studio.backends.truenorth import blocks
from studio.backends.truenorth.blocks import simple
from studio.backends.truenorth.heard import LEVELS, levels
from studio.backends.truenorth.machine import LONGEST
from studio.compile.graph import owners
from studio.compile.program import Connection, Part, Program
from studio.compile.report import Loss
from studio.compile.wiring import Block
from studio.findings import Finding

RELAYED = 2 * LONGEST  # the longest delay with a relay on the way


def prepared(program: Program) -> Program:
    """With the levels of analog inputs in `settings["levels"]`, delays from layers of at least a tick, and findings on what cannot be."""
    found: dict[str, list[float]] = {}
    for one in program.inputs:
        if one.analog:
            values = levels(one, program.seed, program.dt)
            if values is None:
                text = f"“{one.path}” takes more than {LEVELS} different values; each needs an axon that spikes in every tick."
                program = program.say(Finding("fit.weights", "error", one.path, text, f"Use at most {LEVELS} different currents."))
            found[one.key] = values or []
    layers = {x.key for x in program.layers}
    for c in program.connections:
        if c.crossbar is not None:
            text = "in the document these weights lie on a crossbar; here they are coded in four axon types, without its losses."
            program = program.say(Finding("lossy.crossbar", "info", f"{c.path}.crossbar", text))
        program = _delayed(program, c, c.source in layers)
    return program.choose(levels=found)


def _delayed(program: Program, c: Connection, inner: bool) -> Program:
    if c.kinetics is None:
        return program
    program = program.lose(*_rounded(program, c))
    low, high = c.wiring.delays()
    if not inner or (low >= 1 and high <= RELAYED):
        return program
    where = f"{c.path}.delay"
    if high > RELAYED:
        text = (
            f"The longest delay of “{c.path}” is {high} ticks of {program.dt:g} ms; an axon takes 1 to {LONGEST}, with a relay {RELAYED}."
        )
        return program.say(
            Finding("fit.delay", "error", where, text, f"Shorten it to {RELAYED * program.dt:g} ms, or let a tick be longer (option tick).")
        )
    text = f"“{c.path}” has delays below one tick of {program.dt:g} ms; they became one tick."
    late = replace(c, wiring=c.wiring.mapped(_at_least_one))
    loss = Loss(c.path, "delay", "replaced", round(c.wiring.count()), round(c.wiring.count()), program.dt, "ms", text)
    return program.with_connections([late]).lose(loss).say(Finding("lossy.delay", "warning", where, text, f"Set it to {program.dt:g} ms."))


def _at_least_one(block: Block) -> Block:
    return replace(block, delays=np.maximum(block.delays, 1))


def _rounded(program: Program, c: Connection) -> Iterator[Loss]:
    """Delays that are no whole ticks, where they are given as numbers."""
    given = c.wiring.delay
    if not isinstance(given, (int, float, np.ndarray)) or isinstance(c.wiring.form, Block):
        return
    values = np.atleast_1d(np.asarray(given, np.float64))
    apart = np.abs(values - np.rint(values / program.dt) * program.dt)
    moved = int((apart > 1e-9).sum())
    if moved:
        total = round(c.wiring.count())
        count = total if values.size == 1 else moved
        text = f"Delays were rounded to ticks of {program.dt:g} ms."
        yield Loss(c.path, "delay", "rounded", count, total, float(apart.max()), "ms", text)


def last_first(program: Program) -> Iterator[tuple[str, bool]]:
    """Layers, those without targets first; and whether all targets of a layer came before it (not within a loop)."""
    left = {x.key: {c.target for c in program.out_of(x.key)} for x in program.layers}
    while left:
        key = next((k for k, targets in reversed(left.items()) if not targets & left.keys()), None)
        known = key is not None
        key = next(reversed(left)) if key is None else key
        del left[key]
        yield key, known


def fed(connections: Iterable[tuple[Connection, int]], parts: list[Part]) -> dict[str, np.ndarray]:
    """How many axons of these parts every neuron of each source needs."""
    out: dict[str, np.ndarray] = {}
    for c, _ in connections:
        sources = feeds(c, parts)[0]
        out[c.source] = out.get(c.source, 0) + np.bincount(sources, minlength=c.wiring.n_source)
    return out


def feeds(c: Connection, parts: list[Part]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(source, place of the part, delay) of every axon that a connection of one type needs, by part, delay and source."""
    if simple(c.wiring.form) and all(p.cut.box is not None for p in parts):
        sources = [blocks.heard(c.wiring.form, p.cut)[0] for p in parts]  # type: ignore[arg-type]
        place = np.repeat(np.arange(len(parts)), [len(s) for s in sources])
        return np.concatenate(sources), place, np.full(len(place), c.wiring.delays()[0])
    block = c.wiring.onto()
    part = owners([p.cut for p in parts], c.wiring.n_target)[block.targets]
    reach, width = int(block.delays.max(initial=0)) + 1, c.wiring.n_source
    found = np.unique((part * reach + block.delays) * width + block.sources)
    return found % width, found // (reach * width), found // width % reach
