"""Which models go out as PyNN."""

from __future__ import annotations

from studio.models.spec import Connector, Kinetics, Model, Neuron, Source

_CELLS = ("delta", "exponential", "alpha", "conductance_exponential", "conductance_alpha")
_RULES = ("all_to_all", "one_to_one", "probability", "fixed_in_degree", "fixed_out_degree", "fixed_total_number")


def reach(model: Model) -> str | None:
    """See `studio.exchange.reach`."""
    if isinstance(model, Neuron):
        return "" if model.key == "lif" else None
    if isinstance(model, Kinetics):
        if model.key not in _CELLS:
            return None
        said = {"alpha": "On sPyNNaker currents that overlap come out smaller.", "conductance_alpha": "sPyNNaker has no cell for it."}
        return said.get(model.key, "")
    if isinstance(model, Connector):
        return "" if model.key in _RULES else "As a list of synapses."
    if isinstance(model, Source):
        return "As times that the script draws." if model.key == "image_rate" else ""
    if model.key == "stdp_pair":
        return "Additive or multiplicative only (mu 0 or 1)."
    return "" if model.key in ("static", "ideal") else None
