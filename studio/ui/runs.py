"""The runs of one session: started in its worker, watched, cancelled within a quarter of a second, and kept when the worker dies."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from studio.findings import Finding, FindingError
from studio.ui.kernels import COMPILING
from studio.ui.messages import Band, FrameHead, Message, Profiled, RunPhase, RunStatus, TraceHead, Traces
from studio.ui.pipe import Progress, Result, Settings, part_of, time_text
from studio.ui.process import Ended, Told, WorkerProcess
from studio.ui.spikes import LIMIT, VisibleSpikes
from studio.ui.traces import ShownTrace

PATIENCE_S = 0.15  # how long a cancelled run may take to answer before the canvas is told without it
KEEPING_S = 10.0  # how long a cancelled run may take to write what it recorded
IN_FLIGHT = 2  # frames sent and not yet acknowledged
KEPT = 3  # recordings kept on disk

Post = Callable[[Message, list[bytes]], None]


class Worker(Protocol):
    def tell(self, *message: Any) -> None: ...
    def close(self) -> None: ...


StartWorker = Callable[[Told, Ended], Worker]


@dataclass
class Run:
    """One run as the session knows it."""

    number: int
    rev: int
    duration_ms: float
    state: RunPhase = "preparing"
    progress: Progress = field(default_factory=lambda: Progress(0.0, 0.0, {}, {}, 0))
    text: str = ""
    findings: tuple[Finding, ...] = ()
    bands: tuple[Band, ...] = ()
    dt_ms: float = 0.1
    spikes: VisibleSpikes = field(default_factory=VisibleSpikes)
    sent: int = 0
    acknowledged: int = 0
    shown_ms: float = -1.0
    cancelled: bool = False
    file: Path | None = None
    traces: tuple[ShownTrace, ...] = ()
    profile: Mapping[str, Any] | None = None
    answer: str = ""
    steered: str = ""
    followed: bool = True

    @property
    def going(self) -> bool:
        return self.state in ("preparing", "running")

    def status(self) -> RunStatus:
        p = self.progress
        speed = p.t_ms / 1000 / p.wall_s if p.wall_s > 0 else 0.0
        return RunStatus(
            self.number,
            self.state,
            p.t_ms,
            self.duration_ms,
            p.wall_s,
            speed,
            self._said(),
            p.spikes,
            p.rates,
            p.sparsity,
            self.findings,
            self.rev,
            self.answer,
            self.steered,
        )

    def _said(self) -> str:
        if self.spikes.thinned == 1:
            return self.text
        sample = f"The raster shows 1 spike in {self.spikes.thinned} (above {LIMIT:,} it shows a sample)."
        return f"{self.text} {sample}".strip()


class Runs:
    """Starts, watches and ends runs, one at a time. `post` reaches the canvas; `lock` is the session's, held while anything changes."""

    def __init__(self, post: Post, lock: threading.RLock, folder: Path, start: StartWorker = WorkerProcess) -> None:
        self.ended: Callable[[Run], None] = lambda _: None
        self._post, self._lock, self._folder, self._start = post, lock, folder, start
        self._worker: Worker | None = None
        self._prepared: bytes = b""
        self._numbers = 0
        self._closed = False
        self.latest: Run | None = None
        self.last_recorded: Path | None = None

    def prepare(self, document: bytes) -> None:
        """Compiles what `document` needs in the background, so that its run begins at once."""
        with self._lock:
            self._prepared = document
            if self.latest is None or not self.latest.going:
                self._tell("prepare", document)

    def begin(self, document: bytes, rev: int, duration_ms: float, seed: int | None) -> Run:
        """Starts a run; one that is going on is cancelled first."""
        with self._lock:
            if self.latest is not None and self.latest.going:
                self._replace_worker()  # its building cannot always be stopped from outside
                shutil.rmtree(part_of(str(self._folder / f"run{self.latest.number}.h5")), ignore_errors=True)
            self._numbers += 1
            self.latest = run = Run(self._numbers, rev, duration_ms, text="Building the network.")
            self._folder.mkdir(parents=True, exist_ok=True)
            settings = Settings(str(self._folder / f"run{run.number}.h5"), duration_ms, seed)
            self._post(run.status(), [])
            self._tell("run", run.number, document, settings)
            return run

    def refuse(self, rev: int, text: str, findings: tuple[Finding, ...]) -> None:
        """Says why there is no run of this document."""
        with self._lock:
            self._numbers += 1
            self.latest = Run(self._numbers, rev, 0.0, "failed", text=text, findings=findings)
            self._post(self.latest.status(), [])

    def cancel(self) -> None:
        with self._lock:
            run = self.latest
            if run is None or not run.going or run.cancelled:
                return
            run.cancelled = True
            self._tell("cancel", run.number)
            self._later(PATIENCE_S, self._impatient, run)

    def follow(self, document: Callable[[], bytes] | None, rev: int) -> None:
        """The document has changed: a run that goes on takes up what it can. None: it has become another document, which the run is not of."""
        with self._lock:
            run = self.latest
            if run is None or not run.going or run.cancelled:
                return
            run.followed = run.followed and document is not None
            if run.followed and document is not None:
                self._tell("steer", run.number, document(), rev)

    def acknowledge(self, number: int, n: int) -> None:
        with self._lock:
            run = self.latest
            if run is not None and run.number == number:
                run.acknowledged = max(run.acknowledged, min(n, run.sent))
                self._pump(run)

    def repeat(self) -> None:
        """Tells a new view everything about the latest run."""
        with self._lock:
            run = self.latest
            if run is None:
                return
            self._post(run.status(), [])
            self._show_traces(run)
            if run.bands:
                run.acknowledged = run.sent
                run.spikes.start_over()
                self._pump(run)

    def close(self) -> None:
        with self._lock:
            self._closed = True
            if self._worker is not None:
                self._worker.close()
                self._worker = None

    # --- what the worker says ----------------------------------------------------------------------------------------

    def _tell(self, *message: Any) -> None:
        if self._closed:
            return
        if self._worker is None:
            self._worker = self._start(self._told, self._ended)
        self._worker.tell(*message)

    def _told(self, message: tuple[Any, ...]) -> None:
        with self._lock:
            run = self.latest
            if run is None or message[0] == "ready":
                return
            if message[0] == "compiling":
                self._on_compiling(run)
            elif message[1] == run.number:
                getattr(self, f"_on_{message[0]}")(run, *message[2:])

    def _on_started(self, run: Run, bands: tuple[Band, ...], dt_ms: float, duration_ms: float) -> None:
        run.bands, run.dt_ms, run.duration_ms = bands, dt_ms, duration_ms

    def _on_compiling(self, run: Run) -> None:
        """What is compiled before a run, be it for a preparation that it waits for, delays it."""
        if run.state == "preparing":
            run.text = f"{COMPILING} …"
            self._post(run.status(), [])

    def _on_building(self, run: Run, part: float) -> None:
        if run.state == "preparing":
            run.text = f"Building the network: {part:.0%}"
            self._post(run.status(), [])

    def _on_frame(self, run: Run, progress: Progress, steps: Any, rows: Any) -> None:
        if run.state == "preparing":
            run.state, run.text = "running", ""
        if run.state == "running":
            run.progress = progress
        run.spikes.add(steps, rows)
        self._pump(run)

    def _on_steered(self, run: Run, text: str, findings: tuple[Finding, ...], rev: int | None) -> None:
        refused = "; ".join(f"{f.where}: {f.text}" for f in findings)
        run.steered = "; ".join(said for said in (f"steered: {text}" if text else "", f"not steered: {refused}" if refused else "") if said)
        run.rev = run.rev if rev is None else rev
        self._post(run.status(), [])

    def _on_done(self, run: Run, state: RunPhase, result: Result) -> None:
        run.state, run.progress, run.findings, run.file = state, result.progress, result.findings, Path(result.file)
        run.traces, run.answer, run.profile = result.traces, result.answer, result.profile
        kept = f"at {time_text(run.progress.t_ms)}; what was recorded until then is kept."
        why = f"{result.findings[0].text} It stopped {kept}" if result.findings else f"The run stopped {kept}"
        run.text = {"done": "", "cancelled": f"Cancelled {kept}"}.get(state, why)
        self.last_recorded = run.file
        (self._folder / f"run{run.number - KEPT}.h5").unlink(missing_ok=True)
        self._end(run)
        self._show_traces(run)

    def _on_failed(self, run: Run, text: str, findings: tuple[Finding, ...]) -> None:
        run.state, run.text, run.findings = "failed", text, findings
        self._end(run)

    def _ended(self, why: str) -> None:
        with self._lock:
            self._worker, run = None, self.latest
            if run is None or not run.going:
                return
            kept = f" What it sent until {time_text(run.progress.t_ms)} is still shown." if run.sent else ""
            self._on_failed(run, why + kept, ())
            self._replace_worker()
            self._recover(run, why)

    def _recover(self, run: Run, why: str) -> None:
        """Make a recording of what a process had written before it was killed; that may take a while, so in a thread of its own."""
        file = self._folder / f"run{run.number}.h5"
        if not part_of(str(file)).exists():
            return

        def work() -> None:
            from studio.engine.recording import Recording

            try:
                recording = Recording.load(part_of(str(file)))
                recording.save(file)
            except (FindingError, OSError):
                return
            finally:
                shutil.rmtree(part_of(str(file)), ignore_errors=True)
            with self._lock:
                if run is self.latest and not self._closed:
                    run.file = self.last_recorded = file
                    run.text = f"{why} What was recorded until {time_text(recording.duration)} is kept."
                    self._post(run.status(), [])

        threading.Thread(target=work, name="studio-recover", daemon=True).start()

    # --- pictures and patience ---------------------------------------------------------------------------------------

    def _end(self, run: Run) -> None:
        self._pump(run)
        self._post(run.status(), [])
        self.ended(run)

    def _pump(self, run: Run) -> None:
        """Sends what is new, unless the canvas still has frames to take in; then all of it goes with a later frame."""
        if run.sent - run.acknowledged >= IN_FLIGHT or not (run.spikes.waiting or run.progress.t_ms > run.shown_ms):
            return
        (steps, rows), replaces = run.spikes.take()
        run.sent, run.shown_ms = run.sent + 1, run.progress.t_ms
        head = FrameHead(run.number, run.sent, run.progress.t_ms, run.bands, run.dt_ms, replaces, run.spikes.thinned)
        self._post(head, [steps.tobytes(), rows.tobytes()])
        if run.going:
            self._post(run.status(), [])

    def _show_traces(self, run: Run) -> None:
        if run.profile:
            self._post(Profiled(run.number, dict(run.profile)), [])
        if run.traces:
            heads = tuple(TraceHead(t.path, t.what, t.unit, t.ids, t.recorded, t.thinned) for t in run.traces)
            self._post(Traces(run.number, heads), [each.tobytes() for t in run.traces for each in (t.times, t.values)])

    def _later(self, seconds: float, do: Callable[[Run], None], run: Run) -> None:
        timer = threading.Timer(seconds, do, (run,))
        timer.daemon = True
        timer.start()

    def _impatient(self, run: Run) -> None:
        """Tells the canvas that the run is cancelled although the worker has not said so yet."""
        with self._lock:
            if run is not self.latest or not run.going:
                return
            if run.state == "preparing":
                self._replace_worker()
                run.text = "Cancelled before the first step."
            else:
                self._later(KEEPING_S, self._out_of_patience, run)
                run.text = f"Cancelled at {time_text(run.progress.t_ms)}; writing down what was recorded."
            run.state = "cancelled"
            self._end(run)

    def _out_of_patience(self, run: Run) -> None:
        with self._lock:
            if run is self.latest and run.file is None:
                run.text = f"Cancelled at {time_text(run.progress.t_ms)}; only what is shown was kept."
                self._replace_worker()
                self._end(run)
                self._recover(run, f"Cancelled at {time_text(run.progress.t_ms)}.")

    def _replace_worker(self) -> None:
        if self._worker is not None:
            self._worker.close()
        self._worker = None if self._closed else self._start(self._told, self._ended)
