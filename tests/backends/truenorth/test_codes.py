"""Weights by four axon types."""

from __future__ import annotations

import numpy as np
import pytest

from studio.backends.truenorth import codes


def groups(*sizes: int) -> np.ndarray:
    return np.repeat(np.arange(len(sizes)), sizes)


def test_one_axon_a_source_where_every_neuron_hears_a_projection_with_one_weight() -> None:
    rng = np.random.default_rng(1)
    heard = rng.random((30, 9)) < 0.4
    own = rng.normal(size=9)  # every target has its own weight
    code = codes.encode(np.where(heard, own, 0.0), groups(30), 256)
    assert code is not None and code.exact and code.axons == (heard.any(axis=1)).sum()
    assert np.array_equal(code.weights(), np.where(heard, own, 0.0))


def test_projections_with_equal_weights_share_a_type() -> None:
    weights = np.repeat([[2.0, 3.0], [-1.0, -4.0], [2.0, 3.0], [5.0, 5.0], [-1.0, 0.0], [0.5, 0.5]], 2, axis=0)
    code = codes.encode(weights, groups(*[2] * 6), 256)
    assert code is not None and code.exact and code.axons == 12
    assert np.array_equal(code.weights(), weights)


def test_an_axon_for_each_distinct_weight_of_a_source() -> None:
    weights = np.array([[1.0, -2.0, 1.0], [1.0, 1.0, 1.0], [0.0, 3.0, -2.0]])
    code = codes.encode(weights, groups(3), 256)
    assert code is not None and code.exact and code.axons == 2 + 1 + 2
    assert np.array_equal(code.weights(), weights)


def test_sixteen_levels_that_four_weights_span_are_found_exactly() -> None:
    rng = np.random.default_rng(3)
    weights = rng.integers(-8, 8, (40, 3)).astype(float) * np.array([0.5, 1.0, 0.1])
    code = codes.encode(weights, groups(40), 256)
    assert code is not None and not code.exact and code.axons <= 160
    assert np.allclose(code.weights(), weights, atol=1e-6)


@pytest.mark.parametrize(("sources", "limit", "error"), [(64, 256, 0.12), (128, 256, 0.35), (256, 256, 0.75)])
def test_what_axons_are_there_are_spent_and_the_error_falls_with_them(sources: int, limit: int, error: float) -> None:
    rng = np.random.default_rng(7)
    weights = rng.normal(size=(sources, 12))
    code = codes.encode(weights, groups(sources), limit)
    assert code is not None and code.axons <= limit
    left = np.sqrt(((code.weights() - weights) ** 2).mean())
    assert left < error
    if sources == 64:
        coarse = codes.encode(weights, groups(sources), limit, each=2)
        assert coarse is not None and coarse.axons <= 128
        assert np.sqrt(((coarse.weights() - weights) ** 2).mean()) > left


def test_more_sources_than_axons_have_no_code() -> None:
    assert codes.encode(np.ones((257, 1)), groups(257), 256) is None
