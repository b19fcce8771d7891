"""Which models go out as SONATA, from the table of the writer."""

from __future__ import annotations

from studio.exchange.sonata.cells import CELLS
from studio.models.spec import Connector, Kinetics, Model, Neuron, Source


def reach(model: Model) -> str | None:
    """See `studio.exchange.reach`."""
    if isinstance(model, Neuron):
        return "" if model.key == "lif" else None
    if isinstance(model, Kinetics):
        return "" if model.key in CELLS else None
    if isinstance(model, Connector):
        return "As a list of synapses."
    if isinstance(model, Source):
        if model.signal == "analog":
            return "Constant currents only."
        return "" if model.key == "spike_list" else "As the spikes of one seed."
    return "" if model.key in ("static", "ideal") else None
