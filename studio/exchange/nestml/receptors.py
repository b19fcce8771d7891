"""What a spike does on arrival, recognised from how a neuron's voltage answers: the kinetics of the catalogue that mean the same.

Recognised by numbers, not by spelling: an expression is tried at several points, and what holds at all of them is taken as its form.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from studio.models.language.evaluate import evaluate
from studio.models.language.symbolic import free_names
from studio.models.language.tree import Expr

CLOSE = 1e-9


@dataclass(frozen=True)
class Receptor:
    """The kinetics behind a spiking port: key and parameters in the catalogue's words, and what a weight of 1 there is in the weight's unit here."""

    port: str
    kinetics: str
    params: Mapping[str, float] = field(default_factory=dict)
    weight: float = 1.0


def points(names: Iterable[str], values: Mapping[str, float], n: int = 4) -> list[dict[str, float]]:
    """Values of all names to try an expression at: parameters as they are, everything else drawn, the same every time."""
    draw = np.random.default_rng(1)
    free = sorted(set(names) - values.keys())
    return [{**values, **dict(zip(free, draw.uniform(-90.0, -40.0, len(free)).tolist(), strict=True))} for _ in range(n)]


def _value(node: Expr, values: Mapping[str, float]) -> float:
    """The value of an expression; nan where it has none, which is close to nothing."""
    try:
        return float(evaluate(node, values))
    except (KeyError, ValueError, TypeError, OverflowError):
        return float("nan")


def course(kernel: Expr, values: Mapping[str, float], times: Iterable[str]) -> tuple[str, str, float] | None:
    """The form of a kernel in time: ("exponential" | "alpha", the parameter that is its time constant, its height), or None."""
    for tau in (name for name in times if name in free_names(kernel) and values[name] > 0):
        t = np.array([0.1, 0.7, 1.0, 2.3]) * values[tau]
        found = np.array([_value(kernel, {**values, "t": x}) for x in t])
        for form, shape in (("exponential", np.exp(-t / values[tau])), ("alpha", np.e * t / values[tau] * np.exp(-t / values[tau]))):
            ratio = found / shape
            if np.ptp(ratio) < CLOSE * abs(ratio[0]) and ratio[0]:
                return form, tau, float(ratio[0])
    return None


def decays(derivative: Expr, symbol: str, values: Mapping[str, float], times: Iterable[str]) -> str | None:
    """The parameter tau with d(symbol)/dt = -symbol/tau, or None."""
    if free_names(derivative) - values.keys() - {symbol}:
        return None
    for tau in times:
        found = [_value(derivative, {**values, symbol: x}) * values[tau] / x for x in (0.5, 2.0, -3.0)]
        if tau in free_names(derivative) and np.abs(np.array(found) + 1).max() < CLOSE:
            return tau
    return None


def enters(
    rate: Expr, symbol: str, drive: str, voltage: str, values: Mapping[str, float], potentials: Iterable[str]
) -> tuple[str, float, str] | None:
    """How a symbol moves the voltage beside a current: ("current", factor, "") or ("conductance", factor, name of its reversal potential)."""
    ratios, volts = [], []
    for at in points({*free_names(rate), symbol, drive, voltage}, values):
        base = _value(rate, {**at, symbol: 0.0, drive: 0.0})
        per_current = _value(rate, {**at, symbol: 0.0, drive: 1.0}) - base
        one, two = (_value(rate, {**at, symbol: s, drive: 0.0}) - base for s in (1.0, 2.0))
        if not per_current or not abs(two - 2 * one) <= 1e-6 * abs(one) + 1e-300:
            return None
        ratios.append(one / per_current)
        volts.append(at[voltage])
    found = np.array(ratios)
    if np.ptp(found) < 1e-6 * abs(found[0]):
        return "current", float(found[0]), ""
    for name in potentials:
        factor = found / (values[name] - np.array(volts))
        if np.ptp(factor) < 1e-6 * abs(factor[0]):
            return "conductance", float(factor[0]), name
    return None
