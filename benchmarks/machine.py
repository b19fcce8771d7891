"""The machine a measurement was made on, and how busy it was."""

from __future__ import annotations

import os
import platform
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
        for listed in Path(f"/proc/{one}/task").glob("*/children"):
            try:
                found += [int(child) for child in listed.read_text().split()]
            except OSError:
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
