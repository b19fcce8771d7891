"""Which models NIR has, from the tables of the writer."""

from __future__ import annotations

from studio.exchange.nir.neurons import EULER, EXACT
from studio.models.spec import Connector, Kinetics, Model, Neuron

_KINETICS = {
    "pulse": "",
    "exponential": "",
    "delta": "It becomes a pulse of one step with the same charge.",
    "alpha": "It becomes an exponential current with the same charge.",
}


def reach(model: Model) -> str | None:
    """See `studio.exchange.reach`."""
    if isinstance(model, Neuron):
        if model.key in EULER:
            return ""
        return "NIR's tools step it by forward Euler, without a refractory time." if model.key in EXACT else None
    if isinstance(model, Kinetics):
        return _KINETICS.get(model.key)
    if isinstance(model, Connector):
        return "As a matrix of weights." if model.key not in ("convolution", "pooling", "dense", "one_to_one") else ""
    return "" if model.key in ("static", "ideal") else None
