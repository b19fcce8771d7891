"""Fixed-point arithmetic against the engine's definition, the reference in double precision, state by state and step by step."""

from __future__ import annotations

import numpy as np
import pytest
from backends.fpga.nets import LIF, both, compiled, given, one_layer
from engine.networks import network, population, projection, source

from studio.backends.fpga.design import design
from studio.backends.fpga.wires import Graph, Wire
from studio.compile.backend import Stimulus

STEPS = 250


def worst(real, ideal):
    return {s: float(np.abs(real[s] - ideal[s]).max()) for s in ideal if s in real}


def bound(path, size):
    """The furthest a linear state can drift: in each step half a last place of every state, and the constants' errors times what they multiply, kept
    by the slowest factor below 1."""
    factors = [c.values / 2.0**c.fraction for c in path.shared_constants if c.name.startswith("p_")]
    slowest = max(f for f in factors if abs(f) < 1.0)
    per_step = sum(r.unit_size for r in path.registers if r.signed) + sum(c.error for c in path.shared_constants) * size
    return per_step / (1.0 - slowest)


@pytest.mark.parametrize(
    ("kinetics", "weight"), [(("delta", {}), 1.25), (("exponential", {"tau": 5.0}), 0.5), (("alpha", {"tau": 2.0}), 0.75)]
)
def test_leaky_neurons_stay_within_what_rounding_allows(kinetics, weight) -> None:
    made = compiled(one_layer(kinetics=kinetics, weight=weight, current=0.3, start={"v": np.linspace(-3.0, 9.0, 6)}, **LIF))
    real, ideal, ours, theirs, path = both(made, given(made.program, STEPS))
    assert len(ours) >= 10 and ours == theirs
    assert worst(real, ideal)["v"] <= bound(path, 40.0) < 1e-3  # mV


@pytest.mark.parametrize(
    ("neuron", "kinetics", "cells", "weight", "allowed"),
    [
        ("lif_euler", ("delta", {}), {}, 3.0, 1e-4),
        ("alif", ("exponential", {"tau": 5.0}), {}, 0.5, 1e-3),
        ("lif", ("conductance_exponential", {"tau": 5.0, "e_rev": 0.0}), {}, 0.02, 1e-3),
        ("izhikevich", ("delta", {}), {}, 9.0, 2e-2),
        ("resonate_and_fire", ("delta", {}), {"damping": 0.1}, 0.4, 1e-4),
    ],
)
def test_other_neurons_follow_the_definition(neuron, kinetics, cells, weight, allowed) -> None:
    made = compiled(one_layer(neuron, kinetics, weight, **cells))
    real, ideal, ours, theirs, _ = both(made, given(made.program, STEPS))
    assert ours == theirs and ours
    assert max(worst(real, ideal).values()) <= allowed


@pytest.mark.parametrize(("neuron", "weight"), [("loihi", 600.0), ("truenorth", 30.0)])
def test_neurons_in_whole_numbers_are_exact(neuron, weight) -> None:
    made = compiled(one_layer(neuron, weight=weight, dt=1.0))
    real, ideal, ours, theirs, path = both(made, given(made.program, STEPS, rate=0.1))
    assert ours == theirs and ours
    assert all(e == 0.0 for e in worst(real, ideal).values())
    assert all(r.fraction == 0 for r in path.registers if r.name == "v")


def test_refractory_steps_and_a_value_for_each_neuron() -> None:
    cells = {**LIF, "t_ref": np.array([0.0, 0.1, 0.5, 1.0, 2.0, 4.0]), "tau_m": np.array([5.0, 8.0, 12.0, 16.0, 20.0, 25.0])}
    made = compiled(one_layer(weight=6.0, **cells))
    _, _, ours, theirs, path = both(made, given(made.program, STEPS, rate=0.2))
    assert ours == theirs and {i for _, i in ours} == set(range(6))
    assert path.own_constants, "each neuron has a factor of its own"


def test_what_leaves_a_state_s_range_stays_at_its_end_and_is_counted() -> None:
    flat = one_layer(kinetics=("exponential", {"tau": 50.0}), weight=-0.2, **LIF)
    made = compiled(flat, headroom=1.0)
    stimulus = given(made.program, 200, rate=1.0)
    outcome = made.backend.emulate(made.program, stimulus)
    lowest = {(("n", r.name)): -(2 ** (r.bits - 1)) for r in registers(made)}
    assert any(outcome.states[name].tolist() == [[low] * 6] for name, low in lowest.items())
    assert 600 < outcome.counters["n"]["saturated"] < 6 * 200
    roomy = compiled(flat, headroom=1024.0)
    assert roomy.backend.emulate(roomy.program, stimulus).counters["n"]["saturated"] == 0


def test_a_current_has_room_up_to_where_it_leads() -> None:
    made = compiled(one_layer(current=-200.0, **LIF))
    outcome = made.backend.emulate(made.program, Stimulus(3000, {}, given(made.program, 1).currents))
    v = next(r for r in registers(made) if r.name == "v")
    assert outcome.counters["n"]["saturated"] == 0
    assert outcome.states[("n", "v")][0] * 2.0**-v.fraction == pytest.approx(-4000.0, rel=1e-4)  # tau_m / c_m times the current


def test_draws_are_uniform_and_each_neuron_s_own() -> None:
    made = compiled(network([population("n", 60, "boltzmann")], [], [], dt=1.0))
    real, _, ours, theirs, path = both(made, given(made.program, 300))
    assert any(r.name == "noise_" for r in path.registers) and set(np.unique(real["z"])) == {0.0, 1.0}
    spread = 5.0 * np.sqrt(len(theirs) * 2.0)  # standard deviations of a difference of two counts
    assert len(ours) > 100 and abs(len(ours) - len(theirs)) < spread
    assert len({tuple(i for s, i in ours if s == step) for step in range(50, 60)}) > 1


def test_a_sum_that_does_not_fit_wraps_and_is_counted() -> None:
    made = compiled(one_layer(weight=3.0, **LIF))
    (core,) = design(made.program).cores
    (arrival,) = core.datapath.arrivals
    q = made.program.connections[0].quantised
    many = 2 ** (arrival.bits - 1) // (3 * 2**arrival.fraction) + 1  # spikes of one element in one step
    assert q is not None and q.scale == 2.0**-arrival.fraction
    burst = Stimulus(10, {"x": (np.zeros(many, np.int64), np.zeros(many, np.int64))})
    assert made.backend.emulate(made.program, burst).counters["n"]["overflow"] == 6  # each of the six neurons hears it
    few = Stimulus(10, {"x": (np.zeros(many - 1, np.int64), np.zeros(many - 1, np.int64))})
    assert made.backend.emulate(made.program, few).counters["n"]["overflow"] == 0


def test_narrow_words_cost_precision_and_say_so() -> None:
    flat = one_layer(kinetics=("exponential", {"tau": 5.0}), weight=0.37, **LIF)
    errors = []
    for word in (32, 20, 14):
        made = compiled(flat, word=word)
        real, ideal, *_ = both(made, given(made.program, 60))
        errors.append(worst(real, ideal)["v"])
        (said,) = [x for x in made.report.losses if x.path == "n" and x.what == "v"]
        assert said.worst == pytest.approx(2.0 ** -(next(r.fraction for r in registers(made) if r.name == "v") + 1))
    assert errors[0] < errors[1] < errors[2]


def registers(made):
    return design(made.program).cores[0].datapath.registers


def test_weights_share_a_power_of_two_and_say_what_it_costs() -> None:
    weights = np.array([[0.1, -0.7], [0.333, 0.25]])
    flat = network(
        [population("n", 2, **LIF)],
        [source("x", 2, "spike_list", times=np.zeros(0), ids=np.zeros(0, np.int64))],
        [projection("in", "x", "n", ("explicit", {"sources": [0, 0, 1, 1], "targets": [0, 1, 0, 1]}), weights.ravel(), 1.0)],
    )
    made = compiled(flat, weight=8)
    c = made.program.connections[0]
    assert c.quantised is not None and c.quantised.scale == 2.0**-7
    assert c.wiring.onto().weights.tolist() == np.rint(weights * 128).T.ravel().tolist()  # by target
    (said,) = [x for x in made.report.losses if x.path == "in"]
    assert said.worst == pytest.approx(np.abs(np.rint(weights * 128) / 128 - weights).max())


def test_a_rounded_wire_has_room_for_what_rounds_up() -> None:
    g = Graph()
    rounded = g.align(g.given("state", "v", 4, -128, 127), 0)
    assert isinstance(rounded, Wire) and (rounded.low, rounded.high, rounded.bits) == (-8, 8, 5)
