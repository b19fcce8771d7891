"""Running an exported model in onnxruntime, and comparing it with the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from studio.engine import reference
from studio.engine.drive import whole
from studio.engine.parameters import receptors, source_form, system_of
from studio.engine.run import simulate
from studio.exchange.onnx import exactness
from studio.exchange.onnx.body import needed
from studio.exchange.onnx.draft import Sketch
from studio.exchange.onnx.draws import laws
from studio.exchange.onnx.exporting import sketch
from studio.exchange.onnx.fed import numbers
from studio.exchange.onnx.model import CLOCK
from studio.exchange.onnx.neurons import DRAW, FAR, MARGIN, SPIKES
from studio.exchange.onnx.writing import finished
from studio.findings import FindingError
from studio.models.spec import Currents, Events, SourceForm
from studio.network.document import Document
from studio.network.flat import Chosen, FlatNetwork, Record
from studio.network.flatten import flatten


def run(
    model: Any, inputs: Mapping[str, np.ndarray], steps: int | None = None, starts: Mapping[str, np.ndarray] | None = None
) -> dict[str, np.ndarray]:
    """Every output of a model (ModelProto, bytes or a path) by name, on one thread of onnxruntime.

    `inputs`: [steps, size] of every source (spikes in a step, or nA). `starts`: states to begin with, as `x.last` of an earlier run named `x.start`.
    """
    needed("onnx", "onnxruntime")
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    text = model if isinstance(model, (str, bytes)) else str(model) if isinstance(model, Path) else model.SerializeToString()
    session = ort.InferenceSession(text, options, providers=["CPUExecutionProvider"])
    feed = {name: np.ascontiguousarray(values, np.float32) for name, values in inputs.items()}
    if CLOCK in {i.name for i in session.get_inputs()}:
        feed[CLOCK] = np.zeros((steps or 0, 1), np.float32)
    names = [o.name for o in session.get_outputs()]
    found = session.run(names, {**feed, **(starts or {})})
    return {name: np.asarray(value) for name, value in zip(names, found, strict=True)}


def stimulus(flat: FlatNetwork, steps: int) -> dict[str, np.ndarray]:
    """What every source gives in each step, by path: the numbers that the engine draws, [steps, size] (spikes, or nA).

    With `PATH.draw{k}` for populations that draw: random numbers of neurons.
    """
    forms = {s.path: source_form(s, flat.run.seed, flat.run.dt) for s in flat.sources}
    out = {s.path: _given(forms[s.path], steps, s.size) for s in flat.sources}
    drawn = tuple(s for s in flat.sources if out[s.path] is None)
    if drawn:
        alone = replace(
            flat, populations=(), projections=(), sources=drawn, run=_recorded(flat, [Record(s.path, "spikes", None, 0.0) for s in drawn])
        )
        made = simulate(alone, steps * flat.run.dt)
        for s in drawn:
            out[s.path] = _counts(made.spikes[s.path].steps - 1, made.spikes[s.path].ids, steps, s.size)
    return {path: values for path, values in out.items() if values is not None} | _random(flat, steps)


def _random(flat: FlatNetwork, steps: int) -> dict[str, np.ndarray]:
    """The random numbers of every population."""
    out = {}
    for p in flat.populations:
        system = system_of(p, receptors(flat, p.path), flat.run.method)
        for k, law in enumerate(laws(system) or []):
            out[f"{p.path}.{DRAW}{k}"] = numbers(flat.run.seed, p.path, k, law, steps, p.size, system.whole)
    return out


def _recorded(flat: FlatNetwork, record: list[Record]) -> Any:
    return replace(flat.run, record=tuple(record), faults=(), events=())


def _given(form: SourceForm, steps: int, n: int) -> np.ndarray | None:
    if isinstance(form, Events):
        when, ids, counts = whole(form)
        return _counts(np.repeat(when, counts), np.repeat(ids, counts), steps, n)
    if isinstance(form, Currents):
        frames = np.searchsorted(form.starts, np.arange(steps), side="right") - 1
        now = np.where(frames[:, None] >= 0, np.asarray(form.values, float)[np.maximum(frames, 0)], 0.0)
        return np.broadcast_to(now, (steps, n)).astype(np.float32)
    return None


def _counts(when: np.ndarray, ids: np.ndarray, steps: int, n: int) -> np.ndarray:
    out = np.zeros((steps, n), np.float32)
    inside = (when >= 0) & (when < steps)
    np.add.at(out, (when[inside], ids[inside]), 1.0)
    return out


@dataclass(frozen=True)
class Agreement:
    """One population in both: its spikes, where they first differ [step], how near a membrane came to threshold, and how near it may come.

    `distance` 0: the sums are exact or in the engine's order. None: no bound is known. In the unit of the threshold's comparison.
    """

    path: str
    spikes: int
    in_onnx: int
    first_difference: int | None
    states: Mapping[str, float]  # greatest difference of each state, over all steps
    nearest: float
    distance: float | None

    @property
    def equal(self) -> bool:
        return self.first_difference is None


@dataclass(frozen=True)
class Comparison:
    """A run in onnxruntime beside one of the engine."""

    steps: int
    populations: Mapping[str, Agreement]
    weights: Mapping[str, float] = field(default_factory=dict)  # greatest difference of learnt weights, by projection

    @property
    def equal(self) -> bool:
        """Whether all spikes are."""
        return all(a.equal for a in self.populations.values())

    @property
    def bit_equal(self) -> bool:
        """Whether every spike, every state in every step and every learnt weight is."""
        states = (d for a in self.populations.values() for d in a.states.values())
        return self.equal and not any(states) and not any(self.weights.values())


def verify(
    network: Any, steps: int | None = None, *, ordered: bool = False, inline: bool = False, engine: str = "kernels", catalogue: Any = None
) -> Comparison:
    """Export a Network or Document, run it in onnxruntime and compare it with the engine, fed with the same sources.

    What the model cannot hold (devices, crossbars, faults) is left out on both sides.
    `engine` "kernels": in single precision, as runs are; "reference": the definition, in plain Python and double precision.
    Raises FindingError where the network cannot be exported.
    """
    document: Document = getattr(network, "document", network)
    flat = flatten(document, catalogue)
    flat = _ideal(flat)
    steps = steps if steps is not None else round(flat.run.duration / flat.run.dt)
    traced = [(p.path, s.name) for p in flat.populations for s in p.model.states]
    made = sketch(flat, ordered, traced, margins=True)
    theirs = _Kernels(flat, steps) if engine == "kernels" else _Definition(flat, steps)
    feed = {name: theirs.inputs[path] for name, (path, _) in made.inputs.items()}
    outputs = run(finished(made, flat, document, inline), feed, steps)
    populations = {path: _agreement(made, path, outputs, theirs) for path in made.groups}
    weights = {w.p.key: _apart(outputs[f"{w.name}.w.last"], theirs.weights(w.p.key)) for w in made.wires if w.learning}
    return Comparison(steps, populations, weights)


def _ideal(flat: FlatNetwork) -> FlatNetwork:
    """The network with numbers for weights, whatever they are stored in."""
    from studio.models.devices.ideal import MODEL

    plain = tuple(replace(p, device=Chosen(MODEL, {}), crossbar=None) for p in flat.projections)
    return replace(flat, projections=plain, run=replace(flat.run, faults=(), events=()))


def _apart(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.max(np.abs(np.asarray(a, np.float64) - np.asarray(b, np.float64)), initial=0.0))


def _agreement(made: Sketch, path: str, outputs: Mapping[str, np.ndarray], theirs: Any) -> Agreement:
    group = made.groups[path]
    name = group.name
    ours = outputs.get(f"{name}.{SPIKES}", np.zeros((theirs.steps, group.population.size), np.float32))
    other = theirs.spikes(path, group.population.size)
    different = np.flatnonzero((ours != other).any(axis=1))
    own = {s.name: _apart(outputs[f"{name}.{s.name}"], theirs.state(path, s.name)) for s in group.population.model.states}
    nearest = outputs.get(f"{name}.{MARGIN}", np.full(1, FAR)).min(initial=FAR)
    wires = [w for w in made.wires if w.p.target == path]
    far = exactness.far(group, wires)
    return Agreement(path, int(other.sum()), int(ours.sum()), int(different[0]) if len(different) else None, own, float(nearest), far)


class _Kernels:
    """A run of the engine in single precision."""

    def __init__(self, flat: FlatNetwork, steps: int) -> None:
        self.steps = steps
        records = [Record(n.path, "spikes", None, 0.0) for n in (*flat.populations, *flat.sources) if _spiking(n)]
        records += [Record(p.path, s.name, None, flat.run.dt) for p in flat.populations for s in p.model.states]
        self.learning = [p.key for p in flat.projections if p.plasticity.model.plastic]
        records += [Record(key, "weight", None, steps * flat.run.dt) for key in self.learning]
        plain = replace(flat, run=replace(_recorded(flat, records), precision="single", connectivity="stored"))
        self.made = simulate(plain, steps * flat.run.dt)
        self.inputs = {}
        for s in flat.sources:
            given = _given(source_form(s, flat.run.seed, flat.run.dt), steps, s.size)
            found = self.made.spikes.get(s.path)
            self.inputs[s.path] = given if given is not None or found is None else _counts(found.steps - 1, found.ids, steps, s.size)
        self.inputs |= _random(flat, steps)

    def spikes(self, path: str, n: int) -> np.ndarray:
        found = self.made.spikes.get(path)
        return np.zeros((self.steps, n), np.float32) if found is None else _counts(found.steps - 1, found.ids, self.steps, n)

    def state(self, path: str, name: str) -> np.ndarray:
        values = self.made.traces[path, name].values
        return values[-self.steps :]

    def weights(self, key: str) -> np.ndarray:
        return self.made.weights[key].weights


def _spiking(node: Any) -> bool:
    return getattr(node.model, "signal", "spiking") == "spiking" and (node.model.kind != "neuron" or bool(node.model.threshold))


class _Definition:
    """A run of the definition, in double precision."""

    def __init__(self, flat: FlatNetwork, steps: int) -> None:
        self.steps = steps
        plain = replace(flat, run=_recorded(flat, []))
        self.inputs = stimulus(plain, steps)
        self.made = reference.run(plain, steps, keep_states=True)

    def spikes(self, path: str, n: int) -> np.ndarray:
        found = np.array(self.made.spikes[path], np.int64).reshape(-1, 2)
        return _counts(found[:, 0] - 1, found[:, 1], self.steps, n)

    def state(self, path: str, name: str) -> np.ndarray:
        return np.array([row[name] for row in self.made.states[path]])

    def weights(self, key: str) -> np.ndarray:
        return self.made.weights[key]


__all__ = ["Agreement", "Comparison", "FindingError", "run", "stimulus", "verify"]
