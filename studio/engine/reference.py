"""The definition of a run, in plain Python: slow, one neuron and one synapse at a time, in double precision, without slices or threads.

Every kernel must give these spikes. Only the drawing of synapses and parameters is shared with the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np

from studio.engine import coupled, random
from studio.engine.connectivity import Synapses, build, ends, listed
from studio.engine.drive import LARGEST_MEAN, AnalogInput, cuts, whole
from studio.engine.interpret import Interpreter
from studio.engine.kernels import REFRACTORY_STEPS
from studio.engine.parameters import numbers, receptors, source_form, system_of
from studio.engine.plasticity_text import learns
from studio.engine.propagator import structure
from studio.engine.ready import ready
from studio.engine.reference_rule import Rule
from studio.engine.schemes import MOST_STEPS, A, E, tolerance
from studio.engine.waiting import waited
from studio.models.dynamics import HELD, LAST, MEMBRANE
from studio.models.spec import Events, Rates
from studio.models.system import System
from studio.network.flat import FlatNetwork, FlatProjection


@dataclass
class Result:
    """Spikes (path -> list of (step, id), the step being that at whose end they fall), states by step, and final weights."""

    spikes: dict[str, list[tuple[int, int]]]
    states: dict[str, list[dict[str, list[float]]]]
    weights: dict[str, np.ndarray]
    weight_updates: dict[str, int] = field(default_factory=dict)
    memory: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)  # by projection and name: what synapses and devices keep beside


class _Neuron:
    """One neuron: its states, numbers and refractory count."""

    def __init__(self, system: System, numbers: Mapping[str, float], states: dict[str, float], key: int, index: int) -> None:
        self.system, self.numbers, self.states, self.left = system, numbers, states, 0
        self.key, self.index, self.sums = key, index, {}
        self.clamped = {s.name for s in system.states if s.clamped} if system.refractory else set()
        self.flow = structure(system) if system.method in ("exact", "step") and system.flowing else None
        self.remembered, self.within = system.remembered, system.within
        self.inputs = system.coupled

    def step(self, step: int, arrived: list[float], i_ext: float) -> bool:
        """One step, as `System` describes it; returns whether it spiked."""
        draw = lambda name, which, mean: self._draw(step, name, which, mean)  # noqa: E731
        self.language, self.i_ext = Interpreter(draw), i_ext
        self.sums = {name: arrived[k] for name, k in self.inputs.items()}
        self.last = {LAST + s: self.states[s] for s in self.remembered}
        still, hit = self.left > 0, False
        self._jumps("before", arrived, still)
        if self.system.method == "adaptive":
            hit = self._adaptive()
        elif self.system.method == "rk4":
            for _ in range(self.system.substeps):
                self._runge_kutta(still)
        else:
            self._step_block(still)
            self._exact(still)
        for s in self.system.states:
            if s.transient:
                self.states[s.name] = 0.0
        now_still = self.left > 0
        self.unarrived = {s.name: self.states[s.name] for s in self.system.states if s.owner >= 0}
        self._jumps("after", arrived, now_still)
        closed = self.language.run(self.system.closing, self._names(**{HELD: float(now_still)}))
        self.states = {s: closed[s] for s in self.states}
        fired = self._threshold(now_still)
        if still and not fired:
            self.left -= 1
        sent = self.system.emits is None or bool(self.language.value(self.system.emits, self._names()))
        return (hit or fired) and sent

    def _names(self, **more: float) -> dict[str, float]:
        return {**self.numbers, **self.states, **self.last, **self.sums, "i_ext": self.i_ext, **more}

    def _draw(self, step: int, name: str, which: int, mean: float) -> float:
        key = np.uint64(random.subkey(np.uint64(self.key), step, which))
        args = (key, self.index, mean) if name == "poisson" else (key, self.index)
        return float(getattr(random, name)(*args))

    def _jumps(self, arrival: str, arrived: list[float], still: bool) -> None:
        for k, block in enumerate(self.system.jumps):
            if self.system.arrivals[k] == arrival:
                after = self.language.run(block, self._names(w=arrived[k]))
                if still and self.system.saved and MEMBRANE in block.targets:
                    value = next(a.value for a in block if a.target == MEMBRANE)
                    instead = self._names(w=arrived[k], **{MEMBRANE: self.states[self.system.saved]})
                    after[self.system.saved] = self.language.value(value, instead)
                for s in self.states:
                    if not (still and s in self.clamped):
                        self.states[s] = after[s]

    def _step_block(self, still: bool) -> None:
        if self.system.step is not None:
            after = self.language.run(self.system.step, self._names())
            for s in self.states:
                if not (still and s in self.clamped):
                    self.states[s] = after[s]

    def _exact(self, still: bool) -> None:
        """x = P x + q + b i_ext, and b wx for every coupled receptor."""
        if self.flow is None:
            return
        new = {}
        for s in self.flow.states:
            if still and s in self.clamped:
                new[s] = self.states[s]
                continue
            mark = "H" if still and s in self.flow.held else ""
            total = None
            for t in self.flow.rows[s]:
                term = self.numbers[f"P{mark}_{s}_{t}"] * self.states[t]
                total = term if total is None else total + term
            assert total is not None  # a row begins with the state itself
            if s in self.flow.offset:
                total += self.numbers[f"q{mark}_{s}"]
            if s in self.flow.driven:
                total += self.numbers[f"b{mark}_{s}"] * self.i_ext
            for u, driven in self.flow.coupled.items():
                if s in driven:
                    total += self.numbers[f"b{mark}_{s}_{u}"] * self.sums[u]
            new[s] = total
        self.states.update(new)

    def _slopes(self, at: Mapping[str, float], still: bool) -> dict[str, float]:
        names = self._names(**at)
        return {s: 0.0 if still and s in self.clamped else self.language.value(e, names) for s, e in self.system.derivatives.items()}

    def _runge_kutta(self, still: bool) -> None:
        h, x = self.numbers["dt_sub"], {s: self.states[s] for s in self.system.flowing}
        k = [self._slopes(x, still)]
        for part in (0.5, 0.5, 1.0):
            k.append(self._slopes({s: x[s] + (part * h) * k[-1][s] for s in x}, still))
        for s in x:
            self.states[s] = x[s] + (h / 6.0) * (k[0][s] + 2.0 * k[1][s] + 2.0 * k[2][s] + k[3][s])

    def _adaptive(self) -> bool:
        dt = self.numbers["dt"]
        left, h, tries, hit = dt, dt, 0, False
        while left > 0.0:
            still = self.left > 0
            x = {s: self.states[s] for s in self.system.flowing}
            k: list[dict[str, float]] = []
            y = x
            for row in A:
                if k:
                    y = {s: x[s] + h * _combined(row, k, s) for s in x}
                k.append(self._slopes(y, still))
            worst = 0.0
            for s in x:
                error = abs(h * _combined(E, k, s)) / tolerance(self.system.state(s).unit)
                worst = worst if worst > error else error
            tries += 1
            if not worst > 1.0 or tries > MOST_STEPS:
                left -= h
                self.states.update(y)
            if tries > MOST_STEPS:
                self.states.update(dict.fromkeys(x, float("nan")))
                break
            if not worst > 1.0 and self.within:
                hit = self._threshold(still) or hit
            h = min(h * min(5.0, max(0.2, 0.9 * max(worst, 1e-10) ** -0.2)), left)
        return hit

    def _threshold(self, still: bool) -> bool:
        """Spike and reset where the threshold holds and the neuron is not refractory."""
        if self.system.threshold is None:
            return False
        holds = bool(self.language.value(self.system.threshold, self._names()))
        after = self.language.run(self.system.reset, self._names())
        if not holds or still:
            return False
        rest, bent = self._rest(), self.system.bent
        before = self._slopes(self.unarrived, False) if bent else {}
        self.states.update({s: after[s] for s in self.states})
        if self.system.refractory:
            self.left = int(self.numbers[REFRACTORY_STEPS])
        if self.system.overwritten:
            slopes = self._slopes(self.unarrived, self.left > 0)
            self.states.update({s: self.states[s] + rest * slopes[s] for s in self.system.overwritten})
            self.states.update({s: self.states[s] + rest * (slopes[s] - before[s]) for s in bent})
        return True

    def _rest(self) -> float:
        """What is left of the step after the crossing."""
        if self.system.crossing is None:
            return 0.0
        dt, crossed = self.numbers["dt"], self.language.value(self.system.crossing, self._names(**self.unarrived))
        crossed = crossed if crossed > 0.0 else 0.0
        return dt - (crossed if crossed < dt else dt)


def _combined(row: tuple[float, ...], k: list[dict[str, float]], s: str) -> float:
    total = None
    for a, slopes in zip(row, k, strict=False):
        if a:
            total = a * slopes[s] if total is None else total + a * slopes[s]
    return total or 0.0


@lru_cache(maxsize=4096)
def _levels(mean: float) -> list[int]:
    """The words above which a Poisson count of this mean is at least 1, 2, ..."""
    return [int(cut) for cut in cuts(np.array([mean]))[:, 0]]


def run(flat: FlatNetwork, steps: int, keep_states: bool = False) -> Result:
    """Run a flat network for `steps` steps of its dt, with its seed and method."""
    return _Reference(flat).run(steps, keep_states)


class _Reference:
    def __init__(self, flat: FlatNetwork) -> None:
        flat = ready(flat)
        self.flat, self.dt, self.seed = flat, flat.run.dt, flat.run.seed
        self.forms = {s.path: source_form(s, self.seed, self.dt) for s in flat.sources}
        self.receptors = {p.path: receptors(flat, p.path) for p in flat.populations}
        coupled.refuse(flat)
        self.coupled = {p.key: coupled.built(p, ends(flat, p), self.seed, self.dt)[0] for p in flat.projections if coupled.coupled(p)}
        self.neurons = {p.path: self._population(p) for p in flat.populations}
        self.slots: dict[tuple[str, int, bool, int], list[float]] = {}
        self.deferred: set[str] = set()  # static projections with a delay per synapse: added up apart from the others
        self.rows: dict[str, Synapses] = {}
        self.late: dict[str, np.ndarray] = {}
        self.of: dict[str, list[list[int]]] = {}
        self.rules: dict[str, Rule] = {}
        self.analog: list[tuple[str, AnalogInput]] = []
        for p in flat.projections:
            self._project(p)

    def _population(self, p: Any) -> list[_Neuron]:
        system = system_of(p, self.receptors[p.path], self.flat.run.method)
        sums = coupled.sums(p.size, self.receptors[p.path], self.coupled)
        made = numbers(system, p, self.receptors[p.path], self.seed, self.dt, sums)
        key = random.path_key(self.seed, p.path, "draws")

        def own(values: Mapping[str, Any], i: int) -> dict[str, float]:
            return {k: float(v if np.ndim(v) == 0 else v[i]) for k, v in values.items()}

        return [_Neuron(system, own(made.values, i), own(made.starts, i), key, i) for i in range(p.size)]

    def _project(self, p: FlatProjection) -> None:
        rows = self.coupled.get(p.key) or build(p, ends(self.flat, p), self.seed, self.dt)
        if p.kinetics is None:
            self.analog.append((p.target, AnalogInput(self.forms[p.source], rows[0])))  # type: ignore[arg-type]
            return
        synapses = listed(rows, 1.0)
        if rows[0].span is not None and not learns(p):
            self.deferred.add(p.key)
        self.rows[p.key], self.late[p.key] = synapses, synapses.delays.astype(int)
        by_source: list[list[int]] = [[] for _ in range(ends(self.flat, p).n_source)]
        for s, source in enumerate(synapses.sources):
            by_source[int(source)].append(s)
        self.of[p.key] = by_source
        if p.key in self.coupled:
            return
        rule = Rule(p, synapses, self.late[p.key], self.dt, self.seed, lambda step: waited(self.flat.run.events, step, self.dt))
        if learns(p):
            self.rules[p.key] = rule
        else:
            self.rows[p.key] = replace(synapses, weights=np.array(rule.weights))

    def run(self, steps: int, keep: bool) -> Result:
        spikes: dict[str, list[tuple[int, int]]] = {p: [] for p in self.neurons}
        states: dict[str, list[dict[str, list[float]]]] = {p: [] for p in self.neurons}
        early = self._source_spikes(-1)
        self._heard(early, -1)
        for p in self.flat.projections:
            if p.kinetics is not None and not self._zero(p):
                self._deliver(p, early, -1)
        order = self._order()
        for step in range(steps):
            for rule in self.rules.values():
                rule.interval(step, lambda name, i, path=rule.p.target: self.neurons[path][i].states[name])
                rule.arrivals(step)
            emitted = self._source_spikes(step)
            for path in order:
                for p in self.flat.projections:
                    if p.kinetics is not None and p.target == path and self._zero(p):
                        self._deliver(p, emitted, step)
                emitted[path] = self._advance(path, step)
                spikes[path] += [(step + 1, i) for i, _ in emitted[path]]
                if keep:
                    states[path].append({s: [n.states[s] for n in self.neurons[path]] for s in self.neurons[path][0].states})
            for p in self.flat.projections:
                if p.key in self.rules:
                    for target, _ in emitted[p.target]:
                        self.rules[p.key].fired(target, step)
            self._heard(emitted, step)
            for p in self.flat.projections:
                if p.kinetics is not None and not self._zero(p):
                    self._deliver(p, emitted, step)
        weights = {k: np.array(r.weights) for k, r in self.rules.items()}
        memory = {k: r.memory() for k, r in self.rules.items()}
        return Result(spikes, states, weights, {k: r.updates for k, r in self.rules.items()}, memory)

    def _heard(self, emitted: Mapping[str, list[tuple[int, int]]], step: int) -> None:
        """The signals of rules."""
        for rule in self.rules.values():
            for signal, path in rule.p.signals.items():
                size = len(self.neurons[path]) if path in self.neurons else next(s.size for s in self.flat.sources if s.path == path)
                rule.heard(signal, sum(count for _, count in emitted.get(path, ())), size, step)

    def _zero(self, p: FlatProjection) -> bool:
        """Whether a projection has synapses, none of them with a delay."""
        late = self.late[p.key]
        return late.size > 0 and not late.any()

    def _order(self) -> list[str]:
        """Populations so that zero-delay projections lead forward."""
        before = {
            path: {
                p.source
                for p in self.flat.projections
                if p.target == path and p.key in self.late and self._zero(p) and p.source in self.neurons
            }
            for path in self.neurons
        }
        out: list[str] = []
        while len(out) < len(before):
            out += [p for p in before if p not in out and before[p] <= set(out)]
        return out

    def _source_spikes(self, step: int) -> dict[str, list[tuple[int, int]]]:
        """(element, count) of every source in one step."""
        out: dict[str, list[tuple[int, int]]] = {}
        for source in self.flat.sources:
            form = self.forms[source.path]
            if isinstance(form, Events):
                when, ids, counts = whole(form)
                here = when == step
                out[source.path] = list(zip(ids[here].tolist(), counts[here].tolist(), strict=True))
            elif isinstance(form, Rates) and step >= 0:
                out[source.path] = [(i, n) for i in range(source.size) if (n := self._count(source.path, form, i, step))]
        return out

    def _count(self, path: str, form: Rates, element: int, step: int) -> int:
        frame = int(np.searchsorted(form.starts, step, side="right")) - 1
        if frame < 0:
            return 0
        hz = form.hz[frame, element if form.hz.shape[1] > 1 else 0]
        pieces = max(1, int(np.ceil(float(np.max(form.hz, initial=0.0)) * self.dt / 1000.0 / LARGEST_MEAN)))
        levels = _levels(max(float(hz), 0.0) * self.dt / 1000.0 / pieces)
        key = random.stream(random.path_key(self.seed, path, "counts"), random.COUNT)
        words = [int(random.bits(np.uint64(random.subkey(key, step, piece)), np.uint32(element))) for piece in range(pieces)]
        return sum(word > cut for word in words for cut in levels) if hz > 0 else 0

    def _advance(self, path: str, step: int) -> list[tuple[int, int]]:
        neurons = self.neurons[path]
        arrived = [self._arrived(path, k, step) for k in range(len(self.receptors[path]))]
        current = np.zeros(len(neurons))
        for target, analog in self.analog:
            if target == path:
                analog.add(current, step)
        return [(i, 1) for i, n in enumerate(neurons) if n.step(step, [a[i] for a in arrived], float(current[i]))]

    def _arrived(self, path: str, receptor: int, step: int) -> list[float]:
        """What has come for one step: projections with one delay, plus those with a delay per synapse."""
        nothing = [0.0] * len(self.neurons[path])
        together = (self.slots.pop((path, receptor, late, step), nothing) for late in (False, True))
        return [a + b for a, b in zip(*together, strict=True)]

    def _states(self, p: FlatProjection) -> list[tuple[int, float]]:
        return [(j, n.states[coupled.coupled(p)]) for j, n in enumerate(self.neurons[p.source])]

    def _deliver(self, p: FlatProjection, emitted: Mapping[str, list[tuple[int, int]]], step: int) -> None:
        """One projection's spikes of one step, or what its sources are coupled by, by source and synapse."""
        receptor = next(k for k, r in enumerate(self.receptors[p.target]) if p.key in r.projections)
        synapses, late, rule = self.rows[p.key], self.late[p.key], self.rules.get(p.key)
        for source, count in self._states(p) if p.key in self.coupled else emitted.get(p.source, []):
            for again in range(int(count) if rule else 1):
                if rule:
                    rule.left(source, step, again)
                for s in self.of[p.key][source]:
                    w = rule.crossed(s, step, again) if rule else float(synapses.weights[s]) * count
                    slot = self.slots.setdefault(
                        (p.target, receptor, p.key in self.deferred, step + int(late[s])), [0.0] * len(self.neurons[p.target])
                    )
                    slot[int(synapses.targets[s])] += w
                if rule:
                    rule.grown(source, step)
