"""What the host gives a chip: spikes of inputs, and biases when analog inputs change."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from studio.backends.loihi.registers import Drive
from studio.backends.loihi.scaling import bias_for
from studio.compile.backend import Stimulus

NONE = (np.zeros(0, np.int64), np.zeros(0, np.int64))


def together(given: Iterable[tuple[int, np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    """The spikes of several inputs, (number of its first element, steps, ids), as one list by step."""
    parts = list(given)
    steps = np.concatenate([NONE[0], *(p[1] for p in parts)])
    ids = np.concatenate([NONE[0], *(p[0] + p[2] for p in parts)])
    order = np.argsort(steps, kind="stable")
    return steps[order], ids[order]


def writes(drive: Drive, stimulus: Stimulus, size: int) -> list[tuple[int, np.ndarray]]:
    """(step, mantissas of all neurons of the layer) whenever one of the drive's inputs changes."""
    moments = np.unique(np.concatenate([np.asarray(stimulus.currents[key][0], np.int64) for key in drive.inputs]))
    out = []
    for moment in moments[moments < stimulus.steps]:
        total = np.zeros(size)
        for k, key in enumerate(drive.inputs):
            starts, values = stimulus.currents[key]
            now = np.asarray(values, float)[np.searchsorted(starts, moment, "right") - 1]
            rows = drive.sums[:, 1] == k
            element = drive.sums[rows, 2] if now.size > 1 else np.zeros(int(rows.sum()), np.int64)
            np.add.at(total, drive.sums[rows, 0], drive.gains[rows] * np.atleast_1d(now)[element])
        out.append((int(moment), bias_for(total, drive.numbers)))
    return out
