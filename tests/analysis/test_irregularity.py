import numpy as np
import pytest

from studio import analysis


def test_a_clock_has_cv_zero(recording):
    r = recording({"a": (np.repeat([0, 1], 10), np.concatenate([np.arange(1, 11) * 50.0, np.arange(1, 11) * 30.0]))}, size=3)
    assert analysis.isi(r, "a").ms == pytest.approx([50.0] * 9 + [30.0] * 9)
    assert analysis.cv(r, "a") == pytest.approx(0, abs=1e-9) and analysis.cv2(r, "a") == pytest.approx(0, abs=1e-9)
    assert np.isnan(analysis.neuron_cv(r, "a")[2])


def test_two_alternating_intervals_have_a_known_cv(recording):
    times = np.cumsum([10, 30] * 10)
    r = recording({"a": (np.zeros(20, int), times)}, duration=500, size=1)
    intervals = np.array([30, 10] * 9 + [30])
    assert analysis.cv(r, "a") == pytest.approx(intervals.std() / intervals.mean())
    assert analysis.cv2(r, "a") == pytest.approx(1.0)  # 2 * 20 / 40


def test_a_poisson_process_has_cv_one(recording):
    rng = np.random.default_rng(3)
    n, rate, duration = 50, 20.0, 50_000.0
    counts = rng.poisson(rate * duration / 1000, n)
    ids = np.repeat(np.arange(n), counts)
    r = recording({"a": (ids, rng.uniform(0.1, duration, counts.sum()))}, duration=duration, size=n)
    assert analysis.cv(r, "a") == pytest.approx(1.0, abs=0.02)
    assert analysis.cv2(r, "a") == pytest.approx(1.0, abs=0.02)
    assert analysis.fano(r, "a") == pytest.approx(1.0, abs=0.03)
    assert analysis.correlation(r, "a") == pytest.approx(0.0, abs=0.002)
    assert analysis.synchrony(r, "a") == pytest.approx(1 / np.sqrt(n), abs=0.01)


def test_neurons_that_fire_together_are_fully_synchronous(recording):
    times = np.array([13.0, 57.0, 143.0, 500.0])
    r = recording({"a": (np.tile(np.arange(5), 4), np.repeat(times, 5))}, size=5)
    assert analysis.correlation(r, "a") == pytest.approx(1.0)
    assert analysis.synchrony(r, "a") == pytest.approx(1.0)
    assert analysis.fano(r, "a") > 4


def test_the_fast_correlation_equals_all_pairs(recording):
    rng = np.random.default_rng(0)
    ids, steps = rng.integers(0, 6, 400), rng.integers(1, 10_001, 400)
    r = recording({"a": (ids, steps * 0.1)}, size=6)
    binned = np.zeros((6, 200))
    np.add.at(binned, (ids, (steps - 1) // 50), 1)
    covariance = np.cov(binned, bias=True)
    deviations = np.sqrt(np.diag(covariance))
    off = ~np.eye(6, dtype=bool)
    assert analysis.correlation(r, "a", 5.0) == pytest.approx(covariance[off].sum() / np.outer(deviations, deviations)[off].sum())


@pytest.mark.parametrize("measure", [analysis.cv, analysis.cv2, analysis.fano, analysis.correlation, analysis.synchrony])
def test_a_silent_population_has_no_value(recording, measure):
    assert np.isnan(measure(recording({"a": ([], [])}), "a"))
