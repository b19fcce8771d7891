"""Distributions as maps from a word: exact against the quantile, delays and tables included."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numba import njit

from studio.engine.laws import GUIDE, WORDS, delay_cuts, law, row_delays, row_indices, row_weights, table
from studio.engine.native import inner
from studio.engine.procedure import Procedure, procedure, with_delays, with_weights
from studio.engine.random import DELAY, WEIGHT, bits, subkey
from studio.network.flat import Drawn

LAWS = [
    Drawn("normal", 1.5, 0.75, 0.1),
    Drawn("normal", 1.0, 0.1),
    Drawn("normal", 0.0, 1.0, 4.0, 6.0),  # far above the mean
    Drawn("normal", 0.0, 1.0, -6.0, -4.0),
    Drawn("uniform", 0.5, 4.0),
    Drawn("uniform", 0.5, 4.0, 1.0, 2.0),
    Drawn("lognormal", 0.0, 0.5),
    Drawn("lognormal", 0.0, 0.5, 0.5, 2.0),
    Drawn("normal", 2.0, 0.0),
]
N = 4000
KEY = 0x1234_5678_9ABC_DEF0


@inner
def _delays(p, tags, out):  # type: ignore[no-untyped-def]
    row_delays(p, 7, tags, out)


@njit
def delays_of(p, tags, out):  # type: ignore[no-untyped-def]
    _delays(p, tags, out)


@njit
def weights_of(p, c, tags, out):  # type: ignore[no-untyped-def]
    row_weights(p, c, 7, tags, out)


@njit
def indices_of(p, tags, out):  # type: ignore[no-untyped-def]
    row_indices(p, 7, tags, out)


def plain() -> Procedure:
    return procedure("row_dense", 10, 10, 1, 10, False)


def words(purpose: int, n: int = N) -> np.ndarray:
    key = np.uint64(subkey(np.uint64(KEY), 7, purpose))
    return np.array([bits(key, np.uint32(i)) for i in range(n)], np.uint64)


@pytest.mark.parametrize("drawn", LAWS)
def test_weights_are_the_quantiles_of_their_words(drawn: Drawn) -> None:
    made = with_weights(plain(), law(drawn), KEY, "drawn", np.float64)
    out = np.empty(N)
    weights_of(made.integers, made.numbers, np.arange(N, dtype=np.uint32), out)
    exact = [law(drawn).quantile((float(w) + 0.5) / WORDS) for w in words(WEIGHT)]
    assert np.allclose(out, exact, rtol=1e-9, atol=1e-12)
    assert out.min() >= drawn.low and out.max() <= drawn.high


@pytest.mark.parametrize("drawn", LAWS)
@pytest.mark.parametrize("dt", [0.1, 0.01])
def test_delays_are_the_rounded_quantiles_of_their_words(drawn: Drawn, dt: float) -> None:
    made = with_delays(plain(), law(drawn), KEY, dt)
    out = np.empty(N, np.uint16)
    delays_of(made.integers, np.arange(N, dtype=np.uint32), out)
    values = np.array([law(drawn).quantile((float(w) + 0.5) / WORDS) for w in words(DELAY)]) / dt
    exact = np.maximum(np.rint(values), 1)
    halfway = np.abs(values - np.floor(values) - 0.5) < 1e-6
    assert halfway.sum() < 3 and np.array_equal(out[~halfway], exact[~halfway])
    assert made.delay_span[0] <= out.min() and out.max() <= made.delay_span[1]


def test_every_beginning_of_a_word_leads_to_its_delay() -> None:
    """The greatest and the smallest word of each of the guide's cells, against a search among all cuts."""
    cuts, guide = delay_cuts(law(Drawn("normal", 3.0, 2.0, 0.1)), 0.1)
    cells = np.arange(GUIDE, dtype=np.uint64) * (WORDS // GUIDE)
    for word in (cells, cells + (WORDS // GUIDE - 1)):
        d = guide.astype(int)
        while (behind := word > cuts[d]).any():
            d = d + behind
        assert np.array_equal(d, np.maximum(np.searchsorted(cuts, word, side="left"), 1))


@pytest.mark.parametrize("drawn", LAWS)
def test_a_table_keeps_the_mean_and_states_its_error(drawn: Drawn) -> None:
    values, rms, most = table(law(drawn))
    u = (np.arange(100_000) + 0.5) / 100_000
    exact = np.array([law(drawn).quantile(x) for x in u])
    stood = values[(u * 256).astype(int)]
    sd = exact.std()
    assert abs(values.mean() - exact.mean()) <= 1e-4 * sd + 1e-12
    if sd == 0.0:
        assert rms == most == 0.0
        return
    error = (stood - exact) / sd
    assert abs(math.sqrt(float(np.mean(error**2))) - rms) < 0.03 * rms + 1e-6
    assert np.abs(error).max() <= most * (1 + 1e-6) and most < 40.0
    assert rms < 0.1


def test_the_place_in_a_table_is_the_beginning_of_the_word() -> None:
    made = with_weights(plain(), law(LAWS[1]), KEY, "table", np.float32)
    out = np.empty(N, np.uint8)
    indices_of(made.integers, np.arange(N, dtype=np.uint32), out)
    assert np.array_equal(out, words(WEIGHT) >> np.uint64(24))


@pytest.mark.parametrize(
    ("drawn", "mean", "sd"), [(LAWS[4], 2.25, 3.5 / math.sqrt(12)), (LAWS[1], 1.0, 0.1), (LAWS[5], 1.5, 1 / math.sqrt(12))]
)
def test_moments(drawn: Drawn, mean: float, sd: float) -> None:
    made = with_weights(plain(), law(drawn), KEY, "drawn", np.float32)
    out = np.empty(200_000, np.float32)
    weights_of(made.integers, made.numbers, np.arange(200_000, dtype=np.uint32), out)
    assert abs(out.mean() - mean) < 5 * sd / math.sqrt(200_000)
    assert abs(out.std() / sd - 1) < 0.01


def test_bounds_that_leave_nothing_give_the_bound() -> None:
    made = with_weights(plain(), law(Drawn("normal", 0.0, 1.0, 50.0, 60.0)), KEY, "drawn", np.float64)
    out = np.empty(10)
    weights_of(made.integers, made.numbers, np.arange(10, dtype=np.uint32), out)
    assert (out == 50.0).all()
