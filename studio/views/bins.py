"""Density arrays: what the live canvas draws when there are more spikes than pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

MOST = np.iinfo(np.uint16).max


@dataclass(frozen=True)
class Density:
    """Spike counts on a grid: `counts[row bin, time bin]`, uint16, saturated at 65,535 (`saturated` says so)."""

    counts: np.ndarray
    start_step: int
    stop_step: int
    n_rows: int
    total: int
    saturated: bool

    def to_bytes(self) -> bytes:
        """Row-major little-endian uint16, as the canvas reads it."""
        return self.counts.astype("<u2", copy=False).tobytes()


def density(
    steps: np.ndarray, rows: np.ndarray, start_step: int, stop_step: int, n_rows: int, columns: int = 1024, lines: int = 512
) -> Density:
    """Count spikes with `start_step <= step < stop_step` and `0 <= row < n_rows` on a grid of at most `lines` x `columns` bins.

    Never more bins than there are steps and rows, so that no bin is empty by construction. Costs about 10 ns a spike.
    """
    columns, lines = max(1, min(columns, stop_step - start_step)), max(1, min(lines, n_rows))
    steps, rows = np.asarray(steps, np.int64), np.asarray(rows, np.int64)
    inside = (steps >= start_step) & (steps < stop_step) & (rows >= 0) & (rows < n_rows)
    if not inside.all():
        steps, rows = steps[inside], rows[inside]
    column = (steps - start_step) * columns // max(stop_step - start_step, 1)
    line = rows * lines // max(n_rows, 1)
    counts = np.bincount(line * columns + column, minlength=lines * columns)
    return Density(
        np.minimum(counts, MOST).astype(np.uint16).reshape(lines, columns),
        start_step,
        stop_step,
        n_rows,
        len(steps),
        bool(counts.size and counts.max() > MOST),
    )


def grid(x: np.ndarray, y: np.ndarray, x_range: tuple[float, float], y_range: tuple[float, float], columns: int, lines: int) -> np.ndarray:
    """Counts of points with float64 coordinates, shape (lines, columns), first line at the low end of `y_range`; points outside are left out."""
    (x0, x1), (y0, y1) = x_range, y_range
    if not (x1 > x0 and y1 > y0):
        return np.zeros((lines, columns), np.int64)
    inside = (x >= x0) & (x <= x1) & (y >= y0) & (y <= y1)
    column = np.minimum((x[inside] - x0) * (columns / (x1 - x0)), columns - 1).astype(np.int64)
    line = np.minimum((y[inside] - y0) * (lines / (y1 - y0)), lines - 1).astype(np.int64)
    return np.bincount(line * columns + column, minlength=lines * columns).reshape(lines, columns)
