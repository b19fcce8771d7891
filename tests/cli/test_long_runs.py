"""Runs that are stopped, killed, taken up again and steered, as people do it on a command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.engine.recording import Recording

STUDIO = [sys.executable, "-m", "studio"]


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Neurons under a rain of spikes, with synapses that learn."""
    nodes = {
        "noise": {"kind": "source", "model": "poisson", "size": 50, "params": {"rate": {"value": 200, "unit": "Hz"}}},
        "exc": {"kind": "population", "model": "lif", "size": 40, "params": {}},
    }
    learning = {"plasticity": {"model": "stdp_pair", "params": {"w_max": 4}}, "connector": {"model": "probability", "params": {"p": 0.3}}}
    projections = {
        "p1": {"from": "noise", "to": "exc", "weight": {"value": 1.2, "unit": "mV"}, "delay": {"value": 1, "unit": "ms"}, **learning}
    }
    made = {"format": "spike-studio/1", "name": "Small", "main": "main", "circuits": {"main": {"nodes": nodes, "projections": projections}}}
    file = tmp_path / "small.snn.json"
    file.write_text(json.dumps(made))
    return file


def studio(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*STUDIO, *map(str, words)], capture_output=True, text=True, timeout=300)


def until(there: Path, long: subprocess.Popen[bytes], newer: float = 0.0) -> None:
    end = time.monotonic() + 200
    while not (there.exists() and there.stat().st_mtime > newer):
        assert long.poll() is None and time.monotonic() < end
        time.sleep(0.02)


def begun(*words: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*STUDIO, *map(str, words)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def same(one: Recording, two: Recording) -> None:
    for path, s in one.spikes.items():
        assert np.array_equal(s.steps, two.spikes[path].steps) and np.array_equal(s.ids, two.spikes[path].ids)
    assert np.array_equal(one.weights["p1"].weights, two.weights["p1"].weights)
    assert one.counters == two.counters and one.duration == two.duration and two.complete


@pytest.mark.parametrize("how", [pytest.param(signal.SIGINT, marks=pytest.mark.thorough), signal.SIGTERM, signal.SIGKILL])
def test_a_run_that_was_ended_goes_on_to_the_same_spikes_and_weights(how: signal.Signals, small: Path, tmp_path: Path) -> None:
    (tmp_path / "steer.json").write_text('[[50, "exc.v_th", -56]]')
    out = tmp_path / "out"
    words = (small, "--seed", 3, "--set", "exc.tau_m=12", "--record", "exc[0:5]:v", "--steer", tmp_path / "steer.json", "--quiet")
    long = begun("run", *words, "--duration", 1e9, "--out", out, "--checkpoint", 0.1)
    until(out / "run" / "state.npz", long)
    time.sleep(0.3)
    long.send_signal(how)
    said = long.communicate(timeout=60)[1].decode()
    if how is not signal.SIGKILL:
        assert long.returncode == 130 and f"studio run --resume {out}" in said
    left = Recording.load(out)
    assert not left.complete and left.counters["spikes"]["exc"] == len(left.spikes["exc"]) > 0
    if how is signal.SIGINT:  # and once more, this time killed: what is newer counts
        long, since = begun("run", "--resume", out, "--quiet"), time.time()
        until(out / "run" / "progress.json", long, since)
        long.kill()
        long.communicate(timeout=60)
        newer = Recording.load(out)
        assert newer.duration > left.duration and newer.provenance["stopped"] == "killed"
        left = newer
    again = studio("run", small, "--out", out)
    assert again.returncode == 2 and "--resume" in again.stderr, "an unfinished run is not written over"
    end = left.duration + 50
    rest = studio("run", "--resume", out, "--duration", end, "--quiet")
    assert rest.returncode == 0, rest.stderr
    whole = studio("run", *words, "--duration", end, "--out", tmp_path / "whole")
    assert whole.returncode == 0, whole.stderr
    one, two = Recording.load(tmp_path / "whole" / "recording.h5"), Recording.load(out / "recording.h5")
    same(one, two)
    assert np.array_equal(one.traces["exc", "v"].values, two.traces["exc", "v"].values)
    assert one.provenance["steering"] == two.provenance["steering"] != []
    assert not (out / "run").exists() and studio("run", "--resume", out).returncode == 2


def test_a_steered_run_repeats_from_its_recording(small: Path, tmp_path: Path) -> None:
    (tmp_path / "steer.json").write_text(
        json.dumps([[20.05, "exc.v_th", -58], {"step": 700, "path": "noise", "name": "rate", "value": 400}])
    )
    one = studio(
        "run", small, "--duration", 100, "--seed", 3, "--steer", tmp_path / "steer.json", "--out", tmp_path / "a", "--json", "--quiet"
    )
    assert one.returncode == 0, one.stderr
    two = studio(
        "run", small, "--duration", 100, "--seed", 3, "--steer", tmp_path / "a" / "recording.h5", "--out", tmp_path / "b", "--quiet"
    )
    assert two.returncode == 0, two.stderr
    a, b = (Recording.load(tmp_path / x / "recording.h5") for x in "ab")
    same(a, b)
    assert [e["value"] for e in a.provenance["steering"]] == [-58, 400] and a.provenance["steering"] == b.provenance["steering"]


def test_a_file_that_changed_under_a_run_is_said(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    long = begun("run", small, "--duration", 1e9, "--out", out, "--checkpoint", 0.1, "--quiet")
    until(out / "run" / "state.npz", long)
    os.kill(long.pid, signal.SIGKILL)
    long.wait()
    assert long.stderr is not None
    long.stderr.close()
    before = small.read_text()
    small.write_text(before.replace('"size": 40', '"size": 41'))
    changed = studio("run", "--resume", out, "--quiet")
    assert (
        changed.returncode == 1 and "the network has changed since this run began" in changed.stderr and "Traceback" not in changed.stderr
    )
    small.unlink()
    assert studio("run", "--resume", out, "--quiet").returncode == 2
    small.write_text(before)
    assert studio("run", "--resume", out, "--duration", Recording.load(out).duration + 10, "--quiet").returncode == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--resume", "OUT"), "no run to go on with"),
        (("--resume", "OUT", "--seed", "3"), "leave --seed away"),
        (("--resume", "OUT", "--out", "OTHER"), "leave --out away"),
        (("FILE", "--resume", "OUT"), "leave a document away"),
        (("FILE", "--checkpoint", "1"), "--out DIR"),
        (("FILE", "--checkpoint", "0", "--out", "OUT"), "above 0"),
        (("FILE", "--steer", "NOBODY"), "no such file"),
    ],
)
def test_what_does_not_go_together_is_said_with_exit_2(words: tuple[str, ...], said: str, small: Path, tmp_path: Path) -> None:
    places: dict[str, Any] = {"FILE": small, "OUT": tmp_path / "out", "OTHER": tmp_path / "other", "NOBODY": tmp_path / "nobody"}
    done = studio("run", *(places.get(w, w) for w in words))
    assert done.returncode == 2 and said in done.stderr, done.stderr


def test_a_full_disk_at_the_end_leaves_what_was_recorded(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from studio.cli import main

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("studio.engine.recording._write", full)
    assert main(["run", str(small), "--duration", "100", "--out", str(tmp_path / "out"), "--quiet"]) == 3
    said = capsys.readouterr().err
    assert "the disk is full" in said and str(tmp_path / "out" / "run") in said and "Traceback" not in said
    monkeypatch.undo()
    left = Recording.load(tmp_path / "out")
    assert left.duration == 100 and left.counters["spikes"]["exc"] == len(left.spikes["exc"]) > 0


def test_a_network_that_does_not_fit_is_said_with_its_projections(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from studio.cli import main

    monkeypatch.setattr("studio.engine.memory.available", lambda: 1e6)
    assert main(["run", str(small), "--duration", "10", "--quiet"]) == 1
    said = capsys.readouterr().err
    assert "error: the network needs about" in said and "977 KiB are available" in said and "Traceback" not in said
