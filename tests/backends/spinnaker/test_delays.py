"""Delays beyond the ring buffers: delay extensions, against the same network on cores small enough to need none."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import studio
from studio.backends.compiling import compile_network
from studio.backends.spinnaker import files
from studio.backends.spinnaker.relays import relays
from studio.backends.spinnaker.routing import keys_of
from studio.compile.backend import Stimulus
from studio.network import connectors as c


def far(plastic: bool = False, dt: float = 1.0) -> studio.Network:
    """Early and late synapses in one projection, a constant late delay, from an input and from populations; two targets of one source."""
    net = studio.Network("far")
    net.run(duration=900 * dt, dt=dt, seed=5)
    net.source("in", 40, "poisson", rate=40 / dt)
    net.population("one", 100, "lif", t_ref=2)
    net.population("two", 70, "lif", v_rest=-66)
    net.connect("in", "one", c.probability(0.3), weight=3.0, delay={"uniform": [1.0 * dt, 500.0 * dt]}, kinetics="delta")
    net.connect("in", "two", c.probability(0.3), weight=2.0, delay=150.0 * dt, kinetics="delta")
    net.connect("one", "two", c.fixed_in_degree(5), weight=4.0, delay={"uniform": [100.0 * dt, 300.0 * dt]}, kinetics="delta")
    rule = ("stdp_pair", {"w_max": 6.0, "mu_plus": 0.0, "mu_minus": 0.0, "learning_rate": 0.05}) if plastic else "static"
    net.connect("two", "one", c.fixed_in_degree(6), weight=-2.0 if not plastic else 2.0, delay=3.0 * dt, kinetics="delta", plasticity=rule)
    return net


def drive(steps: int = 900) -> Stimulus:
    when, who = np.nonzero(np.random.default_rng(2).random((steps, 40)) < 0.04)
    return Stimulus(steps, {"in": (when.astype(np.int64), who.astype(np.int64))})


@pytest.mark.parametrize("plastic", [False, True])
def test_spikes_are_held_back_as_long_as_ring_buffers_would(plastic, tmp_path: Path):
    """The extension's network, the same on cores of 8 neurons without one, and the artefact read back: the same spikes."""
    made = {name: compile_network(far(plastic), "spinnaker", delay_extensions=name) for name in ("always", "auto", "never")}
    assert all(m.fits for m in made.values()), [m.report.findings for m in made.values()]
    assert [len(relays(m.program)) for m in made.values()] == [2, 2, 0]
    assert [{(r.of, r.stages, r.steps) for r in relays(m.program).values()} for m in made.values()] == [
        {("in", 7, 64), ("one", 4, 64)},
        {("in", 3, 128), ("one", 2, 128)},
        set(),
    ]
    spikes = {}
    for name, m in made.items():
        assert m.backend.emulate is not None and m.backend.replay is not None
        outcome = m.backend.emulate(m.program, drive())
        assert m.backend.replay(m.emit(tmp_path / name).program and tmp_path / name, drive()).differs(outcome) == ""
        spikes[name] = {key: outcome.spikes[key] for key in ("one", "two")}
        assert all(len(steps) > 200 for steps, _ in spikes[name].values()), "nothing to compare"
    for name in ("always", "auto"):
        for key in ("one", "two"):
            assert all(np.array_equal(a, b) for a, b in zip(spikes[name][key], spikes["never"][key], strict=True)), (name, key)


def test_an_extension_repeats_at_the_rate_of_its_source_and_costs_a_core_for_each_of_its_slices():
    """In the fit meter, which lists nothing, and compiled; rates as they are stated."""
    for estimate in (True, False):
        made = compile_network(far(), "spinnaker", estimate=estimate)
        assert made.fits and made.backend.traffic is not None
        assert [len(made.program.parts_of(key)) for key in ("in delayed", "one", "one delayed")] == [1, 2, 2]
        found = made.backend.traffic(made.program, made.target)
        assert found is not None and found.rates == {"one": 10.0, "two": 10.0, "in": 40.0}
        assert made.report.paths["in"].cores == 2 and made.report.paths["one"].cores == 4


def test_a_source_of_many_elements_is_cut_so_that_its_extension_fits_a_core():
    """A counter for every element and step: 256 elements would need 72 kB at 8 stages of 32 steps."""
    net = studio.Network("wide")
    net.run(duration=300, dt=1.0)
    net.source("in", 256, "poisson", rate=10)
    net.population("all", 256, "lif")
    net.connect("in", "all", c.fixed_in_degree(3), weight=1.0, delay={"uniform": [1.0, 280.0]}, kinetics="delta")
    made = compile_network(net, "spinnaker", delay_extensions="always")
    assert made.fits and [p.size for p in made.program.parts_of("in")] == [64] * 4
    assert {r.stages for r in relays(made.program).values()} == {8} and made.report.paths["in"].uses


def test_all_that_hear_one_source_late_have_equal_ring_buffers():
    """sPyNNaker asks for it: a small population would have 512 slots, a large one fewer."""
    net = studio.Network("shared")
    net.run(duration=300, dt=1.0)
    net.source("in", 40, "poisson", rate=10)
    for name, n in (("large", 256), ("small", 10)):
        net.population(name, n, "lif")
        net.connect("in", name, c.fixed_in_degree(3), weight=1.0, delay={"uniform": [1.0, 600.0]}, kinetics="delta")
    program = compile_network(net, "spinnaker", delay_extensions="always").program
    assert program.settings["slots"] == {"large": 512, "small": 512} and [(r.stages, r.steps) for r in relays(program).values()] == [
        (1, 512)
    ]
    assert max(p.size for p in program.parts_of("large")) == 16


def test_slices_that_are_small_for_other_reasons_have_longer_ring_buffers():
    """Ten synapses of each source on each neuron: rows of 256 words hold some 20 neurons, whose ring buffers have 256 slots."""
    net = studio.Network("dense")
    net.run(duration=300, dt=1.0)
    net.source("in", 4, "poisson", rate=10)
    net.population("cells", 64, "lif")
    net.connect("in", "cells", c.fixed_in_degree(40), weight=1.0, delay={"uniform": [1.0, 200.0]}, kinetics="delta")
    program = compile_network(net, "spinnaker").program
    assert 16 < program.parts_of("cells")[0].size <= 32 and program.settings["slots"] == {"cells": 256} and relays(program) == {}


def test_a_stage_has_as_many_keys_as_a_power_of_two():
    """40 elements, 3 stages, 16 colours: 64 x 3 x 16 keys, rounded up (DelayExtensionMachineVertex of sPyNNaker 7.4.1, in virtual-board mode)."""
    program = compile_network(far(), "spinnaker").program
    assert relays(program)["in delayed"].stages == 3 and keys_of(program)["in delayed"].slice_bits == 12


def test_an_extension_that_is_told_another_key_repeats_nothing(tmp_path: Path):
    made = compile_network(far(), "spinnaker").emit(tmp_path)
    found = json.loads((tmp_path / files.PARTITION).read_text())
    for s in found["slices"]:
        if s["of"] == "in delayed":
            s["incoming_key"] += 1 << 20
    (tmp_path / files.PARTITION).write_text(json.dumps(found))
    assert made.backend.replay is not None
    spikes = made.backend.replay(tmp_path, drive()).spikes
    assert len(spikes["in delayed"][0]) == 0 < len(spikes["one delayed"][0])
