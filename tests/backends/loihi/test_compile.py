"""Networks compiled for Loihi: the program, the register file and the engine agree spike for spike; what does not fit is said."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import studio
from studio.backends import backend, levels
from studio.backends.compiling import compile_network, flat_of
from studio.backends.loihi.allocate import allocate, exact_words, over
from studio.backends.loihi.emulate import emulate
from studio.backends.loihi.memory import usage
from studio.backends.loihi.text import read
from studio.compile.backend import Stimulus
from studio.compile.pipeline import Compiled
from studio.engine import reference
from studio.findings import FindingError
from studio.network import connectors as c


def random_spikes(seed: int, n: int, steps: int, rate: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    table = np.random.default_rng(seed).random((steps, n)) < rate
    when, who = np.nonzero(table)
    return when.astype(np.int64), who.astype(np.int64)


def recurrent(tau: float = 4.0, **options: Any) -> Compiled:
    """Two populations, mixed and signed weights, drawn delays, a refractory time and an exponential current; several cores."""
    net = studio.Network("Two populations")
    net.source("in", 40, "poisson", rate=50)
    net.population("exc", 90, "lif", t_ref=2)
    net.population("inh", 30, "lif", t_ref=1, tau_m=8, i_offset=0.3)
    kinetics = ("exponential", {"tau": tau})
    net.connect("in", "exc", c.probability(0.3), weight={"normal": [0.8, 0.2], "min": 0}, kinetics=kinetics)
    net.connect("exc", "exc", c.probability(0.1), weight={"normal": [0.0, 0.3]}, delay={"uniform": [0.2, 4.0]}, kinetics=kinetics)
    net.connect("exc", "inh", c.fixed_in_degree(20), weight=0.6, delay=1.5, kinetics=("delta", {}))
    net.connect("inh", "exc", c.fixed_in_degree(10), weight=-0.5, delay=0.1, kinetics=kinetics)
    return compile_network(net, "loihi", **options)


STIMULUS = Stimulus(600, {"in": random_spikes(1, 40, 600)})


def test_program_artefact_and_engine_agree(tmp_path: Path) -> None:
    made = recurrent().emit(tmp_path)
    assert made.fits, made.report.findings
    emulate, replay = made.backend.emulate, made.backend.replay
    assert emulate is not None and replay is not None
    one = emulate(made.program, STIMULUS)
    assert all(len(steps) > 20 for steps, _ in one.spikes.values()), "nothing to compare"
    assert replay(tmp_path, STIMULUS).differs(one) == ""
    steps = 150
    plain = reference.run(made.program.network(STIMULUS), steps)
    for key, (when, who) in one.spikes.items():
        early = when < steps
        assert plain.spikes[key] == list(zip((when[early] + 1).tolist(), who[early].tolist(), strict=True)), "the catalogue's neuron"


@pytest.mark.parametrize("steps", [1, 7])
def test_how_many_steps_are_computed_at_once_changes_nothing(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither does it where currents wrap and voltages are cut: with synapses a thousand times as strong."""
    for strong in (1.0, 1000.0):
        net = studio.Network("Chain")
        net.source("in", 12, "poisson", rate=50)
        net.source("pulse", 1, "step_current", amplitude=0.5, start=5, stop=12)
        net.population("a", 20, "lif", t_ref=1)
        net.population("b", 9, "loihi", dv=300, du=200, vth=100, refractory=3)
        net.connect("in", "a", c.probability(0.5), weight=6.0, delay=1.0)
        net.connect("pulse", "a", c.all_to_all())
        net.connect("a", "b", c.all_to_all(), weight=8.0 * strong, delay=0.3, kinetics="pulse")
        made = compile_network(net, "loihi")
        currents = np.array([0, 50, 120]), np.array([[0.0], [0.5], [0.0]])
        stimulus = Stimulus(300, {"in": random_spikes(4, 12, 300, 0.2)}, {"pulse": currents})
        states = (("a", "v"), ("b", "u"), ("b", "v"))
        whole = emulate(made.program, stimulus, states)
        with monkeypatch.context() as at_once:
            at_once.setattr(levels, "LONGEST", steps)
            parts = emulate(made.program, stimulus, states)
        assert whole.differs(parts) == "" and whole.counters == parts.counters and whole.events == parts.events
        assert all(len(steps) > 10 for steps, _ in whole.spikes.values())
        assert (whole.counters["b"]["overflow"] > 0) == (whole.counters["b"]["saturated"] > 0) == (strong > 1.0)


def test_a_core_holds_what_was_counted() -> None:
    """Lists as they are lie within what the rules say."""
    made = recurrent()
    registers = allocate(made.program)
    counted = sum(usage(made.program, p.layer, p.cut)["in_axons"] for p in made.program.parts)
    there = sum(core.axons for core in registers.cores)
    assert 0.5 * counted < there <= counted
    held = sum(usage(made.program, p.layer, p.cut)["synapse_words"] for p in made.program.parts)
    assert 0.5 * held < sum(exact_words(core) for core in registers.cores) <= held * 1.05
    assert over(registers) == ()
    for core in registers.cores:
        order = np.lexsort((core.out[:, 2], core.out[:, 1], core.out[:, 0]))
        assert (order == np.arange(len(order))).all(), "out-axons are in order"
        assert core.size <= 1024 and core.axons <= 4096 and len(core.out) <= 4096 and len(core.formats) <= 8
        assert np.abs(core.weight).max() <= 256 and core.delay.min() >= 0 and core.delay.max() <= 62


def test_several_synapses_of_a_pair_need_their_compartments_named() -> None:
    """317 draws from 92 sources repeat pairs: a list without names of compartments holds one weight for each. Two that do not repeat share one format."""
    net = studio.Network("Multapses")
    net.population("p", 92, "lif")
    net.connect("p", "p", c.fixed_in_degree(317), weight={"uniform": [0.0, 0.3]}, delay=1.0)
    net.population("q", 20, "lif")
    for _ in range(2):
        net.connect("q", "q", c.all_to_all(), weight={"uniform": [0.1, 0.3]}, delay=0.1)
    made = compile_network(net, "loihi")
    registers = allocate(made.program)
    assert over(registers) == ()
    for core in registers.cores:
        names = {p.key for p in registers.populations if p.core == core.number}
        assert {f.sparse for f in core.formats} == ({True, False} if names == {"p", "q"} else {"p" in names})
    counted = sum(usage(made.program, p.layer, p.cut)["synapse_words"] for p in made.program.parts)
    there = sum(exact_words(core) for core in registers.cores)
    assert there <= counted <= 1.03 * there
    dense = 2 * 20 * math.ceil((20 * 8 + 10) / 64)
    assert exact_words(next(x for x in allocate(alone(net, "q")).cores)) == dense


def test_drawn_lists_are_counted_five_deviations_above_their_mean() -> None:
    """300 x 40 pairs at 0.3: 3,600 synapses, deviation 50.2; 18 bits each and some of rounding, in words of 64."""
    net = studio.Network("Drawn")
    net.source("in", 300, "poisson", rate=5)
    net.population("p", 40, "lif")
    net.connect("in", "p", c.probability(0.3), weight=1.0, delay=0.1)
    program = compile_network(net, "loihi").program
    mean = (3600 * 18 + 300 * 10) / 64 + 300 * 0.5
    more = 5 * math.sqrt(12_000 * 0.21) * 18 / 64 + 5 * math.sqrt(300 / 12)
    assert usage(program, "p", program.parts[0].cut)["synapse_words"] == pytest.approx(mean + more, rel=1e-6)


def alone(net: studio.Network, key: str) -> Any:
    """The program of one population."""
    flat = flat_of(net)
    kept = {"populations": [p for p in flat.populations if p.path == key], "projections": [p for p in flat.projections if p.target == key]}
    return compile_network(replace(flat, **{k: tuple(v) for k, v in kept.items()}), "loihi").program


def test_weights_of_both_signs_are_even() -> None:
    made = recurrent()
    q = {x.source + x.target: x.quantised for x in made.program.connections}
    mixed = made.program.connection(next(x.key for x in made.program.connections if x.source == x.target))
    numbers = np.rint(mixed.wiring.onto().weights * 2.0**-mixed.quantised.exponent)  # type: ignore[union-attr]
    assert q["inin"].step == 1 if "inin" in q else True
    assert (numbers % 2 == 0).all() and (numbers < 0).any() and (numbers > 0).any()


def test_the_register_file_says_where_it_is_broken(tmp_path: Path) -> None:
    recurrent().emit(tmp_path)
    file = tmp_path / "registers.txt"
    lines = file.read_text().splitlines()
    lines[12] = "  profiel 0 du 1"
    file.write_text("\n".join(lines))
    with pytest.raises(FindingError, match="Line 13"):
        read(tmp_path)
    file.write_text("hello")
    with pytest.raises(FindingError, match="not a register file"):
        read(tmp_path)


def simple(neuron: dict[str, Any] | None = None, **connection: Any) -> studio.Network:
    net = studio.Network("Small")
    net.source("in", 4, "poisson", rate=50)
    net.population("p", 4, "lif", **(neuron or {}))
    net.connect("in", "p", c.all_to_all(), **{"weight": 1.0, "delay": 1.0, **connection})
    return net


def findings(net: studio.Network, **options: Any) -> list[tuple[str, str, str]]:
    return [(f.code, f.where, f.fix) for f in compile_network(net, "loihi", **options).report.findings if f.severity == "error"]


def test_what_a_compartment_cannot_hold_is_said_at_its_place() -> None:
    ((code, where, fix),) = findings(simple({"t_ref": 10.0}))
    assert (code, where) == ("fit.model", "p.t_ref") and fix.startswith("Set p.t_ref to 6.2 ms.")
    ((code, where, fix),) = findings(simple(delay=12.0))
    assert code == "fit.delay" and "Set " in fix and "6.2 ms" in fix
    assert findings(simple(delay=12.0), dt=1) == [] and findings(simple({"t_ref": 10.0}), dt=1) == []
    ((code, where, fix),) = findings(simple({"tau_m": 3000.0}))
    assert (code, where, fix) == ("fit.step", "p.tau_m", "Set p.tau_m to 409.5 ms. Or set run.dt to 3.7 ms.")
    assert findings(simple({"tau_m": 409.5})) == []
    net = studio.Network("Slow")
    net.population("p", 1, "lif_euler", tau=1e6)
    ((code, where, fix),) = findings(net, dt=1)
    assert (code, where, fix) == ("fit.step", "p.tau", "Set p.tau to 4096 ms.")


def test_a_current_that_is_over_at_once_moves_nothing_and_says_so() -> None:
    """Within a step of 1 ms current and voltage of 0.001 ms are exp(-1000) of themselves: the propagator is 0."""
    made = compile_network(simple({"tau_m": 0.001}, kinetics=("exponential", {"tau": 0.001})), "loihi", dt=1)
    assert made.fits and [x.count for x in made.program.losses if x.path == "p1" and x.kind == "dropped"] == [16]
    assert not made.program.connections[0].wiring.onto().weights.any()


def two_currents() -> studio.Network:
    net = simple(kinetics=("exponential", {"tau": 2.0}))
    net.connect("in", "p", c.one_to_one(), weight=-1.0, delay=1.0, kinetics=("exponential", {"tau": 6.0}))
    return net


def test_two_time_constants_are_refused_or_merged() -> None:
    (found,) = findings(two_currents())
    assert found[0] == "fit.model" and "time_constants=merge" in found[2]
    merged = compile_network(two_currents(), "loihi", time_constants="merge")
    assert merged.fits
    assert [(x.kind, x.unit, x.worst) for x in merged.program.losses if x.what == "time constant"] == [("replaced", "ms", 4.0)]


def test_chips_may_be_limited() -> None:
    net = studio.Network("Large")
    net.population("p", 140_000, "lif")
    assert compile_network(net, "loihi").report.fits
    report = compile_network(net, "loihi", chips=1).report
    assert not report.fits and any(f.code == "fit.cores" for f in report.findings)


def test_integers_go_as_they_are(tmp_path: Path) -> None:
    net = studio.Network("Integers")
    net.source("in", 3, "poisson", rate=50)
    net.population("p", 2, "loihi", du=500, dv=100, vth=200, refractory=3)
    net.connect("in", "p", c.all_to_all(), weight=48, delay=2, kinetics="pulse")
    made = compile_network(net, "loihi").emit(tmp_path)
    text = (tmp_path / "registers.txt").read_text()
    assert "profile 0 du 500 dv 100 vth 200 refractory 3" in text and "0*48 1*48" in text
    assert made.report.losses == ()


def test_every_option_is_known_to_both_chips() -> None:
    assert [o.name for o in backend("loihi").options] == [o.name for o in backend("loihi2").options]


def test_a_sheet_too_large_to_list_gets_a_table(tmp_path: Path) -> None:
    """Half a million neurons that see 8 x 8 neighbours each: rules are counted, nothing is drawn or listed."""
    net = studio.Network("Sheet")
    net.population("eye", 708 * 708, "lif", shape=[708, 708])
    net.population("sheet", 701 * 701, "lif", shape=[701, 701])
    net.connect("eye", "sheet", c.convolution(np.full((1, 1, 8, 8), 0.1)), weight=1.0, delay=1.0)
    made = compile_network(net, "loihi2").emit(tmp_path)
    assert made.report.files == ("allocation.txt",)
    lines = (tmp_path / "allocation.txt").read_text().splitlines()
    assert sum(line.startswith("part ") for line in lines) == len(made.program.parts)
    with pytest.raises(FindingError, match="too many to be listed"):
        read(tmp_path)


def test_a_core_with_too_much_on_it_is_named() -> None:
    registers = allocate(recurrent().program)
    many = tuple(replace(registers.cores[0].formats[0], exponent=k - 2) for k in range(9))
    found = over(replace(registers, cores=(replace(registers.cores[0], formats=many), *registers.cores[1:])))
    assert found[0].code == "fit.memory" and "9 formats" in found[0].text


def test_neurons_of_weak_weights_may_have_scales_of_their_own() -> None:
    """Two neurons, one with weights a third of the other's: the same mantissas serve both, at another threshold."""
    net = studio.Network("Channels")
    net.source("in", 5, "poisson", rate=50)
    net.population("p", 2, "lif")
    weights = np.random.default_rng(1).uniform(0.5, 1.5, (5, 2)) * [1.0, 1.0 / 3.0]
    net.connect("in", "p", c.all_to_all(), weight=weights, delay=1.0)
    shared, own = (compile_network(net, "loihi", channels=how).program for how in ("shared", "target"))
    errors = [p.connections[0].quantised.rms for p in (shared, own)]  # type: ignore[union-attr]
    assert errors[1] < errors[0]
    assert len(np.unique(own.layer("p").neuron.params["vth"])) == 2
    assert np.ndim(own.connections[0].quantised.scale) == 1  # type: ignore[union-attr]


@pytest.mark.parametrize("option", [{"chips": "many"}, {"chips": 0}, {"headroom": "0.5"}, {"dt": "-1"}])
def test_options_that_are_no_numbers_are_said(option: dict[str, Any]) -> None:
    with pytest.raises(FindingError, match="of at least"):
        compile_network(simple(), "loihi", **option)


# registers


@pytest.mark.parametrize("name", ["two\nlines", "a\u2028b\u0085c\r", 'said "so"', "", "steps 4"])
def test_a_name_may_be_any_text(name: str, tmp_path: Path) -> None:
    flat = replace(flat_of(simple()), name=name)
    compile_network(flat, "loihi").emit(tmp_path)
    assert read(tmp_path).name == name


@pytest.mark.parametrize("neuron", ["cubalif_euler", "lif_euler", "lif"])
def test_thresholds_stay_in_their_register_whatever_the_headroom(neuron: str) -> None:
    """A threshold at the end of the voltage's range would be 131,072, one more than 17 bits; weak neurons of their own scale three times that."""
    net = studio.Network("Headroom")
    net.source("in", 4, "poisson", rate=50)
    net.population("p", 4, neuron)
    weights = np.array([[1.0, 0.1, 0.01, 0.001]] * 4)
    net.connect("in", "p", c.all_to_all(), weight=weights, delay=1.0, kinetics="delta" if neuron == "lif" else "pulse")
    for how in ("shared", "target"):
        made = compile_network(net, "loihi", headroom=1, channels=how)
        vth = np.asarray(made.program.layer("p").neuron.params["vth"])
        assert 60_000 < vth.max() <= 131071 and over(allocate(made.program)) == ()


def test_weights_onto_integer_neurons_are_never_changed_in_silence() -> None:
    for weight, kinds in ((48, set()), (-300, set()), (48.3, {"rounded"}), (1e6, {"rounded", "saturated"}), (1e-9, {"rounded", "dropped"})):
        net = simple()
        net.population("own", 2, "loihi")
        net.connect("in", "own", c.all_to_all(), weight=weight, kinetics="pulse")
        made = compile_network(net, "loihi")
        assert {x.kind for x in made.program.losses if x.path == "p2"} == kinds, weight


@pytest.mark.parametrize(("name", "value", "fix"), [("dv", 4096, 4095), ("bias_exp", 24, 7), ("bias_exp", -2, 0)])
def test_integers_that_no_register_holds_are_refused(name: str, value: int, fix: int) -> None:
    net = studio.Network("Integers")
    net.population("p", 2, "loihi", **{name: value})
    assert findings(net) == [("fit.model", f"p.{name}", f"Set p.{name} to {fix}.")]


def test_a_start_beyond_the_register_is_counted() -> None:
    made = compile_network(simple({"v": 1e6}), "loihi")
    assert [(x.kind, x.count) for x in made.program.losses if x.what == "start"] == [("saturated", 4)]
    assert over(allocate(made.program)) == ()


def test_what_would_not_fit_a_register_is_never_written() -> None:
    registers = allocate(recurrent().program)
    first = registers.cores[0]
    wrong = {
        "vth": replace(first, profiles=(replace(first.profiles[0], vth=131072), *first.profiles[1:])),
        "voltage": replace(first, v=first.v + 2**23),
        "bias exponent": replace(first, bias_exp=first.bias_exp + 8),
        "bias mantissa": replace(first, bias_mant=first.bias_mant - 5000),
        "delay": replace(first, delay=first.delay + 64),
        "weight": replace(first, weight=first.weight * 300),
    }
    for name, core in wrong.items():
        found = over(replace(registers, cores=(core, *registers.cores[1:])))
        assert found and all(f.code == "fit.memory" for f in found) and any(name in f.text for f in found), name
    slow = replace(first, delay=np.full_like(first.delay, 62), profile=np.zeros(129, np.int64))
    assert any("accumulators" in f.text for f in over(replace(registers, cores=(slow,))))
