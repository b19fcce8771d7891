"""Runs as a session sees them, with a worker that says what the test wants."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.findings import Finding
from studio.ui.kernels import compiling_told
from studio.ui.messages import Band, FrameHead, Message, RunStatus
from studio.ui.pipe import Progress, Result
from studio.ui.runs import PATIENCE_S, Runs
from studio.ui.traces import ShownTrace


class Scripted:
    """A worker under the test's command."""

    def __init__(self, told: Any, ended: Any) -> None:
        self.told, self.ended = told, ended
        self.heard: list[tuple[Any, ...]] = []
        self.closed = False

    def tell(self, *message: Any) -> None:
        self.heard.append(message)

    def close(self) -> None:
        self.closed = True


class Stage:
    """Runs, the workers they started, and what reached the canvas."""

    def __init__(self, folder: Path) -> None:
        self.workers: list[Scripted] = []
        self.posted: list[tuple[Message, list[bytes]]] = []
        self.runs = Runs(lambda m, b: self.posted.append((m, b)), threading.RLock(), folder, self._start)

    def _start(self, told: Any, ended: Any) -> Scripted:
        self.workers.append(Scripted(told, ended))
        return self.workers[-1]

    @property
    def worker(self) -> Scripted:
        return self.workers[-1]

    def begin(self) -> int:
        number = self.runs.begin(b"{}", 3, 1000.0, 1).number
        self.worker.told(("started", number, (Band("exc", "Excitatory", 10, 0, "excitatory"),), 0.1, 1000.0))
        return number

    def frame(self, number: int, t_ms: float, *steps: int) -> None:
        progress = Progress(t_ms, t_ms / 1000, {"exc": 1.0}, {}, len(steps))
        self.worker.told(("frame", number, progress, np.array(steps, np.uint32), np.zeros(len(steps), np.uint32)))

    def frames(self) -> list[tuple[FrameHead, list[int]]]:
        return [(m, np.frombuffer(b[0], np.uint32).tolist()) for m, b in self.posted if isinstance(m, FrameHead)]

    def status(self) -> RunStatus:
        return [m for m, _ in self.posted if isinstance(m, RunStatus)][-1]


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def until(true: Any, seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "did not come in time"
        time.sleep(0.005)


def test_frames_are_numbered_and_carry_spikes_as_uint32(stage: Stage):
    run = stage.begin()
    stage.frame(run, 10, 3, 5)
    head, steps = stage.frames()[0]
    assert (head.n, head.t_ms, head.dt_ms, steps) == (1, 10, 0.1, [3, 5])
    assert head.rows[0].path == "exc"
    assert stage.status().state == "running"


def test_a_slow_host_gets_fewer_frames_and_every_spike(stage: Stage):
    run = stage.begin()
    for n in range(6):
        stage.frame(run, 10 * n, n)
    assert [steps for _, steps in stage.frames()] == [[0], [1]]
    stage.runs.acknowledge(run, 1)
    assert [steps for _, steps in stage.frames()] == [[0], [1], [2, 3, 4, 5]]
    assert stage.frames()[-1][0].t_ms == 50  # the newest time, not the next


def test_the_last_spikes_come_after_the_end_too(stage: Stage):
    run = stage.begin()
    for n in range(4):
        stage.frame(run, 10 * n, n)
    stage.worker.told(("done", run, "done", Result(Progress(1000, 2, {}, {}, 4), 1000, "run1.h5")))
    assert stage.status().state == "done" and stage.status().speed == pytest.approx(0.5)
    stage.runs.acknowledge(run, 2)
    assert [step for _, steps in stage.frames() for step in steps] == [0, 1, 2, 3]


def test_an_acknowledgement_of_what_was_never_sent_opens_no_gate(stage: Stage):
    run = stage.begin()
    stage.runs.acknowledge(run, 10**9)
    for n in range(6):
        stage.frame(run, 10 * n, n)
    assert len(stage.frames()) == 2


def test_a_new_view_gets_the_whole_raster(stage: Stage):
    run = stage.begin()
    stage.frame(run, 10, 1)
    stage.frame(run, 20, 2)
    stage.runs.repeat()
    head, steps = stage.frames()[-1]
    assert head.replace and steps == [1, 2]


def test_a_cancelled_run_that_does_not_answer_is_cancelled_on_the_canvas_within_a_quarter_second(stage: Stage):
    run = stage.begin()
    stage.frame(run, 312, 1)
    assert PATIENCE_S < 0.25
    stage.runs.cancel()
    assert ("cancel", run) in stage.worker.heard
    until(lambda: stage.status().state == "cancelled")
    assert "312 ms" in stage.status().text
    stage.worker.told(("done", run, "cancelled", Result(Progress(320, 1, {}, {}, 1), 1000, "run1.h5")))
    assert stage.status().t_ms == 320 and stage.runs.last_recorded == Path("run1.h5")


def test_a_run_that_is_still_building_is_cancelled_by_a_new_worker(stage: Stage):
    stage.runs.begin(b"{}", 0, 1000.0, 1)
    old = stage.worker
    stage.runs.cancel()
    until(lambda: stage.status().state == "cancelled")
    assert old.closed and stage.worker is not old
    assert "before the first step" in stage.status().text


def test_a_worker_that_dies_leaves_what_it_sent_and_a_sentence(stage: Stage):
    run = stage.begin()
    stage.frame(run, 312, 1, 2)
    old = stage.worker
    old.ended("The simulation process was killed (signal 9).")
    assert stage.status().state == "failed"
    assert "signal 9" in stage.status().text and "312 ms" in stage.status().text
    assert len(stage.runs.latest.spikes) == 2
    assert stage.worker is not old
    stage.begin()
    stage.frame(2, 10, 7)
    assert stage.frames()[-1][1] == [7]


def test_old_recordings_go(stage: Stage, tmp_path: Path):
    for number in range(1, 6):
        assert stage.begin() == number
        file = tmp_path / f"run{number}.h5"
        file.write_bytes(b"x")
        stage.worker.told(("done", number, "done", Result(Progress(1000, 1, {}, {}, 0), 1000, str(file))))
    assert sorted(file.name for file in tmp_path.glob("*.h5")) == ["run3.h5", "run4.h5", "run5.h5"]


def test_recorded_states_follow_the_end_of_a_run_and_reach_a_new_view(stage: Stage, tmp_path: Path):
    times, values = np.array([0.1, 0.2], np.float32), np.array([[1, 2], [3, 4], [5, 6]], np.float32)
    trace = ShownTrace("exc", "v", "mV", (0, 1, 2), times, values, 40, False)
    run = stage.begin()
    result = Result(Progress(1000.0, 1.0, {}, {}, 0), 1000.0, str(tmp_path / "run.h5"), traces=(trace,))
    stage.worker.told(("done", run, "done", result))
    head, buffers = stage.posted[-1]
    assert isinstance(stage.posted[-2][0], RunStatus)
    one = {"path": "exc", "what": "v", "unit": "mV", "ids": [0, 1, 2], "recorded": 40, "thinned": False}
    assert head.to_json() == {"type": "traces", "run": run, "traces": [one]}
    assert [np.frombuffer(b, "<f4").tolist() for b in buffers] == [times.tolist(), [1, 2, 3, 4, 5, 6]]
    stage.runs.repeat()
    assert sum(m.type == "traces" for m, _ in stage.posted) == 2
    stage.begin()
    stage.runs.repeat()
    assert sum(m.type == "traces" for m, _ in stage.posted) == 2, "a new run has none yet"


def test_a_run_that_goes_on_hears_of_changes_and_its_status_says_what_came_of_them(stage: Stage):
    run = stage.begin()
    stage.frame(run, 312, 1)
    stage.runs.follow(lambda: b"new", 4)
    assert ("steer", run, b"new", 4) in stage.worker.heard
    stage.worker.told(("steered", run, "exc.tau_m = 15 ms at 320 ms", (), 4))
    assert stage.status().steered == "steered: exc.tau_m = 15 ms at 320 ms" and stage.status().rev == 4
    finding = Finding("bounds.shared", "error", "exc.tau_m", "all neurons here share one value.")
    stage.worker.told(("steered", run, "", (finding,), None))
    assert stage.status().steered == "not steered: exc.tau_m: all neurons here share one value." and stage.status().rev == 4


def test_a_run_does_not_follow_another_document_nor_after_its_end(stage: Stage):
    run = stage.begin()
    stage.runs.follow(None, 4)
    stage.runs.follow(lambda: b"newer", 5)
    run = stage.begin()
    stage.worker.told(("done", run, "done", Result(Progress(1000, 1, {}, {}, 0), 1000, "run.h5")))
    stage.runs.follow(lambda: b"newest", 6)
    assert not any(m[0] == "steer" for w in stage.workers for m in w.heard)


def test_the_status_says_how_far_the_network_is_built(stage: Stage):
    run = stage.begin()
    stage.worker.told(("compiling",))
    assert stage.status().text == "Compiling kernels (first run of these models) …"
    stage.worker.told(("building", run, 0.4))
    assert stage.status().state == "preparing" and stage.status().text == "Building the network: 40%"
    stage.frame(run, 10, 1)
    assert stage.status().state == "running" and stage.status().text == ""
    stage.worker.told(("compiling",))  # for a later document, in the background
    assert stage.status().text == ""


def test_compiling_is_told_and_what_is_compiled_already_is_not():
    from numba import njit

    told: list[int] = []
    plain = njit(lambda x: x + 1)
    with compiling_told(lambda: told.append(1)):
        plain(1)
        assert told == [1], "once, though many passes ran"
        plain(2)
    njit(lambda x: x + 2)(1)
    assert told == [1]
