"""Time to the first spike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from studio.analysis.trains import trains

if TYPE_CHECKING:
    from studio.engine.recording import Recording


def latency(recording: Recording, path: str, start: float = 0.0, stop: float | None = None) -> np.ndarray:
    """Time from `start` to each neuron's first spike [ms], shape (size,); NaN for a neuron that stays silent."""
    cut = trains(recording, path, start, stop)
    first = np.full(cut.size, np.inf)
    np.minimum.at(first, cut.ids, cut.times - cut.start)
    return np.where(np.isinf(first), np.nan, first)


def first_spike(recording: Recording, path: str, start: float = 0.0, stop: float | None = None) -> float:
    """Time from `start` to the population's first spike [ms]; NaN when it stays silent."""
    cut = trains(recording, path, start, stop)
    return float(cut.times.min() - cut.start) if len(cut.times) else float("nan")
