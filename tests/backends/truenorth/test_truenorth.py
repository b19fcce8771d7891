"""From networks to cores: copies, relays, levels, blocks; artefacts executed again; findings where something does not fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from backends.truenorth.nets import CELLS, driven, sheet, some, tangle
from engine.networks import network, pairs, population, projection, source

from studio.backends.compiling import compile_network, fit
from studio.backends.truenorth import artefact
from studio.backends.truenorth.arrange import Arrange
from studio.backends.truenorth.backend import usage
from studio.backends.truenorth.fan_out import FanOut
from studio.backends.truenorth.machine import TARGET, tune
from studio.backends.truenorth.own_inputs import own_stimulus
from studio.backends.truenorth.place import PlaceCores
from studio.compile.backend import Stimulus
from studio.compile.program import Part, lower
from studio.compile.wiring import Cut
from studio.engine.reference import run
from studio.engine.run import simulate
from studio.network.flat import Record


def executed(flat, folder: Path, **options):
    """(compiled, emulated, replayed) on the network's own inputs."""
    compiled = compile_network(flat, "truenorth", **options)
    assert compiled.fits, [str(f) for f in compiled.report.findings]
    compiled = compiled.emit(folder)
    stimulus = own_stimulus(compiled.program, compiled.program.steps)
    b = compiled.backend
    assert b.emulate is not None and b.replay is not None
    return compiled, b.emulate(compiled.program, stimulus), b.replay(folder, stimulus)


@pytest.mark.parametrize("options", [{}, {"dialect": "ibm"}, {"form": "compact"}, {"axons_per_source": 1}])
def test_cores_do_what_the_program_says(options: dict, tmp_path: Path) -> None:
    compiled, emulated, replayed = executed(tangle(), tmp_path, **options)
    assert emulated.differs(replayed) == ""
    assert len(emulated.spikes["a"][0]) > 50 and len(emulated.spikes["b"][0]) > 50
    relays = [x for x in compiled.program.layers if x.origin is None]
    assert [x.key for x in relays] == ["a/relay"] and len(emulated.spikes["a/relay"][0]) > len(emulated.spikes["a"][0])
    assert ("cores.json" in compiled.report.files) == (options.get("form") == "compact")


def test_the_engine_runs_the_program_to_the_same_spikes() -> None:
    """The studio's definition of the chip's neuron, on the whole program: relays, types, delays."""
    flat = tangle(60)
    flat = replace(flat, sources=flat.sources[:1], projections=flat.projections[:4])
    program = compile_network(flat, "truenorth").program
    stimulus = own_stimulus(program, 60)
    result = run(program.network(stimulus), 60)
    emulated = compile_network(flat, "truenorth").backend.emulate(program, stimulus)
    for layer in program.layers:
        assert sorted(result.spikes[layer.key]) == [
            (s + 1, i) for s, i in zip(*(x.tolist() for x in emulated.spikes[layer.key]), strict=True)
        ]


def test_a_neuron_is_copied_beside_itself_for_every_axon_it_must_reach(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    populations = [population("a", 20, **CELLS), *(population(f"b{k}", 10, **CELLS) for k in range(3))]
    links = [projection("p", "x", "a", pairs(*some(rng, 24, 20, 0.5)), 5.0, 1.0)]
    links += [projection(f"q{k}", "a", f"b{k}", ("all_to_all", {}), 3.0, 1.0) for k in range(3)]
    compiled, emulated, replayed = executed(network(populations, [driven()], links, dt=1.0, duration=100.0), tmp_path)
    assert emulated.differs(replayed) == "" and len(emulated.spikes["b2"][0])
    assert compiled.program.settings["copies"] == {"a": {"0": 40}}
    assert compiled.report.paths["a"].uses[0].used == 60
    fabric, _ = artefact.read(tmp_path)
    assert sorted(c.n_neurons for c in fabric.cores) == [10, 10, 10, 60]


def test_what_is_written_is_the_same_every_time(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        compile_network(tangle(), "truenorth").emit(tmp_path / name)
    for file in sorted((tmp_path / "one").iterdir()):
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes()


def test_a_relay_without_a_tick_to_spare_says_how_late_it_is(tmp_path: Path) -> None:
    populations = [population("a", 60, **CELLS), population("b", 8, **CELLS)]
    links = [projection("p", "x", "a", ("one_to_one", {}), 9.0, 1.0), projection("aa", "a", "a", ("one_to_one", {}), 1.0, 1.0)]
    links += [projection(f"q{k}", "a", "b", ("all_to_all", {}), 1.0 + k, float(k + 1)) for k in range(4)]
    flat = network(populations, [driven(size=60)], links, dt=1.0, duration=60.0)
    compiled, emulated, replayed = executed(flat, tmp_path)
    late = {f.where for f in compiled.report.findings if f.code == "lossy.delay"}
    assert late == {"aa.delay", "q0.delay"} and emulated.differs(replayed) == ""


@pytest.mark.parametrize(
    "kernel", [np.ones((5, 5)), np.pad(-0.5 * np.ones((4, 4)), ((0, 1), (0, 1))) + np.pad(1.5 * np.ones((2, 2)), ((1, 2), (1, 2)))]
)
def test_tiles_of_a_sheet_do_what_listed_synapses_do(kernel: np.ndarray, tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    blocks, emulated, replayed = executed(sheet(33, kernel), tmp_path / "blocks")
    assert emulated.differs(replayed) == "" and len(emulated.spikes["sheet"][0]) > 1000
    listed = compile_network(sheet(33, kernel, listed=True), "truenorth")
    again = listed.backend.emulate(listed.program, Stimulus(60))
    assert emulated.differs(again) == ""
    fabric, _ = artefact.read(tmp_path / "blocks")
    assert len(fabric.which) == len(blocks.program.parts) < 40


def test_equal_tiles_are_one_description(tmp_path: Path) -> None:
    compile_network(sheet(130, np.pad(np.ones((8, 8)), (0, 1)), ticks=1), "truenorth", form="compact").emit(tmp_path)
    fabric, _ = artefact.read(tmp_path)
    assert len(fabric.which) == 225 and len(fabric.cores) == 20


def test_the_rate_under_a_constant_current_is_near() -> None:
    """One and a half and four times the rheobase, with a refractory time: within what the report says."""
    cells = {**CELLS, "t_ref": 2.0}
    flat = network([population("a", 3, **{**cells, "i_offset": 0.0})], [], [], dt=1.0, duration=1000.0)
    flat = replace(flat, populations=tuple(replace(population(f"a{k}", 1, **{**cells, "i_offset": i})) for k, i in enumerate((1.5, 4.0))))
    compiled = compile_network(flat, "truenorth")
    mine = compiled.backend.emulate(compiled.program, Stimulus(1000))
    ideal = run(flat, 1000)
    for key in ("a0", "a1"):
        n, m = len(ideal.spikes[key]), len(mine.spikes[key][0])
        stated = next(x for x in compiled.report.losses if x.path == key and x.what == "leak")
        assert abs(m / n - 1) <= stated.worst / 100 < 0.3


@pytest.mark.parametrize("dialect", ["ranc", "ibm"])
def test_a_measured_leak_brings_rates_nearer(dialect: str) -> None:
    """Excitation and inhibition of chance: the mean potential lies below what a steady drive would give, and the decay takes less."""
    signs = np.where(np.arange(40) < 30, 4.0, -4.0)[:, None] * np.ones((1, 20))
    link = projection("p", "x", "a", ("all_to_all", {}), signs, 1.0)
    flat = network([population("a", 20, **CELLS)], [driven(3, 1000, 0.06, 40)], [link], dt=1.0, duration=1000.0)
    recorded = replace(flat, run=replace(flat.run, record=(Record("a", "spikes", None, 1.0),)))
    ideal, rates = len(simulate(recorded).spikes["a"].ids), []
    for ms in (0.0, 1000.0):
        compiled = compile_network(flat, "truenorth", dialect=dialect, measured=ms)
        outcome = compiled.backend.emulate(compiled.program, own_stimulus(compiled.program, 1000))  # type: ignore[misc]
        rates.append(len(outcome.spikes["a"][0]))
    plain, measured = (abs(n / ideal - 1.0) for n in rates)
    assert ideal > 200 and measured < 0.05 and (measured < 0.6 * plain or plain < 0.01)


def test_levels_of_a_current_are_axons_that_spike_in_every_tick(tmp_path: Path) -> None:
    current = source("i", 1, "step_current", times=np.array([0.0, 20.0, 40.0]), amplitudes=np.array([2.0, 0.0, 4.0]))
    link = projection("p", "i", "a", ("all_to_all", {}), 1.0, 1.0, None)
    flat = network([population("a", 1, **CELLS)], [current], [link], dt=1.0, duration=80.0)
    compiled, emulated, replayed = executed(flat, tmp_path)
    assert compiled.program.settings["levels"] == {"i": [2.0, 4.0]}
    steps = emulated.spikes["a"][0]
    assert (
        emulated.differs(replayed) == ""
        and len(steps[steps < 20]) == 1
        and not len(steps[(steps > 20) & (steps < 40)])
        and len(steps[steps >= 40]) > 3
    )


def test_spikes_that_meet_on_an_axon_are_counted() -> None:
    x = source("x", 1, "spike_list", times=np.array([1.0, 1.0, 2.0]), ids=np.zeros(3, int))
    flat = network([population("a", 1, **CELLS)], [x], [projection("p", "x", "a", ("all_to_all", {}), 30.0, 1.0)], dt=1.0, duration=9.0)
    compiled = compile_network(flat, "truenorth")
    outcome = compiled.backend.emulate(compiled.program, own_stimulus(compiled.program, 9))
    assert outcome.counters["x"]["merged"] == 1 and outcome.spikes["a"][0].tolist() == [1, 2]


# what does not fit


def codes_of(flat, **options) -> set[tuple[str, str]]:
    return {(f.code, f.where) for f in compile_network(flat, "truenorth", **options).report.findings if f.severity == "error"}


def test_a_fan_in_beyond_the_axons_says_by_how_much() -> None:
    x = source("x", 300, "poisson")
    flat = network([population("a", 2, **CELLS)], [x], [projection("p", "x", "a", ("all_to_all", {}), 1.0, 1.0)], dt=1.0)
    for report in (compile_network(flat, "truenorth").report, fit(flat, "truenorth")):
        found = next(f for f in report.findings if f.severity == "error")
        assert found.code == "fit.fan_in" and found.where == "a" and "300" in found.text and "256" in found.text


def test_what_the_chip_does_not_have_is_refused() -> None:
    x = driven()
    one = ("all_to_all", {})
    cells = [population("a", 4, **CELLS)]
    slow = network(cells, [x], [projection("p", "x", "a", one, 1.0, 1.0, ("exponential", {}))], dt=1.0)
    assert ("fit.model", "p.kinetics") in codes_of(slow)
    far = network(cells, [x], [projection("p", "x", "a", one, 1.0, 1.0), projection("q", "a", "a", one, 1.0, 40.0)], dt=1.0)
    assert codes_of(far) == {("fit.delay", "q.delay")}
    chance = network(
        [population("a", 4, "truenorth", threshold_bits=3)], [x], [projection("p", "x", "a", one, 1.0, 1.0, ("pulse", {}))], dt=1.0
    )
    assert codes_of(chance) == {("fit.model", "a.threshold_bits")}
    back = network(
        [population("a", 4, "truenorth", leak_reversal=1)], [x], [projection("p", "x", "a", one, 1.0, 1.0, ("pulse", {}))], dt=1.0
    )
    assert codes_of(back) == {("fit.model", "a.leak_reversal")} and codes_of(back, dialect="ibm") == set()
    heavy = network([population("a", 4, "truenorth")], [x], [projection("p", "x", "a", one, 400.0, 1.0, ("pulse", {}))], dt=1.0)
    assert codes_of(heavy) == {("fit.weights", "a")}


def test_more_cores_than_a_chip_has_say_how_many_chips_would_do() -> None:
    program = compile_network(tangle(), "truenorth").program
    many = replace(program, parts=tuple(Part(f"a/{k}", "a", Cut(0, 1)) for k in range(4097)), flat=None)
    found = PlaceCores(usage)(many, TARGET).findings[-1]
    assert found.code == "fit.cores" and found.where == "a" and "4,097" in found.text and "chips=2" in found.fix
    wide = tune(TARGET, {"chips": 2, "tick": 1.0, "dialect": "ranc"})
    cores = [p.core for p in PlaceCores(usage)(many, wide).parts]
    assert len(set(cores)) == 4097 and max(c or 0 for c in cores) < 8192


def test_the_estimate_counts_as_the_compiler_does() -> None:
    rng = np.random.default_rng(2)
    populations = [population("a", 20, **CELLS), *(population(f"b{k}", 10, **CELLS) for k in range(3))]
    links = [projection("p", "x", "a", pairs(*some(rng, 24, 20, 0.5)), 5.0, 1.0)]
    links += [projection(f"q{k}", "a", f"b{k}", ("all_to_all", {}), 3.0, 1.0) for k in range(3)]
    flat = network(populations, [driven()], links, dt=1.0)
    quick, whole = fit(flat, "truenorth"), compile_network(flat, "truenorth").report
    assert quick.estimate and {u.resource: u.used for u in quick.totals} == {u.resource: u.used for u in whole.totals}


def test_a_synaptic_current_may_arrive_at_once_with_its_charge(tmp_path: Path) -> None:
    """1 nA that decays within 5 ms brings 5 pC: 5 mV on 1 nF, were there no decay of the membrane."""
    slow = projection("p", "x", "a", ("all_to_all", {}), 1.0, 1.0, ("exponential", {"tau": 5.0}))
    flat = network([population("a", 1, **CELLS)], [driven(size=1)], [slow], dt=1.0, duration=100.0)
    compiled, emulated, replayed = executed(flat, tmp_path, currents="charge")
    alpha, weight = (
        float(np.max(x)) for x in (compiled.program.layers[0].neuron.params["alpha"], compiled.program.connections[0].wiring.onto().weights)
    )
    assert 20.0 * weight / alpha == pytest.approx(5.0, rel=0.03) and emulated.differs(replayed) == ""
    assert {(x.path, x.what) for x in compiled.report.losses} >= {("p", "kinetics"), ("a", "leak")}


def test_neurons_that_nobody_reaches_fill_two_cores(tmp_path: Path) -> None:
    flat = network([population("a", 300, **{**CELLS, "i_offset": 2.0})], [], [], dt=1.0, duration=40.0)
    compiled, emulated, replayed = executed(flat, tmp_path)
    assert emulated.differs(replayed) == "" and len(emulated.spikes["a"][0]) >= 300
    assert [p.size for p in compiled.program.parts] == [256, 44]


def test_a_part_whose_neurons_reach_near_and_far_relays_is_halved() -> None:
    """200 neurons with a near and a far relay each take 400 neurons of a core: more than it has."""
    at = np.arange(200)
    links = [projection("p", "x", "a", ("one_to_one", {}), 25.0, 1.0)]
    links += [projection(f"q{k}", "a", "b", pairs(at, at % 10), 4.0, d) for k, d in enumerate((3.0, 20.0))]
    flat = network(
        [population("a", 200, **CELLS), population("b", 10, **CELLS)], [driven(size=200, rate=0.05)], links, dt=1.0, duration=60.0
    )
    arranged = Arrange()(lower(flat, TARGET), TARGET)
    arranged = replace(arranged, parts=(Part("a/0", "a", Cut(0, 200)), *arranged.parts_of("b")))
    spread = FanOut()(arranged, TARGET)
    assert [p.size for p in spread.parts_of("a")] == [100, 100]
    assert spread.settings["copies"]["a"] == {"0": 100, "100": 100} and not spread.stopped
