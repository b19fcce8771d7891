"""Synapses: what each connector promises, whatever the parts, in as few bytes as the network allows."""

from __future__ import annotations

import numpy as np
import pytest
from engine.networks import Named, pairs, projection
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.engine.connectivity import Ends, build, listed, split
from studio.findings import FindingError
from studio.network.flat import Drawn, FlatProjection

WEIGHT, DELAY = Drawn("normal", 1.0, 0.2), Drawn("uniform", 0.5, 4.0)


def wired(connector: Named, **more: object) -> FlatProjection:
    return projection("p", "a", "b", connector, **more)  # type: ignore[arg-type]


def synapses(p: FlatProjection, ns: int, nt: int, parts: int = 1, same: bool = False, seed: int = 1):
    return listed(build(p, Ends(ns, nt, same), seed, 0.1, np.float64, split(nt, parts)), 0.1)


RANDOM: list[Named] = [
    ("probability", {"p": 0.1}),
    ("fixed_in_degree", {"k": 9}),
    ("fixed_out_degree", {"k": 30}),
    ("fixed_total_number", {"n": 3000}),
    ("all_to_all", {}),
]


@settings(max_examples=25)
@given(st.sampled_from(RANDOM), st.integers(1, 40), st.integers(1, 3000), st.integers(1, 4), st.booleans())
def test_parts_never_change_a_network(connector: Named, ns: int, nt: int, parts: int, same: bool) -> None:
    p = wired(connector, weight=WEIGHT, delay=DELAY)
    ns = nt if same and nt < 400 else ns
    one, many = synapses(p, ns, nt), synapses(p, ns, nt, parts)
    for name in ("sources", "targets", "weights", "delays"):
        assert np.array_equal(getattr(one, name), getattr(many, name)), name


def test_probability_is_binomial_per_pair() -> None:
    s = synapses(wired(("probability", {"p": 0.1})), 400, 2500)
    assert abs(len(s) - 100_000) < 5 * np.sqrt(400 * 2500 * 0.09)
    assert len(np.unique(s.sources * 2500 + s.targets)) == len(s)
    per_target = np.bincount(s.targets, minlength=2500)
    assert abs(per_target.var() / (400 * 0.09) - 1) < 0.2


@pytest.mark.parametrize(("p", "n"), [(0.0, 0), (1.0, 600)])
def test_probability_at_its_ends(p: float, n: int) -> None:
    assert len(synapses(wired(("probability", {"p": p})), 20, 30)) == n


def test_in_degree_is_fixed_and_sources_are_even() -> None:
    s = synapses(wired(("fixed_in_degree", {"k": 50})), 100, 2000)
    assert (np.bincount(s.targets, minlength=2000) == 50).all()
    assert abs(np.bincount(s.sources, minlength=100) - 1000).max() < 6 * np.sqrt(1000)


def test_out_degree_is_fixed_and_targets_are_even_over_blocks() -> None:
    s = synapses(wired(("fixed_out_degree", {"k": 500})), 300, 5000)
    assert (np.bincount(s.sources, minlength=300) == 500).all()
    per_target = np.bincount(s.targets, minlength=5000)
    assert abs(per_target.mean() - 30) < 1e-9
    assert abs(per_target.var() / 30 - 1) < 0.15
    per_block = np.bincount(s.targets // 1024, minlength=5)
    assert abs(per_block[:4] / (150_000 * 1024 / 5000) - 1).max() < 0.03


def test_total_number_is_exact_and_out_degrees_are_binomial() -> None:
    s = synapses(wired(("fixed_total_number", {"n": 20_000})), 200, 777)
    assert len(s) == 20_000
    assert abs(np.bincount(s.sources, minlength=200).var() / 100 - 1) < 0.4


@pytest.mark.parametrize("connector", RANDOM)
@pytest.mark.parametrize("autapses", [True, False])
def test_autapses_only_where_allowed(connector: Named, autapses: bool) -> None:
    n = 60
    p = wired((connector[0], {**connector[1], "autapses": int(autapses)}))
    s = synapses(p, n, n, same=True)
    assert (s.sources == s.targets).any() == autapses
    assert len(np.unique(s.targets)) > n / 2
    between = synapses(p, n, n, same=False)
    assert (between.sources == between.targets).any(), "autapses are meant within one population only"


@pytest.mark.parametrize("connector", RANDOM[:4])
def test_seeds_and_keys_give_other_networks(connector: Named) -> None:
    first = synapses(wired(connector), 50, 500)
    other = synapses(wired(connector), 50, 500, seed=2)
    assert not np.array_equal(first.sources * 500 + first.targets, (other.sources * 500 + other.targets)[: len(first)])


def test_drawn_weights_belong_to_the_synapse() -> None:
    """Two connectors that give the same pair give it the same weight; multapses have their own."""
    a = synapses(wired(("all_to_all", {}), weight=WEIGHT), 30, 40)
    b = synapses(wired(("probability", {"p": 0.3}), weight=WEIGHT), 30, 40)
    assert np.array_equal(a.weights.reshape(30, 40)[b.sources, b.targets], b.weights)
    c = synapses(wired(("fixed_in_degree", {"k": 200}), weight=WEIGHT), 30, 40)
    assert len(np.unique(c.weights)) == len(c)
    assert abs(c.weights.mean() - 1.0) < 5 * 0.2 / np.sqrt(len(c))


def test_drawn_delays_are_whole_steps_of_at_least_one() -> None:
    s = synapses(wired(("fixed_in_degree", {"k": 100}), delay=Drawn("normal", 0.3, 0.4)), 30, 40)
    steps = s.delays / 0.1
    assert np.allclose(steps, np.rint(steps)) and steps.min() > 0.99


def test_rows_are_sorted_by_delay() -> None:
    rows = build(wired(("fixed_out_degree", {"k": 80}), delay=DELAY), Ends(50, 700, False), 1, 0.1)[0]
    assert rows.delays is not None and rows.delays.dtype == np.uint8
    for a, b in zip(rows.starts[:-1], rows.starts[1:], strict=True):
        assert (np.diff(rows.delays[a:b].astype(int)) >= 0).all()


def test_storage_is_as_small_as_the_network_allows() -> None:
    ends = Ends(1000, 5000, False)
    plain = build(wired(("fixed_in_degree", {"k": 100})), ends, 1, 0.1, np.float32)[0]
    assert plain.nbytes / plain.n < 2.02 and plain.weights is None and plain.delays is None
    full = build(wired(("fixed_in_degree", {"k": 100}), weight=WEIGHT, delay=DELAY), ends, 1, 0.1, np.float32)[0]
    assert full.nbytes / full.n < 7.02


@pytest.mark.parametrize(("n", "dtype"), [(65_536, np.uint16), (65_537, np.uint32)])
def test_targets_at_the_border_of_16_bits(n: int, dtype: type) -> None:
    rows = build(wired(("one_to_one", {})), Ends(n, n, False), 1, 0.1)[0]
    assert rows.targets.dtype == dtype
    assert np.array_equal(rows.targets, np.arange(n))


@pytest.mark.parametrize(("delay", "dtype"), [(25.5, np.uint8), (25.6, np.uint16), (6553.5, np.uint16)])
def test_delays_at_the_borders_of_their_integers(delay: float, dtype: type) -> None:
    rows = build(wired(pairs([0, 0], [0, 1]), delay=np.array([delay, 1.0])), Ends(1, 2, False), 1, 0.1)[0]
    assert rows.delays is not None and rows.delays.dtype == dtype
    assert rows.longest == round(delay / 0.1)


@pytest.mark.parametrize("delay", [6553.6, np.array([1.0, 7000.0])])
def test_longer_delays_are_refused_in_words(delay: object) -> None:
    with pytest.raises(FindingError, match="65535 steps"):
        build(wired(pairs([0, 0], [0, 1]), delay=delay), Ends(1, 2, False), 1, 0.1)


def test_lists_keep_their_weights_and_delays() -> None:
    s, t = np.array([3, 1, 1, 3, 0]), np.array([0, 2, 2, 1, 1])
    w, d = np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([0.5, 0.4, 0.3, 0.2, 0.1])
    got = synapses(wired(pairs(s, t), weight=w, delay=d), 4, 3)
    assert set(zip(got.sources, got.targets, got.weights, np.round(got.delays, 9), strict=True)) == set(zip(s, t, w, d, strict=True))


def test_a_matrix_gives_all_to_all_its_weights() -> None:
    w = np.arange(12.0).reshape(3, 4)
    got = synapses(wired(("all_to_all", {}), weight=w), 3, 4, parts=2)
    assert np.array_equal(got.weights.reshape(3, 4), w)


def test_sizes_that_do_not_fit_are_refused_in_words() -> None:
    with pytest.raises(FindingError, match="equal sizes"):
        synapses(wired(("one_to_one", {})), 3, 4)
    with pytest.raises(FindingError, match="does not fit"):
        synapses(wired(("all_to_all", {}), weight=np.ones(5)), 3, 4)
