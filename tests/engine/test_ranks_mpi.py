"""The same under MPI: real processes, the real command, and what can go wrong between them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from engine import ranks_script
from engine.test_ranks_run import same

from studio.engine.recording import Recording
from studio.engine.run import simulate

SCRIPT = Path(ranks_script.__file__)
MPIEXEC = Path(sys.executable).parent / "mpiexec"
ROOT = SCRIPT.parents[2]
LIMIT_S = 240  # of a process; two cores may be busy with other tests

needs_mpi = pytest.mark.skipif(
    find_spec("mpi4py") is None or not MPIEXEC.exists(), reason="mpi4py and mpich are not installed (the extra `mpi`)"
)


def started(n: int, *words: str, **more: Any) -> subprocess.Popen[str]:
    command = [str(MPIEXEC), "-n", str(n), sys.executable, *words]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    try:
        out, err = process.communicate(timeout=LIMIT_S)
    finally:
        process.kill()
    return process.returncode, out, err


def wait_for(process: subprocess.Popen[str], words: str, times: int) -> None:
    """Read what the process says on standard error until these words came so often; the bar shows its speed when it has moved."""
    assert process.stderr
    seen = ""
    while seen.count(words) < times:
        seen += process.stderr.read(1)
        assert process.poll() is None, seen


def drawing(folder: Path, duration: float) -> Path:
    """A small document."""
    import studio

    net = studio.Network("Shared")
    exc = net.population("exc", 101, "lif", tau_m=20.0)
    drive = net.source("drive", 101, "poisson", rate=6000.0)
    net.connect(drive, exc, studio.one_to_one(), weight=0.8, delay=1.0)
    net.connect(exc, exc, studio.fixed_in_degree(8), weight=-1.0, delay=1.5)
    net.run(duration=duration)
    file = folder / "shared.snn.json"
    net.save(file)
    return file


@needs_mpi
@pytest.mark.parametrize("ranks, threads", [(2, 1), (2, 2), (4, 1)])
def test_processes_give_the_recording_of_one(tmp_path: Path, ranks: int, threads: int) -> None:
    code, _, err = ended(started(ranks, str(SCRIPT), str(threads), str(tmp_path / "r.h5")))
    assert code == 0, err
    shared = Recording.load(tmp_path / "r.h5")
    assert shared.provenance["ranks"] == ranks and shared.provenance["threads"] == threads
    assert min(len(s) for s in shared.spikes.values()) > 20
    same(simulate(ranks_script.net(), threads=1), shared)


@needs_mpi
def test_the_command_speaks_with_one_voice(tmp_path: Path) -> None:
    file = drawing(tmp_path, 200.0)
    code, out, err = ended(started(2, "-m", "studio", "run", str(file), "--out", str(tmp_path / "two"), "--json"))
    assert code == 0, err
    assert json.loads(out)["duration_ms"] == 200.0
    assert err.count("Shared 100%") == 1
    subprocess.run([sys.executable, "-m", "studio", "run", str(file), "--out", str(tmp_path / "one"), "--quiet"], cwd=ROOT, check=True)
    one, two = (Recording.load(tmp_path / name / "recording.h5") for name in ("one", "two"))
    assert len(one.spikes["exc"]) > 100
    same(one, two)


@needs_mpi
def test_a_finding_is_said_once(tmp_path: Path) -> None:
    code, _, err = ended(started(2, "-m", "studio", "run", str(drawing(tmp_path, 10.0)), "--set", "exc.nothing=3"))
    assert code == 1 and err.count("[path.param]") == 1
    code, _, err = ended(started(2, "-m", "studio", "run", str(tmp_path / "nowhere.snn.json")))
    assert code == 2 and err.count("nowhere.snn.json") == 1


@needs_mpi
def test_ctrl_c_ends_all_at_the_same_step_and_keeps_what_was_recorded(tmp_path: Path) -> None:
    file = drawing(tmp_path, 10_000_000.0)
    process = started(2, "-m", "studio", "run", str(file), "--out", str(tmp_path / "out"), start_new_session=True)
    try:
        wait_for(process, "x real time", 2)
        process.send_signal(signal.SIGINT)
        code, _, err = ended(process)
    finally:
        process.kill()
    assert code == 130, err
    assert err.count("Cancelled at") == 1
    recording = Recording.load(tmp_path / "out" / "recording.h5")
    assert not recording.complete and 0.0 < recording.duration < 10_000_000.0
    assert recording.counters["spikes"]["exc"] == len(recording.spikes["exc"]) > 100


@needs_mpi
def test_a_process_that_breaks_ends_all_with_a_sentence(tmp_path: Path) -> None:
    code, _, err = ended(started(2, str(SCRIPT), "break", str(tmp_path / "r.h5")))
    assert code != 0
    assert err.count("Process 1 of 2 failed, so the run ends: no space left on device (OSError).") == 1


@needs_mpi
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds the processes in /proc")
def test_a_process_that_is_killed_takes_the_others_along(tmp_path: Path) -> None:
    file = drawing(tmp_path, 10_000_000.0)
    process = started(2, "-m", "studio", "run", str(file))
    wait_for(process, "x real time", 1)
    deadline = time.monotonic() + LIMIT_S
    found = working(file)
    assert len(found) == 2
    os.kill(found[-1], signal.SIGKILL)
    code, _, _ = ended(process)
    assert code != 0
    while working(file) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not working(file)


def working(file: Path) -> list[int]:
    """The Python processes that run this document."""
    out = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                words = (folder / "cmdline").read_text().split("\0")
            except OSError:
                continue
            if str(file) in words and words[0] == sys.executable:
                out.append(int(folder.name))
    return out


def told(environment: dict[str, str], script: str) -> tuple[int, str]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PMI", "OMPI", "SLURM"))}
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env={**clean, **environment}, capture_output=True, text=True, timeout=LIMIT_S
    )
    return done.returncode, done.stderr


def test_without_mpi4py_the_command_says_what_to_install(tmp_path: Path) -> None:
    file = drawing(tmp_path, 10.0)
    script = f"import sys; sys.modules['mpi4py'] = None; from studio.cli import main; sys.exit(main(['run', {str(file)!r}]))"
    code, err = told({"PMI_SIZE": "2", "PMI_RANK": "0"}, script)
    assert code == 1 and "pip install 'spike-studio[mpi]'" in err and "[fit.ranks]" in err
    code, err = told({"PMI_SIZE": "2", "PMI_RANK": "1"}, script)
    assert code == 1 and err == ""


@needs_mpi
def test_an_mpiexec_of_another_mpi_is_told_from_a_run_of_one() -> None:
    script = "import sys; from studio.cli import main; sys.exit(main(['run', 'cuba']))"
    code, err = told({"OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0"}, script)
    assert code == 1 and "each sees only itself" in err and "MPICH" in err and "[fit.ranks]" in err
