"""Learning: lazy application equals the eager definition, whatever the histories; devices store what rules ask for."""

from __future__ import annotations

import numpy as np
import pytest
from engine.networks import fired, network, population, projection, source

from studio.engine import plasticity, reference
from studio.engine import plasticity_layout as K
from studio.engine.run import simulate
from studio.findings import FindingError
from studio.network.flat import Drawn, FlatNetwork

RULE = ("stdp_pair", {"w_max": 2.0, "learning_rate": 0.02})


def busy(silent: bool, device: tuple = ("ideal", {}), **run: object) -> FlatNetwork:
    """Cells that fire a lot behind synapses whose sources fire rarely, or once and never again."""
    cells = [population("c", 17, t_ref=0.1)]
    times = np.array([5.0, 5.0, 61.3]) if silent else np.array([5.0, 20.0, 20.0, 47.7, 90.0])
    sources = [source("drive", 17, rate=60_000.0), source("rare", 3, "spike_list", times=times, ids=np.arange(len(times)) % 3)]
    links = [
        projection("d", "drive", "c", ("one_to_one", {}), 0.9, 0.5),
        projection("learn", "rare", "c", ("all_to_all", {}), 1.0, Drawn("uniform", 0.4, 2.5), ("exponential", {"tau": 2.0}), RULE, device),
    ]
    return network(cells, sources, links, precision="double", **run)


@pytest.mark.parametrize("silent", [True, False])
@pytest.mark.parametrize("device", [("ideal", {}), ("soft_bounds", {"w_min": 0.0, "w_max": 2.0})])
def test_histories_overflow_into_flushes_that_change_no_bit(silent: bool, device: tuple) -> None:
    net = busy(silent, device, seed=2)
    definition = reference.run(net, 1200)
    assert max(np.bincount([i for _, i in definition.spikes["c"]])) > 200, "each history must overflow at least once"
    assert np.ptp(definition.weights["learn"]) > 0.01
    for threads in (1, 2):
        r = simulate(net, 120.0, threads=threads)
        assert fired(r, "c") == definition.spikes["c"]
        assert np.array_equal(r.weights["learn"].weights, definition.weights["learn"])


def test_the_log_is_flushed_when_it_fills(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[plasticity.Learning] = []
    allocate = plasticity.Learning.allocate

    def spy(self: plasticity.Learning, slice_steps: int, longest: int) -> None:
        allocate(self, slice_steps, longest)
        seen.append(self)

    monkeypatch.setattr(plasticity.Learning, "allocate", spy)
    r = simulate(busy(True, seed=2), 120.0, threads=1)
    kept = seen[0].parts[0]
    assert kept["state"][K.HEAD] == len(r.spikes["c"].ids) > len(kept["log_step"]), "the test needs more spikes than the log holds"
    assert kept["state"][K.FLUSHED] > plasticity.NEVER


def test_reading_weights_twice_gives_the_same() -> None:
    first, second = (simulate(busy(False, seed=3), 60.0, threads=1).weights["learn"].weights for _ in range(2))
    assert np.array_equal(first, second)


def test_several_spikes_of_a_source_in_one_step_each_learn() -> None:
    cells = [population("c", 5)]
    times, ids = np.array([10.0, 10.0, 30.0]), np.array([0, 0, 0])
    links = [
        projection("learn", "s", "c", weight=1.0, delay=1.0, kinetics=("exponential", {"tau": 2.0}), plasticity=RULE),
        projection("d", "x", "c", ("one_to_one", {}), 1.0, 1.0),
    ]
    net = network(
        cells, [source("s", 1, "spike_list", times=times, ids=ids), source("x", 5, rate=20_000.0)], links, precision="double", seed=8
    )
    definition, r = reference.run(net, 500), simulate(net, 50.0, threads=1)
    assert np.array_equal(r.weights["learn"].weights, definition.weights["learn"])
    assert r.counters["events"]["learn"] == 15


def test_soft_bounds_keep_weights_inside() -> None:
    r = simulate(busy(False, ("soft_bounds", {"w_min": 0.5, "w_max": 1.5}), seed=2), 120.0, threads=1)
    w = r.weights["learn"].weights
    assert w.min() >= 0.5 and w.max() <= 1.5 and np.ptp(w) > 0


def test_a_rules_numbers_are_shared() -> None:
    bad = network(
        [population("c", 3)],
        [source("s", 2)],
        [projection("p", "s", "c", plasticity=("stdp_pair", {"tau_plus": Drawn("normal", 20.0, 1.0)}))],
    )
    with pytest.raises(FindingError, match="one value for all synapses"):
        simulate(bad, 1.0)
