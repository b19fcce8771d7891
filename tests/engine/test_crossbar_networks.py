"""Projections on crossbars: what the engine runs is what the array says, and the definition agrees."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from engine.networks import chosen, network, pairs, population, projection, source

from studio.engine import reference
from studio.engine.crossbar import Crossbar, Settings, Wires, fitting
from studio.engine.ready import ready
from studio.engine.run import simulate
from studio.findings import FindingError
from studio.models.crossbar import CROSSBAR
from studio.models.spec import Device
from studio.network.flat import Drawn, FlatNetwork, FlatProjection

RANDOM = np.random.default_rng(8)
N_IN, N_OUT = 30, 12
WEIGHTS = RANDOM.normal(0.4, 0.5, (N_IN, N_OUT))


def laid_out(
    crossbar: dict[str, Any] | None, weight: Any = WEIGHTS, kinetics: Any = ("exponential", {"tau": 5.0}), **more: Any
) -> FlatNetwork:
    """Regular input onto a population through one projection on a crossbar."""
    p = projection("p", "in", "out", weight=weight, delay=1.0, kinetics=kinetics, **more)
    given = None if crossbar is None else {q.name: q.default for q in CROSSBAR.params} | crossbar
    times = np.sort(RANDOM.uniform(0.0, 40.0, 160))
    spikes = source("in", N_IN, "spike_list", times=times, ids=np.arange(160) % N_IN)
    return network([population("out", N_OUT)], [spikes], [replace(p, crossbar=given)], precision="double", duration=50.0)


def weights_of(flat: FlatNetwork) -> np.ndarray:
    """What arrives of every weight of the first projection, summed over blocks."""
    out = np.zeros((N_IN, N_OUT))
    for p in ready(flat).projections:
        lists = p.connector.params
        np.add.at(out, (lists["sources"], lists["targets"]), p.weight)
    return out


def test_nothing_given_changes_nothing() -> None:
    plain = laid_out(None)
    assert ready(plain) is plain
    (p,) = ready(laid_out({})).projections
    assert p.crossbar is None and p.connector is not None and p.weight is WEIGHTS


def test_what_arrives_is_what_the_array_says() -> None:
    flat = laid_out({"wire_resistance": 2e-6, "rows": 10.0, "columns": 8.0, "g_min": 1.0, "stuck_high": 0.05})
    (p,) = ready(flat).projections
    found, bare = weights_of(flat), weights_of(laid_out({"wire_resistance": 2e-6, "rows": 10.0, "columns": 8.0, "g_min": 1.0}))
    expected = Crossbar(WEIGHTS, Settings(rows=10, columns=8, wires=Wires(2.0, 2.0)), fitting(WEIGHTS, "pair", 1e-6)).weights
    np.testing.assert_allclose(bare, expected, rtol=0, atol=1e-13)
    assert 0.02 < (np.abs(found - bare) > 1e-3).mean() < 0.25
    done = ready(flat)
    assert p.device.model.key == "ideal" and ready(done) is done


@pytest.mark.parametrize(
    "crossbar", [{"wire_resistance": 5e-6}, {"adc_bits": 4.0, "rows": 12.0}, {"adc_bits": 3.0, "adc_range": 0.2}], ids=str
)
@pytest.mark.parametrize("kinetics", [("exponential", {"tau": 5.0}), ("delta", {}), ("alpha", {"tau": 2.0})], ids=lambda k: k[0])
def test_kernels_equal_the_definition(crossbar: dict[str, Any], kinetics: Any) -> None:
    weight = WEIGHTS * (8.0 if kinetics[0] == "delta" else 1.5)
    flat = laid_out(crossbar, weight, kinetics)
    one, two = (simulate(flat, threads=t).spikes["out"] for t in (1, 2))
    expected = sorted(reference.run(flat, 500).spikes["out"])
    assert len(expected) > 10
    assert sorted(zip(one.steps.tolist(), one.ids.tolist(), strict=True)) == expected
    assert sorted(zip(two.steps.tolist(), two.ids.tolist(), strict=True)) == expected


def test_a_converter_rounds_the_sum_of_a_step_by_block() -> None:
    """Two blocks of rows, each with its own converter: closed form of what one step's spikes add to the current."""
    weight = np.array([[0.30, -0.2], [0.25, 0.1], [0.40, 0.3], [0.10, -0.3]])
    p = projection("p", "in", "out", weight=weight, delay=1.0, kinetics=("exponential", {"tau": 5.0}))
    given = {q.name: q.default for q in CROSSBAR.params} | {"rows": 2.0, "adc_bits": 3.0}
    spikes = source("in", 4, "spike_list", times=np.full(4, 2.0), ids=np.arange(4))
    flat = network([population("out", 2, v_th=1e3)], [spikes], [replace(p, crossbar=given)], precision="double")
    states = reference.run(flat, 40, keep_states=True).states["out"]
    jumped = np.zeros(2)
    for rows in (weight[:2], weight[2:]):
        most = max(np.maximum(rows, 0).sum(axis=0).max(), -np.minimum(rows, 0).sum(axis=0).min())
        jumped += most / 3 * np.clip(np.floor(rows.sum(axis=0) / (most / 3) + 0.5), -3, 3)
    assert len([name for name in states[0] if name.endswith("i_syn")]) == 2
    extreme = [sum(max((s[name][i] for s in states), key=abs) for name in states[0] if name.endswith("i_syn")) for i in range(2)]
    np.testing.assert_allclose(extreme, jumped, rtol=0, atol=1e-12)
    assert np.abs(jumped - weight.sum(axis=0)).max() > 0.01


def test_sparse_pairs_stay_sparse_and_conductances_stay_positive() -> None:
    s, t = np.nonzero(RANDOM.random((N_IN, N_OUT)) < 0.3)
    sparse = laid_out({"wire_resistance": 1e-6, "storage": "pair"}, 0.2, connector=pairs(s, t))
    (p,) = ready(sparse).projections
    assert np.array_equal(np.stack([p.connector.params["sources"], p.connector.params["targets"]]), np.stack([s, t]))
    positive = laid_out(
        {"wire_resistance": 1e-5, "g_min": 2.0, "storage": "single"}, np.abs(WEIGHTS) * 0.01, ("conductance_exponential", {})
    )
    (q,) = ready(positive).projections
    assert q.weight.min() >= 0.0 and q.weight.max() > 0.0


def device(key: str, **params: Any) -> dict[str, Any]:
    return {"device": (key, params)}


def test_devices_are_programmed_onto_their_cells() -> None:
    """Slices and noise stand in the weights; without effects of the crossbar they are those of the same network without it."""
    params = {"storage": "pair", "w_max": 2.5, "corrupt": 0.2, "w_max_dtod": 0.4}
    free = laid_out(None, **device("constant_step", **params))
    on = laid_out({"rows": 7.0}, **device("constant_step", **params))
    there = simulate(free, duration=1.0, record=[("p", "weight")]).weights["p"].weights
    np.testing.assert_allclose(weights_of(on).ravel(), there, rtol=0, atol=1e-12)
    assert 0.01 < np.std(there - WEIGHTS.ravel()) < 1.0
    sliced = laid_out({"rows": 7.0}, np.abs(WEIGHTS), **device("constant_step", storage="slices", slices=2, slice_bits=2, w_max=2.0))
    levels = weights_of(sliced) / 2.0 * 15
    np.testing.assert_allclose(levels, np.round(levels), atol=1e-9)


def test_devices_that_change_are_read_once() -> None:
    params = {"storage": "pair", "w_max": 2.5, "prog_noise": 0.0, "read_noise": 0.0}
    young = weights_of(laid_out({"rows": 7.0, "age": 0.0}, **device("pcm", **params)))
    old = weights_of(laid_out({"rows": 7.0, "age": 1e6}, **device("pcm", **params)))
    np.testing.assert_allclose(young, WEIGHTS, rtol=0, atol=1e-9)
    assert 0.3 < np.abs(old).mean() / np.abs(young).mean() < 0.8
    with pytest.raises(FindingError, match="solved once"):
        ready(laid_out({"wire_resistance": 1e-6}, **device("pcm", **params)))


def test_learning_weights_are_converted_but_not_solved() -> None:
    rule = {"plasticity": ("stdp_pair", {"w_max": 2.0})}
    (p,) = ready(laid_out({"adc_bits": 6.0}, 0.5, **rule)).projections
    assert p.plasticity.model.plastic and p.kinetics is not None and "adc_step" in p.kinetics.params
    assert p.kinetics.params["adc_step"][0] == pytest.approx(N_IN * 2.0 / 63)


@pytest.mark.parametrize(
    ("text", "crossbar", "more"),
    [
        ("these weights learn", {"wire_resistance": 1e-6}, {"plasticity": ("stdp_pair", {})}),
        ("cannot be cut", {"rows": 4.0, "adc_bits": 4.0}, {"plasticity": ("stdp_pair", {})}),
        ("share their ends", {"stuck_low": 0.1}, {"connector": ("fixed_in_degree", {"k": 20}), "weight": 0.1}),
        ("delays differ", {"adc_bits": 4.0}, {"delay": Drawn("uniform", 0.5, 2.0)}),
        ("hold no weight", {"columns": 1.0, "adc_bits": 4.0}, {}),
    ],
)
def test_what_cannot_be_is_told(text: str, crossbar: dict[str, Any], more: dict[str, Any]) -> None:
    flat = laid_out(crossbar)
    (p,) = flat.projections
    parts = {k: chosen(k, v[0], **v[1]) if k in ("plasticity", "connector") else v for k, v in more.items()}
    wrong: FlatProjection = replace(p, **parts)
    with pytest.raises(FindingError, match=text):
        ready(replace(flat, projections=(wrong,)))


def test_the_device_of_a_lowered_projection_is_a_device() -> None:
    (p,) = ready(laid_out({"stuck_low": 0.1})).projections
    assert isinstance(p.device.model, Device)
