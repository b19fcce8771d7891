"""NIR graphs run in the engine and give what norse gives: spikes exactly, analog values within 1e-5."""

import json
from pathlib import Path

import numpy as np
import pytest

from studio.engine.run import simulate
from studio.exchange.nir import output, read, with_input

DATA = Path(__file__).parent / "data"
CASES = sorted(p.name for p in DATA.iterdir())


def case(name):
    meta = json.loads((DATA / name / "meta.json").read_text())
    values = np.load(DATA / name / "data.npz")
    document, findings = read(DATA / name / "graph.nir", meta["dt_s"] * 1e3)
    assert not findings
    return meta, values, with_input(document, values["input"])


def test_all_cases_are_here():
    assert [c[:3] for c in CASES] == ["n01", "n04", "n07", "n08", "n09", "n11"]


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


@pytest.mark.parametrize("name", ["n01_lif_feedforward", "n07_li_readout"])
def test_inner_layers_agree_too(name):
    _, values, document = case(name)
    recording = simulate(document)
    inner = "lif1" if "n01" in name else "lif"
    np.testing.assert_array_equal(output(recording, inner), values[f"trace_out_{inner}"])
