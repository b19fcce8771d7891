"""The method of a run: offered by somebody."""

from __future__ import annotations

from collections.abc import Iterable

from studio.findings import Finding
from studio.network.check.context import Context


def rule(context: Context) -> Iterable[Finding]:
    """`text.method`: a method that no neuron of the catalogue offers (error), or none of this network (warning)."""
    if context.flat is None or context.flat.run.method is None:
        return
    method = context.flat.run.method
    offered = {m for neuron in context.catalogue.all("neuron") for m in (neuron.method, *neuron.methods)}
    here = {m for p in context.flat.populations for m in (p.model.method, *p.model.methods)}
    if method not in offered:
        yield Finding(
            "text.method",
            "error",
            "run.method",
            f"There is no method “{method}”.",
            f"Use one of {', '.join(sorted(offered))}, or leave it out.",
        )
    elif here and method not in here:
        yield Finding(
            "text.method",
            "warning",
            "run.method",
            f"No neuron of this network offers “{method}”; each keeps its own.",
            f"They offer {', '.join(sorted(here))}.",
        )
