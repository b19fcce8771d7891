"""A worker process: spoken to, killed, gone."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from studio.ui.process import WorkerProcess


class Heard:
    def __init__(self) -> None:
        self.messages: queue.Queue[tuple[Any, ...]] = queue.Queue()
        self.ends: queue.Queue[str] = queue.Queue()


@pytest.fixture
def echo(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    heard = Heard()
    process = WorkerProcess(heard.messages.put, heard.ends.put, "echo_worker")
    yield process, heard
    process.close()


def test_what_is_told_before_the_process_stands_arrives_in_order(echo: tuple[WorkerProcess, Heard]):
    process, heard = echo
    for n in range(5):
        process.tell("number", n)
    assert heard.messages.get(timeout=10) == ("ready",)
    assert [heard.messages.get(timeout=10) for _ in range(5)] == [("heard", "number", n) for n in range(5)]


def test_a_killed_process_is_reported_once_in_words(echo: tuple[WorkerProcess, Heard]):
    process, heard = echo
    heard.messages.get(timeout=10)
    os.kill(process.pid, signal.SIGKILL)
    assert "signal 9" in heard.ends.get(timeout=5)
    process.tell("nobody", "hears")
    with pytest.raises(queue.Empty):
        heard.ends.get(timeout=0.2)


def test_a_crash_quotes_its_last_words(echo: tuple[WorkerProcess, Heard]):
    process, heard = echo
    process.tell("die", 3)
    assert heard.ends.get(timeout=10) == "The simulation process ended unexpectedly with exit code 3. It last said: about to die"


def test_a_process_that_cannot_start_is_reported():
    heard = Heard()
    WorkerProcess(heard.messages.put, heard.ends.put, "studio.ui.no_such_module")
    assert "no_such_module" in heard.ends.get(timeout=10)


def test_closing_says_nothing(echo: tuple[WorkerProcess, Heard]):
    process, heard = echo
    heard.messages.get(timeout=10)
    process.close()
    with pytest.raises(queue.Empty):
        heard.ends.get(timeout=0.3)
    assert not process.alive


def test_no_worker_outlives_its_session():
    """Also when the session's own process is killed."""
    code = (
        "import time; from studio.ui.process import WorkerProcess\n"
        "p = WorkerProcess(lambda m: print(p.pid, flush=True) if m[0] == 'ready' else None, print); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    worker = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    end = time.monotonic() + 60
    while Path(f"/proc/{worker}").exists() and time.monotonic() < end:
        time.sleep(0.02)
    assert not _runs(worker)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not (state.exists() and state.read_text().split()[2] == "Z")
