"""Rates and irregularity of spike trains, the same code for every simulator. NumPy only."""

from __future__ import annotations

import numpy as np

FEWEST = 3  # intervals of a neuron that is judged


def rate(ids: np.ndarray, size: int, seconds: float) -> float:
    """Mean rate [Hz]."""
    return len(ids) / size / seconds


def mean_cv(times: np.ndarray, ids: np.ndarray) -> float:
    """Coefficient of variation of the intervals between spikes, averaged over neurons with at least FEWEST intervals; NaN where there are none."""
    order = np.lexsort((times, ids))
    t, i = times[order].astype(np.float64), ids[order]
    same = i[1:] == i[:-1]
    gaps, owner = np.diff(t)[same], i[1:][same]
    if not len(gaps):
        return float("nan")
    _, which = np.unique(owner, return_inverse=True)
    n = np.bincount(which)
    mean = np.bincount(which, gaps) / n
    variance = np.maximum(np.bincount(which, gaps**2) / n - mean**2, 0.0)
    enough = n >= FEWEST
    return float(np.mean(np.sqrt(variance[enough]) / mean[enough])) if enough.any() else float("nan")


def moments(weights: np.ndarray, start: float) -> dict[str, float]:
    """How far weights have moved from where all of them began: mean and standard deviation, in the unit of the weights."""
    w = weights.astype(np.float64) - start
    return {"drift": float(w.mean()), "spread": float(w.std()), "n": len(w)}
