"""A program of Loihi neurons, run layer by layer from its own values: no cores, no axons, nothing of the artefact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from studio.backends.loihi.compartment import bias
from studio.backends.loihi.drives import drives_of
from studio.backends.loihi.host import NONE, together, writes
from studio.backends.loihi.learning import plastic
from studio.backends.loihi.stepping import REGISTERS, Done, Work, execute
from studio.compile.backend import Outcome, Stimulus, in_order
from studio.compile.program import Layer, Program
from studio.compile.watching import tick
from studio.engine.parameters import per_element
from studio.network.flat import FlatNetwork


def emulate(program: Program, stimulus: Stimulus, states: tuple[tuple[str, str], ...] = ()) -> Outcome:
    """What the chip does with a program. `states`: (layer, "u" or "v") to keep of every step, after the reset."""
    if any(plastic(c) for c in program.connections):
        return learning_run(program.network(stimulus), stimulus, program.dt)
    sizes = [x.size for x in (*program.layers, *(x for x in program.inputs if not x.analog))]
    keys = [x.key for x in (*program.layers, *(x for x in program.inputs if not x.analog))]
    first = dict(zip(keys, np.cumsum([0, *sizes]).tolist(), strict=False))
    given = [(first[key], *stimulus.spikes.get(key, NONE)) for key in keys[len(program.layers) :]]
    done = execute(_work(program, stimulus, first, sum(sizes)), together(given), stimulus.steps, bool(states))
    return _outcome(program, stimulus, done, first, states)


def _work(program: Program, stimulus: Stimulus, first: Mapping[str, int], n_sources: int) -> Work:
    """All layers as one array of compartments, one layer after the other."""
    layers = program.layers
    named = [registers(program, layer) for layer in layers]
    columns: list[list[np.ndarray]] = [[np.zeros(0, np.int64)] for _ in range(4)]
    for c in program.connections:
        if c.kinetics is not None:
            block = c.wiring.onto()  # weights: mantissa times 2^exponent, of which 64 in the current are whole
            weights = np.rint(block.weights * 64.0).astype(np.int32)
            ends = (block.sources + first[c.source], block.targets + first[c.target])
            for column, values in zip(columns, (*ends, weights, block.delays), strict=True):
                column.append(values)
    joined = {name: np.concatenate([NONE[0], *(r[name] for r in named)]) for name in REGISTERS}
    layer = np.repeat(np.arange(len(layers)), [x.size for x in layers])
    source, target, weight, delay = (np.concatenate(x) for x in columns)
    return Work(joined, layer, n_sources, source, target, weight, delay, _changes(program, stimulus, first))


def registers(program: Program, layer: Layer) -> dict[str, np.ndarray]:
    """A layer's registers at the start."""
    n = layer.size

    def whole(value: Any, *path: str) -> np.ndarray:
        return np.broadcast_to(np.rint(per_element(value, n, program.seed, layer.key, *path)), (n,)).astype(np.int64)

    p = {name: whole(layer.neuron.params[name], name) for name in ("du", "dv", "vth", "refractory", "bias_mant", "bias_exp")}
    v = whole(layer.start.get("v", 0.0), "start", "v")
    return {"bias": bias(p.pop("bias_mant"), p.pop("bias_exp")), "v": v, **p}


def learning_run(flat: FlatNetwork, stimulus: Stimulus, dt: float) -> Outcome:
    """Networks that learn, on the engine: its rules draw what is rounded at random from the seed and the synapse's place."""
    from studio.engine.run import simulate

    flat = replace(flat, run=replace(flat.run, precision="double"))
    recording = simulate(flat, watch=lambda f: tick(f.t_ms / max(f.duration_ms, 1e-9)))
    spikes = {key: in_order(np.asarray(s.steps) - 1, np.asarray(s.ids)) for key, s in recording.spikes.items()}
    events = {k: float(v) for k, v in recording.counters.get("events", {}).items()}
    layers = {p.path for p in flat.populations}
    return Outcome(stimulus.steps, dt, {k: v for k, v in spikes.items() if k in layers}, {}, {}, events)


def _changes(program: Program, stimulus: Stimulus, first: Mapping[str, int]) -> dict[int, list[tuple[np.ndarray, np.ndarray]]]:
    out: dict[int, list[tuple[np.ndarray, np.ndarray]]] = {}
    for drive in drives_of(program):
        layer = program.layer(drive.layer)
        exponents = np.full(layer.size, int(drive.numbers["exponent"]), np.int64)  # type: ignore[arg-type]
        for step, mantissas in writes(drive, stimulus, layer.size):
            out.setdefault(step, []).append((first[layer.key] + np.arange(layer.size), bias(mantissas, exponents)))
    return out


def _outcome(program: Program, stimulus: Stimulus, done: Done, first: Mapping[str, int], states: tuple[tuple[str, str], ...]) -> Outcome:
    spikes, counters, (steps, who) = {}, {}, done.spikes
    for layer in program.layers:
        low, high = first[layer.key], first[layer.key] + layer.size
        mine = (who >= low) & (who < high)
        spikes[layer.key] = in_order(steps[mine], who[mine] - low)
        here = counters.setdefault(layer.path, {"overflow": 0, "saturated": 0})
        here["overflow"] += int(done.u_over[low:high].sum())
        here["saturated"] += int(done.v_over[low:high].sum())
    size = len(done.u_over)
    totals = {"neuron_updates": float(size * stimulus.steps), "synaptic_events": float(done.events), "spikes": float(len(who))}
    kept = {(key, what): done.states[what][:, first[key] : first[key] + program.layer(key).size] for key, what in states}
    return Outcome(stimulus.steps, program.dt, spikes, kept, counters, totals)
