"""What sources lower to: rates, events and currents on the time grid."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from studio.findings import FindingError
from studio.models.catalogue import builtin
from studio.models.spec import Currents, Events, Rates

DT = 0.1


def lower(key: str, size: int, **params: Any) -> Any:
    model = builtin().get("source", key)
    return model.lower({p.name: p.default for p in model.params} | params, size, DT)


def test_poisson_without_a_window_is_one_shared_frame() -> None:
    form = lower("poisson", 5, rate=8.0)
    assert isinstance(form, Rates)
    assert form.starts.tolist() == [0] and form.hz.tolist() == [[8.0]]


def test_poisson_in_a_window_with_a_rate_per_element() -> None:
    form = lower("poisson", 2, rate=np.array([1.0, 2.0]), start=10.0, stop=30.0)
    assert form.starts.tolist() == [0, 100, 300]
    assert form.hz.tolist() == [[0, 0], [1, 2], [0, 0]]


def test_poisson_whose_window_is_empty_is_silent() -> None:
    assert lower("poisson", 1, rate=5.0, start=20.0, stop=20.0).hz.tolist() == [[0.0]]


def test_spikes_are_sorted_and_belong_to_the_end_of_their_step() -> None:
    form = lower("spike_list", 3, times=np.array([2.0, 0.1, 0.1, 0.0]), ids=np.array([0, 2, 1, 0]))
    assert isinstance(form, Events)
    assert form.steps.tolist() == [-1, 0, 0, 19] and form.ids.tolist() == [0, 1, 2, 0]


@pytest.mark.parametrize("time", [0.3, 0.7, 2.4, 1e4 + 0.1])
def test_times_that_are_no_binary_fractions_fall_on_their_grid_point(time: float) -> None:
    assert (lower("spike_list", 1, times=np.array([time])).steps + 1) * DT == pytest.approx(time)


@pytest.mark.parametrize(
    ("times", "ids", "words"),
    [([1.0], [3], "0 to 2"), ([1.0], [-1], "0 to 2"), ([1.0], [0.5], "whole"), ([-1.0], [0], "before 0"), ([1.0, 2.0], [0], "same length"), ([np.nan], [0], "finite"), (["x"], [0], "numbers")],
)  # fmt: skip
def test_impossible_spikes_are_refused_in_words(times: list[Any], ids: list[int], words: str) -> None:
    with pytest.raises(FindingError, match=words):
        lower("spike_list", 3, times=times, ids=ids)


def test_an_empty_spike_list_is_silent() -> None:
    assert lower("spike_list", 3).steps.size == 0


def test_a_current_between_start_and_stop() -> None:
    form = lower("step_current", 4, amplitude=0.3, start=51.0, stop=101.0)
    assert isinstance(form, Currents)
    assert form.starts.tolist() == [0, 510, 1010] and form.values.ravel().tolist() == [0, 0.3, 0]


def test_a_table_of_currents_begins_at_zero_and_the_last_change_of_a_step_counts() -> None:
    form = lower("step_current", 2, times=[1.0, 2.0, 2.01], amplitudes=[0.1, 0.2, 0.3])
    assert form.starts.tolist() == [0, 10, 20] and form.values.tolist() == [[0], [0.1], [0.3]]
    form = lower("step_current", 2, times=[0.0], amplitudes=[[0.1, 0.2]])
    assert form.starts.tolist() == [0] and form.values.tolist() == [[0.1, 0.2]]


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"times": [1.0]}, "amplitudes"),
        ({"times": [1.0, 2.0], "amplitudes": [1.0]}, "shape"),
        ({"times": [2.0, 1.0], "amplitudes": [1.0, 1.0]}, "Sort"),
        ({"times": [1.0], "amplitudes": [[1.0, 2.0, 3.0]]}, "shape"),
        ({"times": [1.0], "amplitudes": [np.inf]}, "finite"),
    ],
)
def test_impossible_currents_are_refused_in_words(params: dict[str, Any], words: str) -> None:
    with pytest.raises(FindingError, match=words):
        lower("step_current", 2, **params)


def test_images_are_shown_one_after_the_other_with_silence_between() -> None:
    images = np.array([[[0, 255], [51, 0]], [[255, 0], [0, 102]]], dtype=np.uint8)
    form = lower("image_rate", 4, images=images, rate_max=50.0, present=10.0, gap=5.0)
    assert form.starts.tolist() == [0, 100, 150, 250]
    assert form.hz.tolist() == [[0, 50, 10, 0], [0] * 4, [50, 0, 0, 20], [0] * 4]


def test_images_without_a_gap_follow_at_once_and_end_in_silence() -> None:
    form = lower("image_rate", 2, images=[[255, 0], [0, 255]], rate_max=10.0, present=1.0, gap=0.0)
    assert form.starts.tolist() == [0, 10, 20] and form.hz.tolist() == [[10, 0], [0, 10], [0, 0]]


@pytest.mark.parametrize(("images", "words"), [(None, "empty"), ([[1, 2, 3]], "3 pixels"), ([[-1, 0]], "not negative")])
def test_impossible_images_are_refused_in_words(images: Any, words: str) -> None:
    with pytest.raises(FindingError, match=words):
        lower("image_rate", 2, images=images)
