"""One run of a sweep, in whatever process it is done: simulate, measure, and say what happened in plain values."""

from __future__ import annotations

import hashlib
import json
import math
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.analysis.irregularity import cv
from studio.analysis.rates import mean_rate
from studio.analysis.sparsity import synaptic_operations, total_activation_sparsity
from studio.analysis.sweep.plan import Run
from studio.analysis.task import task_accuracy
from studio.analysis.trains import recorded_populations
from studio.engine.run import Cancel, RunError, simulate
from studio.findings import FindingError
from studio.network.document import Document, from_json

if TYPE_CHECKING:
    from studio.engine.recording import Recording

Measure = Callable[["Recording"], Mapping[str, Any]]
RUN = "run."  # paths that begin so are settings of the run: run.dt


@dataclass(frozen=True)
class Outcome:
    """What a run gave. `status`: done, cancelled (it came as far as `measures["duration_ms"]`) or failed (`finding` says why)."""

    status: str
    finding: str = ""
    measures: Mapping[str, Any] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    recording: bytes | None = None  # the HDF5 file
    interrupted: bool = False  # Ctrl-C was pressed here


@dataclass(frozen=True)
class Runner:
    """What all runs of a sweep share; calling it does one. `document` is JSON text, for the way to another process."""

    document: str
    settings: Mapping[str, Any]
    record: tuple[Any, ...] | None = None
    catalogue: Any = None
    threads: int | None = 1
    start: float = 0.0  # ms that rates and irregularity leave out
    measure: Measure | None = None
    keep: bool = False

    def __call__(self, run: Run, cancel: Cancel) -> Outcome:
        if cancel.is_set():
            return Outcome("not run")
        try:
            document, settings = changed(self.document, {**self.settings, **run.settings})
            recording = simulate(
                document,
                seed=run.seed,
                set=settings,
                record=self.record,
                threads=self.threads,
                catalogue=self.catalogue,
                cancel=cancel,
            )
        except RunError as broken:
            return self._outcome(broken.recording, None, "failed", _sentences(broken))
        except FindingError as wrong:
            return Outcome("failed", _sentences(wrong))
        except MemoryError:
            return Outcome("failed", "There was not enough memory for this run: use fewer workers, or a smaller network.")
        return self._outcome(recording, document, "done" if recording.complete else "cancelled", "")

    def _outcome(self, recording: Recording, document: Document | None, status: str, finding: str) -> Outcome:
        measured = measures(recording, self.start, document)
        if self.measure is not None and status == "done":
            try:
                measured |= {str(name): plain(value) for name, value in self.measure(recording).items()}
            except Exception as broken:
                status, finding = "failed", f"The measure failed: {type(broken).__name__}: {broken}"
        kept = _file(recording) if self.keep else None
        stopped = recording.provenance.get("stopped") == "interrupted"
        return Outcome(status, finding, measured, dict(recording.provenance), kept, stopped)


def changed(text: str, settings: Mapping[str, Any]) -> tuple[Document, dict[str, Any]]:
    """The document with those settings that are the run's (`run.dt`), and the others."""
    own = {path.removeprefix(RUN): value for path, value in settings.items() if path.startswith(RUN)}
    given = json.loads(text)
    document, findings = from_json({**given, "run": {**given.get("run", {}), **own}})
    if document is None:
        raise FindingError(findings)
    return document, {path: value for path, value in settings.items() if not path.startswith(RUN)}


def measures(recording: Recording, start: float = 0.0, document: Document | None = None) -> dict[str, Any]:
    """A run in a flat table row: rates [Hz] and irregularity of each population from `start` ms on; sparsity, events and speed of the whole."""
    seconds = recording.duration / 1000.0
    out: dict[str, Any] = {"duration_ms": recording.duration}
    out |= {f"rate_hz.{path}": rate for path, rate in _rates(recording, start).items()}
    window = recording.duration > start
    out |= {f"cv.{path}": cv(recording, path, start) if window else None for path in recorded_populations(recording)}
    operations = synaptic_operations(recording)
    out |= {
        "spikes": sum(n for path, n in recording.counters.get("spikes", {}).items() if recording.populations[path].kind != "source"),
        "sparsity": total_activation_sparsity(recording),
        "synaptic_events": operations.effective,
        "neurons": sum(info.size for info in recording.populations.values() if info.kind != "source"),
        "synapses": sum(p.n_synapses for p in recording.projections.values()),
    }
    answer = _accuracy(recording, document)
    if answer is not None:
        out["accuracy"] = answer
    out |= {"wall_s": recording.wall_s, "build_s": recording.build_s, "compile_s": recording.compile_s}
    out |= {"real_time_factor": recording.wall_s / seconds if seconds else None, "fingerprint": fingerprint(recording)}
    return {name: plain(value) for name, value in out.items()}


def fingerprint(recording: Recording) -> str:
    """16 hex digits of the recorded spikes: equal for two runs that gave the same spikes, bit for bit."""
    digest = hashlib.sha256()
    for path, spikes in recording.spikes.items():
        digest.update(path.encode() + b"\x00")
        digest.update(spikes.steps.astype("<i8").tobytes() + spikes.ids.astype("<i8").tobytes())
    return digest.hexdigest()[:16]


def plain(value: Any) -> Any:
    """A NumPy scalar as a number; NaN and infinity as None."""
    if hasattr(value, "item") and getattr(value, "ndim", 0) == 0:
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _rates(recording: Recording, start: float) -> dict[str, float | None]:
    """Of every population: from the counters for the whole run, which know unrecorded ones too; else from the spikes."""
    counted, seconds = recording.counters.get("spikes", {}), recording.duration / 1000.0
    if start > 0:
        return {p: mean_rate(recording, p, start) if recording.duration > start else None for p in recorded_populations(recording)}
    infos = {path: info for path, info in recording.populations.items() if info.kind != "source" and path in counted}
    return {path: counted[path] / info.size / seconds if info.size and seconds else None for path, info in infos.items()}


def _accuracy(recording: Recording, document: Document | None) -> float | None:
    if document is None or document.task is None:
        return None
    try:
        answer = task_accuracy(recording, document)
    except FindingError:
        return None
    return None if answer is None else answer.accuracy


def _file(recording: Recording) -> bytes:
    """The recording as the bytes of its file: the worker may share no disk with whoever asked."""
    with tempfile.TemporaryDirectory(prefix="spike-studio-") as folder:
        path = Path(folder) / "recording.h5"
        recording.save(path)
        return path.read_bytes()


def _sentences(wrong: FindingError) -> str:
    return " ".join(str(f) for f in wrong.findings)
