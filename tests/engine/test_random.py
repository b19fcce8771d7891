"""Random numbers: pure functions of their key, with the moments they claim, and no stream a shifted copy of another."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba import njit

from studio.engine import random
from studio.engine.binomials import binomial

KEYS = st.integers(0, 2**64 - 1).map(np.uint64)
ELEMENTS = st.integers(0, 2**32 - 1)


def folded(key: int, element: int) -> int:
    """`bits`, with Python's integers."""
    mask = 2**32 - 1
    x = (element + key) & mask
    x = (x ^ x >> 16) * 0x7FEB352D & mask
    x = ((x ^ x >> 15) + (key >> 32)) & mask
    x = x * 0x846CA68B & mask
    return x ^ x >> 16


@given(KEYS, st.integers(-5, 2**40), st.integers(-5, 1000), ELEMENTS)
def test_compiled_and_plain_python_give_the_same_bits(key: np.uint64, step: int, draw: int, element: int) -> None:
    sub = random.subkey(key, step, draw)
    assert int(sub) == int(random.stream(int(key), step, draw))
    assert int(random.bits(np.uint64(sub), np.uint32(element))) == folded(int(sub), element)


@given(KEYS, ELEMENTS)
def test_uniform_lies_strictly_between_0_and_1(key: np.uint64, element: int) -> None:
    assert 0.0 < random.uniform(key, np.uint32(element)) < 1.0


@njit
def _fill(kind, key, out, a, b):  # type: ignore[no-untyped-def]
    for i in range(out.shape[0]):
        if kind == 0:
            out[i] = random.uniform(key, np.uint32(i))
        elif kind == 1:
            out[i] = random.normal(key, np.uint32(i))
        elif kind == 2:
            out[i] = random.poisson(key, np.uint32(i), a)
        else:
            out[i] = binomial(key, np.uint32(i), int(a), b)


@pytest.mark.parametrize(
    ("kind", "a", "b", "mean", "var"),
    [(0, 0.0, 0.0, 0.5, 1 / 12), (1, 0.0, 0.0, 0.0, 1.0), (2, 0.3, 0.0, 0.3, 0.3), (2, 45.0, 0.0, 45.0, 45.0), (3, 20.0, 0.3, 6.0, 4.2), (3, 1e6, 1e-3, 1000.0, 999.0)],
)  # fmt: skip
def test_moments_within_five_standard_errors(kind: int, a: float, b: float, mean: float, var: float) -> None:
    out = np.empty(200_000)
    _fill(kind, random.stream(random.path_key(1, "moments"), 1), out, a, b)
    assert abs(out.mean() - mean) < 5 * np.sqrt(var / len(out))
    assert abs(out.var() / var - 1) < 0.03


@pytest.mark.parametrize("p", [1e-300, 1e-12, 0.01, 0.3, 0.5, 0.9, 1 - 1e-12])
def test_normal_quantile(p: float) -> None:
    assert random.normal_quantile(p) == pytest.approx(NormalDist().inv_cdf(p), rel=1e-9, abs=1e-12)


def test_no_step_repeats_another_shifted_by_an_element() -> None:
    """The flaw of keys that mix step and element alike: neuron i at step t saw what neuron i + 1 saw at step t - 1."""
    key, n, steps = random.stream(random.path_key(3, "noise"), random.COUNT), 2000, 40
    words = np.array([[int(random.bits(np.uint64(random.subkey(key, t, 0)), np.uint32(i))) for i in range(n)] for t in range(steps)], float)
    words -= words.mean()
    for lag in (1, 2, 5):
        for shift in (-2, -1, 0, 1, 2):
            a, b = words[lag:, max(0, shift) : n + min(0, shift)], words[:-lag, max(0, -shift) : n + min(0, -shift)]
            assert abs((a * b).mean() / words.var()) < 5 / np.sqrt(a.size), (lag, shift)


def test_population_counts_do_not_wander() -> None:
    """Counts of 1,000 elements in windows of 100 steps vary as independent Poisson counts do."""
    key, n, steps = random.stream(random.path_key(5, "drive"), random.COUNT), 1000, 3000
    out, totals = np.empty(n), np.zeros(steps)
    for t in range(steps):
        _fill(2, np.uint64(random.subkey(key, t, 0)), out, 0.2, 0.0)
        totals[t] = out.sum()
    windows = totals.reshape(-1, 100).sum(1)
    assert abs(totals.mean() / 200 - 1) < 5 / np.sqrt(200 * steps)
    assert 0.4 < windows.var() / (200 * 100) < 2.0


def test_paths_and_seeds_have_their_own_keys() -> None:
    keys = {random.path_key(seed, path) for seed in range(50) for path in ("exc", "inh", "cols[0].exc", "cols[1].exc")}
    assert len(keys) == 200
    assert random.path_key(1, "a", "b") != random.path_key(1, "ab")


@pytest.mark.parametrize("shape", ["normal", "uniform", "lognormal"])
def test_values_outside_their_bounds_are_drawn_again(shape: str) -> None:
    out = np.empty(5000)
    random.fill_drawn(out, random.stream(7, random.PARAM), random.SHAPES[shape], 0.5, 1.0, 0.4, 0.9)
    assert out.min() >= 0.4 and out.max() <= 0.9
    assert len(np.unique(out)) > 4900


def test_impossible_bounds_end_in_clipping() -> None:
    assert random.drawn(np.uint64(1), 0, 0, 0.0, 1e-3, 50.0, 60.0) == 50.0
