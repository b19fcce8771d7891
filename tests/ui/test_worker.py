"""Runs in a real worker process, from the session's messages to the recording on disk."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import studio
from studio.engine.recording import Recording
from studio.ui.session import Session


class Viewer:
    """A canvas that only looks: it acknowledges frames and remembers when things came."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.came: list[tuple[float, dict[str, Any], list[bytes]]] = []
        session.attach(self.hear)

    def hear(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        self.came.append((time.monotonic(), message, buffers))
        if message["type"] == "frame":
            self.session.receive({"type": "ack", "run": message["run"], "n": message["n"]})

    def run(self, duration_ms: float, seed: int = 1) -> float:
        self.came.clear()
        begin = time.monotonic()
        self.session.receive({"type": "run", "duration_ms": duration_ms, "seed": seed})
        return begin

    def first(self, is_it: Callable[[dict[str, Any]], bool], seconds: float = 60.0) -> tuple[float, dict[str, Any]]:
        """When the first such message came, and the message."""
        end = time.monotonic() + seconds
        while True:
            for at, message, _ in list(self.came):
                if is_it(message):
                    return at, message
            assert time.monotonic() < end, f"not in {[m.get('state', m['type']) for _, m, _ in self.came]}"
            time.sleep(0.002)

    def until(self, *states: str, seconds: float = 60.0) -> tuple[float, dict[str, Any]]:
        return self.first(lambda m: m["type"] == "run" and m["state"] in states, seconds)

    def spikes(self) -> tuple[np.ndarray, np.ndarray]:
        frames = [buffers for _, m, buffers in self.came if m["type"] == "frame"]
        return tuple(np.concatenate([np.frombuffer(f[k], "<u4") for f in frames]) for k in (0, 1))  # type: ignore[return-value]


def network(neurons: int = 800) -> studio.Network:
    net = studio.Network("busy")
    net.connect(net.source("drive", 100, rate=900.0), net.population("exc", neurons), studio.probability(0.5), weight=0.5, delay=1.5)
    return net


@pytest.fixture(scope="module")
def viewer() -> Iterator[Viewer]:
    session = Session(network())
    viewer = Viewer(session)
    viewer.run(10)
    viewer.until("done")
    yield viewer
    session.close()


def test_a_run_streams_the_spikes_that_it_records(viewer: Viewer):
    viewer.run(500, seed=3)
    _, done = viewer.until("done")
    recording = viewer.session.recording
    assert recording is not None and recording.complete and recording.provenance["seed"] == 3
    steps, rows = viewer.spikes()
    train = recording.spikes["exc"]
    order = np.lexsort((train.ids, train.steps))
    shown = np.lexsort((rows, steps))
    assert len(steps) == done["spikes"] == len(train) > 1000
    assert np.array_equal(steps[shown], train.steps[order]) and np.array_equal(rows[shown], train.ids[order])
    assert done["rates"]["exc"] == pytest.approx(len(train) / 800 / 0.5)
    assert done["sparsity"]["exc"] == pytest.approx(1 - len(train) / 800 / 5000)


def test_the_first_spikes_of_a_warm_worker_come_quickly(viewer: Viewer):
    begin = viewer.run(1000)
    at, _ = viewer.first(lambda m: m["type"] == "frame")
    viewer.until("done")
    print(f"\nfirst frame {1000 * (at - begin):.0f} ms after Run")
    assert at - begin < 1.0


def test_frames_say_what_the_rows_are(viewer: Viewer):
    viewer.run(50)
    viewer.until("done")
    _, frame = viewer.first(lambda m: m["type"] == "frame")
    assert frame["rows"] == [{"path": "exc", "name": "exc", "size": 800, "offset": 0, "kind": "population"}]
    assert frame["dt_ms"] == pytest.approx(0.1)


def test_at_most_thirty_frames_a_second_numbered_without_gaps(viewer: Viewer):
    viewer.run(10_000_000)
    viewer.until("running")
    time.sleep(1.0)
    viewer.session.receive({"type": "cancel"})
    viewer.until("cancelled")
    frames = [(at, m["n"]) for at, m, _ in viewer.came if m["type"] == "frame"]
    assert [n for _, n in frames] == list(range(1, len(frames) + 1))
    seconds = frames[-1][0] - frames[0][0]
    print(f"\n{len(frames) / seconds:.1f} frames a second")
    assert len(frames) / seconds < 33


def test_cancel_is_answered_and_keeps_what_there_is(viewer: Viewer):
    viewer.run(10_000_000)
    viewer.until("running")
    time.sleep(0.3)
    begin = time.monotonic()
    viewer.session.receive({"type": "cancel"})
    at, _ = viewer.until("cancelled")
    print(f"\ncancelled after {1000 * (at - begin):.0f} ms")
    viewer.first(lambda m: m["type"] == "run" and m["state"] == "cancelled" and "is kept" in m["text"])
    file = viewer.session.runs.last_recorded
    assert file is not None
    recording = Recording.load(file)
    assert not recording.complete and recording.duration > 0 and len(recording.spikes["exc"]) > 0


def test_a_killed_worker_is_said_its_spikes_stay_and_the_next_run_works(viewer: Viewer):
    viewer.run(10_000_000)
    viewer.first(lambda m: m["type"] == "frame" and m["n"] == 3)
    viewer.first(lambda m: next(viewer.session._folder.glob("*.part/progress.json"), None) is not None)
    os.kill(viewer.session.runs._worker.pid, signal.SIGKILL)  # type: ignore[union-attr]
    _, failed = viewer.until("failed")
    assert "signal 9" in failed["text"] and "still shown" in failed["text"]
    assert len(viewer.session.runs.latest.spikes) > 0  # type: ignore[union-attr]
    viewer.session.receive({"type": "ready"})
    _, again = viewer.first(lambda m: m["type"] == "frame" and m["replace"])
    assert again["run"] == failed["run"]
    viewer.first(lambda m: m["type"] == "run" and m["state"] == "failed" and "What was recorded until" in m["text"])
    recording = viewer.session.recording
    assert recording is not None and not recording.complete and recording.provenance["stopped"] == "killed"
    assert recording.counters["spikes"]["exc"] == len(recording.spikes["exc"])
    assert not list(viewer.session._folder.glob("*.part"))
    viewer.run(50)
    viewer.until("done")


def test_a_finding_of_the_run_reaches_the_canvas(tmp_path: Path):
    """Where the session's own checks have not finished, the worker's word counts."""
    session = Session(network(10))
    viewer = Viewer(session)
    session.runs.begin(b'{"format": "spike-studio/1", "nonsense": ', 0, 100.0, 1)
    _, failed = viewer.until("failed")
    assert failed["findings"] and failed["text"].startswith("The network cannot run")
    session.close()


def test_no_file_of_a_closed_session_stays():
    session = Session(network(10))
    viewer = Viewer(session)
    viewer.run(10)
    viewer.until("done")
    folder = session._folder
    assert list(folder.glob("*.h5"))
    session.close()
    assert not folder.exists()


def test_a_recorded_voltage_reaches_the_canvas(viewer: Viewer):
    viewer.session.network.record("exc[0:3]", "v")
    viewer.run(50)
    viewer.first(lambda m: m["type"] == "traces")
    message, buffers = next((m, b) for _, m, b in viewer.came if m["type"] == "traces")
    (head,) = message["traces"]
    assert (head["path"], head["what"], head["unit"], head["ids"]) == ("exc", "v", "mV", [0, 1, 2])
    times, values = (np.frombuffer(b, "<f4") for b in buffers)
    assert len(values) == 3 * len(times) and times[-1] == pytest.approx(50, abs=1)
    assert -80 < values.min() < values.max() < -40


def test_an_edit_while_a_run_goes_on_steers_it_and_the_recording_says_when(viewer: Viewer):
    """Weaker synapses, and the rate falls."""
    net = viewer.session.network
    viewer.run(10_000_000)
    viewer.until("running")
    net.set("exc.i_offset", 0.6)
    net.set("p1.weight", 0.1)
    _, said = viewer.first(lambda m: m["type"] == "run" and "p1.weight" in m["steered"])
    assert said["steered"].startswith("steered: ") and "exc.i_offset = 0.6 nA" in "".join(m.get("steered", "") for _, m, _ in viewer.came)
    assert said["rev"] == viewer.session.rev, "the run is of the document as it is now"
    net.set("p1.delay", 2.5)
    net.set("exc.v_th", -56)
    _, later = viewer.first(lambda m: m["type"] == "run" and "exc.v_th = -56 mV" in m["steered"])
    assert later["rev"] < viewer.session.rev, "a delay needs a new run"
    viewer.session.receive({"type": "cancel"})
    viewer.first(lambda m: m["type"] == "run" and m["state"] == "cancelled" and "is kept" in m["text"])
    recording = viewer.session.recording
    assert recording is not None
    log = recording.provenance["steering"]
    assert [(e["path"], e["name"], e["value"]) for e in log] == [("exc", "i_offset", 0.6), ("p1", "weight", 0.1), ("exc", "v_th", -56.0)]
    steps = recording.spikes["exc"].steps
    before, after = np.count_nonzero(steps <= log[0]["step"]) / max(log[0]["step"], 1), np.count_nonzero(steps > log[-1]["step"])
    assert after / (recording.duration / recording.dt - log[-1]["step"]) < 0.8 * before
    for _ in range(4):
        net.undo()


def test_another_document_does_not_steer_the_run(viewer: Viewer):
    viewer.run(10_000_000)
    viewer.until("running")
    other = network()
    other.set("exc.v_th", -60)
    viewer.session.replace(other.document, "Open another")
    time.sleep(0.3)
    viewer.session.receive({"type": "cancel"})
    viewer.first(lambda m: m["type"] == "run" and m["state"] == "cancelled" and "is kept" in m["text"])
    assert viewer.session.recording is not None and viewer.session.recording.provenance["steering"] == []
    viewer.session.network.undo()
