"""The drawing schemes: what each promises of degrees and pairs, whatever the blocks and parts; the regular one as a permutation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from engine.networks import Named, projection
from numba import njit

from studio.engine import topology as T
from studio.engine.binomials import binomial, binomial_near_half
from studio.engine.connectivity import Ends, build, listed, split
from studio.engine.recording import Synapses
from studio.engine.sharing import share


def drawn(connector: Named, ns: int, nt: int, parts: int = 1, same: bool = False, seed: int = 1) -> Synapses:
    p = projection("p", "a", "a" if same else "b", connector)
    return listed(build(p, Ends(ns, nt, same), seed, 0.1, np.float32, split(nt, parts)), 0.1)


@njit
def many_near_half(n, p, out):  # type: ignore[no-untyped-def]
    for i in range(out.shape[0]):
        out[i] = binomial_near_half(np.uint64(12345 + i * 7919), n, p)


@njit
def many_binomials(n, p, out):  # type: ignore[no-untyped-def]
    for i in range(out.shape[0]):
        out[i] = binomial(np.uint64(99), i, n, p)


def pmf(n: int, p: float) -> np.ndarray:
    k = np.arange(n + 1)
    logs = np.array([math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) for i in k])
    return np.exp(logs + k * math.log(p) + (n - k) * math.log1p(-p))


def chi_square(counts: np.ndarray, expected: np.ndarray) -> float:
    """In standard deviations above what chance gives, cells of less than 8 put together."""
    order = np.argsort(-expected)
    counts, expected = counts[order], expected[order]
    enough = expected >= 8
    c, e = np.append(counts[enough], counts[~enough].sum()), np.append(expected[enough], expected[~enough].sum())
    c, e = (c, e) if e[-1] >= 8 else (c[:-1], e[:-1])
    df = len(c) - 1
    return float((((c - e) ** 2 / e).sum() - df) / math.sqrt(2 * df))


@pytest.mark.parametrize(("n", "p"), [(1, 0.5), (63, 0.5), (64, 0.5), (65, 0.503), (200, 0.497), (1250, 0.5004), (300, 0.55)])
def test_halves_are_binomial(n: int, p: float) -> None:
    out = np.empty(100_000, np.int64)
    many_near_half(n, p, out)
    assert out.min() >= 0 and out.max() <= n
    assert abs(chi_square(np.bincount(out, minlength=n + 1), pmf(n, p) * len(out))) < 5


@pytest.mark.parametrize(("n", "p"), [(5, 0.3), (100, 0.01), (1000, 0.37), (40, 0.9)])
def test_binomials_are_binomial(n: int, p: float) -> None:
    out = np.empty(100_000, np.int64)
    many_binomials(n, p, out)
    assert abs(chi_square(np.bincount(out, minlength=n + 1), pmf(n, p) * len(out))) < 5


def test_a_total_is_shared_exactly_also_when_it_is_huge() -> None:
    small = share(np.uint64(5), 100_000, 1000)
    assert small.sum() == 100_000 and abs(small.var() / 100 - 1) < 0.25
    huge = share(np.uint64(5), 1 << 40, 64)
    mean = (1 << 40) / 64
    assert huge.sum() == 1 << 40 and (abs(huge - mean) < 6 * math.sqrt(mean)).all() and len(set(huge)) > 60


@pytest.mark.parametrize(
    ("n", "degree", "count"), [(100, 1e6, 1), (4095, 1e6, 1), (4096, 400, 2), (12_500, 1250, 4), (10**6, 5000, 16), (10**6, 100, 1)]
)
def test_the_number_of_blocks_depends_on_sizes_alone(n: int, degree: float, count: int) -> None:
    assert T.blocks(n, degree) == count


BLOCKY: list[Named] = [
    ("fixed_out_degree", {"k": 3300}),
    ("fixed_total_number", {"n": 100_000}),
    ("probability", {"p": 0.1}),
    ("regular", {"k": 1100}),
]


@pytest.mark.parametrize("connector", BLOCKY)
@pytest.mark.parametrize("autapses", [0, 1])
def test_parts_cut_blocks_without_a_trace(connector: Named, autapses: int) -> None:
    """Sizes with several blocks; 2 and 4 parts fall on their borders, 3 and 5 cut through them."""
    n = 33_000 if connector[0] != "regular" else 1100
    ns = 30 if connector[0] != "regular" else 1100
    named = (connector[0], {**connector[1], "autapses": autapses})
    one = drawn(named, ns, n, 1, same=True)
    assert len(one) > 20_000
    for parts in (2, 3, 4, 5):
        many = drawn(named, ns, n, parts, same=True)
        assert np.array_equal(one.sources, many.sources) and np.array_equal(one.targets, many.targets), parts
    assert (one.sources == one.targets).any() == bool(autapses) or connector[0] != "regular"


def test_out_degree_over_many_blocks_is_even_and_poisson_like() -> None:
    n, k = 40_000, 4000
    assert T.blocks(n, k) == 16
    s = drawn(("fixed_out_degree", {"k": k}), 200, n)
    assert (np.bincount(s.sources) == k).all()
    into = np.bincount(s.targets, minlength=n)
    assert abs(into.var() / (200 * k / n) - 1) < 0.05
    per_block = np.bincount(s.targets // 2500, minlength=16)
    assert abs(chi_square(per_block, np.full(16, 200 * k / 16))) < 5
    own = np.bincount(s.sources * 16 + s.targets // 2500, minlength=3200)  # each source's share of each block
    assert abs(own.var() / (k / 16 * 15 / 16) - 1) < 0.12


def test_without_autapses_every_other_pair_is_equally_likely() -> None:
    s = drawn(("fixed_out_degree", {"k": 20_000}), 12, 12, same=True)
    t = drawn(("fixed_out_degree", {"k": 20_000, "autapses": 0}), 12, 12, same=True)
    for pairs, cells in ((s, 144), (t, 132)):
        counts = np.bincount(pairs.sources * 12 + pairs.targets, minlength=144)
        assert (counts > 0).sum() == cells
        assert abs(chi_square(counts[counts > 0], np.full(cells, 240_000 / cells))) < 5


@pytest.mark.parametrize("p", [0.5, 0.02, 0.0005])
def test_gaps_are_geometric_and_pairs_independent(p: float) -> None:
    ns, nt = (200, 20_000) if p < 0.1 else (40, 10_000)
    s = drawn(("probability", {"p": p}), ns, nt)
    mean = ns * nt * p
    assert abs(len(s) - mean) < 5 * math.sqrt(mean * (1 - p))
    inside = s.sources[1:] == s.sources[:-1]
    gaps = np.diff(s.targets)[inside]
    most = int(min(400, 5 / p))
    chances = p * (1 - p) ** np.arange(most)
    counts = np.bincount(np.minimum(gaps - 1, most), minlength=most + 1)[:most]
    if p >= 0.02:
        assert abs(chi_square(counts, chances * len(gaps))) < 5
    firsts = s.targets[np.searchsorted(s.sources, np.arange(ns))]
    assert len(np.unique(firsts)) > 1
    thirds = np.bincount(s.targets * 3 // nt, minlength=3)
    assert abs(chi_square(thirds, np.full(3, len(s) / 3))) < 5


def test_no_synapse_where_the_chance_is_next_to_nothing() -> None:
    assert len(drawn(("probability", {"p": 1e-13}), 50, 5000)) == 0


REGULAR = [
    (60, 40, 20, True),
    (997, 997, 31, True),
    (997, 997, 31, False),
    (7, 7, 3, False),
    (1, 5, 10, True),
    (4096, 64, 5, True),
    (2, 2, 9, False),
]


@pytest.mark.parametrize(("ns", "nt", "k", "autapses"), REGULAR)
def test_regular_degrees_are_exact(ns: int, nt: int, k: int, autapses: bool) -> None:
    s = drawn(("regular", {"k": k, "autapses": int(autapses)}), ns, nt, same=ns == nt)
    assert (np.bincount(s.sources, minlength=ns) == k).all()
    assert (np.bincount(s.targets, minlength=nt) == ns * k // nt).all()
    assert autapses or not (s.sources == s.targets).any()


@pytest.mark.parametrize("autapses", [0, 1])
def test_regular_pairs_are_as_even_as_chance(autapses: int) -> None:
    """How often a pair is connected: nearly Poisson, over all pairs, and differently with another seed."""
    n, k = 400, 400
    s = drawn(("regular", {"k": k, "autapses": autapses}), n, n, same=True)
    times = np.bincount(s.sources * n + s.targets, minlength=n * n)
    if not autapses:
        times = np.delete(times, np.arange(n) * (n + 1))
    mean = n * k / len(times)
    poisson = np.array([math.exp(-mean) * mean**i / math.factorial(i) for i in range(8)]) * len(times)
    assert abs(np.bincount(times, minlength=8)[:8] / poisson - 1)[:4].max() < 0.03
    assert abs(times.var() / mean - 1) < 0.02
    other = drawn(("regular", {"k": k, "autapses": autapses}), n, n, same=True, seed=2)
    again = np.bincount(other.sources * n + other.targets, minlength=n * n)
    again = again if autapses else np.delete(again, np.arange(n) * (n + 1))
    assert abs(np.corrcoef(times, again)[0, 1]) < 5 / n


@pytest.mark.parametrize("autapses", [0, 1])
def test_neighbouring_sources_of_a_regular_network_have_nothing_in_common(autapses: int) -> None:
    n, k = 500, 100
    p = projection("p", "a", "a", ("regular", {"k": k, "autapses": autapses}), weight=1.0)
    rows = build(p, Ends(n, n, True), 3, 0.1)[0]
    drawn_order = rows.targets.reshape(n, k).astype(float)
    scale = drawn_order.std()
    for a, b in ((drawn_order[1:], drawn_order[:-1]), (drawn_order[:, 1:], drawn_order[:, :-1])):
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 5 / math.sqrt(a.size)
        steps = np.bincount(((a - b) % n).astype(int).ravel(), minlength=n)
        assert abs(chi_square(steps[1:], np.full(n - 1, steps[1:].sum() / (n - 1)))) < 6
    assert abs(scale / (n / math.sqrt(12)) - 1) < 0.01


def test_small_permutations_are_all_about_equally_likely() -> None:
    """Each of the 24 orders of four synapses onto four targets, over many seeds."""
    found: dict[tuple[int, ...], int] = {}
    for seed in range(2400):
        rows = build(projection("p", "a", "b", ("regular", {"k": 1})), Ends(4, 4, False), seed, 0.1)[0]
        order = tuple(rows.targets.tolist())
        found[order] = found.get(order, 0) + 1
    assert len(found) == 24
    assert abs(chi_square(np.array(list(found.values())), np.full(24, 100.0))) < 6


def test_sixty_four_bits_are_enough_for_a_billion_of_billions_of_slots() -> None:
    """One row of a regular network with 2**41 synapses, never built: its targets lie inside and are spread evenly."""
    from studio.engine.fill import draw_regular
    from studio.engine.procedure import procedure

    ns, k = 1 << 31, 1 << 10
    side = math.isqrt(ns * k - 1) + 1
    rounds = np.arange(1, 9, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    made = procedure("row_regular", ns, ns, 5, k, False, ROUNDS=rounds, DEGREE=k, IN_DEGREE=k, SIDE=side, OTHER_SIDE=side)
    targets, tags = np.empty(made.longest, np.uint32), np.empty(made.longest, np.uint32)
    starts = np.zeros(ns // 4 // 1000, np.int64)
    last = 2_000_000_000 // 4000
    assert draw_regular(made.integers, made.numbers, made.longest, last, starts, targets, tags) == last + 1
    drawn_here = targets[:k].astype(float) / ns
    assert starts[last + 1] == k and drawn_here.max() < 1.0
    assert abs(drawn_here.mean() - 0.5) < 5 / math.sqrt(12 * k)
