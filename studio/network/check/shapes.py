"""Shapes that do not hold as many elements as there are."""

from __future__ import annotations

from collections.abc import Iterable
from math import prod

from studio.findings import Finding
from studio.network.check.context import Context
from studio.network.document import Instance


def rule(context: Context) -> Iterable[Finding]:
    """`size.shape`: the product of the shape is not the size (of an instance: the number of copies)."""
    for name, circuit in context.document.circuits.items():
        for key, node in circuit.nodes.items():
            size, what = (node.repeat, "copies") if isinstance(node, Instance) else (node.size, "elements")
            if node.shape is not None and prod(node.shape) != size:
                text = f"The shape {list(node.shape)} holds {prod(node.shape):,} {what}; there are {size:,}."
                yield Finding("size.shape", "error", context.where(name, key, "shape"), text, "Change the shape or the size.")
