"""Least squares within bounds, and what can be said about the values: SciPy's trust region, and the usual linear intervals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Residual = Callable[[np.ndarray], np.ndarray]


def least_squares(residual: Residual, start: np.ndarray, low: np.ndarray, high: np.ndarray, jac: Any = "2-point", most: int = 120) -> Any:
    """SciPy's result; parameters are scaled by what they do to the curve."""
    from scipy.optimize import least_squares as solve

    inside = np.clip(start, np.nextafter(low, np.inf), np.nextafter(high, -np.inf))
    return solve(residual, inside, jac=jac, bounds=(low, high), x_scale="jac", max_nfev=most)


TIED = 1e-5  # singular values below this part of the largest stand for combinations that the data do not see


def statistics(found: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of every parameter half of the 95 % interval, whether the data say anything about it, and whether only together with others."""
    from scipy.stats import t

    jac = np.asarray(found.jac)
    size = np.linalg.norm(jac, axis=0)
    seen = size > 1e-9 * max(float(size.max(initial=0.0)), 1e-300)
    half, tied = np.full(len(found.x), np.inf), np.zeros(len(found.x), bool)
    if seen.any():
        _, values, vectors = np.linalg.svd(jac[:, seen] / size[seen], full_matrices=False)
        lost = values < TIED * values[0]
        tied[seen] = (np.abs(vectors[lost]) > 0.1).any(axis=0)
        freedom = max(len(found.fun) - int(seen.sum()), 1)
        spread = np.sqrt(float(found.fun @ found.fun) / freedom)
        variance = ((vectors[~lost] / values[~lost, None]) ** 2).sum(axis=0)
        half[seen] = t.ppf(0.975, freedom) * spread * np.sqrt(variance) / size[seen]
        half[tied] = np.inf
    return half, seen, tied
