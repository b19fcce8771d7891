"""Synapses: what each connector promises, whatever the parts, in as few bytes as the network allows."""

from __future__ import annotations

import numpy as np
import pytest
from engine.networks import Named, pairs, projection
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.engine import fill
from studio.engine.connectivity import Ends, build, listed, split
from studio.engine.construction import Recipe, _Columns, _sort
from studio.engine.procedure import procedure
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
PER_SOURCE = [RANDOM[0], RANDOM[2], RANDOM[3]]


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


@pytest.mark.parametrize("connector", PER_SOURCE)
@pytest.mark.parametrize(("n", "dtype"), [(65_536, np.uint16), (65_537, np.uint32)])
def test_random_targets_at_the_border_of_16_bits_reach_the_last_neuron(connector: Named, n: int, dtype: type) -> None:
    named = ("probability", {"p": 0.01}) if connector[0] == "probability" else (connector[0], {next(iter(connector[1])): 1000})
    s, rows = synapses(wired(named), 400, n), build(wired(named), Ends(400, n, False), 1, 0.1)[0]
    assert rows.targets.dtype == dtype and rows.targets.max() < n
    assert s.targets.max() > 0.999 * n or len(s) < 10_000


def test_parts_of_unequal_width_are_kept_alike() -> None:
    """131,074 targets in two parts: 65,552 and 65,522; both take four bytes, as one kernel serves all parts."""
    cut = split(131_074, 2)
    assert max(b - a for a, b in cut) > 65_536 > min(b - a for a, b in cut)
    rows = build(wired(("fixed_out_degree", {"k": 50})), Ends(20, 131_074, False), 1, 0.1, np.float32, cut)
    assert {r.targets.dtype.name for r in rows} == {"uint32"}


@pytest.mark.parametrize(("most", "dtype"), [(25.5, np.uint8), (25.6, np.uint16), (6553.5, np.uint16)])
def test_drawn_delays_at_the_borders_of_their_integers(most: float, dtype: type) -> None:
    p = wired(("fixed_out_degree", {"k": 4000}), delay=Drawn("uniform", 0.1, most))
    (rows,) = build(p, Ends(50, 500, False), 1, 0.1)
    assert rows.delays is not None and rows.delays.dtype == dtype
    assert round(most / 0.1) * 0.99 < rows.longest <= round(most / 0.1) and rows.longest == rows.delays.max()
    assert rows.shortest == rows.delays.min() >= 1
    for a, b in zip(rows.starts[:-1], rows.starts[1:], strict=True):
        assert (np.diff(rows.delays[a:b].astype(int)) >= 0).all()


def test_drawn_delays_beyond_the_longest_are_refused_in_words() -> None:
    with pytest.raises(FindingError, match="65536 steps"):
        build(wired(("fixed_out_degree", {"k": 4}), delay=Drawn("uniform", 1.0, 6553.6)), Ends(5, 5, False), 1, 0.1)


@pytest.mark.parametrize("connector", [*RANDOM, ("regular", {"k": 0}), ("one_to_one", {})])
@pytest.mark.parametrize("parts", [1, 3])
@pytest.mark.parametrize("procedural", [False, True])
def test_nobody_at_either_end(connector: Named, parts: int, procedural: bool) -> None:
    for ns, nt in ((0, 0),) if connector[0] == "one_to_one" else ((0, 5), (5, 0), (0, 0)):
        p = wired(connector, weight=WEIGHT, delay=DELAY)
        rows = build(p, Ends(ns, nt, False), 1, 0.1, np.float32, split(nt, parts), "table256", procedural)
        assert len(listed(rows, 0.1)) == 0 and sum(r.n for r in rows) == 0


@pytest.mark.parametrize("connector", [*RANDOM, ("regular", {"k": 3})])
def test_one_neuron_without_autapses_has_no_synapses(connector: Named) -> None:
    p = wired((connector[0], {**connector[1], "autapses": 0}), weight=WEIGHT, delay=DELAY)
    assert len(synapses(p, 1, 1, same=True)) == 0


@pytest.mark.parametrize("connector", [("fixed_in_degree", {"k": 0}), ("fixed_out_degree", {"k": 0}), ("fixed_total_number", {"n": 0})])
def test_no_synapses_asked_for(connector: Named) -> None:
    assert len(synapses(wired(connector, weight=WEIGHT, delay=DELAY), 7, 11, 2)) == 0


def test_places_beyond_two_to_the_31() -> None:
    """Rows that begin after synapse 2**31: memory that is reserved and not touched, but for the last rows."""
    first, n = (1 << 31) + 12_345, 1000
    made = procedure("row_out_degree", 10, 500, 7, n, False, DEGREE=n)
    targets, tags = np.empty(made.longest, np.uint32), np.empty(made.longest, np.uint32)
    starts = np.zeros(11, np.int64)
    starts[9] = first
    assert fill.draw_out_degree(made.integers, made.numbers, made.longest, 9, starts, targets, tags) == 10
    assert starts[10] == first + n
    try:
        columns = _Columns.of(Recipe(made, 0.0, 0.0, 0, np.uint16, np.uint8, np.uint8, delays=lambda s, t, tags: tags), first + n)
    except MemoryError:
        pytest.skip("this machine does not reserve memory that it does not have")
    delays = np.arange(n, dtype=np.uint16)[::-1] % 200
    _sort(columns, starts[9:], targets[:n], np.empty(0, np.uint8), delays)
    order = np.argsort(delays, kind="stable")
    assert np.array_equal(columns.targets[first:], targets[:n][order]) and np.array_equal(columns.delays[first:], delays[order])


@pytest.mark.parametrize("weights", ["float32", "table256"])
def test_listed_weights_are_those_used(weights: str) -> None:
    """Out of a table: one of its 256 values each; and close to what single precision would have drawn."""
    p = wired(("fixed_out_degree", {"k": 300}), weight=Drawn("normal", 1.0, 0.1, 0.0))
    s = listed(build(p, Ends(40, 50, False), 1, 0.1, np.float32, split(50, 2), weights), 0.1)
    exact = listed(build(p, Ends(40, 50, False), 1, 0.1, np.float64), 0.1)
    assert np.array_equal(s.targets, exact.targets)
    assert len(np.unique(s.weights)) <= 256 or weights == "float32"
    (rows,) = build(p, Ends(40, 50, False), 1, 0.1, np.float32, weights="table256")
    assert rows.table_error is not None and rows.table is not None and rows.weights is not None and rows.weights.dtype == np.uint8
    rms = np.sqrt(np.mean((s.weights - exact.weights) ** 2)) / 0.1
    assert rms < (1e-5 if weights == "float32" else 1.2 * rows.table_error[0])


def test_in_degree_weights_do_not_depend_on_storage_or_parts() -> None:
    """Keyed by target and draw; every synapse has its own, in the order in which its target drew it."""
    p = wired(("fixed_in_degree", {"k": 700}), weight=WEIGHT, delay=DELAY)
    one, two = synapses(p, 333, 401), synapses(p, 333, 401, 3)
    for name in ("sources", "targets", "weights", "delays"):
        assert np.array_equal(getattr(one, name), getattr(two, name))
    plain = synapses(wired(("fixed_in_degree", {"k": 700})), 333, 401)
    assert np.array_equal(one.sources, plain.sources) and np.array_equal(one.targets, plain.targets)
    assert len(np.unique(one.weights)) > 0.999 * len(one)
    assert abs(np.corrcoef(one.weights[1:], one.weights[:-1])[0, 1]) < 5 / np.sqrt(len(one))
    assert abs(np.corrcoef(one.weights, one.delays)[0, 1]) < 5 / np.sqrt(len(one))


def test_a_matrix_reaches_random_connectors_too() -> None:
    w, d = np.arange(60 * 45.0).reshape(60, 45), np.full((60, 45), 0.3)
    d[7] = 2.0
    for connector in (("fixed_in_degree", {"k": 20}), ("fixed_out_degree", {"k": 20}), ("probability", {"p": 0.3}), ("regular", {"k": 3})):
        s = synapses(wired(connector, weight=w, delay=d), 60, 45, parts=2)
        assert np.array_equal(s.weights, w[s.sources, s.targets])
        assert np.allclose(s.delays, d[s.sources, s.targets])
