"""From a leaky neuron's real numbers to Loihi's integers: one scale for a population, and what is left of every number."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from studio.backends.loihi.compartment import BIAS_HIGH, BIAS_LOW

Number = float | np.ndarray


def corrected(level: np.ndarray, decay: Number, chip: Number, threshold: Number) -> np.ndarray:
    """What to add in every step on the chip, whose decay is `chip`, for a drive of `level` per step and a decay of `decay`.

    Where the drive alone makes the neuron fire, it takes as long from reset to threshold as with the exact decay; else it leads to the
    same voltage. In between the two agree. With decay 1 (no leak) the level stays.
    """
    level, decay, chip, threshold = np.broadcast_arrays(*(np.asarray(x, float) for x in (level, decay, chip, threshold)))
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        final = level / (1.0 - decay)
        same_end = level * (1.0 - chip) / (1.0 - decay)
        steps = np.log1p(-threshold / final) / np.log(decay)
        same_time = np.where(chip < 1.0, threshold * (1.0 - chip) / -np.expm1(steps * np.log(chip)), threshold / steps)
    out = np.where(final > threshold, np.where(steps > 1.0, same_time, level), same_end)
    return np.where((decay >= 1.0) | (decay <= 0.0), level, out)


def bias_for(current: np.ndarray, numbers: Mapping[str, Number]) -> np.ndarray:
    """Bias mantissas for analog inputs of `current` [nA]: what the host writes. See `corrected` and `Drive`."""
    level = np.asarray(numbers["drive"]) + np.asarray(numbers["analog"]) * current
    level = corrected(level, numbers["decay"], numbers["chip_decay"], numbers["threshold"])
    exact = level * np.asarray(numbers["scale"]) / 2.0 ** np.asarray(numbers["exponent"])
    return np.clip(np.rint(exact), BIAS_LOW, BIAS_HIGH).astype(np.int64)
