"""Every plasticity rule of the catalogue: kernels give the definition's weights, bit for bit, with one thread and several, and slices cut short."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from engine.networks import CATALOGUE, chosen, fired, network, population, projection, source

from studio.engine import reference
from studio.engine.run import simulate
from studio.models.learning import post_names
from studio.models.spec import Plasticity
from studio.network.flat import Drawn, FlatNetwork

RULES = [r.key for r in CATALOGUE.all("plasticity") if r.plastic]
LEARNING = [k for k in RULES if (r := CATALOGUE.get("plasticity", k)) and (r.on_pre or r.on_post or r.every)]
STEPS = 1000


def busy(rule: Plasticity) -> FlatNetwork:
    """Bursting targets behind sources that fire often, rarely and twice in a step; one delay for all, and a delay per synapse."""
    times = np.array([0.0, 4.0, 4.0, 30.0, 30.1, 64.0, 90.0])
    sources = [
        source("drive", 19, rate=9000.0),
        source("often", 11, rate=150.0),
        source("rare", 4, "spike_list", times=times, ids=np.arange(len(times)) % 3),
    ]
    links = [projection("d", "drive", "c", ("one_to_one", {}), 2.5, 0.5)]
    wanted = set(post_names(rule))
    cell = next(n for n in ("lif", "lif_clopath") if wanted <= {s.name for s in CATALOGUE.get("neuron", n).states})
    params = {rule.interval: 0.7 if wanted else 7.3} if rule.interval else {}
    for key, origin, delay in (("one", "often", 0.7), ("own", "often", Drawn("uniform", 0.3, 3.5)), ("rare", "rare", 1.1)):
        p = projection(key, origin, "c", ("fixed_in_degree", {"k": 7}), Drawn("uniform", 0.2, 0.95), delay, ("exponential", {"tau": 2.0}))
        links.append(replace(p, plasticity=chosen("plasticity", rule.key, **params), signals={s.name: "rare" for s in rule.signals}))
    quick = {"t_ref": 0.1} if cell == "lif" else {"t_clamp": 0.3}
    return network([population("c", 19, cell, **quick)], sources, links, precision="double", seed=5)


def test_the_catalogue_has_rules() -> None:
    assert len(RULES) >= 8


@pytest.mark.parametrize("key", RULES)
def test_kernels_give_the_weights_of_the_definition(key: str) -> None:
    net = busy(CATALOGUE.get("plasticity", key))
    definition = reference.run(net, STEPS)
    assert len(definition.spikes["c"]) > 100
    if key in LEARNING:
        still = simulate(net, 0.1, threads=1).weights
        for name, w in definition.weights.items():
            assert np.isfinite(w).all() and len(np.unique(w)) > 1 and definition.weight_updates[name] > 0, name
            assert not np.array_equal(still[name].weights, w), "every projection must have learned"
    for threads, slice_steps in ((1, None), (3, 2)):
        r = simulate(net, STEPS * 0.1, threads=threads, slice_steps=slice_steps)
        assert fired(r, "c") == definition.spikes["c"]
        for name, w in definition.weights.items():
            assert np.array_equal(r.weights[name].weights, w), (threads, slice_steps, name)
            assert r.counters["weight_updates"][name] == definition.weight_updates[name]


@pytest.mark.parametrize("key", sorted(set(RULES) - set(LEARNING)))
def test_what_does_not_learn_keeps_its_weights_but_not_what_arrives(key: str) -> None:
    net = busy(CATALOGUE.get("plasticity", key))
    static = replace(net, projections=tuple(replace(p, plasticity=chosen("plasticity", "static")) for p in net.projections))
    one, other = simulate(net, 100.0, threads=1), simulate(static, 100.0, threads=1)
    assert np.array_equal(one.weights["one"].weights, simulate(net, 0.1, threads=1).weights["one"].weights)
    assert fired(one, "c") != fired(other, "c")
