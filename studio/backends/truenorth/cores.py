"""The cores of a fabric, executed tick by tick in NumPy: what RANC's simulator does, bit for bit, and IBM's widths beside it.

All cores of one content are advanced together; a tick is one matrix product a content, exact because every sum is a whole number
below 2**53.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from studio.backends.truenorth.fabric import EXTRAS, NUMBERS, Core, Fabric, Packets

EXACT = 2**24  # below it single precision holds whole numbers
WIDTH = 524287  # the largest potential of 20 bits
NEVER = 2**31 - 1  # a threshold that is not reached


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
    """A fabric at work. Arrays of neurons have a row for each core, as wide as the fullest; what is not used never spikes."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric
        self.tally = Tally()
        self.width = max((c.n_neurons for c in fabric.cores), default=0)
        n = len(fabric.which)
        self.due = np.zeros((fabric.ticks, n, fabric.n_axons), bool)
        self.matrices = [_matrix(c) for c in fabric.cores]
        self.synapses = [c.connections.sum(axis=0) for c in fabric.cores]
        self.goals = _goals(fabric, self.width)
        fills = {"positive_threshold": NEVER, "negative_threshold": -NEVER}
        self.of = {name: self._spread(name, fills.get(name, 0)) for name in (*NUMBERS, *EXTRAS)}
        self.v = self.of.pop("current_potential").astype(np.int64)

    def _spread(self, name: str, fill: int) -> np.ndarray:
        """One number of every neuron of every placed core, int32 (cores, width)."""
        table = np.full((len(self.fabric.cores), self.width), fill, np.int32)
        for k, core in enumerate(self.fabric.cores):
            table[k, : core.n_neurons] = core.column(name)
        plain = not table.any()
        return np.zeros((1, 1), np.int32) if plain and name != "current_potential" else table[self.fabric.which]

    def run(self, packets: Packets, ticks: int) -> Iterator[Tick]:
        """Tick after tick, from the first."""
        first = np.searchsorted(packets.ticks, np.arange(ticks + 1))
        for tick in range(ticks):
            given = slice(first[tick], first[tick + 1])
            yield self._tick(tick, packets.cores[given], packets.axons[given])

    def _tick(self, tick: int, cores: np.ndarray, axons: np.ndarray) -> Tick:
        self._arrive(np.full(len(cores), tick), cores, axons)
        row = self.due[tick % self.fabric.ticks]
        self._integrate(row)
        row[:] = False
        where, neuron = np.nonzero(self._advance())
        self.tally.events["ticks"] += 1
        self.tally.events["spikes"] += len(where)
        return Tick(tick, where, neuron, self._send(tick, where, neuron), self.v)

    def _integrate(self, row: np.ndarray) -> None:
        """Adds what arrives at axons, all cores of one content together."""
        busy = np.flatnonzero(row.any(axis=1))
        if not len(busy):
            return
        busy = busy[np.argsort(self.fabric.which[busy], kind="stable")]
        kinds, starts = np.unique(self.fabric.which[busy], return_index=True)
        for kind, group in zip(kinds.tolist(), np.split(busy, starts[1:]), strict=True):
            core, matrix = self.fabric.cores[kind], self.matrices[kind]
            active = row[group, : core.n_axons]
            on = np.flatnonzero(active.any(axis=0))
            self.v[group, : core.n_neurons] += np.rint(active[:, on].astype(matrix.dtype) @ matrix[on]).astype(np.int64)
            counts = active.sum(axis=0)
            self.tally.events["axon_events"] += int(counts.sum())
            self.tally.events["synaptic_events"] += float(counts @ self.synapses[kind])

    def _advance(self) -> np.ndarray:
        """Leak, threshold and reset of every neuron. Returns who spikes."""
        v, of = self.v, self.of
        v += np.where(of["leak_reversal"] > 0, of["leak"] * np.sign(v), of["leak"]) if of["leak_reversal"].any() else of["leak"]
        if v.size and max(int(v.max()), -int(v.min())) > WIDTH:
            self.tally.overflow += int((np.abs(v) > WIDTH).sum())
        if self.fabric.limit:
            held = np.clip(v, -self.fabric.limit, self.fabric.limit)
            self.tally.saturated += int((held != v).sum())
            v[:] = held
        fires = v >= of["positive_threshold"]
        below = ((v <= of["negative_threshold"]) if self.fabric.reset_type else (v < of["negative_threshold"])) & ~fires
        self._reset(np.nonzero(fires), "positive_threshold", 1)
        self._reset(np.nonzero(below), "negative_threshold", -1)
        return fires

    def _reset(self, at: tuple[np.ndarray, ...], threshold: str, sign: int) -> None:
        """The potentials of some neurons (cores, neurons) beyond a threshold; `sign` -1: the negative one."""

        def of(name: str) -> np.ndarray:
            table = self.of[name]
            return table[at] if table.shape == self.v.shape else np.broadcast_to(table.ravel(), at[0].shape)

        to = np.where(of("reset_mode") > 0, self.v[at] - of(threshold), sign * of("reset_potential"))
        self.v[at] = to if sign > 0 else np.where(of("floor_mode") > 0, of(threshold), to)

    def _arrive(self, ticks: np.ndarray, cores: np.ndarray, axons: np.ndarray) -> None:
        """Spikes for axons, each in a tick not further ahead than the scheduler reaches."""
        rows = ticks % self.fabric.ticks
        touched = np.flatnonzero(np.bincount(rows, minlength=self.fabric.ticks))
        before = sum(int(np.count_nonzero(self.due[k])) for k in touched)
        self.due[rows, cores, axons] = True
        new = sum(int(np.count_nonzero(self.due[k])) for k in touched) - before
        self.tally.merged += len(rows) - new

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
