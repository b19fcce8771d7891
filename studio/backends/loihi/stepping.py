"""Compartments and listed synapses, executed: layer after layer, each for many steps at once, as far as they do not hear each other sooner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from studio.backends.events import Arrivals, Synapses
from studio.backends.levels import levels
from studio.backends.loihi.compartment import Compartments, Writes
from studio.compile.watching import tick

Listed = tuple[np.ndarray, np.ndarray]
REGISTERS = ("du", "dv", "vth", "refractory", "bias", "v")


@dataclass(frozen=True)
class Work:
    """What is to be executed. Sources are numbered: all compartments, then the elements of all inputs.

    `registers`: du, dv, vth, refractory, bias, v of every compartment; `layer`: which layer each belongs to. `source`, `target`, `weight`
    (in the current's unit), `delay` (from the spike's step to its arrival) of every synapse.
    """

    registers: Mapping[str, np.ndarray]
    layer: np.ndarray
    n_sources: int
    source: np.ndarray
    target: np.ndarray
    weight: np.ndarray
    delay: np.ndarray
    writes: Writes = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.layer)


@dataclass(frozen=True)
class Done:
    """Spikes by step and compartment; overflows of each compartment; how many synapses spikes passed; registers that were asked for."""

    spikes: Listed
    u_over: np.ndarray
    v_over: np.ndarray
    events: int
    states: Mapping[str, np.ndarray]  # "u", "v": int64 (steps, compartments)


def execute(work: Work, given: Listed, steps: int, states: bool = False) -> Done:
    """All steps of some compartments. `given`: steps and numbers of the inputs' spikes, by step (-1: before the first). `states`: keep u and v."""
    n = work.size
    over, events, spikes = np.zeros((2, n), np.int64), 0, [given]
    kept = {what: np.zeros((steps, n), np.int64) for what in ("u", "v")} if states else {}
    inner = work.source < n
    pairs = _edges(work.layer[work.source[inner]], work.layer[work.target[inner]], work.delay[inner])
    order = levels(int(work.layer.max(initial=-1)) + 1, *pairs)
    place = np.full(n, -1, np.int64)
    for k, level in enumerate(order):
        mine = np.flatnonzero(np.isin(work.layer, level.nodes))
        place[:] = -1
        place[mine] = np.arange(len(mine))
        onto = np.flatnonzero(place[work.target] >= 0)
        synapses = Synapses.of(work.n_sources, work.source[onto], place[work.target[onto]], work.weight[onto], work.delay[onto])
        cells = Compartments(**{name: values[mine] for name, values in work.registers.items()}, writes=_writes(work.writes, place))
        outside = _heard(spikes, synapses)
        chunk = level.chunk(len(mine))
        arrivals = Arrivals(chunk + synapses.longest + 1, len(mine))
        sent = 0
        own: list[Listed] = []
        for start in range(0, steps, chunk):
            tick((k + start / steps) / len(order))
            end = min(start + chunk, steps)
            until = int(np.searchsorted(outside[0], end))
            events += arrivals.push(synapses, outside[0][sent:until], outside[1][sent:until])
            sent = until
            fired = cells.run(arrivals.take(start, end), start)
            when, who = np.nonzero(fired)
            own.append((when + start, mine[who]))
            if level.within:
                events += arrivals.push(synapses, *own[-1])
            if states:
                kept["u"][start:end, mine], kept["v"][start:end, mine] = cells.currents, cells.voltages
        spikes.append(_joined(own))
        over[:, mine] = cells.u_over, cells.v_over
    when, who = _joined(spikes[1:])
    ordered = np.lexsort((who, when))
    return Done((when[ordered], who[ordered]), over[0], over[1], events, kept)


def _joined(parts: list[Listed]) -> Listed:
    none = np.zeros(0, np.int64)
    return np.concatenate([none, *(p[0] for p in parts)]), np.concatenate([none, *(p[1] for p in parts)])


def _heard(spikes: list[Listed], synapses: Synapses) -> Listed:
    """Those spikes that have synapses here, by step."""
    steps, sources = _joined(spikes)
    kept = np.flatnonzero(synapses.heard(sources))
    kept = kept[np.argsort(steps[kept], kind="stable")]
    return steps[kept], sources[kept]


def _edges(sources: np.ndarray, targets: np.ndarray, delays: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which layers hear which, and the shortest delay."""
    n = int(max(sources.max(initial=-1), targets.max(initial=-1))) + 1
    shortest = np.full(n * n, np.iinfo(np.int64).max)
    np.minimum.at(shortest, sources * n + targets, delays)
    found = np.flatnonzero(shortest < np.iinfo(np.int64).max)
    return found // max(n, 1), found % max(n, 1), shortest[found]


def _writes(writes: Writes, place: np.ndarray) -> Writes:
    """The host's biases of some compartments, by their places there."""
    out: dict[int, list[tuple[np.ndarray, np.ndarray]]] = {}
    for step, rows in writes.items():
        for where, values in rows:
            if len(where) and place[where[0]] >= 0:  # (a write is one layer's)
                out.setdefault(step, []).append((place[where], values))
    return out
