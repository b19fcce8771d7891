"""The bands of a raster: which rows belong to which node, and what kind of neurons they are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np

from studio.network.flat import Drawn, FlatNetwork, FlatProjection
from studio.ui.messages import Band

Kind = Literal["excitatory", "inhibitory", "source", "population"]


def bands(network: FlatNetwork) -> tuple[Band, ...]:
    """One band a population, in the network's order, then the sources whose spikes are recorded."""
    recorded = {record.path for record in network.run.record if record.what == "spikes"}
    rows: list[Band] = []
    offset = 0
    for population in network.populations:
        rows.append(Band(population.path, population.name, population.size, offset, kind(network, population.path)))
        offset += population.size
    for source in network.sources:
        if source.path in recorded and source.model.signal == "spiking":
            rows.append(Band(source.path, source.name, source.size, offset, "source"))
            offset += source.size
    return tuple(rows)


def kind(network: FlatNetwork, path: str) -> Kind:
    """What a population does to its targets: excites, inhibits, or neither and both ("population")."""
    signs = {_sign(p) for p in network.projections if p.source == path and p.kinetics is not None}
    if signs == {1}:
        return "excitatory"
    return "inhibitory" if signs == {-1} else "population"


def _sign(projection: FlatProjection) -> int:
    """+1 or -1 as the synapses excite or inhibit, 0 when both or none."""
    kinetics = projection.kinetics
    if kinetics is not None and kinetics.model.sign == "nonnegative":
        reversal = kinetics.params.get("e_rev")
        return 0 if reversal is None else _sign_of(_middle(reversal) + 60.0)  # against a membrane near -60 mV
    return _sign_of(_middle(projection.weight))


def _middle(value: object) -> float:
    if isinstance(value, Drawn):
        return {"normal": value.a, "uniform": (value.a + value.b) / 2}.get(value.shape, 1.0)
    numbers = np.asarray(value, float)
    if numbers.size and not ((numbers >= 0).all() or (numbers <= 0).all()):
        return 0.0
    return float(numbers.mean()) if numbers.size else 0.0


def _sign_of(value: float) -> int:
    return (value > 0) - (value < 0)


def total(rows: Iterable[Band]) -> int:
    """How many rows the raster has."""
    return sum(band.size for band in rows)
