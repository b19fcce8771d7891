"""The definition of the neuron core's arithmetic: wires evaluated in order, on int64, for all neurons of a core at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from studio.backends.fpga.shape import Datapath
from studio.backends.fpga.wire import Wire

Values = list[np.ndarray]
MASK = 0xFFFFFFFF


@dataclass(frozen=True)
class Stepped:
    """What one step gave: registers by name, who spiked, and in how many neurons each state was saturated."""

    registers: dict[str, np.ndarray]
    spikes: np.ndarray  # bool (n,)
    saturated: dict[str, int]
    any_saturated: np.ndarray  # bool (n,)


def step(path: Datapath, registers: Mapping[str, np.ndarray], arrived: np.ndarray, current: np.ndarray | None) -> Stepped:
    """One step of n neurons. `arrived`: (receptors, n) integers; `current`: (n,) integers or None."""
    n = len(next(iter(registers.values())))
    at: Values = []
    saturated: dict[str, int] = {}
    flagged = np.zeros(n, bool)
    for wire in path.wires:
        if wire.op == "state":
            at.append(registers[wire.name])
        elif wire.op == "arrived":
            at.append(arrived[wire.amount])
        elif wire.op == "current":
            assert current is not None
            at.append(current)
        elif wire.op == "constant":
            at.append(np.asarray(path.constants[wire.name].values, np.int64))
        elif wire.op == "clamp":
            at.append(_clamp(wire, at[wire.args[0]], saturated, flagged))
        else:
            at.append(OPERATIONS[wire.op](wire, *(at[a] for a in wire.args)))
    whole = {name: np.broadcast_to(at[place], (n,)).astype(np.int64) for name, place in path.following.items()}
    spikes = np.zeros(n, bool) if path.spike is None else np.broadcast_to(at[path.spike] != 0, (n,)).copy()
    return Stepped(whole, spikes, saturated, flagged)


def _clamp(wire: Wire, a: np.ndarray, saturated: dict[str, int], flagged: np.ndarray) -> np.ndarray:
    low, high = -(1 << (wire.amount - 1)), (1 << (wire.amount - 1)) - 1
    out = np.minimum(np.maximum(a, low), high)
    beyond = out != a
    if np.any(beyond):
        saturated[wire.name] = saturated.get(wire.name, 0) + int(np.count_nonzero(np.broadcast_to(beyond, flagged.shape)))
        flagged |= beyond
    return out


def _round(wire: Wire, a: np.ndarray) -> np.ndarray:
    return (a + (1 << (wire.amount - 1))) >> wire.amount


def _xorshift(wire: Wire, a: np.ndarray) -> np.ndarray:
    """One step of the 32-bit generator with shifts 13, 17, 5 (Marsaglia 2003, doi:10.18637/jss.v008.i14)."""
    a = (a ^ (a << 13)) & MASK
    a = a ^ (a >> 17)
    return (a ^ (a << 5)) & MASK


OPERATIONS: dict[str, Callable[..., np.ndarray]] = {
    "add": lambda w, a, b: a + b,
    "subtract": lambda w, a, b: a - b,
    "negate": lambda w, a: -a,
    "multiply": lambda w, a, b: a * b,
    "up": lambda w, a: a << w.amount,
    "round": _round,
    "floor": lambda w, a: a >> w.amount,
    "same": lambda w, a: a,
    "abs": lambda w, a: np.abs(a),
    "min": lambda w, a, b: np.minimum(a, b),
    "max": lambda w, a, b: np.maximum(a, b),
    "mask": lambda w, a, b: a & b,
    "join": lambda w, a, b: a | b,
    "xorshift": _xorshift,
    "lt": lambda w, a, b: a < b,
    "le": lambda w, a, b: a <= b,
    "eq": lambda w, a, b: a == b,
    "and": lambda w, a, b: a & b,
    "or": lambda w, a, b: a | b,
    "not": lambda w, a: ~a,
    "positive": lambda w, a: a > 0,
    "select": lambda w, t, a, b: np.where(t, a, b),
}
