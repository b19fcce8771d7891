"""Choices that a projection from an analog source cannot use."""

from __future__ import annotations

from collections.abc import Iterable

from studio.findings import Finding
from studio.network.check.context import Context

SPIKING = ("kinetics", "plasticity", "device", "weight", "delay")


def rule(context: Context) -> Iterable[Finding]:
    """`path.analog` (warning): kinetics, plasticity, device, weight or delay are given, but currents have only a connector and a gain; and the other way round."""
    analog = {p.path for p in context.flat.projections if p.kinetics is None} if context.flat else set()
    spiking = {p.path for p in context.flat.projections if p.kinetics is not None} if context.flat else set()
    for link in context.unfolded.links:
        given = link.projection.model_fields_set
        useless = [name for name in SPIKING if name in given] if link.path in analog - spiking else []
        if useless:
            text = f"The source is analog: {', '.join(useless)} {'has' if len(useless) == 1 else 'have'} no effect."
            yield Finding("path.analog", "warning", link.where, text, "Use connector and gain.")
        if "gain" in given and link.path in spiking - analog:
            yield Finding("path.analog", "warning", link.where, "The source gives spikes: gain has no effect.", "Use weight.")
