"""A plastic projection: its rule's hooks as functions, its weights, traces and states in the state of the Scan.

A hook acts on the synapses that a spike reaches, taken out of the list of all and put back. A trace is kept as it was at its latest spike with the
number of steps since then, both in double precision, as the engine keeps it; for targets there is one for each delay.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from studio.engine.connectivity import Synapses
from studio.engine.plasticity import interval_steps
from studio.exchange.onnx import lists
from studio.exchange.onnx.body import DOUBLE, SINGLE, Body, Call, Library
from studio.exchange.onnx.language import Words, drawing, refuse_draws
from studio.exchange.onnx.neurons import _named, unbound
from studio.exchange.onnx.states import States
from studio.models.language.evaluate import evaluate
from studio.models.language.tree import Assign, Block
from studio.models.learning import rule_form
from studio.network.flat import FlatProjection

W, DT = "w", "dt"
INT = np.dtype(np.int32)


def hook(library: Library, p: FlatProjection, part: str) -> Call | None:
    """The function of one hook of a rule; None where the rule does nothing there. Raises FindingError for a rule that draws."""
    rule = p.plasticity.model
    form = rule_form(rule)
    block = Block((Assign("sent", form.transmit),)) if part == "transmit" and form.transmit is not None else getattr(form, part)
    if not isinstance(block, Block) or not block:
        return None
    if drawing(a.value for a in block):
        raise refuse_draws(rule.title, p.path)
    key = ("rule", part, block, rule.key)
    if key in library.calls:
        return library.calls[key]
    body, attributes = Body(), {}
    params = {q.name for q in rule.params if q.kind == "number"} | {DT}
    inputs = {name: f"in_{name}" for name in sorted(unbound(block) - params)}

    def look(name: str) -> str:
        if name in inputs:
            return inputs[name]
        if name not in attributes:
            attributes[name] = body.attribute(name, SINGLE)
            body.scalars.add(attributes[name])
        return attributes[name]

    done = Words(body, look).block(block)
    kept = [name for name in done if name in _kept(rule) or name == "sent"]
    if not inputs:  # then its values have no shape of their own
        inputs[W] = f"in_{W}"
    body.nodes[:], outputs = _named(body, {name: body.like(done[name], next(iter(inputs.values()))) for name in kept})
    names = [q.name for q in rule.params if q.kind == "number"] + ([DT] if DT in attributes else [])
    text = rule.transmit if part == "transmit" else getattr(rule, part)
    doc = f"{rule.title}, {part}:\n{text.strip()}\nsource: {rule.source}"
    return library.add(key, f"{rule.key}_{part}", body, inputs, outputs, names, doc)


def _kept(rule: Any) -> set[str]:
    return {W, *(s.name for s in rule.states), *(s.name for s in rule.source_states)}


def trace(library: Library, nearest: bool) -> Call:
    """The function of a trace: its value in this step, and what is kept for the next."""
    key = ("trace", nearest)
    if key in library.calls:
        return library.calls[key]
    body = Body()
    op, one = body.op, body.number(1.0, DOUBLE)
    decay = op("Exp", op("Div", op("Neg", op("Mul", "in_gap", body.attribute("dt", DOUBLE))), body.attribute("tau", DOUBLE)))
    now = op("Mul", "in_value", decay)
    grown = body.like(one, now) if nearest else op("Add", now, one)
    body.nodes[:], outputs = _named(body, {"now": now, "grown": grown})
    doc = "An exponential trace of spikes, from its value just after the latest spike and the steps since: its value now, and just after a spike."
    inputs = {name: f"in_{name}" for name in ("value", "gap")}
    return library.add(key, "trace_nearest" if nearest else "trace", body, inputs, outputs, ("dt", "tau"), doc)


@dataclass
class Learning:
    """One plastic projection within a step. Call `begin`, then `sent` once its source's spikes are known, then `end`.

    Synapses are in the order of their sources. Those with the same target and delay share a place: where in the target's ring they send to, and
    what they hear of its spikes.
    """

    library: Library
    body: Body
    states: States
    p: FlatProjection
    found: Synapses
    steps: np.ndarray  # delay of each synapse [steps]
    sizes: tuple[int, int]
    dt: float
    name: str
    most: int = 1  # spikes of one source in one step
    now: dict[str, str] = field(default_factory=dict)
    live: dict[str, str] = field(default_factory=dict)  # traces in this step, before a spike of it or after
    grown: dict[str, str] = field(default_factory=dict)  # and as a spike leaves them

    def __post_init__(self) -> None:
        self.rule, self.form = self.p.plasticity.model, rule_form(self.p.plasticity.model)
        self.hooks = {part: hook(self.library, self.p, part) for part in ("at_source", "on_pre", "on_post", "every", "transmit")}
        if drawing(self.form.starts.values()):
            raise refuse_draws(self.rule.title, self.p.path)
        self.pre = [t for t in self.rule.traces if t.side == "pre"]
        self.params = {k: float(v) for k, v in self.p.plasticity.params.items() if isinstance(v, (int, float))} | {DT: self.dt}
        self._place()
        self._declare()

    def _place(self) -> None:
        """The places of the synapses, and the lists of synapses by source and by place."""
        m, late = self.sizes[1], np.maximum(self.steps, 1)
        longest = int(late.max(initial=1))
        cells, at = (longest - 1) * m + np.arange(m), self.found.targets
        if len(late) and np.ptp(late):
            cells, at = np.unique((late - 1) * m + self.found.targets, return_inverse=True)
        constant = lambda what, values: self.states.constant(f"{self.name}.{what}", values)  # noqa: E731
        self.n_places, self.places = len(cells), constant("places", cells.astype(np.int32))
        self.at = constant("at", lists.small(at))
        self.starts = constant("starts", lists.starts(self.found.sources, self.sizes[0]))
        self.posts = self.states.add(f"{self.name}.posts", np.zeros((longest, m), np.float32))
        self.hears = constant("hears", ((longest - 1 - cells // m) * m + cells % m).astype(np.int32))
        if self.hooks["on_post"]:
            order = np.argsort(at, kind="stable")
            self.post_starts = constant("post.starts", lists.starts(at[order], len(cells)))
            self.post_list = constant("post.synapses", order.astype(np.int32))
            self.post_sources = constant("post.sources", lists.small(self.found.sources[order]))

    def _declare(self) -> None:
        """All that the projection keeps from step to step."""
        keep, n, s = self.states.add, self.sizes[0], len(self.found)
        start = np.asarray(self.found.weights, np.float32)
        self.now[W] = keep(f"{self.name}.w", start, path=self.p.key, what="weight")
        at = {**self.params, W: start.astype(float)}
        for state in self.rule.states:
            first = np.broadcast_to(np.asarray(evaluate(self.form.starts[state.name], at), float), (s,))
            self.now[state.name] = keep(f"{self.name}.{state.name}", first.astype(np.float32), path=self.p.key, what=state.name)
        for state in self.rule.source_states:
            first = np.full(n, float(evaluate(self.form.source_starts[state.name], self.params)), np.float32)
            self.now[state.name] = keep(f"{self.name}.{state.name}", first, path=self.p.key, what=state.name)
        self.gap = keep(f"{self.name}.gap", np.zeros(n))
        self.known = keep(f"{self.name}.known", np.zeros(n, np.float32)) if self.hooks["at_source"] else ""
        self.post_gap = keep(f"{self.name}.post_gap", np.zeros(self.n_places))
        self.values = {t.name: keep(f"{self.name}.{t.name}", np.zeros(n if t.side == "pre" else self.n_places)) for t in self.rule.traces}
        self.heard = {
            g.name: (keep(f"{self.name}.{g.name}", np.zeros(1)), keep(f"{self.name}.{g.name}.gap", np.zeros(1))) for g in self.rule.signals
        }

    def _call(self, part: str, entries: str, row: str, place: str, again: int = 0) -> dict[str, str]:
        """A hook on some synapses, with their sources and places; returns what it is called with, as it leaves it."""
        given = self._synaptic(entries, row) | {t.name: self._trace(t.name, row if t.side == "pre" else place) for t in self.rule.traces}
        call = self.hooks[part]
        done = call.into(self.body, given, self.params, where=f"{self.name}.{part}{again or ''}") if call else {}
        for name, value in done.items():
            self.now[name] = self.body.op("ScatterElements", self.now[name], entries, value, axis=0)
        return given | done

    def _synaptic(self, entries: str, row: str) -> dict[str, str]:
        gather = self.body.op
        own = {name: gather("Gather", self.now[name], entries) for name in (W, *(s.name for s in self.rule.states))}
        return own | {s.name: gather("Gather", self.now[s.name], row) for s in self.rule.source_states}

    def _trace(self, name: str, at: str) -> str:
        return self.body.op("Gather", self.body.cast(self.live[name], SINGLE), at)

    def begin(self, step: str | None, post: Mapping[str, str]) -> None:
        """The rule's `every`, then the spikes of targets that reach their synapses in this step. `post`: states of the target."""
        op, body = self.body.op, self.body
        self.arriving = op("Gather", op("Reshape", self.posts, body.whole([-1])), self.hears)
        for t in self.rule.traces:
            given = {"value": self.values[t.name], "gap": self.gap if t.side == "pre" else self.post_gap}
            numbers = {"dt": self.dt, "tau": self.params[t.tau]}
            done = trace(self.library, t.nearest).into(body, given, numbers, DOUBLE, f"{self.name}.{t.name}")
            self.grown[t.name], self.live[t.name] = done["grown"], done["now"]
        every = interval_steps(self.p, self.dt)
        if every and step is not None and self.hooks["every"]:
            self._every(every, step, post)
        if self.hooks["on_post"]:
            hit = op("Greater", self.arriving, body.number(0.0))
            found = lists.rows(self.library).into(body, {"chosen": hit, "starts": self.post_starts}, {}, where=f"{self.name}.arrived")
            entries = op("Gather", self.post_list, found["entries"])
            row = body.cast(op("Gather", self.post_sources, found["entries"]), INT)
            self._call("on_post", entries, row, found["row"])

    def _every(self, every: int, step: str, post: Mapping[str, str]) -> None:
        """What happens to all synapses at intervals."""
        op, body = self.body.op, self.body
        count = body.number(every, DOUBLE)
        rest = op("Sub", step, op("Mul", count, op("Floor", op("Div", step, count))))
        due = op("And", op("Equal", rest, body.number(0.0, DOUBLE)), op("Greater", step, body.number(0.0, DOUBLE)))
        src = self.states.constant(f"{self.name}.sources", self.found.sources.astype(np.int32))
        dst = self.states.constant(f"{self.name}.dst", self.found.targets.astype(np.int32))
        at = body.cast(self.at, INT)
        own = {name: self.now[name] for name in (W, *(s.name for s in self.rule.states))}
        own |= {s.name: op("Gather", self.now[s.name], src) for s in self.rule.source_states}
        own |= {t.name: self._trace(t.name, src if t.side == "pre" else at) for t in self.rule.traces}
        own |= {f"post_{name}": op("Gather", value, dst) for name, value in post.items()}
        call = self.hooks["every"]
        assert call is not None
        for name, value in call.into(body, own | self._signals(), self.params, where=f"{self.name}.every").items():
            self.now[name] = op("Where", due, value, self.now[name])

    def _signals(self) -> dict[str, str]:
        out = {}
        for g in self.rule.signals:
            value, gap = self.heard[g.name]
            out[g.name] = self.body.cast(self._decayed(value, gap, self.params[g.tau]), SINGLE)
        return out

    def _decayed(self, value: str, gap: str, tau: float) -> str:
        op, f = self.body.op, lambda x: self.body.number(x, DOUBLE)
        return op("Mul", value, op("Exp", op("Div", op("Neg", op("Mul", gap, f(self.dt))), f(tau))))

    def sent(self, spikes: str) -> tuple[str, str]:
        """Spikes cross, one of each source after another: `at_source`, `on_pre`, `transmit`, then the source's traces grow.

        Returns what the synapses of sources that fire send, and to which places of the target's ring, in the engine's order.
        """
        crossed = []
        for again in range(self.most):
            fired = self.body.op("Greater", spikes, self.body.number(float(again)))
            crossed.append(self._crossed(spikes, fired, again))
            for t in self.pre:
                grown = self.grown[t.name]
                self.live[t.name] = self.body.op("Where", fired, grown, self.live[t.name])
                if not t.nearest:
                    self.grown[t.name] = self.body.op("Add", self.live[t.name], self.body.number(1.0, DOUBLE))
        return crossed[0][:2] if self.most == 1 else self._ordered(crossed, spikes)

    def _ordered(self, crossed: list[tuple[str, str, str, str]], spikes: str) -> tuple[str, str]:
        """What crosses in one order: source, spike, synapse."""
        op, body, n = self.body.op, self.body, self.sizes[0]
        widths = np.bincount(self.found.sources, minlength=n).astype(np.int32)
        width = self.states.constant(f"{self.name}.widths", widths)
        times = body.cast(op("Min", spikes, body.number(float(self.most))), INT)
        ends = op("CumSum", op("Mul", times, width), body.number(0, np.int64))
        total = op("Reshape", op("ReduceSum", op("Mul", times, width), keepdims=1), body.whole([1]))
        begin = op("Sub", op("Sub", ends, op("Mul", times, width)), op("Slice", self.starts, body.whole([0]), body.whole([n])))
        places = []
        for again, (*_, entries, row) in enumerate(crossed):
            first = op("Add", begin, op("Mul", width, body.number(again, INT)))
            places.append(op("Add", entries, op("Gather", first, row)))
        order = op("Concat", *places, axis=0)
        out = []
        for k, dtype in ((0, SINGLE), (1, INT)):
            empty = body.filled(body.cast(total, np.int64), 0, dtype)
            out.append(op("ScatterElements", empty, order, op("Concat", *(each[k] for each in crossed), axis=0), axis=0))
        return out[0], out[1]

    def _crossed(self, spikes: str, fired: str, again: int) -> tuple[str, str, str, str]:
        """One spike of each source that fires: what is sent, where to, by which synapses, of which sources."""
        op, body = self.body.op, self.body
        if self.hooks["at_source"] is not None:
            one, zero = body.number(1.0), body.number(0.0)
            gap = op("Mul", op("Mul", body.cast(self.gap, SINGLE), self.known), body.number(self.dt))
            first = op("Sub", one, self.known)
            if again:
                gap, first = op("Mul", gap, zero), op("Mul", first, zero)
            given = {s.name: self.now[s.name] for s in self.rule.source_states} | {"gap": gap, "first": first, W: spikes}
            done = self.hooks["at_source"].into(body, given, self.params, where=f"{self.name}.at_source{again or ''}")
            self.now |= {name: op("Where", fired, value, self.now[name]) for name, value in done.items()}
        found = lists.rows(self.library).into(body, {"chosen": fired, "starts": self.starts}, {}, where=f"{self.name}.fired{again or ''}")
        entries, row = found["entries"], found["row"]
        place = body.cast(op("Gather", self.at, entries), INT)
        given = self._call("on_pre", entries, row, place, again)
        if self.hooks["transmit"] is not None:
            given[W] = self.hooks["transmit"].into(body, given, self.params, where=f"{self.name}.transmit{again or ''}")["sent"]
        return given[W], op("Gather", self.places, place), entries, row

    def end(self, spikes: str, fired: str, signals: Mapping[str, tuple[str, int]]) -> None:
        """What is kept for the next step. `fired`: the target's spikes; `signals`: by name, the spikes that make it and of how many."""
        op, body, keep = self.body.op, self.body, self.states.keep
        one = body.number(1.0, DOUBLE)
        hit, late = (op("Greater", who, body.number(0.0)) for who in (spikes, self.arriving))
        for t in self.rule.traces:
            pre = t.side == "pre"
            keep(
                f"{self.name}.{t.name}", op("Where", hit if pre else late, (self.live if pre else self.grown)[t.name], self.values[t.name])
            )
        keep(f"{self.name}.gap", op("Where", hit, one, op("Add", self.gap, one)))
        keep(f"{self.name}.post_gap", op("Where", late, one, op("Add", self.post_gap, one)))
        if self.known:
            keep(f"{self.name}.known", op("Where", hit, body.number(1.0), self.known))
        rest = op("Slice", self.posts, body.whole([1]), body.whole([2**31]), body.whole([0]))
        keep(f"{self.name}.posts", op("Concat", rest, op("Unsqueeze", fired, body.whole([0])), axis=0))
        for g in self.rule.signals:
            self._hear(g.name, g.tau, *signals[g.name])
        for name in (W, *(s.name for s in (*self.rule.states, *self.rule.source_states))):
            keep(f"{self.name}.{name}", self.now[name])

    def _hear(self, name: str, tau: str, spikes: str, size: int) -> None:
        op, body = self.body.op, self.body
        value, gap = self.heard[name]
        count = op("ReduceSum", body.cast(spikes, DOUBLE), keepdims=1)
        some = op("Greater", count, body.number(0.0, DOUBLE))
        grown = op("Add", self._decayed(value, gap, self.params[tau]), op("Div", count, body.number(size, DOUBLE)))
        self.states.keep(f"{self.name}.{name}", op("Where", some, grown, value))
        one = body.number(1.0, DOUBLE)
        self.states.keep(f"{self.name}.{name}.gap", op("Where", some, one, op("Add", gap, one)))
