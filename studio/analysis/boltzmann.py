"""Boltzmann machines: what a network of stochastic units should sample, what it sampled, and how far the two are apart.

Units are 0 or 1; p(z) is proportional to exp(sum_i bias_i z_i + sum_{i<j} weights_ij z_i z_j). State k of the 2**n has unit i on where bit i of k is set.
Source: Ackley DH, Hinton GE, Sejnowski TJ (1985) A learning algorithm for Boltzmann machines. doi:10.1207/s15516709cog0901_7.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.findings import Finding, FindingError

MOST_UNITS = 20  # a million states


def exact(weights: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """The probability of every state, (2**n,), by enumeration; `weights` (n, n) symmetric with an empty diagonal, `bias` (n,).

    Raises FindingError for more than 20 units and for weights that have no such distribution.
    """
    weights, bias = _coupling(weights, bias)
    z = states(len(bias))
    exponent = z @ bias + 0.5 * np.einsum("ki,ij,kj->k", z, weights, z)
    p = np.exp(exponent - exponent.max())
    return p / p.sum()


def states(n: int) -> np.ndarray:
    """Every state of n units, (2**n, n), 0.0 or 1.0."""
    return (np.arange(1 << _enumerable(n))[:, None] >> np.arange(n) & 1).astype(np.float64)


def empirical(samples: Any) -> np.ndarray:
    """How often each state was met, (2**n,), in samples (k, n) of units that are on (above one half) or off."""
    on = np.asarray(samples) > 0.5
    if on.ndim != 2 or not len(on):
        raise FindingError(
            [Finding("size.samples", "error", "", f"samples of the shape {on.shape} are not (times, units).", "Record the units' state.")]
        )
    n = _enumerable(on.shape[1])
    return np.bincount(on @ (1 << np.arange(n)), minlength=1 << n) / len(on)


def divergence(sampled: np.ndarray, wanted: np.ndarray) -> float:
    """Kullback-Leibler divergence of `sampled` from `wanted` [nats]; infinite where a state was sampled that cannot be.

    N independent samples of the very distribution give (states - 1)/(2 N) on average, not zero.
    """
    p, q = np.asarray(sampled, np.float64), np.asarray(wanted, np.float64)
    if p.shape != q.shape:
        raise FindingError([Finding("size.mismatch", "error", "", f"{p.size} probabilities cannot be compared with {q.size}.")])
    met = p > 0
    with np.errstate(divide="ignore"):
        return float((p[met] * (np.log(p[met]) - np.log(q[met]))).sum())


def marginals(distribution: np.ndarray) -> np.ndarray:
    """How probable it is that each unit is on, (n,)."""
    return np.asarray(distribution) @ states(int(np.log2(len(distribution))))


def _enumerable(n: int) -> int:
    if n > MOST_UNITS:
        text = f"{n} units have 2^{n} states; at most {MOST_UNITS} units are enumerated."
        raise FindingError([Finding("size.units", "error", "", text, "Look at fewer units: `samples[:, :10]`.")])
    return n


def _coupling(weights: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    weights, bias = np.asarray(weights, np.float64), np.asarray(bias, np.float64)
    if weights.shape != (bias.size, bias.size):
        text = f"weights of the shape {weights.shape} do not couple {bias.size} units."
        raise FindingError([Finding("size.mismatch", "error", "", text, "Give one row and one column for each unit.")])
    if not np.array_equal(weights, weights.T) or np.diag(weights).any():
        text = "the weights are not symmetric with an empty diagonal: such units sample no Boltzmann distribution."
        raise FindingError(
            [Finding("bounds.symmetry", "error", "", text, "Couple each pair both ways with one weight, and no unit with itself.")]
        )
    return weights, bias
