"""Keys that stand for a node and a projection of the same circuit."""

from __future__ import annotations

from collections.abc import Iterable

from studio.findings import Finding
from studio.network.check.context import Context


def rule(context: Context) -> Iterable[Finding]:
    """`path.ambiguous`: a path could mean either."""
    for name, circuit in context.document.circuits.items():
        for key in sorted(set(circuit.nodes) & set(circuit.projections)):
            yield Finding(
                "path.ambiguous",
                "error",
                context.where(name, key),
                f"“{key}” is the key of a node and of a projection.",
                "Give the projection another key.",
            )
