"""A run that was stopped, or killed, goes on to the same spikes, traces, weights and counters."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine.networks import fired, mixed

from studio.engine import checkpoint
from studio.engine.recording import Recording
from studio.engine.run import Frame, simulate
from studio.findings import FindingError
from studio.network.flat import FlatNetwork, Record

TRACED = [Record("a", "v", np.array([0, 5, 200]), 0.7), Record("b", "exponential.i_syn", None, 1.0)]
SPIKES = [Record(path, "spikes", None, 0.1) for path in ("a", "b", "x", "y")]
WEIGHTS = [Record(key, "weight", None, 0.1) for key in ("ab", "ba", "py")]


def net(**run: Any) -> FlatNetwork:
    return mixed(seed=3, record=[*SPIKES, *TRACED, *WEIGHTS], **run)


def same(one: Recording, two: Recording) -> None:
    for path in one.spikes:
        assert fired(one, path) == fired(two, path), path
    for key, trace in one.traces.items():
        assert np.array_equal(trace.values, two.traces[key].values) and np.array_equal(trace.times, two.traces[key].times), key
    for key, w in one.weights.items():
        assert sorted_weights(w) == sorted_weights(two.weights[key]), key
    assert one.counters == two.counters
    assert one.duration == two.duration and one.complete == two.complete
    assert one.provenance["steering"] == two.provenance["steering"]


def sorted_weights(w: Any) -> list[tuple[int, int, float, float]]:
    return sorted(zip(w.sources.tolist(), w.targets.tolist(), w.delays.tolist(), w.weights.tolist(), strict=True))


class StopAt:
    """Cancels when the run has gone past a step."""

    def __init__(self, step: int) -> None:
        self.step, self.flag = step, threading.Event()

    def watch(self, frame: Frame) -> None:
        if frame.step >= self.step:
            self.flag.set()


STEER: list[Any] = [(5.0, "a.v_th", -56), (30.0, "ab.kinetics.tau", 3), (60.0, "x.rate", 5000)]


@pytest.mark.parametrize("precision", ["single", "double"])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_a_stopped_run_goes_on_to_the_same_bits(threads: int, precision: str, tmp_path: Path) -> None:
    whole = simulate(net(precision=precision), 80.0, threads=1, steer=STEER)
    stop = StopAt(200)
    part = simulate(net(precision=precision), 80.0, threads=threads, watch=stop.watch, cancel=stop.flag, steer=STEER, checkpoint=tmp_path)
    assert not part.complete and 20.0 <= part.duration < 80.0
    rest = simulate(net(precision=precision), 80.0, steer=STEER, resume=tmp_path)
    assert rest.provenance["threads"] == threads, "as it began, where nothing else is said"
    same(whole, rest)


def without_learning() -> FlatNetwork:
    """Delays for all and delays per synapse, weights for all and per synapse."""
    whole = net()
    static = next(p for p in whole.projections if not p.plasticity.model.plastic)
    links = [replace(p, plasticity=static.plasticity, device=static.device) for p in whole.projections]
    return replace(whole, projections=tuple(links))


@pytest.mark.parametrize("weights", ["float32", "table256"])
@pytest.mark.parametrize("connectivity", ["stored", "procedural"])
@pytest.mark.parametrize(("before", "after"), [(1, 2), (2, 1), (3, 2)])
def test_a_run_that_does_not_learn_goes_on_with_other_threads(
    before: int, after: int, connectivity: str, weights: str, tmp_path: Path
) -> None:
    stored = without_learning()
    stored = replace(stored, run=replace(stored.run, weights=weights))
    net = replace(stored, run=replace(stored.run, connectivity=connectivity))
    whole = simulate(stored, 80.0, threads=1)
    stop = StopAt(200)
    simulate(net, 80.0, threads=before, watch=stop.watch, cancel=stop.flag, checkpoint=tmp_path)
    same(whole, simulate(net, 80.0, threads=after, resume=tmp_path))


def test_one_that_learns_says_how_many_threads_it_needs(tmp_path: Path) -> None:
    simulate(net(), 5.0, threads=2, checkpoint=tmp_path)
    with pytest.raises(FindingError, match="Resume it with 2 threads"):
        simulate(net(), 10.0, threads=3, resume=tmp_path)


def test_a_run_can_be_stopped_many_times(tmp_path: Path) -> None:
    whole = simulate(net(), 60.0, threads=1)
    r, at = None, 0
    while r is None or not r.complete:
        at += 90
        stop = StopAt(at)
        place = {"checkpoint": tmp_path} if r is None else {"resume": tmp_path}
        r = simulate(net(), 60.0, threads=1, watch=stop.watch, cancel=stop.flag, **place)  # type: ignore[arg-type]
    assert at > 90
    same(whole, r)


def test_a_finished_run_goes_on_for_longer(tmp_path: Path) -> None:
    simulate(net(), 30.0, checkpoint=tmp_path)
    same(simulate(net(), 50.0), simulate(net(), 50.0, resume=tmp_path))


KILLED = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from engine.test_checkpoint import net
from studio.engine import checkpoint
from studio.engine.run import simulate
simulate(net(), 1e7, threads=2, checkpoint={folder!r}, checkpoint_s=0.2, watch=lambda f: print(f.step, flush=True))
"""


def test_a_killed_run_leaves_what_it_recorded_and_goes_on(tmp_path: Path) -> None:
    tests = str(Path(__file__).resolve().parents[1])
    child = subprocess.Popen([sys.executable, "-c", KILLED.format(tests=tests, folder=str(tmp_path))], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    end = time.monotonic() + 120
    while not (tmp_path / checkpoint.FILE).exists() and time.monotonic() < end:
        assert child.stdout.readline(), "it ended by itself"
    for _ in range(5):
        child.stdout.readline()
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    left = Recording.load(tmp_path)
    assert not left.complete and left.provenance["stopped"] == "killed" and left.duration > 0
    assert left.counters["spikes"]["a"] == len(left.spikes["a"]) > 0
    duration = round(left.duration) + 40.0
    whole = simulate(net(), duration, threads=1)
    n = len(left.spikes["a"])
    assert fired(left, "a") == fired(whole, "a")[:n]
    same(whole, simulate(net(), duration, resume=tmp_path))


def test_a_run_killed_before_its_first_state_begins_anew(tmp_path: Path) -> None:
    simulate(net(), 20.0, checkpoint=tmp_path, checkpoint_s=None)
    assert not (tmp_path / checkpoint.FILE).exists()
    same(simulate(net(), 30.0), simulate(net(), 30.0, resume=tmp_path))


def test_another_network_or_setting_is_refused_in_words(tmp_path: Path) -> None:
    simulate(net(), 5.0, checkpoint=tmp_path)
    with pytest.raises(FindingError, match=r"the seed has changed since this run began \(it was 3, and is 4\)"):
        simulate(net(), 10.0, seed=4, resume=tmp_path)
    with pytest.raises(FindingError, match="the precision has changed"):
        simulate(net(), 10.0, precision="double", resume=tmp_path)
    with pytest.raises(FindingError, match="what is recorded has changed"):
        simulate(mixed(seed=3), 10.0, resume=tmp_path)
    with pytest.raises(FindingError, match="the network has changed"):
        simulate(replace(net(), hash="another"), 10.0, resume=tmp_path)


def test_a_folder_without_a_run_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(FindingError, match="no run here"):
        simulate(net(), 10.0, resume=tmp_path)
    with pytest.raises(FindingError, match="no run here"):
        Recording.load(tmp_path)


@pytest.mark.parametrize("cut", [0, 100, -20])
def test_a_damaged_state_is_refused_in_words(cut: int, tmp_path: Path) -> None:
    simulate(net(), 5.0, checkpoint=tmp_path)
    file = tmp_path / checkpoint.FILE
    file.write_bytes(file.read_bytes()[:cut])
    with pytest.raises(FindingError, match="checkpoint cannot be read"):
        simulate(net(), 10.0, resume=tmp_path)


def test_a_state_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up while a state is written leaves the one before, and the run says so."""
    from studio.engine.run import RunError

    simulate(net(), 20.0, checkpoint=tmp_path)
    before = (tmp_path / checkpoint.FILE).read_bytes()

    def broken(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "savez", broken)
    with pytest.raises(RunError, match="the disk is full") as caught:
        simulate(net(), 40.0, resume=tmp_path)
    assert caught.value.recording.duration == 40.0
    monkeypatch.undo()
    assert (tmp_path / checkpoint.FILE).read_bytes() == before
    assert sorted(p.name for p in tmp_path.iterdir() if p.name.startswith(".")) == []
    same(simulate(net(), 50.0), simulate(net(), 50.0, resume=tmp_path))


def test_checkpoints_change_no_bit(tmp_path: Path) -> None:
    """A state flushes what plastic synapses have pending: the same operations in the same order."""
    same(simulate(net(), 60.0, threads=2), simulate(net(), 60.0, threads=2, checkpoint=tmp_path, checkpoint_s=0.0))
    assert json.loads((tmp_path / "progress.json").read_text())["step"] == 600
