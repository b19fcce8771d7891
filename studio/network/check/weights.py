"""Weights whose sign contradicts their kinetics, or themselves."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from studio.findings import Finding, FindingError
from studio.network.check.context import Context
from studio.network.flat import Drawn, FlatProjection, Value


def rule(context: Context) -> Iterable[Finding]:
    """`bounds.sign`: negative conductances (error), drawn weights of both signs (warning), a population that excites and inhibits (info)."""
    if context.flat is None:
        return
    signs: dict[str, dict[int, str]] = {}
    for projection in context.flat.projections:
        if projection.kinetics is None:
            continue
        low, high = extent(projection.weight)
        if projection.connector.model.compact:
            yield from _one_number(projection)
            low = min(low, _kept(projection, context) * high) if projection.kinetics.model.sign == "nonnegative" else low
        yield from _conductance(projection, low) if projection.kinetics.model.sign == "nonnegative" else _both(projection, low, high)
        if projection.kinetics.model.sign == "signed" and isinstance(projection.weight, float) and projection.weight:
            signs.setdefault(projection.source, {}).setdefault(int(np.sign(projection.weight)), projection.path)
    for source, seen in signs.items():
        if len(seen) == 2 and any(p.path == source for p in context.flat.populations):
            yield Finding(
                "bounds.sign",
                "info",
                source,
                f"“{source}” excites through {seen[1]} and inhibits through {seen[-1]}; real neurons do one or the other.",
            )


def _one_number(projection: FlatProjection) -> Iterable[Finding]:
    if not isinstance(projection.weight, float):
        text = f"“{projection.connector.model.key}” has weights of its own; the projection's weight is one number that multiplies them all."
        yield Finding("bounds.shared", "error", f"{projection.path}.weight", text, "Give one number, for example 1.")


def _kept(projection: FlatProjection, context: Context) -> float:
    """The least of the weights that a compact connector keeps; 0 where it cannot say."""
    sizes = {n.path: n.size for n in (*context.flat.populations, *context.flat.sources)} if context.flat else {}
    try:
        form = projection.connector.model.lower(projection.connector.params, sizes[projection.source], sizes[projection.target])
    except FindingError:
        return 0.0
    weights = getattr(form, "weights", None)
    return float(np.min(weights)) if weights is not None and weights.size else 0.0


def extent(weight: Value) -> tuple[float, float]:
    """The smallest and largest weight that can be expected (four standard deviations)."""
    if isinstance(weight, np.ndarray):
        return (float(weight.min()), float(weight.max())) if weight.size else (0.0, 0.0)
    if not isinstance(weight, Drawn):
        return weight, weight
    if weight.shape == "lognormal":
        return max(weight.low, 0.0), weight.high
    low, high = (weight.a - 4 * weight.b, weight.a + 4 * weight.b) if weight.shape == "normal" else (weight.a, weight.b)
    return max(low, weight.low), min(high, weight.high)


def _conductance(projection: FlatProjection, low: float) -> Iterable[Finding]:
    if low < 0:
        drawn = isinstance(projection.weight, Drawn)
        text = f"{'A weight drawn from this distribution can be' if drawn else 'The weight'} {low:g} uS{'' if drawn else ' is negative'}; a conductance cannot be negative."
        reversal = projection.kinetics is not None and projection.kinetics.model.param("e_rev") is not None
        positive = "Use a positive weight; to inhibit, lower the reversal potential e_rev." if reversal else "Use a positive weight."
        fix = 'Give the distribution "min": 0.' if drawn else positive
        yield Finding("bounds.sign", "error", f"{projection.path}.weight", text, fix)


def _both(projection: FlatProjection, low: float, high: float) -> Iterable[Finding]:
    if isinstance(projection.weight, Drawn) and low < 0 < high:
        side = '"min": 0' if projection.weight.a > 0 else '"max": 0'
        text = f"Weights drawn from {projection.weight.shape} ({projection.weight.a:g}, {projection.weight.b:g}) will excite here and inhibit there."
        yield Finding("bounds.sign", "warning", f"{projection.path}.weight", text, f"Add {side} to the distribution, if that is not meant.")
