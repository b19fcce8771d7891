"""Delay 0: populations advance in order within a step, and a spike acts in the step in which it was emitted."""

from __future__ import annotations

import numpy as np
import pytest
from engine.networks import fired, network, population, projection, source

from studio.engine import reference
from studio.engine.run import simulate
from studio.findings import FindingError
from studio.network.flat import FlatNetwork

LAYER = {"tau": 5.0, "r": 1.0, "v_threshold": 1.0}


def layers(**run: object) -> FlatNetwork:
    """Three layers written in the wrong order, with delay 0 forward and 0.3 ms back."""
    cells = [
        population("out", 31, "lif_euler", **LAYER),
        population("mid", 67, "lif_euler", **LAYER),
        population("first", 53, "lif_euler", **LAYER),
    ]
    pulse = ("pulse", {})
    links = [
        projection("mo", "mid", "out", ("probability", {"p": 0.3}), 9.0, 0.0, pulse),
        projection("fm", "first", "mid", ("probability", {"p": 0.2}), 14.0, 0.0, pulse),
        projection("om", "out", "mid", ("probability", {"p": 0.2}), -3.0, 0.3, pulse),
        projection("xf", "x", "first", ("probability", {"p": 0.4}), 12.0, 0.0, pulse),
    ]
    return network(cells, [source("x", 20, rate=400.0)], links, precision="double", seed=4, **run)


def test_a_spike_crosses_all_layers_in_one_step() -> None:
    sure = {"tau": 0.1, "r": 1.0, "v_threshold": 0.5}
    cells = [population(p, 1, "lif_euler", **sure) for p in ("c", "b", "a")]
    links = [projection(s + t, s, t, ("all_to_all", {}), 1.0, 0.0, ("pulse", {})) for s, t in ("xa", "ab", "bc")]
    net = network(cells, [source("x", 1, "spike_list", times=np.array([3.0, 7.0]))], links, precision="double")
    r = simulate(net, 10.0, threads=1)
    assert [r.spikes[p].steps.tolist() for p in "abc"] == [[30, 70]] * 3


@pytest.mark.parametrize("threads", [1, 2])
def test_layers_equal_the_reference(threads: int) -> None:
    definition = reference.run(layers(), 600)
    r = simulate(layers(), 60.0, threads=threads)
    for path in ("first", "mid", "out"):
        assert fired(r, path) == definition.spikes[path]
        assert len(definition.spikes[path]) > 20


def test_a_loop_without_delay_is_named() -> None:
    cells = [population("a", 2, "lif_euler"), population("b", 2, "lif_euler")]
    links = [
        projection("ab", "a", "b", weight=1.0, delay=0.0, kinetics=("pulse", {})),
        projection("ba", "b", "a", weight=1.0, delay=0.0, kinetics=("pulse", {})),
    ]
    with pytest.raises(FindingError, match="a, b"):
        simulate(network(cells, [], links), 1.0)


def test_the_definition_ends_where_a_loop_has_no_synapses() -> None:
    cells = [population("a", 2, "lif_euler", tau=0.1, r=1.0, v_threshold=0.5)]
    links = [
        projection("aa", "a", "a", ("probability", {"p": 0.0}), delay=0.0, kinetics=("pulse", {})),
        projection("xa", "x", "a", ("all_to_all", {}), 1.0, 0.0, ("pulse", {})),
    ]
    net = network(cells, [source("x", 1, "spike_list", times=np.array([0.3]))], links, precision="double")
    assert reference.run(net, 10).spikes["a"] == [(3, 0), (3, 1)]
