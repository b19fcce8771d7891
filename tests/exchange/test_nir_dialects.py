"""NIR complete: every node of the nir package both ways, graphs in graphs, readers' conventions, files for old readers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nir
import numpy as np
import pytest

import studio
from studio.cli import main
from studio.engine import reference
from studio.exchange import nir as exchange
from studio.exchange.nir.dialects import DIALECTS
from studio.exchange.nir.writing import OLD
from studio.network.flatten import flatten

PRIMITIVES = {c.__name__ for c in vars(nir.ir).values() if isinstance(c, type) and issubclass(c, nir.NIRNode)} - {"NIRNode"}
LEVELS = {"v_threshold": np.ones(4), "r": np.ones(4)}
LEAK = {"tau": np.full(4, 0.01), "v_leak": np.zeros(4), "r": np.ones(4)}
SYNAPSE = {"tau_mem": np.full(4, 0.01), "tau_syn": np.full(4, 0.005), "r": np.ones(4), "v_leak": np.zeros(4), "w_in": np.ones(4)}
GRID = nir.Input({"input": np.array([2, 4, 4])})
CELLS = nir.IF(r=np.ones((2, 2, 2)), v_threshold=np.ones((2, 2, 2)))

# one small graph for each node: what stands between the input (4 values, or a grid) and neurons
GRAPHS: dict[str, dict[str, Any]] = {
    "Affine": {"x": nir.Affine(np.eye(4), np.full(4, 0.25)), "y": nir.IF(**LEVELS)},
    "Linear": {"x": nir.Linear(np.eye(4) + 0.5), "y": nir.IF(**LEVELS)},
    "Scale": {"x": nir.Scale(np.arange(4.0) + 1), "y": nir.IF(**LEVELS)},
    "Delay": {"x": nir.Delay(np.full(4, 0.003)), "y": nir.IF(**LEVELS)},
    "IF": {"y": nir.IF(**LEVELS)},
    "I": {"y": nir.I(r=np.ones(4))},
    "LIF": {"y": nir.LIF(**LEAK, v_threshold=np.ones(4), v_reset=np.zeros(4))},
    "LI": {"y": nir.LI(**LEAK)},
    "CubaLIF": {"y": nir.CubaLIF(**SYNAPSE, v_threshold=np.ones(4), v_reset=np.zeros(4))},
    "CubaLI": {"y": nir.CubaLI(**SYNAPSE)},
    "Threshold": {"y": nir.Threshold(np.full(4, 0.5))},
    "Flatten": {"grid": GRID, "x": nir.Flatten({"input": np.array([2, 4, 4])}, start_dim=0), "z": nir.Linear(np.ones((4, 32))), "y": nir.IF(**LEVELS)},
    "Conv2d": {"grid": GRID, "x": nir.Conv2d((4, 4), np.ones((2, 2, 3, 3)), 1, 0, 1, 1, np.zeros(2)), "y": CELLS},
    "SumPool2d": {"grid": GRID, "x": nir.SumPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])), "y": CELLS},
    "AvgPool2d": {"grid": GRID, "x": nir.AvgPool2d(np.array([2, 2]), np.array([2, 2]), np.array([0, 0])), "y": CELLS},
    "Conv1d": {
        "grid": nir.Input({"input": np.array([2, 6])}),
        "x": nir.Conv1d(6, np.ones((2, 2, 3)), 1, 0, 1, 1, np.zeros(2)),
        "y": nir.IF(r=np.ones((2, 4)), v_threshold=np.ones((2, 4))),
    },
}  # fmt: skip


def graph_of(parts: dict[str, Any]) -> nir.NIRGraph:
    """A chain of the nodes, from an input to an output."""
    nodes = {"input": parts.get("grid", nir.Input({"input": np.array([4])})), **{k: v for k, v in parts.items() if k != "grid"}}
    shape = np.shape(getattr(parts["y"], "v_threshold", getattr(parts["y"], "r", getattr(parts["y"], "threshold", None))))
    nodes["output"] = nir.Output({"output": np.array(shape)})
    names = list(nodes)
    return nir.NIRGraph(nodes, list(zip(names, names[1:], strict=False)), type_check=False)


def kinds(graph: Any) -> set[str]:
    return {k for n in graph.nodes.values() for k in ({type(n).__name__} | (kinds(n) if isinstance(n, nir.NIRGraph) else set()))}


def test_the_graphs_are_one_for_each_primitive() -> None:
    assert len(PRIMITIVES) >= 18  # 17 and the graph itself
    assert set(GRAPHS) | {"Input", "Output", "NIRGraph"} == PRIMITIVES
    assert PRIMITIVES - {"CubaLI", "NIRGraph"} == set(OLD)


@pytest.mark.parametrize("kind", GRAPHS)
def test_every_primitive_is_read_and_written(kind: str) -> None:
    document, findings = exchange.from_graph(graph_of(GRAPHS[kind]), 1.0)
    assert document is not None and not [f for f in findings if f.severity != "info"]
    made, _ = exchange.to_nir(document)
    assert made is not None and kind in kinds(made)
    again, _ = exchange.from_graph(nir.NIRGraph(made.nodes, made.edges, type_check=False), 1.0)
    assert again is not None and again.circuit.nodes.keys() == document.circuit.nodes.keys()


def layered(model: str = "lif_euler", **params: Any) -> studio.Network:
    """A source, a circuit of two populations of which one hears and one is heard, and an output."""
    net = studio.Network("Layers")
    rng = np.random.default_rng(2)
    times, ids = np.sort(rng.integers(1, 60, 120)), rng.integers(0, 4, 120)
    pairs = np.unique(np.stack([times, ids]), axis=1)
    source = net.source("s", 4, "spike_list", times=pairs[0].astype(float), ids=pairs[1])
    column = net.circuit("Column")
    a, b = column.population("a", 3, model, **params), column.population("b", 3, model, **params)
    column.connect(a, b, weight=6.0, kinetics="pulse", delay=0.0)
    column.connect(a, a, weight=0.5, kinetics="pulse", delay=1.0)
    column.port("into", "in", a)
    column.port("out", "out", b)
    out = net.population("out", 2, model, **params)
    box = net.instance("col", column)
    net.connect(source, box["into"], weight=8.0, kinetics="pulse", delay=0.0)
    net.connect(box["out"], out, weight=6.0, kinetics="pulse", delay=0.0)
    net.run(dt=1.0, duration=80.0)
    return net


PARAMS = {"tau": 8.0, "v_threshold": 2.0, "v_leak": 0.0, "v_reset": 0.0}


def spikes(document: Any, path: str) -> list[tuple[int, int]]:
    return reference.run(flatten(document), 80).spikes[path]


def test_a_circuit_becomes_a_graph_in_the_graph() -> None:
    net = layered(**PARAMS)
    plain, _ = exchange.to_nir(net.document)
    made, findings = exchange.to_nir(net.document, nested=True)
    assert made is not None and plain is not None and "lossy.nested" not in {f.code for f in findings}
    assert "NIRGraph" not in kinds(plain)
    (inner,) = (n for n in made.nodes.values() if isinstance(n, nir.NIRGraph))
    assert {"a", "b", "input", "output"} <= set(inner.nodes)
    document, findings = exchange.from_graph(nir.NIRGraph(made.nodes, made.edges, type_check=False), 1.0)
    assert document is not None and any(n.kind == "instance" for n in document.circuit.nodes.values())
    source = next(s for s in flatten(net.document).sources).source.params
    counts = np.zeros((80, 4), int)
    counts[np.asarray(source["times"], int) - 1, np.asarray(source["ids"], int)] = 1
    expected = spikes(net.document, "out")
    assert spikes(exchange.with_input(document, counts), "out") == expected and len(expected) > 4


def test_circuits_in_circuits_become_graphs_in_graphs() -> None:
    """Two circuits side by side, one of them with a circuit inside."""
    net = studio.Network("Deep")
    inner, outer, other = (net.circuit(name) for name in ("Inner", "Outer", "Other"))
    for circuit in (inner, other):
        cells = circuit.population("cells", 3, "lif_euler", **PARAMS)
        circuit.port("into", "in", cells)
        circuit.port("out", "out", cells)
    held = outer.instance("held", inner)
    last = outer.population("last", 3, "lif_euler", **PARAMS)
    outer.connect(held["out"], last, weight=6.0, kinetics="pulse", delay=0.0)
    outer.port("into", "in", held["into"])
    outer.port("out", "out", last)
    one, two = net.instance("one", outer), net.instance("two", other)
    net.connect(net.source("s", 4, "spike_list"), one["into"], weight=8.0, kinetics="pulse", delay=0.0)
    net.connect(one["out"], two["into"], weight=6.0, kinetics="pulse", delay=0.0)
    net.run(dt=1.0, duration=10.0)
    made, findings = exchange.to_nir(net.document, nested=True)
    assert made is not None and "lossy.nested" not in {f.code for f in findings}
    graphs = {name: node for name, node in made.nodes.items() if isinstance(node, nir.NIRGraph)}
    assert set(graphs) == {"one", "two"}
    assert [type(n).__name__ for n in graphs["one"].nodes.values()].count("NIRGraph") == 1
    document, _ = exchange.from_graph(nir.NIRGraph(made.nodes, made.edges, type_check=False), 1.0)
    assert document is not None and len(document.circuits) == 4
    assert {p.path.count(".") for p in flatten(document).populations} == {1, 2}


def test_a_node_named_like_one_inside_a_nested_graph_is_another() -> None:
    inner = graph_of({"y": nir.IF(**LEVELS)})
    nodes = {
        "input": nir.Input({"input": np.array([4])}),
        "sub": inner,
        "sub.y": nir.IF(**LEVELS),
        "output": nir.Output({"output": np.array([4])}),
    }
    graph = nir.NIRGraph(nodes, [("input", "sub"), ("sub", "sub.y"), ("sub.y", "output")], type_check=False)
    document, findings = exchange.from_graph(graph, 1.0)
    assert document is not None and not findings
    assert {p.path for p in flatten(document).populations} == {"sub.y", "sub_y"}
    assert [(p.source, p.target) for p in flatten(document).projections] == [("input", "sub.y"), ("sub.y", "sub_y")]


def test_a_circuit_with_two_ways_in_is_written_unfolded_and_said() -> None:
    net = layered(**PARAMS)
    inside = net.document.circuit.nodes["col"].of
    document = net.document.to_json()
    document["circuits"][inside]["ports"]["into"]["to"] = ["a", "b"]
    again = studio.Network(document=document)
    made, findings = exchange.to_nir(again.document, nested=True)
    assert made is not None and "NIRGraph" not in kinds(made)
    (said,) = [f for f in findings if f.code == "lossy.nested"]
    assert said.where == "col" and "2 of its nodes hear the outside" in said.text


CUBA = {"tau_mem": 8.0, "tau_syn": 3.0, "w_in": 1.5, "r": 2.0, "v_threshold": -62.0, "v_leak": -63.0, "v_reset": -63.0}


@pytest.mark.parametrize("model", ["lif_euler", "cubalif_euler", "if_euler"])
@pytest.mark.parametrize("key", DIALECTS)
def test_a_dialect_changes_the_units_of_the_voltage_and_no_spike(key: str, model: str) -> None:
    """Each graph, stepped as its reader does (but reset to zero), fires as the network does."""
    own = {"lif_euler": {"tau": 8.0, "r": 2.0, "v_threshold": -60.0, "v_leak": -63.0, "v_reset": -63.0}, "cubalif_euler": CUBA}
    net = layered(model, **own.get(model, {"r": 0.5, "v_threshold": 7.0}))
    graph, findings = exchange.to_nir(net.document, dialect=key)
    assert graph is not None and not [f for f in findings if f.severity == "error"]
    assert graph.metadata["dialect"] == key and graph.metadata["dt"] == 0.001
    if key == "sinabs" and model == "cubalif_euler":
        assert [f for f in findings if "does not read NIR's CubaLIF" in f.text]
        return
    found, expected = stepped(graph, key, net), spikes(net.document, "out")
    assert found == expected and len(expected) > 4
    assert any("takes the threshold off" in f.text for f in findings) == (key in ("sinabs", "rockpool"))


def stepped(graph: Any, reader: str, net: studio.Network) -> list[tuple[int, int]]:
    """The reader's own step, as its source has it: decays and gains of a LIF, a CubaLIF or an IF, reset to zero."""
    dt = {"snntorch": 1e-4}.get(reader, 1e-3)
    volts: dict[str, Any] = {}
    currents: dict[str, Any] = {}
    last: dict[str, Any] = {}
    out = []
    source = flatten(net.document).sources[0].source.params
    order = ("col_a", "col_b", "out")
    for t in range(80):
        now = {"s": np.array([np.any((source["times"] == t + 1) & (source["ids"] == i)) for i in range(4)], float)}
        for name in order:
            node, total = graph.nodes[name], 0.0
            for a, link in graph.edges:
                if (link, name) in graph.edges and hasattr(graph.nodes[link], "weight"):
                    given = last.get(a, 0.0) if a == name else now.get(a)
                    total = total + (graph.nodes[link].weight @ given if given is not None and np.ndim(given) else 0.0)
            v = volts.get(name, 0.0)
            if hasattr(node, "tau_mem"):
                i = currents.get(name, 0.0)
                if reader == "rockpool":
                    dt = np.min(node.tau_mem / (1 + node.r))
                    i, v = np.exp(-dt / node.tau_syn) * (i + total), np.exp(-dt / node.tau_mem) * v
                    v = v + i
                else:
                    decay = 1 - dt / node.tau_mem
                    i = (1 - dt / node.tau_syn) * i + (total if reader in UNIT else dt / node.tau_syn * node.w_in * total)
                    v = decay * v + (1.0 if reader in UNIT else 1 - decay) * i
                currents[name] = i
            elif hasattr(node, "tau"):
                decay = np.exp(-1 / node.tau) if reader == "sinabs" else 1 - dt / node.tau
                v = decay * v + (1.0 if reader in UNIT else 1 - decay) * total
            else:
                v = v + total
            z = v > node.v_threshold
            volts[name], now[name] = np.where(z, 0.0, v), z.astype(float)
        last = now
        out += [(t + 1, int(i)) for i in np.flatnonzero(now["out"])]
    return out


UNIT = ("snntorch", "sinabs", "snn-mlir")  # a step adds the input as it is


def test_what_a_reader_refuses_is_said() -> None:
    """Groups and leaky neurons on a grid for sinabs; thresholds that differ for snnTorch; time constants for snn-mlir."""
    net = studio.Network("Refused")
    net.run(dt=1.0)
    grid = net.source("s", 32, "spike_list", shape=[2, 4, 4])
    a = net.population("a", 32, "lif_euler", shape=[2, 4, 4], v_threshold=np.linspace(1.0, 2.0, 32))
    net.connect(grid, a, studio.convolution(np.ones((2, 1, 3, 3)), padding=1, groups=2), kinetics="pulse", delay=0.0)
    for key, text in (("sinabs", "with groups"), ("sinabs", "shape of a grid"), ("snntorch", "v_threshold"), ("snn-mlir", "v_threshold")):
        assert any(text in f.text for f in exchange.to_nir(net.document, dialect=key)[1]), (key, text)
    assert not any("same for all" in f.text for f in exchange.to_nir(net.document, dialect="norse")[1])
    net.set("a.v_threshold", 1.0)
    net.set("a.tau", np.linspace(3.0, 4.0, 32))
    for key, said in (("snntorch", ["v_threshold"]), ("snn-mlir", ["tau", "r", "v_threshold"])):
        found = [f.text for f in exchange.to_nir(net.document, dialect=key)[1] if "same for all" in f.text]
        assert [text.split("its ")[1].split(" ")[0] for text in found] == said, found


def test_what_a_reader_misreads_is_said(tmp_path: Path) -> None:
    net = layered(tau=8.0, v_threshold=2.0, v_reset=0.5)
    codes = {key: exchange.write(net.document, tmp_path / "x.nir", dialect=key) for key in DIALECTS}
    assert all(any(f.code == "lossy.reset" for f in found) for found in codes.values())
    (unknown,) = exchange.write(net.document, tmp_path / "y.nir", dialect="nothing")
    assert unknown.severity == "error" and "snntorch" in unknown.fix and not (tmp_path / "y.nir").exists()
    delayed = layered(**PARAMS)
    delayed.set("p1.delay", 3.0)
    found = exchange.write(delayed.document, tmp_path / "z.nir", dialect="norse")
    assert any("does not read NIR's Delay" in f.text for f in found)


def test_files_for_old_readers_hold_no_reset_also_in_graphs_inside(tmp_path: Path) -> None:
    import h5py

    exchange.write(layered(**PARAMS).document, tmp_path / "old.nir", nir_compat="1.0.4", nested=True)
    names: list[str] = []
    with h5py.File(tmp_path / "old.nir") as file:
        file.visit(names.append)
    assert not [n for n in names if n.endswith("v_reset")] and [n for n in names if "nodes/a/tau" in n]
    document, _ = exchange.from_graph(graph_of(GRAPHS["CubaLI"]), 1.0)
    assert document is not None
    findings = exchange.write(document, tmp_path / "new.nir", nir_compat="1.0.4")
    assert any(f.code == "lossy.node" and "1.0.4 cannot read" in f.text for f in findings)


def test_the_command_takes_a_dialect(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "net.snn.json"
    layered(**PARAMS).save(file)
    out = tmp_path / "net.nir"
    assert main(["export", str(file), "--dialect", "snntorch", "--out", str(out)]) == 0
    graph = nir.read(out)
    assert graph.metadata["dialect"] in ("snntorch", b"snntorch") and np.allclose(graph.nodes["out"].tau, 0.0008)
    assert main(["export", str(file), "--format", "python", "--dialect", "norse"]) == 2
    assert "--dialect" in capsys.readouterr().err
