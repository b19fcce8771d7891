"""What a twin run found, as a plain JSON value: the ideal network beside the machine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.analysis.distances import Agreement, agreement
from studio.analysis.task import Accuracy, judged, learnt
from studio.analysis.trains import Trains, trains
from studio.backends.overlay import overlay
from studio.backends.states import learnt_weights, outputs
from studio.backends.stimulus import together
from studio.compile.backend import Outcome, Stimulus
from studio.compile.program import Program
from studio.engine.recording import Recording
from studio.network.flat import FlatNetwork

FORMAT = "spike-studio-comparison/1"


@dataclass(frozen=True)
class Twin:
    """A twin run: the network as it is meant, as the machine does it, and whether the artefact does the same (None: it cannot be executed here)."""

    program: Program
    flat: FlatNetwork
    ideal: Recording
    stimulus: Stimulus
    outcome: Outcome
    difference: str | None
    samples: int | None = None
    max_rate_error: float | None = None
    replay_steps: int | None = None  # the artefact was executed for so many steps only

    def populations(self) -> dict[str, tuple[Trains, Trains]]:
        """(ideal, machine) spikes of every population of the document that is on the machine."""
        return {p.path: (trains(self.ideal, p.path), self.chip(p.path)) for p in self.flat.populations}

    def chip(self, path: str) -> Trains:
        """The machine's spikes of a population, from all layers that hold some of it."""
        steps, ids = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
        for layer in self.program.layers:
            if layer.path == path and layer.origin is not None and layer.key in self.outcome.spikes:
                at, who = self.outcome.spikes[layer.key]
                steps.append(np.asarray(at, np.int64))
                ids.append(np.asarray(who, np.int64) + layer.origin[0])
        at, who = np.concatenate(steps), np.concatenate(ids)
        order = np.lexsort((who, at))
        size = self.ideal.populations[path].size
        return Trains(path, size, 0.0, self.ideal.duration, self.outcome.dt, (at[order] + 1) * self.outcome.dt, who[order])


def comparison(twin: Twin) -> dict[str, Any]:
    """See docs/guide/twin-run.md for every field."""
    both = twin.populations()
    found = {path: agreement(a, b) for path, (a, b) in both.items()}
    task = _task(twin, both)
    worst = _worst(found, twin.max_rate_error)
    failures = [*_replay_failures(twin), *_rate_failures(found, twin.max_rate_error), *_task_failures(twin, task)]
    return {
        "format": FORMAT,
        "target": twin.program.target,
        "duration_ms": twin.ideal.duration,
        "dt_ms": {"ideal": twin.ideal.dt, "chip": twin.program.dt},
        "samples": twin.samples,
        "complete": bool(twin.ideal.complete),
        "replayed": {
            "exact": None if twin.difference is None else not twin.difference,
            "difference": twin.difference or "",
            "steps": min(twin.stimulus.steps, twin.replay_steps or twin.stimulus.steps),
        },
        "populations": {path: _population(a) for path, a in found.items()},
        "outputs": outputs(twin.program, twin.ideal, twin.outcome),
        "learnt": learnt_weights(twin.program, twin.ideal, twin.outcome),
        "task": task,
        "raster": overlay(both, task["readout"] if task else ""),
        "rate_error": worst,
        "counters": {path: dict(counts) for path, counts in sorted(twin.outcome.counters.items())},
        "stimulus": {key: {"spikes": len(listed[0]), "together": together(listed)} for key, listed in twin.stimulus.spikes.items()},
        "passed": not failures,
        "failures": failures,
    }


def _population(a: Agreement) -> dict[str, Any]:
    out = a.to_json()
    del out["path"]
    spikes = sum(a.spikes) / a.size if a.size else 0.0
    out["van_rossum_spike"] = a.van_rossum / np.sqrt(spikes) if spikes else 0.0
    out["victor_purpura_spike"] = a.victor_purpura / spikes if spikes else 0.0
    return out


def _worst(found: Mapping[str, Agreement], limit: float | None) -> dict[str, Any]:
    path = max(found, key=lambda p: found[p].rate_error, default="")
    worst = found[path].rate_error if path else 0.0
    return {"worst": worst if np.isfinite(worst) else None, "path": path, "limit": limit}


def _replay_failures(twin: Twin) -> list[str]:
    return [f"The artefact, read back and executed, does not do what the emulator does. {twin.difference}"] if twin.difference else []


def _rate_failures(found: Mapping[str, Agreement], limit: float | None) -> list[str]:
    if limit is None:
        return []
    text = "{}: {:.4g} Hz instead of {:.4g} Hz, off by {:.1%}; {:.1%} is allowed."
    return [text.format(path, a.rate[1], a.rate[0], a.rate_error, limit) for path, a in found.items() if a.rate_error > limit]


def _task(twin: Twin, both: Mapping[str, tuple[Trains, Trains]]) -> dict[str, Any] | None:
    """How well both do what the network is for; None without a task, labels or a whole pattern."""
    task = twin.flat.task
    labels = None if task is None else task.get("labels")
    if task is None or str(task.get("readout")) not in both or not isinstance(labels, (list, tuple, np.ndarray)):
        return None
    most = np.asarray(labels) if twin.samples is None else np.asarray(labels)[: learnt(task) + twin.samples]
    ideal, chip = (judged(t, task, most) for t in both[str(task["readout"])])
    if ideal is None or chip is None:
        return None
    return {
        "readout": str(task["readout"]),
        "n": ideal.n,
        "ideal": ideal.accuracy,
        "chip": chip.accuracy,
        "interval": {"ideal": list(ideal.interval), "chip": list(chip.interval)},
        "agree": _agree(ideal, chip),
        "silent": [ideal.silent, chip.silent],
        "chance": 1.0 / len(np.unique(labels)),
        "least": _least(task),
    }


def _agree(a: Accuracy, b: Accuracy) -> float:
    return float((a.predictions == b.predictions).mean())


def _least(task: Mapping[str, Any]) -> float | None:
    """The accuracy that the document asks for, where it says one."""
    least = task.get("accuracy")
    return float(least) if isinstance(least, (int, float)) else None


def _task_failures(twin: Twin, task: Mapping[str, Any] | None) -> list[str]:
    if task is None or task["least"] is None or task["chip"] >= task["least"]:
        return []
    return [f"The task asks for an accuracy of {task['least']:.1%}; the machine has {task['chip']:.1%} (ideal {task['ideal']:.1%})."]
