"""Currents against voltages: the conductance at small voltage, and how the curve bends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from studio.analysis.fit.least import least_squares, statistics
from studio.analysis.fit.measured import Curve
from studio.analysis.fit.result import Estimate, Fit


@dataclass(frozen=True)
class Law:
    """A law of current [uA] and voltage [V]: its parameters (name, unit, words), the law, and a first guess from conductance and largest voltage."""

    title: str
    params: tuple[tuple[str, str, str], ...]
    current: Callable[[np.ndarray, np.ndarray], np.ndarray]
    guess: Callable[[float, float], np.ndarray]


LAWS = {
    "polynomial": Law(
        "I = g V + a V**2 + b V**3 (Milo 2021, doi:10.1109/TED.2021.3089995)",
        (("g", "uS", "Conductance at small voltage."), ("a", "uA/V/V", "Asymmetry."), ("b", "uA/V/V/V", "Bend.")),
        lambda p, v: p[0] * v + p[1] * v**2 + p[2] * v**3,
        lambda g, v: np.array([g, 0.0, 0.0]),
    ),
    "sinh": Law(
        "I = g v0 sinh(V/v0) (hopping and tunnelling)",
        (("g", "uS", "Conductance at small voltage."), ("v0", "V", "Voltage at which the curve bends.")),
        lambda p, v: p[0] * p[1] * np.sinh(np.clip(v / p[1], -50.0, 50.0)),
        lambda g, v: np.array([g, v]),
    ),
}


def fit_current(curves: tuple[Curve, ...], law: str) -> Fit:
    """One law for all curves together."""
    chosen = LAWS[law]
    v = np.concatenate([np.asarray(c.voltages) for c in curves])
    i = np.concatenate([c.values for c in curves])
    most = float(np.abs(v).max()) or 1.0
    start = chosen.guess(float(v @ i / max(v @ v, 1e-30)), most)
    low = np.full(len(start), -np.inf)
    low[-1] = 1e-3 * most if law == "sinh" else -np.inf
    found = least_squares(lambda p: chosen.current(p, v) - i, start, low, np.full(len(start), np.inf))
    half, seen, _ = statistics(found)
    rows = zip(chosen.params, found.x, half, seen, strict=True)
    estimates = tuple(Estimate(n, float(x), float(x - h), float(x + h), unit, doc, bool(s)) for (n, unit, doc), x, h, s in rows)
    off = float(np.sqrt(np.mean(found.fun**2)))
    r2 = 1.0 - float(found.fun @ found.fun) / max(float(((i - i.mean()) ** 2).sum()), 1e-30)
    fitted = tuple(chosen.current(found.x, np.asarray(c.voltages)) for c in curves)
    return Fit(law, chosen.title, estimates, curves, fitted, off, off / (float(np.ptp(i)) or 1.0), r2, {})
