"""The cores of a fabric, executed tick by tick in NumPy: what RANC's simulator does, bit for bit, and IBM's widths beside it.

All cores of one content are advanced together; a tick is one matrix product a content, exact because every sum is a whole number
below 2**53.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from studio.backends.truenorth.fabric import Core, Fabric, Packets

EXACT = 2**24  # below it single precision holds whole numbers
WIDTH = 524287  # the largest potential of 20 bits


@dataclass
class Tally:
    """What is counted while cores run. `merged`: packets for an axon that has one in that tick; `dropped`: those 15 ticks ahead."""

    merged: int = 0
    dropped: int = 0
    bus_merged: int = 0
    overflow: int = 0  # potentials beyond 20 bits at the end of a tick
    saturated: int = 0  # potentials that were held at the limit
    events: dict[str, float] = field(default_factory=lambda: {"ticks": 0.0, "axon_events": 0.0, "synaptic_events": 0.0, "spikes": 0.0})


@dataclass(frozen=True)
class Tick:
    """The end of a tick: who spiked (core, neuron; by core), which lines of the bus did, and all potentials (core, neuron)."""

    number: int
    cores: np.ndarray
    neurons: np.ndarray
    lines: np.ndarray
    potentials: np.ndarray


class Machine:
    """A fabric at work."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric
        self.tally = Tally()
        self.width = max((c.n_neurons for c in fabric.cores), default=0)
        n = len(fabric.which)
        self.v = np.zeros((n, self.width), np.int64)
        self.due = np.zeros((fabric.ticks, n, fabric.n_axons), bool)
        self.groups = [np.flatnonzero(fabric.which == k) for k in range(len(fabric.cores))]
        self.matrices = [_matrix(c) for c in fabric.cores]
        self.goals = _goals(fabric, self.width)
        for core, group in zip(fabric.cores, self.groups, strict=True):
            self.v[group, : core.n_neurons] = core.column("current_potential")

    def run(self, packets: Packets, ticks: int) -> Iterator[Tick]:
        """Tick after tick, from the first."""
        first = np.searchsorted(packets.ticks, np.arange(ticks + 1))
        for tick in range(ticks):
            given = slice(first[tick], first[tick + 1])
            yield self._tick(tick, packets.cores[given], packets.axons[given])

    def _tick(self, tick: int, cores: np.ndarray, axons: np.ndarray) -> Tick:
        self._arrive(np.full(len(cores), tick), cores, axons)
        row = self.due[tick % self.fabric.ticks]
        events = self.tally.events
        events["ticks"] += 1
        events["axon_events"] += int(row.sum())
        spiked = np.zeros(self.v.shape, bool)
        for core, group, matrix in zip(self.fabric.cores, self.groups, self.matrices, strict=True):
            if core.n_neurons:
                spiked[group, : core.n_neurons] = self._advance(core, group, matrix, row[group, : core.n_axons])
        row[:] = False
        where, neuron = np.nonzero(spiked)
        events["spikes"] += len(where)
        return Tick(tick, where, neuron, self._send(tick, where, neuron), self.v)

    def _advance(self, core: Core, group: np.ndarray, matrix: np.ndarray, active: np.ndarray) -> np.ndarray:
        """The neurons of all cores of one content: inputs, leak, threshold, reset. Returns who spikes."""
        v = self.v[group, : core.n_neurons]
        if active.any():
            on = np.flatnonzero(active.any(axis=0))
            v += np.rint(active[:, on].astype(matrix.dtype) @ matrix[on]).astype(np.int64)
            self.tally.events["synaptic_events"] += float(active.sum(axis=0) @ core.connections.sum(axis=0))
        leak = core.column("leak")
        v += np.where(core.column("leak_reversal") > 0, leak * np.sign(v), leak)
        self.tally.overflow += int((np.abs(v) > WIDTH).sum())
        if self.fabric.limit:
            held = np.clip(v, -self.fabric.limit, self.fabric.limit)
            self.tally.saturated += int((held != v).sum())
            v = held
        fires = v >= core.column("positive_threshold")
        bottom = core.column("negative_threshold")
        below = ~fires & ((v <= bottom) if self.fabric.reset_type else (v < bottom))
        to, subtract = core.column("reset_potential"), core.column("reset_mode") > 0
        v = np.where(fires, np.where(subtract, v - core.column("positive_threshold"), to), v)
        mirrored = np.where(subtract, v - bottom, -to)
        v = np.where(below, np.where(core.column("floor_mode") > 0, bottom, mirrored), v)
        self.v[group, : core.n_neurons] = v
        return fires

    def _arrive(self, ticks: np.ndarray, cores: np.ndarray, axons: np.ndarray) -> None:
        """Spikes for axons, each in a tick not further ahead than the scheduler reaches."""
        place = (ticks % self.fabric.ticks, cores, axons)
        flat = np.ravel_multi_index(place, self.due.shape)
        new = np.unique(flat)
        set_before = int(self.due.reshape(-1)[new].sum())
        self.tally.merged += len(flat) - len(new) + set_before
        self.due.reshape(-1)[new] = True

    def _send(self, tick: int, where: np.ndarray, neuron: np.ndarray) -> np.ndarray:
        """Spikes to their axons; returns the lines of the bus that have one."""
        core, axon, offset = (g[where, neuron] for g in self.goals)
        late = offset >= self.fabric.ticks - 1
        on_bus = core == len(self.fabric.which)
        inside = (core >= 0) & ~on_bus
        self.tally.dropped += int((inside & late).sum())
        go = inside & ~late
        self._arrive(tick + 1 + offset[go], core[go], axon[go])
        lines = np.unique(axon[on_bus])
        self.tally.bus_merged += int(on_bus.sum()) - len(lines)
        return lines


def _matrix(core: Core) -> np.ndarray:
    effects = core.effects.T
    largest = np.abs(core.effects).sum(axis=1).max(initial=0)
    return np.ascontiguousarray(effects, np.float32 if largest < EXACT else np.float64)


def _goals(fabric: Fabric, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(core, axon, ticks ahead) of every placed neuron's spikes; the core is the number of cores for the bus, and -1 for nowhere."""
    columns, rows = fabric.size
    grid = np.full((rows, columns), -1, np.int32)
    grid[fabric.places[:, 1], fabric.places[:, 0]] = np.arange(len(fabric.places))
    grid[fabric.bus.y, fabric.bus.x] = len(fabric.places)
    n = len(fabric.which)
    goal, axon, ahead = (np.full((n, width), fill, np.int32) for fill in (-1, 0, 0))
    for k, core in enumerate(fabric.cores):
        group = np.flatnonzero(fabric.which == k)
        to = fabric.places[group, None, :] + core.offsets[None, :, :]
        inside = (to >= 0).all(axis=2) & (to[:, :, 0] < columns) & (to[:, :, 1] < rows) & (core.axons >= 0)
        found = grid[np.where(inside, to[:, :, 1], 0), np.where(inside, to[:, :, 0], 0)]
        goal[group, : core.n_neurons] = np.where(inside, found, -1)
        axon[group, : core.n_neurons] = np.maximum(core.axons, 0)
        ahead[group, : core.n_neurons] = core.ticks
    return goal, axon, ahead
