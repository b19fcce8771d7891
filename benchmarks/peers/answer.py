"""What every peer's program is asked, and the line of JSON it answers with."""

from __future__ import annotations

import argparse
import json
import os
import resource
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass
class Answer:
    """One process of a simulator. Times in s, memory in bytes, rates in Hz."""

    simulator: str
    version: str
    threads: int
    import_s: float = 0.0
    build_s: float = 0.0
    compile_s: float = 0.0
    wall_s: list[float] = field(default_factory=list)  # of each measured span
    span_ms: float = 0.0
    again_s: float = 0.0  # building and running a second time in the same process, where asked for
    rates: dict[str, float] = field(default_factory=dict)
    cv: dict[str, float] = field(default_factory=dict)
    weights: dict[str, dict[str, float]] = field(default_factory=dict)
    synapses: int = 0
    network_bytes: int = 0  # resident memory that building took
    peak_bytes: int = 0
    notes: str = ""

    def say(self) -> None:
        """Print the line; other output of the simulator may stand before it."""
        self.peak_bytes = self.peak_bytes or 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print("\n" + json.dumps(asdict(self)), flush=True)


def asked(about: str, more: Callable[[argparse.ArgumentParser], Any] | None = None) -> argparse.Namespace:
    """The arguments that every peer's program takes; times in ms."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("document")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--warm", type=float, default=100.0, help="span [ms] that is not measured")
    parser.add_argument("--span", type=float, default=500.0, help="span [ms] that is measured")
    parser.add_argument("--spans", type=int, default=1)
    parser.add_argument("--again", action="store_true", help="build and run a second time, and say how long that took")
    if more:
        more(parser)
    return parser.parse_args()


def resident() -> int:
    """Bytes of this process in memory now."""
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def timed(work: Callable[[], Any]) -> float:
    """Seconds that `work` takes."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
