"""What a canvas gets to see of recorded states."""

from __future__ import annotations

import numpy as np

from studio.engine.recording import Recording, Trace
from studio.ui.traces import NEURONS, POINTS, shown_traces, thin


def recording(n_times: int, n_ids: int) -> Recording:
    times = np.arange(1, n_times + 1) * 0.1
    values = np.outer(np.sin(times), np.arange(1, n_ids + 1)) - 65
    return Recording({}, {("exc", "v"): Trace(times, np.arange(5, 5 + n_ids), values, "mV")}, {}, {}, {}, {}, n_times * 0.1, 0.1)


def test_a_short_trace_is_shown_as_it_is():
    trace = recording(200, 3).traces["exc", "v"]
    (shown,) = shown_traces(recording(200, 3))
    assert (shown.path, shown.what, shown.unit, shown.ids, shown.recorded, shown.thinned) == ("exc", "v", "mV", (5, 6, 7), 3, False)
    assert shown.values.dtype == shown.times.dtype == np.dtype("<f4") and shown.values.flags.c_contiguous
    np.testing.assert_allclose(shown.values, trace.values.T, rtol=1e-6)
    np.testing.assert_allclose(shown.times, trace.times, rtol=1e-6)


def test_of_many_neurons_the_first_are_shown():
    (shown,) = shown_traces(recording(20, 50))
    assert shown.values.shape == (NEURONS, 20) and shown.recorded == 50 and shown.ids == tuple(range(5, 5 + NEURONS))


def test_a_long_trace_keeps_its_peaks_and_its_ends():
    n = 100_003
    times, values = np.arange(n) * 0.1, np.zeros((2, n))
    values[0, 54_321], values[1, 777] = 40.0, -80.0
    marks, kept = thin(times, values)
    assert kept.shape == (2, len(marks)) and len(marks) <= POINTS + 1
    assert np.all(np.diff(marks) > 0) and marks[0] == times[0] and marks[-1] == times[-1]
    assert kept[0].max() == 40.0 and kept[1].min() == -80.0
    stretch = 2 * 0.1 * n / POINTS
    assert abs(marks[kept[0].argmax()] - 5432.1) < stretch and abs(marks[kept[1].argmin()] - 77.7) < stretch


def test_nothing_recorded_shows_nothing():
    empty = Recording({}, {}, {}, {}, {}, {}, 1.0, 0.1)
    assert shown_traces(empty) == ()
