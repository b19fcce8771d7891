"""What one sees of a run while it goes on: frames, and while its network is built how far that is."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from studio.engine.building import Tick
from studio.engine.parts import Plan
from studio.engine.provenance import versions
from studio.engine.recording import Recording
from studio.network.flat import FlatNetwork

WATCHED_S, UNWATCHED_S = 0.03, 0.1  # wall time of a batch: how often one can see, or cancel


class Cancel(Protocol):
    """Anything with `is_set()`, such as threading.Event."""

    def is_set(self) -> bool: ...


@dataclass(frozen=True)
class Frame:
    """What happened since the last frame. `spikes`: path -> (steps, ids), int64; a step counts from the start of the run, in dt, at the step's end."""

    step: int
    t_ms: float
    duration_ms: float
    wall_s: float
    spikes: Mapping[str, tuple[np.ndarray, np.ndarray]]
    counters: Mapping[str, Mapping[str, int]]
    n_neurons: int
    rates: Mapping[str, float]
    built: float = 1.0  # which part of the network is built; below 1 nothing runs yet


class Cancelled(Exception):
    """A run that was cancelled before there was anything to run."""


def building(flat: FlatNetwork, watch: Callable[[Frame], None] | None, cancel: Cancel | None) -> Tick:
    """Shows how far the building is, and ends it when the run is cancelled."""
    begun = last = time.perf_counter()
    n, none = sum(p.size for p in flat.populations), np.zeros(0, np.int64)
    listed = [r.path for r in flat.run.record if r.what == "spikes"] or [p.path for p in flat.populations]
    spikes, rates = dict.fromkeys(listed, (none, none)), {p.path: 0.0 for p in flat.populations}

    def tick(part: float) -> None:
        nonlocal last
        if cancel is not None and cancel.is_set():
            raise Cancelled
        now = time.perf_counter()
        if watch and now - last >= WATCHED_S:
            last = now
            watch(Frame(0, 0.0, flat.run.duration, now - begun, spikes, {}, n, rates, min(part, 0.999)))

    return tick


def nothing(flat: FlatNetwork, plan: Plan) -> Recording:
    """What is left of a run that was cancelled while its network was built."""
    made = {"network": flat.name, "hash": flat.hash, "seed": plan.seed, "dt": plan.dt, "versions": versions(), "steering": []}
    return Recording({}, {}, {}, {}, {}, {}, 0.0, plan.dt, False, provenance={**made, "stopped": "cancelled"})
