"""From placed parts to registers: compartments, in-axons, synapse lists and out-axons of every core."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.backends.loihi.compartment import BIAS_HIGH, BIAS_LOW, LIMIT
from studio.backends.loihi.drives import drives_of
from studio.backends.loihi.learning import Rule, plastic
from studio.backends.loihi.memory import INDEX, WEIGHT, accumulators, layer_bits, once, words
from studio.backends.loihi.registers import Core, Format, Population, Port, Profile, Registers
from studio.backends.loihi.said import weight_sign
from studio.backends.loihi.scaling import EXPONENTS
from studio.backends.loihi.target import LOIHI, LOIHI_2
from studio.compile.program import Connection, Layer, Part, Program
from studio.compile.wiring import Block
from studio.engine.parameters import per_element
from studio.findings import Finding

MANTISSAS = {"excitatory": (0, 255), "inhibitory": (-255, 0), "mixed": (-256, 254)}
PARAMS = ("du", "dv", "vth", "refractory", "bias_mant", "bias_exp")


@dataclass(frozen=True)
class Home:
    """Where the neurons of a layer lie: core and compartment of each."""

    core: np.ndarray
    compartment: np.ndarray


def allocate(program: Program) -> Registers:
    """The registers of a program whose parts have cores. Synapses of all connections are listed: for networks that memory holds."""
    parts = {core: [p for p in program.parts if p.core == core] for core in sorted({p.core for p in program.parts if p.core is not None})}
    firsts = {p.key: int(f) for here in parts.values() for p, f in zip(here, np.cumsum([0, *(q.size for q in here)]), strict=False)}
    homes = {layer.key: _home(layer, program.parts_of(layer.key), firsts) for layer in program.layers}
    lists, sent = _lists(program, parts, firsts)
    out = _out(program, sent, homes)
    cores = tuple(_core(program, number, here, lists[number], out.get(number)) for number, here in parts.items())
    populations = tuple(
        Population(p.layer, program.layer(p.layer).path, number, firsts[p.key], p.cut.ids) for number, here in parts.items() for p in here
    )
    sizes = {layer.key: layer.size for layer in program.layers}
    ports = tuple(Port(x.key, x.path, x.size, sent.get(x.key, EMPTY)) for x in program.inputs if not x.analog)
    head = program.target, program.name, program.hash, program.dt, program.steps
    return Registers(*head, sizes, cores, ports, populations, drives_of(program), rules_of(program), program.seed)


def rules_of(program: Program) -> tuple[Rule, ...]:
    """The learning rules, one for each connection that learns, in the program's order."""
    out = []
    for c in program.connections:
        if plastic(c):
            p, exponent = c.plasticity.params, c.quantised.exponent if c.quantised is not None else 0
            impulses, taus = ({n: float(p[f"{n}_{what}"]) for n in ("x1", "y1")} for what in ("impulse", "tau"))
            out.append(Rule(c.key, c.plasticity.model.doc.removeprefix("dw = ").removesuffix("."), impulses, taus, exponent))
    return tuple(out)


def over(registers: Registers) -> tuple[Finding, ...]:
    """Which cores hold more than there is room for, now that every list is known; drawn synapses may exceed what was counted."""
    limits = (LOIHI if registers.target == LOIHI.key else LOIHI_2).limits
    found = []
    for core in registers.cores:
        path = next(p.path for p in registers.populations if p.core == core.number)
        for resource, amount in held(core).items():
            if resource in limits and amount > limits[resource].value:
                text = f"core {core.number} would hold {amount:,} {resource.replace('_', ' ')}; there is room for {limits[resource].value:,.0f}."
                found.append(Finding("fit.memory", "error", path, text, "Make the populations smaller, or keep them apart (keep_apart)."))
        for name, low, high, values in fields(core):
            if len(values) and (values.min() < low or values.max() > high):
                text = (
                    f"core {core.number} would hold {name} of {values.min():,} to {values.max():,}; the register holds {low:,} to {high:,}."
                )
                found.append(Finding("fit.memory", "error", path, text, "Choose values that the register holds."))
    return tuple(found)


def held(core: Core) -> dict[str, int]:
    """What a core takes of each resource."""
    return {
        "neurons": core.size,
        "in_axons": core.axons,
        "out_axons": len(core.out),
        "synapse_words": exact_words(core),
        "accumulators": int(core.size * accumulators(int(core.delay.max(initial=0)))),
        "formats": len(core.formats),
        "thresholds": len({p.vth for p in core.profiles}),
        "profiles": len({(p.du, p.dv, p.refractory) for p in core.profiles}),
    }


def fields(core: Core) -> Iterator[tuple[str, int, int, np.ndarray]]:
    """(name, lowest, highest, values) of every field of a core that has so many bits."""
    for name, low, high in (("du", 0, 4095), ("dv", 0, 4095), ("vth", 0, 131071), ("refractory", 1, 63)):
        yield name, low, high, np.array([getattr(p, name) for p in core.profiles])
    yield "bias mantissa", BIAS_LOW, BIAS_HIGH, core.bias_mant
    yield "bias exponent", 0, 7, core.bias_exp
    yield "voltage", 1 - LIMIT, LIMIT - 1, core.v
    yield "weight exponent", *EXPONENTS, np.array([f.exponent for f in core.formats])
    for k, f in enumerate(core.formats):
        mine = core.format == k
        yield f"{f.sign} weight", *MANTISSAS[f.sign], core.weight[mine]
        yield "delay", 0, 2**f.delay_bits - 1, core.delay[mine]


def exact_words(core: Core) -> int:
    """64-bit words of a core's lists: blocks of one format after the other.

    A dense block holds a weight for every compartment from the first to the last that it names, as often as it names one.
    """
    if not len(core.format):
        return 0
    new = np.append(True, np.diff(core.format) != 0)
    new[core.start[:-1][np.diff(core.start) > 0]] = True
    first = np.flatnonzero(new)
    sizes, which = np.diff(np.append(first, len(core.format))), core.format[first]
    block = np.repeat(np.arange(len(first)), sizes)
    same, times = np.unique(block * 2**16 + core.compartment, return_counts=True)
    reach = np.maximum.reduceat(core.compartment, first) - np.minimum.reduceat(core.compartment, first) + 1
    times = np.maximum.reduceat(times, np.searchsorted(same, np.arange(len(first)) * 2**16))
    dense = np.array([not f.sparse for f in core.formats])[which]
    rows = np.column_stack([which, np.where(dense, reach, sizes), np.where(dense, times, 1)])
    total = 0.0
    for (kind, n, again), count in zip(*(x.tolist() for x in np.unique(rows, axis=0, return_counts=True)), strict=True):
        f = core.formats[kind]
        total += count * again * words(n, f.weight_bits + f.delay_bits + f.index_bits)
    return int(total)


EMPTY = np.zeros((0, 3), np.int64)


def _home(layer: Layer, parts: tuple[Part, ...], firsts: dict[str, int]) -> Home:
    home = Home(np.zeros(layer.size, np.int64), np.zeros(layer.size, np.int64))
    for p in parts:
        ids = p.cut.ids
        home.core[ids] = p.core or 0
        home.compartment[ids] = firsts[p.key] + np.arange(len(ids))
    return home


@dataclass(frozen=True)
class Lists:
    """The synapse lists of one core, by axon, format and compartment."""

    formats: tuple[Format, ...]
    start: np.ndarray
    compartment: np.ndarray
    weight: np.ndarray
    delay: np.ndarray
    format: np.ndarray


Listed = dict[int, list[tuple[np.ndarray, ...]]]


def _lists(program: Program, parts: dict[int, list[Part]], firsts: dict[str, int]) -> tuple[dict[int, Lists], dict[str, np.ndarray]]:
    """The lists of every core; and for every node (source id, core, axon) of what it sends, in order."""
    nodes = [x.key for x in (*program.layers, *program.inputs)]
    gathered: Listed = {core: [] for core in parts}
    formats: dict[int, list[Format]] = {core: [] for core in parts}
    for c in program.connections:
        if c.kinetics is not None:
            _gather(program, c, nodes.index(c.source), firsts, gathered, formats)
    sent: dict[int, list[np.ndarray]] = {}
    made = {}
    for core, rows in gathered.items():
        node, source, format_, compartment, weight, delay = (
            (np.concatenate(x) for x in zip(*rows, strict=True)) if rows else [np.zeros(0, np.int64)] * 6
        )
        order = np.lexsort((compartment, delay, format_, source, node))
        node, source = node[order], source[order]
        new = np.flatnonzero(np.append(True, (np.diff(node) != 0) | (np.diff(source) != 0))) if len(node) else np.zeros(0, np.int64)
        made[core] = Lists(tuple(formats[core]), np.append(new, len(node)), *(x[order] for x in (compartment, weight, delay, format_)))
        for k in np.unique(node[new]):
            mine = node[new] == k
            sent.setdefault(int(k), []).append(np.column_stack([source[new][mine], np.full(mine.sum(), core), np.flatnonzero(mine)]))
    return made, {nodes[k]: _sorted(np.concatenate(rows)) for k, rows in sent.items()}


def _gather(program: Program, c: Connection, node: int, firsts: dict[str, int], gathered: Listed, formats: dict[int, list[Format]]) -> None:
    """Adds the synapses of a connection to the lists of the cores where its targets lie."""
    block = c.wiring.onto()
    exponent = c.quantised.exponent if c.quantised is not None else 0
    mantissas = np.rint(block.weights * 2.0**-exponent).astype(np.int64)
    bits = layer_bits(program, c.target)
    rule = [x.key for x in program.connections if plastic(x)].index(c.key) if plastic(c) else -1
    for part in program.parts_of(c.target):
        ids, at = part.cut.ids, _onto(block, part)
        n = len(at)
        if not n or part.core is None:
            continue
        lists = len(np.unique(block.sources[at]))
        each = n / lists
        sparse = not once(program, c) or words(each, WEIGHT + bits + INDEX) <= words(part.size, WEIGHT + bits)
        wanted = Format(exponent, weight_sign(c), bits, INDEX if sparse else 0, sparse, rule=rule)
        here = formats[part.core]
        if wanted not in here:
            here.append(wanted)
        compartment = firsts[part.key] + np.searchsorted(ids, block.targets[at])
        kind = np.full(n, here.index(wanted))
        gathered[part.core].append((np.full(n, node), block.sources[at], kind, compartment, mantissas[at], block.delays[at] - 1))


def _onto(block: Block, part: Part) -> np.ndarray:
    """Which synapses of a block (by target) end at a part."""
    cut = part.cut
    low, high = np.searchsorted(block.targets, (cut.low, cut.high))
    between = np.arange(low, high)
    return between if cut.box is None else between[np.isin(block.targets[low:high], cut.ids)]


def _sorted(rows: np.ndarray) -> np.ndarray:
    """By source; of one source they are in order already."""
    return rows[np.argsort(rows[:, 0], kind="stable")].astype(np.int64)


def _out(program: Program, sent: dict[str, np.ndarray], homes: dict[str, Home]) -> dict[int, np.ndarray]:
    """The out-axons of every core: compartment, core, axon."""
    rows: dict[int, list[np.ndarray]] = {}
    for layer in program.layers:
        mine = sent.get(layer.key)
        if mine is None:
            continue
        core, compartment = homes[layer.key].core[mine[:, 0]], homes[layer.key].compartment[mine[:, 0]]
        order = np.argsort(core, kind="stable")
        cores, first = np.unique(core[order], return_index=True)
        for number, at in zip(cores, np.split(order, first[1:]), strict=True):
            rows.setdefault(int(number), []).append(np.column_stack([compartment[at], mine[at, 1:]]))
    return {number: _sorted(np.concatenate(found)) for number, found in rows.items()}


def _core(program: Program, number: int, parts: list[Part], lists: Lists, out: np.ndarray | None) -> Core:
    rows = np.concatenate([_neurons(program, p) for p in parts])
    profiles, which = np.unique(rows[:, :4], axis=0, return_inverse=True)
    return Core(
        number,
        number // LOIHI.topology.cores_per_chip,
        tuple(Profile(*(int(x) for x in row)) for row in profiles),
        lists.formats,
        which.ravel(),
        rows[:, 4],
        rows[:, 5],
        rows[:, 6],
        lists.start,
        lists.compartment,
        lists.weight,
        lists.delay,
        lists.format,
        EMPTY if out is None else out,
    )


def _neurons(program: Program, part: Part) -> np.ndarray:
    """du, dv, vth, refractory, bias mantissa and exponent, voltage of each neuron of a part."""
    layer, ids = program.layer(part.layer), part.cut.ids

    def whole(value: Any, *path: str) -> np.ndarray:
        made = np.broadcast_to(np.rint(per_element(value, layer.size, program.seed, layer.key, *path)), (layer.size,))
        return made[ids].astype(np.int64)

    columns = [whole(layer.neuron.params[name], name) for name in PARAMS]
    return np.column_stack([*columns, whole(layer.start.get("v", 0.0), "start", "v")])
