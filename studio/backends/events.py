"""Spikes through listed synapses, many at once: sums of what arrives in the steps to come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MANY = 2_000_000  # synapses that are passed at once


def ranges(begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The numbers of several ranges, one range after the other."""
    sizes = end - begin
    total = int(sizes.sum())
    if not total:
        return np.zeros(0, np.int64)
    ends = np.cumsum(sizes)
    return np.arange(total) + np.repeat(begin - (ends - sizes), sizes)


@dataclass(frozen=True)
class Synapses:
    """Listed synapses by source: those of source s are `first[s]` to `first[s + 1]`. Delays in steps, weights whole numbers."""

    first: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    delays: np.ndarray

    @staticmethod
    def of(n_sources: int, sources: np.ndarray, targets: np.ndarray, weights: np.ndarray, delays: np.ndarray) -> Synapses:
        """From a list in any order."""
        order = np.argsort(sources, kind="stable")
        first = np.concatenate([[0], np.cumsum(np.bincount(sources, minlength=n_sources))])
        return Synapses(first, targets[order].astype(np.int32), weights[order].astype(np.int32), delays[order].astype(np.int16))

    @property
    def longest(self) -> int:
        return int(self.delays.max(initial=0))

    def heard(self, sources: np.ndarray) -> np.ndarray:
        """Which of some sources have synapses here."""
        return self.first[sources + 1] > self.first[sources]


class Arrivals:
    """What will arrive at `n` places in the next `depth` steps, float64 (exact below 2**53)."""

    def __init__(self, depth: int, n: int) -> None:
        self.ring = np.zeros((depth, n))

    def push(self, synapses: Synapses, steps: np.ndarray, sources: np.ndarray) -> int:
        """Spikes of these steps and sources; returns how many synapses they pass."""
        begin, end = synapses.first[sources], synapses.first[sources + 1]
        total = np.cumsum(end - begin)
        passed = int(total[-1]) if len(total) else 0
        low = 0
        while low < len(sources):
            high = max(low + 1, int(np.searchsorted(total, (total[low - 1] if low else 0) + MANY, "right")))
            at = ranges(begin[low:high], end[low:high])
            when = np.repeat(steps[low:high], end[low:high] - begin[low:high]) + synapses.delays[at]
            depth, n = self.ring.shape
            np.add.at(self.ring.reshape(-1), when % depth * n + synapses.targets[at], synapses.weights[at].astype(np.float64))
            low = high
        return passed

    def take(self, start: int, end: int) -> np.ndarray:
        """What arrives in steps [start, end), (steps, n); it is gone afterwards."""
        rows = np.arange(start, end) % len(self.ring)
        out = self.ring[rows]
        self.ring[rows] = 0.0
        return out
