"""The fixed point of SpiNNaker's cores: s16.15 for values, u0.32 for decays, 16-bit weights behind a shift.

Numbers are held in int64. Products of two s16.15 are rounded to nearest (`nearest`) or cut (`cut`), as the tool chain's neuron code does
(neuron_model_lif_impl.h, decay.h of sPyNNaker); sums wrap at 32 bits, which is counted.
"""

from __future__ import annotations

import numpy as np

FRACTION = 15
ONE = 1 << FRACTION
LIMIT = 1 << 31
WEIGHT_BITS = 16
FULL_WEIGHT = (1 << WEIGHT_BITS) - 1

Ints = np.ndarray


def s1615(value: float | np.ndarray) -> np.ndarray:
    """The nearest s16.15, as int64; values beyond +-65536 stay where the range ends."""
    return np.clip(np.rint(np.asarray(value, np.float64) * ONE), -LIMIT, LIMIT - 1).astype(np.int64)


def u032(value: float | np.ndarray) -> np.ndarray:
    """The nearest u0.32 of a number in [0, 1), as int64."""
    return np.clip(np.rint(np.asarray(value, np.float64) * 2.0**32), 0, 2**32 - 1).astype(np.int64)


def real(value: Ints) -> np.ndarray:
    """The number that an s16.15 stands for."""
    return np.asarray(value, np.float64) / ONE


def nearest(a: Ints, b: Ints) -> Ints:
    """The product of two s16.15, rounded to nearest (halves upwards)."""
    return (a * b + (ONE >> 1)) >> FRACTION


def cut(a: Ints, b: Ints) -> Ints:
    """The product of two s16.15, cut downwards."""
    return (a * b) >> FRACTION


def decayed(a: Ints, decay: Ints) -> Ints:
    """An s16.15 times a u0.32, cut downwards."""
    return (a * decay) >> 32


def divided(a: Ints, b: Ints) -> Ints:
    """The quotient of two s16.15, cut towards zero."""
    quotient = (np.abs(a) << FRACTION) // np.maximum(np.abs(b), 1)
    return np.clip(np.where((a < 0) != (b < 0), -quotient, quotient), -LIMIT, LIMIT - 1)


def wrapped(a: Ints) -> tuple[Ints, np.ndarray]:
    """(the value in 32 bits, where it did not fit)."""
    inside = ((a + LIMIT) & (2 * LIMIT - 1)) - LIMIT
    return inside, inside != a
