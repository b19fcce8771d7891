"""Reading and writing `.onnx` files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from exchange.onnx.nets import recurrent
from onnx import helper, numpy_helper

import studio
from studio.cli import main
from studio.exchange import onnx as exchange
from studio.exchange.onnx.model import metadata
from studio.findings import FindingError
from studio.network.flatten import flatten
from studio.share import templates

PATHS = {t.name: t.path for t in templates()}


def test_the_same_document_gives_the_same_bytes_and_comes_back(tmp_path: Path) -> None:
    net = studio.load(PATHS["first_spike"])
    studio.export(net, tmp_path / "one.onnx")
    studio.export(net, tmp_path / "two.onnx")
    assert (tmp_path / "one.onnx").read_bytes() == (tmp_path / "two.onnx").read_bytes()
    assert studio.load(tmp_path / "one.onnx").json == net.json
    onnx.checker.check_model(str(tmp_path / "one.onnx"), full_check=True)


def test_metadata_says_step_hash_and_paths(tmp_path: Path) -> None:
    net = recurrent()
    model, _ = exchange.to_onnx(net.document)
    said = metadata(model)
    assert said["dt_ms"] == "0.1" and said["hash"] == flatten(net.document).hash
    names = json.loads(said["names"])
    assert names["outputs"]["a.spikes"]["path"] == "a" and names["inputs"]["s"]["path"] == "s"
    assert {f.name for f in model.functions} >= {"delay", "synapses", "exponential", "lif__exponential"}
    assert model.ir_version == 9 and {(o.domain, o.version) for o in model.opset_import} == {("", 18), ("ai.neuromorphic", 1)}


@pytest.mark.parametrize("rule", [None, "stdp_pair"])
def test_a_model_without_its_document_is_read_by_the_names_of_its_functions(rule: str | None) -> None:
    net = recurrent(rule=rule)
    model, _ = exchange.to_onnx(net.document)
    feed = {"s": exchange.stimulus(flatten(net.document), 300)["s"].clip(0, 1), "current": np.full((300, 1), 0.6, np.float32)}
    expected = exchange.run(model, feed)
    del model.metadata_props[:]
    document, findings = exchange.from_onnx(model, 0.1)
    assert document is not None and not findings
    again, _ = exchange.to_onnx(document)
    found = exchange.run(again, feed)
    for name in ("a.spikes", "b.spikes"):
        assert np.array_equal(found[name], expected[name]) and expected[name].sum() > 20


def test_shapes_and_pooling_are_read_from_the_graph() -> None:
    model, _ = exchange.to_onnx(studio.load(PATHS["crossbar_conv"]).document)
    helper.set_model_props(model, {"dt_ms": "1.0"})
    document, _ = exchange.from_onnx(model)
    assert document is not None and document.circuit.nodes["pooled"].shape == (8, 4, 4)
    assert sorted(p.connector.model for p in document.circuit.projections.values()) == ["dense", "dense", "dense", "pooling"]


def test_a_changed_graph_wins_over_the_kept_document() -> None:
    model, _ = exchange.to_onnx(studio.load(PATHS["first_spike"]).document)
    step = next(a.g for a in model.graph.node[0].attribute if a.name == "body")
    call = next(n for n in step.node if n.name == "neuron")
    next(a for a in call.attribute if a.name == "v_th").f = -52.0
    document, findings = exchange.from_onnx(model)
    assert document is not None and "lossy.changed" in {f.code for f in findings}
    assert flatten(document).population("neuron").neuron.params["v_th"] == -52.0


def test_a_model_written_by_hand_in_onnx_text() -> None:
    """What the guide says: the function's name says the neuron, its attributes the parameters."""
    text = """
    <ir_version: 9, opset_import: ["": 18, "ai.neuromorphic": 1]>
    net (float[2] v0 = {0.0, 0.0}, float[T, 3] X) => (float[2] vT, float[T, 2] Z)
    <float[3, 2] W = {1.0, 0.0, 0.0, 1.0, 0.5, 0.5}> {
      vT, Z = Scan <num_scan_inputs = 1, body = step (float[2] v, float[3] x) => (float[2] vo, float[2] z) {
        w0 = MatMul(x, W)
        vo, z = ai.neuromorphic.if_euler__pulse <v_threshold = 1.5> (v, w0)
      }> (v0, X)
    }
    <opset_import: ["": 18], domain: "ai.neuromorphic">
    if_euler__pulse <v_threshold> (v, w0) => (vo, spikes) {
      theta = Constant <value_float: float = @v_threshold> ()
      u = Add(v, w0)
      fired = Greater(u, theta)
      zero = Sub(u, u)
      vo = Where(fired, zero, u)
      spikes = Cast <to = 1> (fired)
    }
    """
    model = onnx.parser.parse_model(text)
    onnx.checker.check_model(model)
    document, findings = exchange.from_onnx(model, 1.0)
    assert document is not None and not findings
    (cells,) = (n for n in document.circuit.nodes.values() if n.kind == "population")
    assert cells.model == "if_euler" and cells.size == 2
    rng = np.random.default_rng(1)
    x = (rng.random((50, 3)) < 0.4).astype(np.float32)
    theirs = exchange.run(model, {"X": x})["Z"]
    again, _ = exchange.to_onnx(document)
    (ours,) = (v for k, v in exchange.run(again, {"x": x}).items() if k.endswith(".spikes"))
    assert np.array_equal(ours, theirs) and theirs.sum() > 5


def perceptron() -> onnx.ModelProto:
    """784 is too much to read: 4 inputs, 6 hidden, 3 outputs, as PyTorch writes it."""
    rng = np.random.default_rng(5)
    arrays = {"w1": rng.normal(size=(6, 4)), "b1": rng.normal(size=6) / 4, "w2": rng.normal(size=(3, 6)), "b2": np.zeros(3)}
    nodes = [
        helper.make_node("Gemm", ["x", "w1", "b1"], ["h"], transB=1),
        helper.make_node("Relu", ["h"], ["r"]),
        helper.make_node("Gemm", ["r", "w2", "b2"], ["y"], transB=1),
    ]
    constants = [numpy_helper.from_array(v.astype(np.float32), k) for k, v in arrays.items()]
    ends = [helper.make_tensor_value_info(n, 1, ["N", k]) for n, k in (("x", 4), ("y", 3))]
    return helper.make_model(
        helper.make_graph(nodes, "mlp", ends[:1], ends[1:], constants), opset_imports=[helper.make_opsetid("", 18)], ir_version=9
    )


def test_a_plain_perceptron_becomes_rates() -> None:
    model = perceptron()
    rng = np.random.default_rng(2)
    inputs = rng.random((8, 4)).astype(np.float32)
    document, findings = exchange.from_onnx(model, 1.0, calibration=inputs)
    assert document is not None and {f.code for f in findings} == {"lossy.rates"}
    spiking, _ = exchange.to_onnx(document)
    right = 0
    for x in inputs:
        expected = exchange.run(model, {"x": x[None]})["y"][0]
        counts = exchange.run(spiking, {"input": np.repeat(x[None], 200, axis=0)})["output.spikes"].sum(axis=0)
        right += int(expected.max() <= 0 or counts.argmax() == expected.argmax())
    assert right == 8


def plain(nodes: list[onnx.NodeProto], arrays: dict[str, np.ndarray], shape: list[int | str], out: str = "y") -> onnx.ModelProto:
    """A chain of nodes from x to `out`."""
    constants = [numpy_helper.from_array(v.astype(np.float32), k) for k, v in arrays.items()]
    ends = helper.make_tensor_value_info("x", 1, shape), helper.make_tensor_value_info(out, 1, None)
    graph = helper.make_graph(nodes, "chain", [ends[0]], [ends[1]], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)


def convolutional() -> onnx.ModelProto:
    """Conv, BatchNormalization, ReLU, AveragePool, Conv, a bias for each channel, ReLU, GlobalAveragePool, Flatten, Gemm, Softmax."""
    rng, node = np.random.default_rng(6), helper.make_node
    arrays = {
        "w1": rng.normal(size=(4, 2, 3, 3)),
        "b1": rng.normal(size=4),
        "w2": rng.normal(size=(6, 2, 3, 2)),
        "c": rng.normal(size=(1, 6, 1, 1)),
    }
    arrays |= {
        "s": rng.random(4) + 0.5,
        "b": rng.normal(size=4),
        "m": rng.normal(size=4),
        "v": rng.random(4) + 0.5,
        "w3": rng.normal(size=(3, 6)),
    }
    nodes = [
        node("Conv", ["x", "w1", "b1"], ["a"], pads=[1, 1, 1, 1]),
        node("BatchNormalization", ["a", "s", "b", "m", "v"], ["n"]),
        node("Relu", ["n"], ["r"]),
        node("AveragePool", ["r"], ["p"], kernel_shape=[2, 2], strides=[2, 2]),
        node("Conv", ["p", "w2"], ["d"], group=2, strides=[1, 2]),
        node("Add", ["d", "c"], ["e"]),
        node("Relu", ["e"], ["f"]),
        node("GlobalAveragePool", ["f"], ["g"]),
        node("Flatten", ["g"], ["h"]),
        node("Gemm", ["h", "w3"], ["y"], transB=1),
    ]
    return plain(nodes, arrays, ["N", 2, 10, 8])


def test_the_layers_of_a_convolutional_network_are_those_of_onnxruntime() -> None:
    from studio.exchange.onnx.rates import _layers

    model = convolutional()
    x = np.random.default_rng(1).random((3, 2, 10, 8)).astype(np.float32)
    value = x.reshape(3, -1)
    _, layers = _layers(model)
    for layer in layers:
        value = layer(value)
    assert len(layers) == 5 and np.allclose(value, exchange.run(model, {"x": x})["y"], atol=1e-5) and np.ptp(value) > 0.1
    document, findings = exchange.from_onnx(model, 1.0, calibration=x)
    assert document is not None and {f.code for f in findings} == {"lossy.rates"}


SQUARE = {"w": np.ones((4, 4))}


@pytest.mark.parametrize(
    ("kinds", "arrays", "shape", "words"),
    [
        ([("Sigmoid", ["x"])], {}, ["N", 4], "“Sigmoid” has no counterpart"),
        ([("MatMul", ["w", "x"])], SQUARE, ["N", 4], "not the next of one chain"),
        ([("Softmax", ["x"]), ("MatMul", ["0", "w"])], SQUARE, ["N", 4], "“Softmax” stands before its end"),
        ([("MatMul", ["x", "w"]), ("Add", ["0", "x"])], SQUARE, ["N", 4], "“Add” has no counterpart"),
        ([("MatMul", ["x", "w"])], SQUARE, ["N", "L"], "export it with fixed ones"),
        ([("MatMul", ["x", "w"]), ("Add", ["0", "v"])], {**SQUARE, "v": np.ones(3)}, ["N", 4], "does not fit"),
        ([("AveragePool", ["x"])], {}, ["N", 1, 4, 4], "pads its two sides unlike"),
        ([("MaxPool", ["x"])], {}, ["N", 1, 4, 4], "train the network with AveragePool"),
    ],
)
def test_what_has_no_counterpart_is_refused_in_words(kinds: Any, arrays: Any, shape: Any, words: str) -> None:
    nodes = [helper.make_node(kind, inputs, [str(k)]) for k, (kind, inputs) in enumerate(kinds)]
    if kinds[0][0] == "AveragePool":
        nodes[0].attribute.append(helper.make_attribute("auto_pad", "SAME_UPPER"))
    document, (finding,) = exchange.from_onnx(plain(nodes, arrays, shape, out=str(len(nodes) - 1)))
    assert document is None and words in finding.text and finding.fix


@pytest.mark.parametrize("content", [b"", b"\x00" * 40, b"not an onnx model", b"\x08\x09"])
def test_what_is_no_model_is_a_finding(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.onnx").write_bytes(content)
    with pytest.raises(FindingError):
        studio.load(tmp_path / "bad.onnx")


def spoilt(model: onnx.ModelProto, rng: np.random.Generator) -> onnx.ModelProto:
    """The model with one thing in it gone wrong."""
    out = onnx.ModelProto()
    out.CopyFrom(model)
    graphs = [out.graph, *(a.g for n in out.graph.node for a in n.attribute if a.name == "body")]
    graph = graphs[rng.integers(len(graphs))]
    node = graph.node[rng.integers(len(graph.node))]
    names = [name for n in graph.node for name in n.output]
    kind = rng.integers(7)
    if kind == 0 and node.input:
        node.input[rng.integers(len(node.input))] = names[rng.integers(len(names))]
    elif kind == 1 and node.input:
        del node.input[0]
    elif kind == 2:
        graph.node.remove(node)
    elif kind == 3:
        node.op_type = ("Add", "lif", "delay", "synapses", "lif__exponential__delta")[rng.integers(5)]
    elif kind == 4 and out.graph.initializer:
        out.graph.initializer[rng.integers(len(out.graph.initializer))].dims[:] = [(0, 10**9, -1)[rng.integers(3)]]
    elif kind == 5 and node.attribute:
        node.attribute.remove(node.attribute[0])
    elif out.functions:
        out.functions.remove(out.functions[rng.integers(len(out.functions))])
    return out


def test_spoilt_models_give_findings_and_no_crash() -> None:
    rng, read = np.random.default_rng(4), 0
    models = [exchange.to_onnx(recurrent(rule="stdp_pair").document)[0], exchange.to_onnx(studio.load(PATHS["first_spike"]).document)[0]]
    for model in models:
        del model.metadata_props[:]
    for k in range(45):
        document, findings = exchange.from_onnx(spoilt((*models, perceptron())[k % 3], rng), 0.1)
        assert document is not None or any(f.severity == "error" and f.text for f in findings)
        read += document is not None
    assert 5 < read < 45


def test_weights_in_another_file_are_not_followed() -> None:
    model, _ = exchange.to_onnx(studio.load(PATHS["cuba"]).document)
    del model.metadata_props[:]
    for tensor in model.graph.initializer:
        tensor.data_location = onnx.TensorProto.EXTERNAL
    document, findings = exchange.from_onnx(model, 0.1)
    assert document is None and any("another file" in f.text for f in findings)


def test_the_command_writes_checks_and_runs_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "fs.onnx"
    assert main(["export", "first_spike", "--format", "onnx", "--out", str(out)]) == 0
    assert main(["check", str(out)]) == 0
    assert str(out) in capsys.readouterr().out


def test_a_missing_package_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name.startswith("onnx") else real(name))
    model, (finding,) = exchange.to_onnx(studio.load(PATHS["first_spike"]).document)
    assert model is None and "onnx is not installed" in finding.text and "pip install" in finding.fix


def test_a_network_without_populations_is_refused() -> None:
    net = studio.Network("Nobody")
    net.source("s", 3)
    model, (finding,) = exchange.to_onnx(net.document)
    assert model is None and finding.code == "lossy.empty" and finding.fix
