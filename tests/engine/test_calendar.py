"""Delays of their own, through calendars: the spikes of the definition, with sources that fire several times in a step, in every form of weight."""

from __future__ import annotations

import pytest
from engine.networks import fired, network, population, projection, source

from studio.engine import reference
from studio.engine.run import simulate
from studio.network.flat import Drawn, Value


@pytest.mark.parametrize("weights", ["float32", "table256"])
@pytest.mark.parametrize("weight", [0.05, Drawn("normal", 0.05, 0.01, 0.0, 1.0)], ids=["one", "drawn"])
def test_counts_cross_calendars_as_in_the_definition(weight: Value, weights: str) -> None:
    net = network(
        [population("a", 37)],
        [source("in", 23, rate=20_000.0)],  # two spikes in a step
        [projection("p", "in", "a", ("probability", {"p": 0.5}), weight, Drawn("normal", 2.0, 1.5, 0.1, 9.0))],
        duration=60.0,
        seed=4,
        precision="double",
        weights=weights,
    )
    engine = {threads: fired(simulate(net, threads=threads), "a") for threads in (1, 2)}
    assert len(engine[1]) > 50 and engine[1] == engine[2]
    if weights == "float32":  # the definition keeps every weight
        assert engine[1] == reference.run(net, 600).spikes["a"]
