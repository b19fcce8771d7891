"""The cores of a fabric, executed: what RANC's simulator does, bit for bit, and IBM's widths beside it.

Cores that do not hear each other are advanced many ticks at once; all of one content with one matrix product, exact because every sum is
a whole number below 2**53.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from studio.backends.levels import Level, levels
from studio.backends.truenorth.fabric import Core, Fabric, Packets
from studio.backends.truenorth.neurons import Neurons
from studio.compile.watching import tick

EXACT = 2**24  # below it single precision holds whole numbers
NEVER = 2**31 - 1  # a threshold that is not reached
NONE = np.zeros(0, np.int64)


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
class Ran:
    """Who spiked, by tick, core and neuron; which lines of the bus did, by tick and line; all potentials (ticks, cores, neurons), where asked."""

    spikes: tuple[np.ndarray, np.ndarray, np.ndarray]
    lines: tuple[np.ndarray, np.ndarray]
    potentials: np.ndarray | None


class Machine:
    """A fabric at work. Arrays of neurons have a row for each core, as wide as the fullest; what is not used never spikes."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric
        self.tally = Tally()
        self.width = max((c.n_neurons for c in fabric.cores), default=0)
        self.matrices = [_matrix(c) for c in fabric.cores]
        self.synapses = [c.connections.sum(axis=0) for c in fabric.cores]
        self.goals = _goals(fabric, self.width)

    def run(self, packets: Packets, ticks: int, potentials: bool = False) -> Ran:
        """So many ticks from the first."""
        order = self._levels()
        arriving = [(packets.ticks, packets.cores, packets.axons)]
        spiked = [(NONE, NONE, NONE)]
        kept = np.zeros((ticks, len(self.fabric.which), self.width), np.int64) if potentials else None
        for k, level in enumerate(order):
            work = _Level(self, level, _onto(arriving, level.nodes))
            for start in range(0, ticks, work.chunk):
                tick((k + start / ticks) / len(order))
                end = min(start + work.chunk, ticks)
                spikes = work.run(start, end, end == ticks)
                where = np.nonzero(spikes)
                when, core, neuron = where[0] + start, level.nodes[where[1] // max(self.width, 1)], where[1] % max(self.width, 1)
                spiked.append((when, core, neuron))
                sent = self._sent(*spiked[-1])
                arriving.append(sent)
                if level.within:
                    work.mark(*_onto([sent], level.nodes))
                if kept is not None:
                    kept[start:end, level.nodes] = work.neurons.potentials(spikes).reshape(end - start, len(level.nodes), -1)
            self.tally.overflow += work.neurons.overflow
            self.tally.saturated += work.neurons.saturated
        when, core, neuron = (np.concatenate([s[j] for s in spiked]) for j in range(3))
        by = np.lexsort((neuron, core, when))
        self.tally.events["ticks"] += ticks
        self.tally.events["spikes"] += len(when)
        return Ran((when[by], core[by], neuron[by]), self._lines(when, core, neuron), kept)

    def _levels(self) -> list[Level]:
        """The cores, by who hears whom."""
        goal, _, ahead = self.goals
        n = len(self.fabric.which)
        source, neuron = np.nonzero((goal >= 0) & (goal < n) & (ahead < self.fabric.ticks - 1))
        pair, delay = source * n + goal[source, neuron], ahead[source, neuron].astype(np.int64) + 1
        by = np.lexsort((delay, pair))
        first = np.flatnonzero(np.diff(pair[by], prepend=-1))
        return levels(n, pair[by][first] // max(n, 1), pair[by][first] % max(n, 1), delay[by][first])

    def _sent(self, when: np.ndarray, core: np.ndarray, neuron: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Where spikes act: (tick, core, axon)."""
        goal, axon, ahead = (g[core, neuron] for g in self.goals)
        inside = (goal >= 0) & (goal < len(self.fabric.which))
        late = ahead >= self.fabric.ticks - 1
        self.tally.dropped += int((inside & late).sum())
        go = inside & ~late
        return when[go] + 1 + ahead[go], goal[go].astype(np.int64), axon[go].astype(np.int64)

    def _lines(self, when: np.ndarray, core: np.ndarray, neuron: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The lines of the bus that have a spike, by tick and line."""
        goal, line, _ = self.goals
        on = goal[core, neuron] == len(self.fabric.which)
        found = np.unique(np.stack([when[on], line[core, neuron][on]]), axis=1)
        self.tally.bus_merged += int(on.sum()) - found.shape[1]
        return found[0], found[1]


class _Level:
    """Cores that are advanced together. `arriving`: (tick, place in the level, axon) of what reaches them from elsewhere, by tick."""

    def __init__(self, machine: Machine, level: Level, arriving: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
        self.machine, self.fabric, self.arriving = machine, machine.fabric, arriving
        self.which = self.fabric.which[level.nodes]
        self.chunk = level.chunk(len(level.nodes) * max(machine.width, self.fabric.n_axons))
        self.due = np.zeros((self.chunk + self.fabric.ticks, len(level.nodes), self.fabric.n_axons), bool)
        self.neurons = Neurons(_numbers(self.fabric, self.which, machine.width))
        self.marked = 0

    def run(self, start: int, end: int, last: bool) -> np.ndarray:
        """Ticks from `start` to `end`; `last`: what acts after the end is marked as well, so that what merges is counted. Returns who spikes."""
        until = len(self.arriving[0]) if last else int(np.searchsorted(self.arriving[0], end))
        self.mark(*(x[self.marked : until] for x in self.arriving))
        self.marked = until
        rows = np.arange(start, end) % len(self.due)
        active = self.due[rows].reshape(-1, self.fabric.n_axons)
        self.due[rows] = False
        return self.neurons.run(self._heard(active).reshape(end - start, -1))

    def mark(self, ticks: np.ndarray, cores: np.ndarray, axons: np.ndarray) -> None:
        """Spikes for axons; several for one in one tick are one."""
        if not len(ticks):
            return
        _, n, width = self.due.shape
        flat = np.sort(((ticks % len(self.due)) * n + cores) * width + axons)
        flat = flat[np.append(True, flat[1:] != flat[:-1])]
        due = self.due.reshape(-1)
        self.machine.tally.merged += len(ticks) - len(flat) + int(np.count_nonzero(due[flat]))
        due[flat] = True

    def _heard(self, active: np.ndarray) -> np.ndarray:
        """What active axons (ticks x cores, axons) add to neurons (ticks x cores, neurons), those of one content together."""
        out = np.zeros((len(active), self.machine.width))
        busy = np.flatnonzero(active.any(axis=1))
        kind_of = self.which[busy % max(len(self.which), 1)]
        busy = busy[np.argsort(kind_of, kind="stable")]
        kinds, starts = np.unique(np.sort(kind_of), return_index=True)
        events = self.machine.tally.events
        for kind, group in zip(kinds.tolist(), np.split(busy, starts[1:]), strict=bool(len(kinds))):
            core, matrix = self.fabric.cores[kind], self.machine.matrices[kind]
            some = active[group, : core.n_axons]
            on = np.flatnonzero(some.any(axis=0))
            out[group, : core.n_neurons] = some[:, on].astype(matrix.dtype) @ matrix[on]
            counts = some.sum(axis=0)
            events["axon_events"] += int(counts.sum())
            events["synaptic_events"] += float(counts @ self.machine.synapses[kind])
        return out


def _onto(arriving: list[tuple[np.ndarray, np.ndarray, np.ndarray]], nodes: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Those of some arrivals (tick, core, axon) that end at certain cores, by tick, with the place of the core among them."""
    ticks, cores, axons = (np.concatenate([a[j] for a in arriving]) for j in range(3))
    place = np.searchsorted(nodes, cores)
    mine = np.flatnonzero(nodes[np.minimum(place, len(nodes) - 1)] == cores)
    mine = mine[np.argsort(ticks[mine], kind="stable")]
    return ticks[mine], place[mine], axons[mine]


def _numbers(fabric: Fabric, which: np.ndarray, width: int) -> dict[str, np.ndarray]:
    """The numbers of every neuron of some placed cores, core after core, as `Neurons` takes them."""
    kinds, of = np.unique(which, return_inverse=True)

    def spread(name: str, sign: int = 1, fill: int = 0) -> np.ndarray:
        table = np.full((len(kinds), width), fill, np.int64)
        for k, kind in enumerate(kinds.tolist()):
            core = fabric.cores[kind]
            table[k, : core.n_neurons] = sign * core.column(name)
        return table[of.ravel()].ravel()

    same = {name: spread(name) for name in ("leak", "leak_reversal", "floor_mode", "reset_mode")}
    same |= {"alpha": spread("positive_threshold", 1, NEVER), "beta": spread("negative_threshold", -1, NEVER)}
    same |= {"v_reset": spread("reset_potential"), "v_start": spread("current_potential")}
    n = len(which) * width
    return {**same, "floor_at": np.full(n, fabric.reset_type), "v_limit": np.full(n, fabric.limit)}


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
