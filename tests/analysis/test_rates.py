import numpy as np
import pytest

from studio import analysis
from studio.findings import FindingError


def test_the_mean_rate_is_spikes_per_neuron_and_second(recording):
    r = recording({"a": ([0, 1, 1, 2], [10, 20, 30, 1000]), "b": ([], [])}, size=4)
    assert analysis.rates(r) == {"a": 1.0, "b": 0.0}
    assert analysis.neuron_rates(r, "a").tolist() == [1, 2, 1, 0]


def test_a_spike_at_the_start_of_a_window_belongs_to_the_step_before(recording):
    r = recording({"a": ([0, 0, 0], [100.0, 100.1, 200.0])}, size=1)
    assert analysis.mean_rate(r, "a", 100, 200) == pytest.approx(20.0)


def test_rate_over_time_sums_to_all_spikes(recording):
    rng = np.random.default_rng(1)
    times = rng.integers(1, 10_001, 500) * 0.1
    r = recording({"a": (rng.integers(0, 10, 500), times)})
    course = analysis.rate_over_time(r, "a", 10)
    assert len(course.times) == 100 and course.times[0] == pytest.approx(5.0)
    assert course.hz.sum() * 10 * 0.01 == pytest.approx(500)


def test_bins_close_on_the_right_whatever_the_rounding(recording):
    steps = np.arange(1, 10_001)
    r = recording({"a": (np.zeros(10_000, int), steps * 0.1)}, size=1)
    assert np.ptp(analysis.rate_over_time(r, "a", 7.0).hz) < 1e-6


def test_an_incomplete_last_bin_is_left_out(recording):
    r = recording({"a": ([0], [99.0])}, duration=100.0)
    assert len(analysis.rate_over_time(r, "a", 30).times) == 3
    assert len(analysis.rate_over_time(r, "a", 300).times) == 0


def test_an_unrecorded_path_is_named_with_what_there_is(recording):
    with pytest.raises(FindingError, match="exc"):
        analysis.mean_rate(recording({"exc": ([], [])}), "inh")
    with pytest.raises(FindingError, match="empty"):
        analysis.mean_rate(recording({"exc": ([], [])}), "exc", 500, 400)


def test_latency_is_the_first_spike_after_the_start(recording):
    r = recording({"a": ([0, 0, 1], [5.0, 120.0, 150.0])}, size=3)
    np.testing.assert_allclose(analysis.latency(r, "a", 100), [20, 50, np.nan])
    assert analysis.first_spike(r, "a") == pytest.approx(5.0)
    assert np.isnan(analysis.first_spike(r, "a", 500))
