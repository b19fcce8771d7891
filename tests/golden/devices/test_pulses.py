"""Pulse responses against aihwkit: one pulse at a time, no variation. Absolute, relative to the range: 1e-6 (aihwkit adds up in float32)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.engine.crossbar.cells import Cells
from studio.models.catalogue import builtin

CASES = sorted((Path(__file__).parent / "data").glob("pulse_*.json"))
TOLERANCE = {"Idealized_preset": 2.5e-5, "GokmenVlasov_preset": 5e-6}  # what float32 adds up over many equal steps
LINEAR = {"gamma_up": "gamma_up", "gamma_down": "gamma_down"}
EXPONENTIAL = {"A_up": "a_up", "A_down": "a_down", "gamma_up": "gamma_up", "gamma_down": "gamma_down", "a": "slope", "b": "offset"}
POWER = {"pow_gamma": "gamma", "pow_up_down": "gamma_up_down"}
# the device of ours for each of theirs, which of its presets, and names of parameters
OURS: dict[str, tuple[str, str, dict[str, str]]] = {
    "Capacitor_preset": ("capacitor", "li_2018", LINEAR),
    "ConstantStep_generic": ("constant_step", "", {}),
    "EcRamMO_preset": ("linear_step", "ecram_metal_oxide", LINEAR),
    "EcRam_preset": ("linear_step", "ecram_li", LINEAR),
    "ExpStep_generic": ("exp_step", "", EXPONENTIAL),
    "GokmenVlasov_preset": ("constant_step", "gokmen_vlasov", {}),
    "Idealized_preset": ("constant_step", "idealized", {}),
    "LinearStep_mult_meanref": ("linear_step", "", LINEAR),
    "LinearStep_nonmult": ("linear_step", "", LINEAR),
    "PCM_preset_one_sided": ("exp_step", "pcm_cumulative", EXPONENTIAL),
    "PowStep_generic": ("pow_step", "", POWER),
    "ReRamArrayHfO2_preset": ("linear_step", "reram_array_hfo2", {}),
    "ReRamArrayOM_preset": ("linear_step", "reram_array_om", {}),
    "ReRamES_preset": ("exp_step", "gong_2018", EXPONENTIAL),
    "ReRamSB_preset": ("linear_step", "hfo2_soft_bounds", {}),
    "SoftBounds_generic": ("linear_step", "", {}),
}
SOFT = {"gamma_up": 1.0, "gamma_down": 1.0}  # what soft bounds are among linear steps


def ours(theirs: dict[str, Any], names: dict[str, str], device: str) -> dict[str, Any]:
    """aihwkit's parameters in our words."""
    span = theirs["w_max"] - theirs["w_min"]
    out = {
        "w_min": theirs["w_min"],
        "w_max": theirs["w_max"],
        "dw_min": theirs["dw_min"] / span,
        "up_down": theirs["up_down"],
        "x_ref": -theirs["w_min"] / span,
    }
    out |= SOFT if device == "linear_step" and not names else {}
    return out | {mine: theirs[name] for name, mine in names.items()}


def test_all_cases_are_there() -> None:
    assert {p.stem.removeprefix("pulse_") for p in CASES} == set(OURS)


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_every_pulse(path: Path) -> None:
    case = json.loads(path.read_text())
    key, _, names = OURS[case["name"]]
    params = ours(case["parameters"], names, key)
    span = params["w_max"] - params["w_min"]
    quiet = {"pulses": "nearest"} | ({"tau_leak": 1e12} if key == "capacitor" else {})
    for name, sequence in case["sequences"].items():
        cells = Cells(builtin().get("device", key), params | quiet)
        cells.program(sequence["initial_weight_requested"])
        got = [float(cells.w)]
        for direction in sequence["directions"]:
            for _ in range(sequence["pulses_per_sample"]):
                cells.write(direction * params["dw_min"] * span)
            got.append(float(cells.w))
        tolerance = TOLERANCE.get(case["name"], 1e-6) * span
        np.testing.assert_allclose(got, sequence["weights"], rtol=0, atol=tolerance, err_msg=name)
        assert np.ptp(got) > 20 * tolerance, "hardly anything moved"


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_presets_are_what_aihwkit_means(path: Path) -> None:
    """Where theirs is a preset, ours says the same numbers, also those of its variation (which the curve was made without)."""
    case = json.loads(path.read_text())
    key, preset, names = OURS[case["name"]]
    if not preset:
        return
    device = builtin().get("device", key)
    given = {p.name: p.default for p in device.params} | dict(next(p for p in device.presets if p.key == preset).params)
    for name, value in ours(case["parameters"], names, key).items():
        if name not in ("w_min", "w_max"):
            assert given[name] == pytest.approx(value, rel=1e-3), name
