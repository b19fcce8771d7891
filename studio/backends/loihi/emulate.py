"""A program of Loihi neurons, run layer by layer from its own values: no cores, no axons, nothing of the artefact."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from studio.backends.loihi.compartment import Compartments, bias
from studio.backends.loihi.drives import drives_of
from studio.backends.loihi.learning import plastic
from studio.backends.loihi.machine import NONE, by_step, ranges, writes
from studio.compile.backend import Outcome, Stimulus, in_order
from studio.compile.program import Connection, Layer, Program
from studio.compile.watching import tick
from studio.engine.parameters import per_element
from studio.network.flat import FlatNetwork


@dataclass
class Arrivals:
    """What will reach a layer: a row for each coming step."""

    ring: np.ndarray  # (depth, n)

    def take(self, step: int) -> np.ndarray:
        row = self.ring[step % len(self.ring)]
        out = row.copy()
        row[:] = 0
        return out


@dataclass(frozen=True)
class Bundle:
    """The synapses of a connection by source."""

    source: str
    target: str
    first: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    delays: np.ndarray

    @staticmethod
    def of(c: Connection) -> Bundle:
        """Weights as what they add to the current: 64 times the mantissa times 2^exponent, which is whole."""
        block = c.wiring.onto()
        order = np.argsort(block.sources, kind="stable")
        first = np.searchsorted(block.sources[order], np.arange(c.wiring.n_source + 1))
        weights = np.rint(block.weights[order] * 64.0).astype(np.int64)
        return Bundle(
            c.source, c.target, first, block.targets[order].astype(np.int32), weights.astype(np.int32), block.delays[order].astype(np.uint8)
        )

    def send(self, arrivals: Arrivals, sources: np.ndarray, step: int) -> int:
        """Spikes of `step`; returns how many synapses they passed."""
        at = ranges(self.first[sources], self.first[sources + 1])
        if len(at):
            depth, n = arrivals.ring.shape
            where = (step + self.delays[at].astype(np.int64)) % depth * n + self.targets[at]
            np.add.at(arrivals.ring.reshape(-1), where, self.weights[at])
        return len(at)


def cells(program: Program, layer: Layer) -> Compartments:
    """A layer's compartments at the start."""
    n = layer.size

    def whole(value: Any, *path: str) -> np.ndarray:
        return np.broadcast_to(np.rint(per_element(value, n, program.seed, layer.key, *path)), (n,)).astype(np.int64)

    p = {name: whole(layer.neuron.params[name], name) for name in ("du", "dv", "vth", "refractory", "bias_mant", "bias_exp")}
    v = whole(layer.start.get("v", 0.0), "start", "v")
    return Compartments(p["du"], p["dv"], p["vth"], p["refractory"], bias(p["bias_mant"], p["bias_exp"]), v)


def emulate(program: Program, stimulus: Stimulus, states: tuple[tuple[str, str], ...] = ()) -> Outcome:
    """What the chip does with a program. `states`: (layer, "u" or "v") to keep of every step, after the reset."""
    if any(plastic(c) for c in program.connections):
        return learning_run(program.network(stimulus), stimulus, program.dt)
    at_work = {layer.key: cells(program, layer) for layer in program.layers}
    bundles = [Bundle.of(c) for c in program.connections if c.kinetics is not None]
    longest = {key: max([int(b.delays.max(initial=1)) for b in bundles if b.target == key], default=1) for key in at_work}
    arrivals = {key: Arrivals(np.zeros((longest[key] + 1, len(c.v)), np.int64)) for key, c in at_work.items()}
    given = {x.key: by_step(*stimulus.spikes.get(x.key, NONE), stimulus.steps) for x in program.inputs if not x.analog}
    changes = _changes(program, stimulus)
    fired: dict[str, list[np.ndarray]] = {key: [] for key in at_work}
    kept: dict[tuple[str, str], list[np.ndarray]] = {name: [] for name in states}
    events = sum(b.send(arrivals[b.target], given[b.source](-1), -1) for b in bundles if b.source in given)
    for step in range(stimulus.steps):
        if step % 128 == 0:
            tick(step / stimulus.steps)
        for key, biases in changes.get(step, ()):
            at_work[key].bias = biases
        for key, compartments in at_work.items():
            fired[key].append(compartments.step(arrivals[key].take(step)))
        for b in bundles:
            sources = given[b.source](step) if b.source in given else fired[b.source][-1]
            if len(sources):
                events += b.send(arrivals[b.target], sources, step)
        for key, what in states:
            kept[key, what].append(getattr(at_work[key], what).copy())
    return _outcome(program, stimulus, at_work, fired, {k: np.array(v) for k, v in kept.items()}, events)


def learning_run(flat: FlatNetwork, stimulus: Stimulus, dt: float) -> Outcome:
    """Networks that learn, on the engine: its rules draw what is rounded at random from the seed and the synapse's place."""
    from studio.engine.run import simulate

    flat = replace(flat, run=replace(flat.run, precision="double"))
    recording = simulate(flat, watch=lambda f: tick(f.t_ms / max(f.duration_ms, 1e-9)))
    spikes = {key: in_order(np.asarray(s.steps) - 1, np.asarray(s.ids)) for key, s in recording.spikes.items()}
    events = {k: float(v) for k, v in recording.counters.get("events", {}).items()}
    layers = {p.path for p in flat.populations}
    return Outcome(stimulus.steps, dt, {k: v for k, v in spikes.items() if k in layers}, {}, {}, events)


def _changes(program: Program, stimulus: Stimulus) -> dict[int, list[tuple[str, np.ndarray]]]:
    out: dict[int, list[tuple[str, np.ndarray]]] = {}
    for drive in drives_of(program):
        layer = program.layer(drive.layer)
        exponents = np.full(layer.size, int(drive.numbers["exponent"]), np.int64)  # type: ignore[arg-type]
        for step, mantissas in writes(drive, stimulus, layer.size):
            out.setdefault(step, []).append((layer.key, bias(mantissas, exponents)))
    return out


def _outcome(
    program: Program, stimulus: Stimulus, at_work: dict[str, Compartments], fired: dict[str, list[np.ndarray]], states: Any, events: int
) -> Outcome:
    spikes, counters = {}, {}
    for layer in program.layers:
        mine = fired[layer.key]
        steps = np.repeat(np.arange(len(mine)), [len(f) for f in mine])
        spikes[layer.key] = in_order(steps, np.concatenate(mine) if mine else steps)
        here = counters.setdefault(layer.path, {"overflow": 0, "saturated": 0})
        here["overflow"] += int(at_work[layer.key].u_over.sum())
        here["saturated"] += int(at_work[layer.key].v_over.sum())
    totals = {
        "neuron_updates": float(sum(len(c.v) for c in at_work.values()) * stimulus.steps),
        "synaptic_events": float(events),
        "spikes": float(sum(len(ids) for _, ids in spikes.values())),
    }
    return Outcome(stimulus.steps, program.dt, spikes, states, counters, totals)
