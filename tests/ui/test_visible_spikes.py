"""What a canvas is shown of many spikes."""

from __future__ import annotations

import numpy as np

from studio.ui.spikes import VisibleSpikes


def spikes(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return np.sort(rng.integers(0, 10_000, n)).astype(np.uint32), rng.integers(0, 1000, n).astype(np.uint32)


def test_below_the_limit_every_spike_is_given_once():
    shown = VisibleSpikes(limit=1000)
    steps, rows = spikes(900)
    shown.add(steps[:400], rows[:400])
    first, replaces = shown.take()
    shown.add(steps[400:], rows[400:])
    second, _ = shown.take()
    assert not replaces
    assert not shown.waiting
    assert np.array_equal(np.concatenate([first[0], second[0]]), steps)
    assert np.array_equal(np.concatenate([first[1], second[1]]), rows)


def test_a_new_view_is_given_everything():
    shown = VisibleSpikes()
    steps, rows = spikes(100)
    shown.add(steps, rows)
    shown.take()
    shown.start_over()
    again, replaces = shown.take()
    assert replaces and np.array_equal(again[0], steps) and np.array_equal(again[1], rows)


def test_above_the_limit_an_even_sample_is_shown_and_said():
    shown = VisibleSpikes(limit=10_000)
    for part in range(10):
        steps, rows = spikes(4_000, part)
        shown.add(steps + part * 10_000, rows)
    assert shown.thinned in (4, 8)  # a quarter of 40,000 is just about the limit
    (steps, rows), replaces = shown.take()
    assert replaces
    assert 4_000 < len(steps) <= 10_000
    assert (np.diff(steps.astype(np.int64)) >= 0).all()
    by_part = np.bincount(steps // 10_000, minlength=10)
    assert by_part.min() > 0.8 * by_part.mean()  # early spikes are as dense as late ones
    by_row = np.bincount(rows // 100, minlength=10)
    assert by_row.min() > 0.8 * by_row.mean()


def test_a_sample_is_part_of_the_sample_before():
    fine, coarse = VisibleSpikes(limit=6_000), VisibleSpikes(limit=3_000)
    steps, rows = spikes(10_000)
    for shown in (fine, coarse):
        shown.add(steps, rows)
    assert fine.thinned < coarse.thinned
    assert pairs(coarse) < pairs(fine)


def pairs(shown: VisibleSpikes) -> set[tuple[int, int]]:
    steps, rows = shown.all()
    return set(zip(steps.tolist(), rows.tolist(), strict=True))
