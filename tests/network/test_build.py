"""Writing networks in Python: what is made, what is refused in which words, undo and observers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.findings import FindingError
from studio.models.catalogue import builtin
from studio.models.written import body_of
from studio.network.build import Change, Network, check, explicit, fixed_in_degree, load, one_to_one, probability, save
from studio.network.document import Document, from_json


def ei() -> Network:
    net = Network("ei", catalogue=builtin())
    e, i = net.population("exc", 800, "lif", tau_m=20.0), net.population("inh", 200)
    net.connect(e, i, probability(0.1), weight=0.4, delay=1.5)
    return net


def test_the_example_of_the_docs() -> None:
    net = ei()
    assert net.json["circuits"]["main"] == {
        "nodes": {
            "exc": {"kind": "population", "name": "exc", "model": "lif", "size": 800, "params": {"tau_m": 20.0}},
            "inh": {"kind": "population", "name": "inh", "model": "lif", "size": 200},
        },
        "projections": {
            "p1": {"from": "exc", "to": "inh", "connector": {"model": "probability", "params": {"p": 0.1}}, "weight": 0.4, "delay": 1.5}
        },
    }
    assert net.document.to_json() == net.json


def test_handles_say_what_they_are() -> None:
    net = ei()
    node = net.node("exc")
    assert (repr(net), repr(node), str(node[0:10]), str(node[3, ...])) == (
        "<Network “ei”: 2 nodes, 1 projections>",
        "<population exc: 800 x lif>",
        "exc[0:10]",
        "exc[3, *]",
    )
    assert repr(net.connect(node, node, kinetics="alpha")) == "<projection p2: exc -> exc, all_to_all, alpha>"
    assert (node.name, node.size) == ("exc", 800)
    net.remove(node)
    assert repr(node) == "<removed node exc>"
    with pytest.raises(FindingError):
        _ = node.size


def test_start_values_units_and_arrays() -> None:
    net = Network(catalogue=builtin())
    a = net.population("a", 3, v=-60, tau_m=np.array([10.0, 20.0, 30.0]), t_ref=(0.002, "s"), v_th={"normal": [-50, 1]})
    assert a.json["start"] == {"v": -60}
    assert a.json["params"] == {"tau_m": {"data": "a_tau_m"}, "t_ref": {"value": 0.002, "unit": "s"}, "v_th": {"normal": [-50, 1]}}
    assert net.undo() and net.document.circuit.nodes == {} and net.document.data == {}


def test_arrays_are_kept_once_and_never_overwrite_another() -> None:
    net = Network(catalogue=builtin())
    a = net.population("a", 2)
    for weights in ([0.1, 0.2], [0.1, 0.2], [0.3, 0.4]):
        net.connect(a, a, explicit([0, 1], [1, 0]), weight=weights)
    assert sorted(net.document.data) == ["a_a", "a_a_2", "a_a_weight", "a_a_weight_2"]
    flat = net.flatten()
    assert [list(np.asarray(p.weight)) for p in flat.projections] == [[0.1, 0.2], [0.1, 0.2], [0.3, 0.4]]
    assert list(flat.projections[0].connector.params["targets"]) == [1, 0]


@pytest.mark.parametrize(
    "kinetics",
    [
        "exponential",
        ("exponential", {"tau": 2}),
        {"model": "exponential", "params": {"tau": (2, "ms")}},
        builtin().get("kinetics", "exponential"),
    ],
)
def test_kinetics_may_be_said_in_several_ways(kinetics: Any) -> None:
    net = ei()
    net.connect("exc", "inh", kinetics=kinetics, weight=(100, "pA"))
    assert net.flatten().projections[1].weight == 0.1


REFUSED: dict[str, tuple[Callable[[Network], Any], str, str, str]] = {
    "bounds": (
        lambda n: n.population("x", 5, tau_m=-1),
        "bounds.low",
        "x.tau_m",
        "tau_m = -1 ms is out of bounds; allowed is more than 0 ms.",
    ),
    "parameter": (lambda n: n.population("x", 5, taum=1), "path.param", "x.taum", "“lif” has no parameter “taum”."),
    "model": (lambda n: n.population("x", 5, "liff"), "path.model", "x", "There is no neuron “liff”."),
    "unit": (lambda n: n.population("x", 5, tau_m=(1, "mV")), "unit.mismatch", "x.tau_m", "“mV” cannot be turned into ms."),
    "size": (lambda n: n.population("x", 0), "bounds.value", "x.size", "The size must be a whole number of at least 1, not 0."),
    "half a neuron": (lambda n: n.population("x", 1.5), "bounds.value", "x.size", "1.5"),
    "size as text": (lambda n: n.population("x", "many"), "bounds.value", "x.size", "many"),
    "infinite size": (lambda n: n.population("x", float("inf")), "bounds.value", "x.size", "inf"),
    "size of a shape": (lambda n: n.population("x", 4, shape=(2, 3)), "size.shape", "x.shape", "6"),
    "nan": (lambda n: n.population("x", 5, tau_m=float("nan")), "", "x", ""),
    "array length": (lambda n: n.population("x", 5, tau_m=[1, 2]), "size.data", "x.tau_m", "5 elements"),
    "ragged": (lambda n: n.population("x", 5, tau_m=[[1], [1, 2]]), "text.value", "x.tau_m", "different lengths"),
    "an object": (lambda n: n.population("x", 5, tau_m=object()), "text.value", "x.tau_m", "cannot stand"),
    "a broken distribution": (lambda n: n.population("x", 5, tau_m={"normal": [1]}), "text.value", "x.tau_m", "not a value"),
    "a billion": (lambda n: n.population("x", 1e9), "size.limit", "x.size", "GiB"),
    "no such target": (lambda n: n.connect("exc", "nope"), "path.unknown", "nope", "There is no node “nope”"),
    "weight unit": (lambda n: n.connect("exc", "inh", weight=(1, "nA")), "unit.mismatch", "exc to inh.weight", "nA"),
    "delay": (lambda n: n.connect("exc", "inh", delay=-1), "bounds.low", "exc to inh.delay", "-1 ms"),
    "negative conductance": (
        lambda n: n.connect("exc", "inh", kinetics="conductance_exponential", weight=-1),
        "bounds.sign",
        "exc to inh.weight",
        "negative",
    ),
    "connector": (lambda n: n.connect("exc", "inh", 3), "text.value", "connector", "3"),
    "probability": (lambda n: n.connect("exc", "inh", probability(2)), "bounds.high", "exc to inh.connector.p", "p = 2"),
    "set unknown": (lambda n: n.set("exc.tau", 1), "path.param", "exc.tau", "no parameter"),
    "set bounds": (lambda n: n.set("exc.tau_m", -5), "bounds.low", "exc.tau_m", "-5 ms"),
    "set nowhere": (lambda n: n.set("ex.tau_m", 5), "path.unknown", "ex.tau_m", "names no value"),
    "set of neurons": (lambda n: n.set("exc[0].tau_m", 5), "path.selection", "exc[0].tau_m", "whole population"),
    "record": (lambda n: n.record("exx"), "path.unknown", "run.record.0", "exx"),
    "record state": (lambda n: n.record("exc", "u"), "path.state", "run.record.0", "“u”"),
    "run": (lambda n: n.run(dt=0), "bounds.low", "run.dt", "0 ms"),
    "run setting": (lambda n: n.run(steps=3), "path.param", "run.steps", "steps"),
    "instance": (lambda n: n.instance("x", "nope"), "path.unknown", "nope", "no circuit"),
    "copies": (lambda n: n.connect("exc", "inh", copies="some"), "text.type", "p2", "some"),
    "data": (lambda n: n.data("x", [object()]), "text.data", "", "object"),
    "command": (lambda n: n.apply({"command": "zap"}), "text.command", "", "zap"),
    "patch": (lambda n: n.apply_patch([{"op": "move", "path": "/a", "from": "/b"}]), "path.patch", "", "move"),
    "patch that breaks the form": (
        lambda n: n.apply_patch([{"op": "replace", "path": "/circuits/main/nodes/exc/size", "value": -1}]),
        "bounds.value",
        "exc.size",
        "-1",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_refused_in_words_and_changes_nothing(name: str) -> None:
    call, code, where, words = REFUSED[name]
    net = ei()
    before, label = net.json, net.undo_label
    with pytest.raises(FindingError) as error:
        call(net)
    first = error.value.findings[0]
    assert first.code.startswith(code) and first.where.startswith(where) and words in first.text, first
    assert net.json is before and net.undo_label == label


def test_set_reaches_nodes_projections_instances_and_single_copies() -> None:
    net = ei()
    column = net.circuit("column")
    column.population("a", 1)
    net.instance("cols", column, 2)
    for path, value in (
        ("exc.tau_m", (15, "ms")),
        ("exc.size", 9),
        ("inh.start.v", -61),
        ("p1.weight", 2),
        ("p1.kinetics.tau", 3),
        ("cols.a.tau_m", 4),
        ("cols[1].a.tau_m", 5),
        ("cols.repeat", 3),
    ):
        if path == "p1.kinetics.tau":
            net.connect("inh", "exc", kinetics="alpha")
            path = "p2.kinetics.tau"
        net.set(path, value)
    flat = net.flatten()
    sizes = {p.path: p.neuron.params["tau_m"] for p in flat.populations}
    assert sizes == {"cols[0].a": 4, "cols[1].a": 5, "cols[2].a": 4, "exc": 15, "inh": 10}
    assert flat.projections[0].weight == 2 and flat.projections[1].kinetics is not None and flat.projections[1].kinetics.params["tau"] == 3
    net.set("p1.connector.p", 0.5)
    assert net.flatten().projections[0].connector.params["p"] == 0.5


def test_a_default_connector_gets_its_model_when_a_parameter_is_set() -> None:
    net = ei()
    net.connect("inh", "exc")
    net.set("p2.connector.autapses", 0)
    assert net.json["circuits"]["main"]["projections"]["p2"]["connector"] == {"model": "all_to_all", "params": {"autapses": 0}}


def test_undo_redo_and_observers() -> None:
    net = ei()
    seen: list[Change] = []
    forget = net.observe(seen.append)
    net.set("exc.tau_m", 15)
    assert net.undo_label == "Set exc.tau_m" and net.redo_label is None
    assert net.undo() and net.redo_label == "Set exc.tau_m"
    assert net.redo() and not net.redo()
    assert [c.by for c in seen] == ["python", "undo", "undo"]
    assert [c.patch[0]["value"] for c in seen] == [15, 20.0, 15]
    assert seen[-1].document is net.document
    net.apply_patch([{"op": "replace", "path": "/circuits/main/nodes/exc/size", "value": 5}], "Resize", "canvas")
    assert seen[-1].by == "canvas" and seen[-1].inverse == [{"op": "replace", "path": "/circuits/main/nodes/exc/size", "value": 800}]
    net.set("exc.tau_m", 15)  # equal: nothing happens
    assert len(seen) == 4
    forget()
    net.undo()
    assert len(seen) == 4


def test_a_document_is_frozen_and_older_ones_stay() -> None:
    net = ei()
    before = net.document
    net.set("exc.tau_m", 15)
    assert before.circuit.nodes["exc"].params["tau_m"] == 20.0  # type: ignore[union-attr]
    with pytest.raises(Exception, match="frozen"):
        before.name = "x"  # type: ignore[misc]
    with pytest.raises(TypeError):
        before.circuits["x"] = before.circuit  # type: ignore[index]


def test_another_document_takes_its_place_and_undo_brings_the_first_back() -> None:
    net = ei()
    first = net.json
    net.replace(Document.empty("Other"), "Open Other")
    assert net.name == "Other" and net.undo_label == "Open Other"
    assert net.undo() and net.json == first


def test_save_load_and_check(tmp_path: Path) -> None:
    net = ei()
    net.save(tmp_path / "a.snn.json")
    again = load(tmp_path / "a.snn.json")
    save(again, tmp_path / "b.snn.json")
    assert again.json == net.json
    assert (tmp_path / "a.snn.json").read_bytes() == (tmp_path / "b.snn.json").read_bytes()
    assert check(tmp_path / "a.snn.json") == check(net) == check(net.document)
    (tmp_path / "c.snn.json").write_text("{")
    assert [f.code for f in check(tmp_path / "c.snn.json")] == ["text.json"]
    with pytest.raises(FindingError):
        load(tmp_path / "c.snn.json")


def test_a_canvas_patch_has_an_inverse_whatever_it_does() -> None:
    net = ei()
    net.record("exc")
    before = net.json
    net.apply_patch(
        [
            {"op": "add", "path": "/run/record/-", "value": {"path": "inh"}},
            {"op": "add", "path": "/run/record/0", "value": {"path": "inh", "what": "v"}},
            {"op": "remove", "path": "/circuits/main/projections/p1"},
            {"op": "add", "path": "/name", "value": "new"},
            {"op": "replace", "path": "/run/record/1/path", "value": "inh"},
            {"op": "remove", "path": "/run/record/0"},
        ]
    )
    assert net.json != before
    assert net.undo() and net.json == before


def test_connectors_carry_their_parameters() -> None:
    net = ei()
    net.connect("exc", "inh", fixed_in_degree(7, autapses=0))
    net.connect("exc", "exc", one_to_one())
    found = [p.connector for p in net.document.circuit.projections.values()]
    assert [(c.model, dict(c.params)) for c in found[1:]] == [("fixed_in_degree", {"k": 7, "autapses": 0}), ("one_to_one", {})]


def test_a_network_begins_from_json_or_says_why_not() -> None:
    assert Network(document=ei().json).json == ei().json
    with pytest.raises(FindingError):
        Network(document={"format": "nothing"})
    assert from_json(Network("x").json)[1] == ()


def with_presets() -> Network:
    """A network whose catalogue has a neuron and a kinetics with presets."""
    net = Network("presets", catalogue=builtin())
    neuron = {**body_of(builtin().get("neuron", "lif"))}
    neuron["presets"] = {
        "slow": {"title": "Slow", "source": "A paper.", "params": {"tau_m": 40.0, "v_th": -50.0}, "kinetics": "exponential"},
        "fast": {"title": "Fast", "source": "A paper.", "params": {"tau_m": 5.0}},
    }
    kinetics = {**body_of(builtin().get("kinetics", "exponential")), "presets": {"ampa": {"source": "A paper.", "params": {"tau": 1.5}}}}
    net.apply({"command": "set", "path": "/models", "value": {"cell": neuron, "current": kinetics}})
    return net


def test_a_preset_fills_parameters_in_and_is_not_kept_by_name() -> None:
    net = with_presets()
    net.population("a", 3, "cell", preset="slow", t_ref=1.0)
    net.population("b", 3, "cell", preset="slow", tau_m=30.0)
    net.connect("a", "b", kinetics=("current", {"preset": "ampa"}), weight=0.1)
    nodes, projections = (net.json["circuits"]["main"][part] for part in ("nodes", "projections"))
    assert nodes["a"]["params"] == {"tau_m": 40.0, "v_th": -50.0, "t_ref": 1.0}
    assert nodes["b"]["params"] == {"tau_m": 30.0, "v_th": -50.0}
    assert projections["p1"]["kinetics"] == {"model": "current", "params": {"tau": 1.5}}
    assert net.flatten().population("b").neuron.params["tau_m"] == 30.0


def test_a_preset_that_is_not_there_is_refused_with_the_nearest() -> None:
    net = with_presets()
    before = net.json
    for call, said in (
        (lambda: net.population("a", 3, "cell", preset="slwo"), "Did you mean “slow”?"),
        (lambda: net.population("a", 3, "leaky_integrator", preset="slow"), "It has no presets: give parameters."),
        (lambda: net.population("a", 3, "cell", preset=3), "There is slow, fast."),
    ):
        with pytest.raises(FindingError) as refused:
            call()
        (finding,) = refused.value.findings
        assert (finding.code, finding.where, finding.fix) == ("path.preset", "a.preset", said)
    assert net.json == before


def test_a_preset_means_defaults_where_another_one_speaks() -> None:
    model = with_presets().catalogue.get("neuron", "cell")
    slow, fast = model.presets
    assert model.preset_values(slow) == {"tau_m": 40.0, "v_th": -50.0}
    assert model.preset_values(fast) == {"tau_m": 5.0, "v_th": -55.0}


def test_a_model_of_ones_own_is_begun_from_another() -> None:
    net = Network("own", catalogue=builtin())
    key = net.model(
        "my_lif",
        like="lif",
        equations="dv/dt = (v_rest - v)/tau_m + gain*(i + i_offset)/c_m",
        params={"gain": {"default": 2.0}, "tau_m": 20},
    )
    net.population("cell", 2, key, i_offset=0.1)
    mine = net.catalogue.get("neuron", "my_lif")
    assert [p.name for p in mine.params][-1] == "gain" and mine.param("tau_m").default == 20 and mine.param("tau_m").unit == "ms"
    assert net.flatten().population("cell").neuron.params["gain"] == 2.0
    net.undo(), net.undo()
    assert net.document.models == {}


def test_an_own_model_that_cannot_be_read_says_line_and_column_and_changes_nothing() -> None:
    net = Network("own", catalogue=builtin())
    for fields, where, said in (
        ({"like": "lif", "threshold": "v >= v_thh"}, "models.mine.threshold", "Line 1, column 6: “v_thh” is not known here."),
        ({"like": "liff"}, "models.mine", "There is no model “liff” to begin from."),
        ({"kind": "flavour"}, "models.mine.kind", "“flavour” cannot be written as text."),
    ):
        with pytest.raises(FindingError) as refused:
            net.model("mine", **fields)
        (finding,) = refused.value.findings
        assert (finding.where, finding.text) == (where, said)
    with pytest.raises(FindingError, match="already the key"):
        net.model("adex", like="lif")
    assert net.document.models == {}


def test_an_own_rule_may_be_written_whole() -> None:
    net = Network("own", catalogue=builtin())
    net.model("decay", kind="plasticity", params={"rate": 0.1}, on_pre="w = w*(1 - rate)")
    net.model("steps", like="izhikevich", step="v += dt*(u + i)")
    assert net.catalogue.get("plasticity", "decay").on_pre == "w = w*(1 - rate)"
    assert net.catalogue.get("neuron", "steps").step == "v += dt*(u + i)"
