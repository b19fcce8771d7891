"""What a session and its worker process send each other along with documents and spikes."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from studio.findings import Finding
from studio.ui.traces import ShownTrace


class Line:
    """The way to the session. Several threads of a worker speak, one after the other; one hears."""

    def __init__(self, connection: Connection) -> None:
        self._connection, self._lock = connection, threading.Lock()

    def send(self, message: tuple[Any, ...]) -> None:
        with self._lock:
            self._connection.send(message)

    def recv(self) -> tuple[Any, ...]:
        return self._connection.recv()


def part_of(file: str) -> Path:
    """Where a run writes while it goes on, beside the file of its recording; still there when its process was killed."""
    return Path(file).with_suffix(".part")


def time_text(ms: float) -> str:
    """Simulated time in words."""
    return f"{ms:.0f} ms" if ms < 10_000 else f"{ms / 1000:.1f} s"


@dataclass(frozen=True)
class Settings:
    """How to run: the recording goes to `file`; None leaves a setting to the document."""

    file: str
    duration_ms: float | None = None
    seed: int | None = None


@dataclass(frozen=True)
class Progress:
    """How far a run is. `rates` in Hz per path, `sparsity` the fraction of neuron steps without a spike."""

    t_ms: float
    wall_s: float
    rates: Mapping[str, float]
    sparsity: Mapping[str, float]
    spikes: int


@dataclass(frozen=True)
class Result:
    """What is left of a run: its measures, where its time went, the file of its recording, what a canvas shows of recorded states, and how its task went."""

    progress: Progress
    duration_ms: float
    file: str
    findings: tuple[Finding, ...] = ()
    traces: tuple[ShownTrace, ...] = ()
    answer: str = ""
    profile: Mapping[str, Any] | None = None
