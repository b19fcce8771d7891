"""What a coupled projection asks of its ends: the state that its kinetics names, and weights that stay as they are."""

from __future__ import annotations

from collections.abc import Iterator

from studio.findings import Finding
from studio.network.flat import FlatPopulation, FlatProjection, FlatSource


def coupled(p: FlatProjection) -> str:
    """The state of the source through which a projection acts; empty where spikes travel."""
    return "" if p.kinetics is None else str(p.kinetics.model.coupled)


def unfit(p: FlatProjection, source: FlatPopulation | FlatSource) -> Iterator[Finding]:
    """`path.coupled`: why a projection with coupled kinetics cannot be; nothing where spikes travel."""
    state, title = coupled(p), "" if p.kinetics is None else p.kinetics.model.title
    if not state:
        return
    if isinstance(source, FlatSource):
        text = f"{title} couples to the state “{state}” of a population; “{source.path}” is a source and has no states."
        yield Finding("path.coupled", "error", p.path, text, "Connect two populations, or choose kinetics of spikes.")
    elif state not in (names := [s.name for s in source.model.states]):
        text = f"{title} couples to a state “{state}”; {source.model.title} of “{source.path}” has {', '.join(names)}."
        yield Finding("path.coupled", "error", p.path, text, f"Choose a neuron with a state “{state}”, or other kinetics.")
    rule = p.plasticity.model
    if rule.plastic or rule.at_source.strip() or rule.transmit.strip():
        text = f"{title} carries no spikes, so {rule.title} has nothing to learn from."
        yield Finding("path.coupled", "error", f"{p.path}.plasticity", text, "Choose the plasticity “static”.")
    if p.device.model.read.strip():
        text = f"{title} acts in every step; a {p.device.model.title} is read at spikes."
        yield Finding("path.coupled", "error", f"{p.path}.device", text, "Choose a device that is only programmed, or “ideal”.")
    if p.crossbar is not None:
        text = f"{title} carries no spikes that a crossbar could sum."
        yield Finding("path.coupled", "error", f"{p.path}.crossbar", text, "Leave the crossbar out.")
