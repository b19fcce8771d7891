"""Devices as arrays: how changes become pulses, what varies, what drifts, and what each family is known for."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from studio.engine.crossbar.cells import Cells
from studio.models.catalogue import builtin
from studio.models.spec import Device

N = 20_000
DEVICES = builtin().all("device")
PULSED = ("constant_step", "capacitor", "linear_step", "exp_step", "pow_step")


def cells(key: str, wanted: Any = 0.5, seed: int = 1, n: int = N, **params: Any) -> Cells:
    made = Cells(builtin().get("device", key), params, seed)
    made.program(np.full(n, float(wanted)) if np.isscalar(wanted) else wanted)
    return made


@pytest.mark.parametrize("device", DEVICES, ids=lambda d: d.key)
@pytest.mark.parametrize("storage", ["single", "pair", "one_sided", "slices"])
def test_asking_for_nothing_changes_nothing(device: Device, storage: str) -> None:
    if device.param("storage") is None:
        assert device.key == "ideal"
        return
    for preset in ({}, *(dict(p.params) for p in device.presets)):
        made = Cells(device, preset | {"storage": storage}, 3)
        made.program(np.linspace(0.0, 1.0, 50))
        held, states = made.w.copy(), {k: v.copy() for k, v in made.states.items()}
        made.wait(0.5)
        made.write(0.0)
        assert np.array_equal(made.w, held)
        assert all(np.array_equal(made.states[k], v) for k, v in states.items())
        assert np.isfinite(held).all() and np.isfinite(made.read()).all()
        made.write(0.2)
        made.write(-0.2)
        assert np.isfinite(made.w).all() and all(np.isfinite(v).all() for v in made.states.values())


@pytest.mark.parametrize("device", [d for d in DEVICES if d.key not in ("ideal", "spintronic", "metaplastic")], ids=lambda d: d.key)
def test_more_is_more_and_less_is_less(device: Device) -> None:
    """On the mean over devices, as far as each can."""
    noisy = {p.name: 0.0 for p in device.params if p.name.endswith("_dtod") or p.name in ("prog_noise", "dw_min_std", "write_noise_std")}
    for sign in (1.0, -1.0):
        made = cells(device.key, 0.5, **noisy)
        made.write(sign * 0.05)
        assert sign * (made.w.mean() - 0.5) > 1e-4


def test_the_number_of_pulses_is_right_in_the_mean() -> None:
    step = {"dw_min": 0.01}
    made = cells("constant_step", **step)
    made.write(0.0234)
    moved = np.round((made.w - 0.5) / 0.01, 9)
    assert set(moved) == {2.0, 3.0}
    assert abs(moved.mean() - 2.34) < 5 * np.sqrt(0.34 * 0.66 / N)
    near = cells("constant_step", pulses="nearest", **step)
    np.testing.assert_allclose(near.write(0.0234), 0.52, rtol=0, atol=1e-12)
    analog = cells("constant_step", pulses="analog", **step)
    np.testing.assert_allclose(analog.write(-0.0234), 0.4766, rtol=0, atol=1e-12)
    few = cells("constant_step", most_pulses=2.0, **step)
    np.testing.assert_allclose(few.write(0.4), 0.52, rtol=0, atol=1e-12)


@pytest.mark.parametrize("key", PULSED)
def test_a_train_is_nearly_as_many_single_pulses(key: str) -> None:
    """Taken at its middle pulse: an error of third order in the relative change of the step; none where steps are constant."""
    made, one = (cells(key, 0.3, n=1, dw_min=0.002, pulses="nearest") for _ in range(2))
    made.write(0.04)
    for _ in range(20):
        one.write(0.002)
    assert abs(made.w[0] - one.w[0]) < (1e-12 if key == "constant_step" else 2e-3 * abs(one.w[0] - 0.3))
    assert one.w[0] > 0.31


def test_devices_differ_as_said() -> None:
    made = cells("constant_step", dw_min=1e-4, dw_min_dtod=0.3, up_down_dtod=0.01, w_max_dtod=0.2, w_min_dtod=0.1, pulses="nearest")
    gain, tilt = made.states["gain"], made.states["tilt"]
    assert abs(gain.std() - 0.3) < 0.01 and abs(gain.mean() - 1.0) < 0.02 and abs(tilt.std() - 0.01) < 5e-4
    assert abs(made.states["high"].std() - 0.1) < 3e-3 and abs(made.states["low"].std() - 0.05) < 2e-3
    made.write(1e-4)
    np.testing.assert_allclose(made.w - 0.5, 1e-4 * np.abs(gain + tilt), rtol=1e-6)
    lognormal = cells("constant_step", dw_min_dtod=0.7, dw_min_law="lognormal").states["gain"]
    assert abs(np.log(lognormal).std() - 0.7) < 0.02 and (lognormal > 0).all()


def test_noise_from_pulse_to_pulse_adds_up_like_independent_pulses() -> None:
    made = cells("constant_step", dw_min=1e-4, dw_min_std=2.0, pulses="nearest")
    made.write(25e-4)
    moved = made.w - 0.5
    assert abs(moved.mean() - 25e-4) < 5 * 2e-4 * 5 / np.sqrt(N)
    assert abs(moved.std() / (2e-4 * 5) - 1) < 0.03


def test_write_noise_does_not_add_up() -> None:
    made = cells("constant_step", dw_min=1e-4, write_noise_std=10.0, pulses="nearest")
    for _ in range(30):
        made.write(1e-4)
    assert abs((made.w - 0.503).std() / 1e-3 - 1) < 0.03
    np.testing.assert_allclose(made.states["x"], 0.503, rtol=0, atol=1e-9)


def test_corrupt_devices_are_stuck() -> None:
    made = cells("linear_step", corrupt=0.1348, corrupt_range=0.05)
    before = made.w.copy()
    for _ in range(5):
        made.write(0.03)
    stuck = made.w == before
    assert abs(stuck.mean() - 0.1348) < 5 * np.sqrt(0.1348 * 0.8652 / N)
    assert (np.abs(made.w[stuck] - 0.5) <= 0.05).all() and made.w[stuck].std() > 0.02


@pytest.mark.parametrize(("key", "more"), [("constant_step", {}), ("querlioz", {"bound_dtod": 0.0})])
def test_a_pair_holds_both_signs(key: str, more: dict[str, Any]) -> None:
    wanted = np.linspace(-1.0, 1.0, 41)
    for storage in ("pair", "one_sided"):
        made = cells(key, wanted, storage=storage, **more)
        np.testing.assert_allclose(made.w, wanted, rtol=0, atol=1e-12)
        np.testing.assert_allclose(made.w, made.states["plus_w"] - made.states["minus_w"], rtol=0, atol=1e-12)


def test_the_devices_of_a_pair_differ() -> None:
    made = cells("constant_step", 0.0, storage="pair", dw_min_dtod=0.3)
    plus, minus = made.states["plus_gain"], made.states["minus_gain"]
    assert abs(np.corrcoef(plus, minus)[0, 1]) < 0.05 and abs(plus.std() - minus.std()) < 0.01


def test_a_one_sided_pair_only_grows_until_it_is_refreshed() -> None:
    made = cells("constant_step", 0.0, n=1, storage="one_sided", dw_min=0.01, pulses="nearest", refresh=0.5)
    tops = []
    for k in range(200):
        made.write(0.05 if k % 2 else -0.05)
        tops.append(float(max(made.states["plus_w"][0], made.states["minus_w"][0])))
    assert max(tops) <= 0.55 and min(tops[20:]) < 0.1, "it was refreshed"
    assert abs(made.w[0]) < 0.05 + 1e-9, "and kept its difference"


def test_slices_hold_digits() -> None:
    wanted = np.linspace(0.0, 1.0, 257)
    made = cells("constant_step", wanted, storage="slices", slices=3, slice_bits=2)
    levels = 4**3 - 1
    np.testing.assert_allclose(made.w, np.floor(wanted * levels + 0.5) / levels, rtol=0, atol=1e-12)
    for part in ("s0_w", "s1_w", "s2_w"):
        digits = made.states[part] * 3
        np.testing.assert_allclose(digits, np.round(digits), rtol=0, atol=1e-12)
        assert set(np.round(digits)) == {0.0, 1.0, 2.0, 3.0}


def test_slices_follow_what_is_asked_in_the_mean() -> None:
    made = cells("constant_step", 0.5, storage="slices", slices=2, slice_bits=3, dw_min=0.001, most_pulses=1000.0, pulses="nearest")
    start = made.w.mean()
    made.write(0.1)
    assert abs(made.w.mean() - start - 0.1) < 5 * (1 / 63) / np.sqrt(N) + 1e-9


def test_querlioz_steps_fall_off_and_ignore_how_much_is_asked() -> None:
    small, large = cells("querlioz", 0.2, n=1), cells("querlioz", 0.2, n=1)
    assert small.write(1e-9)[0] == large.write(0.9)[0] == pytest.approx(0.2 + 0.01 * np.exp(-3 * 0.2), abs=1e-15)
    assert cells("querlioz", 0.8, n=1).write(-1.0)[0] == pytest.approx(0.8 - 0.005 * np.exp(-3 * 0.2), abs=1e-15)


def test_a_junction_switches_as_often_as_its_physics_says() -> None:
    made = cells("spintronic", 0.0, switching="pulse", v_pulse=0.9, stability=40.0, t_pulse=2e-8, tau_0=1e-9)
    made.write(0.3)
    expected = 1 - np.exp(-2e-8 / (1e-9 * np.exp(40 * 0.1)))
    assert set(made.w) == {0.0, 1.0}
    assert abs(made.w.mean() - expected) < 5 * np.sqrt(expected * (1 - expected) / N)
    asked = cells("spintronic", 0.25)
    assert abs(asked.w.mean() - 0.25) < 5 * np.sqrt(0.25 * 0.75 / N)
    asked.write(0.1)
    mean = 0.25 + 0.75 * 0.1
    assert abs(asked.w.mean() - mean) < 5 * np.sqrt(mean * (1 - mean) / N)


def test_ferroelectric_pulses_accumulate() -> None:
    """Many short pulses act as one long one, along the stretched exponential of their total time."""
    params = {"domains": 0.0, "pulses": "nearest", "levels": 32.0, "n": 1}
    one, many = cells("ferroelectric", 0.0, **params), cells("ferroelectric", 0.0, **params)
    one.write(10 / 32)
    for _ in range(10):
        many.write(1 / 32)
    t_switch = 1e-12 * np.exp(4.0**2)
    assert one.w[0] == pytest.approx(1 - np.exp(-((10e-6 / t_switch) ** 0.6)), rel=1e-6)
    assert many.w[0] == pytest.approx(one.w[0], rel=1e-6)


def test_few_domains_switch_unevenly() -> None:
    spread = [cells("ferroelectric", 0.0, domains=d, pulses="nearest").write(1 / 32).std() for d in (100.0, 10_000.0)]
    assert spread[0] / spread[1] == pytest.approx(10.0, rel=0.05)


def test_a_recent_pulse_changes_what_the_next_one_does() -> None:
    def second(preset: str, gap: float) -> float:
        device = builtin().get("device", "second_order")
        values = dict(next(p for p in device.presets if p.key == preset).params)
        made = cells("second_order", 0.5, n=1, pulses="nearest", **values)
        made.write(0.01)
        before = made.w[0]
        made.wait(gap)
        return float(made.write(0.01)[0] - before)

    assert second("kim_2015", 0.001) > 2 * second("kim_2015", 10.0) > 0
    assert 0 < second("zhu_2017", 0.1) < 0.99 * second("zhu_2017", 1000.0)


def test_a_weight_long_right_is_hard_to_turn() -> None:
    fresh, settled = (cells("metaplastic", 1.0, n=1, spread_start=0.0) for _ in range(2))
    for _ in range(20):
        settled.write(0.05)
    for made in (fresh, settled):
        for _ in range(30):
            made.write(-0.05)
    assert fresh.w[0] == 0.0 and settled.w[0] == 1.0


def test_drift_follows_its_power_law_and_a_pulse_starts_it_anew() -> None:
    made = cells("pcm_cumulative", 0.8, n=1, nu=0.1, t_0=0.01, set_std=0.0)
    made.wait(9.99)
    assert made.read()[0] == pytest.approx(0.8 * 1000**-0.1)
    here = made.read()[0]
    made.write(0.1)
    assert made.w[0] == pytest.approx(here + (1 - here) * 0.1) and made.read()[0] == pytest.approx(made.w[0])
    made.write(-0.1)
    assert made.w[0] == 0.0


def test_pcm_is_programmed_anew_and_its_noise_can_be_switched_off_one_by_one() -> None:
    quiet = cells("pcm", 0.5, prog_noise=0.0, drift=0.0, read_noise=0.0)
    quiet.wait(1e6)
    np.testing.assert_allclose(quiet.read(), 0.5, rtol=1e-12)
    drifting = cells("pcm", 0.5, prog_noise=0.0, read_noise=0.0)
    drifting.wait(1e6)
    assert 0.2 < drifting.read().mean() < 0.35 and drifting.read().std() > 0.01
    drifting.write(0.1)
    assert (drifting.age == 0).all()
    np.testing.assert_allclose(drifting.read(), 0.6, rtol=1e-12)


def test_a_leak_is_an_exponential() -> None:
    made = cells("capacitor", 0.9, n=1, tau_leak=2.0)
    made.wait(1.0)
    leaked = 0.5 + 0.4 * np.exp(-0.5)
    assert made.read()[0] == pytest.approx(leaked)
    made.write(0.0025)
    assert made.w[0] == pytest.approx(leaked, abs=0.01) and made.w[0] != made.read()[0] + 1
