import numpy as np
import pytest

from studio import analysis
from studio.analysis import Trains
from studio.findings import FindingError


def train(*times, ids=None, size=1, duration=1000.0):
    order = np.argsort(times, kind="stable")
    who = np.zeros(len(times), np.int64) if ids is None else np.array(ids, np.int64)[order]
    return Trains("x", size, 0.0, duration, 0.1, np.array(times, float)[order], who)


def crowd(seed, size=30, spikes=400):
    rng = np.random.default_rng(seed)
    return train(*(rng.integers(1, 10_000, spikes) * 0.1), ids=rng.integers(0, size, spikes), size=size)


def one(t, neuron):
    times = t.times[t.ids == neuron]
    return train(*times)


def test_one_spike_too_many_is_one_apart_by_both_measures():
    a, b = train(100.0), train()
    assert analysis.van_rossum(a, b)[0] == pytest.approx(1.0)
    assert analysis.victor_purpura(a, b)[0] == 1.0


def test_a_spike_that_moved_costs_what_the_formulas_say():
    a, b = train(100.0), train(103.0)
    assert analysis.van_rossum(a, b, tau=10.0)[0] == pytest.approx(np.sqrt(2 * (1 - np.exp(-0.3))))
    assert analysis.victor_purpura(a, b, cost=0.1)[0] == pytest.approx(0.3)
    assert analysis.victor_purpura(a, b, cost=1.0)[0] == pytest.approx(2.0)  # removing and adding is cheaper


def test_van_rossum_is_the_integral_that_defines_it():
    a, b, tau, dt = train(10.0, 30.0, 55.0), train(12.0, 50.0), 7.0, 0.001
    t = np.arange(0.0, 400.0, dt)
    f = sum(np.where(t >= s, np.exp(-(t - s) / tau), 0.0) for s in a.times)
    g = sum(np.where(t >= s, np.exp(-(t - s) / tau), 0.0) for s in b.times)
    assert analysis.van_rossum(a, b, tau)[0] == pytest.approx(np.sqrt(2 / tau * ((f - g) ** 2).sum() * dt), rel=1e-3)


def test_limits_are_the_difference_in_number_and_the_spikes_that_do_not_coincide():
    a, b = train(10.0, 20.0, 30.0), train(20.0, 31.0)
    assert analysis.victor_purpura(a, b, cost=0.0)[0] == 1
    assert analysis.victor_purpura(a, b, cost=np.inf)[0] == 3
    assert analysis.van_rossum(a, b, tau=1e-3)[0] == pytest.approx(np.sqrt(3))
    assert analysis.van_rossum(a, b, tau=1e9)[0] == pytest.approx(1.0)


@pytest.mark.filterwarnings("error")
def test_spikes_that_come_twice_and_may_not_move_give_no_warning():
    assert analysis.victor_purpura(train(5.0, 5.0, 9.0), train(5.0), cost=np.inf)[0] == 2.0


def pairs(t, u, window):
    """Coincidences of one neuron, spike by spike."""
    u, n = list(u), 0
    for x in t:
        u = [y for y in u if y >= x - window - 1e-9]
        if u and u[0] <= x + window + 1e-9:
            u, n = u[1:], n + 1
    return n


@pytest.mark.parametrize("window", [0.0, 0.5, 20.0])
def test_coincidences_of_a_crowd_are_those_of_each_alone(window):
    a, b = crowd(1), crowd(2)
    assert analysis.coincidences(a, b, window).tolist() == [pairs(one(a, k).times, one(b, k).times, window) for k in range(30)]


def slow(t, u, cost):
    """Victor and Purpura's programme as it is published."""
    g = np.zeros((len(t) + 1, len(u) + 1))
    g[:, 0], g[0] = np.arange(len(t) + 1), np.arange(len(u) + 1)
    for i, j in np.ndindex(len(t), len(u)):
        g[i + 1, j + 1] = min(g[i, j + 1] + 1, g[i + 1, j] + 1, g[i, j] + cost * abs(t[i] - u[j]))
    return g[-1, -1]


@pytest.mark.parametrize("cost", [0.003, 0.05, 1.0])
def test_neurons_taken_together_give_what_each_gives_alone(cost):
    a, b = crowd(1), crowd(2)
    b = Trains("x", 30, 0.0, 1000.0, 0.1, np.concatenate([b.times, a.times[::3]]), np.concatenate([b.ids, a.ids[::3]]))
    order = np.argsort(b.times, kind="stable")
    b = Trains("x", 30, 0.0, 1000.0, 0.1, b.times[order], b.ids[order])
    together, vr = analysis.victor_purpura(a, b, cost), analysis.van_rossum(a, b, 1 / cost)
    for k in range(30):
        x, y = one(a, k), one(b, k)
        assert together[k] == pytest.approx(slow(x.times, y.times, cost))
        gap = np.exp(-np.abs(np.subtract.outer(np.r_[x.times, y.times], np.r_[x.times, y.times])) * cost)
        signs = np.r_[np.ones(len(x.times)), -np.ones(len(y.times))]
        assert vr[k] == pytest.approx(np.sqrt(max(signs @ gap @ signs, 0.0)), abs=1e-6)


def test_distances_are_distances():
    a, b, c = crowd(1), crowd(2), crowd(3)
    for far in (analysis.van_rossum, analysis.victor_purpura):
        assert not far(a, a).any()
        np.testing.assert_allclose(far(a, b), far(b, a), rtol=1e-9)
        assert (far(a, c) <= far(a, b) + far(b, c) + 1e-9).all()


def test_each_spike_coincides_once():
    a, b = train(10.0, 11.0, 50.0), train(11.5, 52.0, 90.0)
    assert analysis.coincidences(a, b, 2.0)[0] == 2
    assert analysis.coincidences(a, b, 1.0)[0] == 1
    assert analysis.coincidences(a, a, 0.0)[0] == 3


def test_the_coincidence_factor_is_one_for_equal_trains_and_about_zero_for_independent_ones():
    a, b = crowd(1, 200, 10_000), crowd(2, 200, 10_000)
    np.testing.assert_allclose(analysis.coincidence_factor(a, a), 1.0)
    assert abs(np.mean(analysis.coincidence_factor(a, b, 0.5))) < 0.02
    assert np.isnan(analysis.coincidence_factor(train(), train())[0])


def test_agreement_names_the_neuron_whose_rate_differs_most():
    a = train(10.0, 20.0, 30.0, 40.0, ids=[0, 0, 1, 2], size=3)
    b = train(10.0, 20.0, 40.0, 50.0, 60.0, ids=[0, 0, 2, 2, 2], size=3)
    found = analysis.agreement(a, b)
    assert (found.worst, found.worst_rates) == (2, (1.0, 3.0))
    assert found.rate_error == pytest.approx(0.25) and found.spikes == (4, 5)
    assert found.same == pytest.approx(6 / 9)
    assert analysis.agreement(a, a).same == 1.0
    assert found.to_json()["spikes"] == [4, 5]
    assert analysis.agreement(train(), train(5.0)).rate_error == np.inf


def test_other_numbers_of_neurons_and_impossible_scales_are_refused():
    with pytest.raises(FindingError, match="1 neurons cannot be compared with 2"):
        analysis.agreement(train(), train(size=2))
    with pytest.raises(FindingError, match="tau is 0"):
        analysis.van_rossum(train(), train(), 0.0)
