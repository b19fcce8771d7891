"""What rules are for: inhibition that meets a rate, neurons that become selective."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from engine.networks import chosen, network, population, projection, source
from models.protocols import learned, poisson_trains, trains

from studio.engine.run import simulate
from studio.network.flat import Drawn


@pytest.mark.parametrize("target", [5.0, 10.0])
def test_inhibitory_plasticity_reaches_its_target_rate(target: float) -> None:
    """Vogels 2011: cells driven at 25 Hz and more are brought to the target by learned inhibition, each of them."""
    inhibition = projection("i", "inh", "c", ("all_to_all", {}), -1e-4, 1.0, ("exponential", {"tau": 10.0}))
    rule = chosen("plasticity", "istdp_vogels", w_max=-0.3, learning_rate=0.002, target_rate=target / 1000.0)
    links = [
        projection("e", "exc", "c", ("probability", {"p": 0.1}), 0.12, 1.0, ("exponential", {"tau": 5.0})),
        replace(inhibition, plasticity=rule),
    ]
    sources = [source("exc", 1000, rate=10.0), source("inh", 100, rate=10.0)]
    r = simulate(network([population("c", 40)], sources, links, duration=60_000.0, dt=0.5, seed=3), threads=1)
    times, ids = np.asarray(r.spikes["c"].times), np.asarray(r.spikes["c"].ids)
    assert (times < 2000.0).sum() / 40 / 2.0 > 20.0
    late = np.bincount(ids[times >= 30_000.0], minlength=40) / 30.0
    assert abs(late.mean() / target - 1) < 0.1 and late.std() < 0.1 * target
    assert np.asarray(r.weights["i"].weights).max() < -1e-4, "every inhibitory weight must have grown"


def patterns(n: int, hz: float, duration: float, each: float = 200.0) -> list[np.ndarray]:
    """Two groups of n sources that take turns at random: one at `hz`, the other at 1 Hz."""
    draw = np.random.default_rng(4)
    out: list[list[np.ndarray]] = [[] for _ in range(2 * n)]
    for begin in np.arange(0.0, duration, each):
        on = draw.integers(2)
        for j, train in enumerate(out):
            train.append(draw.uniform(begin, begin + each, draw.poisson((hz if j // n == on else 1.0) * each / 1000.0)))
    return [np.unique(np.rint(np.concatenate(train) / 0.5) * 0.5) for train in out]


def test_bcm_makes_neurons_selective() -> None:
    """Every neuron starts with weights onto both patterns and ends with one of them; which one differs between neurons."""
    n, cells, w = 20, 20, 0.12
    link = projection("p", "in", "c", ("all_to_all", {}), Drawn("uniform", 0.3 * w, w), 1.0, ("exponential", {"tau": 5.0}))
    rule = chosen("plasticity", "bcm", w_max=1.5 * w, learning_rate=0.005, target_rate=0.01)
    net = network(
        [population("c", cells)],
        [trains("in", patterns(n, 30.0, 200_000.0))],
        [replace(link, plasticity=rule)],
        duration=200_000.0,
        dt=0.5,
        seed=3,
    )
    before, after = (simulate(net, t, threads=1).weights["p"] for t in (0.5, 200_000.0))

    def selectivity(weights) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[no-untyped-def]
        table = np.zeros((2 * n, cells))
        table[np.asarray(weights.sources), np.asarray(weights.targets)] = np.asarray(weights.weights)
        a, b = table[:n].mean(0), table[n:].mean(0)
        return np.abs(a - b) / (a + b), a > b

    assert selectivity(before)[0].max() < 0.3
    index, which = selectivity(after)
    assert (index > 0.85).sum() >= cells - 2 and index.min() > 0.5 and 3 <= which.sum() <= cells - 3


def test_the_rewarded_synapse_wins() -> None:
    """Izhikevich 2007: all synapses see a target that fires at random; whenever it fires within 10 ms of synapse 0's spike, dopamine comes 1 to 3 s later."""
    n, duration, dt = 20, 400_000.0, 1.0
    draw = np.random.default_rng(1)
    pre = poisson_trains(n, 2.0, duration, 1, dt)
    caused = pre[0][draw.random(len(pre[0])) < 0.5] + 5.0
    post = np.unique(np.concatenate([poisson_trains(1, 2.0, duration, 2, dt)[0], caused]).round())
    post = post[post < duration - 10.0]
    pairs = [post[(post > t) & (post <= t + 10.0)] for t in pre[0]]
    reward = np.unique([p[0] + np.rint(draw.uniform(1000.0, 3000.0)) for p in pairs if len(p)])
    reward = reward[reward < duration - 10.0]
    w = learned(
        "reward_stdp", pre, [post] * n, 1.0, duration, delay=dt, dt=dt, signals={"reward": [reward]}, w_max=4.0, tonic=0.0, gain=0.015
    )
    assert w[0] > 3.9
    assert w[1:].max() < 3.2 and w[1:].mean() < 1.0
