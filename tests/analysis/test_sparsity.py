import numpy as np
import pytest

from studio import analysis


def test_activation_sparsity_counts_silent_neuron_steps(recording):
    r = recording(
        {"in": ([0] * 100, np.arange(1, 101)), "a": ([0, 1, 1], [1, 2, 3]), "b": ([], [])},
        duration=100.0,
        dt=1.0,
        sizes={"in": 1, "a": 2, "b": 4},
        sources=["in"],
    )
    assert analysis.activation_sparsity(r) == {"a": pytest.approx(1 - 3 / 200), "b": 1.0}
    assert analysis.total_activation_sparsity(r) == pytest.approx(1 - 3 / 600)


def test_sparsity_over_time_averages_to_the_whole(recording):
    rng = np.random.default_rng(2)
    r = recording({"a": (rng.integers(0, 10, 300), rng.integers(1, 1001, 300))}, dt=1.0)
    course = analysis.sparsity_over_time(r, "a", 50)
    assert len(course.times) == 20
    assert course.sparsity.mean() == pytest.approx(analysis.activation_sparsity(r)["a"])


def test_connection_sparsity_counts_missing_pairs_and_zero_weights(recording):
    r = recording(
        {"a": ([], []), "b": ([], [])}, sizes={"a": 10, "b": 20}, projections={"p1": ("a", "b", 200, 150), "p2": ("b", "b", 40, 40)}
    )
    assert analysis.connection_sparsity(r, "p1") == pytest.approx(0.25)
    assert analysis.connection_sparsity(r, "p2") == pytest.approx(0.9)
    assert analysis.connection_sparsity(r) == pytest.approx(1 - 190 / 600)
    assert np.isnan(analysis.connection_sparsity(recording({"a": ([], [])})))


def test_effective_operations_count_each_spike_times_its_non_zero_weights(recording):
    spikes = {"a": ([0, 0, 1], [1, 2, 3]), "b": ([], [])}
    weights = {"p1": ([0, 0, 1, 1], [0, 1, 0, 1], [1.0, 0.0, 2.0, -1.0])}
    r = recording(spikes, duration=10.0, dt=1.0, size=2, projections={"p1": ("a", "b", 4, 3)}, weights=weights)
    operations = analysis.synaptic_operations(r)
    assert (operations.effective, operations.stored, operations.dense, operations.exact) == (2 * 1 + 1 * 2, 40, 40, True)


def test_without_weights_the_event_counter_serves_and_says_so(recording):
    r = recording({"a": ([], []), "b": ([], [])}, size=2, projections={"p1": ("a", "b", 4, 3)}, events={"p1": 8})
    assert analysis.synaptic_operations(r).effective == pytest.approx(6) and not analysis.synaptic_operations(r).exact
