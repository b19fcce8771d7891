import nir
import numpy as np
import pytest

from studio.engine.run import simulate
from studio.exchange.nir import from_graph, output, read, with_input
from studio.exchange.nir.splice import splice
from studio.exchange.nir.tree import Graph, Node, from_nir
from studio.findings import FindingError
from studio.network.check import check
from studio.network.data import decode


def lif(n, tau=0.01, **more):
    given = {"r": 1.0, "v_leak": 0.0, "v_threshold": 0.5, "v_reset": 0.0} | more
    return nir.LIF(tau=np.full(n, tau), **{k: np.full(n, v) for k, v in given.items()})


def graph(nodes, edges):
    return nir.NIRGraph(nodes=nodes, edges=edges)


def shape(n):
    return {"input": np.array([n])}


def chain(*middle, n_in=3, n_out=3, neuron=None):
    """Input -> middle nodes -> lif -> Output."""
    names = [f"m{k}" for k in range(len(middle))]
    nodes = {
        "input": nir.Input(shape(n_in)),
        **dict(zip(names, middle, strict=True)),
        "lif": neuron or lif(n_out),
        "output": nir.Output({"output": np.array([n_out])}),
    }
    order = ["input", *names, "lif", "output"]
    return graph(nodes, list(zip(order, order[1:], strict=False)))


def main(document):
    return document.to_json()["circuits"]["main"]


def array(document, reference):
    return decode("x", document.to_json()["data"][reference["data"]])


def test_neurons_become_populations_in_their_own_units():
    document, findings = from_graph(chain(nir.Linear(np.ones((3, 3)))), 1.0)
    node = main(document)["nodes"]["lif"]
    assert not findings and node["model"] == "lif_euler" and node["size"] == 3
    assert node["params"] == {"tau": 10, "r": 1, "v_leak": 0, "v_threshold": 0.5, "v_reset": 0}


def test_per_neuron_parameters_become_data():
    neuron = nir.LIF(tau=np.array([0.01, 0.02, 0.03]), r=np.ones(3), v_leak=np.zeros(3), v_threshold=np.ones(3), v_reset=np.zeros(3))
    document, _ = from_graph(chain(nir.Linear(np.ones((3, 3))), neuron=neuron), 1.0)
    assert array(document, main(document)["nodes"]["lif"]["params"]["tau"]) == pytest.approx([10, 20, 30])


def test_a_matrix_stays_as_it_is_and_delays_are_zero():
    weight = np.arange(6.0).reshape(3, 2) + 1
    document, _ = from_graph(chain(nir.Linear(weight), n_in=2), 1.0)
    p = main(document)["projections"]["p1"]
    assert p["connector"]["model"] == "dense" and p["kinetics"]["model"] == "pulse" and p["delay"] == 0 and p["weight"] == 1
    np.testing.assert_array_equal(array(document, p["connector"]["params"]["weights"]), weight)


def test_linear_nodes_in_a_row_are_multiplied():
    rng = np.random.default_rng(0)
    a, b, s = rng.normal(size=(4, 2)), rng.normal(size=(3, 4)), rng.normal(size=4)
    bias = rng.normal(size=4)
    document, _ = from_graph(chain(nir.Affine(a, bias), nir.Scale(s), nir.Linear(b), n_in=2), 1.0)
    np.testing.assert_allclose(array(document, main(document)["projections"]["p1"]["connector"]["params"]["weights"]), b @ np.diag(s) @ a)
    np.testing.assert_allclose(array(document, main(document)["nodes"]["lif"]["params"]["i_offset"]), b @ (s * bias))


def test_a_sparse_matrix_becomes_a_list_of_pairs():
    weight = np.zeros((20, 20))
    weight[3, 7] = 2.0
    document, _ = from_graph(chain(nir.Linear(weight), n_in=20, n_out=20), 1.0)
    p = main(document)["projections"]["p1"]
    listed = {k: array(document, v).tolist() for k, v in p["connector"]["params"].items()}
    assert listed == {"sources": [7], "targets": [3]} and array(document, p["weight"]).tolist() == [2.0]


def test_delays_of_channels_are_kept_and_zero_ones_stand_apart():
    document, findings = from_graph(chain(nir.Delay(np.array([0.0, 0.002, 0.003])), nir.Linear(np.ones((3, 3)))), 1.0)
    p1, p2 = main(document)["projections"].values()
    assert not findings and p1["delay"] == 0
    assert array(document, p1["connector"]["params"]["sources"]).tolist() == [0, 0, 0]
    np.testing.assert_array_equal(array(document, p2["delay"]), [2, 2, 2, 3, 3, 3])


def test_a_delay_between_steps_is_rounded_and_said():
    document, findings = from_graph(chain(nir.Delay(np.full(3, 0.0024)), nir.Linear(np.ones((3, 3)))), 1.0)
    assert main(document)["projections"]["p1"]["delay"] == 2 and [f.code for f in findings] == ["lossy.delay"]


def recurrent(node):
    return graph(
        {
            "input": nir.Input(shape(3)),
            "fc": nir.Affine(np.eye(3) + 0.1, np.ones(3)),
            "lif": lif(3),
            "rec": node,
            "output": nir.Output({"output": np.array([3])}),
        },
        [("input", "fc"), ("fc", "lif"), ("lif", "rec"), ("rec", "lif"), ("lif", "output")],
    )


def test_a_recurrent_connection_comes_one_step_later_and_so_does_its_bias():
    document, findings = from_graph(recurrent(nir.Affine(np.ones((3, 3)), np.array([1.0, 2.0, 3.0]))), 0.5)
    circuit = main(document)
    assert not findings
    assert {p["name"]: p["delay"] for p in circuit["projections"].values()} == {"fc": 0, "rec": 0.5, "Bias of rec": 0}
    assert circuit["nodes"]["lif_bias"]["model"] == "step_current" and circuit["nodes"]["lif_bias"]["params"]["start"] == 0.5
    assert circuit["nodes"]["lif"]["params"]["i_offset"] == 1


def test_two_populations_that_drive_each_other_are_ordered_and_said():
    nodes = {
        "input": nir.Input(shape(2)),
        "w": nir.Linear(np.eye(2) + 0.1),
        "a": lif(2),
        "b": lif(2),
        "ab": nir.Linear(np.ones((2, 2))),
        "ba": nir.Linear(np.ones((2, 2))),
        "output": nir.Output({"output": np.array([2])}),
    }
    edges = [("input", "w"), ("w", "a"), ("a", "ab"), ("ab", "b"), ("b", "ba"), ("ba", "a"), ("b", "output")]
    document, findings = from_graph(graph(nodes, edges), 1.0)
    assert {p["name"]: p["delay"] for p in main(document)["projections"].values()} == {"w": 0, "ab": 0, "ba": 1}
    assert [f.code for f in findings] == ["lossy.order"]


def inside(n_in, n, *, recurrent=False, deeper=None):
    """A graph to be nested: fc, then lif, with a recurrent Affine perhaps, and another graph behind it perhaps."""
    rng = np.random.default_rng(n)
    nodes = {"input": nir.Input(shape(n_in)), "fc": nir.Linear(2 * rng.random((n, n_in))), "lif": lif(n)}
    edges = [("input", "fc"), ("fc", "lif")]
    if recurrent:
        nodes["rec"] = nir.Affine(rng.normal(size=(n, n)), rng.normal(size=n))
        edges += [("lif", "rec"), ("rec", "lif")]
    n_out, last = n, "lif"
    if deeper is not None:
        nodes["deeper"], last, n_out = deeper, "deeper", 2
        edges.append(("lif", "deeper"))
    return graph(nodes | {"output": nir.Output({"output": np.array([n_out])})}, [*edges, (last, "output")])


def nest():
    """input -> sub (lif, recurrent) -> deep (lif -> deeper (lif)) -> fc -> lif."""
    nodes = {
        "input": nir.Input(shape(3)),
        "sub": inside(3, 5, recurrent=True),
        "deep": inside(5, 4, deeper=inside(4, 2)),
        "fc": nir.Linear(2 + np.random.default_rng(9).random((4, 2))),
        "lif": lif(4),
        "output": nir.Output({"output": np.array([4])}),
    }
    order = list(nodes)
    return graph(nodes, list(zip(order, order[1:], strict=False)))


def test_a_nested_graph_is_a_circuit():
    document, findings = from_graph(nest(), 1.0)
    made = document.to_json()
    assert not findings and not [f for f in check(document) if f.severity == "error"]
    assert set(made["circuits"]) == {"main", "sub", "deep", "deep_deeper"}
    assert {k: n.get("of", n.get("model")) for k, n in main(document)["nodes"].items()} == {
        "input": "spike_list", "sub": "sub", "deep": "deep", "lif": "lif_euler",
    }  # fmt: skip
    assert set(made["circuits"]["sub"]["nodes"]) == {"lif", "lif_bias"} and made["circuits"]["sub"]["nodes"]["lif"]["name"] == "lif"
    ends = {(p["from"], p["to"]) for p in main(document)["projections"].values()}
    assert ends == {("input", "sub.lif_in"), ("sub.lif_out", "deep.lif_in"), ("deep.deeper_lif_out_out", "lif")}
    assert made["metadata"]["nir"]["outputs"] == {"output": ["lif"]}
    assert {r["path"] for r in made["run"]["record"]} == {"sub.lif", "deep.lif", "deep.deeper.lif", "lif"}


def test_a_nested_graph_runs_as_its_nodes_in_a_row():
    nested, counts = nest(), np.random.default_rng(3).poisson(1.5, (80, 3))
    flat, _ = splice(from_nir(nested))
    plain = Graph(
        {k.replace(".", "_"): v for k, v in flat.nodes.items()}, tuple((a.replace(".", "_"), b.replace(".", "_")) for a, b in flat.edges)
    )
    one, other = (simulate(with_input(from_graph(g, 1.0)[0], counts)) for g in (nested, plain))
    for path in ("sub.lif", "deep.lif", "deep.deeper.lif", "lif"):
        given = output(one, path)
        assert given.sum() > 5
        np.testing.assert_array_equal(given, output(other, path.replace(".", "_")))


@pytest.mark.parametrize(
    ("node", "model", "params"),
    [
        (
            nir.CubaLIF(tau_syn=np.full(3, 0.002), tau_mem=np.full(3, 0.01), r=np.ones(3), v_leak=np.zeros(3), v_threshold=np.ones(3), w_in=np.full(3, 2.0)),
            "cubalif_euler",
            {"tau_syn": 2, "tau_mem": 10, "w_in": 2, "r": 1, "v_leak": 0, "v_threshold": 1, "v_reset": 0},
        ),
        (nir.IF(r=np.full(3, 3.0), v_threshold=np.ones(3)), "if_euler", {"r": 3, "v_threshold": 1, "v_reset": 0}),
        (nir.Threshold(np.full(3, 0.5)), "threshold_euler", {"v_threshold": 0.5}),
    ],
)  # fmt: skip
def test_every_neuron_that_fires_stands_between_others(node, model, params):
    document, findings = from_graph(chain(nir.Linear(np.ones((3, 3))), node, nir.Linear(np.ones((3, 3)))), 1.0)
    assert not findings and main(document)["nodes"]["m1"]["model"] == model and main(document)["nodes"]["m1"]["params"] == params
    assert [(p["from"], p["to"]) for p in main(document)["projections"].values()] in (
        [("input", "m1"), ("m1", "lif")],
        [("m1", "lif"), ("input", "m1")],
    )


def test_nodes_that_cannot_be_said_are_named_and_the_rest_is_read():
    tree = from_nir(chain(nir.Linear(np.ones((3, 3))), nir.Threshold(np.ones(3)), nir.Linear(np.ones((3, 3)))))
    strange = Graph({k: Node("Resonator", n.params) if n.type == "Threshold" else n for k, n in tree.nodes.items()}, tree.edges)
    document, findings = from_graph(strange, 1.0)
    assert "lossy.node" in {f.code for f in findings} and any("m1" in f.where and "Resonator" in f.text for f in findings)
    assert set(main(document)["nodes"]) == {"input", "lif"} and not main(document)["projections"]


@pytest.mark.parametrize(
    "li",
    [
        nir.LI(tau=np.full(3, 0.01), r=np.ones(3), v_leak=np.zeros(3)),
        nir.CubaLI(tau_syn=np.full(3, 0.01), tau_mem=np.full(3, 0.01), r=np.ones(3), v_leak=np.zeros(3)),
        nir.I(r=np.ones(3)),
    ],
)
def test_an_analog_value_inside_the_network_is_a_finding(li):
    document, findings = from_graph(chain(nir.Linear(np.ones((3, 3))), li, nir.Linear(np.ones((3, 3)))), 1.0)
    assert "lossy.analog" in {f.code for f in findings} and "m1" in main(document)["nodes"]


def test_an_integrator_at_the_output_is_recorded():
    li = nir.LI(tau=np.full(3, 0.01), r=np.ones(3), v_leak=np.zeros(3))
    document, _ = from_graph(chain(nir.Linear(np.ones((3, 3))), neuron=li), 1.0)
    assert document.to_json()["run"]["record"] == [{"path": "lif", "what": "v", "every": 1}]


def test_the_input_takes_counts_and_refuses_other_values():
    document, _ = from_graph(chain(nir.Linear(np.ones((3, 3)))), 0.5)
    filled = with_input(document, np.array([[1, 0, 2], [0, 0, 0], [0, 1, 0]]))
    params = main(filled)["nodes"]["input"]["params"]
    assert array(filled, params["times"]).tolist() == [0.5, 0.5, 0.5, 1.5] and array(filled, params["ids"]).tolist() == [0, 2, 2, 1]
    assert filled.to_json()["run"]["duration"] == 1.5
    for wrong in (np.array([[0.5, 0, 0]]), np.array([[-1, 0, 0]]), np.ones((2, 4))):
        with pytest.raises(FindingError):
            with_input(document, wrong)


def test_without_a_time_step_one_millisecond_is_taken_and_said():
    document, findings = from_graph(chain(nir.Linear(np.ones((3, 3)))))
    assert document.to_json()["run"]["dt"] == 1 and [f.code for f in findings] == ["lossy.dt"]
    assert from_graph(chain(nir.Linear(np.ones((3, 3)))), 0.0)[0] is None


def test_a_file_and_a_graph_in_memory_give_the_same(tmp_path):
    made = recurrent(nir.Linear(np.ones((3, 3))))
    nir.write(tmp_path / "g.nir", made)
    assert read(tmp_path / "g.nir", 1.0)[0].to_json() == from_graph(made, 1.0, "g")[0].to_json() | {
        "circuits": read(tmp_path / "g.nir", 1.0)[0].to_json()["circuits"],
        "layout": read(tmp_path / "g.nir", 1.0)[0].to_json()["layout"],
        "data": read(tmp_path / "g.nir", 1.0)[0].to_json()["data"],
    }


def test_what_old_files_leave_out_is_what_it_was_then() -> None:
    """nir before 1.0.5 has no v_reset; before that no w_in: resets are to 0, factors 1."""
    full = {"tau": 0.01, "r": 2.0, "v_leak": 0.5, "v_threshold": 1.5, "v_reset": 0.25}
    cuba = {"tau_mem": 0.01, "tau_syn": 0.005, **{k: v for k, v in full.items() if k != "tau"}, "w_in": 3.0}
    for kind, params in (("LIF", full), ("CubaLIF", cuba)):
        for left_out in (("v_reset",), ("v_reset", "v_leak", "r", "w_in")):
            kept = {k: np.full(2, v) for k, v in params.items() if k not in left_out}
            nodes = {"input": Node("Input", {"shape": np.array([2])}), "cells": Node(kind, kept)}
            document, findings = from_graph(Graph(nodes, (("input", "cells"),)), 1.0)
            assert document is not None and not findings
            said = document.circuit.nodes["cells"].params
            for name, default in (("v_reset", 0.0), ("v_leak", 0.0), ("r", 1.0), ("w_in", 1.0)):
                if name in params:
                    assert said[name] == (default if name in left_out else params[name]), (kind, name)
