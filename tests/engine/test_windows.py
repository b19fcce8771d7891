"""Convolutions, pooling and matrices: what their definition says, whatever the storage, the threads and the cut."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from engine.networks import Named, fired, network, pairs, population, projection, source
from engine.rank_threads import played

from studio.engine import reference
from studio.engine.connectivity import Ends, build, listed, split, synapses
from studio.engine.redrawn import render
from studio.engine.run import simulate
from studio.findings import FindingError
from studio.network.flat import Drawn, FlatNetwork, Record

GRID = (4, 9, 7)


def conv(kernel: Any, grid: tuple[int, ...] = GRID, **params: Any) -> Named:
    return ("convolution", {"kernel": np.asarray(kernel), "source_shape": grid, **params})


def normal(*shape: int) -> np.ndarray:
    return np.random.default_rng(shape).normal(size=shape)


CASES: dict[str, tuple[Named, int]] = {  # the connector (shapes as flattening would give them), and the target's size
    "plain": (conv(normal(6, 4, 3, 3)), 6 * 7 * 5),
    "padded": (conv(normal(6, 4, 3, 3), padding_y=1, padding_x=1), 6 * 9 * 7),
    "strided": (conv(normal(5, 4, 3, 2), stride_y=2, stride_x=3, padding_y=2, padding_x=1), 5 * 6 * 3),
    "dilated": (conv(normal(3, 4, 3, 2), dilation_y=2, dilation_x=3, padding_y=1), 3 * 7 * 4),
    "grouped": (conv(normal(6, 2, 3, 3), groups=2, padding_x=1), 6 * 7 * 7),
    "depthwise": (conv(normal(8, 1, 2, 2), groups=4, stride_y=2, stride_x=2), 8 * 4 * 3),
    "one place": (conv(normal(7, 4, 1, 1)), 7 * 63),
    "one weight": (conv(normal(1, 1, 1, 1), (1, 9, 28)), 252),
    "line": (conv(normal(5, 4, 3), (4, 63), stride_x=2, padding_x=1, dilation_x=2), 5 * 31),
    "sum": (("pooling", {"source_shape": GRID, "stride_y": None, "stride_x": None}), 4 * 4 * 3),
    "mean": (("pooling", {"source_shape": GRID, "operation": "average", "size_y": 3, "size_x": 3, "stride_y": 2, "stride_x": 1, "padding_y": 1, "padding_x": 1}), 4 * 5 * 7),
    "matrix": (("dense", {"weights": normal(91, 252)}), 91),
}  # fmt: skip
case = pytest.mark.parametrize("name", CASES)


def defined(named: Named, n_target: int) -> np.ndarray:
    """The matrix (target, source) that a connector means, by loops over the definition in `studio.models.forms`."""
    form = projection("p", "a", "b", named).connector
    form = form.model.lower(form.params, 252, n_target)
    out = np.zeros((n_target, 252))
    if not hasattr(form, "window"):
        return np.asarray(form.weights)
    (channels, rows, columns), (out_channels, out_rows, out_columns) = form.grid, form.out
    n_in, n_out = channels // form.groups, out_channels // form.groups
    for o, y, x in np.ndindex(form.out):
        for k in range(n_in):
            for i, j in np.ndindex(form.window):
                down = y * form.stride[0] - form.padding[0] + i * form.dilation[0]
                along = x * form.stride[1] - form.padding[1] + j * form.dilation[1]
                if 0 <= down < rows and 0 <= along < columns:
                    w = form.scale if form.weights is None else form.weights[o, k, i, j]
                    out[(o * out_rows + y) * out_columns + x, ((o // n_out * n_in + k) * rows + down) * columns + along] += w
    return out


def matrix_of(found: Any, n_target: int) -> np.ndarray:
    out = np.zeros((n_target, 252))
    np.add.at(out, (found.targets, found.sources), found.weights)
    return out


@case
def test_the_synapses_are_those_of_the_definition(name: str) -> None:
    named, nt = CASES[name]
    p = projection("p", "a", "b", named, weight=0.5)
    for parts in (1, 2, 5):
        rows = build(p, Ends(252, nt, False), 1, 0.1, parts=split(nt, parts))
        assert all(r.procedure is not None and len(r.targets) == 0 for r in rows)
        found = listed(rows, 0.1)
        assert len(found) == p.connector.model.expected(p.connector.params, 252, nt) == sum(r.n for r in rows)
        assert len(np.unique(found.sources * nt + found.targets)) == len(found)
        np.testing.assert_array_equal(matrix_of(found, nt), 0.5 * defined(named, nt))


def test_a_convolution_is_scipys_cross_correlation() -> None:
    signal = pytest.importorskip("scipy.signal")
    kernel, x = normal(3, 2, 3, 3), normal(2, 8, 6)
    named = conv(kernel, (2, 8, 6), padding_y=1, padding_x=1)
    p = projection("p", "a", "b", named)
    found = listed(build(p, Ends(96, 144, False), 1, 0.1), 0.1)
    y = np.zeros(144)
    np.add.at(y, found.targets, found.weights * x.ravel()[found.sources])
    wanted = [sum(signal.correlate2d(x[c], kernel[o, c], "same") for c in range(2)) for o in range(3)]
    np.testing.assert_allclose(y.reshape(3, 8, 6), wanted, rtol=0, atol=1e-12)


def net(named: Named, nt: int, delay: Any = 1.5, plasticity: Named = ("static", {}), **run: Any) -> FlatNetwork:
    """Noise through 252 neurons and the connector onto others, and back."""
    back = ("probability", {"p": 0.02})
    return network(
        [population("a", 252), population("b", nt)],
        [source("in", 252, rate=9000.0)],
        [
            projection("in_a", "in", "a", ("one_to_one", {}), 0.9),
            projection("a_b", "a", "b", named, 2.0, delay, plasticity=plasticity),
            projection("b_a", "b", "a", back, -0.1, Drawn("uniform", 0.3, 3.0)),
            projection("in_b", "in", "b", ("probability", {"p": 0.02}), 0.4),
        ],
        duration=60.0,
        seed=3,
        **run,
    )


SPREAD = Drawn("normal", 1.5, 0.7, 0.1, 10.0)


@pytest.mark.parametrize(
    ("name", "delay", "precision"),
    [*((name, 1.5, "single") for name in CASES), *((name, SPREAD, "double") for name in ("padded", "grouped", "mean", "matrix"))],
)
def test_made_again_equals_a_list(name: str, delay: Any, precision: str) -> None:
    """Bit for bit: the list has the weights one by one, in the order of sources and targets."""
    named, nt = CASES[name]
    kept = simulate(net(named, nt, delay, precision=precision), threads=1)
    flat = net(named, nt, delay, precision=precision)
    found = synapses(flat, "a_b")
    given = projection(
        "a_b", "a", "b", pairs(found.sources, found.targets), found.weights, found.delays if isinstance(delay, Drawn) else delay
    )
    stored = simulate(replace(flat, projections=tuple(given if p.key == "a_b" else p for p in flat.projections)), threads=1)
    two = simulate(flat, threads=2)
    assert len(kept.spikes["b"]) > 60 and len(kept.spikes["a"]) > 300
    assert kept.counters["events"]["a_b"] > 1000
    for other in (stored, two):
        for path in ("a", "b"):
            assert kept.spikes[path].steps.tobytes() == other.spikes[path].steps.tobytes()
            assert kept.spikes[path].ids.tobytes() == other.spikes[path].ids.tobytes()
        assert kept.counters["events"] == other.counters["events"]
        assert kept.projections["a_b"].n_synapses == other.projections["a_b"].n_synapses
        assert kept.projections["a_b"].n_nonzero == other.projections["a_b"].n_nonzero


@pytest.mark.parametrize("name", ["strided", "mean", "matrix"])
def test_the_kernels_equal_the_reference(name: str) -> None:
    named, nt = CASES[name]
    flat = net(named, nt, precision="double")
    plain = reference.run(flat, 600)
    fast = simulate(flat, threads=2)
    assert len(plain.spikes["b"]) > 60
    assert sorted(plain.spikes["b"]) == fired(fast, "b")
    assert sorted(plain.spikes["a"]) == fired(fast, "a")


def test_a_kernel_that_learns_is_one_weight_per_synapse() -> None:
    named, nt = CASES["strided"]
    kernel = np.abs(named[1]["kernel"])
    flat = net(("convolution", {**named[1], "kernel": kernel}), nt, plasticity=("stdp_pair", {"w_max": 20.0}))
    learnt = simulate(replace(flat, run=replace(flat.run, record=(Record("a_b", "weight", None, 0.0),))))
    found = learnt.weights["a_b"]
    before = synapses(flat, "a_b")
    assert np.array_equal(found.targets, before.targets) and (np.abs(found.weights - before.weights) > 1e-6).sum() > 100
    assert len(np.unique(found.weights)) > kernel.size


def test_a_weight_of_its_own_is_refused_in_words() -> None:
    p = projection("p", "a", "b", CASES["plain"][0], weight=Drawn("normal", 1.0, 0.1))
    with pytest.raises(FindingError, match="one number that multiplies"):
        build(p, Ends(252, CASES["plain"][1], False), 1, 0.1)


@pytest.mark.parametrize("name", ["padded", "mean", "matrix"])
def test_its_weight_can_be_steered(name: str) -> None:
    named, nt = CASES[name]
    quiet = simulate(net(named, nt, precision="double"))
    steered = simulate(net(named, nt, precision="double"), steer=[(0.0, "a_b.weight", 30.0)])
    flat = net(named, nt, precision="double")
    loud = simulate(replace(flat, projections=tuple(replace(p, weight=30.0) if p.key == "a_b" else p for p in flat.projections)))
    assert fired(steered, "b") == fired(loud, "b") != fired(quiet, "b")


def test_the_kernels_of_other_connectors_are_what_they_were() -> None:
    """Texts of rows drawn again, hashed before windows were there."""
    was = {
        ("probability", False, False, "single"): "6f77ecdf7e8cc5f6",
        ("probability", True, True, "double"): "5e269255e6a81b74",
        ("regular", True, False, "single"): "eec1f08b8a031dfd",
        ("all_to_all", False, True, "single"): "ec4c083ece045e85",
    }
    params: dict[str, dict[str, Any]] = {"probability": {"p": 0.1}, "regular": {"k": 10}, "all_to_all": {}}
    for (key, weight, delay, precision), digest in was.items():
        w, d = (Drawn("normal", 0.1, 0.03) if weight else 0.1), (Drawn("uniform", 1, 3) if delay else 1.5)
        p = projection("p", "a", "b", (key, params[key]), w, d)
        made = build(p, Ends(100, 100, False), 1, 0.1, np.float32 if precision == "single" else np.float64, procedural=True)[0].procedure
        assert made is not None
        assert hashlib.sha256(render(made, precision).encode()).hexdigest()[:16] == digest


@pytest.mark.parametrize("name", ["grouped", "mean", "matrix"])
def test_any_number_of_processes_gives_the_same_bits(name: str) -> None:
    """Cuts through channels; the weights of a window that stores none can be recorded."""
    named, nt = CASES[name]
    flat = net(named, nt, 1.5)
    record = (*(Record(path, "spikes", None, 0.1) for path in ("a", "b")), Record("a_b", "weight", None, 0.1))
    flat = replace(flat, run=replace(flat.run, record=record, duration=40.0))
    one = simulate(flat, threads=1)
    assert len(one.spikes["b"]) > 40 and len(one.weights["a_b"]) == one.projections["a_b"].n_synapses
    for ranks, threads in ((2, 1), (3, 2)):
        other = played(ranks, lambda group, threads=threads: simulate(flat, group=group, threads=threads))[0]
        assert one.counters == other.counters and one.projections == other.projections
        for path in ("a", "b"):
            assert fired(one, path) == fired(other, path)
        for part in ("sources", "targets", "weights", "delays"):
            assert getattr(one.weights["a_b"], part).tobytes() == getattr(other.weights["a_b"], part).tobytes()
