"""The spikes of one population within a window of time: what every measure starts from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from studio.findings import Finding, FindingError

if TYPE_CHECKING:
    from studio.engine.recording import Recording


@dataclass(frozen=True)
class Trains:
    """Spikes with `start < time <= stop` [ms]; a spike belongs to the end of its step, so a window of whole steps keeps whole steps."""

    path: str
    size: int
    start: float
    stop: float
    dt: float
    times: np.ndarray  # float64 [ms], ascending
    ids: np.ndarray  # int64, one per spike

    @property
    def duration(self) -> float:
        return self.stop - self.start

    @property
    def n_steps(self) -> int:
        return int(round(self.duration / self.dt))

    def by_neuron(self) -> tuple[np.ndarray, np.ndarray]:
        """(ids, times) sorted by neuron, then time."""
        keys = self.ids.astype(np.uint16) if self.size <= 65_536 else self.ids  # numpy counts 16-bit keys instead of comparing them
        order = np.argsort(keys, kind="stable")  # times ascend already
        return self.ids[order], self.times[order]

    def counts(self) -> np.ndarray:
        """Spikes per neuron, shape (size,)."""
        return np.bincount(self.ids, minlength=self.size)

    def bins(self, width: float) -> tuple[np.ndarray, np.ndarray]:
        """(edges [ms], bin of each spike) for whole bins of `width` ms, rounded to steps; spikes past the last whole bin get -1."""
        per_bin = max(1, int(round(width / self.dt)))
        n = self.n_steps // per_bin
        edges = self.start + np.arange(n + 1) * (per_bin * self.dt)
        step = np.rint((self.times - self.start) / self.dt).astype(np.int64) - 1
        index = step // per_bin
        return edges, np.where(index < n, index, -1)


def trains(recording: Recording, path: str, start: float = 0.0, stop: float | None = None) -> Trains:
    """Cut one population's (or recorded source's) spikes to a window; `stop` None means the end of the run.

    Raises FindingError when the path was not recorded.
    """
    if path not in recording.spikes:
        known = ", ".join(recording.spikes) or "nothing"
        raise FindingError([Finding("path.unrecorded", "error", path, "no spikes of this path were recorded.", f"Recorded: {known}.")])
    stop = recording.duration if stop is None else stop
    if not start < stop:
        raise FindingError(
            [
                Finding(
                    "bounds.window",
                    "error",
                    path,
                    f"the window from {start:g} ms to {stop:g} ms is empty.",
                    "Choose a later stop or an earlier start.",
                )
            ]
        )
    spikes = recording.spikes[path]
    half = recording.dt / 2  # times are multiples of dt up to rounding
    times = np.asarray(spikes.times, dtype=np.float64)
    keep = slice(None) if start <= 0 and stop >= recording.duration else (times > start + half) & (times < stop + half)
    return Trains(
        path,
        recording.populations[path].size,
        float(start),
        float(stop),
        recording.dt,
        times[keep],
        np.asarray(spikes.ids, dtype=np.int64)[keep],
    )


def recorded_populations(recording: Recording) -> tuple[str, ...]:
    """Paths of the populations (not sources) whose spikes were recorded."""
    return tuple(p for p in recording.spikes if recording.populations[p].kind != "source")
