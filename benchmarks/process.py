"""One measurement in a process of its own: its answer, its peak memory, and how long it waited for a core."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import machine

ROOT = Path(__file__).resolve().parents[1]
SAMPLED_S = 0.05


@dataclass(frozen=True)
class Finished:
    """A process that ended well. `wait_share`: of the time its threads wanted a core, the part they had none (NaN where unknown)."""

    answer: dict[str, Any]
    elapsed_s: float
    cpu_s: float
    peak_bytes: int
    wait_share: float
    load: float


class Failed(Exception):
    """A process that did not end well, with the end of what it said."""

    @property
    def brief(self) -> str:
        """Its last line, which names the error."""
        return str(self).strip().splitlines()[-1]


def measure(command: Sequence[str], env: Mapping[str, str | None] | None = None, limit_s: float = 3600.0) -> Finished:
    """Run a command that answers with JSON on standard output; raise Failed where it does not. `env`: changes; None removes a variable."""
    settled = {key: value for key, value in {**os.environ, **(env or {})}.items() if value is not None}
    busy = machine.load()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err, text=True, cwd=ROOT, env=settled)
        watch = _Watch(process.pid)
        timer = threading.Timer(limit_s, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        elapsed = time.perf_counter() - begun
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        share = watch.end()
        out.seek(0)
        err.seek(0)
        said, complained = out.read(), err.read()
    if process.returncode:
        raise Failed(f"{' '.join(command)}: exit {process.returncode} after {elapsed:.0f} s\n{(said + complained)[-2000:]}")
    answer = last_json(said)
    if answer is None:
        raise Failed(f"{' '.join(command)}: no JSON in what it said\n{said[-2000:]}")
    return Finished(answer, elapsed, usage.ru_utime + usage.ru_stime, 1024 * usage.ru_maxrss, share, busy)


def last_json(text: str) -> dict[str, Any] | None:
    """The last JSON object that begins at the start of a line; simulators print banners before it."""
    for at in reversed([k for k in range(len(text)) if text[k] == "{" and (k == 0 or text[k - 1] == "\n")]):
        try:
            found = json.loads(text[at:])
        except json.JSONDecodeError:
            continue
        return found
    return None


class _Watch:
    """Samples the schedulers' counts of all threads of a process tree until its end."""

    def __init__(self, pid: int) -> None:
        self._pid, self._over, self._seen = pid, threading.Event(), {}
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def _sample(self) -> None:
        while not self._over.wait(SAMPLED_S):
            for pid in machine.children(self._pid):
                self._seen.update(machine.waited(pid))

    def end(self) -> float:
        self._over.set()
        self._thread.join()
        ran, queued = (sum(one[k] for one in self._seen.values()) for k in (0, 1))
        return queued / (ran + queued) if ran + queued else float("nan")
