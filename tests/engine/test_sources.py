"""Sources: counts, given events and currents reach their targets when and as often as they should."""

from __future__ import annotations

import numpy as np
import pytest
from engine.networks import fired, network, population, projection, source

from studio.engine import reference
from studio.engine.drive import cuts
from studio.engine.run import simulate
from studio.network.flat import Drawn, FlatNetwork, Record

SPIKES = [Record("s", "spikes", None, 0.1)]


def alone(model: str, size: int, **params: object) -> FlatNetwork:
    return network([population("c", 1)], [source("s", size, model, **params)], [], SPIKES, seed=3)


@pytest.mark.parametrize("rate", [3.0, 900.0, 20_000.0, 400_000.0])
@pytest.mark.parametrize("threads", [1, 2])
def test_poisson_counts_have_the_mean_and_variance_of_the_rate(rate: float, threads: int) -> None:
    r = simulate(alone("poisson", 200, rate=rate), 200.0, threads=threads)
    counts = np.zeros((200, 2000))
    np.add.at(counts, (r.spikes["s"].ids, r.spikes["s"].steps - 1), 1)
    mean = rate * 1e-4
    assert abs(counts.mean() - mean) < 5 * np.sqrt(mean / counts.size)
    assert abs(counts.var() / mean - 1) < 5 * np.sqrt((1 / mean + 2) / counts.size)


def test_rates_of_their_own_and_frames() -> None:
    rates = np.array([0.0, 100.0, 2000.0])
    r = simulate(alone("poisson", 3, rate=rates, start=50.0, stop=1050.0), 1200.0)
    s = r.spikes["s"]
    assert s.times.min() > 50.0 and s.times.max() <= 1050.0
    assert np.abs(np.bincount(s.ids, minlength=3) - rates).max() < 5 * np.sqrt(2000.0)
    assert not (s.ids == 0).any()


@pytest.mark.parametrize("threads", [1, 2])
def test_sources_equal_the_reference(threads: int) -> None:
    cells = [population("c", 53, v_th=-65.0)]
    sources = [
        source("p", 53, rate=Drawn("uniform", 0.0, 9000.0), start=3.0, stop=33.0),
        source("f", 7, rate=50_000.0),
        source("i", 5, "step_current", amplitude=Drawn("normal", 0.3, 0.1), start=10.0, stop=22.3),
    ]
    links = [
        projection("p", "p", "c", ("one_to_one", {}), Drawn("normal", 1.0, 0.3), 0.7),
        projection("f", "f", "c", ("probability", {"p": 0.3}), 0.02, 1.1, ("exponential", {"tau": 3.0})),
        projection("i", "i", "c", ("probability", {"p": 0.5}), Drawn("uniform", 0.5, 1.0), Drawn("uniform", 0.2, 3.0), None),
    ]
    net = network(cells, sources, links, precision="double", seed=6)
    definition = reference.run(net, 400)
    assert len(definition.spikes["c"]) > 100
    assert fired(simulate(net, 40.0, threads=threads), "c") == definition.spikes["c"]


def test_a_spike_of_time_t_with_delay_d_shows_at_t_plus_d() -> None:
    links = [projection("p", "s", "c", weight=2.0, delay=1.5)]
    net = network(
        [population("c", 1)],
        [source("s", 1, "spike_list", times=np.array([0.0, 3.2]))],
        links,
        [Record("c", "v", None, 0.1)],
        precision="double",
    )
    v = simulate(net, 6.0).traces["c", "v"]
    jumps = v.times[1:][np.diff(v.values[:, 0]) > 1.0]
    assert np.allclose(jumps, [1.5, 4.7])


def test_several_spikes_of_an_element_in_one_step_count_each() -> None:
    links = [projection("p", "s", "c", weight=0.5, delay=1.0)]
    net = network(
        [population("c", 2)],
        [source("s", 1, "spike_list", times=np.array([2.0, 2.0, 2.0]))],
        links,
        [*SPIKES, Record("c", "v", None, 0.1)],
        precision="double",
    )
    r = simulate(net, 4.0)
    assert r.traces["c", "v"].values.max() == pytest.approx(-68.5)
    assert len(r.spikes["s"]) == 3 and r.counters["events"]["p"] == 6


def test_a_current_acts_from_the_step_after_it_begins() -> None:
    links = [projection("i", "s", "c", weight=2.0, delay=1.0, kinetics=None)]
    net = network(
        [population("c", 1)],
        [source("s", 1, "step_current", amplitude=0.1, start=2.0, stop=5.0)],
        links,
        [Record("c", "v", None, 0.1)],
        precision="double",
    )
    v = simulate(net, 10.0).traces["c", "v"]
    assert v.times[np.flatnonzero(v.values[:, 0] > -69.999)[0]] == pytest.approx(3.1)
    assert v.times[v.values[:, 0].argmax()] == pytest.approx(6.0)
    assert v.values.max() == pytest.approx(-70.0 + 10.0 * 0.2 / 0.25 * (1 - np.exp(-3.0 / 10.0)), abs=1e-9)


@pytest.mark.parametrize("mean", [1e-6, 0.1, 2.0, 16.0])
def test_table_of_counts_is_the_poisson_distribution(mean: float) -> None:
    levels = cuts(np.array([mean]))[:, 0].astype(float)
    above = (2.0**32 - 1 - levels) / 2.0**32  # P(count > k)
    p, total, expected = np.exp(-mean), 0.0, []
    for k in range(len(levels)):
        total += p
        expected.append(1 - total)
        p *= mean / (k + 1)
    assert np.abs(above - expected).max() < 3e-10
    assert above.sum() == pytest.approx(mean, rel=1e-3, abs=1e-8)


def test_a_missing_signal_is_refused() -> None:
    net = network([population("c", 1)], [source("s", 1)], [projection("p", "s", "c", kinetics=None)])
    with pytest.raises(Exception, match="analog source"):
        simulate(net, 1.0)
