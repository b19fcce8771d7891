"""Sweeps: a document's run repeated with other parameters and other seeds, on as many processors as there are."""

from __future__ import annotations

import json
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from studio.analysis.sweep.plan import Run, runs, seeds
from studio.analysis.sweep.result import RECORDINGS, Row, Sweep
from studio.analysis.sweep.runner import RUN, Measure, Outcome, Runner, changed
from studio.engine.run import Cancel, interrupts
from studio.engine.sweep import Lost, Place, place
from studio.findings import Finding, FindingError, errors
from studio.network.document import Document
from studio.version import __version__

__all__ = ["Row", "Sweep", "SweepFrame", "sweep"]

SAVED_S = 2.0  # the table on disk is never older than this while runs are coming in
SETTABLE = ("duration", "dt", "precision", "method", "weights", "connectivity")  # of a run, as `run.dt`


@dataclass(frozen=True)
class SweepFrame:
    """How far a sweep is. `row` is the run that was done last; None at the beginning, and now and then in between."""

    done: int
    total: int
    failed: int
    workers: int
    wall_s: float
    row: Row | None


Watch = Callable[[SweepFrame], None]


def sweep(
    net: Any,
    over: Mapping[str, Any] | None = None,
    *,
    mode: str = "grid",
    samples: int | None = None,
    repeats: int | Sequence[int] = 1,
    seed: int | None = None,
    duration: float | None = None,
    dt: float | None = None,
    precision: str | None = None,
    method: str | None = None,
    set: Mapping[str, Any] | None = None,
    record: Iterable[Any] | None = None,
    start: float = 0.0,
    measure: Measure | None = None,
    cluster: Any = None,
    workers: int | None = None,
    threads: int | None = None,
    out: str | os.PathLike[str] | None = None,
    recordings: bool = True,
    watch: Watch | None = None,
    cancel: Cancel | None = None,
    catalogue: Any = None,
) -> Sweep:
    """Run a network with every combination of the values in `over` (path -> values), each `repeats` times, and measure each run.

    `net`: a Network, a Document, or a path to a file. `over`: {"exc.tau_m": [10, 15, 20], "run.dt": [0.1, 0.05]}; without it, repeats only.
    `mode`: "grid" (all combinations), "zip" (lists side by side), "random" (`samples` draws from distributions or lists).
    `repeats`: how many, with the seeds `seed` (or the document's), `seed` + 1 ...; or the seeds themselves. Every point has the same seeds.
    `start` [ms]: rates and irregularity leave out what comes before. `measure`: recording -> {name: number}, done where the run is done.
    `cluster`: None (this machine), the address of a dask scheduler, or a dask Client. `workers` None: as many as there are cores; 1: this process.
    `threads` of each run: one where several workers share a machine, else chosen by size. Rows, their order and their bits depend on neither.
    `out`: a folder for `sweep.csv`, `sweep.json` and, with `recordings`, every recording. `watch` is called with a SweepFrame.
    A run that fails is a row that says why. Cancelled, or interrupted by Ctrl-C, the sweep gives what it has, with `complete` False.
    Raises FindingError where nothing could run: a wrong document, a path that names nothing, a missing package or cluster.
    """
    document, models = _document(net, catalogue)
    given = {"duration": duration, "dt": dt, "precision": precision, "method": method}
    fixed = {**(set or {}), **{RUN + name: value for name, value in given.items() if value is not None}}
    planned = runs(over or {}, mode, samples, seeds(document.run.seed if seed is None else seed, repeats))
    _check(document, models, fixed, planned[0].settings)
    where = place(cluster, workers, len(planned))
    alone = where.name == "this process"
    runner = Runner(
        json.dumps(document.to_json()),
        fixed,
        None if record is None else tuple(record),
        catalogue or getattr(net, "catalogue", None),
        threads if threads is not None or alone else 1,
        start,
        measure,
        out is not None and recordings,
    )
    begun = Sweep(document.name, _units(document, models, planned), (), _origin(document, planned, fixed, mode, where), str(out or ""))
    return _Sweeping(begun, planned, runner, watch, cancel).go(where)


class _Sweeping:
    """A sweep at work: rows as they come in, the table on disk, who watches and who may cancel."""

    def __init__(self, begun: Sweep, planned: tuple[Run, ...], runner: Runner, watch: Watch | None, cancel: Cancel | None) -> None:
        self.begun, self.planned, self.runner, self.watch, self.cancel = begun, planned, runner, watch, cancel
        self.rows = [Row(r.index, r.point, r.repeat, r.seed, r.settings, "not run") for r in planned]
        self.done = self.failed = self.workers = 0
        self.interrupted = False
        self.started = self.saved = time.monotonic()

    def go(self, where: Place) -> Sweep:
        with interrupts() as pressed, where:
            self._show(where, None)
            stop = _Any(self.cancel, pressed, self)
            for came in where.results(self.runner, self.planned, stop):
                row = self._keep(*came) if came else None
                self.workers = max(self.workers, where.workers()) if came else self.workers  # some may join late
                self._show(where, row)
        result = self._result()
        if result.folder:
            result.save(result.folder)
        return result

    def _keep(self, index: int, outcome: Outcome | Lost) -> Row:
        """One row filled in, and its recording on disk."""
        if isinstance(outcome, Lost):
            outcome = Outcome("failed", f"The run was lost: {outcome.text}.")
        self.interrupted |= outcome.interrupted
        kept = self._recording(index, outcome.recording)
        made = outcome.provenance
        row = replace(
            self.rows[index],
            status=outcome.status,
            finding=outcome.finding,
            measures=outcome.measures,
            hash=str(made.get("hash", "")),
            versions="; ".join(f"{name} {number}" for name, number in made.get("versions", {}).items()),
            recording=kept,
        )
        self.rows[index] = row
        self.done += row.status != "not run"
        self.failed += row.status == "failed"
        if self.begun.folder and time.monotonic() - self.saved > SAVED_S:
            self._result().save(self.begun.folder)
            self.saved = time.monotonic()
        return row

    def _recording(self, index: int, content: bytes | None) -> str:
        """Where the recording lies, from the sweep's folder."""
        if content is None:
            return ""
        name = f"{RECORDINGS}/{index:0{len(str(len(self.planned) - 1))}d}.h5"
        path = Path(self.begun.folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
            os.replace(temporary, path)
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(temporary)
            raise
        return name

    def _show(self, where: Place, row: Row | None) -> None:
        if self.watch:
            self.watch(SweepFrame(self.done, len(self.planned), self.failed, where.workers(), time.monotonic() - self.started, row))

    def _result(self) -> Sweep:
        spent = {"workers": self.workers, "wall_s": time.monotonic() - self.started}
        return replace(self.begun, rows=tuple(self.rows), provenance={**self.begun.provenance, **spent})


class _Any:
    """Set when the caller cancels, or Ctrl-C was pressed here or in a run."""

    def __init__(self, cancel: Cancel | None, pressed: Cancel, sweeping: _Sweeping) -> None:
        self._cancel, self._pressed, self._sweeping = cancel, pressed, sweeping

    def is_set(self) -> bool:
        return self._sweeping.interrupted or self._pressed.is_set() or (self._cancel is not None and self._cancel.is_set())


def _document(net: Any, catalogue: Any) -> tuple[Document, Any]:
    """The document of whatever people call a network, and the catalogue to read it with."""
    from studio.models.catalogue import catalogue as installed

    if isinstance(net, str | os.PathLike):
        from studio.network.files import read

        document, findings = read(Path(net))
        if document is None:
            raise FindingError(findings)
    else:
        document = getattr(net, "document", net)
    if not isinstance(document, Document):
        text = f"a sweep changes a document's values; {type(net).__name__} has none."
        raise FindingError([Finding("text.type", "error", "sweep", text, "Give a Network, a Document, or the path of a file.")])
    return document, catalogue or getattr(net, "catalogue", None) or installed()


def _check(document: Document, models: Any, fixed: Mapping[str, Any], first: Mapping[str, Any]) -> None:
    """Raise what would be wrong with every run: the document itself, or a path that names nothing. A wrong value is its run's own."""
    from studio.network.check import check

    for path in (*fixed, *first):
        name = path.removeprefix(RUN)
        if path.startswith(RUN) and name not in SETTABLE:
            text = f"“{path}” cannot be varied."
            hint = "Seeds are given by repeats and seed." if name == "seed" else f"There is {', '.join(RUN + n for n in SETTABLE)}."
            raise FindingError([Finding("path.unknown", "error", path, text, hint)])
    own = {path: value for path, value in fixed.items() if path.startswith(RUN)}
    changed_document, settings = changed(json.dumps(document.to_json()), {**own, **{k: v for k, v in fixed.items() if k not in own}})
    wrong = errors(check(changed_document, models, settings))
    if not wrong:
        varied = {**settings, **{path: value for path, value in first.items() if not path.startswith(RUN)}}
        wrong = tuple(f for f in errors(check(changed_document, models, varied)) if f.code.startswith("path."))
    if wrong:
        raise FindingError(wrong)


def _units(document: Document, models: Any, planned: tuple[Run, ...]) -> dict[str, str]:
    from studio.network.unit_of import unit_of

    return {path: unit_of(document, models, path) for path in planned[0].settings}


def _origin(document: Document, planned: tuple[Run, ...], fixed: Mapping[str, Any], mode: str, where: Place) -> dict[str, Any]:
    """What a sweep came from; every row adds its own hash and the versions that made it."""
    from studio.network.identity import model_hash

    return {
        "network": document.name,
        "hash": model_hash(document),
        "mode": mode,
        "over": list(planned[0].settings),
        "seeds": list(dict.fromkeys(run.seed for run in planned)),
        "set": dict(fixed),
        "cluster": where.name,
        "version": __version__,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
    }
