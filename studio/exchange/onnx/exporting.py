"""From a flat network to one step of an ONNX model: populations call functions, projections add to rings, learning keeps its weights as state.

A step here is a step of the engine: what arrives in it, the advance of every population, what is sent in it. Values are single precision.
"""

from __future__ import annotations

from collections.abc import Collection
from math import factorial

import numpy as np

from studio.engine.connectivity import build, ends, listed
from studio.engine.coupled import built, refuse
from studio.engine.drive import whole
from studio.engine.parameters import source_form
from studio.exchange.nir.grids import form_of
from studio.exchange.onnx import exactness, lists, wires
from studio.exchange.onnx.body import DOUBLE
from studio.exchange.onnx.draft import Sketch, Wire
from studio.exchange.onnx.learning import Learning
from studio.exchange.onnx.nodes import Nodes
from studio.findings import Finding, FindingError
from studio.models.forms import Window
from studio.models.spec import Events, Rates
from studio.network.coupling import coupled
from studio.network.flat import FlatNetwork, FlatProjection

MAX_SYNAPSES = 50_000_000
MOST = 4  # spikes of one source in one step that are learnt from one by one


def sketch(flat: FlatNetwork, ordered: bool = False, traced: Collection[tuple[str, str]] = (), margins: bool = False) -> Sketch:
    """One step of a network. `ordered`: every projection as a list in the engine's order; `traced`: (path, state) to be given out too.

    `margins`: also give out how far each population is from its threshold. Raises FindingError for what a step cannot say.
    """
    return _Export(flat, ordered, frozenset(traced), margins).run()


def likely(form: Rates, dt: float, duration: float, n: int) -> tuple[int, float]:
    """Up to how many spikes of one element in one step are to be expected in a run, at most MOST, and how often there are more."""
    mean = float(np.max(form.hz, initial=0.0)) * dt / 1000.0
    more = [1.0 - float(np.exp(-mean)) * sum(mean**k / factorial(k) for k in range(most + 1)) for most in range(1, MOST + 1)]
    expected = [p * n * duration / dt for p in more]
    return next(((k + 1, 0.0) for k, e in enumerate(expected) if e < 0.01), (MOST, expected[-1]))


class _Export(Nodes):
    def run(self) -> Sketch:
        refuse(self.flat)
        self._check()
        self.coupled = {p.key: built(p, ends(self.flat, p), self.seed, self.dt)[0] for p in self.flat.projections if coupled(p)}
        self._sources()
        for population in self.flat.populations:
            self._population(population)
        for p in self.flat.projections:
            if p.kinetics is not None and not coupled(p):
                self._wire(p)
        self._rings()
        self._learning()
        self._step()
        self.findings += exactness.findings(self.flat, self.groups, self.wires)
        return Sketch(self.library, self.body, self.states, self.inputs, self.outputs, self.wires, self.groups, self.findings)

    def _check(self) -> None:
        if not self.flat.populations:
            text = "A model is what populations do, and this network has none."
            raise FindingError([Finding("lossy.empty", "error", "", text, "Add a population.")])
        expected = sum(self._expected(p) for p in self.flat.projections)
        if expected > MAX_SYNAPSES:
            text = f"The model would hold {expected:,.0f} synapses one by one; the studio writes up to {MAX_SYNAPSES:,}."
            raise FindingError([Finding("size.onnx", "error", "", text, "Export a smaller network.")])
        for p in self.flat.projections:
            if p.device.model.key != "ideal" or p.crossbar is not None:
                what = "a crossbar" if p.crossbar is not None else f"“{p.device.model.title}”"
                self.tell("lossy.device", p.path, f"ONNX has no memory devices: {what} is left out, the weights are ideal numbers.")
        if self.flat.run.faults:
            self.tell("lossy.fault", "run.faults", "The run's faults are left out: the model is the network as it should be.")
        if any(True for _ in self.flat.run.events):
            self.tell("lossy.wait", "run.events", "The run's waiting times act on devices only, and are left out with them.", "info")

    def _expected(self, p: FlatProjection) -> float:
        e = ends(self.flat, p)
        if isinstance(form_of(self.flat, p), Window) and not p.plasticity.model.plastic:
            return 0.0
        return float(p.connector.model.expected(p.connector.params, e.n_source, e.n_target))

    # nodes

    # projections

    def _wire(self, p: FlatProjection) -> None:
        rows = build(p, ends(self.flat, p), self.seed, self.dt, np.float32, weights=self.flat.run.weights)
        found = listed(rows, 1.0)
        steps = np.rint(found.delays).astype(np.int64)
        receptor = next(k for k, r in enumerate(self.groups[p.target].of) if p.key in r.projections)
        plastic = p.plasticity.model.plastic
        apart = rows[0].span is not None and not plastic
        self.wires.append(Wire(p, self.states.unique(p.key), found, steps, receptor, apart))

    def _zero(self, wire: Wire) -> bool:
        """Whether what a projection sends arrives in the same step."""
        return len(wire.steps) > 0 and not wire.steps.any()

    def _rings(self) -> None:
        """One ring for each receptor, as deep as the longest delay onto it, with what was sent before the first step in it."""
        for wire in self.wires:
            group, slot = self.groups[wire.p.target], (wire.receptor, wire.apart)
            if not self._zero(wire):
                group.depth[slot] = max(group.depth.get(slot, 1), int(wire.steps.max(initial=1)))
        starts = {
            (path, slot): np.zeros((depth, g.population.size), np.float32)
            for path, g in self.groups.items()
            for slot, depth in g.depth.items()
        }
        for wire in self.wires:
            if not self._zero(wire):
                self._early(wire, starts[wire.p.target, (wire.receptor, wire.apart)])
        for (path, slot), start in starts.items():
            group = self.groups[path]
            name = f"{group.name}.ring{slot[0]}{'_own' if slot[1] else ''}"
            group.rings[slot] = self.states.add(name, start, path, "ring")

    def _early(self, wire: Wire, ring: np.ndarray) -> None:
        """Spikes given for time 0 are sent in the step before the first."""
        source = next((s for s in self.flat.sources if s.path == wire.p.source), None)
        form = source_form(source, self.seed, self.dt) if source is not None else None
        if not isinstance(form, Events) or not np.any(form.steps == -1):
            return
        if wire.p.plasticity.model.plastic:
            self.tell("lossy.start", wire.p.path, "Spikes at time 0 onto learning synapses are left out.")
            return
        count = np.bincount(form.ids[form.steps == -1], minlength=ends(self.flat, wire.p).n_source)
        for s, t, w, d in zip(wire.found.sources, wire.found.targets, wire.found.weights, wire.steps, strict=True):
            if count[s] and d:
                ring[d - 1, t] += np.float32(w) * np.float32(count[s])

    def _learning(self) -> None:
        for wire in self.wires:
            if wire.p.plasticity.model.plastic:
                e = ends(self.flat, wire.p)
                parts = (self.library, self.body, self.states, wire.p, wire.found, wire.steps, (e.n_source, e.n_target), self.dt, wire.name)
                wire.learning, wire.kind = Learning(*parts, most=self._most(wire.p)), "synapses"

    def _most(self, p: FlatProjection) -> int:
        """How many spikes of one element in one step are learnt from one by one."""
        source = next((s for s in self.flat.sources if s.path == p.source), None)
        if source is None:
            return 1
        form = source_form(source, self.seed, self.dt)
        if isinstance(form, Events):
            return int(whole(form)[2].max(initial=1))
        most, rare = likely(form, self.dt, self.flat.run.duration, source.size) if isinstance(form, Rates) else (1, 0.0)
        if rare:
            text = f"More than {most} spikes of one element of “{p.source}” in one step are learnt from as {most}; {rare:.1g} such steps are to be expected in the run."
            self.tell("lossy.counts", p.path, text, "info")
        return most

    # one step

    # one step

    def _step(self) -> None:
        every = [w for w in self.wires if w.learning and w.p.plasticity.model.every.strip()]
        self.count = self.states.add("step", np.zeros(1)) if every else ""
        before = {path: dict(g.now) for path, g in self.groups.items()}
        self._take()
        for wire in self.wires:
            if wire.learning:
                wire.learning.begin(self.count or None, before[wire.p.target])
        for path in self._order():
            for wire in self.wires:
                if wire.p.target == path and self._zero(wire):
                    self._send(wire)
            self._advance(self.groups[path], before)
        for wire in self.wires:
            if not self._zero(wire):
                self._send(wire)
        self._end()

    def _take(self) -> None:
        """The row of every ring that arrives in this step."""
        call = wires.delay(self.library)
        for group in self.groups.values():
            for slot in sorted(group.rings):
                done = call.into(
                    self.body, {"ring": group.rings[slot]}, {}, where=f"{group.name}.delay{slot[0]}{'_own' if slot[1] else ''}"
                )
                group.rings[slot] = done["ring"]
                k = slot[0]
                group.arrived[k] = self.body.op("Add", group.arrived[k], done["now"]) if k in group.arrived else done["now"]

    def _order(self) -> list[str]:
        """Populations so that projections without delay lead forward."""
        before = {
            path: {w.p.source for w in self.wires if w.p.target == path and self._zero(w) and w.p.source in self.groups}
            for path in self.groups
        }
        out: list[str] = []
        while len(out) < len(before):
            ready = [p for p in before if p not in out and before[p] <= set(out)]
            if not ready:
                text = "Populations drive each other without delay: none of them can be first in a step."
                raise FindingError(
                    [Finding("cycle.delay", "error", min(before.keys() - set(out)), text, "Give one of their projections a delay.")]
                )
            out += ready
        return out

    def _send(self, wire: Wire) -> None:
        """What a projection's spikes of this step bring, into its ring, or at once where it has no delay."""
        group, slot, spikes = self.groups[wire.p.target], (wire.receptor, wire.apart), self.spikes[wire.p.source]
        now = self._zero(wire)
        ring = group.arrived.get(wire.receptor) if now else group.rings[slot]
        ring = ring or self.body.zeros(group.now[group.system.states[0].name])
        sent = self._sent(wire, spikes, ring, group.population.size)
        if now:
            group.arrived[wire.receptor] = sent
        else:
            group.rings[slot] = sent

    def _sent(self, wire: Wire, spikes: str, ring: str, m: int) -> str:
        call, name = wires.into(self.library), wire.name
        if wire.learning:
            values, at = wire.learning.sent(spikes)
            return call.into(self.body, {"ring": ring, "places": at, "values": values}, {}, where=name)["ring"]
        values = self._summed(wire, spikes)
        if values:
            at = self.states.constant(f"{name}.places", wires.places(np.full(m, wire.steps[0] if len(wire.steps) else 1), np.arange(m), m))
            return call.into(self.body, {"ring": ring, "places": at, "values": values}, {}, where=name)["ring"]
        wire.kind = "synapses"
        weights = wire.found.weights.astype(np.float32)
        shared = len(weights) > 0 and bool(np.all(weights == weights[0]))
        weights = weights[:1] if shared else weights
        if len(wire.found) > lists.SHORT:
            n, places = ends(self.flat, wire.p).n_source, wires.places(wire.steps, wire.found.targets, m)
            given = lists.listed(self.states, name, wire.found.sources, places, weights, n) | {"ring": ring, "spikes": spikes}
            return lists.events(self.library, shared).into(self.body, given, {}, where=name)["ring"]
        given = {
            "ring": ring,
            "spikes": spikes,
            "sources": self.states.constant(f"{name}.sources", wire.found.sources.astype(np.int32)),
            "places": self.states.constant(f"{name}.places", wires.places(wire.steps, wire.found.targets, m)),
            "weights": self.states.constant(f"{name}.w", weights),
        }
        return wires.synapses(self.library).into(self.body, given, {}, where=name)["ring"]

    def _summed(self, wire: Wire, spikes: str) -> str:
        """A projection as one product or convolution, where it is one; else empty."""
        p, e = wire.p, ends(self.flat, wire.p)
        if self.ordered or (len(wire.steps) and np.ptp(wire.steps)):
            return ""
        form = form_of(self.flat, p)
        if isinstance(form, Window) and isinstance(p.weight, float):
            values, wire.kind = wires.window(self.body, self.states, wire.name, spikes, form, p.weight)
            return values
        matrix = wires.matrix_of(form, wire.found, (e.n_source, e.n_target))
        if matrix is None:
            return ""
        wire.kind = "MatMul"
        return wires.dense(self.body, self.states, wire.name, spikes, matrix)

    def _end(self) -> None:
        """What is kept for the next step."""
        sizes = {n.path: n.size for n in (*self.flat.populations, *self.flat.sources)}
        for wire in self.wires:
            if wire.learning:
                signals = {name: (self.spikes[path], sizes[path]) for name, path in wire.p.signals.items()}
                wire.learning.end(self.spikes[wire.p.source], self.spikes[wire.p.target], signals)
        for group in self.groups.values():
            for s in group.now:
                self.states.keep(f"{group.name}.{s}", group.now[s])
            for slot, value in group.rings.items():
                self.states.keep(f"{group.name}.ring{slot[0]}{'_own' if slot[1] else ''}", value)
        if self.count:
            self.states.keep("step", self.body.op("Add", self.count, self.body.number(1.0, DOUBLE)))
