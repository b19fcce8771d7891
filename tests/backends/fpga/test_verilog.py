"""The emitted Verilog, simulated by iverilog and verilator, equals the fixed-point emulator bit by bit: spikes, last states, saturations."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from backends.fpga.nets import LIF, compiled, given, one_layer

import studio
from studio.backends.fpga.design import design
from studio.backends.fpga.emit import emit
from studio.backends.fpga.emulate import emulate
from studio.backends.fpga.replay import SIMULATORS, replay
from studio.compile.backend import Stimulus
from studio.compile.program import Part, Program
from studio.compile.wiring import Cut
from studio.findings import FindingError
from studio.network.flatten import flatten

STEPS = 400


def recurrent() -> Program:
    """20 neurons of two models with drawn weights, delays and time constants, a current from the host, on four cores."""
    net = studio.Network("recurrent")
    drive = net.source("drive", 8, "poisson", rate=50.0)
    current = net.source("current", 1, "step_current", amplitude=2.0, start=5.0, stop=25.0)
    a = net.population("a", 14, "lif", tau_m={"normal": [15.0, 1.0]}, t_ref=1.5)
    b = net.population("b", 6, "lif_euler")
    net.connect(drive, a, studio.probability(0.6), weight={"normal": [6.0, 2.0]}, delay=0.3)
    net.connect(current, b, studio.all_to_all())
    net.connect(a, b, studio.probability(0.5), kinetics=("exponential", {"tau": 3.0}), weight=8.0, delay={"uniform": [0.5, 2.0]})
    net.connect(b, a, studio.probability(0.5), weight=-2.0, delay=1.0)
    net.connect(a, a, studio.probability(0.3), weight=1.0, delay=0.8)
    program = compiled(flatten(net.document)).program
    halves = [(x, k) for x in program.layers for k in range(2)]
    parts = tuple(Part(f"{x.key}/{k}", x.key, Cut(k * x.size // 2, (k + 1) * x.size // 2), n) for n, (x, k) in enumerate(halves))
    return replace(program, parts=parts)


def stimulus(program: Program) -> Stimulus:
    steps, ids = np.nonzero(np.random.default_rng(1).random((STEPS, 8)) < 0.15)
    form = next(x for x in program.inputs if x.analog).source
    lowered = form.model.lower(form.params, 1, program.dt)
    return Stimulus(
        STEPS, {"drive": (np.r_[-1, steps], np.r_[0, ids])}, {"current": (np.asarray(lowered.starts), np.asarray(lowered.values))}
    )


@pytest.mark.parametrize("simulator", ["iverilog", pytest.param("verilator", marks=pytest.mark.thorough)])
def test_the_design_does_what_its_emulator_does(simulator: str, tmp_path: Path) -> None:
    if shutil.which(simulator) is None:
        pytest.skip(f"{simulator} is not installed")
    program = recurrent()
    inputs = stimulus(program)
    files = emit(program, tmp_path)
    assert {"network.v", "neuron_a.v", "neuron_b.v", "core_3.v", "core_0_synapse.hex", "bench.v", "host.json"} <= set(files)
    wanted, found = emulate(design(program), inputs), replay(tmp_path, inputs, simulator)
    assert len(wanted.spikes["a"][0]) > 50 and len(wanted.spikes["b"][0]) > 5
    assert wanted.differs(found) == "" and set(wanted.states) == set(found.states) and len(found.states) == 4


def test_saturated_states_are_counted_alike(tmp_path: Path) -> None:
    if shutil.which("iverilog") is None:
        pytest.skip("iverilog is not installed")
    made = compiled(one_layer(kinetics=("exponential", {"tau": 50.0}), weight=-0.2, **LIF), headroom=1.0)
    made.emit(tmp_path)
    inputs = given(made.program, 120, rate=1.0)
    wanted, found = emulate(design(made.program), inputs), replay(tmp_path, inputs, "iverilog")
    assert wanted.differs(found) == ""
    assert 0 < wanted.counters["n"]["saturated"] == found.counters["n"]["saturated"] < 120 * 6


def test_without_a_simulator_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    emit(recurrent(), tmp_path)
    with pytest.raises(FindingError, match="Install iverilog or verilator"):
        replay(tmp_path, Stimulus(1))


def test_a_design_that_was_tampered_with_is_found_out(tmp_path: Path) -> None:
    if shutil.which("iverilog") is None:
        pytest.skip("iverilog is not installed")
    program = recurrent()
    inputs = stimulus(program)
    emit(program, tmp_path)
    text = (tmp_path / "neuron_a.v").read_text()
    (tmp_path / "neuron_a.v").write_text(text.replace("assign spike = ", "assign spike = 1'b0 & "))
    assert emulate(design(program), inputs).differs(replay(tmp_path, inputs, "iverilog")).startswith("“a” spikes")
    assert SIMULATORS[0] == "iverilog"
