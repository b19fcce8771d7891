"""A network without neurons."""

from __future__ import annotations

from collections.abc import Iterable

from studio.findings import Finding
from studio.network.check.context import Context


def rule(context: Context) -> Iterable[Finding]:
    """`size.empty` (warning): there is nothing to run."""
    if context.flat is not None and not context.flat.populations and not any(f.severity == "error" for f in context.building):
        yield Finding("size.empty", "warning", "", "The network has no population yet.", "Add one.")
