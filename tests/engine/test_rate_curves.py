"""Rates against closed forms, onsets against bifurcations, chances against probabilities: what each neuron is known for."""

from __future__ import annotations

from math import atan, erf, exp, sqrt
from typing import Any

import numpy as np
import pytest
from engine.networks import CATALOGUE, network, population, projection, source
from scipy.optimize import brentq

from studio.engine.recording import Recording
from studio.engine.run import simulate
from studio.network.flat import Record


def run(model: str, n: int = 1, duration: float = 1000.0, record: tuple[str, ...] = (), **given: Any) -> Recording:
    settings = {k: given.pop(k) for k in ("dt", "method", "seed", "precision") if k in given}
    cell = population("c", n, model, given.pop("start", None), **given)
    wanted = [Record("c", s, None, settings.get("dt", 0.1)) for s in record]
    return simulate(network([cell], [], [], wanted, **{"duration": duration, "precision": "double", **settings}), threads=1)


def last_interval(model: str, **given: Any) -> float:
    """The mean of the last ten intervals [ms]."""
    return float(np.diff(run(model, **given).spikes["c"].times)[-10:].mean())


@pytest.mark.parametrize("current", [0.12, 0.2, 0.5, 1.5])
@pytest.mark.parametrize("method", [None, "adaptive"])
def test_quadratic_neuron_fires_at_the_rate_of_its_arctangent(current: float, method: str | None) -> None:
    """tau v' = (v - v_rest)(v - v_c)/(v_c - v_rest) + R I; spikes fall on the grid, but no part of a step is lost: ten intervals are right to 0.1 ms."""
    half, middle = 7.5, -57.5
    depth = 2 * half * current * 10.0 / 0.25 - half**2
    period = 10.0 * 2 * half / sqrt(depth) * (atan((30.0 - middle) / sqrt(depth)) - atan((-70.0 - middle) / sqrt(depth)))
    assert last_interval("quadratic_if", i_offset=current, method=method) == pytest.approx(period, abs=0.012)


def test_quadratic_neuron_rests_below_its_smallest_current() -> None:
    smallest = 7.5 / 2 / 10.0 * 0.25  # half**2 / (2 half) / R
    assert len(run("quadratic_if", i_offset=0.99 * smallest).spikes["c"]) == 0
    assert len(run("quadratic_if", i_offset=1.02 * smallest, duration=3000.0).spikes["c"]) > 3


@pytest.mark.parametrize("current", [0.25, 0.4, 1.0])
def test_adaptive_threshold_settles_where_rise_and_return_balance(current: float) -> None:
    """With theta = beta / (1 - exp(-T/tau)) just after a spike, v(T - t_ref) = v_th + theta exp(-T/tau)."""
    reach, tau = current * 20.0 / 0.25, 200.0

    def short(t: float) -> float:
        return reach * (1 - exp(-(t - 2.0) / 20.0)) - 15.0 - 1.8 * exp(-t / tau) / (1 - exp(-t / tau))

    period = brentq(short, 2.01, 900.0)
    found = last_interval("alif", i_offset=current, duration=4000.0, dt=0.02)
    assert period <= found <= period + 0.04


@pytest.mark.parametrize("current", [0.42, 0.6, 1.2])
def test_a_membrane_that_is_never_reset_fires_as_its_threshold_returns(current: float) -> None:
    """R I = omega + sum of alpha / (exp(T/tau) - 1)."""
    reach = current * 5.0 / 0.1
    period = max(2.02, brentq(lambda t: 37.0 / (exp(t / 10.0) - 1) + 2.0 / (exp(t / 200.0) - 1) + 19.0 - reach, 0.1, 2000.0))
    found = last_interval("mat2", i_offset=current, duration=5000.0, dt=0.02)
    assert period - 0.02 <= found <= period + 0.04


def test_intrinsic_threshold_counts_spikes_and_forgets_slowly() -> None:
    r = run("lif_homeostatic", i_offset=0.3, theta_plus=0.5, tau_theta=50.0, duration=300.0, record=("theta",))
    theta, at = 0.0, 0
    for step in r.spikes["c"].steps:
        theta = theta * exp(-(step - at) * 0.1 / 50.0) + 0.5
        at = step
        assert r.traces["c", "theta"].values[step - 1, 0] == pytest.approx(theta, rel=1e-12)
    assert len(r.spikes["c"]) > 10
    assert last_interval("lif_homeostatic", i_offset=0.3, theta_plus=0.5, tau_theta=50.0) > last_interval(
        "lif_homeostatic", i_offset=0.3, theta_plus=0.0
    )


@pytest.mark.parametrize("model", ["escape_rate", "gif_psc_exp"])
@pytest.mark.parametrize("t_ref", [0.0, 3.0])
def test_escape_noise_at_a_constant_voltage_is_a_renewal_process(model: str, t_ref: float) -> None:
    """Mean interval t_ref + dt/p with p = 1 - exp(-hazard dt); the free part is geometric."""
    quiet = {"q_stc_1": 0.0, "q_stc_2": 0.0, "q_sfa_1": 0.0, "q_sfa_2": 0.0, "lambda_0": 0.1} if model == "gif_psc_exp" else {"rho_0": 0.1}
    r = run(model, 300, 500.0, v_rest=-50.0, v_reset=-50.0, v_th=-52.0, delta_v=4.0, t_ref=t_ref, seed=3, **quiet)
    p = -np.expm1(-0.1 * 0.1 * exp(0.5))
    s = r.spikes["c"]
    intervals = np.concatenate([np.diff(s.times[s.ids == i]) for i in range(300)])
    assert len(intervals) > 8000 and intervals.min() >= t_ref + 0.1 - 1e-9
    assert intervals.mean() == pytest.approx(t_ref + 0.1 / p, rel=0.05)
    assert intervals.std() == pytest.approx(0.1 * sqrt(1 - p) / p, rel=0.06)


@pytest.mark.parametrize("bias", [-1.5, 0.0, 0.7])
@pytest.mark.parametrize("precision", ["single", "double"])
def test_a_boltzmann_unit_alone_is_on_with_its_probability(bias: float, precision: str) -> None:
    """Also when it switches: the times between two questions are geometric with mean tau."""
    r = run("boltzmann", 3000, 200.0, tau=2.0, temperature=0.5, i_offset=bias * 0.5, seed=4, record=("z",), precision=precision)
    z = r.traces["c", "z"].values
    p = 1 / (1 + exp(-bias))
    assert set(np.unique(z)) == {0.0, 1.0}
    assert z[-1].mean() == pytest.approx(p, abs=4 * sqrt(p * (1 - p) / 3000))
    assert (z[1:] > z[:-1]).mean() == pytest.approx(0.05 * p * (1 - p), rel=0.05)
    assert len(r.spikes["c"]) == int((np.diff(z, axis=0, prepend=0.0) > 0).sum())


COUPLINGS = np.array([[0.0, 1.2, -0.8], [1.2, 0.0, 0.5], [-0.8, 0.5, 0.0]])
BIASES = np.array([-0.4, 0.2, 0.1])
STATES = np.array([[(k >> j) & 1 for j in range(3)] for k in range(8)], float)


def stationary(asked: float) -> np.ndarray:
    """The distribution over the eight states that units asked with this chance in a step sample, by their transition matrix."""
    on = 1 / (1 + np.exp(-(STATES @ COUPLINGS + BIASES)))
    step = np.ones((8, 8))
    for i, before in enumerate(STATES):
        for k, after in enumerate(STATES):
            for u in range(3):
                taken = on[i, u] if after[u] else 1 - on[i, u]
                step[i, k] *= asked * taken + (1 - asked) * (after[u] == before[u])
    return np.linalg.matrix_power(step, 10_000)[0]


def boltzmann_distribution() -> np.ndarray:
    weight = np.exp(0.5 * np.einsum("ij,jk,ik->i", STATES, COUPLINGS, STATES) + STATES @ BIASES)
    return weight / weight.sum()


def test_questions_asked_together_err_in_proportion_to_their_chance() -> None:
    """First order: half the chance, half the distance to the Boltzmann distribution."""
    apart = np.array([np.abs(stationary(p) - boltzmann_distribution()).sum() for p in (0.2, 0.1, 0.05, 0.025)])
    assert (np.abs(np.log2(apart[:-1] / apart[1:]) - 1.0) < 0.1).all()


@pytest.mark.parametrize("tau", [1.0, 2.0, 20.0])
def test_coupled_units_sample_what_their_transition_matrix_says(tau: float) -> None:
    """dt 1 ms: asked always, every second step, and seldom, when it is nearly the Boltzmann distribution."""
    a, b = np.nonzero(COUPLINGS)
    link = projection("w", "c", "c", ("explicit", {"sources": a, "targets": b}), COUPLINGS[a, b], 1.0, ("state_coupling", {}))
    steps = 60_000 if tau < 5 else 200_000
    net = network(
        [population("c", 3, "boltzmann", tau=tau, i_offset=BIASES)],
        [],
        [link],
        [Record("c", "z", None, 1.0)],
        dt=1.0,
        seed=8,
        duration=float(steps),
    )
    z = simulate(net, threads=1).traces["c", "z"].values[1000:]
    found = np.bincount((z @ np.array([1, 2, 4])).astype(int), minlength=8) / len(z)
    wanted = stationary(1.0 / tau)
    correlated = 6.0 * tau  # about the steps between two independent samples
    assert (np.abs(found - wanted) < 5 * np.sqrt(wanted * (1 - wanted) * correlated / len(z))).all(), (found, wanted)
    if tau == 1.0:
        assert np.abs(wanted - boltzmann_distribution()).sum() > 0.1


@pytest.mark.parametrize("bias", [-1.0, 0.3])
def test_a_noisy_comparator_is_on_with_the_normal_probability(bias: float) -> None:
    z = run("boltzmann_probit", 4000, 60.0, tau=1.0, noise=2.0, i_offset=bias * 2.0, seed=5, record=("z",)).traces["c", "z"].values[-1]
    p = 0.5 * (1 + erf(bias / sqrt(2)))
    assert z.mean() == pytest.approx(p, abs=4 * sqrt(p * (1 - p) / 4000))


def test_the_widths_of_both_units_fit() -> None:
    """At a noise of 1.596 temperatures the normal distribution function has the sigmoid's slope at 0."""
    x = np.linspace(-4, 4, 81)
    normal = np.array([0.5 * (1 + erf(v / CATALOGUE.get("neuron", "boltzmann_probit").param("noise").default / sqrt(2))) for v in x])
    assert np.abs(normal - 1 / (1 + np.exp(-x))).max() < 0.02


@pytest.mark.parametrize(("current", "fires"), [(0.30, False), (0.40, True), (1.30, True), (1.50, False)])
def test_fitzhugh_nagumo_oscillates_between_its_hopf_points(current: float, fires: bool) -> None:
    """Rest is unstable for 1 - v^2 > b tau/tau_u, that is between 0.331 and 1.419."""
    times = run("fitzhugh_nagumo", i_offset=current, duration=600.0).spikes["c"].times
    assert (len(times[times > 300.0]) > 3) == fires


def test_morris_lecar_of_class_one_fires_slowly_and_of_class_two_at_once_fast() -> None:
    def rate(preset: str, current: float) -> float:
        found = CATALOGUE.get("neuron", "morris_lecar").preset(preset)
        times = run("morris_lecar", i_offset=current, duration=3000.0, **found.params).spikes["c"].times
        return len(times[times > 1000.0]) / 2.0

    assert rate("saddle_node", 0.395) == 0.0 and 0.0 < rate("saddle_node", 0.402) < 5.0 < rate("saddle_node", 0.6)
    assert rate("hopf", 0.85) == 0.0 and rate("hopf", 1.0) > 7.0
    assert rate("hopf", 1.0) > 0.7 * rate("hopf", 1.4)


def test_hodgkin_huxley_begins_to_fire_at_fifty_hertz() -> None:
    """The axon fires once or not at all below 6.2 uA/cm2 and then at 50 Hz and more; 10 000 um2 of it: 0.1 nA is 1 uA/cm2."""
    below = run("hodgkin_huxley", i_offset=0.6, duration=500.0).spikes["c"].times
    assert len(below[below > 100.0]) == 0
    rates = [1000.0 / last_interval("hodgkin_huxley", i_offset=i, duration=500.0) for i in (0.65, 1.0, 2.0)]
    assert 48.0 < rates[0] < 58.0 and 66.0 < rates[1] < 71.0 and rates[2] > 80.0


@pytest.mark.parametrize("start", [-40.0, -55.0, -55.0 + 1e-7])
def test_hodgkin_huxley_may_begin_where_a_rate_says_zero_over_zero(start: float) -> None:
    r = run("hodgkin_huxley", duration=1.0, v_start=start, record=("v", "m", "n"), dt=0.01)
    beside = run("hodgkin_huxley", duration=1.0, v_start=start + 1e-3, record=("v", "m", "n"), dt=0.01)
    for s in ("v", "m", "n"):
        assert np.abs(r.traces["c", s].values - beside.traces["c", s].values).max() < 0.05


def test_a_resonator_answers_to_pulses_at_its_own_period() -> None:
    """Two pulses a period apart add up, half a period apart they cancel; in an integrator the closer pair would do more."""
    period = 2 * np.pi / 0.3
    fired = {}
    for part in (0.5, 1.0, 1.5):
        spikes = source("s", 1, "spike_list", times=np.array([5.0, 5.0 + part * period]))
        link = projection("s", "s", "c", weight=2.1, delay=0.1, kinetics=("pulse", {}))
        net = network([population("c", 1, "resonate_and_fire")], [spikes], [link], duration=80.0, precision="double")
        fired[part] = len(simulate(net, threads=1).spikes["c"])
    assert fired == {0.5: 0, 1.0: 1, 1.5: 0}


@pytest.mark.parametrize("model", ["lif_clopath", "adex_clopath"])
def test_a_spike_lasts_and_the_filtered_voltages_see_it(model: str) -> None:
    r = run(model, i_offset=1.2, duration=300.0, record=("v", "u_plus", "u_minus", "u_mean"))
    v, plus, minus, mean = (r.traces["c", s].values[:, 0] for s in ("v", "u_plus", "u_minus", "u_mean"))
    k = int(r.spikes["c"].steps[0]) - 1
    assert (v[k : k + 20] == 33.0).all() and v[k + 20] == -60.0
    at, before = k + 20, k
    for u, tau in ((plus, 7.0), (minus, 10.0)):
        assert u[at] == pytest.approx(33.0 + (u[before] - 33.0) * exp(-2.0 / tau), abs=1e-6)
    assert mean[at] > mean[before] and mean[at] - mean[before] < 0.5
    assert np.diff(r.spikes["c"].steps).min() > 20


def test_integrate_and_fire_of_nir_adds_up() -> None:
    """0.3 a step against a strict threshold of 1: every fourth step, whatever dt is."""
    for dt in (0.1, 1.0):
        steps = run("if_euler", i_offset=0.3, dt=dt, duration=40 * dt).spikes["c"].steps
        assert steps.tolist() == list(range(4, 41, 4))
