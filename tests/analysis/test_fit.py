"""Fits of device models: parameters that made a curve come back, noise is told from curvature, and bad files are told where."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.analysis.fit import Curve, Fit, fit, read
from studio.cli import main
from studio.engine.crossbar.cells import Cells
from studio.findings import FindingError
from studio.models.catalogue import builtin

LOW, HIGH, PULSES = 5.0, 60.0, 40


def measured(key: str, devices: int = 1, seed: int = 0, start: float = 0.1, **params: Any) -> tuple[Curve, ...]:
    """Pulses up, then down, of devices that a model made; conductances in uS."""
    device = builtin().get("device", key)
    quiet = {"pulses": "nearest"} if device.param("pulses") else {}
    cells = Cells(device, {"w_min": LOW, "w_max": HIGH, **quiet, **params}, seed)
    cells.program(np.full(devices, LOW + start * (HIGH - LOW)))
    directions = np.concatenate([[0.0], np.ones(PULSES), -np.ones(PULSES)])
    pulse = (HIGH - LOW) * params.get("dw_min", 1 / 32)
    values = [cells.w.copy(), *(cells.write(d * pulse).copy() for d in directions[1:])]
    return tuple(Curve(str(k), np.array(values)[:, k], directions, "uS") for k in range(devices))


def saved(curves: tuple[Curve, ...], path: Path) -> Path:
    lines = ["device, direction, conductance [nS]"]
    lines += [f"{c.name}, {d:+.0f}, {1000 * v!r}" for c in curves for d, v in zip(c.directions.tolist(), c.values.tolist(), strict=True)]
    path.write_text("\n".join(lines))
    return path


@pytest.mark.parametrize(
    ("key", "params"),
    [
        ("constant_step", {"dw_min": 0.01, "up_down": 0.3}),
        ("linear_step", {"dw_min": 0.02, "gamma_up": 0.7, "gamma_down": 0.4, "up_down": 0.1}),
        ("exp_step", {"dw_min": 0.01, "up_down": 0.2}),
        ("pow_step", {"dw_min": 0.03, "gamma": 1.5, "gamma_up_down": 0.2}),
        ("querlioz", {"alpha_plus": 0.05, "alpha_minus": 0.04}),
    ],
)
def test_a_curve_that_a_model_made_is_met_by_it(key: str, params: dict[str, Any]) -> None:
    found = fit(measured(key, **params), key)
    assert found.relative < 2e-3 and found.r2 > 0.9999
    assert np.allclose(found.fitted[0], found.curves[0].values, atol=0.01 * (HIGH - LOW))


def test_parameters_come_back_where_the_range_is_known() -> None:
    params = {"dw_min": 0.02, "gamma_up": 0.7, "gamma_down": 0.4, "up_down": 0.1}
    found = fit(measured("linear_step", **params), "linear_step", {"w_min": LOW, "w_max": HIGH})
    values = {e.name: e for e in found.estimates}
    assert set(values) == set(params)
    for name, value in params.items():
        assert values[name].value == pytest.approx(value, rel=1e-4)
        assert values[name].doc and values[name].low <= values[name].value <= values[name].high


def test_intervals_hold_what_made_the_data() -> None:
    """Independent noise on every value: the true parameters lie within the intervals (widened to 99.9 % for four of them at once)."""
    params = {"dw_min": 0.02, "gamma_up": 0.7, "gamma_down": 0.4, "up_down": 0.1}
    (clean,) = measured("linear_step", **params)
    noisy = Curve("", clean.values + np.random.default_rng(2).normal(0.0, 0.3, len(clean.values)), clean.directions, "uS")
    found = fit((noisy,), "linear_step", {"w_min": LOW, "w_max": HIGH})
    assert found.error == pytest.approx(0.3, rel=0.25)
    for e in found.estimates:
        assert abs(e.value - params[e.name]) < 1.7 * (e.high - e.low) / 2 < 1.0, e.name


def test_what_is_left_is_taken_apart() -> None:
    params = {"dw_min": 0.015, "gamma_up": 0.5, "gamma_down": 0.5, "dw_min_std": 0.4, "write_noise_std": 1.5, "dw_min_dtod": 0.2}
    found = fit(measured("linear_step", 24, 3, **params), "linear_step", {"w_min": LOW, "w_max": HIGH})
    assert found.noise["write_noise_std"] == pytest.approx(1.5, rel=0.2)
    assert found.noise["dw_min_std"] == pytest.approx(0.4, abs=0.2)
    assert found.noise["dw_min_dtod"] == pytest.approx(0.2, abs=0.1)
    assert found.params["write_noise_std"] == found.noise["write_noise_std"]
    one = fit(measured("linear_step", 1, 3, **params), "linear_step", {"w_min": LOW, "w_max": HIGH})
    assert "dw_min_dtod" not in one.noise and "three devices" in " ".join(one.notes)


def test_what_only_holds_together_is_said_to() -> None:
    found = fit(measured("exp_step", dw_min=0.01), "exp_step", {"w_min": LOW})
    tied = [e.name for e in found.estimates if not np.isfinite(e.high)]
    assert ("dw_min" in tied and "Only together" in " ".join(found.notes)) or any(
        e.name == "w_max" and e.low == e.high for e in found.estimates
    )


def test_files_are_read_with_their_units(tmp_path: Path) -> None:
    curves = measured("constant_step", 3, dw_min=0.01)
    back = read(saved(curves, tmp_path / "curves.csv"))
    assert [c.name for c in back] == ["0", "1", "2"] and {c.unit for c in back} == {"uS"}
    for a, b in zip(back, curves, strict=True):
        np.testing.assert_allclose(a.values, b.values, rtol=1e-12)
        np.testing.assert_array_equal(a.directions, b.directions)
    (ohm,) = read(io.StringIO("pulse, resistance (kOhm)\n0, 100\n1, 50\n2, 20\n3, 40"))
    np.testing.assert_allclose(ohm.values, [10.0, 20.0, 50.0, 25.0])
    np.testing.assert_array_equal(ohm.directions, [0, 1, 1, -1])
    (volts,) = read(io.StringIO("# a comment\nG [uS], voltage [V]\n1, 0\n2, 1.5\n1, -1.5\n"))
    np.testing.assert_array_equal(volts.directions, [0, 1, -1])


def test_currents_give_a_conductance_and_its_bend() -> None:
    v = np.linspace(-0.8, 0.8, 41)
    text = "voltage [mV], current [nA]\n" + "\n".join(f"{1000 * x!r}, {1000 * (30 * x + 4 * x**2 + 25 * x**3)!r}" for x in v.tolist())
    found = fit(read(io.StringIO(text)), "polynomial")
    assert {e.name: pytest.approx(e.value, rel=1e-6) for e in found.estimates} == {"g": 30.0, "a": 4.0, "b": 25.0}
    text = "voltage [V], current [uA]\n" + "\n".join(f"{x!r}, {float(9.0 * np.sinh(x / 0.3))!r}" for x in v.tolist())
    hopping = fit(read(io.StringIO(text)), "sinh")
    assert {e.name: pytest.approx(e.value, rel=1e-6) for e in hopping.estimates} == {"g": 30.0, "v0": 0.3}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("conductance [uS]\n1\n2", "too few"),
        ("direction\n0\n1\n1\n1", "no column is a conductance"),
        ("conductance [mV]\n1\n2\n3", "cannot be turned into uS"),
        ("conductance [uS]\n1\n2\nx\n4", "row 3 of numbers.*“x” is not a number"),
        ("voltage, current [uA]\n0, 1\n1, 2\n2, 3", "has no unit"),
        ("g [uS], conductance [uS]\n0, 1\n1, 2\n2, 3", "two columns"),
        ("conductance [uS]\n1\n2\nnan\n4", "not finite"),
    ],
)
def test_bad_files_are_told(text: str, told: str) -> None:
    with pytest.raises(FindingError, match=f"(?i){told}"):
        read(io.StringIO(text))


def test_what_does_not_go_together_is_told() -> None:
    curves = measured("constant_step", dw_min=0.01)
    volts = read(io.StringIO("voltage [V], current [uA]\n0, 0\n1, 1\n2, 2"))
    for text, call in {
        "no device “nonsense”": lambda: fit(curves, "nonsense"),
        "law of current": lambda: fit(curves, "sinh"),
        "not pulses": lambda: fit(volts, "exp_step"),
        "at random": lambda: fit(curves, "spintronic"),
        "does not answer": lambda: fit(curves, "ideal"),
        "no parameter nothing": lambda: fit(curves, "exp_step", {"nothing": 1.0}),
    }.items():
        with pytest.raises(FindingError, match=f"(?i){text}"):
            call()


def test_the_command_fits_and_draws(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = saved(measured("constant_step", dw_min=0.01), tmp_path / "curve.csv")
    page = tmp_path / "fit.html"
    assert (
        main(
            [
                "fit",
                str(path),
                "--device",
                "constant_step",
                "--fix",
                f"w_min={LOW}",
                "--fix",
                f"w_max={HIGH}",
                "--picture",
                str(page),
                "--json",
            ]
        )
        == 0
    )
    said = json.loads(capsys.readouterr().out)
    assert said["model"] == "constant_step" and said["params"]["dw_min"]["value"] == pytest.approx(0.01, rel=1e-3)
    assert "measured" in page.read_text()
    assert main(["fit", str(path), "--device", "constant_step"]) == 0
    assert "root mean square" in capsys.readouterr().out
    assert main(["fit", str(path), "--fix", "w_max"]) != 0
    assert "NAME=VALUE" in capsys.readouterr().err
    assert main(["fit", str(tmp_path / "nothing.csv")]) != 0


def test_the_picture_shows_points_and_line() -> None:
    from studio.views import fit as drawn

    found: Fit = fit(measured("constant_step", 2, dw_min=0.01), "constant_step")
    picture = drawn(found)
    assert len(picture) == 4 and [type(layer).__name__ for layer in picture][:2] == ["Scatter", "Curve"]
