"""From a model of `ai.neuromorphic` to a document: functions are known by their names, and parameters by those of their attributes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from studio.exchange.onnx.body import DOMAIN
from studio.exchange.onnx.walking import Step, Unread, attributes, listed
from studio.findings import Finding, FindingError
from studio.models.catalogue import Catalogue
from studio.models.spec import Neuron
from studio.network.build import Network, convolution, dense, explicit, pooling
from studio.network.document import Document

MAX_DEPTH = 100
LISTS = ("synapses", "events")
HOOKS = ("at_source", "on_pre", "on_post", "every", "transmit")


@dataclass(frozen=True)
class Term:
    """Something that arrives at a receptor: from a value of spikes, `late` steps after the row it was put into."""

    node: Any
    kind: str  # a function's name, or MatMul, Conv, AveragePool, learning
    spikes: str
    late: int  # 1: it goes through a ring; 0: it arrives in the same step
    operator: Any = None  # the node of a product, convolution or pooling


@dataclass
class Cells:
    """A population that was found: its call, its key in the document, and how many neurons it has."""

    node: Any
    model: Neuron
    kinetics: tuple[str, ...]
    given: dict[str, str]
    numbers: dict[str, float]
    size: int
    shape: tuple[int, ...] | None = None
    terms: list[tuple[int, Term]] = field(default_factory=list)
    handle: Any = None


def named(step: Step, catalogue: Catalogue, dt: float, name: str) -> tuple[Document, tuple[Finding, ...]]:
    """The document of a step; what could not be read is left out with a finding."""
    return _Reading(step, catalogue, dt, name).run()


class _Reading:
    def __init__(self, step: Step, catalogue: Catalogue, dt: float, name: str) -> None:
        self.step, self.catalogue, self.dt = step, catalogue, dt
        self.net = Network(name)
        self.net.run(dt=dt)
        self.cells: dict[str, Cells] = {}  # by the name of the spikes' value
        self.sources: dict[str, Any] = {}
        self.shapes: dict[str, tuple[int, ...]] = {}  # of inputs
        self.findings: list[Finding] = []

    def run(self) -> tuple[Document, tuple[Finding, ...]]:
        for node in self.step.nodes:
            if node.domain == DOMAIN:
                self._cells(node)
        for cells in self.cells.values():
            for k in range(len(cells.kinetics)):
                self._receptor(cells, k)
        for cells in self.cells.values():
            self._population(cells)
        for cells in self.cells.values():
            self._projections(cells)
            if "i_ext" in cells.given:
                self._analog(cells)
        return self.net.document, tuple(self.findings)

    def tell(self, where: str, text: str) -> None:
        self.findings.append(Finding("lossy.node", "warning", where, text))

    # populations

    def _cells(self, node: Any) -> None:
        key, *rest = node.op_type.split("__")
        model = self.catalogue.get("neuron", key) if key in self.catalogue.keys("neuron") else None
        if model is None:
            return
        kinetics = tuple(k for k in rest if not k.isdigit())
        unknown = [k for k in kinetics if k not in self.catalogue.keys("kinetics")]
        if unknown:
            return self.tell(node.name or node.op_type, f"“{unknown[0]}” is no kinetics that the studio knows; the population is left out.")
        given = self.step.given(node)
        size = self._size(given, model)
        if size < 1:
            return self.tell(node.name or node.op_type, f"No start of a state says how many neurons “{node.op_type}” has; it is left out.")
        spikes = self.step.returned(node).get("spikes") or str(node.output[0])
        self.cells[spikes] = Cells(node, model, kinetics, given, attributes(node), size)

    def _size(self, given: dict[str, str], model: Neuron) -> int:
        for state in model.states:
            start = self.step.start(given.get(state.name, ""))
            if start is not None:
                return int(start.size)
        return 0

    def _population(self, cells: Cells) -> None:
        params: dict[str, Any] = {}
        for p in cells.model.params:
            if p.name in cells.given:
                params[p.name] = self.step.array(cells.given[p.name]).astype(float)
            elif p.name in cells.numbers:
                params[p.name] = _number(p, cells.numbers[p.name])
        for s in cells.model.states:
            start = self.step.start(cells.given.get(s.name, ""))
            if start is not None and start.size:
                params[s.name] = float(start.ravel()[0]) if np.ptp(start) == 0 else start.astype(float)
        cells.handle = self.net.population(cells.node.name or cells.node.op_type, cells.size, cells.model.key, shape=cells.shape, **params)

    def _source(self, inside: str, size: int, model: str, **params: Any) -> Any:
        outside = self.step.inputs[inside]
        if outside not in self.sources:
            self.sources[outside] = self.net.source(outside, size, model, shape=self.shapes.get(inside), **params)
        return self.sources[outside]

    def _from(self, value: str, size: int) -> tuple[Any, int]:
        """Whose spikes a value is, and how many steps old."""
        value = self.step.origin(value)
        if value in self.cells:
            return self.cells[value].handle, 0
        if value in self.step.inputs:
            return self._source(value, size, "spike_list"), 0
        if value in self.step.after:
            later = self.step.origin(self.step.after[value])
            if later in self.cells:
                return self.cells[later].handle, 1
        raise Unread(f"“{value}” is neither an input nor the spikes of a population")

    # projections

    def _receptor(self, cells: Cells, k: int) -> None:
        where = cells.node.name or cells.node.op_type
        try:
            terms = self._terms(cells.given[f"w{k}"])
        except (Unread, KeyError) as why:
            return self.tell(where, f"What arrives at receptor {k} cannot be read: {why}. It is left out.")
        for term in terms:
            try:
                self._shaped(term, cells)
                cells.terms.append((k, term))
            except Unread as why:
                self.tell(where, f"“{term.node.name or term.kind}” cannot be carried over: {why}. It is left out.")

    def _projections(self, cells: Cells) -> None:
        for k, term in cells.terms:
            kinetics, prefix = self.catalogue.get("kinetics", cells.kinetics[k]), f"r{k}_"
            params = {p.name: cells.numbers[prefix + p.name] for p in kinetics.params if prefix + p.name in cells.numbers}
            try:
                self._project(cells, term, (kinetics.key, params))
            except (Unread, FindingError, LookupError, ValueError, StopIteration) as why:
                where = cells.node.name or cells.node.op_type
                self.tell(where, f"“{term.node.name or term.kind}” cannot be carried over: {why}. It is left out.")

    def _terms(self, value: str, depth: int = 0) -> list[Term]:
        """All that adds up to a value."""
        step = self.step
        if depth > MAX_DEPTH:
            raise Unread("what arrives is added up too deeply, or in a circle")
        found = step.maker(value)
        if found is None or found[0].op_type in ("ConstantOfShape", "Constant"):
            return []
        node, which = found
        if node.op_type == "Add" and not node.domain:
            return [*self._terms(node.input[0], depth + 1), *self._terms(node.input[1], depth + 1)]
        if node.domain == DOMAIN and node.op_type == "delay":
            ring = step.origin(node.input[0])
            if which != 0 or ring not in step.after:
                raise Unread(f"“{value}” is not the present row of a delay line")
            return self._chain(step.after[ring], node, 1, depth)
        if node.domain == DOMAIN:
            return self._chain(value, None, 0, depth)
        if node.op_type == "MatMul":
            return [Term(node, "MatMul", node.input[0], 0, node)]
        raise Unread(f"“{node.op_type}” adds up what arrives")

    def _chain(self, ring: str, end: Any, late: int, depth: int) -> list[Term]:
        """The projections that added to a ring since `end` moved it on, the first added first."""
        out: list[Term] = []
        for _ in range(len(self.step.nodes)):
            found = self.step.maker(ring)
            if found is None or found[0] is end or found[0].op_type not in (*LISTS, "into"):
                rest = [] if end is not None or found is None else self._terms(ring, depth + 1)
                return [*rest, *out[::-1]]
            given = self.step.given(found[0])
            out.append(self._link(found[0], given, late))
            ring = given["ring"]
        raise Unread("its projections add to each other in a circle")

    def _link(self, node: Any, given: dict[str, str], late: int) -> Term:
        if node.op_type in LISTS:
            return Term(node, "synapses", given["spikes"], late)
        if f"{node.name}.w.now" in self.step.starts:
            return Term(node, "learning", "", late)
        value = given["values"]
        for _ in range(4):
            found = self.step.maker(value)
            if found is None:
                break
            if found[0].op_type in ("MatMul", "Conv", "AveragePool"):
                inner = self.step.maker(found[0].input[0])
                shaped = inner is not None and inner[0].op_type == "Reshape"
                return Term(node, found[0].op_type, inner[0].input[0] if shaped and inner else found[0].input[0], late, found[0])
            value = found[0].input[0]
        raise Unread("what it adds is no product, convolution or pooling")

    def _project(self, cells: Cells, term: Term, kinetics: tuple[str, dict[str, float]]) -> None:
        node, options = term.node, {"kinetics": kinetics, "name": term.node.name}
        if term.kind == "learning":
            return self._learning(cells, node, options)
        if term.kind == "synapses":
            sources, places, weights = self._listed(self.step.given(node))
            handle, old = self._from(term.spikes, int(sources.max(initial=0)) + 1)
            delay = _delay((places // cells.size + 1) * term.late + old, self.dt)
            pairs = explicit(sources, places % cells.size)
            self.net.connect(handle, cells.handle, pairs, weight=_shared(weights), delay=delay, **options)
            return
        late = 0
        if node.domain == DOMAIN:
            late = int(self.step.array(self.step.given(node)["places"]).ravel()[0]) // cells.size + 1 if term.late else 0
        connector, size = self._connector(term)
        handle, old = self._from(term.spikes, size)
        self.net.connect(handle, cells.handle, connector, weight=self._factor(term), delay=(late + old) * self.dt, **options)

    def _listed(self, given: dict[str, str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The sources, places and weights of a list of synapses."""
        array = self.step.array
        weights = array(given["weights"]).astype(float)
        if "starts" not in given:
            return array(given["sources"]).astype(int), array(given["places"]).astype(int), weights
        places = array(given["targets"]).astype(int) + int(array(given["later"]).ravel()[0])
        return _rows(array(given["starts"]), len(places)), places, weights

    def _connector(self, term: Term) -> tuple[Any, int]:
        """The connector of a product, convolution or pooling, and how many sources it has."""
        node, where = term.operator, self.step
        if term.kind == "MatMul":
            matrix = where.array(node.input[1])
            return dense(matrix.T.astype(float)), len(matrix)
        moves: dict[str, Any] = {"stride": tuple(listed(node, "strides") or [1, 1]), "padding": self._padding(node)}
        size = int(np.prod(self._grid(node)))
        if term.kind == "AveragePool":
            return pooling("average", tuple(listed(node, "kernel_shape")), **moves), size
        kernel, groups = where.array(node.input[1]).astype(float), next((int(a.i) for a in node.attribute if a.name == "group"), 1)
        return convolution(kernel, dilation=tuple(listed(node, "dilations") or [1, 1]), groups=groups, **moves), size

    def _padding(self, node: Any) -> tuple[int, int]:
        pads = listed(node, "pads") or [0, 0, 0, 0]
        if len(pads) != 4 or pads[:2] != pads[2:]:
            raise Unread("its padding is not the same on both sides")
        return pads[0], pads[1]

    def _grid(self, node: Any) -> tuple[int, ...]:
        """The shape that a convolution or pooling works on."""
        found = self.step.maker(node.input[0])
        if found is None or found[0].op_type != "Reshape":
            raise Unread("the shape of its grid is not said")
        return tuple(int(k) for k in self.step.array(found[0].input[1])[1:])

    def _shaped(self, term: Term, cells: Cells) -> None:
        """The shapes of both ends of a convolution or pooling, where the nodes have none yet."""
        if term.kind not in ("Conv", "AveragePool"):
            return
        node = term.operator
        grid, (py, px) = self._grid(node), self._padding(node)
        strides, dilations = listed(node, "strides") or [1, 1], listed(node, "dilations") or [1, 1]
        window = listed(node, "kernel_shape") or [int(k) for k in self.step.array(node.input[1]).shape[2:]]
        channels = grid[0] if term.kind == "AveragePool" else len(self.step.array(node.input[1]))
        rows = [
            (n + 2 * p - d * (k - 1) - 1) // s + 1 for n, p, d, k, s in zip(grid[1:], (py, px), dilations, window, strides, strict=True)
        ]
        cells.shape = cells.shape or (channels, *rows)
        spikes = self.step.origin(term.spikes)
        if spikes in self.cells:
            self.cells[spikes].shape = self.cells[spikes].shape or grid
        self.shapes.setdefault(spikes, grid)

    def _factor(self, term: Term) -> float:
        """The number that a pooling's mean is multiplied with."""
        value = self.step.given(term.node)["values"] if term.node.domain == DOMAIN else ""
        for _ in range(3):
            found = self.step.maker(value)
            if found is None or found[0] is term.operator:
                return 1.0
            if found[0].op_type == "Mul":
                return float(self.step.array(found[0].input[1]).ravel()[0])
            value = found[0].input[0]
        return 1.0

    def _learning(self, cells: Cells, node: Any, options: dict[str, Any]) -> None:
        """A projection with a rule: its hooks are called under its name, its weights are a state."""
        step, name = self.step, node.name
        hooks = [n for n in step.nodes if n.domain == DOMAIN and n.name.startswith(f"{name}.") and n.op_type.endswith(HOOKS)]
        rules = {next(n.op_type[: -len(h) - 1] for h in HOOKS if n.op_type.endswith(f"_{h}")): n for n in hooks}
        key = next((k for k in rules if k in self.catalogue.keys("plasticity")), None)
        if key is None:
            raise Unread("its rule is not known by name")
        rule = self.catalogue.get("plasticity", key)
        if rule.signals:
            raise Unread(f"whose spikes are the signals of “{rule.title}” cannot be told from the graph")
        params = {p.name: _number(p, v) for n in hooks for p in rule.params if (v := attributes(n).get(p.name)) is not None}
        fired = step.given(next(n for n in step.nodes if n.op_type == "rows" and n.name == f"{name}.fired"))
        at = step.array(f"{name}.places").astype(int)[step.array(f"{name}.at").astype(int)]
        sources, targets, steps = _rows(step.array(fired["starts"]), len(at)), at % cells.size, at // cells.size + 1
        found = step.maker(fired["chosen"])
        if found is None:
            raise Unread("whose spikes cross it is not said")
        handle, _ = self._from(found[0].input[0], int(sources.max(initial=0)) + 1)
        weight = step.start(f"{name}.w.now")
        delay = _delay(steps, self.dt)
        pairs = explicit(sources, targets)
        self.net.connect(
            handle, cells.handle, pairs, weight=_shared(np.asarray(weight, float)), delay=delay, plasticity=(key, params), **options
        )

    # analog inputs

    def _analog(self, cells: Cells) -> None:
        value = cells.given["i_ext"]
        for _ in range(len(self.step.nodes)):
            found = self.step.maker(value)
            if found is None or found[0].op_type != "ScatterElements":
                return
            self._gains(cells, found[0])
            value = found[0].input[0]

    def _gains(self, cells: Cells, node: Any) -> None:
        step, where = self.step, cells.node.name or cells.node.op_type
        try:
            sent = step.maker(node.input[2])
            assert sent is not None
            gathered = step.maker(sent[0].input[1])
            assert gathered is not None
            sources, gains, targets = (step.array(x) for x in (gathered[0].input[1], sent[0].input[0], node.input[1]))
            inside = step.origin(gathered[0].input[0])
            handle = self._source(inside, int(sources.max(initial=0)) + 1, "step_current")
            self.net.connect(handle, cells.handle, explicit(sources.astype(int), targets.astype(int)), gain=_shared(gains.astype(float)))
        except (Unread, AssertionError, FindingError, LookupError) as why:
            self.tell(where, f"Its analog input cannot be carried over: {why or 'it is added up otherwise'}. It is left out.")


def _rows(starts: np.ndarray, n: int) -> np.ndarray:
    """The row of each of n entries that are sorted by rows."""
    counts = np.diff(starts.astype(np.int64))
    if (counts < 0).any() or counts.sum() != n:
        raise Unread("its list of rows does not fit its synapses")
    return np.repeat(np.arange(len(counts)), counts)


def _number(param: Any, value: float) -> float:
    return float(round(value)) if param.integer else value


def _shared(values: np.ndarray) -> Any:
    """One number where all are equal."""
    return float(values.ravel()[0]) if values.size and np.ptp(values) == 0 else values


def _delay(steps: np.ndarray, dt: float) -> Any:
    """Delays [ms] of whole steps."""
    return _shared(np.asarray(steps, float) * dt) if np.size(steps) else dt
