"""The weights of a connection as numbers with how often each occurs, without listing a synapse."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from studio.compile.program import Connection
from studio.compile.wiring import Block, Wiring
from studio.models.spec import Matrix, Pairs, Window
from studio.network.flat import Drawn

POINTS = 4001  # of a distribution


@dataclass(frozen=True)
class Sample:
    """Weights (real, in the kinetics' unit) and how many synapses have each.

    `targets` are the neurons they end at, where each weight belongs to one (of a kernel: to a channel, whose first neuron stands for it). `exact` False: points of a distribution at equal probability,
    whose counts add up to the expected number of synapses; `low` and `high` are then five standard deviations away, where it has no bounds.
    """

    weights: np.ndarray  # float64 (n,)
    counts: np.ndarray  # float64 (n,)
    low: float
    high: float
    targets: np.ndarray | None = None
    exact: bool = True


def sampled(c: Connection) -> Sample:
    """The weights of a connection before they are quantised."""
    w = replace(c.wiring, quantised=None)
    if w.changes:
        return _block(w.onto())
    form = w.form
    if isinstance(form, Block):
        return _block(form)
    total = w.count()
    if isinstance(form, Matrix):
        matrix = np.asarray(form.weights, np.float64) * _number(w)
        return _given(matrix.ravel(), np.ones(matrix.size), np.repeat(np.arange(w.n_target), w.n_source))
    if isinstance(form, Window):
        kernel = np.atleast_1d(np.asarray(form.scale if form.weights is None else form.weights, np.float64)).ravel() * _number(w)
        channels = form.out[0] if form.weights is not None else 1
        first = np.repeat(np.arange(channels) * (w.n_target // channels), kernel.size // channels)  # a neuron of each channel
        return _given(kernel, np.full(kernel.size, total / kernel.size), first)
    if isinstance(form, Pairs) and form.weights is not None:
        return _given(np.asarray(form.weights, np.float64), np.ones(len(form.sources)), np.asarray(form.targets, np.int64))
    if isinstance(w.weight, Drawn):
        return _distribution(w.weight, total, w.weights())
    return _array(w, total)


def per_target(c: Connection) -> tuple[np.ndarray, np.ndarray] | None:
    """(lowest, highest) weight of each target neuron, or None where the weights are not given one by one."""
    w, form = c.wiring.real(), c.wiring.form
    if isinstance(form, Window) and form.weights is not None and not c.wiring.changes:
        kernel = np.asarray(form.weights, np.float64).reshape(form.weights.shape[0], -1) * _number(w)
        size = w.n_target // form.out[0]
        return np.repeat(kernel.min(axis=1), size), np.repeat(kernel.max(axis=1), size)
    sample = sampled(c)
    if sample.targets is None:
        return None
    low, high = np.zeros(w.n_target), np.zeros(w.n_target)
    np.minimum.at(low, sample.targets, sample.weights)
    np.maximum.at(high, sample.targets, sample.weights)
    return low, high


def _block(block: Block) -> Sample:
    return _given(block.weights, np.ones(len(block)), block.targets)


def _given(weights: np.ndarray, counts: np.ndarray, targets: np.ndarray | None = None) -> Sample:
    ends = (float(weights.min()), float(weights.max())) if weights.size else (0.0, 0.0)
    return Sample(weights, counts, *ends, targets=targets)


def _array(w: Wiring, total: float) -> Sample:
    """One number for all, or an array with one entry per pair or per synapse."""
    values = np.atleast_1d(np.asarray(w.weight, np.float64)).ravel()
    targets = None
    if isinstance(w.form, Pairs) and values.size == len(w.form.sources):
        targets = np.asarray(w.form.targets, np.int64)
    elif values.size == w.n_source * w.n_target and values.size > 1:
        targets = np.tile(np.arange(w.n_target), w.n_source)
    return _given(values, np.full(values.size, total / max(values.size, 1)), targets)


def _distribution(drawn: Drawn, total: float, ends: tuple[float, float]) -> Sample:
    weights = quantiles(drawn)
    return Sample(weights, np.full(POINTS, total / POINTS), min(ends[0], weights[0]), max(ends[1], weights[-1]), exact=False)


@lru_cache(maxsize=256)
def quantiles(drawn: Drawn) -> np.ndarray:
    """Points of a distribution at equal probability, rising, read-only."""
    from studio.engine.laws import law

    made = law(drawn)
    out = np.array([made.quantile((k + 0.5) / POINTS) for k in range(POINTS)])
    out.setflags(write=False)
    return out


def _number(w: Wiring) -> float:
    return float(w.weight)  # type: ignore[arg-type]
