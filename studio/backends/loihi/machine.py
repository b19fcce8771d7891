"""The registers executed: every core's compartments, and spikes through out-axons, in-axons and synapse lists."""

from __future__ import annotations

import numpy as np

from studio.backends.events import ranges
from studio.backends.loihi.compartment import SHIFT, bias
from studio.backends.loihi.host import NONE, together, writes
from studio.backends.loihi.registers import Registers
from studio.backends.loihi.stepping import Done, Work, execute
from studio.compile.backend import Outcome, Stimulus, in_order


class Machine:
    """All cores of an artefact, ready to run. Compartments are numbered core after core."""

    def __init__(self, registers: Registers) -> None:
        self.registers = registers
        cores = registers.cores
        self.places = {core.number: k for k, core in enumerate(cores)}
        self.first = np.concatenate([[0], np.cumsum([core.size for core in cores])]).astype(np.int64)
        self.homes = {key: self._home(key) for key in registers.sizes}

    @property
    def size(self) -> int:
        return int(self.first[-1])

    def run(self, stimulus: Stimulus, states: tuple[tuple[str, str], ...] = ()) -> Outcome:
        """What the chip does with these inputs. `states`: (layer, "u" or "v") to keep, every step, after the reset."""
        ports = self.registers.ports
        begin = dict(zip([p.key for p in ports], (self.size + np.cumsum([0, *(p.size for p in ports)])).tolist(), strict=False))
        given = together((begin[p.key], *stimulus.spikes.get(p.key, NONE)) for p in ports)
        work = Work(*self._cells(), self.size + sum(p.size for p in ports), *self._synapses(begin), self._writes(stimulus))
        return self._outcome(stimulus, execute(work, given, stimulus.steps, bool(states)), states)

    def _home(self, key: str) -> np.ndarray:
        """The compartments of a layer's neurons, in their order."""
        out = np.zeros(self.registers.sizes[key], np.int64)
        for p in self.registers.populations:
            if p.key == key:
                out[p.ids] = self.first[self.places[p.core]] + p.first + np.arange(len(p.ids))
        return out

    def _every(self, name: str) -> np.ndarray:
        """One register of all compartments."""
        cores = self.registers.cores
        profiled = name in ("du", "dv", "vth", "refractory")
        parts = [np.array([getattr(p, name) for p in c.profiles], np.int64)[c.profile] if profiled else getattr(c, name) for c in cores]
        return np.concatenate([NONE[0], *parts])

    def _cells(self) -> tuple[dict[str, np.ndarray], np.ndarray]:
        """(registers, the layer of each compartment)."""
        registers = {name: self._every(name) for name in ("du", "dv", "vth", "refractory", "v")}
        layer = np.zeros(self.size, np.int64)
        for k, where in enumerate(self.homes.values()):
            layer[where] = k
        return {**registers, "bias": bias(self._every("bias_mant"), self._every("bias_exp"))}, layer

    def _synapses(self, begin: dict[str, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """(source, target, weight, delay from the spike's step to its arrival) of every synapse that an axon brings."""
        cores = self.registers.cores
        sends = [np.column_stack([c.out[:, 0] + self.first[k], c.out[:, 1:]]) for k, c in enumerate(cores)]
        sends += [np.column_stack([p.to[:, 0] + begin[p.key], p.to[:, 1:]]) for p in self.registers.ports]
        rows = np.concatenate([np.zeros((0, 3), np.int64), *sends])
        place = np.zeros(max(self.places, default=0) + 1, np.int64)
        place[list(self.places)] = list(self.places.values())
        lists = np.cumsum([0, *(len(c.weight) for c in cores)])
        starts = np.concatenate([NONE[0], *(c.start + low for c, low in zip(cores, lists, strict=False))])
        axon = np.cumsum([0, *(len(c.start) for c in cores)])[place[rows[:, 1]]] + rows[:, 2]
        ends = (starts[axon], starts[axon + 1]) if len(axon) else (axon, axon)
        at, source = ranges(*ends), np.repeat(rows[:, 0], ends[1] - ends[0])
        shifts = [SHIFT + np.array([f.exponent for f in c.formats] or [0])[c.format] for c in cores]
        target = np.concatenate([NONE[0], *(c.compartment + low for c, low in zip(cores, self.first, strict=False))])
        weight = np.concatenate([NONE[0], *(c.weight << by for c, by in zip(cores, shifts, strict=True))])
        delay = np.concatenate([NONE[0], *(c.delay + 1 for c in cores)])
        return source, target[at], weight[at], delay[at]

    def _writes(self, stimulus: Stimulus) -> dict[int, list[tuple[np.ndarray, np.ndarray]]]:
        """Biases that the host writes before a step: step -> (compartments, biases)."""
        out: dict[int, list[tuple[np.ndarray, np.ndarray]]] = {}
        exponents = self._every("bias_exp")
        for drive in self.registers.drives:
            where = self.homes[drive.layer]
            for step, mantissas in writes(drive, stimulus, len(where)):
                out.setdefault(step, []).append((where, bias(mantissas, exponents[where])))
        return out

    def _outcome(self, stimulus: Stimulus, done: Done, states: tuple[tuple[str, str], ...]) -> Outcome:
        spikes, counters, (steps, who) = {}, {}, done.spikes
        paths = {p.key: p.path for p in self.registers.populations}
        for key, where in self.homes.items():
            number = np.full(self.size, -1)
            number[where] = np.arange(len(where))
            mine = number[who] >= 0
            spikes[key] = in_order(steps[mine], number[who[mine]])
            here = counters.setdefault(paths[key], {"overflow": 0, "saturated": 0})
            here["overflow"] += int(done.u_over[where].sum())
            here["saturated"] += int(done.v_over[where].sum())
        totals = {"neuron_updates": float(self.size * stimulus.steps), "synaptic_events": float(done.events), "spikes": float(len(who))}
        kept = {(key, what): done.states[what][:, self.homes[key]] for key, what in states}
        return Outcome(stimulus.steps, self.registers.dt, spikes, kept, counters, totals)
