"""What a neuron's arithmetic reads, keeps and gives: registers, arriving sums, formats, and the wires between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from studio.backends.fpga.stages import staged
from studio.backends.fpga.wire import Constant, Operand, Wire
from studio.backends.fpga.wires import Graph

LEFT, NOISE = "left_", "noise_"  # registers beside the states: refractory steps left, and the random register
NOISE_BITS, UNIFORM_BITS = 32, 24


@dataclass(frozen=True)
class Register:
    """A word that a neuron keeps from step to step: `bits` wide, `fraction` of them behind the point. `start`: integers, one or per neuron."""

    name: str
    bits: int
    fraction: int
    start: int | np.ndarray
    signed: bool = True
    unit: str = ""

    @property
    def unit_size(self) -> float:
        """What the last bit is worth."""
        return 2.0**-self.fraction


@dataclass(frozen=True)
class Arrival:
    """What one receptor's spikes of a step add up to: `bits` wide, `fraction` of them behind the point."""

    name: str
    bits: int
    fraction: int


@dataclass(frozen=True)
class Datapath:
    """Wires in order; what is read (`registers`, `arrivals`, `current`) and what comes out: places of each register's next value and of the spike.

    `stages` says in which stage of the pipeline each wire has its value.
    """

    wires: tuple[Wire, ...]
    constants: Mapping[str, Constant]
    registers: tuple[Register, ...]
    arrivals: tuple[Arrival, ...]
    current: Arrival | None
    following: Mapping[str, int]
    spike: int | None
    stages: tuple[int, ...]

    @property
    def latency(self) -> int:
        """Clock cycles from a neuron's words to its next ones: the stages, and registers behind the last."""
        return max(self.stages, default=0) + 1

    @property
    def own_constants(self) -> tuple[Constant, ...]:
        """Those with one value per neuron."""
        return tuple(c for c in self.constants.values() if not c.shared)

    @property
    def shared_constants(self) -> tuple[Constant, ...]:
        return tuple(c for c in self.constants.values() if c.shared)

    @property
    def multipliers(self) -> tuple[tuple[int, int], ...]:
        """The widths of the two factors of each multiplication of more than a few bits."""
        pairs = [(self.wires[w.args[0]].bits, self.wires[w.args[1]].bits) for w in self.wires if w.op == "multiply"]
        return tuple(p for p in pairs if min(p) > 3)


@dataclass(frozen=True)
class Formats:
    """What is chosen before: registers of states by name, what arrives at each receptor, the scale of an arriving number, the input current."""

    states: Mapping[str, Register]
    arrivals: tuple[Arrival, ...]
    scales: tuple[float | np.ndarray, ...]
    current: Arrival | None
    word: int = 32
    coefficient: int = 25
    noise: np.ndarray | None = None  # start of the random register, per neuron


def settled(g: Graph, value: Operand, fraction: int) -> Wire:
    return value if isinstance(value, Wire) else g.constant(value, fraction)


def _reached(g: Graph, wires: list[Wire]) -> set[int]:
    seen: set[int] = set()
    stack = [w.place for w in wires]
    while stack:
        here = stack.pop()
        if here not in seen:
            seen.add(here)
            stack.extend(g.wires[here].args)
    return seen


def drawn(g: Graph, wires: list[Wire]) -> bool:
    return any(g.wires[p].op == "xorshift" for p in _reached(g, wires))


def assembled(g: Graph, formats: Formats, registers: list[Register], outputs: dict[str, Wire], spike: Wire | None) -> Datapath:
    """Only the wires that lead somewhere, numbered anew."""
    kept = sorted(_reached(g, [*outputs.values(), *([spike] if spike else [])]))
    place = {old: new for new, old in enumerate(kept)}
    wires = []
    for old in kept:
        w = g.wires[old]
        args = tuple(place[a] for a in w.args)
        wires.append(Wire(place[old], w.op, args, w.fraction, w.low, w.high, w.amount, w.name))
    used = {w.name for w in wires if w.op == "constant"}
    return Datapath(
        wires=tuple(wires),
        constants={k: c for k, c in g.constants.items() if k in used},
        registers=tuple(registers),
        arrivals=formats.arrivals,
        current=formats.current,
        following={k: place[w.place] for k, w in outputs.items()},
        spike=None if spike is None else place[spike.place],
        stages=staged(wires),
    )
