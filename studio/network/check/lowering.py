"""Connectors and sources whose values do not fit the populations they are used with."""

from __future__ import annotations

from collections.abc import Iterable

from studio.findings import Finding, FindingError
from studio.models.spec import OneToOne
from studio.network.check.context import Context
from studio.network.flat import FlatNetwork, FlatProjection


def rule(context: Context) -> Iterable[Finding]:
    """What a connector or a source says when it is made ready for a run (indices out of range, unequal lengths, sizes)."""
    if context.flat is None or any(f.severity == "error" for f in context.building):
        return
    sizes = {n.path: n.size for n in (*context.flat.populations, *context.flat.sources)}
    for projection in context.flat.projections:
        yield from _connector(projection, sizes[projection.source], sizes[projection.target])
    yield from _sources(context.flat)


def _connector(projection: FlatProjection, n_source: int, n_target: int) -> Iterable[Finding]:
    where = f"{projection.path}.connector"
    try:
        form = projection.connector.model.lower(projection.connector.params, n_source, n_target)
    except FindingError as wrong:
        yield from (Finding(f.code, f.severity, f.where or where, f.text, f.fix) for f in wrong.findings)
        return
    if isinstance(form, OneToOne) and n_source != n_target:
        yield Finding("size.mismatch", "error", where, f"One to one needs equal sizes, not {n_source:,} and {n_target:,}.", "Make both ends the same size, or choose another connector.")


def _sources(flat: FlatNetwork) -> Iterable[Finding]:
    for source in flat.sources:
        if source.size > 10_000_000:
            continue  # `sizes` speaks of it
        try:
            source.model.lower(source.source.params, source.size, flat.run.dt)
        except FindingError as wrong:
            yield from (Finding(f.code, f.severity, f.where or source.path, f.text, f.fix) for f in wrong.findings)
