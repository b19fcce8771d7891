"""Flattening: paths, precedence, ports, copies, values, recordings; synapses are conserved."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.findings import FindingError
from studio.models.catalogue import builtin
from studio.network.build import Network, all_to_all, explicit, fixed_in_degree, probability
from studio.network.document import from_json
from studio.network.edit import resolve
from studio.network.flat import Drawn, FlatNetwork
from studio.network.flatten import flatten


def columns(repeat: int = 2, **override: Any) -> Network:
    """A source onto repeated columns of two populations."""
    net = Network("columns", catalogue=builtin())
    column = net.circuit("column")
    exc, inh = column.population("exc", 8, tau_m=20), column.population("inh", 2)
    column.connect(exc, inh, probability(0.5), weight=1.5)
    column.port("input", "in", [exc, inh])
    column.port("output", "out", exc)
    drive = net.source("drive", 3)
    cols = net.instance("cols", column, repeat, override)
    net.connect(drive, cols["input"])
    return net


def synapses(flat: FlatNetwork) -> float:
    sizes = {n.path: n.size for n in (*flat.populations, *flat.sources)}
    return sum(p.connector.model.expected(p.connector.params, sizes[p.source], sizes[p.target]) for p in flat.projections)


def taus(flat: FlatNetwork) -> dict[str, float]:
    return {p.path: p.neuron.params["tau_m"] for p in flat.populations}


def test_paths_name_copies_only_where_there_are_several() -> None:
    assert [p.path for p in columns(2).flatten().populations] == ["cols[0].exc", "cols[0].inh", "cols[1].exc", "cols[1].inh"]
    assert [p.path for p in columns(1).flatten().populations] == ["cols.exc", "cols.inh"]
    assert [p.key for p in columns(1).flatten().projections] == ["p1[drive->cols.exc]", "p1[drive->cols.inh]", "cols.p1"]
    assert {p.path for p in columns(3).flatten().projections} == {"p1", "cols[0].p1", "cols[1].p1", "cols[2].p1"}


def test_precedence_rises_from_default_to_set() -> None:
    net = Network(catalogue=builtin())
    inner, outer = net.circuit("inner"), net.circuit("outer")
    inner.population("a", 1, tau_m=11)
    outer.instance("in", inner, override={"a.tau_m": 12, "a.t_ref": 3})
    net.instance("x", outer, 2, {"in.a.tau_m": 13, "[1].in.a.tau_m": 14})
    net.instance("y", outer)
    assert taus(net.flatten()) == {"x[0].in.a": 13, "x[1].in.a": 14, "y.in.a": 12}
    assert taus(net.flatten({"x.in.a.tau_m": 15})) == {"x[0].in.a": 15, "x[1].in.a": 15, "y.in.a": 12}
    assert taus(net.flatten({"x[0].in.a.tau_m": 16, "x[*].in.a.tau_m": 15})) == {"x[0].in.a": 16, "x[1].in.a": 15, "y.in.a": 12}
    assert {p.neuron.params["t_ref"] for p in net.flatten().populations} == {3.0}
    assert {p.neuron.params["c_m"] for p in net.flatten().populations} == {0.25}


@pytest.mark.parametrize(
    ("path", "value", "read"),
    [
        ("cols.p1.weight", 3, lambda f: f.projections[-1].weight == 3.0),
        ("cols[1].p1.delay", {"value": 0.002, "unit": "s"}, lambda f: f.projections[-1].delay == 2.0 and f.projections[-2].delay == 1.0),
        ("cols.p1.connector.p", 0.25, lambda f: f.projections[-1].connector.params["p"] == 0.25),
        ("cols.exc.size", 9, lambda f: [p.size for p in f.populations] == [9, 2, 9, 2]),
        ("cols.exc.start.v", -60, lambda f: f.populations[0].start == {"v": -60.0}),
        ("cols.repeat", 3, lambda f: len(f.populations) == 6),
        (
            "drive.rate",
            {"uniform": [5, 15], "unit": "kHz"},
            lambda f: f.sources[0].source.params["rate"] == Drawn("uniform", 5000.0, 15000.0, 0.0, 1e6),
        ),
    ],
)
def test_set_reaches_everything_that_has_a_value(path: str, value: Any, read: Any) -> None:
    assert read(columns(2).flatten({path: value}))


def test_a_setting_changes_the_hash_and_the_same_network_has_the_same() -> None:
    net = columns()
    assert net.flatten().hash == columns().flatten().hash != net.flatten({"drive.rate": 5}).hash


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("colz.exc.tau_m", 1, "path.unknown"),
        ("cols[2].exc.tau_m", 1, "path.unknown"),
        ("cols.exc.tau", 1, "path.param"),
        ("cols.exc.tau_m", 0, "bounds.low"),
        ("cols.exc.tau_m", {"value": 1, "unit": "mV"}, "unit.mismatch"),
        ("cols.exc.tau_m", {"value": 1, "unit": "lightyear"}, "unit.unknown"),
        ("cols.exc.tau_m", "fast", "text.value"),
        ("cols[", 1, "path.syntax"),
        ("cols.exc.size", 0, "bounds.value"),
        ("cols.exc.tau_m", {"x": 1}, "text.value"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_path(path: str, value: Any, code: str) -> None:
    with pytest.raises(FindingError) as error:
        columns().flatten({path: value})
    assert (error.value.findings[0].code, error.value.findings[0].where) == (code, path)


def test_values_come_in_the_parameters_own_unit() -> None:
    net = Network(catalogue=builtin())
    a = net.population("a", 3, tau_m=(0.02, "s"), v_th={"normal": [-0.05, 0.001], "unit": "V", "max": -0.04}, v_reset=[-70, -71, -72])
    net.connect(a, a, kinetics=("exponential", {"tau": (2000, "us")}), weight=(100, "pA"), delay={"uniform": [1, 2]})
    flat = net.flatten()
    params, projection = flat.populations[0].neuron.params, flat.projections[0]
    assert params["tau_m"] == 20.0
    assert params["v_th"].shape == "normal" and params["v_th"].a == -50.0 and params["v_th"].b == 1.0 and params["v_th"].high == -40.0
    assert np.array_equal(params["v_reset"], [-70, -71, -72]) and not params["v_reset"].flags.writeable
    assert projection.kinetics is not None and projection.kinetics.params["tau"] == 2.0 and projection.weight == 0.1
    assert isinstance(projection.delay, Drawn) and not projection.delay_typed


def test_an_analog_source_has_no_kinetics() -> None:
    net = Network(catalogue=builtin())
    net.connect(net.source("dc", 1, "step_current", amplitude=0.5), net.population("a", 3), gain=2)
    (projection,) = net.flatten().projections
    assert projection.kinetics is None and projection.weight == 2.0


COPIES: list[tuple[Any, list[tuple[int, int]]]] = [
    ("all", [(a, b) for a in range(3) for b in range(3)]),
    ("same", [(0, 0), (1, 1), (2, 2)]),
    ({"offsets": [[1]]}, [(0, 1), (1, 2)]),
    ({"offsets": [[0, 1]], "wrap": False}, [(0, 1), (1, 2)]),
    ({"offsets": [[1]], "wrap": True}, [(0, 1), (1, 2), (2, 0)]),
    ({"offsets": [[1], [-1]], "wrap": False}, [(0, 1), (1, 2), (1, 0), (2, 1)]),
]


@pytest.mark.parametrize(("copies", "expected"), COPIES)
def test_copies_are_paired_as_said(copies: Any, expected: list[tuple[int, int]]) -> None:
    net = Network(catalogue=builtin())
    ring = net.circuit("ring")
    a = ring.population("a", 1)
    ring.port("i", "in", a)
    ring.port("o", "out", a)
    r = net.instance("r", ring, 3)
    net.connect(r["o"], r["i"], copies=copies)
    assert [(p.source, p.target) for p in net.flatten().projections] == [(f"r[{s}].a", f"r[{t}].a") for s, t in expected]


def test_copies_on_a_grid() -> None:
    net = Network(catalogue=builtin())
    cell = net.circuit("cell")
    a = cell.population("a", 1)
    cell.port("i", "in", a)
    cell.port("o", "out", a)
    g = net.instance("g", cell, 6, shape=(2, 3))
    net.connect(g["o"], g["i"], copies={"offsets": [[1, 0]], "wrap": False})
    net.connect(g["o"], g["i"], copies={"offsets": [[0, -1]], "wrap": True})
    down = [(p.source, p.target) for p in net.flatten().projections if p.path == "p1"]
    left = [(p.source, p.target) for p in net.flatten().projections if p.path == "p2"]
    assert down == [(f"g[{k}].a", f"g[{k + 3}].a") for k in range(3)]
    assert left == [(f"g[{k}].a", f"g[{k // 3 * 3 + (k - 1) % 3}].a") for k in range(6)]


def test_copies_that_cannot_be_paired_are_refused() -> None:
    net = columns(2)
    other = net.instance("other", "column", 3)
    net.connect("cols.output", other["input"], copies="same")
    with pytest.raises(FindingError) as error:
        net.flatten()
    assert error.value.findings[0].code == "path.copies"


def test_one_copy_may_be_named_at_an_end() -> None:
    net = columns(3)
    net.connect("cols[2].output", "cols[0].input")
    assert [(p.source, p.target) for p in net.flatten().projections if p.path == "p2"] == [
        ("cols[2].exc", "cols[0].exc"),
        ("cols[2].exc", "cols[0].inh"),
    ]


def test_ports_lead_through_several_circuits() -> None:
    net = Network(catalogue=builtin())
    inner, outer = net.circuit("inner"), net.circuit("outer")
    inner.port("in", "in", [inner.population("a", 1), inner.population("b", 1)])
    nested = outer.instance("n", inner, 2)
    outer.port("in", "in", [nested["in"], outer.population("c", 1)])
    net.connect(net.source("s", 1), net.instance("o", outer)["in"])
    assert [p.target for p in net.flatten().projections] == ["o.n[0].a", "o.n[0].b", "o.n[1].a", "o.n[1].b", "o.c"]


def test_recordings_choose_copies_neurons_and_states() -> None:
    net = columns(2)
    column = net.document.circuits["column"]
    assert column.nodes["exc"].kind == "population"
    net.apply({"command": "set", "path": "/circuits/column/nodes/exc/shape", "value": [2, 4]})
    for path, what in (
        ("cols[*].exc", "spikes"),
        ("cols[0].exc[0:8:3]", "v"),
        ("cols[1].exc[1, :]", "v"),
        ("cols.exc[-1:]", "v"),
        ("drive[0]", "spikes"),
        ("cols[1]", "spikes"),
        ("cols[0].p1", "weight"),
    ):
        net.record(path, what)
    found = [(r.path, r.what, None if r.ids is None else list(r.ids)) for r in net.flatten().run.record]
    assert found == [
        ("cols[0].exc", "spikes", None),
        ("cols[1].exc", "spikes", None),
        ("cols[0].exc", "v", [0, 3, 6]),
        ("cols[1].exc", "v", [4, 5, 6, 7]),
        ("cols[0].exc", "v", [7]),
        ("cols[1].exc", "v", [7]),
        ("drive", "spikes", [0]),
        ("cols[1].exc", "spikes", None),
        ("cols[1].inh", "spikes", None),
        ("cols[0].p1", "weight", None),
    ]


def test_by_default_the_spikes_of_all_populations_are_recorded() -> None:
    assert [(r.path, r.what) for r in columns(2).flatten().run.record] == [
        (f"cols[{k}].{n}", "spikes") for k in range(2) for n in ("exc", "inh")
    ]


@given(
    n_exc=st.integers(1, 9),
    n_inh=st.integers(1, 9),
    n_drive=st.integers(1, 5),
    repeat=st.integers(1, 4),
    k=st.integers(1, 4),
    pairs=st.integers(0, 6),
)
@settings(deadline=None)
def test_flattening_conserves_synapses(n_exc: int, n_inh: int, n_drive: int, repeat: int, k: int, pairs: int) -> None:
    net = Network(catalogue=builtin())
    column = net.circuit("column")
    exc, inh = column.population("exc", n_exc), column.population("inh", n_inh)
    column.connect(exc, inh, all_to_all())
    column.connect(inh, exc, fixed_in_degree(k))
    column.connect(exc, exc, explicit(np.zeros(pairs, int), np.arange(pairs) % n_exc))
    column.port("in", "in", [exc, inh])
    column.port("out", "out", [exc, inh])
    cols = net.instance("cols", column, repeat)
    net.connect(net.source("drive", n_drive), cols["in"])
    net.connect(cols["out"], cols["in"], copies="all")
    n = n_exc + n_inh
    per_column = n_exc * n_inh + k * n_exc + pairs
    expected = repeat * per_column + n_drive * repeat * n + (repeat * n) ** 2
    flat = net.flatten()
    assert synapses(flat) == expected
    assert len({p.key for p in flat.projections}) == len(flat.projections)


def test_grouping_changes_paths_but_no_synapse() -> None:
    net = Network(catalogue=builtin())
    names = ["a", "b", "c", "d"]
    nodes = [net.population(name, k + 2) for k, name in enumerate(names)]
    for s, t in pairwise(nodes):
        net.connect(s, t)
    net.connect(nodes[3], nodes[0], probability(0.5))
    before = synapses(net.flatten())
    net.apply({"command": "group", "circuit": "main", "nodes": ["b", "c"], "name": "Middle"})
    grouped = net.flatten()
    assert synapses(grouped) == before and {p.path for p in grouped.populations} == {"a", "middle.b", "middle.c", "d"}
    net.apply({"command": "ungroup", "circuit": "main", "node": "middle"})
    assert synapses(net.flatten()) == before and {p.path for p in net.flatten().populations} == set(names)


def test_renaming_and_moving_change_neither_network_nor_hash() -> None:
    net = columns()
    before = net.flatten()
    net.apply({"command": "rename", "circuit": "column", "node": "exc", "name": "Something else"})
    net.apply({"command": "move", "circuit": "main", "positions": {"cols": {"x": 3, "y": 4}}})
    after = net.flatten()
    assert after.hash == before.hash and [p.key for p in after.projections] == [p.key for p in before.projections]


def test_ungrouping_keeps_what_the_instance_overrides() -> None:
    net = columns(1, **{"exc.tau_m": 33, "exc.start.v": -61, "p1.weight": 4, "inh.size": 5})
    before = net.flatten()
    net.apply({"command": "ungroup", "circuit": "main", "node": "cols"})
    after = net.flatten()
    assert [(p.size, dict(p.start), dict(p.neuron.params)) for p in after.populations] == [
        (p.size, dict(p.start), dict(p.neuron.params)) for p in before.populations
    ]
    assert sorted(p.weight for p in after.projections) == sorted(p.weight for p in before.projections)
    assert synapses(after) == synapses(before)


def test_ten_come_after_nine() -> None:
    net = Network(catalogue=builtin())
    a = net.population("a", 1)
    for _ in range(11):
        net.connect(a, a)
    read_back, _ = from_json(net.document.to_json())
    assert read_back is not None
    assert [p.key for p in flatten(read_back, builtin()).projections] == [f"p{k}" for k in range(1, 12)]


def test_an_edit_of_a_hundred_copies_stays_one_finding() -> None:
    net = columns(50)
    edit = resolve(net.json, {"command": "set", "path": "/circuits/column/projections/p1/delay", "value": 1.55})
    net.apply_patch(edit.patch)
    assert [f.where for f in net.check() if f.code == "bounds.delay"] == ["column:p1.delay"]
