"""Projections that couple the states of two populations, without spikes."""

from __future__ import annotations

from collections.abc import Iterable

from studio.findings import Finding
from studio.network.check.context import Context
from studio.network.coupling import coupled, unfit


def rule(context: Context) -> Iterable[Finding]:
    """`path.coupled`: coupled kinetics from a source, from a neuron without that state, with plasticity or a device (errors); with a delay (info)."""
    if context.flat is None:
        return
    nodes = {n.path: n for n in (*context.flat.populations, *context.flat.sources)}
    delayed = {link.path for link in context.unfolded.links if "delay" in link.projection.model_fields_set}
    for p in context.flat.projections:
        yield from unfit(p, nodes[p.source])
        if (state := coupled(p)) and p.path in delayed:
            text = f"the delay has no effect: {p.kinetics.model.title} acts through the source's {state} of the previous step."  # type: ignore[union-attr]
            yield Finding("path.coupled", "info", f"{p.path}.delay", text, "Leave it out.")
