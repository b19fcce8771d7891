"""Connectors and sources whose values do not fit the populations they are used with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from studio.findings import Finding, FindingError
from studio.models.spec import OneToOne
from studio.network.check.context import Context
from studio.network.flat import Drawn, FlatProjection, FlatSource

MAX_ELEMENTS = 10_000_000


def rule(context: Context) -> Iterable[Finding]:
    """What a connector or a source says when it is made ready for a run (indices out of range, unequal lengths, sizes)."""
    if context.flat is None or any(f.severity == "error" for f in context.building):
        return
    sizes = {n.path: n.size for n in (*context.flat.populations, *context.flat.sources)}
    for projection in context.flat.projections:
        yield from _connector(projection, sizes[projection.source], sizes[projection.target])
    for source in context.flat.sources:
        if source.size <= MAX_ELEMENTS:  # else `sizes` speaks of it
            _, findings = _lowered(source.model, _typical(source), source.size, context.flat.run.dt, source.path)
            yield from findings


def _connector(projection: FlatProjection, n_source: int, n_target: int) -> Iterable[Finding]:
    where = f"{projection.path}.connector"
    form, findings = _lowered(projection.connector.model, projection.connector.params, n_source, n_target, where)
    yield from findings
    if isinstance(form, OneToOne) and n_source != n_target:
        yield Finding(
            "size.mismatch",
            "error",
            where,
            f"One to one needs equal sizes, not {n_source:,} and {n_target:,}.",
            "Make both ends the same size, or choose another connector.",
        )


def _lowered(model: Any, params: Mapping[str, Any], one: int, other: float, where: str) -> tuple[Any, list[Finding]]:
    try:
        return model.lower(params, one, other), []
    except FindingError as wrong:
        return None, [Finding(f.code, f.severity, f.where or where, f.text, f.fix) for f in wrong.findings]
    except (ArithmeticError, LookupError, TypeError, ValueError) as why:  # a model that did not expect these arrays
        return None, [Finding("text.value", "error", where, f"“{model.key}” cannot use these values: {why}.")]


def _typical(source: FlatSource) -> dict[str, Any]:
    """The parameters with a value inside each distribution in its place; the draws themselves belong to a run."""
    return {
        name: np.full(source.size, _inside(value)) if isinstance(value, Drawn) else value for name, value in source.source.params.items()
    }


def _inside(drawn: Drawn) -> float:
    middle = np.exp(drawn.a) if drawn.shape == "lognormal" else drawn.a
    return float(np.clip(middle, drawn.low, drawn.high))
