"""One run in a few numbers, ready for JSON."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from studio.analysis.irregularity import cv
from studio.analysis.rates import rates
from studio.analysis.sparsity import activation_sparsity, connection_sparsity, synaptic_operations, total_activation_sparsity
from studio.analysis.task import Accuracy
from studio.analysis.trains import recorded_populations

if TYPE_CHECKING:
    from studio.engine.recording import Recording


def summary(recording: Recording, answer: Accuracy | None = None) -> dict[str, Any]:
    """Spikes, rates, irregularity, sparsity, cost and origin of a run; unknown numbers are null.

    `answer` is what `task_accuracy` found, when the document has a task.
    """
    counted = recording.counters.get("spikes", {})
    operations = synaptic_operations(recording)
    out: dict[str, Any] = {
        "spikes": int(sum(n for p, n in counted.items() if p not in _sources(recording))),
        "rates_hz": rates(recording),
        "cv": {p: cv(recording, p) for p in recorded_populations(recording)},
        "sparsity": {
            "activation": total_activation_sparsity(recording),
            "connection": connection_sparsity(recording),
            "paths": activation_sparsity(recording),
        },
        "synaptic_operations": {
            "effective": operations.effective,
            "stored": operations.stored,
            "dense": operations.dense,
            "exact": operations.exact,
        },
        "duration_ms": recording.duration,
        "dt_ms": recording.dt,
        "complete": bool(recording.complete),
        "wall_s": recording.wall_s,
        "real_time_factor": recording.wall_s / (recording.duration / 1000.0) if recording.duration else None,
        "neurons": sum(i.size for p, i in recording.populations.items() if p not in _sources(recording)),
        "synapses": sum(p.n_synapses for p in recording.projections.values()),
        "versions": dict(recording.provenance.get("versions", {})),
        "provenance": {k: v for k, v in recording.provenance.items() if k != "versions"},
    }
    if answer is not None:
        out |= {"accuracy": answer.accuracy, "n": answer.n, "predictions": answer.predictions.tolist()}
    return _plain(out)


def _sources(recording: Recording) -> set[str]:
    return {p for p, info in recording.populations.items() if info.kind == "source"}


def _plain(value: Any) -> Any:
    """NumPy scalars to numbers, NaN and infinity to None, so that any JSON reader takes it."""
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    if hasattr(value, "item") and not isinstance(value, (str, bytes)):
        value = value.item() if getattr(value, "ndim", 0) == 0 else value.tolist()
    return None if isinstance(value, float) and not math.isfinite(value) else value
