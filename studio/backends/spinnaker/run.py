"""A loaded machine at work: one timer tick after the other, in the fixed point of its cores.

A tick takes what waits in the ring buffers, advances the neurons, and sends the spikes; a row of a spike of tick n with delay d is added to
what is taken in tick n + d. Packets arrive in the tick in which they are sent, and no core is ever late: timing on the chip is not modelled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np

from studio.backends.spinnaker import fixed
from studio.backends.spinnaker.image import CONDUCTANCE_BITS, Image, Neurons, Rows
from studio.backends.spinnaker.learning import Learner
from studio.compile.backend import Outcome, Stimulus, in_order
from studio.compile.watching import tick

Spikes = dict[int, np.ndarray]
_FIRST, _LINEAR, _SQUARE, _AFTER = (fixed.s1615(x) for x in (140.0, 5.0, 0.040008544921875, 1.85))  # Izhikevich's constants there
_NOBODY = np.zeros(0, np.int64)
_OFTEN = 256  # steps between two words on how far it is


@dataclass
class _Group:
    """Neighbouring layers of one kind: neurons [low, high). Registers are one number each, or one per neuron."""

    kind: str
    low: int
    high: int
    reg: dict[str, np.ndarray]
    v: np.ndarray
    held: np.ndarray  # steps for which a neuron is refractory still
    holding: np.ndarray  # what the two receptors hold, (2, n); of alpha currents the exponential part
    linear: np.ndarray  # alpha currents: the linear part, and what the latest spikes brought, (2, 2, n)
    injected: np.ndarray  # (n,) or one 0
    overflow: np.ndarray
    u: np.ndarray  # Izhikevich: recovery, and the next step's length
    h: np.ndarray


def run(image: Image, stimulus: Stimulus) -> Outcome:
    """All spikes of a run, and what saturated or overflowed by path."""
    n, learners = sum(x.size for x in image.layers), []
    if image.rules and isinstance(image.rows, Rows):
        rows = replace(image.rows, weights=image.rows.weights.copy())
        learners = [Learner(rule, rows, n, image.dt) for rule in image.rules]
        image = replace(image, rows=rows)
    groups, slots = _groups(image.layers), image.rows.longest + 1
    ring = np.zeros((slots, 2, n), np.int64)
    shift = np.repeat(np.array([x.shift for x in image.layers], np.int64).reshape(-1, 2).T, [x.size for x in image.layers], axis=1)
    given = _given(image, stimulus, n)
    currents = _currents(image, stimulus, groups)
    saturated = np.zeros(n, np.int64)
    events = 0
    at: list[int] = []
    fired: list[np.ndarray] = []
    holds = _Holds(image)
    if -1 in given:
        for learner in learners:
            learner.step(-1, given[-1])
        events += image.rows.deliver(ring, given[-1], -1)
        holds.heard(given[-1], -1)
    for step in range(stimulus.steps):
        if step % _OFTEN == 0:
            tick(step / stimulus.steps)
        waiting = ring[step % slots]
        over = waiting > fixed.FULL_WEIGHT
        if over.any():
            saturated += over.sum(axis=0)
            np.minimum(waiting, fixed.FULL_WEIGHT, out=waiting)
        taken = waiting << shift
        waiting[:] = 0
        if step in currents:
            for group, values in zip(groups, currents[step], strict=True):
                group.injected = values
        spikes = np.concatenate([_NOBODY, *(_advance(g, taken[:, g.low : g.high]) for g in groups)])
        if len(spikes):
            at.append(step)
            fired.append(spikes)
        sent = np.concatenate((spikes, given[step])) if step in given else spikes
        sent = holds.passed(sent, step)
        for learner in learners:
            learner.step(step, sent)
            learner.heard(step, spikes)
        if len(sent):
            events += image.rows.deliver(ring, sent, step)
    overflow = np.concatenate([g.overflow for g in groups]) if groups else saturated
    outcome = _outcome(image, stimulus, at, fired, saturated, overflow, events)
    return replace(outcome, spikes={**outcome.spikes, **holds.spikes()})


class _Holds:
    """The delay extensions at work: spikes on their way, by the step in which they go on."""

    def __init__(self, image: Image) -> None:
        sizes = [(x.key, x.size) for x in image.layers] + list(image.inputs) + [(x.key, x.size) for x in image.held]
        low = dict(zip((key for key, _ in sizes), np.cumsum([0, *(size for _, size in sizes)])[:-1].tolist(), strict=True))
        self.low = {x.key: low[x.key] for x in image.held}
        self.image, self.waiting, self.done = image, {}, []
        self.sources, self.own, self.delays = (
            np.concatenate([np.zeros(0, np.int64), *parts])
            for parts in (
                [x.sources + low[x.of] for x in image.held],
                [x.own + low[x.key] for x in image.held],
                [x.delays for x in image.held],
            )
        )
        order = np.argsort(self.sources, kind="stable")
        self.sources, self.own, self.delays = self.sources[order], self.own[order], self.delays[order]
        self.waiting: dict[int, list[np.ndarray]]
        self.done: list[tuple[int, np.ndarray]]

    def heard(self, sent: np.ndarray, step: int) -> None:
        """Spikes that a source sent in a step: repeated later, once for every time."""
        first, last = (np.searchsorted(self.sources, sent, side) for side in ("left", "right"))
        counts = last - first
        places = np.repeat(first - (np.cumsum(counts) - counts), counts) + np.arange(int(counts.sum()))
        for delay in np.unique(self.delays[places]).tolist():
            self.waiting.setdefault(step + delay, []).append(self.own[places[self.delays[places] == delay]])

    def passed(self, sent: np.ndarray, step: int) -> np.ndarray:
        """What is sent in a step, with the spikes that are repeated in it."""
        if not len(self.sources):
            return sent
        if len(sent):
            self.heard(sent, step)
        again = self.waiting.pop(step, None)
        if again is None:
            return sent
        self.done.append((step, np.concatenate(again)))
        return np.concatenate((sent, *again))

    def spikes(self) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """What each extension sent, (steps, its elements)."""
        steps = np.repeat(np.array([s for s, _ in self.done], np.int64), [len(x) for _, x in self.done])
        ids = np.concatenate([np.zeros(0, np.int64), *(x for _, x in self.done)])
        out = {}
        for x in self.image.held:
            mine = (ids >= self.low[x.key]) & (ids < self.low[x.key] + x.size)
            out[x.key] = in_order(steps[mine], ids[mine] - self.low[x.key])
        return out


def _groups(layers: tuple[Neurons, ...]) -> list[_Group]:
    out, low = [], 0
    for kind, found in groupby(layers, key=lambda x: x.kind):
        same = list(found)
        n = sum(x.size for x in same)
        names = same[0].registers
        reg = {name: _side_by_side([np.asarray(x.registers[name]) for x in same], [x.size for x in same]) for name in names}
        v = np.broadcast_to(reg["v"], (n,)).astype(np.int64)
        zeros = np.zeros(n, np.int64)
        out.append(
            _Group(
                kind,
                low,
                low + n,
                reg,
                v,
                zeros.copy(),
                np.zeros((2, n), np.int64),
                np.zeros((2, 2, n), np.int64),
                np.zeros(1, np.int64),
                zeros.copy(),
                *_second(reg, n),
            )
        )
        low += n
    return out


def _second(reg: dict[str, np.ndarray], n: int) -> tuple[np.ndarray, np.ndarray]:
    """The second variable of a neuron and its steps, where it has one."""
    return tuple(np.broadcast_to(reg.get(name, np.zeros((), np.int64)), (n,)).astype(np.int64) for name in ("u", "h"))  # type: ignore[return-value]


def _side_by_side(values: list[np.ndarray], sizes: list[int]) -> np.ndarray:
    """One number where all are equal, else one per neuron."""
    if all(v.ndim == 0 and v == values[0] for v in values):
        return values[0].astype(np.int64)
    return np.concatenate([np.broadcast_to(v, (n,)) for v, n in zip(values, sizes, strict=True)]).astype(np.int64)


def _advance(g: _Group, taken: np.ndarray) -> np.ndarray:
    """One tick of some neurons; the places of those that fire, counted in the machine."""
    r = g.reg
    if g.kind == "IF_curr_delta":
        current = fixed.cut(taken[0], r["scale"]) - fixed.cut(taken[1], r["scale"])
    elif g.kind == "IF_curr_alpha":
        current = _alpha(g, taken, 0, "e") - _alpha(g, taken, 1, "i")
    else:
        g.holding[0] += fixed.decayed(taken[0], r["init_e"])
        g.holding[1] += fixed.decayed(taken[1], r["init_i"])
        if g.kind == "IF_cond_exp":
            excited = fixed.cut(g.holding[0] >> CONDUCTANCE_BITS, r["e_rev_e"] - g.v)
            current = excited + fixed.cut(g.holding[1] >> CONDUCTANCE_BITS, r["e_rev_i"] - g.v)
        else:
            current = g.holding[0] - g.holding[1]
    current = current + (r["i_offset"] + g.injected)
    spikes = _izhikevich(g, current) if g.kind == "Izhikevich" else _leaky(g, current)
    if g.kind == "IF_curr_alpha":
        for place, name in enumerate("ei"):
            g.linear[place, 0], _ = fixed.wrapped(g.linear[place, 0] + fixed.cut(g.linear[place, 1], r[f"slope_{name}"]))
    if g.kind != "IF_curr_delta":
        g.holding[0] = fixed.decayed(g.holding[0], r["decay_e"])
        g.holding[1] = fixed.decayed(g.holding[1], r["decay_i"])
    return spikes + g.low


def _alpha(g: _Group, taken: np.ndarray, place: int, name: str) -> np.ndarray:
    """An alpha current as the product of a linear and an exponential part (synapse_types_alpha_impl.h): where spikes arrive, the exponential
    part gains 1 and decays once more, the linear part shrinks to what keeps their product, and grows by the latest spikes from then on."""
    r, who = g.reg, np.flatnonzero(taken[place])
    if len(who):
        come, slope, decay = taken[place, who], _of(r[f"slope_{name}"], who), _of(r[f"decay_{name}"], who)
        left = fixed.decayed(g.holding[place, who], decay) + fixed.ONE
        share = fixed.ONE - fixed.divided(np.full(len(who), fixed.ONE), left)
        g.linear[place, 0, who] = fixed.cut(g.linear[place, 0, who] + fixed.cut(come, slope), share)
        g.linear[place, 1, who] = come
        g.holding[place, who] = left
    return fixed.cut(g.linear[place, 0], g.holding[place])


def _izhikevich(g: _Group, current: np.ndarray) -> np.ndarray:
    """Izhikevich's equations by the midpoint rule, a longer step after a spike (neuron_model_izh_impl.h)."""
    r, h, v, u = g.reg, g.h, g.v, g.u
    before = _FIRST + current - u
    slope = before + fixed.cut(_LINEAR + fixed.cut(_SQUARE, v), v)
    middle = v + (fixed.cut(h, slope) >> 1)
    beta = fixed.cut(fixed.cut(h, fixed.cut(r["b"], v) - u), r["a"]) >> 1
    v = v + fixed.cut(h, before - beta + fixed.cut(_LINEAR + fixed.cut(_SQUARE, middle), middle))
    g.u = u + fixed.cut(fixed.cut(r["a"], h), fixed.cut(r["b"], middle) - u - beta)
    g.v, lost = fixed.wrapped(v)
    g.overflow += lost
    spikes = np.flatnonzero(g.v >= r["v_th"])
    g.h = np.broadcast_to(r["h"], v.shape).copy()
    if len(spikes):
        g.v[spikes] = _of(r["c"], spikes)
        g.u[spikes] += _of(r["d"], spikes)
        g.h[spikes] = fixed.cut(r["h"], _AFTER)
    return spikes


def _of(values: np.ndarray, who: np.ndarray) -> np.ndarray:
    return values if values.ndim == 0 else values[who]


def _leaky(g: _Group, current: np.ndarray) -> np.ndarray:
    """The leaky membrane by its closed form; held neurons count down."""
    r = g.reg
    aim = fixed.nearest(current, r["r"]) + r["v_rest"]
    v = aim - fixed.nearest(r["p"], aim - g.v)
    if (np.abs(aim) >= fixed.LIMIT).any() or (np.abs(v) >= fixed.LIMIT).any():
        v, lost = fixed.wrapped(v)
        g.overflow += lost | (np.abs(aim) >= fixed.LIMIT)
    free = g.held <= 0
    g.v = np.where(free, v, g.v)
    g.held -= ~free
    spikes = np.flatnonzero(g.v >= r["v_th"])
    if len(spikes):
        g.v[spikes] = _of(r["v_reset"], spikes)
        g.held[spikes] = _of(r["hold"], spikes)
    return spikes


def _given(image: Image, stimulus: Stimulus, first: int) -> Spikes:
    """The sources among the inputs that send in each step, as often as they do."""
    steps, ids = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for key, size in image.inputs:
        if key in stimulus.spikes:
            s, i = stimulus.spikes[key]
            steps.append(np.asarray(s, np.int64))
            ids.append(np.asarray(i, np.int64) + first)
        first += size
    all_steps, all_ids = in_order(np.concatenate(steps), np.concatenate(ids))
    marks, at = np.unique(all_steps, return_index=True)
    return {int(m): part for m, part in zip(marks, np.split(all_ids, at[1:]), strict=True)} if len(marks) else {}


def _currents(image: Image, stimulus: Stimulus, groups: list[_Group]) -> dict[int, list[np.ndarray]]:
    """From which step on which currents flow into each group, s16.15."""
    sizes = [x.size for x in image.layers]
    low = dict(zip((x.key for x in image.layers), np.cumsum([0, *sizes])[:-1], strict=True))
    used = [g for g in image.gains if g.input in stimulus.currents]
    out = {}
    for step in sorted({int(s) for g in used for s in stimulus.currents[g.input][0]}):
        total = np.zeros(sum(sizes))
        for g in used:
            starts, values = stimulus.currents[g.input]
            k = int(np.searchsorted(starts, step, side="right")) - 1
            if k >= 0:
                given = np.ravel(values[k])
                np.add.at(total, g.targets + low[g.layer], g.gains * (given if given.size == 1 else given[g.sources]))
        out[max(step, 0)] = [fixed.s1615(total[x.low : x.high]) for x in groups]
    return out


def _outcome(
    image: Image, stimulus: Stimulus, at: list[int], fired: list[np.ndarray], saturated: np.ndarray, overflow: np.ndarray, events: int
) -> Outcome:
    steps = np.repeat(np.array(at, np.int64), [len(f) for f in fired])
    ids = np.concatenate(fired) if fired else np.zeros(0, np.int64)
    spikes, counters, low = {}, {}, 0
    for x in image.layers:
        mine = (ids >= low) & (ids < low + x.size)
        spikes[x.key] = in_order(steps[mine], ids[mine] - low)
        found = {"saturated": int(saturated[low : low + x.size].sum()), "overflow": int(overflow[low : low + x.size].sum())}
        before: Mapping[str, int] = counters.get(x.path, {})
        counters[x.path] = {name: count + before.get(name, 0) for name, count in found.items()}
        low += x.size
    total = {"spikes": float(len(ids)), "synapses": float(events), "updates": float(low * stimulus.steps)}
    return Outcome(stimulus.steps, image.dt, spikes, {}, counters, total)
