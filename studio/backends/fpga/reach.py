"""What of the catalogue becomes fixed-point arithmetic: found out by rendering it."""

from __future__ import annotations

from functools import lru_cache

from studio.models.spec import Connector, Device, Kinetics, Model, Neuron, Plasticity, Source

ROUNDED = "In fixed point: states and constants are rounded."
INTEGERS = "As it is, in whole numbers."


def reach(model: Model) -> str | None:
    """See `studio.exchange.reach`: None where it cannot go, an empty text where it goes as it is, else what is lost."""
    if isinstance(model, Neuron):
        if not goes(model):
            return None
        return "" if model.whole else ROUNDED
    if isinstance(model, Kinetics):
        if model.coupled or not any(goes(neuron, model) for neuron in _hosts()):
            return None
        return ROUNDED if model.states else ""
    if isinstance(model, Plasticity):
        return "" if not model.plastic else None
    if isinstance(model, Device):
        return "" if model.key == "ideal" else None
    if isinstance(model, Source):
        return "" if model.signal == "spiking" else "Written by the host as numbers in fixed point wherever they change."
    return "" if isinstance(model, Connector) else None


def why_not(neuron: Neuron, kinetics: Kinetics | None = None) -> str:
    """Why a neuron, with one receptor or none, is no arithmetic here, in words that end a sentence; empty where it is."""
    from studio.backends.fpga.trial import tried

    return tried(neuron, kinetics)


def _hosts() -> tuple[Neuron, ...]:
    from studio.models.catalogue import builtin

    return tuple(m for key in ("lif", "izhikevich") if isinstance(m := builtin().get("neuron", key), Neuron))


@lru_cache(maxsize=512)
def goes(neuron: Neuron, kinetics: Kinetics | None = None) -> bool:
    """Whether a neuron, with one receptor or none, is arithmetic here."""
    return not why_not(neuron, kinetics)
