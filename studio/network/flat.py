"""The flat network: what exists once every circuit is unfolded. Frozen values only; paths are those of the document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Union

import numpy as np

from studio.models.devices.storage import stored
from studio.models.spec import Neuron, Source


@dataclass(frozen=True)
class Drawn:
    """A distribution: one value per element, drawn from the run's seed and the element's path.

    `shape` is "normal" (a mean, b standard deviation), "uniform" (a low, b high) or "lognormal" (a mean and b standard deviation of log).
    Values outside [low, high] are drawn again.
    """

    shape: str
    a: float
    b: float
    low: float = -np.inf
    high: float = np.inf


Value = Union[float, Drawn, np.ndarray]  # in the parameter's own unit; an array has one entry per element and is read-only


@dataclass(frozen=True)
class Chosen:
    """A model with every parameter filled in (catalogue default, node, overrides, in rising precedence)."""

    model: Any  # Neuron | Kinetics | Plasticity | Device | Source | Connector
    params: Mapping[str, Any]  # name -> Value, or a word, or an array for kind "array"


@dataclass(frozen=True)
class FlatPopulation:
    path: str
    name: str
    size: int
    shape: tuple[int, ...] | None
    neuron: Chosen
    start: Mapping[str, Value]  # start values of states that the document sets

    @property
    def model(self) -> Neuron:
        return self.neuron.model


@dataclass(frozen=True)
class FlatSource:
    path: str
    name: str
    size: int
    shape: tuple[int, ...] | None
    source: Chosen

    @property
    def model(self) -> Source:
        return self.source.model


@dataclass(frozen=True)
class FlatProjection:
    """One connector between one node and one population. `key` seeds its draws; `path` is where the document says it.

    A projection of the document that reaches several nodes gives several of these with equal `path` and different `key`
    (`path` alone when it is one, else `path[source->target]`).
    """

    key: str
    path: str
    source: str
    target: str
    connector: Chosen
    kinetics: Chosen | None  # None: analog
    plasticity: Chosen
    device: Chosen
    weight: Value  # kinetics.weight_unit; for analog the gain
    delay: Value  # ms
    delay_typed: bool = True
    crossbar: Mapping[str, Any] | None = (
        None  # what its weights lie on: the parameters of models.crossbar.CROSSBAR; None: nothing in particular
    )
    signals: Mapping[str, str] = field(default_factory=dict)  # of the rule: name -> path of the node whose spikes make it

    @property
    def remembered(self) -> dict[str, tuple[str, str]]:
        """What can be recorded of its synapses beside the weight: the name there, whose it is (rule, source, device), and its name."""
        rule, (device, _) = self.plasticity.model, stored(self.device.model, self.device.params)
        own = {s.name: ("rule", s.name) for s in rule.states} | {s.name: ("source", s.name) for s in rule.source_states}
        return own | {(f"device.{s.name}" if s.name in own else s.name): ("device", s.name) for s in device.states}


@dataclass(frozen=True)
class Record:
    """One thing to record: `what` is "spikes" or the name of a state (of the neuron, or `kinetics.state`); `ids` None means all.

    With `what` "weight", or the name of a state of its synapses, their sources or devices, the path is the key of a projection.
    """

    path: str
    what: str
    ids: np.ndarray | None
    every: float  # ms; ignored for spikes


@dataclass(frozen=True)
class Wait:
    """A moment of a run at which the clocks of all devices move on by `wait` [s] while the network stands still."""

    at: float  # ms: before the step that begins then
    wait: float


@dataclass(frozen=True)
class Fault:
    """Something broken in a run; see `network.faults.KINDS`. `path` is that of a node or the key of a projection."""

    kind: str
    path: str
    fraction: float = 1.0
    value: float = 0.0  # in the unit of the neuron's threshold, or of the projection's weight
    ids: np.ndarray | None = None  # the neurons it may befall; None: all
    applied: bool = False  # whether it is already written into the models


@dataclass(frozen=True)
class Constraint:
    """What a compiler keeps to; see `network.constraints.KINDS`. `place` is where the document says it (`constraints.0`).

    `groups` are the nodes (paths) or projections (keys) that it is about, one group for each path that was written.
    """

    kind: str
    place: str
    groups: tuple[tuple[str, ...], ...]
    limit: int | None = None  # synapses
    chip: int | None = None
    cores: tuple[int, int] | None = None  # from the first up to, not including, the second, in each chip
    scope: str = ""  # of keep_together and keep_apart: "core" or "chip"
    delays: tuple[float, ...] = ()  # ms, rising

    @property
    def paths(self) -> tuple[str, ...]:
        """All that it is about, each once."""
        return tuple(dict.fromkeys(path for group in self.groups for path in group))


@dataclass(frozen=True)
class RunSettings:
    """Times in ms."""

    duration: float = 1000.0
    dt: float = 0.1
    seed: int = 1
    precision: str = "single"
    method: str | None = None  # None: each neuron's own; "adaptive" where it is offered
    record: tuple[Record, ...] = ()
    weights: str = "float32"  # or "table256": distributions of weights as 256 values
    events: tuple[Wait, ...] = ()
    faults: tuple[Fault, ...] = ()
    connectivity: str = "stored"  # or "procedural": drawn again when a source fires, where the connector can


@dataclass(frozen=True)
class FlatNetwork:
    name: str
    populations: tuple[FlatPopulation, ...]
    sources: tuple[FlatSource, ...]
    projections: tuple[FlatProjection, ...]
    run: RunSettings
    hash: str
    task: Mapping[str, Any] | None = None
    constraints: tuple[Constraint, ...] = ()

    def synaptic(self, record: Record) -> bool:
        """Whether a record is of a projection's synapses: their weight, or what they, their sources and devices remember."""
        return record.what == "weight" or any(record.path in (p.key, p.path) for p in self.projections)

    @property
    def traced(self) -> tuple[Record, ...]:
        """The records of states of neurons."""
        return tuple(r for r in self.run.record if r.what != "spikes" and not self.synaptic(r))

    def population(self, path: str) -> FlatPopulation:
        return next(p for p in self.populations if p.path == path)
