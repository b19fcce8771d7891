"""Converters with finitely many levels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Converter:
    """Rounds to whole multiples of `step` between `low` and `high` (both counted in steps)."""

    step: float
    low: float
    high: float

    def __call__(self, values: np.ndarray) -> np.ndarray:
        return self.step * np.clip(np.floor(np.asarray(values, float) / self.step + 0.5), self.low, self.high)


def converter(bits: int, lowest: float, highest: float) -> Converter:
    """A converter of so many bits for values between these two: levels above 0 only, below only, or to both sides of it."""
    most = max(abs(lowest), abs(highest)) or 1.0
    if lowest >= 0.0:
        return Converter(most / (2**bits - 1), 0.0, 2**bits - 1)
    if highest <= 0.0:
        return Converter(most / (2**bits - 1), -(2**bits - 1), 0.0)
    side = max(2 ** (bits - 1) - 1, 1)
    return Converter(most / side, -side, side)
