"""How much the neurons of a population fire together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from studio.analysis.trains import Trains, trains

if TYPE_CHECKING:
    from studio.engine.recording import Recording


def fano(recording: Recording, path: str, width: float = 3.0, start: float = 0.0, stop: float | None = None) -> float:
    """Variance over mean of the population's spike count in bins of `width` ms: 1 when neurons are independent Poisson processes.

    The synchrony index of Potjans and Diesmann 2014 (doi:10.1093/cercor/bhs358), who use 3 ms. NaN for a silent population.
    """
    total = _population_counts(trains(recording, path, start, stop), width)
    return float(total.var() / total.mean()) if total.size and total.any() else float("nan")


def correlation(recording: Recording, path: str, width: float = 5.0, start: float = 0.0, stop: float | None = None) -> float:
    """Pairwise correlation of binned spike counts: the sum of all covariances over the sum of all products of deviations.

    1 when all neurons fire alike, 0 when they are independent. Costs O(spikes), no pair is formed. NaN with fewer than two active neurons.
    """
    cut = trains(recording, path, start, stop)
    total = _population_counts(cut, width)
    if not total.size:
        return float("nan")
    variances = _neuron_variances(cut, width, len(total))
    products = np.sqrt(variances).sum() ** 2 - variances.sum()
    return float((total.var() - variances.sum()) / products) if products > 1e-12 else float("nan")


def synchrony(recording: Recording, path: str, width: float = 3.0, start: float = 0.0, stop: float | None = None) -> float:
    """Golomb's chi: how much the population mean fluctuates, relative to single neurons: 1 in full synchrony, 1/sqrt(size) when independent.

    Source: Golomb 2007, doi:10.4249/scholarpedia.1347, here on binned spike counts. NaN for a silent population.
    """
    cut = trains(recording, path, start, stop)
    total = _population_counts(cut, width)
    if not total.size or not total.any():
        return float("nan")
    single = _neuron_variances(cut, width, len(total)).sum() / cut.size
    return float(np.sqrt((total / cut.size).var() / single)) if single > 0 else float("nan")


def _population_counts(cut: Trains, width: float) -> np.ndarray:
    edges, index = cut.bins(width)
    return np.bincount(index[index >= 0], minlength=len(edges) - 1).astype(np.float64) if len(edges) > 1 else np.zeros(0)


def _neuron_variances(cut: Trains, width: float, n_bins: int) -> np.ndarray:
    """Variance of each neuron's binned counts, from the filled bins only."""
    _, index = cut.bins(width)
    kept = index >= 0
    filled, counts = np.unique(cut.ids[kept] * n_bins + index[kept], return_counts=True)
    owner = filled // n_bins
    mean = np.bincount(owner, counts, cut.size) / n_bins
    return np.bincount(owner, counts.astype(np.float64) ** 2, cut.size) / n_bins - mean**2
