"""What the host gives a network, as spikes of axons: currents become a spike in every tick in which they have a level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from studio.compile.backend import Listed, Stimulus


def driven(stimulus: Stimulus, levels: Mapping[str, Sequence[float]]) -> tuple[dict[str, Listed], dict[str, dict[str, int]]]:
    """(spikes of every input, by its elements or by (element, level), as in a Stimulus; what was counted).

    An axon holds one spike a tick: further ones of the same element and step are "merged". A current between levels counts as the nearest
    ("rounded").
    """
    spikes: dict[str, Listed] = {}
    counters: dict[str, dict[str, int]] = {}
    for key, (steps, ids) in stimulus.spikes.items():
        both = np.unique(np.stack([steps, ids]), axis=1)
        spikes[key] = both[0], both[1]
        counters[key] = {"merged": len(steps) - both.shape[1]}
    for key, (starts, values) in stimulus.currents.items():
        spikes[key], rounded = _levelled(
            stimulus.steps, np.asarray(starts), np.asarray(values, np.float64), np.asarray(levels.get(key, ()))
        )
        counters[key] = {"rounded": rounded}
    return spikes, counters


def _levelled(steps: int, starts: np.ndarray, values: np.ndarray, levels: np.ndarray) -> tuple[Listed, int]:
    """Spikes of (element, level), by step and element, and how many (element, frame) were between levels."""
    when: list[np.ndarray] = [np.zeros(0, np.int64)]
    who: list[np.ndarray] = [np.zeros(0, np.int64)]
    rounded, all_levels = 0, np.append(levels, 0.0)
    ends = np.append(starts[1:], steps)
    for start, end, frame in zip(starts, ends, values, strict=True):
        level = np.abs(frame[:, None] - all_levels[None, :]).argmin(axis=1)
        rounded += int((~np.isclose(all_levels[level], frame)).sum())
        on = np.flatnonzero(level < len(levels))
        ticks = np.arange(start, min(end, steps))
        when.append(np.repeat(ticks, len(on)))
        who.append(np.tile(on * len(levels) + level[on], len(ticks)))
    return (np.concatenate(when).astype(np.int64), np.concatenate(who).astype(np.int64)), rounded
