"""Spike protocols: pairs of prescribed trains on both sides of a learning synapse, one synapse a pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from engine.networks import chosen, network, population, projection, source

from studio.engine import reference
from studio.engine.run import simulate
from studio.network.flat import Chosen, FlatNetwork, FlatSource

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


@dataclass(frozen=True)
class Protocol:
    """A rule between prescribed trains: synapse k sees pre[k] and post[k]; what it transmits moves nothing. The delay is dendritic.

    `signals`: the trains behind each of the rule's signals.
    """

    rule: str
    pre: Trains
    post: Trains
    weight: Any
    duration: float  # ms
    delay: float = 0.1
    dt: float = 0.1
    seed: int = 1
    signals: Mapping[str, Trains] = field(default_factory=dict)
    params: Mapping[str, float] = field(default_factory=dict)

    @property
    def network(self) -> FlatNetwork:
        return self.with_rule(chosen("plasticity", self.rule, **self.params))

    def with_rule(self, rule: Chosen) -> FlatNetwork:
        """The protocol's network, with any rule."""
        cells = population("cell", len(self.post), t_ref=0.0, c_m=1e12)
        forced = projection("forced", "post", "cell", ("one_to_one", {}), 1e5, self.dt)
        link = projection("learn", "pre", "cell", ("one_to_one", {}), self.weight, self.delay, ("exponential", {"tau": 1.0}))
        named = {name: f"signal_{name}" for name in self.signals}
        link = replace(link, plasticity=rule, signals=named)
        sources = [trains("pre", self.pre), trains("post", self.post, -self.dt)]
        sources += [trains(named[name], given) for name, given in self.signals.items()]
        return network([cells], sources, [forced, link], duration=self.duration, dt=self.dt, precision="double", seed=self.seed)

    def defined(self) -> reference.Result:
        """The run by its definition in plain Python: slow, but knows everything first."""
        result = reference.run(self.network, round(self.duration / self.dt))
        assert len(result.spikes["cell"]) == sum(len(t) for t in self.post)
        return result


def learned(rule: str, pre: Trains, post: Trains, weight: Any, duration: float, **more: Any) -> np.ndarray:
    """The weights (n,) after a protocol, as the kernels compute them; `more`: fields of Protocol, else parameters of the rule."""
    fields = {k: more.pop(k) for k in ("delay", "dt", "seed", "signals") if k in more}
    protocol = Protocol(rule, pre, post, weight, duration, **fields, params=more)
    r = simulate(protocol.network, threads=1)
    assert len(r.spikes["cell"].times) == sum(len(t) for t in post), "a forced spike is missing or one too many"
    return np.asarray(r.weights["learn"].weights)
