"""Voltage-based plasticity: under voltage clamp against the closed form, under pairing against what the paper shows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from engine.networks import chosen, network, population, projection, source
from models.protocols import trains

from studio.engine.run import simulate
from studio.network.flat import FlatNetwork

DT, W_MAX, START = 0.1, 1000.0, 500.0
RULE = {"a_ltd": 14e-5, "a_ltp": 8e-5, "theta_minus": -70.6, "theta_plus": -45.3, "tau_x": 15.0}


def clamped(volts: float, spikes: np.ndarray, duration: float, **more: float) -> FlatNetwork:
    """A cell that rests at `volts` and never fires, behind one learning synapse without effect on it."""
    cell = population("cell", 1, "lif_clopath", v_rest=volts, v_th=1e5)
    link = projection("learn", "pre", "cell", weight=START, delay=DT, kinetics=("exponential", {"tau": 1.0}))
    slow = {"a_ltd": RULE["a_ltd"] / 100, "a_ltp": RULE["a_ltp"] / 100}
    rule = chosen("plasticity", "clopath", w_max=W_MAX, interval=DT, **{**RULE, **slow, **more})
    cell = replace(cell, neuron=replace(cell.neuron, params={**cell.neuron.params, "c_m": 1e15}))
    return network([cell], [trains("pre", [spikes])], [replace(link, plasticity=rule)], duration=duration, dt=DT, precision="double")


@pytest.mark.parametrize("volts", [-80.0, -60.0, -40.0, -20.0, 0.0])
def test_voltage_clamp_gives_the_curve_of_figure_1(volts: float) -> None:
    """25 Hz at a constant voltage u: every arrival takes a_ltd [u - theta_minus], every step gives a_ltp x [u - theta_plus] [u - theta_minus]."""
    spikes = np.arange(10.0, 1000.0, 40.0)
    w = simulate(clamped(volts, spikes, 1010.0), threads=1).weights["learn"].weights[0]
    looks = np.arange(1, 10_100) * DT  # before the step that begins then; the trace is that of an arrival in it
    age = looks[None, :] + DT - spikes[:, None]
    x = np.where(age > DT / 2, np.exp(-age / 15.0), 0.0).sum(0)
    up, strong = max(0.0, volts + 70.6), max(0.0, volts + 45.3)
    expected = START + W_MAX * (-14e-7 * up * len(spikes) + 8e-7 * up * strong * (x * DT / 15.0).sum())
    assert w == pytest.approx(expected, rel=1e-9)
    assert (w == START) if volts < -70.6 else (w < START) if volts < -45.3 else True
    assert volts < -10.0 or w > START


def test_homeostasis_scales_depression_by_the_square_of_the_mean_depolarisation() -> None:
    spikes = np.arange(10.0, 500.0, 40.0)
    plain, scaled = (
        simulate(clamped(-60.0, spikes, 510.0, homeostasis=h, v_homeostatic=5.0), threads=1).weights["learn"].weights[0] for h in (0, 1)
    )
    assert (scaled - START) / (plain - START) == pytest.approx((10.6 / 5.0) ** 2, rel=1e-9)


def paired(hz: float, lag: float, pairs: int = 8) -> float:
    """The change by pairs at a frequency: the target is made to fire `lag` ms after (before) each arrival by a pulse of current."""
    pre = 50.0 + np.arange(pairs) * 1000.0 / hz
    edges = np.stack([pre + lag - 1.0, pre + lag], 1).ravel()
    pulse = source("pulse", 1, "step_current", times=edges, amplitudes=np.tile([40.0, 0.0], pairs)[:, None])
    link = projection("learn", "pre", "cell", weight=START * 1e-9, delay=DT, kinetics=("exponential", {"tau": 1.0}))
    rule = chosen("plasticity", "clopath", w_max=W_MAX * 1e-9, interval=DT, **RULE)
    links = [projection("drive", "pulse", "cell", weight=1.0, delay=DT, kinetics=None), replace(link, plasticity=rule)]
    net = network(
        [population("cell", 1, "adex_clopath")], [trains("pre", [pre]), pulse], links, duration=pre[-1] + 120.0, dt=DT, precision="double"
    )
    r = simulate(net, threads=1)
    assert len(r.spikes["cell"].times) == pairs
    assert np.abs(np.asarray(r.spikes["cell"].times) - pre - lag).max() < 1.0
    return float(r.weights["learn"].weights[0]) * 1e9 - START


def test_pairing_depends_on_frequency_as_in_figure_2() -> None:
    """Post-before-pre depresses at low frequency and potentiates at 50 Hz; pre-before-post potentiates the more the faster."""
    causal = [paired(hz, 10.0) for hz in (10.0, 50.0)]
    other = [paired(hz, -10.0) for hz in (10.0, 50.0)]
    assert other[0] < 0 < other[1]
    assert causal[1] > causal[0] > other[0] and causal[1] > 0
