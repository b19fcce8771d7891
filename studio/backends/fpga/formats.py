"""Where the binary point lies: the format of every state, of what arrives at a receptor, and of the input current, from the ranges of values.

A state's range is taken from what the document says in its unit (thresholds, resets, starts), from what all synapses onto a neuron bring when they act at
once, and a factor `headroom` above that. What is larger saturates in the run, and is counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import ceil, log2
from typing import Any, cast

import numpy as np

from studio.backends.fpga.shape import LEFT, Arrival, Formats, Register
from studio.backends.fpga.wire import exact_fraction, magnitude, width
from studio.compile.program import Connection, Input, Layer, Program
from studio.engine import random
from studio.engine.kernels import REFRACTORY_STEPS
from studio.engine.parameters import Numbers, Receptor, numbers, receptors, source_form
from studio.models.language.evaluate import evaluate_block
from studio.models.spec import Currents
from studio.models.system import EXTERNAL, System, join
from studio.network.flat import FlatNetwork, FlatPopulation, FlatSource

REPEATS = 4  # spikes of one element of an input that one step may bring before an accumulator can overflow


@dataclass(frozen=True)
class Precision:
    """Bits: `word` of a state, `coefficient` of a constant that multiplies, `weight` of a synapse (sign included); `headroom` of states' ranges."""

    word: int = 32
    coefficient: int = 25
    weight: int = 16
    headroom: float = 4.0


def precision(program: Program) -> Precision:
    """What was chosen for a program, or the default."""
    said: Mapping[str, Any] = program.settings.get("fpga", {})
    return Precision(**{k: said[k] for k in ("word", "coefficient", "weight", "headroom") if k in said})


@dataclass(frozen=True)
class Joined:
    """A layer's neuron with its receptors, their numbers, and the connections that reach each receptor, in the order of the receptors."""

    system: System
    numbers: Numbers
    receptors: tuple[Receptor, ...]
    connections: tuple[tuple[Connection, ...], ...]
    analog: tuple[Connection, ...]


def joined(program: Program, layer: Layer) -> Joined:
    """Raises FindingError where neuron and receptors cannot be one system."""
    into = program.into(layer.key)
    spiking = [c for c in into if c.kinetics is not None]
    of = receptors(cast(FlatNetwork, _Projections(spiking)), layer.key)
    method = program.flat.run.method if program.flat is not None else None
    system = join(layer.neuron.model, [r.kinetics.model for r in of], method)
    by = {c.key: c for c in spiking}
    population = FlatPopulation(layer.path, layer.path, layer.size, layer.shape, layer.neuron, layer.start)
    sums = {f"r{k}_wsum": np.zeros(layer.size) for k, r in enumerate(of) if r.kinetics.model.coupled}
    made = numbers(system, population, of, program.seed, program.dt, sums)
    reached = tuple(tuple(by[key] for key in r.projections) for r in of)
    return Joined(system, made, of, reached, tuple(c for c in into if c.kinetics is None))


@dataclass(frozen=True)
class _Projections:
    """What `receptors` reads of a network."""

    projections: Sequence[Connection]


def bits_above(bound: float) -> int:
    """The power of two that is greater than every number up to `bound`; small bounds are told apart down to 2**-30."""
    return max(-30, ceil(log2(bound * (1.0 + 1e-9)))) if bound > 0 else -30


def weight_fraction(connections: Sequence[Connection], bits: int) -> int:
    """Fraction bits of the weights at one receptor: as many as `bits` leave for the largest, or as few as hold all of them exactly."""
    largest, exact = 0.0, 0
    for c in connections:
        real = c.wiring.real()
        largest = max(largest, *(abs(w) for w in real.weights()))
        few = real.distinct(64)
        room = bits - 1 - bits_above(largest)
        f = None if few is None else exact_fraction(few, max(room, 0))
        exact = max(exact, 10_000 if f is None else f)
    room = bits - 1 - bits_above(largest)
    return min(exact, room) if largest > 0 else 0


def reach(connections: Sequence[Connection]) -> float:
    """The most that the synapses onto one neuron bring when each acts once: sum of |weight|, counted from the rules."""
    return sum(c.wiring.fan_in()[1] * max(abs(w) for w in c.wiring.real().weights()) for c in connections)


def current_bound(program: Program, connections: Sequence[Connection]) -> float:
    """The largest input current [nA] that the document's analog inputs give one neuron."""
    total = 0.0
    for c in connections:
        source = program.node(c.source)
        assert isinstance(source, Input)
        form = source_form(FlatSource(source.path, source.path, source.size, source.shape, source.source), program.seed, program.dt)
        if isinstance(form, Currents):
            gain = max(abs(w) for w in c.wiring.real().weights())
            total += magnitude(np.asarray(form.values)) * gain * max(1.0, c.wiring.fan_in()[1])
    return total


def formats(program: Program, layer: Layer, of: Joined) -> Formats:
    """The formats of a layer."""
    p = precision(program)
    arrivals = tuple(_arrival(program, k, cs, p) for k, cs in enumerate(of.connections))
    bound = current_bound(program, of.analog)
    current = Arrival("i_ext", p.word, p.word - 1 - bits_above(2.0 * bound)) if of.analog and bound > 0 else None
    sums = [reach(cs) for cs in of.connections]
    bounds = _bounds(of, sums, bound, p.headroom)
    states = {s.name: _register(of, s.name, s.unit, bounds.get(s.name, 1.0), p) for s in of.system.states if not s.transient}
    steps = of.numbers.values.get(REFRACTORY_STEPS, 0.0)
    if of.system.refractory and magnitude(np.asarray(steps)) > 0:
        states[LEFT] = Register(LEFT, width(0, int(np.max(steps))) - 1, 0, 0, signed=False, unit="steps")
    return Formats(states, arrivals, (1.0,) * len(arrivals), current, p.word, p.coefficient, _noise(program, layer))


def _arrival(program: Program, k: int, connections: Sequence[Connection], p: Precision) -> Arrival:
    fraction = weight_fraction(connections, p.weight)
    repeats = REPEATS if any(isinstance(program.node(c.source), Input) for c in connections) else 1
    most = reach(connections) * repeats * 2.0**fraction
    return Arrival(f"arrived_{k}", max(2, bits_above(max(most, 1.0)) + 1), fraction)


def _register(of: Joined, name: str, unit: str, bound: float, p: Precision) -> Register:
    fraction = 0 if of.system.whole and of.system.state(name).owner < 0 else min(p.word - 1 - bits_above(bound), p.word + 8)
    start = np.rint(np.asarray(of.numbers.starts[name], np.float64) * 2.0**fraction)
    held = np.clip(start, -(2 ** (p.word - 1)), 2 ** (p.word - 1) - 1).astype(np.int64)
    return Register(name, p.word, fraction, int(held) if held.ndim == 0 else held, unit=unit)


def _bounds(of: Joined, sums: Sequence[float], current: float, headroom: float) -> dict[str, float]:
    """The size that each state may reach."""
    system, values = of.system, dict(of.numbers.values)
    zero = {s.name: 0.0 for s in system.states}
    kicks = _kicks(of, sums, zero)
    out: dict[str, float] = {}
    for s in system.states:
        said = [magnitude(np.asarray(of.numbers.starts[s.name])), 0.0 if s.unit else 1.0]  # (what has no unit is a share, a flag, a count)
        if s.owner < 0:
            said += [
                magnitude(np.asarray(values[q.name])) for q in system.neuron.params if q.unit == s.unit and s.unit and q.name in values
            ]
        elif s.unit == system.receptors[s.owner].weight_unit:
            said.append(sums[s.owner])
        out[s.name] = headroom * max(max(said), 2.0**-20) + (1.0 if s.owner < 0 else headroom) * kicks.get(s.name, 0.0)
        out[s.name] = max(out[s.name], _settled(of, s.name, current) + kicks.get(s.name, 0.0))
    if system.step is not None:
        for name, kick in _stepped(of, sums, kicks, current).items():
            out[name] = max(out[name], 2.0 * kick)
    return out


def _settled(of: Joined, state: str, current: float) -> float:
    """Where a linear state comes to rest under the largest input current and its own constant drive, if nothing else held it; else 0."""
    values = of.numbers.values
    keeps = magnitude(np.asarray(values.get(f"P_{state}_{state}", 1.0)))
    if keeps >= 1.0:
        return 0.0
    drive = magnitude(np.asarray(values.get(f"b_{state}", 0.0))) * current + magnitude(np.asarray(values.get(f"q_{state}", 0.0)))
    return drive / (1.0 - keeps)


def _kicks(of: Joined, sums: Sequence[float], zero: Mapping[str, float]) -> dict[str, float]:
    """How far all synapses of a receptor at once move each state."""
    out: dict[str, float] = {}
    for k, block in enumerate(of.system.jumps):
        after = evaluate_block(block, {**of.numbers.values, **zero, "w": sums[k]})
        for name in block.targets:
            if name in zero:
                out[name] = out.get(name, 0.0) + magnitude(np.asarray(after[name]))
    return out


def _stepped(of: Joined, sums: Sequence[float], kicks: Mapping[str, float], current: float) -> dict[str, float]:
    """Where one step leads from the start when everything arrives at once, upwards or downwards."""
    system, out = of.system, {}
    assert system.step is not None
    for sign, draw in product((1.0, -1.0), (0.0, 0.5, 1.0)):
        states = {s.name: of.numbers.starts[s.name] if s.owner < 0 else sign * kicks.get(s.name, sums[s.owner]) for s in system.states}
        last = {f"last_{name}": value for name, value in states.items()}
        given = {**of.numbers.values, **states, **last, EXTERNAL: sign * current}
        after = evaluate_block(system.step, given, lambda name, args, draw=draw: draw)
        for s in system.states:
            if s.owner < 0:
                size = magnitude(np.asarray(after[s.name], np.float64))
                out[s.name] = max(out.get(s.name, 0.0), size if np.isfinite(size) else 0.0)
    return out


def _noise(program: Program, layer: Layer) -> np.ndarray:
    """Start of the random register of each neuron: 32 bits, never 0, from seed and path."""
    key = random.stream(random.path_key(program.seed, layer.path, "noise"), random.PARAM)
    words = np.array([int(random.bits(np.uint64(key), np.uint32(i))) for i in range(min(layer.size, 1))], np.int64)
    start = np.arange(layer.size, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(words[0] if len(words) else 1)
    mixed = (start ^ (start >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return np.maximum((mixed >> np.uint64(32)).astype(np.int64), 1)
