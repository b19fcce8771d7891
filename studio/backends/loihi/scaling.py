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


EXPONENTS = (-6, 7)  # of weights: below -6 the lowest bit of the current would be halved
CANDIDATES = 128  # scales tried in an octave
MOST = 2000  # weights of a connection that are looked at for the choice


def registers_of(decay: Number, built_in: int) -> np.ndarray:
    """The 12-bit decay register for what is left after a step: du with its built-in 1, dv with 0. Where there is a leak it is at least 1."""
    exact = np.rint(4096.0 * (1.0 - np.asarray(decay, float))) - built_in
    return np.clip(exact, np.where(np.asarray(decay) < 1.0, 1 - built_in, 0), 4095).astype(np.int64)


def range_of(low: float, high: float) -> tuple[str, int, int, int]:
    """(sign, lowest, highest, step) of the mantissas for weights in [low, high]: both signs cost the lowest bit."""
    if low >= 0.0:
        return "excitatory", 0, 255, 1
    return ("inhibitory", -255, 0, 1) if high <= 0.0 else ("mixed", -256, 254, 2)


def exponent_for(largest: np.ndarray, high: int) -> np.ndarray:
    """The smallest exponent at which mantissas up to `high` hold `largest` (weights in units of the current, over 64)."""
    with np.errstate(divide="ignore"):
        exact = np.ceil(np.log2(np.asarray(largest, float) / high) - 1e-12)
    return np.clip(np.where(np.isfinite(exact), exact, EXPONENTS[0]), *EXPONENTS).astype(np.int64)


def saturating_at(largest: float, most: float) -> float:
    """The greatest scale up to `most` at which a weight of `largest` (in the membrane's unit) is 255 times a power of two."""
    exact = most * largest / 64.0 / 255.0
    return 64.0 * 255.0 * 2.0 ** float(np.floor(np.log2(exact))) / largest


def best_scale(most: float, weights: list[np.ndarray]) -> float:
    """The scale in [most/2, most] at which the weights of all connections round best, as a share of their size.

    `weights`: of each connection in the membrane's unit (gain included); those of one connection share an exponent.
    """
    scales = most * 2.0 ** (-np.arange(CANDIDATES) / CANDIDATES)
    cost = np.zeros(CANDIDATES)
    for given in weights:
        w = np.unique(given)
        w = w[:: -(-len(w) // MOST)] if len(w) else w
        size = float(np.sqrt(np.mean(w**2))) if len(w) else 0.0
        if not size:
            continue
        sign, low, high, step = range_of(float(w.min()), float(w.max()))
        exact = w[None, :] * scales[:, None] / 64.0
        unit = step * 2.0 ** exponent_for(np.abs(exact).max(axis=1), max(high, -low) - (sign == "mixed") * 2)[:, None]
        whole = np.clip(np.rint(exact / unit), low / step, high / step)
        cost += np.mean((whole * unit - exact) ** 2, axis=1) / (size * scales / 64.0) ** 2
    return float(scales[int(np.argmin(np.round(cost, 15)))])
