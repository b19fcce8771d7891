"""Both runs of a twin run in one picture, small enough for a report: some neurons spike by spike, and all of them over the whole run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from studio.analysis.distances import paired
from studio.analysis.trains import Trains

WINDOW = 2.0  # ms that two spikes may be apart and still be the same
POPULATIONS = 4
NEURONS = 20  # of each, evenly among those that fire
MARKS = 300  # spikes of each: the window is as long as that takes
BINS = 60  # over the whole run
LEAST = 10  # steps that the window has at least
BOTH, IDEAL, CHIP = 0, 1, 2  # who fired: `kind` of a spike


def overlay(both: Mapping[str, tuple[Trains, Trains]], readout: str = "") -> dict[str, Any]:
    """Spikes that both runs have (within `within_ms`), that only the ideal one has, and that only the chip has.

    Of the populations those are shown that agree least, and the task's `readout`; of each so many neurons, from the start of the run until `to_ms`
    (`row`, `ms`, `kind`: 0 both, 1 ideal alone, 2 chip alone; a spike of both stands at the ideal's time). `bins` counts the spikes of all neurons
    over the whole run.
    """
    sides = {path: _sides(a, b) for path, (a, b) in both.items()}
    worst = sorted(sides, key=lambda path: (path != readout, _agree(sides[path]), path))[:POPULATIONS]
    chosen = {path: sides[path] for path in both if path in worst and len(sides[path][0])}
    if not chosen:
        return {"within_ms": WINDOW, "to_ms": 0.0, "bin_ms": 0.0, "of": len(both), "populations": {}}
    first = both[next(iter(chosen))]
    duration, dt = first[0].duration, max(t.dt for t in first)
    shown = {path: _sampled(side) for path, side in chosen.items()}
    to = min(
        duration, max(LEAST * dt, min(_until(side, rows, duration) for (side, rows) in zip(chosen.values(), shown.values(), strict=True)))
    )
    return {
        "within_ms": WINDOW,
        "to_ms": float(f"{to:.6g}"),
        "bin_ms": duration / BINS,
        "of": len(both),
        "populations": {path: _population(side, shown[path], to, duration) for path, side in chosen.items()},
    }


Side = tuple[np.ndarray, np.ndarray, np.ndarray]  # (ids, times [ms], kind) of all marks, by time


def _sides(a: Trains, b: Trains) -> Side:
    in_a, in_b = paired(a, b, WINDOW)
    (ids_a, times_a), (ids_b, times_b) = a.by_neuron(), b.by_neuron()
    kind = np.concatenate([np.where(in_a, BOTH, IDEAL), np.full(int((~in_b).sum()), CHIP)])
    ids, times = np.concatenate([ids_a, ids_b[~in_b]]), np.concatenate([times_a, times_b[~in_b]]) - a.start
    order = np.lexsort((kind, ids, times))
    return ids[order], times[order], kind[order]


def _agree(side: Side) -> float:
    """The share of marks that both runs have."""
    kind = side[2]
    return float((kind == BOTH).mean()) if len(kind) else 1.0


def _sampled(side: Side) -> np.ndarray:
    """Neurons that fire in either run, evenly among them, ascending."""
    fired = np.unique(side[0])
    return fired[np.unique(np.linspace(0, len(fired) - 1, min(NEURONS, len(fired))).round().astype(int))]


def _until(side: Side, neurons: np.ndarray, duration: float) -> float:
    """Until when these neurons have so many marks."""
    times = side[1][np.isin(side[0], neurons)]
    return float(times[MARKS - 1]) if len(times) >= MARKS else duration


def _population(side: Side, neurons: np.ndarray, to: float, duration: float) -> dict[str, Any]:
    ids, times, kind = side
    here = np.isin(ids, neurons) & (times <= to)
    place = np.minimum((times / duration * BINS).astype(int), BINS - 1)
    counts = {
        name: np.bincount(place[kind == k], minlength=BINS).tolist() for name, k in (("both", BOTH), ("ideal", IDEAL), ("chip", CHIP))
    }
    return {
        "neurons": neurons.tolist(),
        "fired": len(np.unique(ids)),
        "row": np.searchsorted(neurons, ids[here]).tolist(),
        "ms": np.round(times[here], 4).tolist(),
        "kind": kind[here].tolist(),
        "bins": counts,
    }
