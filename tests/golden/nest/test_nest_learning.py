"""Weights under plasticity against NEST's stdp_synapse, and a device against aihwkit's pulses."""

from __future__ import annotations

import numpy as np
import pytest
from engine.networks import network, population, projection, source
from golden.nest.nets import golden

from studio.engine.run import simulate
from studio.network.flat import FlatNetwork, Record

TINY = 1e-6  # a learning current so small that it does not move the cell whose spikes are prescribed


def learner(
    pre: list[float], post: list[float], w: float, delay: float, rule: tuple, device: tuple = ("ideal", {}), duration: float = 100.0
) -> FlatNetwork:
    """A source that fires at `pre`, a cell made to fire at `post`, a learning synapse with a current of 2 us between them."""
    cell = population("cell", 1, t_ref=0.0, c_m=1e6)
    sources = [source("pre", 1, "spike_list", times=np.array(pre)), source("post", 1, "spike_list", times=np.array(post) - 0.1)]
    projections = [
        projection("forced", "post", "cell", weight=1000.0, delay=0.1),
        projection("learn", "pre", "cell", weight=w, delay=delay, kinetics=("exponential", {"tau": 0.002}), plasticity=rule, device=device),
    ]
    return network(
        [cell], sources, projections, [Record("cell", "exponential.i_syn", None, 0.1)], duration=duration, dt=0.1, precision="double"
    )


def carried(r, times: list[float], delay: float) -> np.ndarray:
    """The current just after each arrival: the weight it carried, as 2 us leave nothing of earlier ones."""
    rows = np.rint((np.array(times) + delay) / 0.1).astype(int) - 1
    return r.traces["cell", "exponential.i_syn"].values[rows, 0]


@pytest.mark.parametrize("name", ["stdp_additive", "stdp_multiplicative", "stdp_power", "stdp_clipping"])
@pytest.mark.parametrize("slice_steps", [None, 3])
def test_weight_at_every_spike_as_nest(name: str, slice_steps: int | None) -> None:
    g = golden(name)
    p = g["synapse_params"]
    rule = {"w_max": p["Wmax"] * TINY, "learning_rate": p["lambda"], "tau_minus": g["postsynaptic_params"]["tau_minus"]}
    rule |= {k: p[k] for k in ("alpha", "mu_plus", "mu_minus", "tau_plus")}
    pre, post = g["presynaptic_spike_times_ms"], g["postsynaptic_spike_times_ms"]
    net = learner(pre, post, p["weight"] * TINY, p["delay"], ("stdp_pair", rule), duration=g["simulated_ms"])
    r = simulate(net, threads=1, slice_steps=slice_steps)
    assert np.allclose(r.spikes["cell"].times, post)
    ours = carried(r, pre, p["delay"]) / TINY
    assert np.abs(ours - np.array(g["weights_after_each_presynaptic_spike"])).max() < 1e-11


@pytest.mark.parametrize("name", ["stdp_triplet", "stdp_triplet_default"])
@pytest.mark.parametrize("slice_steps", [None, 3])
def test_weight_under_triplets_as_nest(name: str, slice_steps: int | None) -> None:
    g = golden(name)
    p, post_side = g["synapse_params"], g["postsynaptic_params"]
    rule = {"w_max": p["Wmax"] * TINY, "tau_plus": p["tau_plus"], "tau_x": p["tau_plus_triplet"]}
    rule |= {"tau_minus": post_side["tau_minus"], "tau_y": post_side["tau_minus_triplet"]}
    amplitudes = {"a2_plus": "Aplus", "a3_plus": "Aplus_triplet", "a2_minus": "Aminus", "a3_minus": "Aminus_triplet"}
    rule |= {ours: p[theirs] / p["Wmax"] for ours, theirs in amplitudes.items()}
    pre, post = g["presynaptic_spike_times_ms"], g["postsynaptic_spike_times_ms"]
    net = learner(pre, post, p["weight"] * TINY, p["delay"], ("stdp_triplet", rule), duration=g["simulated_ms"])
    r = simulate(net, threads=1, slice_steps=slice_steps)
    assert np.allclose(r.spikes["cell"].times, post)
    expected = np.array(g["weights_after_each_presynaptic_spike"])
    assert np.ptp(expected) > 0.01 * expected[0]
    assert np.abs(carried(r, pre, p["delay"]) / TINY - expected).max() < 1e-11


@pytest.mark.parametrize("sequence", ["up_then_down", "down_then_up", "random"])
def test_soft_bounds_follow_the_measured_pulses(sequence: str) -> None:
    """Each pair of spikes asks for one equal step up or down; the device's step shrinks towards its bounds, as aihwkit's (float32) does.

    aihwkit's up and down steps differ; the rule asks for them through alpha = down / up.
    """
    g = golden("pulse_SoftBounds_generic")
    hidden, s = g["hidden_parameters_of_the_tile"], g["sequences"][sequence]
    low, high = hidden["min_bound"], hidden["max_bound"]
    # the device scales a change by room / (w_max - w_min), aihwkit by room / w_max upwards and room / -w_min downwards
    up, down = hidden["dwmin_up"] * (high - low) / high, hidden["dwmin_down"] * (high - low) / -low
    pre, post = _pairs(s["directions"])
    rule = {"w_max": 1e3, "learning_rate": up / 1e3, "alpha": down / up, "mu_plus": 0.0, "mu_minus": 0.0, "tau_plus": 1e9, "tau_minus": 1e9}
    weights = _stored(s["weights"][0], s["directions"], rule, {"w_min": low, "w_max": high})
    assert len(pre) + len(post) > 0
    assert np.abs(weights - np.array(s["weights"])).max() < 2e-5


def _pairs(directions: list[int]) -> tuple[list[int], list[int]]:
    return [k for k, d in enumerate(directions) if d < 0], [k for k, d in enumerate(directions) if d > 0]


def _stored(w: float, directions: list[int], rule: dict, device: dict) -> np.ndarray:
    """The weight after each requested step, through the device's own text."""
    from engine.networks import CATALOGUE

    from studio.engine.interpret import Interpreter
    from studio.models.learning import device_form

    write = device_form(CATALOGUE.get("device", "soft_bounds")).write
    up = rule["learning_rate"] * rule["w_max"]
    out = [w]
    for d in directions:
        dw = up if d > 0 else -up * rule["alpha"]
        out.append(Interpreter().run(write, {**device, "w": out[-1], "dw": dw, "dt": 0.1})["w"])
    return np.array(out)
