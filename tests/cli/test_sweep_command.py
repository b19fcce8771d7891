"""`studio sweep`: what is typed, what is printed and kept, Ctrl-C, and what is said without dask."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from studio.cli.command import main
from studio.cli.exits import UsageError
from studio.cli.sweep import varied

NODES = {
    "noise": {"kind": "source", "model": "poisson", "size": 20, "params": {"rate": {"value": 400, "unit": "Hz"}}},
    "exc": {"kind": "population", "model": "lif", "size": 10},
}
P1 = {"from": "noise", "to": "exc", "weight": {"value": 2, "unit": "mV"}}
DOCUMENT = {"format": "spike-studio/1", "name": "Small", "main": "main", "circuits": {"main": {"nodes": NODES, "projections": {"p1": P1}}}}


@pytest.fixture
def small(tmp_path: Path) -> Path:
    file = tmp_path / "small.snn.json"
    file.write_text(json.dumps(DOCUMENT))
    return file


def test_values_are_lists_ranges_units_and_json() -> None:
    assert varied(["exc.tau_m=10,15,20"]) == {"exc.tau_m": [10, 15, 20]}
    assert varied(["p1.weight=0.1:0.5:5", "a.b=1"]) == {"p1.weight": [0.1, 0.2, 0.3, 0.4, 0.5], "a.b": [1]}
    assert varied(["p=0.01:1:3:log"]) == {"p": [0.01, 0.1, 1.0]} and varied(["p=1e3:2e3:2"]) == {"p": [1000.0, 2000.0]}
    assert varied(["p=10,20 ms"]) == {"p": [{"value": 10, "unit": "ms"}, {"value": 20, "unit": "ms"}]}
    assert varied(["p=10:20:2 ms"]) == {"p": [{"value": 10.0, "unit": "ms"}, {"value": 20.0, "unit": "ms"}]}
    assert varied(["run.precision=single,double"]) == {"run.precision": ["single", "double"]}
    assert varied(['p={"uniform": [1, 2]}']) == {"p": {"uniform": [1, 2]}} and varied(["p=[1, 2]"]) == {"p": [1, 2]}
    assert varied(["p=5:9:1"]) == {"p": [5.0]}


@pytest.mark.parametrize("text", ["tau", "tau=", "=3", "p={1}", "p=a:b:3", "p=0:1:3:log", "p=1:2:0"])
def test_what_is_no_value_is_answered_with_how_to_write_it(text: str) -> None:
    with pytest.raises(UsageError, match="--over"):
        varied([text])
    with pytest.raises(UsageError, match="varied already"):
        varied(["p=1", "p=2"])


def test_a_sweep_prints_its_points_and_keeps_its_table(small: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import pandas as pd

    out = tmp_path / "out"
    words = ["--over", "exc.tau_m=10,20", "--repeats", "2", "--duration", "60", "--workers", "1", "--out", str(out), "--recordings"]
    assert main(["sweep", str(small), *words]) == 0
    said = capsys.readouterr()
    assert "4 runs of 4" in said.out and "exc.tau_m 10 ms: exc " in said.out and " ± " in said.out and str(out / "sweep.csv") in said.out
    assert "Small 100%" in said.err and "4 of 4 runs" in said.err and "1 worker" in said.err
    table = pd.read_csv(out / "sweep.csv")
    assert table["exc.tau_m"].tolist() == [10, 10, 20, 20] and table["seed"].tolist() == [1, 2, 1, 2] and (table["spikes"] > 0).all()
    assert len(list((out / "recordings").iterdir())) == 4


def test_a_line_of_many_populations_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--over", "thalamus.rate=8", "--duration", "2", "--workers", "1", "--quiet"]
    assert main(["sweep", "cortical_columns", *words]) == 0
    said = capsys.readouterr().out
    assert "columns[2].inh 0 Hz, and 6 more" in said and "columns[3]" not in said


def test_json_has_every_run_and_failures_are_told(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--over", "exc.tau_m=10,-1", "--duration", "40", "--workers", "1", "--json", "--quiet", "--record", "exc:v"]
    assert main(["sweep", str(small), *words]) == 3
    said = capsys.readouterr()
    given = json.loads(said.out)
    assert [run["status"] for run in given["runs"]] == ["done", "failed"] and given["units"] == {"exc.tau_m": "ms"}
    assert given["provenance"]["seeds"] == [1] and "run 1 failed: exc.tau_m: tau_m = -1 ms" in said.err


def test_wrong_words_are_answered(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sweep", str(small), "--recordings"]) == 2
    assert main(["sweep", str(small), "--zip", "--random", "3"]) == 2
    assert main(["sweep", str(small), "--over", "exc.tau=1,2"]) == 1
    assert main(["sweep", str(small), "--over", "exc.tau_m=1,2", "--cluster", "nonsense://x"]) == 1
    assert "There is no dask cluster at “nonsense://x”" in capsys.readouterr().err


def test_without_dask_one_worker_works_and_more_say_what_to_install(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    words = ["sweep", str(small), "--over", "exc.tau_m=10,20", "--duration", "20", "--quiet"]
    assert main([*words, "--workers", "1"]) == 0
    assert main([*words, "--workers", "2"]) == 1
    assert "pip install 'spike-studio[sweep]'" in capsys.readouterr().err


@pytest.mark.skipif(os.name != "posix", reason="signals of a terminal")
@pytest.mark.parametrize("workers", [1, 2])
def test_ctrl_c_keeps_what_was_done(small: Path, tmp_path: Path, workers: int) -> None:
    """Pressed in a terminal it reaches the whole group of processes; the workers are not of it."""
    out = tmp_path / "out"
    words = ["--over", "run.duration=" + ",".join(["20"] * 4 + ["1e8"] * 8), "--workers", workers, "--out", out, "--recordings"]
    command = [sys.executable, "-m", "studio", "sweep", str(small), *map(str, words)]
    started = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
    end = time.monotonic() + 180
    while len(list(out.glob("recordings/*.h5"))) < 4 and time.monotonic() < end and started.poll() is None:
        time.sleep(0.2)
    os.killpg(started.pid, signal.SIGINT)
    _, said = started.communicate(timeout=120)
    assert started.returncode == 130, said
    assert "Cancelled." in said and "Traceback" not in said
    rows: list[dict[str, Any]] = json.loads((out / "sweep.json").read_text())["rows"]
    status = [row["status"] for row in rows]
    assert status.count("done") == 4 and status[-1] == "not run" and set(status) == {"done", "cancelled", "not run"}
