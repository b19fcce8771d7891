"""Names and values: unknown models, parameters, nodes, ports and arrays; wrong units; numbers out of bounds."""

from __future__ import annotations

from collections.abc import Iterable

from studio.findings import Finding
from studio.network.check.context import Context


def rule(context: Context) -> Iterable[Finding]:
    """What unfolding and resolving the document found."""
    return context.building
