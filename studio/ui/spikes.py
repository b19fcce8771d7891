"""The spikes a canvas shows: every one up to a million, beyond that an even sample that says how much it leaves out."""

from __future__ import annotations

import numpy as np

LIMIT = 1_000_000
Pair = tuple[np.ndarray, np.ndarray]  # uint32 steps, uint32 rows, of equal length


def _kept(steps: np.ndarray, rows: np.ndarray, thinned: int) -> np.ndarray:
    """Which spikes an even sample of one in `thinned` (a power of two) keeps: decided by the spike itself, so samples nest."""
    mixed = steps * np.uint32(0x9E3779B1) ^ rows * np.uint32(0x85EBCA77)
    mixed ^= mixed >> np.uint32(15)
    mixed *= np.uint32(0x2C1B3C6D)
    return (mixed >> np.uint32(12)) & np.uint32(thinned - 1) == 0


class VisibleSpikes:
    """Spikes of one run in the order they came; `take` gives what the canvas has not seen yet."""

    def __init__(self, limit: int = LIMIT) -> None:
        self.thinned = 1
        self._limit = limit
        self._chunks: list[Pair] = []
        self._shown = 0  # chunks already taken
        self._count = 0
        self._replace = False

    def __len__(self) -> int:
        return self._count

    @property
    def waiting(self) -> bool:
        return self._replace or self._shown < len(self._chunks)

    def add(self, steps: np.ndarray, rows: np.ndarray) -> None:
        """Adds spikes, thinning all of them once there are too many."""
        pair = (np.ascontiguousarray(steps, np.uint32), np.ascontiguousarray(rows, np.uint32))
        self._append(self._sampled(pair))
        while self._count > self._limit:
            self._thin()

    def take(self) -> tuple[Pair, bool]:
        """What is new since the last call, and whether it replaces all that was given before."""
        first = 0 if self._replace else self._shown
        replace, self._replace, self._shown = self._replace, False, len(self._chunks)
        return _joined(self._chunks[first:]), replace

    def start_over(self) -> None:
        """The next `take` gives everything (a new view knows nothing)."""
        self._replace = True

    def all(self) -> Pair:
        return _joined(self._chunks)

    def _sampled(self, pair: Pair) -> Pair:
        if self.thinned == 1:
            return pair
        kept = _kept(*pair, self.thinned)
        return pair[0][kept], pair[1][kept]

    def _append(self, pair: Pair) -> None:
        if len(pair[0]):
            self._chunks.append(pair)
            self._count += len(pair[0])

    def _thin(self) -> None:
        self.thinned *= 2
        everything = self._sampled(self.all())
        self._chunks, self._count, self._shown, self._replace = [], 0, 0, True
        self._append(everything)


def _joined(chunks: list[Pair]) -> Pair:
    if not chunks:
        return np.zeros(0, np.uint32), np.zeros(0, np.uint32)
    return np.concatenate([c[0] for c in chunks]), np.concatenate([c[1] for c in chunks])
