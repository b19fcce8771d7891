"""Firing rates: means over a window, and how they move in time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from studio.analysis.trains import trains

if TYPE_CHECKING:
    from studio.engine.recording import Recording


@dataclass(frozen=True)
class RateCourse:
    """Mean rate per neuron over time: `times` [ms] are bin centres, `hz` the rate in each bin."""

    path: str
    times: np.ndarray
    hz: np.ndarray
    width: float  # ms


def rates(recording: Recording, start: float = 0.0, stop: float | None = None) -> dict[str, float]:
    """Mean rate per neuron [Hz] of every recorded path between `start` and `stop` [ms]."""
    if recording.duration <= start:
        return dict.fromkeys(recording.spikes, 0.0)
    return {path: mean_rate(recording, path, start, stop) for path in recording.spikes}


def mean_rate(recording: Recording, path: str, start: float = 0.0, stop: float | None = None) -> float:
    """Spikes per neuron and second [Hz]."""
    cut = trains(recording, path, start, stop)
    return len(cut.times) / cut.size / cut.duration * 1000.0 if cut.size else 0.0


def neuron_rates(recording: Recording, path: str, start: float = 0.0, stop: float | None = None) -> np.ndarray:
    """Rate of each neuron [Hz], shape (size,)."""
    cut = trains(recording, path, start, stop)
    return cut.counts() / cut.duration * 1000.0


def rate_over_time(recording: Recording, path: str, width: float = 10.0, start: float = 0.0, stop: float | None = None) -> RateCourse:
    """Rate per neuron in bins of `width` ms (rounded to whole steps); a last, incomplete bin is left out."""
    cut = trains(recording, path, start, stop)
    edges, index = cut.bins(width)
    n = len(edges) - 1
    step = edges[1] - edges[0] if n else width
    counts = np.bincount(index[index >= 0], minlength=n) if n else np.zeros(0)
    return RateCourse(path, (edges[:-1] + edges[1:]) / 2 if n else np.zeros(0), counts / max(cut.size, 1) / step * 1000.0, float(step))
