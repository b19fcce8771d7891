"""What SpiNNaker's cell types have of the catalogue's models."""

from __future__ import annotations

from studio.models.spec import Connector, Device, Kinetics, Model, Neuron, Plasticity, Source

_KINETICS = {
    "delta": "IF_curr_delta: the jump is made by a current during one step.",
    "exponential": "IF_curr_exp: the current is held during each step at its mean.",
    "alpha": "IF_curr_alpha: the current is held during each step; currents that overlap come out smaller.",
    "conductance_exponential": "IF_cond_exp: the current is held during each step at its value at the step's beginning.",
}
_FIXED = "Values in steps of 1/32768 (s16.15)."


def reach(model: Model) -> str | None:
    """See `studio.exchange.reach`."""
    if isinstance(model, Neuron):
        return {"lif": _FIXED, "izhikevich": f"Solved by a midpoint step. {_FIXED}"}.get(model.key)
    if isinstance(model, Kinetics):
        return _KINETICS.get(model.key)
    if isinstance(model, Plasticity):
        return {"static": "", "stdp_pair": "Additive or multiplicative only (mu 0 or 1); weights have 16 bits."}.get(model.key)
    if isinstance(model, Device):
        return "" if model.key == "ideal" else None
    return "" if isinstance(model, (Connector, Source)) else None
