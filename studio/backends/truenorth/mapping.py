"""From a placed program to the cores: which axon of which core every source reaches, and every core's content."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.backends.truenorth.fabric import EXTRAS, NUMBERS, TYPES, Bus, Core, Fabric, shared
from studio.backends.truenorth.place import position
from studio.compile.program import Part, Program
from studio.compile.target import Target


@dataclass(frozen=True)
class Axons:
    """Every axon in use, by part and number: which connection (its place in the program), source and delay feed it. int32 (n,)."""

    part: np.ndarray
    number: np.ndarray
    connection: np.ndarray
    source: np.ndarray
    delay: np.ndarray


@dataclass(frozen=True)
class Mapped:
    """The fabric, and what its places mean. Neurons of a part are the first of its core, in the order of its cut; copies follow.

    `inputs[key]`: (source, core, axon, delay) of every axon that an input reaches, int32 (n, 4); cores are places of the fabric.
    `lines`: (layer's place, neuron) of every line of the bus. `order[k]`: the place in the fabric of part k.
    """

    fabric: Fabric
    inputs: dict[str, np.ndarray]
    lines: np.ndarray
    order: np.ndarray


@dataclass(frozen=True)
class _Crossbar:
    """Of a part: types and connections of its axons, and its neurons' four weights."""

    types: np.ndarray
    connections: np.ndarray
    weights: np.ndarray


def mapped(program: Program, target: Target) -> Mapped:
    """The cores of a program that every pass has seen."""
    positions = np.array([position(target.topology, p.core) for p in program.parts], np.int64).reshape(-1, 2)  # type: ignore[arg-type]
    found = [_crossbar(program, p, k) for k, p in enumerate(program.parts)]
    axons = Axons(*(np.concatenate([f[1][j] for f in found] or [np.zeros(0, np.int32)]) for j in range(5)))
    goals, lines = _goals(program, axons)
    bus = Bus(int(positions[:, 0].max(initial=-1)) + 1, 0, len(lines))
    cores = [_core(program, p, k, found[k][0], goals, positions, bus) for k, p in enumerate(program.parts)]
    order = np.lexsort((positions[:, 0], positions[:, 1]))
    different, which = shared([cores[k] for k in order])
    limits = {name: int(limit.value) for name, limit in target.limits.items()}
    kind, limit = _neuron_kind(program, target)
    fabric = Fabric(different, which, positions[order], bus, limits["axons"], limits["neurons"], reset_type=kind, limit=limit)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return Mapped(fabric, _inputs(program, axons, place), lines, place)


def _crossbar(program: Program, part: Part, k: int) -> tuple[_Crossbar, tuple[np.ndarray, ...]]:
    """A part's crossbar, and its axons as columns of `Axons`."""
    ids = part.cut.ids
    local = np.searchsorted(ids, np.arange(part.cut.low, part.cut.high))
    places = {c.key: j for j, c in enumerate(program.connections)}
    columns: list[list[np.ndarray]] = [[], [], []]
    bits: list[tuple[np.ndarray, np.ndarray]] = []
    types: list[np.ndarray] = []
    weights = np.zeros((part.size, TYPES), np.int32)
    used = 0
    for c in program.into(part.layer):
        block = c.wiring.onto(part.cut)
        block = block.keep(np.flatnonzero(block.weights))
        width = c.wiring.n_source
        names, axon = np.unique(block.delays * width + block.sources, return_inverse=True)
        kind, neuron = program.settings["types"][c.key], local[block.targets - part.cut.low]
        weights[neuron, kind] = block.weights
        bits.append((neuron, axon.ravel() + used))
        types.append(np.full(len(names), kind, np.uint8))
        used += len(names)
        for column, values in zip(columns, (np.full(len(names), places[c.key]), names % width, names // width), strict=True):
            column.append(values.astype(np.int32))
    connections = np.zeros((part.size, used), bool)
    for neuron, axon in bits:
        connections[neuron, axon] = True
    none = np.zeros(0, np.int32)
    joined = tuple(np.concatenate([none, *column]) for column in columns)
    head = (np.full(used, k, np.int32), np.arange(used, dtype=np.int32))
    return _Crossbar(np.concatenate([np.zeros(0, np.uint8), *types]), connections, weights), (*head, *joined)


@dataclass(frozen=True)
class _Goals:
    """Where every neuron's spikes go, by layer: its axons (places in `axons`) from `first[n]` to `first[n + 1]`; `line` of the bus where none."""

    axons: Axons
    order: dict[str, np.ndarray]
    first: dict[str, np.ndarray]
    line: dict[str, np.ndarray]


def _goals(program: Program, axons: Axons) -> tuple[_Goals, np.ndarray]:
    of_source = np.array([program.connections[c].source for c in range(len(program.connections))], object)
    order, first, line, lines = {}, {}, {}, [np.zeros((0, 2), np.int64)]
    count = 0
    for k, layer in enumerate(program.layers):
        mine = np.flatnonzero((of_source == layer.key)[axons.connection]) if len(of_source) else np.zeros(0, np.int64)
        mine = mine[np.lexsort((axons.delay[mine], axons.part[mine], axons.connection[mine], axons.source[mine]))]
        order[layer.key] = mine
        first[layer.key] = np.searchsorted(axons.source[mine], np.arange(layer.size + 1))
        none = np.flatnonzero(np.diff(first[layer.key]) == 0)
        number = np.full(layer.size, -1, np.int64)
        number[none] = count + np.arange(len(none))
        line[layer.key] = number
        lines.append(np.stack([np.full(len(none), k), none], axis=1))
        count += len(none)
    return _Goals(axons, order, first, line), np.concatenate(lines)


def _core(program: Program, part: Part, k: int, bar: _Crossbar, goals: _Goals, positions: np.ndarray, bus: Bus) -> Core:
    ids = part.cut.ids
    first = goals.first[part.layer]
    many = first[ids + 1] - first[ids]
    extra = np.repeat(np.arange(part.size), np.maximum(many - 1, 0))
    rows = np.concatenate([np.arange(part.size), extra])
    which = np.concatenate([np.zeros(part.size, np.int64), _counted(np.maximum(many - 1, 0)) + 1])
    has = many[rows] > 0
    axon = (
        goals.order[part.layer][np.minimum(first[ids[rows]] + which, max(len(goals.order[part.layer]) - 1, 0))] if has.any() else rows * 0
    )
    a = goals.axons
    to = np.where(has[:, None], positions[a.part[axon]], [bus.x, bus.y]) if has.any() else np.tile([bus.x, bus.y], (len(rows), 1))
    number = np.where(has, a.number[axon], goals.line[part.layer][ids[rows]]) if has.any() else goals.line[part.layer][ids[rows]]
    tick = np.where(has, a.delay[axon] - 1, 0) if has.any() else rows * 0
    numbers = _numbers(program, part, ids)[rows]
    i4 = np.int32
    return Core(
        bar.types, bar.connections[rows], bar.weights[rows], numbers, (to - positions[k]).astype(i4), number.astype(i4), tick.astype(i4)
    )


def _counted(counts: np.ndarray) -> np.ndarray:
    """0, 1, ... for each count: the number of each repetition."""
    ends = np.cumsum(counts)
    return np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - counts, counts)


SIGNS = {
    "positive_threshold": ("alpha", 1),
    "negative_threshold": ("beta", -1),
    "reset_potential": ("v_reset", 1),
    "current_potential": ("v_start", 1),
}


def _numbers(program: Program, part: Part, ids: np.ndarray) -> np.ndarray:
    params = program.layer(part.layer).neuron.params
    ibm = program.settings.get("dialect") == "ibm"
    columns = []
    for name in (*NUMBERS, *EXTRAS) if ibm else NUMBERS:
        own, sign = SIGNS.get(name, (name, 1))
        value = np.asarray(params[own])
        columns.append(sign * (value[ids] if value.ndim else np.full(len(ids), value)))
    return np.rint(np.stack(columns, axis=1)).astype(np.int32)


def _neuron_kind(program: Program, target: Target) -> tuple[int, int]:
    """(reset type, limit of potentials) of the whole fabric."""
    at = [np.asarray(x.neuron.params["floor_at"]).max(initial=0) for x in program.layers if x.origin is not None]
    limit = max((int(np.max(x.neuron.params["v_limit"])) for x in program.layers), default=0)
    return int(max(at, default=0)), limit if target.dialect == "ibm" else 0


def _inputs(program: Program, axons: Axons, place: np.ndarray) -> dict[str, np.ndarray]:
    out = {}
    for one in program.inputs:
        numbers = [j for j, c in enumerate(program.connections) if c.source == one.key]
        mine = np.flatnonzero(np.isin(axons.connection, numbers))
        rows = np.stack([axons.source[mine], place[axons.part[mine]], axons.number[mine], axons.delay[mine]], axis=1)
        out[one.key] = rows[np.lexsort((rows[:, 2], rows[:, 1], rows[:, 0]))].astype(np.int32)
    return out
