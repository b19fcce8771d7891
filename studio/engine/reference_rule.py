"""The definition of learning, in plain Python: every synapse of a projection learns at once, event by event, in double precision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping

import numpy as np

from studio.engine.connectivity import Synapses
from studio.engine.interpret import Interpreter, exp
from studio.engine.plasticity import interval_steps
from studio.engine.plasticity_draw import HOOKS
from studio.engine.reference_device import Devices
from studio.models.learning import rule_form
from studio.models.spec import Trace
from studio.network.flat import FlatProjection

Waited = Callable[[int], float]  # step -> the seconds that devices have waited by then


class Rule:
    """A projection whose synapses learn, or whose devices are read; `late`: the delay of each synapse in steps."""

    def __init__(self, p: FlatProjection, synapses: Synapses, late: np.ndarray, dt: float, seed: int, waited: Waited) -> None:
        self.p, self.dt, self.rule = p, dt, p.plasticity.model
        self.form = rule_form(self.rule)
        self.blocks = {hook: getattr(self.form, hook) for hook in HOOKS}
        self.every_steps = interval_steps(p, dt)
        self.params = dict(p.plasticity.params)
        self.devices = Devices(p, synapses, dt, seed, waited)
        self.states = [self._starts(s) for s in range(len(synapses))]
        self.late = [max(int(d), 1) for d in late]
        self.agenda: dict[int, list[tuple[int, int]]] = defaultdict(list)  # step -> (synapse, post spike's step)
        self.into: dict[int, list[int]] = defaultdict(list)
        for s, t in enumerate(synapses.targets):
            self.into[int(t)].append(s)
        self.sources, self.targets = synapses.sources, synapses.targets
        self.pre: dict[int, tuple[int, dict[str, float]]] = {}  # source -> last spike, traces just after it
        self.post: dict[int, list[tuple[int, dict[str, float]]]] = defaultdict(list)  # target -> spikes, traces just before each
        first = {name: Interpreter().value(tree, self.params) for name, tree in self.form.source_starts.items()}
        self.at: dict[int, dict[str, float]] = defaultdict(lambda: dict(first))  # source -> its states
        self.signals = {s.name: (0, 0.0) for s in self.rule.signals}  # last step that changed it, its value there
        self.updates = 0

    @property
    def weights(self) -> list[float]:
        """What is stored."""
        return self.devices.weights

    def _starts(self, s: int) -> dict[str, float]:
        language = Interpreter(self.devices.draw("start", s, -1))
        names = {**self.params, "w": self.devices.weights[s]}
        return {name: language.value(tree, names) for name, tree in self.form.starts.items()}

    # traces and signals

    def _trace(self, name: str) -> Trace:
        return next(t for t in self.rule.traces if t.name == name)

    def _decayed(self, tau: str, value: float, steps: int) -> float:
        return value * exp(-(steps * self.dt) / self.params[tau])

    def _after(self, values: Mapping[str, float], steps: int) -> dict[str, float]:
        """Traces some steps after a spike, from their values just before it."""
        return {n: self._decayed(self._trace(n).tau, 1.0 if self._trace(n).nearest else v + 1.0, steps) for n, v in values.items()}

    def heard(self, signal: str, spikes: int, size: int, step: int) -> None:
        """A signal's population of `size` emitted so many spikes in a step."""
        if spikes:
            tau = next(s.tau for s in self.rule.signals if s.name == signal)
            at, value = self.signals[signal]
            self.signals[signal] = (step, self._decayed(tau, value, step - at) + spikes / size)

    def memory(self) -> dict[str, np.ndarray]:
        """What every synapse and its device keep beside the weight, as recordings name it."""
        kept = {"rule": self.states, "source": [self.at[int(s)] for s in self.sources], "device": self.devices.states}
        return {shown: np.array([row[name] for row in kept[owner]]) for shown, (owner, name) in self.p.remembered.items()}

    # what happens

    def fired(self, target: int, step: int) -> None:
        """A target spiked: it reaches each of its synapses after that synapse's delay."""
        before = {t.name: 0.0 for t in self.rule.traces if t.side == "post"}
        if self.post[target]:
            at, old = self.post[target][-1]
            before = self._after(old, step - at)
        self.post[target].append((step, before))
        for s in self.into[target]:
            self.agenda[step + self.late[s]].append((s, step))

    def interval(self, step: int, state: Callable[[str, int], float]) -> None:
        """At the beginning of every n-th step of the run, before its spikes: the rule's `every`. `state`: of a target, by name."""
        if not self.every_steps or step <= 0 or step % self.every_steps:
            return
        shared = {s.name: self._decayed(s.tau, self.signals[s.name][1], step - self.signals[s.name][0]) for s in self.rule.signals}
        for s in range(len(self.weights)):
            here = {f"post_{name}": state(name, int(self.targets[s])) for name in self.form.post}
            traces = {**self._pre_traces(int(self.sources[s]), step), **self._post_traces(s, step)}
            self._apply("every", s, step, {**traces, **shared, **here})

    def arrivals(self, step: int) -> None:
        """Post spikes that reach synapses in this step."""
        for s, at in self.agenda.pop(step, []):
            post = next(v for when, v in reversed(self.post[int(self.targets[s])]) if when == at)
            self._apply("on_post", s, step, {**self._pre_traces(int(self.sources[s]), step), **post})

    def left(self, source: int, step: int, again: int = 0) -> None:
        """A spike, the `again`-th of this source in this step, leaves for all synapses: `at_source`."""
        if self.form.at_source:
            known = source in self.pre
            gap = (step - self.pre[source][0]) * self.dt if known else 0.0
            names = {**self.params, **self.at[source], "gap": gap, "first": 0.0 if known else 1.0, "dt": self.dt}
            after = Interpreter(self.devices.draw_at_source(source, step, again)).run(self.form.at_source, names)
            self.at[source] = {name: after[name] for name in self.at[source]}

    def crossed(self, s: int, step: int, again: int = 0) -> float:
        """The spike crosses synapse `s`; returns the weight that arrives."""
        source = int(self.sources[s])
        self._apply("on_pre", s, step, {**self._pre_traces(source, step), **self._post_traces(s, step)}, again)
        w = self.devices.read(s, step, again)
        if self.form.transmit is None:
            return w
        names = {**self.params, **self.states[s], **self.at[source], "dt": self.dt, "w": w}
        value: float = Interpreter(self.devices.draw("transmit", s, step, again)).value(self.form.transmit, names)
        return value

    def grown(self, source: int, step: int) -> None:
        """The pre traces grow once all synapses of a spike are done."""
        self.pre[source] = (step, self._after(self._pre_traces(source, step), 0))

    def _pre_traces(self, source: int, step: int) -> dict[str, float]:
        if source not in self.pre:
            return {t.name: 0.0 for t in self.rule.traces if t.side == "pre"}
        at, values = self.pre[source]
        return {n: self._decayed(self._trace(n).tau, v, step - at) for n, v in values.items()}

    def _post_traces(self, s: int, step: int) -> dict[str, float]:
        """The post traces at synapse `s`, counting spikes that came strictly earlier."""
        here = step - self.late[s]
        earlier = [(when, v) for when, v in self.post[int(self.targets[s])] if when < here]
        if not earlier:
            return {t.name: 0.0 for t in self.rule.traces if t.side == "post"}
        at, old = earlier[-1]
        return self._after(old, here - at)

    def _apply(self, hook: str, s: int, step: int, more: Mapping[str, float], again: int = 0) -> None:
        """A hook of the rule, and what the device makes of it."""
        if not self.blocks[hook]:
            return
        language = Interpreter(self.devices.draw(hook, s, step, again))
        old = self.devices.weights[s]
        names = {**self.params, **more, **self.at[int(self.sources[s])], **self.states[s], "dt": self.dt, "w": old}
        after = language.run(self.blocks[hook], names)
        self.states[s] = {name: after[name] for name in self.states[s]}
        self.devices.write(s, after["w"], step, language)
        self.updates += 1
