"""What the design does, step by step, on whole numbers: the definition that the emitted Verilog must equal bit by bit."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.backends.fpga import evaluate
from studio.backends.fpga.cost import EVENT_CYCLES, STEP_CYCLES, SYNAPSE_CYCLES
from studio.backends.fpga.design import Core, Design, Rows, sliced
from studio.backends.fpga.host import Timeline, host_of, timeline
from studio.compile.backend import Outcome, Stimulus, in_order
from studio.compile.watching import tick


class _Core:
    """One core at work: registers, delay ring, input currents."""

    def __init__(self, core: Core) -> None:
        self.core, self.path = core, sliced(core.datapath, core.own)
        self.registers = {k: v.copy() for k, v in core.start.items()}
        n = max(1, len(core.datapath.arrivals))
        self.ring = np.zeros((core.slots, n, core.size), np.int64)
        self.current = None if core.datapath.current is None else np.zeros(core.size, np.int64)
        self.hears: dict[int, list[Rows]] = defaultdict(list)
        for rows in core.rows:
            self.hears[rows.population].append(rows)
        self.overflow, self.saturated, self.flagged, self.updates, self.synapses, self.rows = 0, 0, 0, 0, 0, 0

    def deliver(self, population: int, ids: np.ndarray, step: int) -> None:
        """Add what these events bring."""
        for rows in self.hears.get(population, ()):
            counts = rows.starts[ids + 1] - rows.starts[ids]
            total = int(counts.sum())
            self.rows += len(ids)
            if total:
                at = np.repeat(rows.starts[ids + 1] - np.cumsum(counts), counts) + np.arange(total)
                slot = (step + (rows.delays if isinstance(rows.delays, int) else rows.delays[at])) % self.core.slots
                weight = rows.weights if isinstance(rows.weights, int) else rows.weights[at]
                where: Any = (slot, rows.receptor, rows.targets[at])
                np.add.at(self.ring, where, weight)
                self.synapses += total

    def spent(self, population: int, ids: np.ndarray) -> np.ndarray:
        """Clock cycles that each of these events takes, once it is taken."""
        cycles = np.full(len(ids), len(self.core.rows), np.int64)
        for rows in self.hears.get(population, ()):
            cycles += EVENT_CYCLES - 1 + SYNAPSE_CYCLES * (rows.starts[ids + 1] - rows.starts[ids])
        return cycles

    def update(self, step: int) -> np.ndarray:
        """Advance all neurons; gives who spiked, as numbers in the layer."""
        slot = step % self.core.slots
        arrived = self._wrapped(self.ring[slot])
        after = evaluate.step(self.path, self.registers, arrived, self.current)
        self.ring[slot] = 0
        self.registers = after.registers
        self.flagged += int(np.count_nonzero(after.any_saturated))
        self.saturated += sum(after.saturated.values())
        self.updates += self.core.size
        return np.flatnonzero(after.spikes) + self.core.low

    def _wrapped(self, sums: np.ndarray) -> np.ndarray:
        """Accumulators as wide as they are: what does not fit wraps around, and is counted."""
        out = sums.copy()
        for k, a in enumerate(self.core.datapath.arrivals):
            half = 1 << (a.bits - 1)
            out[k] = ((sums[k] + half) & ((1 << a.bits) - 1)) - half
            self.overflow += int(np.count_nonzero(out[k] != sums[k]))
        return out


@dataclass
class _Machine:
    design: Design
    given: Timeline

    def __post_init__(self) -> None:
        self.cores = [_Core(c) for c in self.design.cores]
        self.populations = {c.core.layer: c.core.population for c in self.cores}
        self.spikes: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {layer: [] for layer in self.populations}
        self.events = self.cycles = 0

    def hear(self, population: int, ids: np.ndarray, step: int) -> None:
        self.events += len(ids)
        self.cycles += len(ids) + int(np.max([core.spent(population, ids) for core in self.cores], axis=0).sum())
        for core in self.cores:
            core.deliver(population, ids, step)

    def step(self, step: int) -> None:
        """What the host gives, and all neurons' update but at -1, which comes before the first step."""
        for population, ids in self.given.spikes.get(step, ()):
            self.hear(population, ids, step)
        self.cycles += 1
        if step >= 0:
            self.advance(step)

    def advance(self, step: int) -> None:
        for core, ids, values in self.given.currents.get(step, ()):
            current = self.cores[core].current
            assert current is not None
            current[ids] = values
            self.cycles += len(ids)
        self.cycles += STEP_CYCLES + max(c.core.update_cycles for c in self.cores)
        fired: list[tuple[int, np.ndarray]] = []
        for core in self.cores:
            ids = core.update(step)
            if len(ids):
                self.spikes[core.core.layer].append((np.full(len(ids), step), ids))
                fired.append((core.core.population, ids))
        for population, ids in fired:
            self.hear(population, ids, step)


def emulate(design: Design, stimulus: Stimulus, final: bool = True) -> Outcome:
    """Run a design. States (at the end, shape (1, n)) are whole numbers; counters and events as `compile.energy` knows them."""
    machine = _Machine(design, timeline(host_of(design), stimulus))
    for step in range(-1, stimulus.steps):
        if step % 256 == 0:
            tick(step / stimulus.steps)
        machine.step(step)
    return outcome(machine.design, stimulus.steps, machine.spikes, _states(machine) if final else {}, machine)


def traces(design: Design, stimulus: Stimulus) -> dict[tuple[str, str], np.ndarray]:
    """All registers after every step, as whole numbers (steps, n), by (layer, register): to look into a design."""
    machine = _Machine(design, timeline(host_of(design), stimulus))
    machine.step(-1)
    rows: dict[tuple[str, str], list[np.ndarray]] = defaultdict(list)
    for step in range(stimulus.steps):
        machine.step(step)
        for name, values in _states(machine).items():
            rows[name].append(values[0])
    return {name: np.array(values) for name, values in rows.items()}


def _states(machine: _Machine) -> dict[tuple[str, str], np.ndarray]:
    parts: dict[tuple[str, str], list[np.ndarray]] = defaultdict(list)
    for core in machine.cores:
        for name, values in core.registers.items():
            parts[(core.core.layer, name)].append(values)
    return {k: np.concatenate(v)[None, :] for k, v in parts.items()}


def outcome(
    design: Design,
    steps: int,
    spikes: dict[str, list[tuple[np.ndarray, np.ndarray]]],
    states: dict[tuple[str, str], np.ndarray],
    machine: _Machine,
) -> Outcome:
    """The outcome of a machine that ran."""
    empty = np.zeros(0, np.int64)
    listed = {k: in_order(*(np.concatenate([p[i] for p in v]) if v else empty for i in range(2))) for k, v in spikes.items()}
    counters: dict[str, dict[str, int]] = {}
    for core in machine.cores:
        here = counters.setdefault(core.core.path, {"saturated": 0, "overflow": 0, "neuron_steps": 0})
        here["saturated"] += core.flagged
        here["overflow"] += core.overflow
        here["neuron_steps"] += core.updates
    events = {
        "clock_cycles": float(machine.cycles),
        "neuron_updates": float(sum(c.updates for c in machine.cores)),
        "synaptic_operations": float(sum(c.synapses for c in machine.cores)),
        "spikes": float(sum(len(s) for s, _ in listed.values())),
        "multiplication": float(sum(c.updates * len(c.path.multipliers) for c in machine.cores)),
        "memory_word": float(sum(c.updates * _words(c) + 3 * c.synapses + 2 * c.rows for c in machine.cores)),
    }
    return Outcome(steps, design.dt, listed, states, counters, events)


def _words(core: _Core) -> int:
    """Words that a neuron's step reads and writes: its state and its sums both ways, its constants, its current."""
    return 4 + bool(core.path.own_constants) + (core.current is not None)
