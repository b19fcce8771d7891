"""Plasticity rules under the protocols of their papers: windows and means against closed forms, frequency dependence against measured data."""

from __future__ import annotations

import numpy as np
import pytest
from models.protocols import learned, poisson_trains

from studio.models.catalogue import builtin

LAGS = np.array([-60.0, -30.0, -10.0, -1.0, 1.0, 10.0, 30.0, 60.0])  # ms from arrival to target's spike, as the synapse sees them
DELAY = 0.1


def window(rule: str, weight: float = 0.5, **params: float) -> np.ndarray:
    """What one pair at each of LAGS does to a weight; spikes of the target take DELAY to the synapse."""
    pairs = [[100.0 + lag - DELAY] for lag in LAGS]
    return learned(rule, [[100.0]] * len(LAGS), pairs, weight, 200.0, delay=DELAY, **params) - weight


def test_additive_window_is_two_exponentials() -> None:
    params = {"w_max": 2.0, "learning_rate": 0.01, "alpha": 1.2, "mu_plus": 0.0, "mu_minus": 0.0, "tau_plus": 15.0, "tau_minus": 30.0}
    expected = 0.02 * np.where(LAGS > 0, np.exp(-LAGS / 15.0), -1.2 * np.exp(LAGS / 30.0))
    assert window("stdp_pair", **params) == pytest.approx(expected, rel=1e-12)


def test_power_law_window_scales_with_the_weight() -> None:
    """Morrison 2007, equation 3: growth with w^mu w_0^(1 - mu), decay with w."""
    w, mu = 0.3, 0.4
    up, down = 0.1 * w**mu * 2.0 ** (1 - mu), 0.1 * 0.11 * w
    expected = np.where(LAGS > 0, up * np.exp(-LAGS / 20.0), -down * np.exp(LAGS / 20.0))
    assert window("stdp_power_law", w, w_0=2.0) == pytest.approx(expected, rel=1e-12)


def test_power_law_weights_settle_where_growth_and_decay_balance() -> None:
    """Independent Poisson spikes: lambda w^mu = alpha lambda w, so w = w_0 alpha^(-1/(1 - mu)), up to second order in lambda."""
    n, duration, alpha, mu = 60, 60_000.0, 0.8, 0.4
    pre, post = poisson_trains(n, 30.0, duration, 1, 0.5), poisson_trains(n, 30.0, duration, 2, 0.5)
    w = learned("stdp_power_law", pre, post, 1.0, duration, delay=0.5, dt=0.5, learning_rate=0.01, alpha=alpha, mu=mu)
    assert w.mean() == pytest.approx(alpha ** (-1 / (1 - mu)), abs=4 * w.std() / np.sqrt(n) + 0.02)
    assert 0.02 < w.std() < 0.5


# Sjöström et al. 2001, as in Pfister and Gerstner 2006, figure 5: relative change of the weight after 60 pairs, mean and standard error
FREQUENCIES = np.array([0.1, 10.0, 20.0, 40.0, 50.0])  # Hz
MEASURED = {10.0: [-0.04, 0.14, 0.29, 0.53, 0.56], -10.0: [-0.29, -0.41, -0.34, 0.56, 0.75]}
ERROR = {10.0: [0.05, 0.10, 0.14, 0.11, 0.26], -10.0: [0.08, 0.11, 0.10, 0.32, 0.19]}


def paired(rule: str, lag: float, pairs: int = 60, dt: float = 0.5, **params: float) -> np.ndarray:
    """The relative change of a weight of 1 after `pairs` pairs at each of FREQUENCIES."""
    pre = [20.0 + np.arange(pairs) * 1000.0 / f for f in FREQUENCIES]
    return learned(rule, pre, [t + lag - dt for t in pre], 1.0, 1000.0 * pairs / FREQUENCIES.min() + 100.0, delay=dt, dt=dt, **params) - 1.0


@pytest.mark.parametrize("lag", [10.0, -10.0])
@pytest.mark.parametrize("preset", ["visual_cortex", "visual_cortex_minimal"])
def test_triplets_depend_on_frequency_as_measured_in_visual_cortex(preset: str, lag: float) -> None:
    values = dict(next(p for p in builtin().get("plasticity", "stdp_triplet").presets if p.key == preset).params)
    values |= {k: v / 10 for k, v in values.items() if k.startswith("a")}  # relative to a w_max of ten times the weight
    change = paired("stdp_triplet", lag, w_max=10.0, **values)
    assert (np.abs(change - MEASURED[lag]) < 1.5 * np.array(ERROR[lag])).all()
    assert (np.diff(change) > 0).all() if lag > 0 else (change[0] < -0.2 < 0.3 < change[-1])


def test_pairs_alone_cannot_do_that() -> None:
    """Pair STDP depresses post-before-pre at every frequency up to 40 Hz: what triplets were made for."""
    change = paired("stdp_pair", -10.0, w_max=10.0, learning_rate=5e-4, alpha=1.05, mu_plus=0.0, mu_minus=0.0)
    assert (change[:4] < 0).all()


def test_triplet_sum_is_that_of_the_paper() -> None:
    """Equations 3 and 4 of Pfister and Gerstner, as sums over all earlier spikes."""
    pre, post = poisson_trains(5, 40.0, 400.0, 3), poisson_trains(5, 40.0, 400.0, 4)
    a = {"a2_plus": 1e-3, "a3_plus": 2e-3, "a2_minus": 1.5e-3, "a3_minus": 5e-4}

    def trace(at: float, spikes: np.ndarray, tau: float) -> float:
        return float(np.exp(-(at - spikes[spikes < at - 1e-9]) / tau).sum())

    expected = []
    for x, y in zip(pre, post, strict=True):
        y = y + DELAY  # when they reach the synapse
        up = sum(trace(q, x, 16.8) * (a["a2_plus"] + a["a3_plus"] * trace(q, y, 125.0)) for q in y)
        down = sum(trace(t, y, 33.7) * (a["a2_minus"] + a["a3_minus"] * trace(t, x, 101.0)) for t in x)
        expected.append(5.0 + 10.0 * (up - down))
    assert learned("stdp_triplet", pre, post, 5.0, 450.0, w_max=10.0, **a) == pytest.approx(np.array(expected), rel=1e-12)


def test_inhibitory_window_is_symmetric_with_a_constant_loss() -> None:
    expected = 0.01 * (np.exp(-np.abs(LAGS) / 20.0) - 2 * 0.005 * 20.0)
    assert window("istdp_vogels", w_max=1.0, learning_rate=0.01) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("y", [0.01, 0.03])
@pytest.mark.parametrize("power", [0.0, 1.0])
def test_bcm_changes_as_rate_times_rate_minus_threshold(y: float, power: float) -> None:
    """Independent Poisson spikes of rates x and y [kHz]: dw/dt = lr tau_plus tau_y x y (y - threshold), with the means of traces on the grid.

    The threshold is the target rate to the power 0, and about the mean rate to the power 1 (a little more: two traces share their spikes).
    """
    n, duration, x, tau_mean, target, dt = 150, 40_000.0, 0.03, 200.0, 0.02, 0.5
    pre, post = (poisson_trains(n, 1000.0 * rate, duration, seed, dt) for rate, seed in ((x, 5), (y, 6)))
    params = {"w_max": 100.0, "learning_rate": 1e-6, "target_rate": target, "power": power, "tau_mean": tau_mean}
    change = learned("bcm", pre, post, 50.0, duration, delay=dt, dt=dt, **params) - 50.0

    def mean(tau: float) -> float:
        return dt / np.expm1(dt / tau)

    both = y * dt / np.expm1(dt / 33.7 + dt / tau_mean)
    slow = y * y * mean(33.7) * mean(tau_mean) + both if power else y * mean(33.7) * target * tau_mean
    expected = 100.0 * 1e-6 * duration * x * 16.8 * (mean(16.8) / 16.8 * y * y * mean(114.0) - 114.0 / 33.7 * slow / tau_mean)
    error = change.std() / np.sqrt(n)
    assert abs(change.mean() - expected) < 4 * error + 0.01 * abs(expected)
    assert power or (np.sign(expected) == np.sign(y - target) and abs(expected) > 8 * error), "growth and decay must be told apart"


def test_a_silent_neuron_scales_up_exponentially_and_ratios_stay() -> None:
    silent: list[list[float]] = [[1.0], [1.0]]
    w = learned("homeostatic_scaling", silent, [[], []], np.array([0.1, 0.2]), 1050.0, w_max=10.0, tau_scaling=2000.0, interval=100.0)
    assert w == pytest.approx(np.array([0.1, 0.2]) * (1 + 100.0 / 2000.0) ** 10, rel=1e-12)


def test_scaling_reads_the_rate_of_the_target() -> None:
    """Post spikes every 100 ms (10 Hz against 5): the trace at the first interval is a geometric sum."""
    post = [np.arange(50.0, 951.0, 100.0)]
    w = learned(
        "homeostatic_scaling", [[1.0]], post, 0.5, 1000.1, delay=0.1, w_max=10.0, tau_rate=300.0, interval=1000.0, tau_scaling=5000.0
    )
    rate = np.exp(-(1000.1 - (post[0] + 0.1)) / 300.0).sum() / 300.0  # as an arrival of the step that begins at 1000 ms would find it
    assert w[0] == pytest.approx(0.5 * (1 + 0.2 * (1 - rate / 0.005)), rel=1e-9)


def test_stochastic_switches_as_often_as_it_says() -> None:
    n, lag = 4000, 10.0
    pre, late, early = [[50.0]] * n, [[50.0 + lag - DELAY]] * n, [[50.0 - lag - DELAY]] * n
    up = learned("stdp_stochastic", pre, late, 0.2, 100.0, w_low=0.2, w_high=0.9, p_plus=0.5)
    down = learned("stdp_stochastic", pre, early, 0.9, 100.0, w_low=0.2, w_high=0.9, p_minus=0.3)
    for w, there, p in ((up, 0.9, 0.5), (down, 0.2, 0.3)):
        p *= np.exp(-lag / 20.0)
        assert set(np.unique(w)) == {0.2, 0.9}
        assert abs((w == there).mean() - p) < 4 * np.sqrt(p * (1 - p) / n)


def test_structural_synapses_come_and_go_as_a_two_state_chain() -> None:
    """Without spikes the part that is there after n rounds is f + (1 - f) (1 - p_grow - p_prune)^n, f = p_grow / (p_grow + p_prune)."""
    n, grow, prune = 5000, 0.02, 0.05
    none: list[list[float]] = [[] for _ in range(n - 1)]
    params = {"p_grow": grow, "p_prune_weak": prune, "newborn": 0.25, "weak": 0.5, "interval": 10.0}
    f = grow / (grow + prune)
    for rounds in (3, 60):
        w = learned("structural", [*none, [1.0]], [*none, []], 0.25, rounds * 10.0 + 5.0, w_max=2.0, **params)
        expected = f + (1 - f) * (1 - grow - prune) ** rounds
        assert set(np.unique(w)) <= {0.0, 0.25, 0.5}
        assert abs((w > 0).mean() - expected) < 4 * np.sqrt(expected * (1 - expected) / n)


def test_a_pruned_synapse_learns_nothing_until_it_grows_again() -> None:
    post = [np.arange(5.5, 90.0, 10.0)]
    still = {"p_grow": 0.0, "p_prune_weak": 0.0, "p_prune_strong": 0.0}
    assert learned("structural", [np.arange(5.0, 90.0, 10.0)], post, 0.0, 100.0, w_max=1.0, **still)[0] == 0.0
    assert learned("structural", [np.arange(5.0, 90.0, 10.0)], post, 0.1, 100.0, w_max=1.0, **still)[0] > 0.1


@pytest.mark.parametrize("model", [m for m in builtin().models if m.presets], ids=lambda m: f"{m.kind}-{m.key}")
def test_presets_name_parameters_within_their_bounds(model) -> None:  # type: ignore[no-untyped-def]
    from studio.models.check import allowed

    for preset in model.presets:
        assert preset.title and len(preset.source) > 10
        for name, value in preset.params.items():
            param = model.param(name)
            assert param is not None and (isinstance(value, str) or allowed(param, float(value))), (preset.key, name)
