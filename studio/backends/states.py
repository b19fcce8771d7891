"""Recorded states of a twin run: how far those of the machine are from those of the ideal network."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.compile.backend import Outcome
from studio.compile.program import Layer, Program
from studio.engine.recording import Recording, Trace

POINTS = 200  # of the neuron that is shown


def outputs(program: Program, ideal: Recording, outcome: Outcome) -> dict[str, dict[str, Any]]:
    """For every state "path.what" that both have: root mean square and largest difference, in the state's unit, over all neurons and moments.

    Moments are ends of the machine's steps at which the ideal run has a sample (to half of its step). `range` is the ideal one's from lowest to highest,
    `correlation` that of both over all values (None where one is constant). `neuron` is that with the largest mean square difference; `t_ms`, `ideal` and
    `chip` are at most POINTS of its values.
    """
    out: dict[str, dict[str, Any]] = {}
    for (path, what), trace in sorted(ideal.traces.items()):
        found = [side for layer in program.layers if (side := _of_layer(layer, path, what, trace, ideal.dt, outcome)) is not None]
        if found:
            ids, both, chip = (np.concatenate([f[k] for f in found], axis=-1) for k in (1, 2, 3))
            out[f"{path}.{what}"] = _compared(found[0][0], ids, both, chip, trace.unit)
    return out


def learnt_weights(program: Program, ideal: Recording, outcome: Outcome) -> dict[str, dict[str, Any]]:
    """How far the weights that a machine learnt are from those of the ideal network, by projection: in the unit of its weight, over all synapses.

    A machine gives them as the state "weight" of a connection: (1, synapses), by source and target.
    """
    out: dict[str, dict[str, Any]] = {}
    for c in program.connections:
        found, wanted = outcome.states.get((c.key, "weight")), ideal.weights.get(c.key)
        if found is None or wanted is None or np.size(found) != len(wanted.weights) or not np.size(found):
            continue
        chip = np.asarray(found, float).ravel()
        both = np.asarray(wanted.weights, float)[np.lexsort((wanted.targets, wanted.sources))]
        steady = both.std() == 0.0 or chip.std() == 0.0
        out[c.key] = {
            "rms": _number(np.sqrt(((chip - both) ** 2).mean())),
            "largest": _number(np.abs(chip - both).max()),
            "range": _number(np.ptp(both)),
            "correlation": None if steady else _number(np.corrcoef(both, chip)[0, 1]),
            "mean": [_number(both.mean()), _number(chip.mean())],
            "unit": c.kinetics.model.weight_unit if c.kinetics is not None else "",
            "synapses": len(chip),
        }
    return out


def _of_layer(
    layer: Layer, path: str, what: str, trace: Trace, dt: float, outcome: Outcome
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray] | None:
    """(moments [ms], ids, ideal, chip) of what a layer holds of a path; None for nothing. Values are (moments, neurons)."""
    states = outcome.states.get((layer.key, what))
    if layer.path != path or layer.origin is None or states is None:
        return None
    times, ids = np.asarray(trace.times, float), np.asarray(trace.ids)
    step = np.rint(times / outcome.dt).astype(np.int64) - 1
    both = (step >= 0) & (step < len(states)) & (np.abs(times - (step + 1) * outcome.dt) <= dt / 2 * (1.0 + 1e-9))
    low, high = layer.origin
    mine = (ids >= low) & (ids < high)
    if not both.any() or not mine.any():
        return None
    chip = np.asarray(states, float)[step[both]][:, ids[mine] - low]
    return times[both], ids[mine], np.asarray(trace.values, float)[both][:, mine], chip


def _compared(moments: np.ndarray, ids: np.ndarray, ideal: np.ndarray, chip: np.ndarray, unit: str) -> dict[str, Any]:
    apart = chip - ideal
    square = (apart**2).mean(axis=0)
    worst = int(square.argmax())
    few = np.unique(np.linspace(0, len(moments) - 1, min(POINTS, len(moments))).astype(np.int64))
    steady = ideal.std() == 0.0 or chip.std() == 0.0
    return {
        "rms": _number(np.sqrt(square.mean())),
        "largest": _number(np.abs(apart).max()),
        "range": _number(np.ptp(ideal)),
        "correlation": None if steady else _number(np.corrcoef(ideal.ravel(), chip.ravel())[0, 1]),
        "unit": unit,
        "samples": int(apart.size),
        "neurons": len(ids),
        "neuron": int(ids[worst]),
        "t_ms": [float(f"{t:.6g}") for t in moments[few]],
        "ideal": [_number(v) for v in ideal[few, worst]],
        "chip": [_number(v) for v in chip[few, worst]],
    }


def _number(value: Any) -> float | None:
    """As JSON has it, to six digits."""
    return float(f"{float(value):.6g}") if np.isfinite(value) else None
