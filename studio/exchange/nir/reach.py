"""Which models NIR has, from the tables of the writer."""

from __future__ import annotations

from studio.exchange.nir.grids import SAID
from studio.exchange.nir.neurons import CHARGES, EULER, EXACT, OWN
from studio.models.spec import Connector, Kinetics, Model, Neuron, Source


def reach(model: Model) -> str | None:
    """See `studio.exchange.reach`."""
    if isinstance(model, Neuron):
        if model.key in EULER:
            return ""
        return "NIR's tools step it by forward Euler, without a refractory time." if model.key in EXACT else None
    if isinstance(model, Kinetics):
        if model.key in OWN:
            return ""
        became = "exponential current" if any(p.name == "tau" for p in model.params) else "pulse of one step"
        return f"It becomes {'an' if became[0] == 'e' else 'a'} {became} with the same charge." if model.key in CHARGES else None
    if isinstance(model, Connector):
        return "" if model.key in SAID else "As a matrix of weights."
    if isinstance(model, Source):
        return None
    return "" if model.key in ("static", "ideal") else None
