"""Both runs in one picture: who fired which spike, against pairs found one by one."""

from __future__ import annotations

import numpy as np

from studio.analysis.trains import Trains
from studio.backends.overlay import BINS, MARKS, NEURONS, POPULATIONS, WINDOW, overlay


def fired(path: str, size: int, times: list[float], ids: list[int], dt: float = 0.1, duration: float = 400.0) -> Trains:
    order = np.argsort(times, kind="stable")
    return Trains(path, size, 0.0, duration, dt, np.array(times, float)[order], np.array(ids, np.int64)[order])


def by_chance(seed: int, size: int = 6, n: int = 200) -> tuple[Trains, Trains]:
    draw = np.random.default_rng(seed)
    make = lambda dt: fired("p", size, (draw.integers(1, 4000, n) * 0.1).tolist(), draw.integers(0, size, n).tolist(), dt)  # noqa: E731
    return make(0.1), make(1.0)


def pairs(a: Trains, b: Trains) -> int:
    """Pairs as a person finds them: neuron by neuron, from the left."""
    found = 0
    for k in range(a.size):
        left = sorted(b.times[b.ids == k])
        for t in sorted(a.times[a.ids == k]):
            hit = next((u for u in left if abs(u - t) <= WINDOW + 1e-9), None)
            if hit is not None:
                left.remove(hit)
                found += 1
    return found


def test_every_spike_is_of_both_or_of_one():
    a, b = by_chance(3)
    said = overlay({"p": (a, b)})["populations"]["p"]
    both = pairs(a, b)
    assert 0 < both < 200
    assert sum(said["bins"]["both"]) == both and sum(said["bins"]["ideal"]) == 200 - both and sum(said["bins"]["chip"]) == 200 - both
    assert len(said["bins"]["both"]) == BINS and said["fired"] == 6 and said["neurons"] == list(range(6))
    kinds = np.bincount(said["kind"], minlength=3)
    assert kinds.sum() >= MARKS - 1 and len(said["row"]) == len(said["ms"]) == len(said["kind"]) and max(said["ms"]) <= 400.0


def test_a_spike_that_moved_a_little_is_the_same_and_one_that_moved_far_is_not():
    a = fired("p", 2, [10.0, 50.0, 90.0], [0, 1, 1])
    b = fired("p", 2, [11.0, 57.0, 90.0], [0, 1, 0], dt=1.0)
    said = overlay({"p": (a, b)})["populations"]["p"]
    marks = sorted(zip(said["ms"], said["row"], said["kind"], strict=True))
    assert marks == [(10.0, 0, 0), (50.0, 1, 1), (57.0, 1, 2), (90.0, 0, 2), (90.0, 1, 1)]


def test_many_neurons_are_sampled_and_a_busy_run_is_shown_from_its_start():
    draw = np.random.default_rng(1)
    a = fired("p", 900, np.sort(draw.uniform(1, 400, 40_000)).tolist(), draw.integers(0, 900, 40_000).tolist())
    said = overlay({"p": (a, a)})
    assert 0.0 < said["to_ms"] < 400.0
    p = said["populations"]["p"]
    assert len(p["neurons"]) == NEURONS and p["neurons"][0] == 0 and p["neurons"][-1] == 899 and len(p["ms"]) <= MARKS
    assert set(p["kind"]) == {0} and sum(p["bins"]["both"]) == 40_000


def test_the_readout_and_those_that_agree_least_are_shown():
    same = fired("p", 2, [10.0], [0])
    other = fired("p", 2, [300.0], [1])
    both = {f"p{k}": (same, other if k in (6, 7) else same) for k in range(8)}
    said = overlay(both, "p5")
    assert said["of"] == 8 and len(said["populations"]) == POPULATIONS and {"p5", "p6", "p7"} <= set(said["populations"])


def test_silence_has_no_picture():
    none = fired("p", 3, [], [])
    assert overlay({"p": (none, none)})["populations"] == {}
    assert overlay({})["populations"] == {}
