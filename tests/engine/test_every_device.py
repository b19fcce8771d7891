"""Every device of the catalogue under a rule that learns: kernels equal the definition, whatever the storage and the number of threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from engine.networks import CATALOGUE, network, pairs, population, projection, source

from studio.engine import reference
from studio.engine.run import simulate
from studio.network.flat import FlatNetwork

DEVICES = CATALOGUE.all("device")
RANDOM = np.random.default_rng(3)
STEPS = 400
# the storages beside `single`, each on one device with states, noise and reading between them
STORED = [
    pytest.param("linear_step", "pair", marks=pytest.mark.thorough),
    ("exp_step", "one_sided"),
    pytest.param("pcm", "pair", marks=pytest.mark.thorough),
    ("constant_step", "slices"),
]


def noisy(key: str) -> dict[str, Any]:
    """The first preset's parameters, so that whatever varies does."""
    presets = CATALOGUE.get("device", key).presets
    return dict(presets[0].params) if presets else {}


def learning(key: str, **params: Any) -> FlatNetwork:
    """Two inputs' spikes and their targets' teach a few synapses on a device, some of them with the same ends."""
    device = CATALOGUE.get("device", key)
    given = {k: v for k, v in {**noisy(key), **params}.items() if device.param(k)}
    times = np.sort(RANDOM.uniform(0.5, 38.0, 60))
    spikes = source("in", 4, "spike_list", times=times, ids=np.arange(60) % 4)
    ends = np.repeat(np.arange(4), 3), np.tile([0, 1, 1], 4)
    rule = ("stdp_pair", {"w_max": 1.0, "learning_rate": 0.2, "mu_plus": 0.0, "mu_minus": 0.0})
    weights = np.linspace(0.2, 0.8, 12)
    taught = projection("p", "in", "out", pairs(*ends), weights, 1.0, ("exponential", {"tau": 4.0}), rule, (key, given))
    return network([population("out", 2, tau_m=8.0, t_ref=1.0)], [spikes], [taught], precision="double", duration=STEPS * 0.1)


def agree(flat: FlatNetwork) -> None:
    expected = reference.run(flat, STEPS)
    for threads in (1, 2):
        found = simulate(flat, threads=threads, record=[("p", "weight"), ("out", "spikes")])
        spikes = found.spikes["out"]
        assert sorted(zip(spikes.steps.tolist(), spikes.ids.tolist(), strict=True)) == sorted(expected.spikes["out"])
        np.testing.assert_allclose(found.weights["p"].weights, expected.weights["p"], rtol=1e-12, atol=1e-14)
    assert len(expected.spikes["out"]) > 2


@pytest.mark.parametrize("device", DEVICES, ids=lambda d: d.key)
def test_kernels_equal_the_definition(device: Any) -> None:
    agree(learning(device.key))


@pytest.mark.parametrize(("key", "storage"), STORED)
def test_on_pairs_and_slices_too(key: str, storage: str) -> None:
    agree(learning(key, storage=storage, refresh=0.5))


def test_what_each_device_of_a_pair_holds_is_recorded() -> None:
    flat = learning("constant_step", storage="pair")
    found = simulate(flat, record=[("p", "weight"), ("p", "plus_w"), ("p", "minus_w")]).weights["p"]
    assert set(found.states) == {"plus_w", "minus_w"}
    np.testing.assert_allclose(found.states["plus_w"] - found.states["minus_w"], found.weights, rtol=0, atol=1e-12)
