"""A value of the arithmetic: an integer on a wire, or a number that is known before the run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union

import numpy as np

WIDEST = 60  # bits of a wire, so that int64 computes it exactly
BITS = frozenset({"lt", "le", "eq", "and", "or", "not", "positive"})  # wires of one bit


class UnfitError(ValueError):
    """What fixed point cannot do, in words that end a sentence."""


@dataclass(frozen=True)
class Wire:
    """One value. `args` are places in the graph; `amount` is of a shift, a clamp's bits, or a receptor; `name` of a state or constant."""

    place: int
    op: str
    args: tuple[int, ...]
    fraction: int
    low: int
    high: int
    amount: int = 0
    name: str = ""

    @property
    def bits(self) -> int:
        """Width as a signed number; 1 for a truth."""
        return 1 if self.op in BITS else width(self.low, self.high)


@dataclass(frozen=True)
class Known:
    """A number known before the run, one per neuron where it is an array; `text` is how the model writes it."""

    value: float | np.ndarray
    text: str = ""

    @property
    def shared(self) -> bool:
        return np.ndim(self.value) == 0

    def is_all(self, number: float) -> bool:
        return bool(np.all(np.asarray(self.value) == number))


Operand = Union[Wire, Known]


@dataclass(frozen=True)
class Constant:
    """Integers of a constant wire, one per neuron where `values` is an array; `text` is what they stand for, `error` their worst rounding."""

    name: str
    values: int | np.ndarray
    fraction: int
    bits: int
    text: str
    error: float

    @property
    def shared(self) -> bool:
        return np.ndim(self.values) == 0


def width(low: int, high: int) -> int:
    """Bits of a signed number that holds [low, high]."""
    return max(int(low).bit_length() if low >= 0 else int(-low - 1).bit_length(), int(high).bit_length() if high >= 0 else 0) + 1


def magnitude(value: float | np.ndarray) -> float:
    return float(np.max(np.abs(value), initial=0.0)) if np.ndim(value) else abs(float(value))


def exact_fraction(value: float | np.ndarray, most: int) -> int | None:
    """The fewest fraction bits (up to `most`) that hold a number exactly; None where more are needed."""
    scaled = np.asarray(value, np.float64)
    for f in range(most + 1):
        if bool(np.all(scaled == np.rint(scaled))):
            return f
        scaled = scaled * 2.0
    return None
