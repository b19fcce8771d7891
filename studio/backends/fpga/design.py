"""A program as a design: cores that update neurons by turns, each with the synapses onto its neurons, and the numbers by which events name sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from studio.backends.fpga.cost import address_bits, slots_of, update_cycles
from studio.backends.fpga.datapath import Datapath, datapath
from studio.backends.fpga.formats import formats, joined
from studio.backends.fpga.wires import width
from studio.compile.program import Connection, Layer, Part, Program


@dataclass(frozen=True)
class Field:
    """A part of a synapse word: `bits` from bit `at` up; 0 bits where all synapses of a connection agree."""

    at: int
    bits: int


@dataclass(frozen=True)
class Rows:
    """The synapses of one connection onto one core, by source: those of source j are [starts[j], starts[j + 1]).

    `targets` count from the core's first neuron; `weights` and `delays` are whole numbers, one for all where they agree.
    """

    key: str
    path: str
    population: int  # whose events it hears
    receptor: int
    starts: np.ndarray
    targets: np.ndarray
    weights: int | np.ndarray
    delays: int | np.ndarray

    def __len__(self) -> int:
        return len(self.targets)


@dataclass(frozen=True)
class Core:
    """Neurons [low, high) of a layer, updated one after the other. `own`: constants with one value per neuron, of these neurons."""

    number: int
    key: str
    layer: str
    path: str
    population: int
    low: int
    high: int
    datapath: Datapath
    rows: tuple[Rows, ...]
    slots: int
    start: Mapping[str, np.ndarray]
    own: Mapping[str, np.ndarray]

    @property
    def size(self) -> int:
        return self.high - self.low

    @cached_property
    def fields(self) -> dict[str, Field]:
        """How a synapse word of this core is laid out: target, delay, weight, from the lowest bit up."""
        target = address_bits(self.size)
        delays = [r.delays for r in self.rows if isinstance(r.delays, np.ndarray)]
        weights = [r.weights for r in self.rows if isinstance(r.weights, np.ndarray)]
        delay = address_bits(self.slots) if delays else 0
        low, high = min((int(w.min()) for w in weights), default=0), max((int(w.max()) for w in weights), default=0)
        weight = width(low, high) if weights else 0
        return {"target": Field(0, target), "delay": Field(target, delay), "weight": Field(target + delay, weight)}

    @property
    def update_cycles(self) -> int:
        """Clock cycles in which it updates all its neurons."""
        return update_cycles(self.size, self.datapath.latency, bool(self.rows))

    @property
    def synapse_bits(self) -> int:
        return sum(f.bits for f in self.fields.values())

    @property
    def synapses(self) -> int:
        return sum(len(r) for r in self.rows)

    @property
    def arrival_bits(self) -> int:
        """Width of a word of the delay ring: the accumulators of all receptors side by side."""
        return sum(a.bits for a in self.datapath.arrivals)

    @property
    def register_bits(self) -> int:
        return sum(r.bits for r in self.datapath.registers)

    @property
    def own_bits(self) -> int:
        return sum(c.bits for c in self.datapath.own_constants)


@dataclass(frozen=True)
class Population:
    """What an event's number names: an input (host) or a layer."""

    number: int
    key: str
    size: int
    host: bool


@dataclass(frozen=True)
class Design:
    """`slots`: length of the delay rings in steps. `analog`: gains from analog inputs, by core, as the host adds them up."""

    name: str
    dt: float
    populations: tuple[Population, ...]
    cores: tuple[Core, ...]
    slots: int
    analog: Mapping[str, tuple[Connection, ...]]  # by key of a layer

    @property
    def event_bits(self) -> tuple[int, int]:
        """Bits of a population's number, and of an element's."""
        return address_bits(len(self.populations)), address_bits(max((p.size for p in self.populations), default=1))


def whole_parts(program: Program) -> tuple[Part, ...]:
    """The program's parts, or one per layer where no pass has made any."""
    from studio.compile.wiring import Cut

    return program.parts or tuple(Part(f"{layer.key}/0", layer.key, Cut(0, layer.size), 0) for layer in program.layers)


def design(program: Program) -> Design:
    """Draw every synapse and lay everything out; weights must be quantised. Raises UnfitError where a model does not go."""
    hosts = [i for i in program.inputs if not i.analog]
    nodes = [(i.key, i.size, True) for i in hosts] + [(x.key, x.size, False) for x in program.layers]
    populations = tuple(Population(n, key, size, host) for n, (key, size, host) in enumerate(nodes))
    number = {p.key: p.number for p in populations}
    slots = slots_of(program)
    made: dict[str, tuple[Datapath, dict[str, int]]] = {}
    cores = []
    for part in whole_parts(program):
        layer = program.layer(part.layer)
        if layer.key not in made:
            made[layer.key] = _layer(program, layer)
        path, receptor = made[layer.key]
        rows = tuple(_rows(c, part, receptor[c.key], number[c.source]) for c in program.into(layer.key) if c.kinetics is not None)
        cores.append(_core(len(cores), part, layer, number[layer.key], path, rows, slots))
    analog = {x.key: tuple(c for c in program.into(x.key) if c.kinetics is None) for x in program.layers}
    return Design(program.name, program.dt, populations, tuple(cores), slots, {k: v for k, v in analog.items() if v})


def _layer(program: Program, layer: Layer) -> tuple[Datapath, dict[str, int]]:
    of = joined(program, layer)
    path = datapath(of.system, of.numbers, formats(program, layer, of))
    return path, {c.key: k for k, cs in enumerate(of.connections) for c in cs}


def _rows(c: Connection, part: Part, receptor: int, population: int) -> Rows:
    block = c.wiring.onto(part.cut)
    order = np.argsort(block.sources, kind="stable")
    starts = np.searchsorted(block.sources[order], np.arange(c.wiring.n_source + 1))
    weights = block.weights[order].astype(np.int64)
    return Rows(c.key, c.path, population, receptor, starts, block.targets[order] - part.cut.low, _one(weights), _one(block.delays[order]))


def _one(values: np.ndarray) -> int | np.ndarray:
    """One number where all agree."""
    return int(values[0]) if len(values) and bool((values == values[0]).all()) else values if len(values) else 0


def _core(number: int, part: Part, layer: Layer, population: int, path: Datapath, rows: tuple[Rows, ...], slots: int) -> Core:
    low, high = part.cut.low, part.cut.high
    start = {r.name: _mine(r.start, low, high) for r in path.registers}
    own = {c.name: _mine(c.values, low, high) for c in path.own_constants}
    return Core(number, part.key, layer.key, layer.path, population, low, high, path, rows, slots, start, own)


def _mine(values: int | np.ndarray, low: int, high: int) -> np.ndarray:
    return np.full(high - low, values, np.int64) if np.ndim(values) == 0 else np.asarray(values, np.int64)[low:high]


def sliced(path: Datapath, own: Mapping[str, np.ndarray]) -> Datapath:
    """The datapath with a core's own constants in place of the layer's."""
    constants = {k: replace(c, values=own[k]) if k in own else c for k, c in path.constants.items()}
    return replace(path, constants=constants)
