"""From a placed program to the cores: which axon of which core every source reaches, and every core's content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np

from studio.backends.truenorth import blocks
from studio.backends.truenorth.blocks import simple
from studio.backends.truenorth.fabric import EXTRAS, NUMBERS, TYPES, Bus, Core, Fabric
from studio.backends.truenorth.place import position
from studio.compile.program import Connection, Part, Program
from studio.compile.target import Target
from studio.models.spec import Window


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
    """Of a part: types and connections of its axons, and its neurons' four weights. Parts that hear in the same way share one."""

    types: np.ndarray
    connections: np.ndarray
    weights: np.ndarray
    name: bytes


def mapped(program: Program, target: Target) -> Mapped:
    """The cores of a program that every pass has seen."""
    positions = np.array([position(target.topology, p.core) for p in program.parts], np.int64).reshape(-1, 2)  # type: ignore[arg-type]
    bars: dict[object, _Crossbar] = {}
    found = [_crossbar(program, p, k, bars) for k, p in enumerate(program.parts)]
    axons = Axons(*(np.concatenate([f[1][j] for f in found] or [np.zeros(0, np.int32)]) for j in range(5)))
    goals, lines = _goals(program, axons)
    bus = Bus(int(positions[:, 0].max(initial=-1)) + 1, 0, len(lines))
    order = np.lexsort((positions[:, 0], positions[:, 1]))
    cores: dict[bytes, int] = {}
    different: list[Core] = []
    which = np.zeros(len(order), np.int64)
    for at, k in enumerate(order.tolist()):
        rows = _rows(program, program.parts[k], k, goals, positions, bus)
        name = rows.name(found[k][0], program, program.parts[k])
        if name not in cores:
            cores[name] = len(different)
            different.append(_core(program, program.parts[k], found[k][0], rows))
        which[at] = cores[name]
    limits = {name: int(limit.value) for name, limit in target.limits.items()}
    kind, limit = _neuron_kind(program, target)
    fabric = Fabric(tuple(different), which, positions[order], bus, limits["axons"], limits["neurons"], reset_type=kind, limit=limit)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return Mapped(fabric, _inputs(program, axons, place), lines, place)


def _crossbar(program: Program, part: Part, k: int, bars: dict[object, _Crossbar]) -> tuple[_Crossbar, tuple[np.ndarray, ...]]:
    """A part's crossbar, and its axons as columns of `Axons`."""
    places = {c.key: j for j, c in enumerate(program.connections)}
    columns: list[list[np.ndarray]] = [[], [], []]
    heard_by = [_heard(c, part) for c in program.into(part.layer)]
    for c, one in zip(program.into(part.layer), heard_by, strict=True):
        n = len(one.sources)
        for column, values in zip(columns, (np.full(n, places[c.key]), one.sources, one.delays), strict=True):
            column.append(values.astype(np.int32))
    none = np.zeros(0, np.int32)
    joined = tuple(np.concatenate([none, *column]) for column in columns)
    used = len(joined[0])
    shared_name = (part.layer, *(one.name for one in heard_by)) if heard_by and all(one.name is not None for one in heard_by) else None
    bar = bars.get(shared_name) if shared_name is not None else None
    if bar is None:
        bar = _bar(program, part, heard_by, used)
        if shared_name is not None:
            bars[shared_name] = bar
    return bar, (np.full(used, k, np.int32), np.arange(used, dtype=np.int32), *joined)


@dataclass(frozen=True)
class _Heard:
    """The axons that a part needs of one connection, by delay and source; who hears them, with which weight; a name where others hear alike."""

    sources: np.ndarray
    delays: np.ndarray
    neurons: np.ndarray
    axons: np.ndarray
    weights: np.ndarray | float
    name: object = None


def _heard(c: Connection, part: Part) -> _Heard:
    form, cut = c.wiring.form, part.cut
    if simple(form) and isinstance(form, Window) and cut.box is not None:
        sources, bits, name = blocks.heard(form, cut)
        neurons, axons = np.nonzero(bits)
        return _Heard(sources, np.full(len(sources), c.wiring.delays()[0]), neurons, axons, float(c.wiring.weight), (c.key, name))  # type: ignore[arg-type]
    block = c.wiring.onto(cut)
    block = block.keep(np.flatnonzero(block.weights))
    width = c.wiring.n_source
    names, axon = np.unique(block.delays * width + block.sources, return_inverse=True)
    neurons = np.searchsorted(cut.ids, block.targets)
    return _Heard(names % width, names // width, neurons, axon.ravel(), block.weights)


def _bar(program: Program, part: Part, heard_by: list[_Heard], used: int) -> _Crossbar:
    connections = np.zeros((part.size, used), bool)
    types, weights, first = np.zeros(used, np.uint8), np.zeros((part.size, TYPES), np.int32), 0
    for c, one in zip(program.into(part.layer), heard_by, strict=True):
        kind = program.settings["types"][c.key]
        connections[one.neurons, first + one.axons] = True
        weights[one.neurons, kind] = one.weights
        types[first : first + len(one.sources)] = kind
        first += len(one.sources)
    content = b"".join(x.tobytes() for x in (types, np.packbits(connections), weights))
    return _Crossbar(types, connections, weights, hashlib.sha256(content).digest())


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


@dataclass(frozen=True)
class _Rows:
    """The neurons of a core, copies after all others: which neuron of the part each is, and where its spikes go."""

    neurons: np.ndarray
    offsets: np.ndarray
    axons: np.ndarray
    ticks: np.ndarray

    def name(self, bar: _Crossbar, program: Program, part: Part) -> bytes:
        """Equal for equal cores."""
        params = program.layer(part.layer).neuron.params
        arrays = [np.asarray(v)[part.cut.ids] for v in params.values() if np.ndim(v)]
        everything = (self.neurons, self.offsets, self.axons, self.ticks, *arrays)
        return hashlib.sha256(b"".join([part.layer.encode(), bar.name, *(x.tobytes() for x in everything)])).digest()


def _rows(program: Program, part: Part, k: int, goals: _Goals, positions: np.ndarray, bus: Bus) -> _Rows:
    ids = part.cut.ids
    first = goals.first[part.layer]
    many = first[ids + 1] - first[ids]
    extra = np.maximum(many - 1, 0)
    rows = np.concatenate([np.arange(part.size), np.repeat(np.arange(part.size), extra)])
    which = np.concatenate([np.zeros(part.size, np.int64), _counted(extra) + 1])
    has = many[rows] > 0
    to, number = np.tile(np.array([bus.x, bus.y]), (len(rows), 1)), goals.line[part.layer][ids[rows]]
    ticks = np.zeros(len(rows), np.int64)
    axon = goals.order[part.layer][(first[ids[rows]] + which)[has]]
    to[has], number[has], ticks[has] = positions[goals.axons.part[axon]], goals.axons.number[axon], goals.axons.delay[axon] - 1
    return _Rows(rows, (to - positions[k]).astype(np.int32), number.astype(np.int32), ticks.astype(np.int32))


def _core(program: Program, part: Part, bar: _Crossbar, rows: _Rows) -> Core:
    n = rows.neurons
    numbers = _numbers(program, part, part.cut.ids)[n]
    return Core(bar.types, bar.connections[n], bar.weights[n], numbers, rows.offsets, rows.axons, rows.ticks)


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
