"""The machine a measurement was made on, and how busy it was."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path
from typing import Any


def description() -> dict[str, Any]:
    """Processor, cores, memory, system: what a reader needs to judge the seconds."""
    cpu = _field("/proc/cpuinfo", "model name")
    flags = (_field("/proc/cpuinfo", "flags") or "").split()
    memory = _field("/proc/meminfo", "MemTotal").removesuffix(" kB")
    return {
        "cpu": cpu or platform.processor(),
        "family": _field("/proc/cpuinfo", "cpu family"),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "vector": "AVX-512" if "avx512f" in flags else "AVX2" if "avx2" in flags else "",
        "memory_gib": round(int(memory) / 2**20, 1) if memory else None,
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "python": platform.python_version(),
    }


def load() -> float:
    """Average number of runnable tasks over the last minute."""
    return os.getloadavg()[0]


def idle(window_s: float = 0.3) -> float:
    """Share of all cores that nobody uses just now; NaN where the system does not say."""
    before = _ticks()
    time.sleep(window_s)
    spent = [b - a for a, b in zip(before, _ticks(), strict=False)]
    return spent[3] / sum(spent) if len(spent) > 3 and sum(spent) else float("nan")


def settle(patience_s: float, wanted: float = 0.9) -> None:
    """Wait until the machine is quiet, no longer than `patience_s`."""
    until = time.monotonic() + patience_s
    while time.monotonic() < until and idle() < wanted:
        time.sleep(0.2)


def _ticks() -> list[int]:
    """Clock ticks of all cores since the start: user, nice, system, idle, and others."""
    try:
        return [int(n) for n in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    except (OSError, IndexError):
        return []


def waited(pid: int) -> dict[int, tuple[int, int]]:
    """For each thread of a process: nanoseconds it ran, and nanoseconds it waited for a core. Linux only; empty elsewhere."""
    out = {}
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            ran, queued, _ = (task / "schedstat").read_text().split()
        except (OSError, ValueError):
            continue
        out[int(task.name)] = int(ran), int(queued)
    return out


def children(pid: int) -> list[int]:
    """The process and everything it started that still lives."""
    found = [pid]
    for one in found:
        try:
            for listed in Path(f"/proc/{one}/task").glob("*/children"):
                found += [int(child) for child in listed.read_text().split()]
        except OSError:  # it has ended meanwhile
            continue
    return found


def _field(file: str, name: str) -> str:
    try:
        for line in Path(file).read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == name:
                return value.strip()
    except OSError:
        pass
    return ""
