"""The program: the network as a compiler sees it. Layers, inputs and connections first; parts, cores and routes as passes add them.

Everything is frozen; a pass returns a new program. `studio.compile.text` writes one as text and reads it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from studio.compile.report import Loss
from studio.compile.target import Target
from studio.compile.wiring import Cut, Quantised, Wiring, stored
from studio.findings import Finding, errors
from studio.network.flat import Chosen, FlatNetwork, FlatPopulation, FlatProjection, FlatSource, Value

if TYPE_CHECKING:
    from studio.compile.backend import Stimulus


@dataclass(frozen=True)
class Layer:
    """Neurons of one model. `key` is unique; `path` is the population of the document that they come from (for findings and colours).

    `origin`: which neurons [low, high) of `path` these are, in their order; None for neurons that a pass put in (splitters, relays,
    partial sums), whose `note` then says what they are for.
    """

    key: str
    path: str
    size: int
    shape: tuple[int, ...] | None
    neuron: Chosen
    start: Mapping[str, Value] = field(default_factory=dict)
    origin: tuple[int, int] | None = None
    note: str = ""


@dataclass(frozen=True)
class Input:
    """Spikes or currents from outside, which the host gives step by step."""

    key: str
    path: str
    size: int
    shape: tuple[int, ...] | None
    source: Chosen

    @property
    def analog(self) -> bool:
        return self.source.model.signal == "analog"


@dataclass(frozen=True)
class Connection:
    """Synapses from one layer or input onto one layer. `kinetics` None: an analog input's, whose weights are gains.

    `key` is that of the flat projection it comes from, with a suffix where a pass made several of one; `path` is the document's.
    """

    key: str
    path: str
    source: str
    target: str
    kinetics: Chosen | None
    plasticity: Chosen
    device: Chosen
    wiring: Wiring
    connector: Chosen | None = None  # the rule as the document says it; None where synapses are listed
    crossbar: Mapping[str, Any] | None = None
    signals: Mapping[str, str] = field(default_factory=dict)

    @property
    def quantised(self) -> Quantised | None:
        return self.wiring.quantised


@dataclass(frozen=True)
class Part:
    """Neurons of one layer (or elements of an input) that share a core (None: not placed yet): those of `cut`. `key` is "layer/number".

    `path`: what the core holds, where that is not the layer itself (on a crossbar's tile: a projection's synapses).
    """

    key: str
    layer: str
    cut: Cut
    core: int | None = None
    path: str = ""

    @property
    def size(self) -> int:
        return self.cut.size


@dataclass(frozen=True)
class Route:
    """What goes from one part to the cores that need it: `axons` sources, along `links` (pairs of router places), under `key` and `mask`."""

    source: str  # key of a part or an input
    targets: tuple[int, ...]
    axons: float
    links: tuple[tuple[tuple[int, int, int], tuple[int, int, int]], ...] = ()
    key: int | None = None
    mask: int | None = None


@dataclass(frozen=True)
class Program:
    """A network on its way to a machine. `dt` [ms]; `steps` of a run; `hash` is the document's; `settings` is what passes chose."""

    name: str
    target: str
    dt: float
    steps: int
    seed: int
    hash: str
    layers: tuple[Layer, ...]
    inputs: tuple[Input, ...]
    connections: tuple[Connection, ...]
    constraints: tuple[Any, ...] = ()
    parts: tuple[Part, ...] = ()
    routes: tuple[Route, ...] = ()
    losses: tuple[Loss, ...] = ()
    findings: tuple[Finding, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    task: Mapping[str, Any] | None = field(default=None, compare=False)
    flat: FlatNetwork | None = field(default=None, compare=False, repr=False)  # what it was made of

    @cached_property
    def _by_key(self) -> dict[str, Layer | Input]:
        return {n.key: n for n in (*self.layers, *self.inputs)}

    @property
    def stopped(self) -> bool:
        """Whether a pass found an error."""
        return bool(errors(self.findings))

    def node(self, key: str) -> Layer | Input:
        """A layer or an input; raises KeyError."""
        return self._by_key[key]

    def layer(self, key: str) -> Layer:
        """A layer; raises KeyError where there is none of that key."""
        found = self._by_key[key]
        if not isinstance(found, Layer):
            raise KeyError(key)
        return found

    def connection(self, key: str) -> Connection:
        return next(c for c in self.connections if c.key == key)

    def into(self, layer: str) -> tuple[Connection, ...]:
        """The connections that end at a layer, in the program's order."""
        return self._ends[0].get(layer, ())

    def out_of(self, node: str) -> tuple[Connection, ...]:
        """The connections that begin at a layer or an input, in the program's order."""
        return self._ends[1].get(node, ())

    @cached_property
    def _ends(self) -> tuple[dict[str, tuple[Connection, ...]], dict[str, tuple[Connection, ...]]]:
        into: dict[str, list[Connection]] = {}
        out: dict[str, list[Connection]] = {}
        for c in self.connections:
            into.setdefault(c.target, []).append(c)
            out.setdefault(c.source, []).append(c)
        return {k: tuple(v) for k, v in into.items()}, {k: tuple(v) for k, v in out.items()}

    def parts_of(self, layer: str) -> tuple[Part, ...]:
        return tuple(p for p in self.parts if p.layer == layer)

    # what passes do to it

    def say(self, *findings: Finding) -> Program:
        """With more findings; the same finding is said once."""
        return replace(self, findings=tuple(dict.fromkeys((*self.findings, *findings))))

    def lose(self, *losses: Loss) -> Program:
        """With more losses."""
        return replace(self, losses=(*self.losses, *losses))

    def choose(self, **settings: Any) -> Program:
        """With more settings."""
        return replace(self, settings={**self.settings, **settings})

    def with_layers(self, layers: Iterable[Layer]) -> Program:
        """With these in place of the layers of the same keys; the others stay."""
        new = {layer.key: layer for layer in layers}
        return replace(self, layers=tuple(new.get(layer.key, layer) for layer in self.layers))

    def with_connections(self, connections: Iterable[Connection]) -> Program:
        """With these in place of the connections of the same keys; the others stay."""
        new = {c.key: c for c in connections}
        return replace(self, connections=tuple(new.get(c.key, c) for c in self.connections))

    def network(self, stimulus: Stimulus | None = None) -> FlatNetwork:
        """The program as a flat network that the engine runs; with a stimulus its spikes and currents stand in for the inputs.

        Paths are the keys of layers and inputs. All spikes of layers are recorded.
        """
        from studio.compile.running import network

        return network(self, stimulus)


def lower(flat: FlatNetwork, target: Target, constraints: tuple[Any, ...] = ()) -> Program:
    """A flat network as a program: a layer for each population, an input for each source, a connection for each projection."""
    dt = flat.run.dt if target.dt is None else target.dt
    return Program(
        name=flat.name,
        target=target.key,
        dt=dt,
        steps=max(1, round(flat.run.duration / dt)),
        seed=flat.run.seed,
        hash=flat.hash,
        layers=tuple(_layer(p) for p in flat.populations),
        inputs=tuple(Input(s.path, s.path, s.size, s.shape, s.source) for s in flat.sources),
        connections=tuple(_connection(p, flat, dt) for p in flat.projections),
        constraints=tuple(constraints or flat.constraints),
        task=flat.task,
        flat=flat,
    )


def _layer(p: FlatPopulation) -> Layer:
    return Layer(p.path, p.path, p.size, p.shape, p.neuron, p.start, (0, p.size))


def _connection(p: FlatProjection, flat: FlatNetwork, dt: float) -> Connection:
    sizes: dict[str, FlatPopulation | FlatSource] = {n.path: n for n in (*flat.populations, *flat.sources)}
    ns, nt = sizes[p.source].size, sizes[p.target].size
    form = p.connector.model.lower(p.connector.params, ns, nt)
    wiring = Wiring(ns, nt, form, p.weight, p.delay, dt, flat.run.seed, p.source == p.target, p)
    return Connection(p.key, p.path, p.source, p.target, p.kinetics, p.plasticity, p.device, wiring, p.connector, p.crossbar, p.signals)


def listed(connection: Connection) -> Connection:
    """The connection with its synapses in a list, quantised or not as they are: for passes that rewire."""
    w = connection.wiring
    made = stored(w.n_source, w.n_target, w.onto(), w.dt, w.same)
    return replace(connection, wiring=replace(made, seed=w.seed), connector=None)
