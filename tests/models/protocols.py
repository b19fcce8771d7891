"""Spike protocols: pairs of prescribed trains on both sides of a learning synapse, one synapse a pair."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from engine.networks import chosen, network, population, projection, source

from studio.engine.run import simulate
from studio.network.flat import FlatProjection, FlatSource

Trains = Sequence[Sequence[float] | np.ndarray]


def trains(path: str, given: Trains, shift: float = 0.0) -> FlatSource:
    """A source whose element k fires at `given[k]` [ms], moved by `shift`."""
    ids = np.repeat(np.arange(len(given)), [len(t) for t in given])
    times = np.concatenate([np.asarray(t, float) for t in given]) + shift
    order = np.lexsort((ids, times))
    return source(path, len(given), "spike_list", times=times[order], ids=ids[order])


def poisson_trains(n: int, hz: float, duration: float, seed: int, dt: float = 0.1) -> list[np.ndarray]:
    """n independent trains on the grid of dt, none before 1 ms."""
    draw = np.random.default_rng(seed)
    return [np.unique(np.rint(draw.uniform(1.0, duration, draw.poisson(hz * (duration - 1.0) / 1000.0)) / dt)) * dt for _ in range(n)]


def learned(
    rule: str, pre: Trains, post: Trains, weight: Any, duration: float, *, delay: float = 0.1, dt: float = 0.1, seed: int = 1, **params: Any
) -> np.ndarray:
    """The weights (n,) after synapse k has seen the trains pre[k] and post[k]; what it transmits moves nothing. The delay is dendritic."""
    cells = population("cell", len(post), t_ref=0.0, c_m=1e12)
    forced = projection("forced", "post", "cell", ("one_to_one", {}), 1e5, dt)
    link = projection("learn", "pre", "cell", ("one_to_one", {}), weight, delay, ("exponential", {"tau": 1.0}))
    link = FlatProjection(**{**vars(link), "plasticity": chosen("plasticity", rule, **params)})
    net = network(
        [cells], [trains("pre", pre), trains("post", post, -dt)], [forced, link], duration=duration, dt=dt, precision="double", seed=seed
    )
    r = simulate(net, threads=1)
    assert len(r.spikes["cell"].times) == sum(len(t) for t in post), "a forced spike is missing or one too many"
    return np.asarray(r.weights["learn"].weights)
