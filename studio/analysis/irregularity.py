"""Inter-spike intervals and how irregular they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from studio.analysis.trains import trains

if TYPE_CHECKING:
    from studio.engine.recording import Recording


@dataclass(frozen=True)
class Intervals:
    """Inter-spike intervals [ms] with the neuron each belongs to, sorted by neuron, then time."""

    path: str
    ids: np.ndarray
    ms: np.ndarray


def isi(recording: Recording, path: str, start: float = 0.0, stop: float | None = None) -> Intervals:
    """All inter-spike intervals of a population."""
    ids, times = trains(recording, path, start, stop).by_neuron()
    same = ids[1:] == ids[:-1]
    return Intervals(path, ids[1:][same], np.diff(times)[same])


def neuron_cv(recording: Recording, path: str, start: float = 0.0, stop: float | None = None, least: int = 3) -> np.ndarray:
    """Coefficient of variation of each neuron's intervals, shape (size,): 0 for a clock, 1 for a Poisson process.

    Neurons with fewer than `least` spikes get NaN. The standard deviation is the population one (ddof 0).
    """
    intervals = isi(recording, path, start, stop)
    size = recording.populations[path].size
    n = np.bincount(intervals.ids, minlength=size)
    enough = n >= max(least - 1, 1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.bincount(intervals.ids, intervals.ms, size) / n
        deviation = intervals.ms - mean[intervals.ids]
        spread = np.sqrt(np.bincount(intervals.ids, deviation**2, size) / n)
        return np.where(enough, spread / mean, np.nan)


def cv(recording: Recording, path: str, start: float = 0.0, stop: float | None = None, least: int = 3) -> float:
    """Mean coefficient of variation over the neurons with at least `least` spikes; NaN when there are none."""
    each = neuron_cv(recording, path, start, stop, least)
    known = each[~np.isnan(each)]
    return float(known.mean()) if len(known) else float("nan")


def cv2(recording: Recording, path: str, start: float = 0.0, stop: float | None = None) -> float:
    """Mean of 2 |a - b| / (a + b) over neighbouring intervals a, b of one neuron; not fooled by slow rate changes.

    Source: Holt et al. 1996, doi:10.1152/jn.1996.75.5.1806. NaN without two neighbouring intervals.
    """
    intervals = isi(recording, path, start, stop)
    same = intervals.ids[1:] == intervals.ids[:-1]
    a, b = intervals.ms[:-1][same], intervals.ms[1:][same]
    return float(np.mean(2 * np.abs(a - b) / (a + b))) if len(a) else float("nan")
