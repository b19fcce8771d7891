"""The flat network as the engine runs it: what the engine need not know of is written into models that it does know.

A weight stored on pairs or slices becomes one device for each synapse (`models.devices.storage`), a projection on a crossbar a list of the weights
that arrive and receptors that convert (`engine.crossbar.network`), a fault of the run part of the model that it befalls (`engine.faults`). A network that uses none of it comes back as it is.
"""

from __future__ import annotations

from dataclasses import replace

from studio.engine.faults import faulty
from studio.models.devices.storage import stored
from studio.network.flat import Chosen, FlatNetwork, FlatProjection


def ready(flat: FlatNetwork) -> FlatNetwork:
    """The network for the engine and for its definition; ready networks stay as they are."""
    made = tuple(_stored(q) for p in flat.projections for q in _laid(flat, p))
    same = len(made) == len(flat.projections) and all(a is b for a, b in zip(made, flat.projections, strict=True))
    return faulty(flat if same else replace(flat, projections=made))


def _laid(flat: FlatNetwork, p: FlatProjection) -> tuple[FlatProjection, ...]:
    if p.crossbar is None:
        return (p,)
    from studio.engine.crossbar.network import laid

    return laid(flat, p)


def _stored(p: FlatProjection) -> FlatProjection:
    device, params = stored(p.device.model, p.device.params)
    return p if device is p.device.model else replace(p, device=Chosen(device, params))
