"""A folder into which a run writes while it goes on: what it records, how far it is, and now and then its whole state.

`about.json` says what runs, `progress.json` how far it is and how many bytes of each stream count; both are replaced whole. A process that
is killed leaves a folder that `recover` reads as a Recording and `simulate(resume=...)` goes on from.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from studio.engine import checkpoint
from studio.engine.ranks_gather import joined
from studio.engine.recorder import Recorder, infos, projections
from studio.engine.recording import Info, ProjectionInfo, Recording, SpooledSpikes, Trace
from studio.engine.simulation import Simulation
from studio.engine.spool import SpikeSpool, Stream, shaped
from studio.engine.steering import Steering
from studio.findings import Finding, FindingError
from studio.version import __version__

FORMAT = "spike-studio-run/1"
ABOUT, PROGRESS = "about.json", "progress.json"
FLUSH_S = 1.0  # wall time between two notes of how far the run is
SAID = {
    "hash": "the network",
    "seed": "the seed",
    "dt": "the time step",
    "precision": "the precision",
    "method": "the method",
    "weights": "how weights are kept",
    "connectivity": "whether synapses are stored",
    "record": "what is recorded",
    "events": "when devices wait",
    "faults": "what is broken in the run",
    "ranks": "the number of processes",
    "version": "the version of the studio",
}


class Journal:
    """Keeps one run. `checkpoint_s`: wall time between two states; None for none."""

    def __init__(self, folder: Path, checkpoint_s: float | None) -> None:
        self.folder, self.checkpoint_s = folder, checkpoint_s
        self.earlier_s = 0.0  # wall time of the run before it was taken up again

    @property
    def threads(self) -> int:
        """On how many threads the run that lies here began."""
        return int(_about(self.folder)["provenance"]["threads"])

    def file(self, kind: str, k: int) -> Path:
        """Where a stream belongs."""
        return self.folder / f"{kind}-{k}"

    def begin(self, simulation: Simulation, recorder: Recorder, handle: Steering, provenance: Mapping[str, Any]) -> None:
        """Say what runs; forget an earlier run that may be here."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in (*self.folder.glob("spikes-*"), *self.folder.glob("trace-*"), self.folder / checkpoint.FILE, self.folder / PROGRESS):
            old.unlink(missing_ok=True)
        about = {
            "format": FORMAT,
            "identity": identity(simulation),
            "provenance": dict(provenance),
            "dt": simulation.plan.dt,
            "build_s": simulation.build_s,
            "compile_s": simulation.compile_s,
            "populations": {i.path: vars(i) for i in infos(simulation)},
            "projections": {p.key: vars(p) for p in projections(simulation)},
            "spikes": {path: spool.size for path, spool in recorder.spools.items()},
            "traces": [
                [
                    t.record.path,
                    t.record.what,
                    t.unit,
                    t.every,
                    t.cells.dtype.name,
                    len(t.ids),
                    int(min(t.ids, default=0)) if t.record.ids is None else t.ids.tolist(),
                ]
                for t in simulation.taps
            ],
        }
        replaced(self.folder / ABOUT, about)
        self._start(simulation, recorder, handle)

    def resume(self, simulation: Simulation, recorder: Recorder, handle: Steering) -> bool:
        """Bring everything back to the last state; False where there is none yet. Raise FindingError where another network ran here."""
        about = _about(self.folder)
        _same(about["identity"], identity(simulation), self.folder)
        kept = checkpoint.read(self.folder)
        if kept is None:
            return False
        meta, arrays = kept
        handle.repeat(meta["steering"])
        checkpoint.restore(simulation, meta, arrays)
        recorder.resume(meta["lengths"], meta["spikes"])
        self.earlier_s = meta["wall_s"]
        self._start(simulation, recorder, handle)
        return True

    def _start(self, simulation: Simulation, recorder: Recorder, handle: Steering) -> None:
        self._simulation, self._recorder, self._handle = simulation, recorder, handle
        self._begun = self._noted = self._kept = time.perf_counter()

    def due(self) -> str:
        """What is to be written after this batch: a "state", a "note", or nothing."""
        now = time.perf_counter()
        if self.checkpoint_s is not None and now - self._kept >= self.checkpoint_s:
            return "state"
        return "note" if now - self._noted >= FLUSH_S else ""

    @property
    def last(self) -> str:
        """The last word of a run, however it ended."""
        return "note" if self.checkpoint_s is None else "state"

    def keep(self, what: str) -> None:
        """Write a "state" or a "note". Raises OSError where the disk is full."""
        if what == "state":
            self.checkpoint()
        elif what == "note":
            self.note()

    def note(self) -> None:
        """Everything recorded into its files, and how far that is."""
        self._recorder.flush()
        replaced(self.folder / PROGRESS, self._progress())
        self._noted = time.perf_counter()

    def checkpoint(self) -> None:
        """A state to go on from."""
        self.note()
        checkpoint.write(self.folder, self._simulation, self._progress())
        self._kept = self._noted = time.perf_counter()

    def _progress(self) -> dict[str, Any]:
        r = self._recorder
        return {
            "step": self._simulation.step,
            "wall_s": self.earlier_s + time.perf_counter() - self._begun,
            "lengths": [s.length for s in r.streams],
            "spikes": r.counts,
            "counters": r.counters(),
            "steering": self._handle.log,
        }


def identity(simulation: Simulation) -> dict[str, Any]:
    """What must be the same for a run to be taken up again."""
    flat, plan = simulation.flat, simulation.plan
    run = flat.run
    record = [
        [r.path, r.what, r.every if r.what != "spikes" else 0.0, None if r.ids is None else np.asarray(r.ids).tolist()] for r in run.record
    ]
    own: dict[str, Any] = {name: getattr(run, name) for name in ("weights", "connectivity")}
    plans = {name: getattr(plan, name) for name in ("seed", "dt", "precision", "method", "ranks")}
    own["events"] = [[e.at, e.wait] for e in run.events]
    own["faults"] = [[f.kind, f.path, f.fraction, f.value, None if f.ids is None else f.ids.tolist()] for f in run.faults]
    return {"hash": flat.hash, **plans, **own, "record": record, "version": __version__}


def _same(before: Mapping[str, Any], now: Mapping[str, Any], folder: Path) -> None:
    """Raise FindingError where a run in `folder` was another one."""
    found = []
    for name, words in SAID.items():
        if before.get(name) != now[name]:
            known = f" (it was {before.get(name)}, and is {now[name]})" if name not in ("hash", "record", "events", "faults") else ""
            found.append(Finding("size.resume", "error", str(folder), f"{words} has changed since this run began{known}.", FIX))
    if found:
        raise FindingError(found)


FIX = "Bring it back, or begin a new run in another folder."


def recover(folder: Path) -> Recording:
    """What a run had written here when it ended or was killed; raise FindingError where there is nothing."""
    whole = folder / "recording.h5"
    if whole.exists() and not any(p.stat().st_mtime > whole.stat().st_mtime for p in (folder / "run").rglob(PROGRESS)):
        return Recording.load(whole)
    if not (folder / ABOUT).exists() and (folder / "run").is_dir():
        folder = folder / "run"
    if (folder / "rank-0" / ABOUT).exists():
        n = _about(folder / "rank-0")["identity"]["ranks"]
        return joined([recover(folder / f"rank-{rank}") for rank in range(n)])
    about = _about(folder)
    progress = _json(folder / PROGRESS) if (folder / PROGRESS).exists() else None
    lengths = iter(progress["lengths"] if progress else [])
    dt, spikes, traces = about["dt"], {}, {}
    for k, (path, size) in enumerate(about["spikes"].items()):
        spool = SpikeSpool(size, stream=Stored(folder / f"spikes-{k}", next(lengths, 0)))
        spool.n = spool.count()
        spikes[path] = SpooledSpikes(spool, dt)
    for k, (path, what, unit, every, dtype, n, ids) in enumerate(about["traces"]):
        values = shaped(Stored(folder / f"trace-{k}", next(lengths, 0)).read(), dtype, n)
        times = np.arange(1, len(values) + 1) * every * dt
        traces[path, what] = Trace(times, ids + np.arange(n) if isinstance(ids, int) else np.array(ids, np.int64), values, unit)
    step = progress["step"] if progress else 0
    steering = progress["steering"] if progress else []
    return Recording(
        spikes=spikes,
        traces=traces,
        populations={k: Info(**{**v, "shape": tuple(v["shape"]) if v["shape"] else None}) for k, v in about["populations"].items()},
        projections={k: ProjectionInfo(**v) for k, v in about["projections"].items()},
        weights={},
        counters=progress["counters"] if progress else {},
        duration=step * dt,
        dt=dt,
        complete=False,
        wall_s=progress["wall_s"] if progress else 0.0,
        build_s=about["build_s"],
        compile_s=about["compile_s"],
        provenance={**about["provenance"], "steering": steering, "stopped": "killed"},
    )


class Stored(Stream):
    """The bytes of a stream that another process wrote; of those there are, at most `length`."""

    def __init__(self, file: Path, length: int) -> None:
        super().__init__(file=file)
        there = file.stat().st_size if file.exists() else 0
        self.length = min(length, there)

    def read(self) -> np.ndarray:
        if not self.length or self.file is None:
            return np.zeros(0, np.uint8)
        return np.memmap(self.file, np.uint8, "r", shape=(self.length,))


def _about(folder: Path) -> dict[str, Any]:
    if not (folder / ABOUT).exists():
        text, fix = "there is no run here: no recording and no journal of one.", "Give the folder that the run was told to write to."
        if n := _others(folder):
            text, fix = f"the run in {n[1]} had {n[0]} processes.", f"Resume it with as many (mpiexec -n {n[0]})."
        raise FindingError([Finding("path.run", "error", str(folder), text, fix)])
    about = _json(folder / ABOUT)
    if about.get("format") != FORMAT:
        raise FindingError([Finding("text.run", "error", str(folder / ABOUT), f"its format is {about.get('format')!r}, not {FORMAT!r}.")])
    return about


def _others(folder: Path) -> tuple[int, Path] | None:
    """Of a run of another number of processes that lies here: how many they were, and where."""
    place = folder.parent if folder.name.startswith("rank-") else folder
    for about in (place / "rank-0" / ABOUT, place / ABOUT):
        if about.exists():
            return int(_json(about)["identity"]["ranks"]), place
    return None


def _json(file: Path) -> dict[str, Any]:
    try:
        said = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(said, dict):
            raise ValueError("it is no object")
        return said
    except (OSError, ValueError) as problem:
        raise FindingError([Finding("text.run", "error", str(file), f"this file cannot be read: {problem}.")]) from None


def replaced(file: Path, said: Mapping[str, Any]) -> None:
    """Write a JSON file whole or not at all."""
    temporary = file.with_name(f".{file.name}.tmp")
    temporary.write_text(json.dumps(said), encoding="utf-8")
    os.replace(temporary, file)
