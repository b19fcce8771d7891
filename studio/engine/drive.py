"""Sources at work: Poisson counts from a table, given events, and analog currents, by the three forms a source lowers to."""

from __future__ import annotations

import numpy as np

from studio.engine import emission
from studio.engine import loop as L
from studio.engine.cells import Lists
from studio.engine.connectivity import Rows
from studio.engine.native import address
from studio.engine.random import COUNT, path_key, stream
from studio.models.spec import Currents, Events, Rates

LARGEST_MEAN = 16.0  # counts per piece of a step; beyond it a step's count is the sum of several draws


def cuts(means: np.ndarray) -> np.ndarray:
    """For Poisson counts of the given means: uint32 (levels, len(means)); the count is how many levels a random word exceeds."""
    p = np.exp(-means)
    total = p.copy()
    rows, k = [], 0
    while True:
        row = np.minimum(np.ceil(total * 2.0**32) - 1.0, 2.0**32 - 1).astype(np.uint32)
        if bool(np.all(row == 2**32 - 1)) or k > 200:
            rows += [np.full(len(means), 2**32 - 1, np.uint32)] * (-len(rows) % emission.LEVELS_AT_ONCE)  # no word exceeds these
            return np.array(rows, np.uint32).reshape(len(rows), len(means))
        rows.append(row)
        k += 1
        p = p * means / k
        total = total + p


def whole(form: Events) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Events with equal step and id put together: steps, ids, counts."""
    steps, ids = np.asarray(form.steps, np.int64), np.asarray(form.ids, np.int64)
    order = np.lexsort((ids, steps))
    steps, ids = steps[order], ids[order]
    first = np.ones(len(steps), bool)
    first[1:] = (np.diff(steps) != 0) | (np.diff(ids) != 0)
    counts = np.diff(np.append(np.flatnonzero(first), len(steps)))
    return steps[first], ids[first], counts


class PoissonDrive:
    """A Rates source: its parts emit counts, kept for a slice as an array and, where asked for, as a list."""

    def __init__(self, path: str, size: int, form: Rates, seed: int, dt: float, parts: list[tuple[int, int]], listed: bool) -> None:
        self.path, self.size, self.dt, self.listed = path, size, dt, listed
        self.parts = parts
        self._key = stream(path_key(seed, path, "counts"), COUNT)
        self.steer(form)

    def steer(self, form: Rates) -> None:
        """Take other rates, from the next batch on."""
        self.form = form
        self.boundaries = np.asarray(form.starts, np.int64)
        self._largest = max(float(np.max(form.hz, initial=0.0)) * self.dt / 1000.0, 0.0)
        self.pieces = max(1, int(np.ceil(self._largest / LARGEST_MEAN)))

    def allocate(self, slice_steps: int, batch_steps: int) -> None:
        sizes = [high - low for low, high in self.parts]
        self.lists = Lists(sizes if self.listed else [0] * len(sizes), slice_steps, batch_steps, counted=True)
        self.dense = [np.zeros((slice_steps, n), np.int32) for n in sizes]
        self._scratch = [np.zeros(emission.WORDS, np.uint32) for _ in sizes]

    def write(self, row: np.ndarray, part: int) -> None:
        low, high = self.parts[part]
        row[L.KIND], row[L.SIZE], row[L.LOW], row[L.PIECES], row[L.LISTED] = L.RATES, high - low, low, self.pieces, self.listed
        row[L.KERNEL], row[L.POINTERS] = emission.kernel(), address(row)
        row[L.RANDOM_KEY] = np.uint64(self._key).astype(np.int64)
        row[L.DENSE], row[L.SCRATCH] = address(self.dense[part]), address(self._scratch[part])
        self.lists.table(row, part)

    def begin(self, rows: list[np.ndarray], step: int, steps: int) -> None:
        """Set the table of the frame that holds at `step`; a batch never crosses the next frame's start."""
        frame = int(np.searchsorted(self.boundaries, step, side="right")) - 1
        hz = np.asarray(self.form.hz[max(frame, 0)], float) * (frame >= 0)
        means = np.maximum(hz, 0.0) * self.dt / 1000.0 / self.pieces
        self._tables = (
            [cuts(means)] * len(rows) if len(means) == 1 else [np.ascontiguousarray(cuts(means[low:high])) for low, high in self.parts]
        )
        for row, table in zip(rows, self._tables, strict=True):
            silent = not means.any()
            row[L.TABLE], row[L.LEVELS], row[L.SHARED] = address(table), 0 if silent else len(table), len(means) == 1
            row[L.PIECES] = self.pieces


class GivenDrive:
    """An Events source: lists from the document, offered to the loop batch by batch."""

    def __init__(self, path: str, size: int, form: Events) -> None:
        self.path, self.size = path, size
        self.steps, ids, counts = whole(form)
        self.ids, self.counts = ids.astype(np.uint32), counts.astype(np.int32)
        self.boundaries = np.zeros(1, np.int64)

    def allocate(self, slice_steps: int, batch_steps: int) -> None:
        self.offsets = np.zeros(batch_steps + 1, np.int64)

    def write(self, row: np.ndarray, part: int) -> None:
        row[L.KIND], row[L.SIZE] = L.EVENTS, self.size
        if part == 0:
            row[L.IDS], row[L.OFFSETS], row[L.COUNTS] = address(self.ids), address(self.offsets), address(self.counts)
            row[L.CAPACITY] = len(self.ids)

    def begin(self, rows: list[np.ndarray], step: int, steps: int) -> None:
        self.offsets[: steps + 1] = np.searchsorted(self.steps, np.arange(step, step + steps + 1))

    def count(self, start: int, steps: int) -> int:
        first, last = np.searchsorted(self.steps, [start, start + steps])
        return int(self.counts[first:last].sum())

    def drain(self, start: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
        first, last = np.searchsorted(self.steps, [start, start + steps])
        counts = self.counts[first:last]
        return np.repeat(self.steps[first:last], counts), np.repeat(self.ids[first:last].astype(np.int64), counts)


class AnalogInput:
    """One analog projection: piecewise-constant values of its source, through gains and delays, onto its target's input current."""

    def __init__(self, form: Currents, rows: Rows) -> None:
        self.starts = np.asarray(form.starts, np.int64)
        self.values = np.asarray(form.values, float)
        self.sources = rows.sources()
        self.targets = rows.targets.astype(np.int64)
        self.gains = np.full(rows.n, rows.weight) if rows.weights is None else rows.weights.astype(float)
        self.delays = np.full(rows.n, rows.delay, np.int64) if rows.delays is None else rows.delays.astype(np.int64)
        self.steer(form)

    def steer(self, form: Currents) -> None:
        """Take other currents, from the next batch on."""
        self.starts = np.asarray(form.starts, np.int64)
        self.values = np.asarray(form.values, float)
        self.boundaries = np.unique(self.starts[:, None] + np.unique(self.delays)) if len(self.delays) else np.zeros(0, np.int64)

    def add(self, into: np.ndarray, step: int) -> None:
        """Add the current of `step` to double-precision `into`, synapse by synapse."""
        frames = np.searchsorted(self.starts, step - self.delays, side="right") - 1
        columns = self.sources if self.values.shape[1] > 1 else np.zeros_like(self.sources)
        now = np.where(frames >= 0, self.values[np.maximum(frames, 0), columns], 0.0)
        np.add.at(into, self.targets, self.gains * now)
