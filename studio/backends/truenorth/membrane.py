"""A leaky membrane on a neuron that cannot decay: what becomes of the normal form (`studio.compile.leaky`) in TrueNorth's terms.

A TrueNorth neuron adds its inputs and a constant leak; nothing is multiplied. Three things are therefore approximated, and said:

- The decay (1 - P) x becomes a constant leak (1 - P) f T, with T the threshold and f the mean potential in parts of it. With a constant strong
  drive x rises evenly from 0 to T and f = 0.5 gives the exact rate. RANC's leak does not change sign: where inhibition arrives, half of
  the time it pulls the wrong way, so f = 0.25. IBM's leak reversal points to the potential 0 from both sides.
- A leaky membrane forgets inhibition; here the potential is held at a floor, -F, in its place: the root of the sum of the squares of a
  neuron's weights, which is how far inputs of chance would throw it.
- A refractory time becomes a deeper reset: what a drive of twice the rheobase would add during it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.backends.truenorth.machine import SATURATED
from studio.compile.leaky import Leaky

DRIVES = (1.25, 1.5, 2.0, 3.0, 4.0, 8.0)  # constant drives at which rates are compared, in units of the smallest that fires
TINY = 1e-300  # of what a tick leaves where nothing is left
REFERENCE = 2.0  # the drive at which a refractory time is matched


@dataclass(frozen=True)
class Membrane:
    """Real numbers of every neuron, (n,), in the unit of the normal form and per tick; potentials are counted from its reset.

    `leak` is what is added in every tick; with `reversal` it is the size of a leak towards `rest`, which then has no other drive.
    """

    leak: np.ndarray
    threshold: np.ndarray
    reset: np.ndarray  # <= 0
    floor: np.ndarray  # <= reset
    start: np.ndarray
    rest: np.ndarray
    strict: bool
    reversal: bool
    rate_error: float  # relative, the worst over DRIVES
    mean_error: float  # the mean of its size over DRIVES
    held: float  # refractory time, steps


def membrane(
    leaky: Leaky,
    size: int,
    inhibited: bool,
    fraction: float | None,
    depth: float | np.ndarray,
    reversible: bool,
    seen: tuple[float, float] | None = None,
) -> Membrane:
    """The approximation; `fraction` is the option `leak`, `depth` how far below its reset a neuron may be inhibited.

    `seen`: the mean potential in a run and its mean distance from rest (`own_inputs.potentials`); the leak then takes what the decay took.
    """
    decay, drive, hold, start = (_full(x, size) for x in (leaky.decay, leaky.drive, leaky.hold, leaky.start))
    assert leaky.threshold is not None, "integrators are refused"
    threshold = _full(leaky.threshold, size)
    gone = 1.0 - decay
    rest = np.divide(drive, gone, out=np.zeros(size), where=gone > 0)
    reversal = reversible and bool((gone > 0).all()) and bool((rest < threshold).all())
    f = fraction if fraction is not None else 0.25 if inhibited and not reversal else 0.5
    lost = gone * f * (threshold - np.where(reversal, rest, 0.0))
    if seen is not None:
        lost = gone * (seen[1] if reversal else seen[0])
    leak = -lost if reversal else drive - lost
    spare = np.maximum(REFERENCE * gone * threshold - (lost if seen is not None else gone * f * threshold), 0.0)
    reset = np.where(hold > 0, -hold * spare, 0.0)
    lowest = np.minimum.reduce([reset, np.minimum(start, 0.0), np.where(gone > 0, np.minimum(rest, 0.0), 0.0)])
    floor = np.minimum(lowest, -_full(depth, size)) if inhibited else lowest
    if leaky.floor is not None:
        floor = np.minimum(_full(leaky.floor, size), reset)
    made = Membrane(leak, threshold, reset, floor, start, rest, leaky.strict, reversal, 0.0, 0.0, float(hold.max(initial=0)))
    worst, mean = rate_errors(leaky, made, size)
    return Membrane(**{**vars(made), "rate_error": worst, "mean_error": mean})


def rate_errors(leaky: Leaky, made: Membrane, size: int) -> tuple[float, float]:
    """(worst, mean size of) relative error of the rate under constant drives, against the normal form; of the first neuron and without rounding."""
    decay, threshold, hold = (_full(x, size)[:1] for x in (leaky.decay, made.threshold, leaky.hold))
    if not size:
        return 0.0, 0.0
    gone = 1.0 - decay
    own = _full(leaky.drive, size)[:1]
    smallest = np.where(gone > 0, gone * threshold, 0.01 * threshold)
    errors = []
    for times in DRIVES:
        total = times * smallest
        interval = np.ceil(np.log1p(-1.0 / times) / np.log(np.maximum(decay, TINY))) if gone[0] > 0 else np.ceil(threshold / total)
        interval = np.maximum(interval, 1.0)
        leak = made.leak[:1] if made.reversal else made.leak[:1] - own
        net = total + leak
        span = threshold - made.reset[:1]
        mine = np.ceil(np.where(net > 0, span / np.maximum(net, 1e-300), np.inf))
        errors.append(float(((interval + hold) / mine - 1.0)[0]))
    worst = max(errors, key=abs)
    return worst, float(np.mean(np.abs(errors)))


def _full(value: object, size: int) -> np.ndarray:
    return np.array(np.broadcast_to(np.asarray(value, np.float64), (size,)))


SPARE = 4  # of the thresholds' range, for what is rounded to whole numbers


@dataclass(frozen=True)
class Integers:
    """The numbers of the chip's neurons, int64 (n,). `scale`: one unit of the potential in the membrane's unit. `lost`: counts by reason."""

    scale: np.ndarray
    leak: np.ndarray
    alpha: np.ndarray
    beta: np.ndarray
    v_reset: np.ndarray
    v_start: np.ndarray
    weights: np.ndarray  # (n, 4)


def whole(made: Membrane, values: np.ndarray, largest: int, highest: int) -> Integers:
    """Whole numbers for a membrane and the weights of its axon types (n, 4): as fine as `largest` (weights, leak) and `highest` (thresholds) allow.

    In RANC's absolute mode a potential below the negative threshold becomes -R, R being where it goes after a spike. Potentials are
    therefore counted from the middle of floor and reset, which makes the one -R and the other R. With reversal they are counted from rest.
    """
    size = np.abs(values).max(axis=1, initial=0.0)
    span = np.maximum(made.threshold - made.floor, -made.floor)
    coarse = np.maximum.reduce([size / largest, np.abs(made.leak) / largest, span / (highest - SPARE)])
    steps = np.floor(size / coarse * (1 + 1e-12))
    scale = np.where(steps >= 1, size / np.maximum(steps, 1), coarse)  # the largest weight is a whole number
    weights = np.rint(values / scale[:, None]).astype(np.int64)
    leak = np.rint(made.leak / scale).astype(np.int64)
    depth, reset = np.rint(-made.floor / scale), np.rint(made.reset / scale)
    exact = made.threshold / scale
    first = np.floor(exact + 1e-9) + 1 if made.strict else np.ceil(exact - 1e-9)
    if made.reversal:
        centre = -np.rint(made.rest / scale)
        bottom = depth - centre
    else:
        depth += (depth + reset) % 2  # so that the middle is whole
        centre = (depth - reset) / 2
        bottom = depth - centre
    start = np.clip(np.rint(made.start / scale) + centre, -SATURATED, SATURATED)
    ints = [np.asarray(x).astype(np.int64) for x in (leak, first + centre, bottom, reset + centre, start)]
    return Integers(scale, ints[0], ints[1], ints[2], ints[3], ints[4], weights)
