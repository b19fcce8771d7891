"""The catalogue as a value, as JSON, and with what other packages offer."""

from __future__ import annotations

import importlib
import json
import textwrap
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from studio.models.catalogue import DEFAULTS, KINDS, Catalogue, builtin, catalogue, with_entry_points
from studio.models.spec import Neuron

KEYS = {
    "neuron": "lif lif_euler adex izhikevich leaky_integrator li_euler",
    "kinetics": "delta pulse exponential alpha conductance_exponential",
    "plasticity": "static stdp_pair",
    "device": "ideal soft_bounds",
    "source": "poisson spike_list step_current image_rate",
    "connector": "all_to_all one_to_one probability fixed_in_degree fixed_out_degree fixed_total_number regular explicit",
}


def test_the_first_catalogue_is_complete() -> None:
    for kind in KINDS:
        assert set(KEYS[kind].split()) <= set(builtin().keys(kind))


def test_a_model_is_found_by_kind_and_key() -> None:
    assert isinstance(catalogue().get("neuron", "lif"), Neuron)
    assert catalogue().get("neuron", "delta") is None and catalogue().get("nobody", "lif") is None
    assert all(catalogue().default(kind).key == key for kind, key in DEFAULTS.items())


def test_json_says_everything_a_form_needs() -> None:
    data = json.loads(json.dumps(catalogue().to_json(), allow_nan=False))
    assert data["format"] == "spike-studio-catalogue/1"
    lif = next(e for e in data["entries"] if e["key"] == "lif")
    tau = next(p for p in lif["params"] if p["name"] == "tau_m")
    assert tau | {"doc": ""} == {
        "name": "tau_m", "default": 10.0, "unit": "ms", "doc": "", "low": 0.0, "high": None, "low_open": True, "high_open": False,
        "integer": False, "role": "time_constant", "kind": "number", "choices": [], "shared": False, "advanced": False,
    }  # fmt: skip
    assert lif["states"] == [{"name": "v", "unit": "mV", "doc": "Membrane voltage.", "role": "membrane", "start": "v_rest"}]
    assert lif["methods"] == ["exact", "rk4", "adaptive"] and lif["spiking"]
    assert data["units"]["Hz"] == {"dimension": [["time", -1]], "scale": 0.001}
    used = {p["unit"] for e in data["entries"] for p in e["params"]} | {s["unit"] for e in data["entries"] for s in e["states"]}
    assert used <= data["units"].keys()
    delta = next(e for e in data["entries"] if e["key"] == "delta")
    assert (delta["weight_unit"], delta["sign"], delta["arrival"]) == ("mV", "signed", "after")
    assert [next(e for e in data["entries"] if e["key"] == k)["signal"] for k in ("poisson", "step_current")] == ["spiking", "analog"]


@pytest.mark.parametrize(
    ("key", "params", "sound"),
    [
        ("lif", {"tau_m": 12.5, "v_th": {"value": -50, "unit": "mV"}}, True),
        ("lif", {"v_th": {"normal": [-50, 1.5], "unit": "mV", "min": -60}}, True),
        ("lif", {"v_th": {"data": "thresholds"}}, True),
        ("lif", {"tau_m": 0}, False),
        ("lif", {"tau_m": "20 ms"}, False),
        ("lif", {"tau": 20}, False),
        ("lif", {"t_ref": -1}, False),
        ("poisson", {"stop": None, "rate": 5}, True),
        ("poisson", {"start": {"normal": [1, 2]}}, False),
        ("image_rate", {"images": {"data": "digits"}}, True),
        ("image_rate", {"images": [1, 2]}, False),
        ("fixed_in_degree", {"k": 10}, True),
        ("fixed_in_degree", {"k": 1.5}, False),
        ("probability", {"p": 1.2}, False),
    ],
)
def test_the_schema_of_the_parameters_tells_sound_from_wrong(key: str, params: dict[str, Any], sound: bool) -> None:
    schema = next(e for e in catalogue().to_json()["entries"] if e["key"] == key)["schema"]
    jsonschema.Draft202012Validator.check_schema(schema)
    assert jsonschema.Draft202012Validator(schema).is_valid(params) == sound


PACKAGE = """
    from studio.models.spec import Neuron, State

    def make(key, equations):
        return Neuron(key=key, title="T", doc="D.", source="S", states=(State("v", "0", "mV", "V."),), equations=equations)

    ONE = make("stranger", "dv/dt = -v/dt")
    def several():
        return [make("stranger_too", "dv/dt = 0"), make("lif", "dv/dt = 0"), make("wrong", "dv/dt = nobody"), 5]
    def broken():
        raise RuntimeError("no licence")
"""


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An installed package that offers models of all sorts."""
    (tmp_path / "stranger_models.py").write_text(textwrap.dedent(PACKAGE))
    info = tmp_path / "stranger-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stranger\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[spike_studio.models]\na = stranger_models:ONE\nb = stranger_models:several\nc = stranger_models:broken\nd = no_such_module:X\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()


@pytest.mark.usefixtures("stranger")
def test_installed_packages_add_models_and_their_faults_are_findings() -> None:
    extended = with_entry_points(Catalogue(builtin().models))
    assert extended.get("neuron", "stranger") is not None and extended.get("neuron", "stranger_too") is not None
    assert extended.get("neuron", "wrong") is None
    assert extended.get("neuron", "lif") is builtin().get("neuron", "lif")
    said = {(f.where.split(":")[1], f.code) for f in extended.findings}
    assert {("b", "path.duplicate"), ("b", "text.name"), ("b", "path.model"), ("c", "path.model"), ("d", "path.model")} <= said
    assert any("no licence" in f.text for f in extended.findings)
