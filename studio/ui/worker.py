"""The process that runs networks for one session: document bytes in, frames and an end out. A kernel or a page never waits for it.

Heard: ("prepare", document), ("run", run, document, settings), ("steer", run, document, rev), ("cancel", run). Said: ("ready",),
("started", run, bands, dt_ms, duration_ms), ("building", run, part), ("compiling",) now and then while kernels are,
("frame", run, progress, steps, rows), ("steered", run, text, findings, rev), ("done", run, state, result), ("failed", run, text, findings).
At most 30 frames a second leave; spikes in between are gathered, none is lost. When the session's process ends, so does this one.
"""

from __future__ import annotations

import os
import queue
import shutil
import sys
import threading
import time
from dataclasses import replace
from multiprocessing.connection import Client, Connection
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.findings import FindingError
from studio.models.catalogue import catalogue
from studio.network.files import loads
from studio.network.flatten import flatten
from studio.ui.bands import bands
from studio.ui.checker import synapses_of
from studio.ui.kernels import compiling_told
from studio.ui.pipe import Line, Progress, Result, Settings, part_of
from studio.ui.traces import shown_traces

if TYPE_CHECKING:
    from studio.engine.recording import Recording
    from studio.engine.run import Frame
    from studio.network.document import Document
    from studio.network.flat import FlatNetwork
    from studio.ui.live import Following
    from studio.ui.messages import Band

FRAME_S = 1 / 30
PROFILED = 40  # rows by path that a canvas shows
PREPARED_SYNAPSES = 300_000  # building more than this only to compile would take longer than it saves


class FrameGatherer:
    """Turns the engine's frames into at most 30 a second, spikes sorted by step and numbered by raster row."""

    def __init__(self, run: int, network: FlatNetwork, connection: Line) -> None:
        self._run, self._connection = run, connection
        self.bands: tuple[Band, ...] = bands(network)
        self._offsets = {band.path: band.offset for band in self.bands}
        self._sizes = {band.path: band.size for band in self.bands}
        self._steps: list[np.ndarray] = []
        self._rows: list[np.ndarray] = []
        self._totals = dict.fromkeys(self._offsets, 0)
        self._dt = network.run.dt
        self._last = -1.0
        self._begin = time.perf_counter()

    def __call__(self, frame: Frame) -> None:
        if frame.built < 1.0:
            self._connection.send(("building", self._run, frame.built))
            return
        for path, (steps, ids) in frame.spikes.items():
            if path in self._offsets and len(steps):
                self._steps.append(steps)
                self._rows.append(ids + self._offsets[path])
                self._totals[path] += len(steps)
        now = time.perf_counter()
        if now - self._last >= FRAME_S:
            self._last = now
            self.flush(frame.t_ms)

    def flush(self, t_ms: float) -> None:
        steps = np.concatenate(self._steps) if self._steps else np.zeros(0, np.int64)
        rows = np.concatenate(self._rows) if self._rows else np.zeros(0, np.int64)
        order = np.argsort(steps, kind="stable")
        self._steps, self._rows = [], []
        self._connection.send(("frame", self._run, self.progress(t_ms), steps[order].astype(np.uint32), rows[order].astype(np.uint32)))

    def progress(self, t_ms: float) -> Progress:
        """Measures so far; a population's sparsity is the share of its neurons' steps without a spike."""
        wall = time.perf_counter() - self._begin
        seconds, steps = t_ms / 1000, round(t_ms / self._dt)
        if not steps:
            return Progress(t_ms, wall, {}, {}, 0)
        rates = {path: n / self._sizes[path] / seconds for path, n in self._totals.items()}
        neurons = [band.path for band in self.bands if band.kind != "source"]
        sparsity = {path: 1 - self._totals[path] / self._sizes[path] / steps for path in neurons}
        return Progress(t_ms, wall, rates, sparsity, sum(self._totals.values()))


class Server:
    """Hears the session in one thread, works in the main one."""

    def __init__(self, connection: Connection) -> None:
        self._connection = Line(connection)
        self._jobs: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        self._cancels: dict[int, threading.Event] = {}
        self._following: dict[int, Following] = {}
        self._early: tuple[int, tuple[bytes, int]] | None = None
        self._steering = threading.Lock()

    def serve(self) -> None:
        threading.Thread(target=self._hear, daemon=True).start()
        self._connection.send(("ready",))
        import studio.analysis
        import studio.engine.run  # noqa: F401 (loaded while nobody waits)

        with compiling_told(lambda: self._connection.send(("compiling",))):
            while True:
                self._work(self._jobs.get())

    def _hear(self) -> None:
        try:
            while True:
                message = self._connection.recv()
                if message[0] == "cancel":
                    self._cancels.setdefault(message[1], threading.Event()).set()
                elif message[0] == "steer":
                    self._steer(message[1], message[2:])
                else:
                    if message[0] == "run":
                        self._cancels.setdefault(message[1], threading.Event())
                    self._jobs.put(message)
        except (EOFError, OSError):
            os._exit(0)

    def _steer(self, run: int, version: tuple[bytes, int]) -> None:
        with self._steering:
            if following := self._following.get(run):
                following.hear(*version)
            else:  # the run has not begun
                self._early = (run, version)

    def _followed(self, run: int, network: FlatNetwork) -> Following:
        """Makes a run follow its document from now on."""
        from studio.ui.live import Following

        def say(text: str, findings: Any, rev: int | None) -> None:
            self._connection.send(("steered", run, text, findings, rev))

        with self._steering:
            self._following[run] = following = Following(network, _network, say)
            if self._early and self._early[0] == run:
                following.hear(*self._early[1])
        return following

    def _work(self, message: tuple[Any, ...]) -> None:
        if message[0] == "prepare":
            if self._jobs.empty():  # a newer job makes this one useless
                _prepare(message[1])
            return
        _, run, document, settings = message
        try:
            self._run(run, document, settings)
        except FindingError as error:
            self._connection.send(("failed", run, "The network cannot run: " + str(error.findings[0]), error.findings))
        except MemoryError:
            self._connection.send(("failed", run, "The network needs more memory than this machine has.", ()))
        except Exception as error:  # the session must hear of anything that goes wrong
            self._connection.send(("failed", run, f"The run stopped with an error: {type(error).__name__}: {error}", ()))
        finally:
            self._cancels.pop(run, None)
            if following := self._following.pop(run, None):
                following.close()

    def _run(self, run: int, document: bytes, settings: Settings) -> None:
        from studio.engine.run import RunError, simulate

        cancel = self._cancels[run]
        read = _read(document)
        network = flatten(read, catalogue())
        gather = FrameGatherer(run, network, self._connection)
        duration = network.run.duration if settings.duration_ms is None else settings.duration_ms
        following = self._followed(run, network)
        self._connection.send(("started", run, gather.bands, network.run.dt, duration))
        try:
            kept = {"checkpoint": part_of(settings.file), "checkpoint_s": None}
            recording = simulate(
                network, duration, seed=settings.seed, profile=True, watch=gather, cancel=cancel, steer=following.steering, **kept
            )
            state, findings = ("done" if recording.complete else "cancelled"), ()
        except RunError as error:
            recording, state, findings = error.recording, "failed", error.findings
        gather.flush(recording.duration)
        recording, answer = _answered(recording, read)
        recording.save(settings.file)
        shutil.rmtree(part_of(settings.file), ignore_errors=True)
        result = Result(
            _measured(recording, gather), duration, settings.file, findings, shown_traces(recording), answer, _profiled(recording)
        )
        self._connection.send(("done", run, state, result))


def _measured(recording: Recording, gather: FrameGatherer) -> Progress:
    """The measures of a finished run: those of the last frame, in the words of `studio.analysis`."""
    from studio.analysis import activation_sparsity, rates

    last = gather.progress(recording.duration)
    return Progress(recording.duration, last.wall_s, {**last.rates, **rates(recording)}, activation_sparsity(recording), last.spikes)


def _profiled(recording: Recording) -> dict[str, Any] | None:
    """Where the time went, with each kind of work in words, longest first; None where nothing ran."""
    from studio.engine.profile import KINDS

    said = recording.provenance.get("profile")
    if not said or not said["wall_s"]:
        return None
    kinds = sorted(said["seconds"].items(), key=lambda item: -item[1])
    rows = [row for row in said["rows"] if row["s"] > 0.0][:PROFILED]
    return {**said, "seconds": [{"kind": kind, "text": KINDS.get(kind, kind), "s": s} for kind, s in kinds], "rows": rows}


def _answered(recording: Recording, document: Document) -> tuple[Recording, str]:
    """The recording with how the document's task went, and that in words: empty without a task, or when no pattern was shown to its end."""
    from studio.analysis.task import task_accuracy

    try:
        answer = task_accuracy(recording, document)
    except FindingError as error:
        return recording, str(error.findings[0])
    if answer is None:
        return recording, ""
    kept = {**recording.provenance, "task": {"accuracy": answer.accuracy, "n": answer.n}}
    return replace(recording, provenance=kept), f"{round(answer.accuracy * answer.n):,} of {answer.n:,} right ({answer.accuracy:.1%})"


def _read(document: bytes) -> Document:
    read, findings = loads(document)
    if read is None:
        raise FindingError(findings)
    return read


def _network(document: bytes) -> FlatNetwork:
    return flatten(_read(document), catalogue())


def _prepare(document: bytes) -> None:
    """Compiles what the document needs; what is wrong with it, its run will say."""
    from studio.engine.run import simulate

    try:
        network = _network(document)
        if sum(synapses_of(network).values()) <= PREPARED_SYNAPSES:
            simulate(network, network.run.dt)
    except FindingError:
        return


def main() -> None:
    address, key = sys.stdin.readline().strip(), bytes.fromhex(sys.stdin.readline().strip())
    connection = Client(_address(address), authkey=key)
    Server(connection).serve()


def _address(text: str) -> Any:
    import ast

    return ast.literal_eval(text)


if __name__ == "__main__":
    main()
