"""What is computed for many steps at once: the order of levels, and sums of what arrives."""

from __future__ import annotations

import numpy as np

from studio.backends.events import Arrivals, Synapses
from studio.backends.levels import Level, levels


def said(n: int, *edges: tuple[int, int, int]) -> list[tuple[list[int], int]]:
    columns = np.array(edges, np.int64).reshape(-1, 3).T
    return [(level.nodes.tolist(), level.within) for level in levels(n, *columns)]


def test_everything_comes_after_what_it_hears() -> None:
    assert said(4, (3, 0, 1), (0, 1, 5), (3, 1, 2)) == [([2, 3], 0), ([0], 0), ([1], 0)]
    assert said(0) == [] and said(2) == [([0, 1], 0)]


def test_loops_stay_together_with_their_shortest_delay() -> None:
    assert said(4, (0, 1, 3), (1, 0, 2), (1, 2, 1), (3, 3, 7), (3, 1, 1)) == [([3], 7), ([0, 1], 2), ([2], 0)]


def test_a_chunk_is_no_longer_than_what_is_known() -> None:
    assert Level(np.zeros(1), 3).chunk(10) == 3 and Level(np.zeros(1), 0).chunk(10) == 1024
    assert Level(np.zeros(1), 0).chunk(10**9) == 1


def test_spikes_arrive_when_and_where_their_synapses_say() -> None:
    """Against a sum over single synapses; two spikes of one source in one step count twice."""
    rng = np.random.default_rng(1)
    s, t, w, d = (rng.integers(*ends, 300) for ends in ((0, 8), (0, 5), (-9, 9), (1, 6)))
    steps, ids = np.sort(rng.integers(-1, 20, 60)), rng.integers(0, 8, 60)
    wanted = np.zeros((40, 5))
    for step, source in zip(steps, ids, strict=True):
        for k in np.flatnonzero(s == source):
            wanted[step + d[k], t[k]] += w[k]
    synapses, arrivals = Synapses.of(8, s, t, w, d), Arrivals(4 + 6 + 1, 5)
    found, passed = [], 0
    for start in range(0, 40, 4):
        now = (steps < start + 4) & ((steps >= start) | ((start == 0) & (steps < 0)))
        passed += arrivals.push(synapses, steps[now], ids[now])
        found.append(arrivals.take(start, start + 4))
    assert np.array_equal(np.concatenate(found), wanted)
    assert passed == sum((s == source).sum() for source in ids)
