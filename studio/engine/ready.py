"""The flat network as the engine runs it: what the engine need not know of is written into models that it does know.

A weight stored on pairs or slices becomes one device for each synapse (`models.devices.storage`). A network that uses none of it comes back as it is.
"""

from __future__ import annotations

from dataclasses import replace

from studio.models.devices.storage import stored
from studio.network.flat import Chosen, FlatNetwork, FlatProjection


def ready(flat: FlatNetwork) -> FlatNetwork:
    """The network for the engine and for its definition; ready networks stay as they are."""
    made = tuple(_stored(p) for p in flat.projections)
    return flat if all(a is b for a, b in zip(made, flat.projections, strict=True)) else replace(flat, projections=made)


def _stored(p: FlatProjection) -> FlatProjection:
    device, params = stored(p.device.model, p.device.params)
    return p if device is p.device.model else replace(p, device=Chosen(device, params))
