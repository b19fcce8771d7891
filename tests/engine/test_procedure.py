"""Drawn again is the same as written down; buffers are never overrun."""

from __future__ import annotations

import numpy as np
import pytest
from engine.networks import Named, network, pairs, population, projection
from numba import njit

from studio.engine import topology
from studio.engine.connectivity import Ends, build, kept_stored, listed, split
from studio.engine.laws import row_delays, row_indices, row_weights
from studio.engine.rows import Rows
from studio.engine.run import simulate
from studio.network.flat import Drawn, FlatProjection

WEIGHT, DELAY = Drawn("normal", 1.0, 0.2), Drawn("uniform", 0.5, 4.0)
DRAWN: list[Named] = [
    ("probability", {"p": 0.11}),
    ("fixed_out_degree", {"k": 900}),
    ("fixed_total_number", {"n": 15_000}),
    ("regular", {"k": 60}),
    ("all_to_all", {}),
]


def wired(connector: Named, same: bool = False, **more: object) -> FlatProjection:
    return projection("p", "a", "a" if same else "b", connector, **more)  # type: ignore[arg-type]


def both(p: FlatProjection, ends: Ends, parts: int, weights: str) -> tuple[list[Rows], list[Rows]]:
    cut = split(ends.n_target, parts)
    return tuple(build(p, ends, 1, 0.1, np.float32, cut, weights, procedural) for procedural in (False, True))  # type: ignore[return-value]


@pytest.mark.parametrize("connector", DRAWN)
@pytest.mark.parametrize("weights", ["float32", "table256"])
@pytest.mark.parametrize("parts", [1, 3])
def test_stored_is_procedural_written_down(connector: Named, weights: str, parts: int) -> None:
    p = wired(connector, weight=WEIGHT, delay=DELAY)
    ends = Ends(40, 4800, False) if connector[0] != "regular" else Ends(80, 4800, False)
    stored, again = both(p, ends, parts, weights)
    assert all(r.procedure is not None and r.nbytes < 2000 for r in again)
    assert all(r.procedure is None and (r.n > 0) for r in stored)
    one, other = listed(stored, 0.1), listed(again, 0.1)
    for name in ("sources", "targets", "weights", "delays"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    assert [r.n for r in stored] == [r.n for r in again]
    assert stored[0].table_error == again[0].table_error
    assert min(r.shortest for r in again) <= min(r.shortest for r in stored)
    assert max(r.longest for r in again) >= max(r.longest for r in stored)


@njit
def row_of(p, c, which, source, targets, tags):  # type: ignore[no-untyped-def]
    if which == 0:
        return topology.row_bernoulli(p, c, source, targets, tags)
    if which == 1:
        return topology.row_out_degree(p, c, source, targets, tags)
    if which == 2:
        return topology.row_regular(p, c, source, targets, tags)
    if which == 3:
        return topology.row_regular_apart(p, c, source, targets, tags)
    return topology.row_dense(p, c, source, targets, tags)


NAMES = ["row_bernoulli", "row_out_degree", "row_regular", "row_regular_apart", "row_dense"]


@njit
def synapses_of(p, c, source, tags, weights, indices, delays):  # type: ignore[no-untyped-def]
    row_weights(p, c, source, tags, weights)
    row_indices(p, source, tags, indices)
    row_delays(p, source, tags, delays)


@pytest.mark.parametrize("connector", [*DRAWN, ("probability", {"p": 0.9999})])
@pytest.mark.parametrize("autapses", [0, 1])
def test_a_kernel_that_draws_a_row_gets_the_stored_row_in_buffers_of_the_promised_size(connector: Named, autapses: int) -> None:
    n = 4800
    p = wired((connector[0], {**connector[1], "autapses": autapses}), same=True, weight=WEIGHT, delay=DELAY)
    stored, again = both(p, Ends(n, n, True), 3, "float32")
    for rows, drawn in zip(stored, again, strict=True):
        made = drawn.procedure
        assert made is not None
        memory = np.full((2, made.longest + 64), 0xABCDABCD, np.uint32)
        targets, tags = memory[0, : made.longest], memory[1, : made.longest]
        for source in (0, 1, 777, rows.low, min(rows.high, n - 1), n - 1):
            got = row_of(made.integers, made.numbers, NAMES.index(made.scheme), source, targets, tags)
            a, b = rows.starts[source], rows.starts[source + 1]
            assert got == b - a and got <= made.longest
            weights, indices, delays = np.empty(got, np.float32), np.empty(got, np.uint8), np.empty(got, np.uint8)
            synapses_of(made.integers, made.numbers, source, tags[:got], weights, indices, delays)
            order = np.argsort(delays, kind="stable")
            assert np.array_equal(targets[:got][order], rows.targets[a:b])
            assert rows.weights is not None and np.array_equal(weights[order], rows.weights[a:b])
            assert rows.delays is not None and np.array_equal(delays[order], rows.delays[a:b])
        assert (memory[:, made.longest :] == 0xABCDABCD).all()


def test_tags_count_the_draws_of_the_whole_row() -> None:
    """The same synapse has the same tag in every part: together they are 0 to k - 1."""
    p = wired(("fixed_out_degree", {"k": 2000}))
    seen = []
    for rows in build(p, Ends(3, 9000, False), 1, 0.1, np.float32, split(9000, 4), procedural=True):
        made = rows.procedure
        assert made is not None
        targets, tags = np.empty(made.longest, np.uint32), np.empty(made.longest, np.uint32)
        seen.append(tags[: row_of(made.integers, made.numbers, 1, 2, targets, tags)].copy())
    assert np.array_equal(np.sort(np.concatenate(seen)), np.arange(2000))


@pytest.mark.parametrize(
    ("p", "why"),
    [
        (wired(("fixed_in_degree", {"k": 3})), "draws its sources"),
        (wired(("one_to_one", {})), "list"),
        (wired(pairs([0], [1])), "list"),
        (wired(("all_to_all", {}), weight=np.ones((20, 20))), "one by one"),
        (wired(("all_to_all", {}), plasticity=("stdp_pair", {})), "learn"),
        (wired(("all_to_all", {}), kinetics=None), "analog"),
    ],
)
def test_what_cannot_be_drawn_again_is_stored_and_says_why(p: FlatProjection, why: str) -> None:
    reason = kept_stored(p, Ends(20, 20, False))
    assert reason is not None and why in reason
    (rows,) = build(p, Ends(20, 20, False), 1, 0.1, procedural=True)
    assert rows.procedure is None and rows.n > 0


def test_learning_weights_are_never_a_table() -> None:
    p = wired(("fixed_out_degree", {"k": 9}), weight=WEIGHT, plasticity=("stdp_pair", {}))
    (rows,) = build(p, Ends(20, 20, False), 1, 0.1, np.float32, weights="table256")
    assert rows.table is None and rows.weights is not None and rows.weights.dtype == np.float32


def test_a_recording_says_how_its_synapses_were_kept() -> None:
    projections = [
        projection("in", "a", "a", ("fixed_in_degree", {"k": 3}), Drawn("normal", 0.1, 0.01)),
        projection("out", "a", "a", ("fixed_out_degree", {"k": 3}), Drawn("normal", 0.1, 0.01)),
    ]
    run = {"duration": 1.0, "weights": "table256", "connectivity": "procedural"}
    kept = simulate(network([population("a", 20)], [], projections, **run)).provenance
    assert kept["weights"] == "table256" and kept["connectivity"] == "procedural"
    assert set(kept["table_errors"]) == {"in", "out"} and 0.02 < kept["table_errors"]["out"][0] < 0.03
    assert list(kept["stored"]) == ["in"] and "draws its sources" in kept["stored"]["in"]
    plain = simulate(network([population("a", 20)], [], projections, duration=1.0)).provenance
    assert plain["weights"] == "float32" and plain["connectivity"] == "stored" and "stored" not in plain
