"""The definition of learning, in plain Python: every synapse of a projection learns at once, event by event, in double precision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np

from studio.engine import random
from studio.engine.connectivity import Synapses
from studio.engine.interpret import Interpreter, exp
from studio.engine.plasticity import interval_steps
from studio.engine.plasticity_text import draw_code, rule_block, write_block
from studio.network.flat import FlatProjection


class Rule:
    """A plastic projection; `late`: the delay of each synapse in steps."""

    def __init__(self, p: FlatProjection, synapses: Synapses, late: np.ndarray, dt: float, seed: int) -> None:
        self.p, self.dt, self.rule = p, dt, p.plasticity.model
        self.blocks = {hook: rule_block(self.rule, hook) for hook in ("on_pre", "on_post", "every")}
        self.every_steps = interval_steps(p, dt)
        self.write = write_block(p.device.model)
        self.weights = [float(w) for w in synapses.weights]
        self.late = [max(int(d), 1) for d in late]
        self.agenda: dict[int, list[tuple[int, int]]] = defaultdict(list)  # step -> (synapse, post spike's step)
        self.into: dict[int, list[int]] = defaultdict(list)
        for s, t in enumerate(synapses.targets):
            self.into[int(t)].append(s)
        self.sources, self.targets = synapses.sources, synapses.targets
        self.pre: dict[int, tuple[int, dict[str, float]]] = {}  # source -> last spike, traces just after it
        self.post: dict[int, list[tuple[int, dict[str, float]]]] = defaultdict(list)  # target -> spikes, traces just before each
        self.updates = 0
        self.key = np.uint64(random.path_key(seed, p.key, "learning"))
        self.times: list[int] = []  # how many earlier synapses have the same ends
        met: dict[tuple[int, int], int] = defaultdict(int)
        for ends in zip(self.sources.tolist(), self.targets.tolist(), strict=True):
            self.times.append(met[ends])
            met[ends] += 1

    def _decayed(self, name: str, value: float, steps: int) -> float:
        trace = next(t for t in self.rule.traces if t.name == name)
        return value * exp(-(steps * self.dt) / self.p.plasticity.params[trace.tau])

    def fired(self, target: int, step: int) -> None:
        """A target spiked: it reaches each of its synapses after that synapse's delay."""
        before = {t.name: 0.0 for t in self.rule.traces if t.side == "post"}
        if self.post[target]:
            at, old = self.post[target][-1]
            before = {n: self._decayed(n, v + 1.0, step - at) for n, v in old.items()}
        self.post[target].append((step, before))
        for s in self.into[target]:
            self.agenda[step + self.late[s]].append((s, step))

    def interval(self, step: int) -> None:
        """At the beginning of every n-th step of the run, before its spikes: the rule's `every`."""
        if self.every_steps and step > 0 and step % self.every_steps == 0:
            for s in range(len(self.weights)):
                self._apply("every", s, step, {**self._pre_traces(int(self.sources[s]), step), **self._post_traces(s, step)})

    def arrivals(self, step: int) -> None:
        """Post spikes that reach synapses in this step."""
        for s, at in self.agenda.pop(step, []):
            post = next(v for when, v in reversed(self.post[int(self.targets[s])]) if when == at)
            self._apply("on_post", s, step, {**self._pre_traces(int(self.sources[s]), step), **post})

    def crossed(self, s: int, step: int, again: int = 0) -> float:
        """A pre spike, the `again`-th of its source in this step, crosses synapse `s`; returns the weight it carries."""
        self._apply("on_pre", s, step, {**self._pre_traces(int(self.sources[s]), step), **self._post_traces(s, step)}, again)
        return self.weights[s]

    def grown(self, source: int, step: int) -> None:
        """The pre traces grow once all synapses of a spike are done."""
        traces = self._pre_traces(source, step)
        self.pre[source] = (step, {n: v + 1.0 for n, v in traces.items()})

    def _pre_traces(self, source: int, step: int) -> dict[str, float]:
        if source not in self.pre:
            return {t.name: 0.0 for t in self.rule.traces if t.side == "pre"}
        at, values = self.pre[source]
        return {n: self._decayed(n, v, step - at) for n, v in values.items()}

    def _post_traces(self, s: int, step: int) -> dict[str, float]:
        """The post traces at synapse `s`, counting spikes that came strictly earlier."""
        here = step - self.late[s]
        earlier = [(when, v) for when, v in self.post[int(self.targets[s])] if when < here]
        if not earlier:
            return {t.name: 0.0 for t in self.rule.traces if t.side == "post"}
        at, old = earlier[-1]
        return {n: self._decayed(n, v + 1.0, here - at) for n, v in old.items()}

    def _apply(self, hook: str, s: int, step: int, traces: Mapping[str, float], again: int = 0) -> None:
        block: Any = self.blocks[hook]
        if not block:
            return

        def draw(name: str, which: int, mean: float) -> float:
            event = np.uint64(random.subkey(self.key, step, draw_code(hook, which, again)))
            args = (np.uint64(random.subkey(event, int(self.sources[s]), self.times[s])), np.uint32(self.targets[s]))
            return float(getattr(random, name)(*args, *((mean,) if name == "poisson" else ())))

        old, language = self.weights[s], Interpreter(draw)
        names = {**self.p.plasticity.params, **traces, "dt": self.dt, "w": old}
        new = language.run(block, names)["w"]
        if self.write:
            new = language.run(self.write, {**self.p.device.params, "dt": self.dt, "w": old, "dw": new - old})["w"]
        self.weights[s] = new
        self.updates += 1
