"""Weights by four axon types: which axons a source needs, and what a spike on an axon of each type adds to each neuron.

A neuron has four weights, one a type; a synapse is a bit. A source that must mean different things to different neurons gets several axons
of different types, and each neuron listens to those whose weights add up to what it needs. Exact where few distinct weights allow it,
else the four weights of every neuron are fitted (alternating least squares, as Lloyd 1982, doi:10.1109/TIT.1982.1056489).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from studio.backends.truenorth.fabric import TYPES

BITS = np.array(list(product((0, 1), repeat=TYPES)), np.float64)  # (16, 4): every set of types
SIZES = BITS.sum(axis=1).astype(int)
STARTS = (
    (1, 2, 4, -8),
    (1, 2, 4, -7),
    (1, 3, -1, -3),
    (1, 2, -1, -2),
    (1, 3, -2, -4),
    (2, 5, -1, -4),
    (1, 4, -2, -7),
    (1, 2, 4, 8),
    (-1, -2, -4, -8),
)
ROUNDS = 24


@dataclass(frozen=True)
class Code:
    """How some sources reach some neurons. `chosen[s, n]` is the set of types (a row of BITS) that neuron n hears of source s.

    `values[n, t]` is what a spike on an axon of type t adds to neuron n, in the weights' unit. `exact`: nothing is lost.
    """

    values: np.ndarray  # float64 (n, 4)
    chosen: np.ndarray  # uint8 (s, n)
    exact: bool

    @property
    def masks(self) -> np.ndarray:
        """The types that each source needs, (s,): a row of BITS."""
        return np.bitwise_or.reduce(self.chosen, axis=1) if self.chosen.shape[1] else np.zeros(len(self.chosen), np.uint8)

    @property
    def axons(self) -> int:
        return int(SIZES[self.masks].sum())

    def weights(self) -> np.ndarray:
        """What the code makes of the weights, (s, n)."""
        return np.einsum("snt,nt->sn", BITS[self.chosen], self.values)


def bit(kind: int) -> int:
    """The set that holds one type."""
    return 1 << (TYPES - 1 - kind)


def encode(weights: np.ndarray, groups: np.ndarray, limit: int, each: int = TYPES) -> Code | None:
    """A code for weights (s, n) with at most `limit` axons, None where even one axon a source is too many. `groups` (s,): sources that may share a type.

    What is not exact takes at most `each` axons a source on average.
    """
    if len(weights) > limit:
        return None
    for attempt in (_by_group, _by_value):
        code = attempt(weights, groups)
        if code is not None and code.axons <= limit:
            return code
    return _fitted(weights, min(limit, each * len(weights)))


def _by_group(weights: np.ndarray, groups: np.ndarray) -> Code | None:
    """One axon a source and one type a group, where all sources of a group mean the same to a neuron (or nothing). Equal groups share a type."""
    values = np.zeros((weights.shape[1], TYPES))
    chosen = np.zeros(weights.shape, np.uint8)
    known: list[np.ndarray] = []
    for group in np.unique(groups):
        mine = weights[groups == group]
        largest, smallest = mine.max(axis=0), mine.min(axis=0)
        one = np.where(np.abs(largest) >= np.abs(smallest), largest, smallest)
        if not ((mine == 0) | (mine == one)).all():
            return None
        kind = next((k for k, v in enumerate(known) if _agree(v, one)), len(known))
        if kind == TYPES:
            return None
        if kind == len(known):
            known.append(one)
        known[kind] = np.where(one != 0, one, known[kind])
        chosen[groups == group] = np.where(mine != 0, bit(kind), 0)
    for kind, v in enumerate(known):
        values[:, kind] = v
    return Code(values, chosen, True)


def _agree(a: np.ndarray, b: np.ndarray) -> bool:
    return bool(((a == b) | (a == 0) | (b == 0)).all())


def _by_value(weights: np.ndarray, groups: np.ndarray) -> Code | None:
    """A type for each distinct weight, where there are at most four."""
    distinct = np.unique(weights[weights != 0])
    if len(distinct) > TYPES:
        return None
    values, chosen = np.zeros((weights.shape[1], TYPES)), np.zeros(weights.shape, np.uint8)
    for kind, value in enumerate(distinct):
        values[:, kind] = value
        chosen[weights == value] = bit(kind)
    return Code(values, chosen, True)


# fitted codes


def _fitted(weights: np.ndarray, budget: int) -> Code:
    """The best of several starts: all four types where the axons suffice, else as many axons a source as are worth most."""
    full = np.full(len(weights), len(BITS) - 1, np.uint8)
    values = _lloyd(weights, full)
    if TYPES * len(weights) <= budget:
        return Code(values, _nearest(weights, values, full), False)
    masks, best, error = full, values, np.inf
    for start in (values, *(_starts(weights, s) for s in STARTS[2:5])):
        now, kept = start, full
        for _ in range(4):
            kept = _allot(_errors(weights, now), budget)
            now = _refined(weights, now, kept, ROUNDS // 3)
        left = _error(weights, now, kept).sum()
        if left < error:
            masks, best, error = kept, now, left
    return Code(best, _nearest(weights, best, masks), False)


def _starts(weights: np.ndarray, start: Sequence[float], part: float = 1.0) -> np.ndarray:
    """Four values a neuron in the proportions of `start`, as large as its weights ask for."""
    s = np.array(start, float)
    high, low = s[s > 0].sum(), -s[s < 0].sum()
    top, bottom = np.maximum(weights.max(axis=0, initial=0), 0), np.maximum(-weights.min(axis=0, initial=0), 0)
    unit = np.maximum(top / high if high else 0 * top, bottom / low if low else 0 * bottom)
    return part * unit[:, None] * s[None, :]


def _lloyd(weights: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Values (n, 4): for every neuron the best of all starts."""
    best, error = None, np.full(weights.shape[1], np.inf)
    for start in STARTS:
        for part in (1.0, 0.7):
            values = _refined(weights, _starts(weights, start, part), masks, ROUNDS)
            left = _error(weights, values, masks)
            better = left < error
            best = values if best is None else np.where(better[:, None], values, best)
            error = np.where(better, left, error)
    assert best is not None
    return best


def _refined(weights: np.ndarray, values: np.ndarray, masks: np.ndarray, rounds: int) -> np.ndarray:
    """Nearest sums, then least squares for the values, again and again."""
    for _ in range(rounds):
        picked = BITS[_nearest(weights, values, masks)]
        gram = np.einsum("snt,snu->ntu", picked, picked) + 1e-9 * np.eye(TYPES)
        made = np.linalg.solve(gram, np.einsum("snt,sn->nt", picked, weights)[:, :, None])[:, :, 0]
        made = np.where(picked.any(axis=0), made, values)
        if np.allclose(made, values, rtol=1e-6, atol=0.0):
            return made
        values = made
    return values


def _nearest(weights: np.ndarray, values: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """The set within each source's mask whose sum is nearest to the weight, uint8 (s, n); nothing for a weight of 0."""
    out = np.zeros(weights.shape, np.uint8)
    sums = values @ BITS.T  # (n, 16)
    for mask in np.unique(masks):
        rows = np.flatnonzero(masks == mask)
        sets = _within(int(mask))
        out[rows] = sets[np.abs(weights[rows][:, :, None] - sums[None, :, sets]).argmin(axis=2)]
    out[weights == 0] = 0
    return out


def _within(mask: int) -> np.ndarray:
    sets = np.arange(len(BITS))
    return sets[(sets & ~mask) == 0].astype(np.uint8)


def _error(weights: np.ndarray, values: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Squared error of every neuron."""
    return ((weights - Code(values, _nearest(weights, values, masks), False).weights()) ** 2).sum(axis=0)


def _errors(weights: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Squared error of every source with every mask, (s, 16)."""
    sums = values @ BITS.T
    apart = (weights[:, :, None] - sums[None]) ** 2
    return np.stack([apart[:, :, _within(mask)].min(axis=2).sum(axis=1) for mask in range(len(BITS))], axis=1)


def _allot(errors: np.ndarray, budget: int) -> np.ndarray:
    """A mask for every source, with `budget` axons in all: one each, then one more where it gains most."""
    best = np.stack([np.where(k == SIZES, errors, np.inf).argmin(axis=1) for k in range(1, TYPES + 1)], axis=1)  # (s, 4) masks
    cost = np.minimum.accumulate(np.take_along_axis(errors, best, axis=1), axis=1)
    size = np.zeros(len(errors), int)
    gains = cost[:, :-1] - cost[:, 1:]
    for _ in range(budget - len(errors)):
        open_ = np.where(size < TYPES - 1, gains[np.arange(len(size)), np.minimum(size, TYPES - 2)], -1.0)
        k = int(open_.argmax())
        if open_[k] <= 0.0:
            break
        size[k] += 1
    return best[np.arange(len(size)), size].astype(np.uint8)
