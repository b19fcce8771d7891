"""Routing constraints in documents: paths into circuits, units, findings where they stand, and the ways to write them."""

from __future__ import annotations

from typing import Any

import pytest

import studio
from studio.exchange.python import to_python
from studio.findings import FindingError
from studio.network.check import check
from studio.network.document import Document, from_json
from studio.network.flatten import flatten
from studio.network.identity import model_hash

POP = {"kind": "population", "model": "lif", "size": 10}


def document(*constraints: Any) -> Document:
    inside = {
        "p1": {"from": "exc", "to": "out", "delay": {"value": 2, "unit": "ms"}},
        "p2": {"from": "noise", "to": "exc", "connector": {"model": "one_to_one"}},
    }
    column = {"nodes": {"exc": POP, "out": POP, "noise": {"kind": "source", "model": "poisson", "size": 10}}, "projections": inside}
    nodes = {"cols": {"kind": "instance", "of": "column", "repeat": 2}, "top": POP}
    said = {"format": "spike-studio/1", "circuits": {"main": {"nodes": nodes}, "column": column}, "constraints": list(constraints)}
    made, findings = from_json(said)
    assert made is not None, findings
    return made


def test_paths_mean_all_copies_one_copy_or_everything_inside() -> None:
    flat = flatten(
        document(
            {"kind": "fan_in", "path": "cols", "limit": 64},
            {"kind": "region", "path": "cols[1].exc", "chip": 0, "cores": [0, 32]},
            {"kind": "keep_apart", "paths": ["cols[0]", "cols[1].exc"]},
            {"kind": "keep_together", "paths": ["cols.out", "top"]},
            {"kind": "delay_class", "path": "cols.p1", "delays": [{"value": 0.002, "unit": "s"}, 1]},
        )
    )
    fan_in, region, apart, together, delays = flat.constraints
    assert fan_in.paths == ("cols[0].exc", "cols[0].out", "cols[1].exc", "cols[1].out") and fan_in.limit == 64
    assert (region.paths, region.chip, region.cores) == (("cols[1].exc",), 0, (0, 32))
    assert apart.groups == (("cols[0].exc", "cols[0].noise", "cols[0].out"), ("cols[1].exc",)) and apart.scope == "core"
    assert together.groups == (("cols[0].out", "cols[1].out"), ("top",)) and together.scope == "chip"
    assert delays.paths == ("cols[0].p1", "cols[1].p1") and delays.delays == (1.0, pytest.approx(2.0))


WRONG: list[tuple[dict[str, Any], str, str, str]] = [
    ({"kind": "fanin", "path": "top", "limit": 3}, "text.constraint", "constraints.1.kind", "fan_in"),
    ({"kind": "fan_in", "path": "topp", "limit": 3}, "path.unknown", "constraints.1.path", "top"),
    ({"kind": "fan_in", "path": "top", "limit": 0}, "bounds.low", "constraints.1.limit", "1"),
    ({"kind": "fan_in", "path": "top"}, "text.constraint", "constraints.1.limit", "needs"),
    ({"kind": "fan_in", "path": "top", "limit": 3, "chip": 1}, "text.constraint", "constraints.1.chip", "path and limit"),
    ({"kind": "fan_in", "path": "cols[0].noise", "limit": 3}, "path.constraint", "constraints.1.path", "is a source"),
    ({"kind": "region", "path": "top[0:3]", "chip": 0}, "path.constraint", "constraints.1.path", "whole populations"),
    ({"kind": "region", "path": "cols.p1", "chip": 0}, "path.constraint", "constraints.1.path", "is a projection"),
    ({"kind": "region", "path": "top"}, "text.constraint", "constraints.1", "cores"),
    ({"kind": "region", "path": "top", "cores": [4, 4]}, "bounds.constraint", "constraints.1.cores", "[4, 5]"),
    ({"kind": "region", "path": "top", "chip": -1}, "bounds.low", "constraints.1.chip", "-1"),
    ({"kind": "keep_apart", "paths": ["top"]}, "size.constraint", "constraints.1.paths", "2"),
    ({"kind": "keep_together", "paths": ["top"], "scope": "tile"}, "text.constraint", "constraints.1.scope", "core or chip"),
    ({"kind": "delay_class", "path": "cols.p1", "delays": []}, "size.constraint", "constraints.1.delays", "one or more"),
    ({"kind": "delay_class", "path": "cols.p1", "delays": [{"value": 1, "unit": "mV"}]}, "unit.mismatch", "constraints.1.delays.0", "mV"),
    ({"kind": "keep_apart", "paths": ["cols[0]", "cols[0].exc"]}, "fit.constraint", "constraints.1", "itself"),
    ({"kind": "keep_apart", "paths": ["top", "cols[0].exc"], "scope": "chip"}, "fit.constraint", "constraints.1", "constraints.0"),
]


@pytest.mark.parametrize(("one", "code", "where", "word"), WRONG, ids=[w[0]["kind"] + w[2] for w in WRONG])
def test_findings_stand_where_the_constraint_is(one: dict[str, Any], code: str, where: str, word: str) -> None:
    found = check(document({"kind": "keep_together", "paths": ["top", "cols[0].exc"]}, one))
    mine = [f for f in found if f.where.startswith("constraints")]
    assert [(f.code, f.severity, f.where) for f in mine] == [(code, "error", where)] and word in mine[0].text + mine[0].fix


def test_what_the_network_breaks_stands_at_the_node() -> None:
    said = document(
        {"kind": "fan_in", "path": "cols.out", "limit": 9},
        {"kind": "fan_in", "path": "cols.p2", "limit": 1},
        {"kind": "fan_out", "path": "cols", "limit": 9},
        {"kind": "delay_class", "path": "cols.p1", "delays": [1, 5]},
        {"kind": "delay_class", "path": "cols.p2", "delays": [1.04]},
    )
    found = [f for f in check(said) if f.code == "fit.constraint"]
    assert [(f.severity, f.where) for f in found] == [
        ("warning", "column:out"),
        ("warning", "column:exc"),
        ("warning", "column:p1.delay"),
    ]
    assert "10 synapses" in found[0].text and "allows 9" in found[0].text and "10" in found[0].fix
    assert "1 ms from the nearest" in found[2].text and not [f for f in found if f.severity == "error"]


def test_regions_without_a_place_in_common_are_errors() -> None:
    together = {"kind": "keep_together", "paths": ["top", "cols[0].exc"]}
    first = {"kind": "region", "path": "top", "chip": 0, "cores": [0, 4]}
    for other, wrong in (
        ({"path": "top", "cores": [4, 8]}, True),
        ({"path": "cols[0].exc", "chip": 1}, True),
        ({"path": "cols[0].exc", "cores": [4, 8]}, False),
    ):
        found = [f for f in check(document(together, first, {"kind": "region", **other})) if f.where == "constraints.2"]
        assert [f.code for f in found] == ["fit.constraint"] * wrong


def written() -> studio.Network:
    net = studio.Network("kept")
    exc, inh = net.population("exc", 50), net.population("inh", 10)
    link = net.connect(exc, inh, delay=1.0)
    net.constrain("fan_in", inh, limit=64)
    net.constrain("region", exc, chip=0, cores=(0, 4))
    net.constrain("keep_together", exc, inh)
    net.constrain("delay_class", link, delays=[1, (0.004, "s")])
    return net


def test_a_network_in_python_says_its_constraints_and_can_undo_them() -> None:
    net = written()
    assert [c.kind for c in net.flatten().constraints] == ["fan_in", "region", "keep_together", "delay_class"]
    with pytest.raises(FindingError, match="no kind"):
        net.constrain("fanin", "exc", limit=3)
    with pytest.raises(FindingError, match="names no population"):
        net.constrain("keep_apart", "exc", "ing")
    net.undo()
    assert len(net.document.constraints) == 3


def test_what_is_written_reads_back() -> None:
    net = written()
    again: dict[str, Any] = {}
    code = to_python(net.document)
    assert code.count("net.constrain(") == 4
    exec(code.replace('if __name__ == "__main__":', "if False:"), again)
    assert again["net"].document.to_json() == net.document.to_json()


def test_the_hash_knows_constraints_in_any_unit() -> None:
    def hashed(delay: Any) -> str:
        return model_hash(document({"kind": "delay_class", "path": "cols.p1", "delays": [delay]}))

    assert hashed({"value": 2000, "unit": "us"}) == hashed({"value": 2, "unit": "ms"}) != hashed({"value": 3, "unit": "ms"})
    assert model_hash(document()) != hashed({"value": 2, "unit": "ms"})
