"""What fits an FPGA, what does not and why; cores, speed, and what they take."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from backends.fpga.nets import LIF, compiled, given, one_layer, refused
from engine.networks import network, population, projection, source

from studio.backends import backend
from studio.backends.compiling import compile_network, fit, flat_of
from studio.backends.engine import scaled
from studio.backends.fpga import cost, design, memories
from studio.backends.fpga.reach import reach, why_not
from studio.backends.fpga.target import DEVICES, TARGET, made
from studio.compile.energy import from_counts
from studio.compile.wiring import Cut
from studio.engine import reference
from studio.findings import FindingError
from studio.models.catalogue import builtin
from studio.network import files
from studio.share import templates


def template(name):
    found, findings = files.read(next(t.path for t in templates() if t.name == name))
    assert found is not None, findings
    return found


def chain(delay=1.0, size=40, **more):
    """Inputs onto a, a onto b, both ways."""
    rng = np.random.default_rng(2)
    s, t = np.nonzero(rng.random((size, size)) < 0.2)
    back = np.nonzero(rng.random((size, size)) < 0.1)
    return network(
        [population("a", size, **LIF), population("b", size, **LIF)],
        [source("x", size, "spike_list", times=np.zeros(0), ids=np.zeros(0, np.int64))],
        [
            projection("xa", "x", "a", ("explicit", {"sources": s, "targets": t}), rng.normal(4.0, 1.0, len(s)), 0.0),
            projection("ab", "a", "b", ("explicit", {"sources": s, "targets": t}), 5.0, delay, **more),
            projection("ba", "b", "a", ("explicit", {"sources": back[0], "targets": back[1]}), -1.5, rng.integers(1, 9, len(back[0])) / 10),
        ],
        dt=0.1,
        seed=3,
    )


def test_first_spike_is_exactly_the_ideal_network() -> None:
    flat = flat_of(template("first_spike"))
    made = compile_network(flat, "fpga")
    stimulus = given(made.program, 1500, rate=0.0)
    x = made.program.inputs[0]
    form = x.source.model.lower(x.source.params, x.size, made.program.dt)
    stimulus.currents[x.key] = (np.asarray(form.starts), np.asarray(form.values))  # type: ignore[index]
    outcome = made.backend.emulate(made.program, stimulus)
    ideal = reference.run(flat, 1500).spikes
    for path, (steps, ids) in outcome.spikes.items():
        assert list(zip((steps + 1).tolist(), ids.tolist(), strict=True)) == ideal[path]
    assert all(ideal.values())


def test_cores_hand_spikes_to_each_other_as_one_core_would() -> None:
    """Cut into many cores, with delays from 0 (inputs) up to the ring's length: the same spikes, and those of the definition."""
    few, many = compiled(chain(size=60)), compiled(chain(size=60), clock=1.0)
    assert len(few.program.parts) == 2 < len(many.program.parts)
    stimulus = given(few.program, 300, rate=0.1)
    one, two = (m.backend.emulate(m.program, stimulus) for m in (few, many))
    assert one.differs(two) == "" and len(one.spikes["b"][0]) > 20
    ideal = reference.run(scaled(few.program).network(stimulus), 300).spikes
    for path, (steps, ids) in one.spikes.items():
        assert list(zip((steps + 1).tolist(), ids.tolist(), strict=True)) == sorted(ideal[path])


def test_what_a_core_takes_is_what_its_memories_hold() -> None:
    """Counted from the rules, and laid out: the same words and bits (where synapses are listed)."""
    program = compiled(chain(size=60), clock=1.0).program
    for part, core in zip(program.parts, design.design(program).cores, strict=True):
        counted = {name: (words, bits) for name, words, bits in cost.memories(program, part.layer, part.cut)}
        assert counted["state"] == (core.size, core.register_bits)
        assert counted["ring"] == (core.size * core.slots, core.arrival_bits)
        assert counted["row"][0] == len(memories.rows(core))
        words, bits = counted["synapse"]
        assert words == core.synapses and core.synapse_bits <= bits <= core.synapse_bits + 1


def test_blocks_and_multipliers() -> None:
    up5k, ecp5, artix = (DEVICES[k] for k in ("up5k", "ecp5_85", "xc7a100t"))
    assert cost.blocks_of(1024, 18, ecp5) == 1 and cost.blocks_of(1025, 18, ecp5) == 2 and cost.blocks_of(8192, 23, ecp5) == 12
    assert cost.blocks_of(256, 32, up5k) == 2 and cost.blocks_of(16, 8, ecp5) == 0  # nearly empty: tables hold it
    assert cost.multipliers([[32, 25]], ecp5) == 4 and cost.multipliers([[32, 25]], artix) == 4 and cost.multipliers([[25, 18]], artix) == 1
    # as Yosys 0.23 makes them
    assert [cost.multipliers([[32, 25]], d) for d in (up5k, ecp5, artix)] == [4, 4, 4]
    assert [cost.multipliers([[36, 25]], d) for d in (up5k, ecp5, artix)] == [6, 4, 4]
    assert cost.multipliers([[16, 16]], up5k) == 1 and cost.multipliers([[18, 17]], up5k) == 4


@pytest.mark.parametrize("device", [d for d in DEVICES if d != "up5k"])
def test_every_device_says_what_it_has(device: str) -> None:
    one = compiled(chain(), device=device, cores=4)
    assert one.target.topology.cores == 4 and one.report.dialect == device
    totals = {u.resource: u for u in one.report.totals}
    assert totals["memory_blocks"].available == DEVICES[device].blocks and totals["cores"].available == 4
    assert "“xa”" not in one.report.title and made(DEVICES[device]).limits["tables"].shared


def test_delays_of_nothing_between_populations_are_refused() -> None:
    (said,) = refused(chain(delay=0.0)).values()
    assert said.code == "fit.delay" and said.where == "ab.delay" and said.fix == "Set ab.delay to 0.1 ms."


def test_models_that_are_no_arithmetic_are_refused_with_one_that_is() -> None:
    for neuron, why in (("hodgkin_huxley", "exp"), ("adex", "division")):
        said = refused(one_layer(neuron))["fit.model"]
        assert said.where == "n.model" and said.fix.startswith("Set n.model to ") and why in why_not(builtin().get("neuron", neuron))
    assert refused(chain(plasticity=("stdp_pair", {})))["fit.plasticity"].where == "ab.plasticity"
    assert refused(one_layer(kinetics=("nmda", {})))["fit.model"].where == "in.kinetics"


def test_a_fix_names_a_neuron_that_goes_with_the_receptors_there_are() -> None:
    said = refused(one_layer("boltzmann", weight=1.0))["fit.model"]  # has no voltage that could jump
    assert said.where == "n.model" and "which Boltzmann unit does not have" in said.text
    named = said.fix.removesuffix(".").split("It takes ")[1].split(", ")
    assert "boltzmann" not in named and all(compiled(one_layer(key, weight=1.0)).fits for key in named)
    other = refused(one_layer("hodgkin_huxley", ("exponential", {"tau": 5.0})))["fit.model"]
    assert "boltzmann" not in other.fix


def test_parameters_of_each_neuron_that_stand_alone() -> None:
    """A constant that no name stands for, with a value for each neuron."""
    path = design.design(compiled(one_layer("if_euler", weight=6.0, i_offset=np.linspace(0.0, 0.01, 6))).program).cores[0].datapath
    assert [c.text for c in path.own_constants] == ["numbers of the document"]


def test_reach_is_found_out_by_rendering() -> None:
    said = {m.key: reach(m) for m in builtin().models if m.kind in ("neuron", "kinetics")}
    assert {k for k, v in said.items() if v == ""} == {"loihi", "truenorth", "delta"}
    assert {"lif", "alif", "izhikevich", "boltzmann", "conductance_exponential"} <= {k for k, v in said.items() if v}
    assert {"morris_lecar", "quadratic_if", "boltzmann_probit", "gap_junction"} <= {k for k, v in said.items() if v is None}


def test_what_is_too_large_says_which_memory_is_full() -> None:
    report = fit(template("brunel"), "fpga")
    (said,) = [f for f in report.findings if f.severity == "error"]
    assert said.code == "fit.memory" and said.where == "excitatory" and "are synapses" in said.text and "ECP5-85F has 208" in said.text
    larger = fit(template("cuba"), "fpga")
    assert "option device=xc7k325t" in next(f.fix for f in larger.findings if f.severity == "error")
    assert fit(template("cuba"), "fpga", device="xc7k325t").fits


def test_narrower_words_need_fewer_multipliers() -> None:
    slow = ("exponential", {"tau": 4.0})
    wide = refused(chain(kinetics=slow), device="up5k")["fit.memory"]
    assert "multipliers; iCE40 UP5K has 8" in wide.text and "word=18" in wide.fix
    narrow = compiled(chain(kinetics=slow), device="up5k", word=16, coefficient=16)
    usual = compiled(chain(), device="up5k")
    assert [next(u.used for u in m.report.totals if u.resource == "multipliers") for m in (usual, narrow)] == [8, 4]


def test_too_many_populations_or_too_slow() -> None:
    assert refused(chain(), cores=1)["fit.cores"].fix.startswith("Use option cores=2.")
    slow = refused(chain(), clock=1.0, speed=10.0)["fit.step"]
    assert slow.where == "run.dt" and slow.fix.startswith("Set run.dt to ") and "10 is asked for" in slow.text
    fast = compiled(chain(), speed=1.0)
    assert fast.program.settings["speed"]["times_real_time"] > 1.0
    behind = compiled(chain(), clock=1.0, rate=5000.0)
    assert [f.code for f in behind.report.findings if "slower than real time" in f.text] == ["fit.speed"]


def test_options_out_of_range_are_refused() -> None:
    for wrong in ({"word": 4}, {"weight": 40}, {"clock": 0}, {"cores": 100}):
        with pytest.raises(FindingError) as raised:
            compiled(chain(), **wrong)
        assert raised.value.findings[0].fix.startswith("Give ")


def test_energy_counts_operations() -> None:
    made = compiled(one_layer(weight=6.0, **LIF))
    events = made.backend.emulate(made.program, given(made.program, 100)).events
    assert set(TARGET.energy) <= set(events)
    core = design.design(made.program).cores[0]
    assert events["multiplication"] == 100 * 6 * len(core.datapath.multipliers) > 0
    assert json.dumps(made.report.to_json(timings=False))
    assert from_counts(made.target, events).free == events["clock_cycles"] / (made.target.limit("clock") * 1e6) > 0


def test_a_program_without_arithmetic_takes_nothing_yet() -> None:
    """As where a pass before it has found an error, and the report asks what there is."""
    program = compiled(chain()).program
    assert cost.usage(replace(program, settings={}), "a", Cut(0, 1)) == {}
    assert cost.usage(program.choose(arithmetic={}), "a", Cut(0, 1)) == {} != cost.usage(program, "a", Cut(0, 1))


def test_usage_grows_with_the_neurons() -> None:
    program = compiled(chain()).program
    sizes = [cost.usage(program, "a", Cut(0, n)) for n in (1, 10, 40)]
    blocks = [s["memory_blocks"] for s in sizes]
    assert blocks == sorted(blocks) and blocks[0] == 0 < blocks[-1] and sizes[0]["multipliers"] == sizes[-1]["multipliers"]
    assert set(sizes[0]) <= set(backend("fpga").target.limits)
