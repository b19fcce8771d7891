"""The Python that is written builds the same document: each test runs it."""

import ast
from pathlib import Path

import numpy as np
import pytest

import studio
from studio.exchange import export, formats
from studio.exchange.python import to_python, write
from studio.findings import FindingError
from studio.network.build import Network
from studio.network.files import read, to_bytes

GOLDEN = Path(__file__).parents[1] / "golden" / "nir" / "data"
TEMPLATES = sorted((Path(__file__).parents[2] / "templates").glob("*.snn.json"))


def run(code):
    scope = {"__name__": "written"}
    exec(compile(code, "written.py", "exec"), scope)
    return scope["net"]


def same(document):
    code = to_python(document)
    assert to_bytes(run(code).json) == to_bytes(document.to_json())
    return code


def balanced():
    net = Network("Balanced network")
    exc = net.population("Excitatory", 80, "lif", tau_m=20.0, v_th={"normal": [-50, 1.5]}, v=-60.0)
    inh = net.population("Inhibitory", 20, shape=(4, 5), t_ref=(1, "ms"))
    drive = net.source("drive", 10, "poisson", rate=8)
    current = net.source("current", 1, "step_current", amplitude=0.3)
    net.connect(exc, inh, studio.probability(0.1), weight=(100, "pA"), delay=1.5, kinetics=("exponential", {"tau": 2.0}))
    net.connect(inh, exc, studio.fixed_in_degree(5), weight=-0.4, delay={"uniform": [1, 2]}, plasticity="stdp_pair")
    net.connect(drive, exc, weight=net.data("w", np.arange(800.0).reshape(10, 80)), kinetics="pulse")
    net.connect(drive, inh, studio.explicit([0, 1], [3, 4]), weight=[0.5, 0.25])
    net.connect(current, exc, gain=2.0)
    net.run(duration=(0.5, "s"), seed=7)
    net.record(exc[0:10], "v", every=1.0)
    return net


def columns():
    net = Network("Columns")
    column = net.circuit("Column")
    exc, inh = column.population("exc", 8), column.population("inh", 2)
    column.connect(exc, inh, weight=0.2)
    column.port("thalamus", "in", [exc, inh])
    column.port("out", "out", exc)
    cols = net.instance("cols", column, 3, override={"exc.tau_m": 15})
    drive = net.source("drive", 5, "poisson", rate=20)
    net.connect(drive, cols["thalamus"], weight=0.5, copies="all")
    net.connect(cols["out"], cols["thalamus"], weight=0.1, copies={"offsets": [[1]], "wrap": True})
    return net


def test_a_network_written_in_python_reads_as_it_was_written():
    code = same(balanced().document)
    assert "excitatory = net.population('Excitatory', 80, 'lif', tau_m=20, v_th={'normal': [-50, 1.5]}, v=-60)" in code
    assert (
        "net.connect(excitatory, inhibitory, studio.probability(0.1), weight=(100, 'pA'), delay=1.5, kinetics=('exponential', {'tau': 2}))"
        in code
    )
    assert "apply_patch" not in code


def test_circuits_and_their_ports_are_written_before_they_are_used():
    code = same(columns().document)
    assert code.index("column = net.circuit") < code.index("cols = net.instance")


def test_positions_names_and_notes_follow_as_a_patch():
    net = balanced()
    net.apply({"command": "rename", "circuit": "main", "node": "excitatory", "name": "Pyramidal “cells”"})
    net.apply({"command": "move", "circuit": "main", "positions": {"excitatory": {"x": 10, "y": 20}}})
    net.apply({"command": "set", "path": "/description", "value": "Notes\nin two lines."})
    assert "apply_patch" in same(net.document)


@pytest.mark.parametrize("key", ["class", "net", "studio", "np", "lambda_", "n1", "match", "main"])
def test_awkward_keys_are_no_obstacle(key):
    net = Network("keys")
    net.apply(
        {
            "command": "add_node",
            "circuit": "main",
            "key": key,
            "node": {"kind": "population", "name": "An odd one", "model": "lif", "size": 3},
        }
    )
    net.connect(key, key, weight=1.0)
    same(net.document)


@pytest.mark.parametrize("main", ["sheet", "main"])
def test_the_main_circuit_may_have_any_key(main):
    given = {
        "format": "spike-studio/1",
        "name": "x",
        "main": main,
        "circuits": {main: {"name": "Sheet", "nodes": {"a": {"kind": "population", "model": "lif", "size": 2}}, "projections": {}}},
    }
    same(Network(document=given).document)


def test_projections_keep_their_keys():
    net = balanced()
    net.apply({"command": "remove", "circuit": "main", "projections": ["p1", "p3"]})
    same(net.document)


@pytest.mark.parametrize("name", ["n01_lif_feedforward", "n04_recurrent_lif", "n09_lif_heterogeneous"])
def test_what_came_from_nir_can_be_written_as_python(name):
    from studio.exchange.nir import read as read_nir

    same(read_nir(GOLDEN / name / "graph.nir", 1.0)[0])


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: p.name)
def test_every_template_can_be_written_as_python(path):
    same(read(path)[0])


HOSTILE = ['"""\nimport os; os.system("touch hacked")\n"""', "'); raise SystemExit #", "\\", "\n\r\u2028x = 1", "{__import__('os')}"]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_of_a_document_becomes_code(text, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {
        "format": "spike-studio/1",
        "name": text,
        "description": text,
        "main": "main",
        "metadata": {text: text},
        "circuits": {
            "main": {
                "name": text,
                "nodes": {"a": {"kind": "population", "name": text, "model": "lif", "size": 2, "params": {text: 1}}},
                "projections": {"p1": {"from": "a", "to": "a", "name": text, "kinetics": {"model": text}}},
            }
        },
        "run": {"record": [{"path": text, "what": text}]},
        "data": {text: {"dtype": "int8", "shape": [1], "sha256": "x", "values": text}},
    }
    code = same(Network(document=given).document)
    assert not list(tmp_path.iterdir())
    calls = {ast.unparse(n.func).split(".")[0] for n in ast.walk(ast.parse(code)) if isinstance(n, ast.Call)}
    assert calls <= {"studio", "net", "np", "a", "print", "recording"}


def test_a_file_is_written_whole(tmp_path):
    assert write(columns().document, tmp_path / "net.py") == ()
    assert [p.name for p in tmp_path.iterdir()] == ["net.py"]
    assert write(columns().document, tmp_path / "none" / "net.py")[0].severity == "error"


def test_export_goes_by_the_suffix(tmp_path):
    net = columns()
    assert {f["suffix"] for f in formats()} >= {".snn.json", ".nir", ".onnx", ".py"}
    for form in formats():
        path = tmp_path / f"net{form['suffix']}"
        assert all(f.severity != "error" for f in export(net, path)) and path.stat().st_size > 100
    assert read(tmp_path / "net.snn.json")[0].to_json() == net.json
    with pytest.raises(FindingError, match="ends like no format"):
        export(net, tmp_path / "net.docx")
    with pytest.raises(FindingError):
        export(Network("empty"), tmp_path / "empty.nir")
