"""A network that stores no synapses is the network that stores them: the same spikes, whatever the scheme, weights, delays and threads."""

from __future__ import annotations

import pytest
from engine.networks import network, population, projection, source

from studio.engine.run import simulate
from studio.network.flat import Drawn, FlatNetwork, Value

SCHEMES = {
    "fixed_out_degree": {"k": 70},
    "fixed_total_number": {"n": 60_000},
    "probability": {"p": 0.05},
    "all_to_all": {},
    "regular": {"k": 151},  # inputs of each of the 997 targets
}
DRAWN_WEIGHT, DRAWN_DELAY = Drawn("normal", 0.1, 0.03, -1.0, 1.0), Drawn("normal", 1.5, 0.7, 0.1, 10.0)


def net(scheme: str, weight: Value, delay: Value, **run: str) -> FlatNetwork:
    """A driven population onto another, and back with other weights and delays."""
    params = SCHEMES[scheme]
    n = 997 if scheme == "regular" else 1501
    return network(
        [population("a", n), population("b", 997)],
        [source("in", 400, rate=8000.0)],
        [
            projection("in_a", "in", "a", ("probability", {"p": 0.02}), 0.6),
            projection("a_b", "a", "b", (scheme, params), weight, delay),
            projection("b_a", "b", "a", (scheme, params), Drawn("normal", -0.2, 0.02, -1.0, 0.0), Drawn("uniform", 0.3, 3.0)),
        ],
        duration=60.0,
        seed=3,
        **run,
    )


@pytest.mark.parametrize("weights", ["float32", "table256"])
@pytest.mark.parametrize("delay", [1.5, DRAWN_DELAY], ids=["one delay", "drawn delays"])
@pytest.mark.parametrize("weight", [0.1, DRAWN_WEIGHT], ids=["one weight", "drawn weights"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_procedural_equals_stored(scheme: str, weight: Value, delay: Value, weights: str) -> None:
    stored = simulate(net(scheme, weight, delay, weights=weights), threads=1)
    for threads in (1, 2):
        again = simulate(net(scheme, weight, delay, weights=weights, connectivity="procedural"), threads=threads)
        for path in ("a", "b"):
            assert len(stored.spikes[path]) > 500
            assert stored.spikes[path].steps.tobytes() == again.spikes[path].steps.tobytes()
            assert stored.spikes[path].ids.tobytes() == again.spikes[path].ids.tobytes()
        assert stored.counters["events"] == again.counters["events"]
        assert [p.n_synapses for p in stored.projections.values()] == [p.n_synapses for p in again.projections.values()]
