"""The recorded states of a run as a canvas draws them: a few neurons of each, thinned to what a screen can show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from studio.engine.recording import Recording, Trace

NEURONS = 8  # lines that can still be told apart
POINTS = 4000  # of each line


@dataclass(frozen=True)
class ShownTrace:
    """One state of some neurons: `values[j, k]` (float32) of neuron `ids[j]` at `times[k]` [ms] (float32).

    `recorded` is how many neurons the recording has; `thinned` whether it also has more points.
    """

    path: str
    what: str
    unit: str
    ids: tuple[int, ...]
    times: np.ndarray
    values: np.ndarray
    recorded: int
    thinned: bool


def shown_traces(recording: Recording) -> tuple[ShownTrace, ...]:
    """Every recorded state, in the order of the recording."""
    return tuple(_shown(path, what, trace) for (path, what), trace in recording.traces.items() if len(trace.times))


def _shown(path: str, what: str, trace: Trace) -> ShownTrace:
    ids = tuple(int(each) for each in trace.ids[:NEURONS])
    times, values = thin(trace.times, np.asarray(trace.values)[:, :NEURONS].T)
    thinned = len(times) < len(trace.times)
    return ShownTrace(path, what, trace.unit, ids, times.astype("<f4"), np.ascontiguousarray(values, "<f4"), len(trace.ids), thinned)


def thin(times: np.ndarray, values: np.ndarray, points: int = POINTS) -> tuple[np.ndarray, np.ndarray]:
    """At most about `points` of `values` (n_lines, n_times), peaks kept: the lowest and the highest value of every stretch, in their order.

    All lines share the times, so a peak may stand beside its time by less than a stretch.
    """
    n = len(times)
    if n <= points:
        return times, values
    width = -(-2 * n // points)
    whole = n // width * width
    stretches = values[:, :whole].reshape(len(values), -1, width)
    low, high = stretches.min(axis=2), stretches.max(axis=2)
    rising = stretches.argmin(axis=2) <= stretches.argmax(axis=2)
    pairs = np.stack([np.where(rising, low, high), np.where(rising, high, low)], axis=2).reshape(len(values), -1)
    marks = np.stack([times[:whole:width], times[width // 2 : whole : width]], axis=1).reshape(-1)
    return np.append(marks, times[-1]), np.column_stack([pairs, values[:, -1]])
