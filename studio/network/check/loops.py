"""Loops of zero delay, which have no order in time."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from studio.findings import Finding
from studio.network.check.context import Context
from studio.network.flat import Drawn, FlatProjection


def rule(context: Context) -> Iterable[Finding]:
    """`cycle.delay`: populations that reach each other, or themselves, without any delay; the finding names one way round."""
    if context.flat is None:
        return
    dt = context.flat.run.dt
    ways: dict[str, dict[str, str]] = {}
    for projection in context.flat.projections:
        if projection.kinetics is not None and not projection.kinetics.model.coupled and immediate(projection, dt):
            ways.setdefault(projection.source, {}).setdefault(projection.target, projection.path)
    for loop in loops({source: list(targets) for source, targets in ways.items()}):
        first = ways[loop[0]][loop[1 % len(loop)]]
        text = f"{' > '.join((*loop, loop[0]))} is a loop without delay, so no one in it comes first."
        yield Finding("cycle.delay", "error", f"{first}.delay", text, f"Give one of its projections a delay of at least dt = {dt:g} ms.")


def immediate(projection: FlatProjection, dt: float) -> bool:
    """Whether any spike arrives in the step it was sent in (drawn delays last one step at least)."""
    if isinstance(projection.delay, Drawn):
        return False
    values = np.asarray(projection.delay)
    return bool(values.size) and round(float(values.min()) / dt) == 0


def loops(ways: dict[str, list[str]]) -> list[list[str]]:
    """One loop from each knot of a directed graph: a depth-first walk without recursion, every edge seen once."""
    state: dict[str, int] = {}  # 1: on the way, 2: done
    found: list[list[str]] = []
    for start in ways:
        if start in state:
            continue
        state[start] = 1
        trail = [(start, iter(ways[start]))]
        while trail:
            node, rest = trail[-1]
            target = next(rest, None)
            if target is None:
                state[node] = 2
                trail.pop()
            elif state.get(target) == 1:
                names = [n for n, _ in trail]
                found.append(names[names.index(target) :])
            elif target not in state:
                state[target] = 1
                trail.append((target, iter(ways.get(target, ()))))
    return found
