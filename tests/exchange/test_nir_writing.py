import h5py
import nir
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.engine.run import simulate
from studio.exchange.nir import from_graph, read, to_nir, write
from studio.exchange.nir.tree import Graph, fingerprint, from_nir, read_graph
from studio.network.build import Network
from studio.network.files import to_bytes


def euler(seed=0, n=6, loops=True, delay=1.0):
    """A small network that NIR says exactly: pulses onto Euler neurons, weights on a dyadic grid, dt = 1 ms."""
    rng = np.random.default_rng(seed)
    net = Network("euler")
    net.run(dt=1.0, duration=60.0, precision="double")
    times = rng.integers(1, 50, 60).astype(float)
    drive = net.source("drive", n, "spike_list", times=net.data("times", times), ids=net.data("ids", rng.integers(0, n, 60)))
    a = net.population("a", n, "lif_euler", tau=4.0, v_threshold=0.75, i_offset=0.25)
    b = net.population("b", n, "lif_euler", tau=8.0, v_threshold=0.5, v_reset=-0.25)
    draw = lambda name: net.data(name, rng.integers(-8, 24, (n, n)) / 8)  # noqa: E731
    net.connect(drive, a, weight=draw("w1"), delay=0.0, kinetics="pulse")
    net.connect(a, b, weight=draw("w2"), delay=delay, kinetics="pulse")
    if loops:
        net.connect(b, a, weight=draw("w3"), delay=2.0, kinetics="pulse")
        net.connect(a, a, weight=draw("w4"), delay=1.0, kinetics="pulse")
    return net


def bare(graph):
    """As another tool would read it: without the document in the metadata."""
    tree = from_nir(graph)
    return Graph(tree.nodes, tree.edges)


def spikes(document, *paths):
    recording = simulate(document)
    return {p: list(zip(recording.spikes[p].steps.tolist(), recording.spikes[p].ids.tolist(), strict=True)) for p in paths}


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 1000), loops=st.booleans(), delay=st.integers(1, 3))
def test_a_network_of_pulses_runs_the_same_after_nir_and_back(seed, loops, delay):
    net = euler(seed, loops=loops, delay=float(delay))
    graph, findings = to_nir(net.document)
    assert not [f for f in findings if f.severity == "error"]
    back, _ = from_graph(bare(graph), 1.0)
    given = back.to_json()
    given["circuits"]["main"]["nodes"]["drive"]["params"] = {"times": {"data": "times"}, "ids": {"data": "ids"}}
    given["data"] |= {k: net.json["data"][k] for k in ("times", "ids")}
    given["run"]["duration"] = 60
    before = spikes(net.document, "a", "b")
    assert len(before["a"]) > 5 and spikes(Network(document=given).document, "a", "b") == before


def test_our_own_file_comes_back_byte_for_byte(tmp_path):
    net = Network("all kinds")
    exc = net.population("exc", 20, "lif", tau_m={"normal": [20, 1]})
    inh = net.population("inh", 5, "adex")
    noise = net.source("noise", 10, "poisson", rate=50)
    net.connect(noise, exc, weight=1.5, delay=1.0)
    net.connect(exc, exc, weight={"value": 100, "unit": "pA"}, kinetics="exponential", delay=2.0, plasticity="stdp_pair")
    net.connect(exc, inh, weight=0.5, kinetics="exponential")
    findings = write(net.document, tmp_path / "n.nir")
    codes = {f.code for f in findings}
    assert codes >= {"lossy.neuron", "lossy.plasticity", "lossy.refractory", "lossy.exact", "lossy.source", "lossy.kinetics"}
    back, said = read(tmp_path / "n.nir")
    assert not said and to_bytes(back.to_json()) == to_bytes(net.json)


def test_the_nir_package_reads_what_is_written(tmp_path):
    write(euler().document, tmp_path / "n.nir")
    graph = nir.read(tmp_path / "n.nir")
    kinds = {type(n).__name__ for n in graph.nodes.values()}
    assert kinds == {"Input", "Affine", "Linear", "LIF", "Delay", "Output"}
    assert graph.nodes["a"].tau[0] == np.float32(0.004)


def test_reading_it_with_another_tool_and_writing_it_again_keeps_the_document(tmp_path):
    net = euler()
    write(net.document, tmp_path / "n.nir")
    nir.write(tmp_path / "again.nir", nir.read(tmp_path / "n.nir"))
    back, said = read(tmp_path / "again.nir")
    assert not said and back.to_json() == net.json


def test_where_another_tool_changed_a_value_nirs_value_wins_and_a_finding_says_so(tmp_path):
    net = euler()
    write(net.document, tmp_path / "n.nir")
    graph = nir.read(tmp_path / "n.nir")
    graph.nodes["a"].tau[:] = 0.016
    nir.write(tmp_path / "n.nir", graph)
    back, said = read(tmp_path / "n.nir")
    changed = next(f for f in said if f.code == "lossy.changed")
    assert "(a)" in changed.text and back.to_json()["circuits"]["main"]["nodes"]["a"]["params"]["tau"] == 16
    assert back.to_json()["name"] == "euler" and back.to_json()["run"]["dt"] == 1


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"nodes": 3}', '{"document": {}, "nodes": {}, "sha256": "x"}', '{"document": 1, "nodes": {}, "dt_s": "fast"}']
)
def test_spoilt_metadata_is_no_obstacle(tmp_path, text):
    write(euler().document, tmp_path / "n.nir")
    with h5py.File(tmp_path / "n.nir", "r+") as file:
        del file["node/metadata/spike_studio"]
        file["node/metadata"].create_dataset("spike_studio", data=text, dtype=h5py.string_dtype())
    back, _ = read(tmp_path / "n.nir", 1.0)
    assert set(back.to_json()["circuits"]["main"]["nodes"]) == {"drive", "a", "b"}


def test_a_document_forged_into_the_metadata_is_checked_like_any_other(tmp_path):
    write(euler().document, tmp_path / "n.nir")
    import json

    with h5py.File(tmp_path / "n.nir", "r+") as file:
        kept = json.loads(file["node/metadata/spike_studio"][()])
        kept["document"]["circuits"]["main"]["nodes"]["a"]["size"] = -5
        del file["node/metadata/spike_studio"]
        file["node/metadata"].create_dataset("spike_studio", data=json.dumps(kept), dtype=h5py.string_dtype())
    back, said = read(tmp_path / "n.nir")
    assert back.to_json()["circuits"]["main"]["nodes"]["a"]["size"] == 6 and "lossy.metadata" in {f.code for f in said}


def test_old_readers_get_no_v_reset(tmp_path):
    net = euler()
    findings = write(net.document, tmp_path / "n.nir", nir_compat="1.0.4")
    assert [f.code for f in findings if f.code == "lossy.reset"] == ["lossy.reset"]  # b resets to -0.25
    with h5py.File(tmp_path / "n.nir") as file:
        assert "v_reset" not in file["node/nodes/a"] and "v_reset" not in file["node/nodes/b"]
    assert [f.severity for f in write(net.document, tmp_path / "n.nir", nir_compat="0.1")] == ["error"]


def test_delta_weights_move_the_voltage_by_as_much():
    net = Network("delta")
    net.run(dt=1.0, duration=4.0, precision="double")
    drive = net.source("drive", 1, "spike_list", times=net.data("times", np.array([1.0])))
    a = net.population("a", 1, "lif_euler", tau=10.0, r=2.0, v_threshold=99.0)
    net.connect(drive, a, weight=3.0, delay=0.0)
    graph, findings = to_nir(net.document)
    assert [f.code for f in findings if f.code == "lossy.kinetics"] == ["lossy.kinetics"]
    weight = next(n for n in graph.nodes.values() if type(n).__name__ == "Linear").weight[0, 0]
    assert 1.0 / 10.0 * 2.0 * weight == pytest.approx(3.0)  # dt/tau * r * w


def test_exponential_currents_become_a_cubalif_with_the_same_charge():
    net = Network("cuba")
    net.run(dt=0.5)
    a = net.population("a", 3, "lif", t_ref=0.0)
    b = net.population("b", 2, "lif", tau_m=20.0, c_m=0.5, t_ref=0.0)
    net.connect(a, b, weight=2.0, kinetics=("exponential", {"tau": 5.0}), delay=0.5)
    graph, _ = to_nir(net.document)
    node = graph.nodes["b"]
    weight = next(n for n in graph.nodes.values() if type(n).__name__ == "Linear").weight[0, 0]
    assert type(node).__name__ == "CubaLIF" and node.r[0] == 40.0 and node.tau_syn[0] == np.float32(0.005)
    assert 0.5 / 5.0 * node.w_in[0] * weight == pytest.approx(2.0)  # dt/tau_syn * w_in * w: the jump of the current


def test_a_constant_current_becomes_a_bias_and_a_recurrent_one_stays_late():
    rec = nir.Affine(np.full((2, 2), 0.5), np.array([0.25, 0.5]))
    lif = nir.LIF(tau=np.full(2, 0.01), r=np.ones(2), v_leak=np.zeros(2), v_threshold=np.ones(2), v_reset=np.zeros(2))
    nodes = {
        "input": nir.Input({"input": np.array([2])}),
        "fc": nir.Affine(np.eye(2) + 1, np.ones(2)),
        "lif": lif,
        "rec": rec,
        "output": nir.Output({"output": np.array([2])}),
    }
    made = nir.NIRGraph(nodes, [("input", "fc"), ("fc", "lif"), ("lif", "rec"), ("rec", "lif"), ("lif", "output")])
    document, _ = from_graph(made, 1.0)
    graph, _ = to_nir(document)
    assert fingerprint(from_nir(graph)) == fingerprint(Graph(**{k: getattr(_single(made), k) for k in ("nodes", "edges")}))


def _single(graph):
    """A graph with float32 parameters."""
    for node in graph.nodes.values():
        for name, value in vars(node).items():
            if isinstance(value, np.ndarray) and value.dtype == np.float64:
                setattr(node, name, value.astype(np.float32))
    return from_nir(graph)


def test_what_is_too_large_or_empty_or_wrong_gives_an_error_and_no_file(tmp_path):
    net = Network("large")
    a = net.population("a", 20_000)
    net.connect(a, a, weight=0.1)
    empty = Network("empty")
    wrong = Network("wrong")
    wrong.population("a", 5, "lif")
    broken = wrong.json
    broken["circuits"]["main"]["nodes"]["a"]["model"] = "nothing"
    for document, code in ((net.document, "size.nir"), (empty.document, "lossy.empty"), (Network(document=broken).document, None)):
        findings = write(document, tmp_path / "x.nir")
        assert any(f.severity == "error" and code in (None, f.code) for f in findings)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "case",
    [
        "n01_lif_feedforward",
        "n02_cubalif_feedforward",
        "n03_if",
        "n04_recurrent_lif",
        "n05_recurrent_cubalif",
        "n07_li_readout",
        "n09_lif_heterogeneous",
        "n12_cubalif_dt1e-4_two_tools",
    ],
)
def test_a_foreign_graph_is_written_as_it_was_read(tmp_path, case):
    from pathlib import Path

    original = Path(__file__).parents[1] / "golden" / "nir" / "data" / case / "graph.nir"
    document, _ = read(original, 1.0)
    assert write(document, tmp_path / "n.nir") == ()
    assert fingerprint(read_graph(tmp_path / "n.nir")[0]) == fingerprint(read_graph(original)[0])


def test_a_network_without_sources_has_an_input_that_nobody_feeds(tmp_path):
    net = Network("alone")
    net.run(dt=1.0, duration=60.0, precision="double")
    cells = net.population("cells", 3, "lif_euler", tau=4.0, v_threshold=0.75, i_offset=1.0)
    net.connect(cells, cells, weight=0.25, delay=1.0, kinetics="pulse")
    assert [f.code for f in write(net.document, tmp_path / "alone.nir") if f.code == "lossy.source"] == ["lossy.source"]
    graph = nir.read(tmp_path / "alone.nir")  # which starts its checks at an Input
    assert isinstance(graph.nodes["input_to_cells"], nir.Affine) and not graph.nodes["input_to_cells"].weight.any()
    document, findings = from_graph(bare(graph), 1.0)
    assert document is not None and not findings
    mine, again = (simulate(d, 60.0).spikes for d in (net.document, document))
    assert len(mine["cells"].times) > 10 and np.array_equal(mine["cells"].times, again["cells"].times)
