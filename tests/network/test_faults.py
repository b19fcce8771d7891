"""Faults in documents: paths into circuits, units, findings where they stand, and the ways to write them."""

from __future__ import annotations

from typing import Any

import pytest

import studio
from studio.exchange.python import to_python
from studio.findings import FindingError
from studio.network.check import check
from studio.network.document import Document, from_json
from studio.network.flatten import flatten

POP = {"kind": "population", "model": "lif", "size": 10, "shape": [2, 5]}


def sound(said: dict[str, Any]) -> Document:
    made, _ = from_json(said)
    assert made is not None
    return made


def document(*faults: Any) -> Document:
    column = {"nodes": {"exc": POP, "out": POP}, "projections": {"p1": {"from": "exc", "to": "out", "kinetics": {"model": "exponential"}}}}
    nodes = {"cols": {"kind": "instance", "of": "column", "repeat": 3}, "drive": {"kind": "source", "model": "poisson", "size": 4}}
    return sound(
        {
            "format": "spike-studio/1",
            "main": "main",
            "circuits": {"main": {"nodes": nodes}, "column": column},
            "run": {"faults": list(faults)},
        }
    )


def faults(*given: Any) -> list[tuple[Any, ...]]:
    return [(f.kind, f.path, f.fraction, f.value, None if f.ids is None else f.ids.tolist()) for f in flatten(document(*given)).run.faults]


def test_a_path_means_all_copies_one_copy_or_some_neurons() -> None:
    assert faults({"kind": "dead_neurons", "path": "cols.exc", "fraction": 0.1}) == [
        ("dead_neurons", f"cols[{k}].exc", 0.1, 0.0, None) for k in range(3)
    ]
    assert faults({"kind": "lost_spikes", "path": "cols[1:3].exc[1, :2]", "fraction": 0.5}) == [
        ("lost_spikes", f"cols[{k}].exc", 0.5, 0.0, [5, 6]) for k in (1, 2)
    ]
    assert faults({"kind": "dead_synapses", "path": "cols[2].p1"}) == [("dead_synapses", "cols[2].p1", 1.0, 0.0, None)]


def test_values_have_units() -> None:
    stuck = {"kind": "stuck_synapses", "path": "cols[0].p1", "fraction": 0.1, "value": {"value": 200, "unit": "pA"}}
    noise = {"kind": "threshold_noise", "path": "cols[0].out", "value": {"value": 0.002, "unit": "V"}}
    assert faults(stuck) == [("stuck_synapses", "cols[0].p1", 0.1, pytest.approx(0.2), None)]
    assert faults(noise) == [("threshold_noise", "cols[0].out", 1.0, pytest.approx(2.0), None)]


WRONG: list[tuple[dict[str, Any], str, str, str]] = [
    ({"kind": "dead_neuron", "path": "drive"}, "text.fault", "run.faults.1.kind", "dead_neurons"),
    ({"kind": "dead_neurons", "path": "cols.exk"}, "path.unknown", "run.faults.1.path", "cols"),
    ({"kind": "dead_neurons", "path": "cols[0].p1"}, "path.fault", "run.faults.1.path", "is a projection"),
    ({"kind": "threshold_noise", "path": "drive", "value": 1}, "path.fault", "run.faults.1.path", "is a source"),
    ({"kind": "dead_neurons", "path": "drive", "fraction": 2}, "bounds.high", "run.faults.1.fraction", "2"),
    ({"kind": "dead_neurons", "path": "drive", "fraction": {"uniform": [0, 1]}}, "bounds.shared", "run.faults.1.fraction", "one number"),
    ({"kind": "dead_neurons", "path": "drive", "value": 1}, "text.fault", "run.faults.1.value", "no value"),
    ({"kind": "stuck_synapses", "path": "cols.p1", "value": {"value": 1, "unit": "mV"}}, "unit.mismatch", "run.faults.1.value", "mV"),
]


@pytest.mark.parametrize(("fault", "code", "where", "word"), WRONG, ids=[w[0]["kind"] + w[2] for w in WRONG])
def test_findings_stand_where_the_fault_is(fault: dict[str, Any], code: str, where: str, word: str) -> None:
    found = check(document({"kind": "dead_neurons", "path": "drive"}, fault))
    mine = [f for f in found if f.where.startswith("run.faults")]
    assert [(f.code, f.severity, f.where) for f in mine] == [(code, "error", where)] and word in mine[0].text + mine[0].fix


def written() -> studio.Network:
    net = studio.Network("broken")
    exc = net.population("exc", 50, "lif", i_offset=0.9)
    link = net.connect(exc, exc, weight=0.1, delay=1.0)
    net.fault("dead_neurons", exc, 0.2)
    net.fault("stuck_synapses", link, 0.1, (0.3, "mV"))
    net.fault("threshold_noise", "exc", value=0.5)
    return net


def test_a_network_in_python_says_its_faults_and_can_undo_them() -> None:
    net = written()
    recording = studio.simulate(net, 50)
    assert [f["kind"] for f in recording.provenance["faults"]] == ["dead_neurons", "stuck_synapses", "threshold_noise"]
    assert len(set(recording.spikes["exc"].ids.tolist())) == 40
    assert not studio.simulate(net, 10, faults=[]).provenance.get("faults")
    net.undo()
    assert len(net.document.run.faults) == 2
    with pytest.raises(FindingError, match="no kind"):
        net.fault("tired_neurons", "exc")
    assert len(net.document.run.faults) == 2


def test_what_is_written_reads_back() -> None:
    net = written()
    assert sound(net.document.to_json()) == net.document
    again: dict[str, Any] = {}
    exec(to_python(net.document).replace('if __name__ == "__main__":', "if False:"), again)
    assert again["net"].document.to_json()["run"] == net.document.to_json()["run"]
