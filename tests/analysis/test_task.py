import json

import numpy as np
import pytest

from studio import analysis
from studio.findings import FindingError

TASK = {"present": {"value": 0.05, "unit": "s"}, "gap": 50, "readout": "out", "decode": "count_argmax"}


def answers(recording, ids, times, labels, duration=300.0, size=3, **task):
    return analysis.accuracy(recording({"out": (ids, times)}, duration=duration, size=size), {**TASK, **task}, np.array(labels))


def test_the_neuron_with_most_spikes_wins(recording):
    a = answers(recording, [0, 1, 1, 2, 0], [10, 20, 30, 110, 250], [1, 2, 1])
    assert a.predictions.tolist() == [1, 2, 0] and a.accuracy == pytest.approx(2 / 3) and a.n == 3 and a.silent == 0


def test_the_first_of_several_winners_is_taken_and_silence_counts_as_class_zero(recording):
    a = answers(recording, [2, 1], [10, 20], [1, 0, 1])
    assert a.predictions.tolist() == [1, 0, 0] and a.silent == 2


def test_a_spike_at_the_very_end_of_a_pattern_still_belongs_to_it(recording):
    assert answers(recording, [2], [100.0], [2]).predictions.tolist() == [2]
    assert answers(recording, [2], [100.1], [0, 2], duration=200).predictions.tolist() == [0, 2]


def test_only_patterns_shown_completely_count(recording):
    assert answers(recording, [], [], [0] * 9, duration=249.9).n == 2  # the third pattern was cut at 49.9 of 50 ms
    assert answers(recording, [], [], [0] * 9, duration=250.0).n == 3  # its gap may be cut
    assert answers(recording, [], [], [0] * 9, duration=40.0) is None


def test_groups_of_neurons_vote_for_a_class(recording):
    a = answers(recording, [0, 2, 3], [10, 20, 30], [1], size=4, classes=2)
    assert a.predictions.tolist() == [1]
    with pytest.raises(FindingError, match="multiple"):
        answers(recording, [], [], [1], size=5, classes=2)


ASSIGNED = {"decode": "count_assigned", "learn": 2}


def test_neurons_get_the_class_they_answered_to_while_learning(recording):
    # neuron 2 fires for class 0, neuron 0 for class 1, neuron 1 never; then a pattern of each, and one that only neuron 1 answers
    spikes = [2, 2, 0, 2, 0, 0, 1], [10, 20, 110, 210, 310, 320, 410]
    a = answers(recording, *spikes, [0, 1, 0, 1, 1], duration=500.0, **ASSIGNED)
    assert a.predictions.tolist() == [0, 1, 0] and a.labels.tolist() == [0, 1, 1]
    assert a.n == 3 and a.accuracy == pytest.approx(2 / 3) and a.silent == 1


def test_a_class_of_many_neurons_has_no_more_weight_than_a_class_of_one(recording):
    # neurons 0 and 1 are of class 0, neuron 2 of class 1; it fires three times, they twice each
    learning = [0, 1, 2], [10, 20, 110]
    shown = [0, 0, 1, 1, 2, 2, 2], [210, 211, 212, 213, 214, 215, 216]
    a = answers(recording, learning[0] + shown[0], learning[1] + shown[1], [0, 1, 1], duration=300.0, **ASSIGNED)
    assert a.predictions.tolist() == [1]


def test_only_the_last_patterns_of_learning_assign_classes(recording):
    # neuron 0 answered to class 0 early and to class 1 late
    spikes = [0, 0, 0, 0, 0, 0], [10, 11, 12, 110, 210, 310]
    early = answers(recording, *spikes, [0, 1, 1, 1], duration=400.0, decode="count_assigned", learn=3)
    late = answers(recording, *spikes, [0, 1, 1, 1], duration=400.0, decode="count_assigned", learn=3, assign=2)
    assert early.predictions.tolist() == [0] and late.predictions.tolist() == [1]


def test_a_run_that_ends_while_learning_is_not_judged(recording):
    assert answers(recording, [0], [10], [0, 1, 1], duration=200.0, **ASSIGNED) is None


@pytest.mark.parametrize("change", [{"learn": None}, {"learn": 0}, {"learn": 1.5}, {"assign": -1}])
def test_learning_without_a_number_of_patterns_says_so(recording, change):
    with pytest.raises(FindingError, match="whole number of patterns"):
        answers(recording, [], [], [0, 1, 1], **{**ASSIGNED, **change})


@pytest.mark.parametrize("change", [{"decode": "first"}, {"readout": ""}, {"present": -1}, {"readout": "nowhere"}])
def test_a_task_that_cannot_be_decoded_says_why(recording, change):
    with pytest.raises(FindingError):
        answers(recording, [], [], [1], **change)


def test_the_summary_is_plain_json(recording):
    r = recording(
        {"in": ([0], [1]), "a": ([0, 1], [1, 2]), "b": ([], [])},
        duration=500.0,
        sources=["in"],
        projections={"p1": ("in", "a", 100, 100)},
        events={"p1": np.int64(10)},
    )
    answer = analysis.accuracy(r, {"present": 500, "readout": "a"}, np.array([0]))
    s = json.loads(json.dumps(analysis.summary(r, answer), allow_nan=False))
    assert s["spikes"] == 2 and s["rates_hz"] == {"in": 0.2, "a": 0.4, "b": 0.0}
    assert s["cv"] == {"a": None, "b": None} and s["real_time_factor"] == 1.0 and s["versions"] == {"studio": "0.1"}
    assert s["accuracy"] == 1.0 and s["n"] == 1 and s["sparsity"]["paths"]["b"] == 1.0 and s["neurons"] == 20
    assert "accuracy" not in analysis.summary(r)
