"""Pair STDP in 16-bit weights: traces with 11 fractional bits, exponentials out of a table, weights in steps of the ring buffer.

Post- and presynaptic spikes meet as `stdp_pair` says, the whole delay being dendritic: in step n first the post spikes of step n - delay
raise the weights of their synapses by the sources' traces, then the pre spikes of step n lower those of theirs by the targets' traces. A
step of a weight is a whole number of steps of the ring buffer, rounded to nearest; on the chip the changes of one row are added up before they
are rounded, so that single bits may differ there (stdp_fixed_point.h of sPyNNaker: 11 bits).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.backends.spinnaker.image import Rows, Rule

BITS = 11


def table(tau: float, dt: float) -> np.ndarray:
    """exp(-k dt/tau) for k steps, until it rounds to 0; the last entry is 0."""
    k = np.arange(int(np.ceil(np.log(2.0 ** (BITS + 2)) * tau / dt)) + 2)
    values = np.rint(np.exp(-k * dt / tau) * (1 << BITS)).astype(np.int64)
    values[-1] = 0
    return values


@dataclass
class _Trace:
    """One number per neuron that decays, and when it was last raised."""

    value: np.ndarray
    since: np.ndarray
    decay: np.ndarray

    @staticmethod
    def of(n: int, tau: float, dt: float) -> _Trace:
        return _Trace(np.zeros(n, np.int64), np.zeros(n, np.int64), table(tau, dt))

    def at(self, who: np.ndarray, step: int) -> np.ndarray:
        past = np.minimum(step - self.since[who], len(self.decay) - 1)
        return (self.value[who] * self.decay[past]) >> BITS

    def raised(self, who: np.ndarray, step: int) -> None:
        self.value[who] = self.at(who, step) + (1 << BITS)
        self.since[who] = step


class Learner:
    """The synapses of one rule at work; `rows.weights` changes. Sources and targets are numbered as in the rows."""

    def __init__(self, rule: Rule, rows: Rows, layers: int, dt: float) -> None:
        n = len(rows.starts) - 1
        sources = np.repeat(np.arange(n), np.diff(rows.starts))[rule.places]
        order = np.argsort(sources, kind="stable")
        self.rule, self.weights = rule, rows.weights
        self.out, self.out_target = rule.places[order], rows.targets[rule.places[order]]
        self.out_starts = np.concatenate(([0], np.cumsum(np.bincount(sources, minlength=n))))
        targets = rows.targets[rule.places]
        order = np.argsort(targets, kind="stable")
        self.into, self.into_source = rule.places[order], sources[order]
        self.into_starts = np.concatenate(([0], np.cumsum(np.bincount(targets, minlength=layers))))
        self.pre, self.post = _Trace.of(n, rule.tau_plus, dt), _Trace.of(layers, rule.tau_minus, dt)
        self.waiting: dict[int, np.ndarray] = {}

    def step(self, step: int, sent: np.ndarray) -> None:
        """Learn from the spikes that reach the synapses in a step: those sent now, and posts that were given to `heard` long enough ago."""
        posts = self.waiting.pop(step, None)
        if posts is not None and len(posts):
            places = _all(self.into_starts, posts)
            self._grow(self.into[places], self.pre.at(self.into_source[places], step))
        pres = sent[self.out_starts[sent + 1] > self.out_starts[sent]]
        if len(pres):
            for once in _apart(pres):
                places = _all(self.out_starts, once)
                self._shrink(self.out[places], self.post.at(self.out_target[places], step))
                self.pre.raised(once, step)
        if posts is not None and len(posts):
            self.post.raised(posts, step)

    def heard(self, step: int, fired: np.ndarray) -> None:
        """Neurons that fired in a step; their spikes reach the synapses after the delay."""
        if len(fired):
            self.waiting[step + self.rule.delay] = fired

    def _grow(self, places: np.ndarray, trace: np.ndarray) -> None:
        w, r = self.weights[places], self.rule
        gain = r.up if r.additive else (r.up * (r.most - w)) >> 16
        self.weights[places] = np.minimum(w + ((gain * trace + (1 << (BITS - 1))) >> BITS), np.maximum(w, r.most))

    def _shrink(self, places: np.ndarray, trace: np.ndarray) -> None:
        w, r = self.weights[places], self.rule
        gain = r.down if r.additive else (r.down * w) >> 16
        self.weights[places] = np.maximum(w - ((gain * trace + (1 << (BITS - 1))) >> BITS), 0)


def _all(starts: np.ndarray, who: np.ndarray) -> np.ndarray:
    """Every place of these rows."""
    counts = starts[who + 1] - starts[who]
    ends = np.cumsum(counts)
    return np.arange(int(counts.sum())) + np.repeat(starts[who] - (ends - counts), counts)


def _apart(who: np.ndarray) -> list[np.ndarray]:
    """Groups in which nobody comes twice: a source that sends twice in a step learns twice."""
    groups = []
    while len(who):
        once, first = np.unique(who, return_index=True)
        groups.append(once)
        who = np.delete(who, first)
    return groups
