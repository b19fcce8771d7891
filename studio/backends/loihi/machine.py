"""The registers executed: every core's compartments, and spikes through out-axons, in-axons and synapse lists, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.backends.loihi.compartment import SHIFT, Compartments, bias
from studio.backends.loihi.registers import Drive, Registers
from studio.backends.loihi.scaling import bias_for
from studio.compile.backend import Outcome, Stimulus, in_order
from studio.compile.watching import tick

OUTSIDE = -1  # stands for "no core" in tables of sources


@dataclass(frozen=True)
class Fan:
    """For every source the synapses that it reaches: a compressed table of segments of the global synapse arrays."""

    first: np.ndarray  # (n_sources + 1,) into begin and end
    begin: np.ndarray
    end: np.ndarray

    def reached(self, sources: np.ndarray) -> np.ndarray:
        """The synapses of some sources, one after the other (of a source named twice, twice)."""
        rows = ranges(self.first[sources], self.first[sources + 1])
        return ranges(self.begin[rows], self.end[rows])


def ranges(begin: np.ndarray, end: np.ndarray) -> np.ndarray:
    """The numbers of several ranges, one range after the other."""
    sizes = end - begin
    total = int(sizes.sum())
    if not total:
        return np.zeros(0, np.int64)
    ends = np.cumsum(sizes)
    return np.arange(total) + np.repeat(begin - (ends - sizes), sizes)


class Machine:
    """All cores of an artefact, ready to run."""

    def __init__(self, registers: Registers) -> None:
        self.registers = registers
        cores = registers.cores
        self.places = {core.number: k for k, core in enumerate(cores)}
        sizes = np.array([core.size for core in cores], np.int64)
        self.first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        du, dv, vth, refractory = (self._all(name) for name in ("du", "dv", "vth", "refractory"))
        self.cells = Compartments(du, dv, vth, refractory, *self._biases())
        self._synapses()
        self._fans()

    @property
    def size(self) -> int:
        return int(self.first[-1])

    def _all(self, name: str) -> np.ndarray:
        parts = [np.array([getattr(p, name) for p in c.profiles], np.int64)[c.profile] for c in self.registers.cores]
        return np.concatenate(parts) if parts else np.zeros(0, np.int64)

    def _biases(self) -> tuple[np.ndarray, np.ndarray]:
        cores = self.registers.cores
        nothing = [np.zeros(0, np.int64)]
        mantissas = np.concatenate([c.bias_mant for c in cores] or nothing)
        self.exponents = np.concatenate([c.bias_exp for c in cores] or nothing)
        return bias(mantissas, self.exponents), np.concatenate([c.v for c in cores] or nothing)

    def _synapses(self) -> None:
        """Targets as global compartments, weights as what they add to the current, delays from the spike's step to its arrival."""
        targets, weights, delays, begins = [], [], [], [0]
        for k, core in enumerate(self.registers.cores):
            exponents = np.array([SHIFT + f.exponent for f in core.formats] or [0], np.int64)
            targets.append(core.compartment + self.first[k])
            weights.append(core.weight << exponents[core.format])
            delays.append(core.delay + 1)
            begins.append(begins[-1] + len(core.weight))
        self.targets, self.weights, self.delays = (np.concatenate(x) if x else np.zeros(0, np.int64) for x in (targets, weights, delays))
        self._begins = begins
        self.depth = int(self.delays.max(initial=1)) + 1

    def _fans(self) -> None:
        sources = [np.column_stack([c.out[:, 0] + self.first[k], c.out[:, 1:]]) for k, c in enumerate(self.registers.cores)]
        self.fan = self._fan(np.concatenate(sources) if sources else np.zeros((0, 3), np.int64), self.size)
        self.inputs = {p.key: self._fan(p.to, p.size) for p in self.registers.ports}

    def _fan(self, rows: np.ndarray, n: int) -> Fan:
        """`rows`: source, core, axon; sorted by source."""
        first = np.searchsorted(rows[:, 0], np.arange(n + 1))
        cores = self.registers.cores
        starts = np.concatenate([core.start + begin for core, begin in zip(cores, self._begins, strict=False)] or [np.zeros(0, np.int64)])
        offsets = np.concatenate([[0], np.cumsum([len(core.start) for core in cores])]).astype(np.int64)
        place = np.full(max(self.places, default=0) + 1, -1)
        place[list(self.places)] = list(self.places.values())
        at = offsets[place[rows[:, 1]]] + rows[:, 2] if len(rows) else np.zeros(0, np.int64)
        return Fan(first, starts[at], starts[at + 1])

    # a run

    def run(self, stimulus: Stimulus, states: tuple[tuple[str, str], ...] = ()) -> Outcome:
        """What the chip does with these inputs. `states`: (layer, "u" or "v") to keep, every step, after the reset."""
        ring = np.zeros((self.depth, self.size), np.int64)
        given = {key: by_step(*stimulus.spikes.get(key, NONE), stimulus.steps) for key in self.inputs}
        changes = self._changes(stimulus)
        fired: list[np.ndarray] = []
        kept: dict[tuple[str, str], list[np.ndarray]] = {name: [] for name in states}
        places = {key: self._of_layer(key) for key, _ in states}
        events = 0
        for key in self.inputs:
            events += self._send(ring, self.inputs[key].reached(given[key](-1)), -1)
        for step in range(stimulus.steps):
            if step % 128 == 0:
                tick(step / stimulus.steps)
            for where, values in changes.get(step, ()):
                self.cells.bias[where] = values
            row = ring[step % self.depth]
            out = self.cells.step(row)
            row[:] = 0
            fired.append(out)
            for key, fan in self.inputs.items():
                events += self._send(ring, fan.reached(given[key](step)), step)
            events += self._send(ring, self.fan.reached(out), step)
            for key, what in states:
                kept[key, what].append(getattr(self.cells, what)[places[key]].copy())
        return self._outcome(stimulus, fired, {k: np.array(v) for k, v in kept.items()}, events)

    def _send(self, ring: np.ndarray, synapses: np.ndarray, step: int) -> int:
        if len(synapses):
            at = (step + self.delays[synapses]) % self.depth * self.size + self.targets[synapses]
            np.add.at(ring.reshape(-1), at, self.weights[synapses])
        return len(synapses)

    def _of_layer(self, key: str) -> np.ndarray:
        """Global compartments of a layer's neurons, in their order."""
        out = np.zeros(self.registers.sizes[key], np.int64)
        for p in self.registers.populations:
            if p.key == key:
                out[p.ids] = self.first[self.places[p.core]] + p.first + np.arange(len(p.ids))
        return out

    def _changes(self, stimulus: Stimulus) -> dict[int, list[tuple[np.ndarray, np.ndarray]]]:
        """Biases that the host writes before a step: step -> (compartments, biases)."""
        out: dict[int, list[tuple[np.ndarray, np.ndarray]]] = {}
        for drive in self.registers.drives:
            where = self._of_layer(drive.layer)
            for step, mantissas in writes(drive, stimulus, len(where)):
                out.setdefault(step, []).append((where, bias(mantissas, self.exponents[where])))
        return out

    def _outcome(self, stimulus: Stimulus, fired: list[np.ndarray], states: dict[Any, np.ndarray], events: int) -> Outcome:
        steps = np.repeat(np.arange(len(fired)), [len(f) for f in fired])
        every = np.concatenate(fired) if fired else np.zeros(0, np.int64)
        spikes, counters = {}, {}
        for key in self.registers.sizes:
            where = self._of_layer(key)
            number = np.full(self.size, -1)
            number[where] = np.arange(len(where))
            mine = number[every] >= 0
            spikes[key] = in_order(steps[mine], number[every[mine]])
        paths = {p.key: p.path for p in self.registers.populations}
        for key, path in paths.items():
            where, here = self._of_layer(key), counters.setdefault(path, {"overflow": 0, "saturated": 0})
            here["overflow"] += int(self.cells.u_over[where].sum())
            here["saturated"] += int(self.cells.v_over[where].sum())
        totals = {"neuron_updates": float(self.size * stimulus.steps), "synaptic_events": float(events), "spikes": float(len(every))}
        return Outcome(stimulus.steps, self.registers.dt, spikes, states, counters, totals)


NONE = (np.zeros(0, np.int64), np.zeros(0, np.int64))


def by_step(steps: np.ndarray, ids: np.ndarray, n: int) -> Any:
    """A function that gives the ids of a step; spikes are in order."""
    first = np.searchsorted(steps, np.arange(-1, n + 1))
    return lambda step: ids[first[step + 1] : first[step + 2]] if step + 2 < len(first) else ids[:0]


def writes(drive: Drive, stimulus: Stimulus, size: int) -> list[tuple[int, np.ndarray]]:
    """(step, mantissas of all neurons of the layer) whenever one of the drive's inputs changes."""
    moments = np.unique(np.concatenate([np.asarray(stimulus.currents[key][0], np.int64) for key in drive.inputs]))
    out = []
    for moment in moments[moments < stimulus.steps]:
        total = np.zeros(size)
        for k, key in enumerate(drive.inputs):
            starts, values = stimulus.currents[key]
            now = np.asarray(values, float)[np.searchsorted(starts, moment, "right") - 1]
            rows = drive.sums[:, 1] == k
            element = drive.sums[rows, 2] if now.size > 1 else np.zeros(int(rows.sum()), np.int64)
            np.add.at(total, drive.sums[rows, 0], drive.gains[rows] * np.atleast_1d(now)[element])
        out.append((int(moment), bias_for(total, drive.numbers)))
    return out
