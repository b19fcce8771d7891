"""Receptors that a neuron cannot have."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from studio.findings import Finding, FindingError
from studio.models.spec import Kinetics, Neuron
from studio.models.system import join
from studio.network.check.context import Context

TRIED = ("exponential", "pulse")  # what is suggested, in this order, where the neuron can have it


def rule(context: Context) -> Iterable[Finding]:
    """`path.state`: kinetics that act on a voltage which the target does not have, or flow in a way that its steps cannot follow (errors)."""
    if context.flat is None:
        return
    populations = {p.path: p.model for p in context.flat.populations}
    for p in context.flat.projections:
        if p.kinetics is None or not (text := _wrong(neuron := populations[p.target], p.kinetics.model)):
            continue
        other = next((key for key in TRIED if not _wrong(neuron, context.catalogue.get("kinetics", key))), None)
        fix = f"Choose another neuron for “{p.target}”." if other is None else f"Set {p.path}.kinetics to {other}."
        yield Finding("path.state", "error", f"{p.path}.kinetics", text, fix)


@cache
def _wrong(neuron: Neuron, kinetics: Kinetics) -> str:
    """Why a neuron cannot have a receptor, in a sentence; empty where it can."""
    try:
        join(neuron, (kinetics,))
    except FindingError as refused:
        found = refused.findings[0]
        return found.text if found.code in ("text.name", "text.linear") and found.where == neuron.key else ""
    return ""
