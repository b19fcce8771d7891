"""Delays and durations that do not fall on the time grid, or are too long for it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from studio.findings import Finding
from studio.network.check.context import Context
from studio.network.flat import Drawn, FlatProjection

LONGEST = 65_535  # steps


def rule(context: Context) -> Iterable[Finding]:
    """`bounds.delay`: a typed delay that is no multiple of dt (warning), one of more steps than can be counted (error); drawn ones round silently."""
    if context.flat is None:
        return
    dt = context.flat.run.dt
    for projection in context.flat.projections:
        yield from _delay(projection, dt)
    duration = context.flat.run.duration
    if not _on_grid(duration, dt):
        text = f"The duration {duration:g} ms is not a multiple of dt = {dt:g} ms; it becomes {round(duration / dt) * dt:g} ms."
        yield Finding("bounds.duration", "warning", "run.duration", text)


def _delay(projection: FlatProjection, dt: float) -> Iterable[Finding]:
    where, delay = f"{projection.path}.delay", projection.delay
    if isinstance(delay, Drawn):
        return
    values = np.asarray(delay)
    longest = float(values.max(initial=0.0))
    if round(longest / dt) > LONGEST:
        steps = f"{round(longest / dt):,}" if longest / dt < 1e12 else f"{longest / dt:.3g}"
        text = f"The delay {longest:g} ms is {steps} steps of {dt:g} ms; {LONGEST:,} is the most."
        yield Finding("bounds.delay", "error", where, text, "Shorten it, or lengthen dt.")
    elif isinstance(delay, float) and not _on_grid(delay, dt):
        text = f"The delay {delay:g} ms is not a multiple of dt = {dt:g} ms; it becomes {round(delay / dt) * dt:g} ms."
        yield Finding("bounds.delay", "warning", where, text, f"Type {max(round(delay / dt), 1) * dt:g} ms, or change dt.")


def _on_grid(time: float, dt: float) -> bool:
    return abs(time / dt - round(time / dt)) < 1e-6
