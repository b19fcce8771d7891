"""What a crossbar machine takes of the catalogue."""

from __future__ import annotations

from studio.models.spec import Connector, Device, Kinetics, Model, Neuron, Plasticity, Source

TAUGHT = "The digital unit computes it exactly; a device is written in the very step that asks for it, all of a tile at once."


def reach(model: Model) -> str | None:
    """See `studio.exchange.reach`: None where it cannot go, an empty text where it goes as it is, else what is lost."""
    if isinstance(model, Neuron):
        return "" if model.method in ("exact", "step") else None  # a digital unit computes one update a step
    if isinstance(model, Kinetics):
        return "" if model.sign == "signed" and not model.coupled else None
    if isinstance(model, Plasticity):
        if model.transmit.strip():
            return None  # (the row of a source would have to be driven by a number)
        return TAUGHT if model.plastic else ""
    if isinstance(model, Device):
        programmable = bool(model.program.strip()) or model.key == "ideal"
        return "" if programmable else "Says nothing about programming errors: its target is reached exactly."
    if isinstance(model, Source):
        return "" if model.signal == "spiking" else "Written by the host to the digital unit, step by step; no tile takes part."
    return "" if isinstance(model, Connector) else None
