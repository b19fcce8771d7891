"""NIR graphs run in the engine and give what norse gives: spikes exactly, analog values within 1e-5."""

import json
from pathlib import Path

import numpy as np
import pytest

from studio.engine.parts import Plan, parts
from studio.engine.run import simulate
from studio.exchange.nir import output, read, with_input
from studio.network.data import decode
from studio.network.document import from_json
from studio.network.flatten import flatten

DATA = Path(__file__).parent / "data"
CASES = sorted(p.name for p in DATA.iterdir())


def case(name):
    meta = json.loads((DATA / name / "meta.json").read_text())
    values = np.load(DATA / name / "data.npz")
    document, findings = read(DATA / name / "graph.nir", meta["dt_s"] * 1e3)
    assert not findings
    return meta, values, with_input(document, values["input"])


def test_all_cases_are_here():
    assert [c[:3] for c in CASES] == ["n01", "n02", "n03", "n04", "n05", "n06", "n07", "n08", "n09", "n11", "n12"]


@pytest.mark.parametrize("precision", ["double", "single"])
@pytest.mark.parametrize("name", CASES)
def test_the_engine_gives_the_expected_output(name, precision):
    meta, values, document = case(name)
    recording = simulate(document, precision=precision)
    node = next(a for a, b in meta["edges"] if b == "output")
    given = output(recording, node)
    assert given.shape == values["output"].shape
    if meta["output_kind"] == "spikes":
        assert meta["total_output_spikes"] == values["output"].sum() > 0
        np.testing.assert_array_equal(given, values["output"])
    else:
        np.testing.assert_allclose(given, values["output"], atol=1e-5)


@pytest.mark.parametrize(
    ("name", "inner"),
    [
        ("n01_lif_feedforward", "lif1"),
        ("n05_recurrent_cubalif", "cuba"),
        ("n06_conv_lif_sumpool", "lif1"),
        ("n06_conv_lif_sumpool", "lif2"),
        ("n07_li_readout", "lif"),
    ],
)
def test_inner_layers_agree_too(name, inner):
    _, values, document = case(name)
    given, wanted = output(simulate(document), inner), values[f"trace_out_{inner}"]
    assert wanted.sum() > 100
    np.testing.assert_array_equal(given, wanted.reshape(given.shape))


@pytest.mark.parametrize(
    ("name", "node", "states"),
    [
        ("n02_cubalif_feedforward", "cuba", {"i_syn": "i", "v": "v"}),
        ("n03_if", "if1", {"v": "v"}),
        ("n05_recurrent_cubalif", "cuba", {"i_syn": "i", "v": "v"}),
        ("n12_cubalif_dt1e-4_two_tools", "cuba", {"i_syn": "i", "v": "v"}),
    ],
)
def test_states_agree(name, node, states):
    """Membrane after reset and synaptic current; norse computed in float32, so relative to the largest value of the trace."""
    meta, values, document = case(name)
    made = document.to_json()
    made["run"]["record"] += [{"path": node, "what": state, "every": meta["dt_s"] * 1e3} for state in states]
    recording = simulate(from_json(made)[0])
    for state, theirs in states.items():
        wanted = values[f"trace_{theirs}_{node}"]
        given = np.asarray(recording.traces[node, state].values)[-len(wanted) :]
        np.testing.assert_allclose(given, wanted, rtol=0, atol=2e-6 * np.abs(wanted).max())


def test_convolution_and_pooling_are_connectors_and_keep_their_kernels_once():
    _, _, document = case("n06_conv_lif_sumpool")
    circuit = document.to_json()["circuits"]["main"]
    assert {k: n.get("shape") for k, n in circuit["nodes"].items()} == {
        "input": [2, 12, 12],
        "lif1": [4, 12, 12],
        "lif2": [5, 6, 6],
        "lif3": None,
    }
    conv1, joined, fc = (circuit["projections"][k] for k in ("p1", "p2", "p3"))
    assert [p["connector"]["model"] for p in (conv1, joined, fc)] == ["convolution", "convolution", "dense"]
    assert joined["name"] == "pool, conv2" and "SumPool2d, Conv2d" in joined["description"]
    kernel = decode("k", document.to_json()["data"][joined["connector"]["params"]["kernel"]["data"]])
    assert kernel.shape == (5, 4, 6, 6) and joined["connector"]["params"]["stride_y"] == 2
    assert all(r.nbytes < 4000 for link in _links(document) for r in link.rows if link.projection.path in ("p1", "p2"))


def _links(document):
    flat = flatten(document)
    return parts(flat, Plan(flat.run.dt, 1, "single", None, 1)).links
