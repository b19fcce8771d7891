"""Networks compiled for SpiNNaker: the artefact, read back and executed, against the emulator; the emulator against the ideal engine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import studio
from studio.backends.compiling import compile_network, flat_of
from studio.backends.engine import run as ideally
from studio.backends.spinnaker import files, memory
from studio.backends.spinnaker.image import Rows, Rule
from studio.backends.spinnaker.learning import Learner
from studio.backends.spinnaker.placing import chip_core, machine_used
from studio.backends.spinnaker.routing import keys_of, required, tables_of
from studio.backends.spinnaker.walk import Lost, looks, walk
from studio.compile.backend import Stimulus
from studio.compile.program import lower
from studio.compile.wiring import Block
from studio.network import connectors as c


def spikes(seed: int, n: int, steps: int, rate: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    when, who = np.nonzero(np.random.default_rng(seed).random((steps, n)) < rate)
    return when.astype(np.int64), who.astype(np.int64)


def network(kinetics: Any, weight: float, dt: float = 1.0, **params: Any) -> studio.Network:
    """40 sources onto 90 cells, which inhibit one another."""
    net = studio.Network("cells")
    net.run(duration=400, dt=dt, seed=3)
    net.source("drive", 40, "poisson", rate=50)
    net.population("cells", 90, "lif", **params)
    sign = 1 if isinstance(kinetics, tuple) and kinetics[0].startswith("conductance") else -1
    inhibits = (kinetics[0], {**kinetics[1], "e_rev": -85.0}) if sign > 0 else kinetics
    net.connect("drive", "cells", c.probability(0.4), weight=weight, delay=2.0, kinetics=kinetics)
    net.connect("cells", "cells", c.fixed_in_degree(8), weight=sign * weight / 3, delay={"uniform": [1.0, 9.0]}, kinetics=inhibits)
    return net


def three(plastic: bool = False) -> studio.Network:
    """Lists, rules, both signs in one projection, delays of their own, and a current; on many small slices."""
    net = studio.Network("three")
    net.run(duration=300, dt=1.0, seed=5)
    net.source("in", 50, "poisson", rate=40)
    net.source("bias", 1, "step_current", times=[0.0, 50.0, 200.0], amplitudes=[0.0, 0.25, 0.1])
    net.population("one", 60, "lif", t_ref=2)
    net.population("two", 45, "lif", v_rest=-68, i_offset=0.1)
    rng = np.random.default_rng(1)
    s, t = rng.integers(0, 60, 150), rng.integers(0, 45, 150)
    net.connect("in", "one", c.probability(0.2), weight={"normal": [3.0, 0.5], "min": 0}, kinetics="delta")
    net.connect("one", "two", c.explicit(s, t), weight=rng.normal(0.2, 0.4, 150), delay=2.0, kinetics=("exponential", {"tau": 4.0}))
    rule = ("stdp_pair", {"w_max": 6.0, "mu_plus": 0.0, "mu_minus": 0.0, "learning_rate": 0.05}) if plastic else "static"
    net.connect("two", "one", c.fixed_in_degree(6), weight=2.0, delay=3.0, kinetics="delta", plasticity=rule)
    net.connect("bias", "two", c.all_to_all())
    return net


def drive(steps: int = 300) -> Stimulus:
    starts, values = np.array([0, 50, 200]), np.array([[0.0], [0.25], [0.1]])
    return Stimulus(steps, {"in": spikes(2, 50, steps)}, {"bias": (starts, values)})


@pytest.mark.parametrize("plastic", [False, True])
@pytest.mark.parametrize("per_core", [256, 16])
def test_the_artefact_read_back_does_what_the_emulator_does(per_core, plastic, tmp_path: Path):
    made = compile_network(three(plastic), "spinnaker", neurons_per_core=per_core).emit(tmp_path)
    assert made.fits, made.report.findings
    assert made.backend.emulate is not None and made.backend.replay is not None
    one = made.backend.emulate(made.program, drive())
    assert all(len(steps) > 100 for steps, _ in one.spikes.values()), "nothing to compare"
    assert made.backend.replay(tmp_path, drive()).differs(one) == ""
    if per_core == 16:
        assert len(made.program.parts) == 4 + 4 + 3 and made.program.settings["router_entries"] > 1


def test_an_artefact_with_another_routing_table_does_something_else(tmp_path: Path):
    made = compile_network(three(), "spinnaker", neurons_per_core=16).emit(tmp_path)
    assert made.backend.emulate is not None and made.backend.replay is not None
    one = made.backend.emulate(made.program, drive())
    tables = json.loads((tmp_path / files.TABLES).read_text())
    for chip in tables["chips"]:
        for entry in chip["entries"]:
            entry["route"] &= ~(1 << 6 + max(entry["cores"])) if entry["cores"] else -1
    (tmp_path / files.TABLES).write_text(json.dumps(tables))
    assert "spikes" in made.backend.replay(tmp_path, drive()).differs(one)
    (tmp_path / files.TABLES).write_text(json.dumps({**tables, "chips": []}))
    with pytest.raises(Lost, match="no entry"):
        made.backend.replay(tmp_path, drive())


@pytest.mark.parametrize("dt", [1.0, 0.1])
@pytest.mark.parametrize(
    ("kinetics", "weight", "params", "tolerance"),
    [
        ("delta", 2.0, {}, 0.01),
        (("exponential", {"tau": 5.0}), 0.15, {}, 0.02),
        (("conductance_exponential", {"tau": 5.0, "e_rev": 0.0}), 0.003, {"tau_m": 15.0}, 0.03),
    ],
)
def test_fixed_point_fires_as_the_ideal_network(kinetics, weight, params, tolerance, dt):
    """Counts of spikes over the population, against double precision and the models' own solver."""
    flat = flat_of(network(kinetics, weight, dt, **params))
    made = compile_network(flat, "spinnaker")
    assert made.fits, made.report.findings
    steps = round(400 / dt)
    stimulus = Stimulus(steps, {"drive": spikes(4, 40, steps, 0.05 * dt)})
    assert made.backend.emulate is not None
    outcome, ideal = made.backend.emulate(made.program, stimulus), ideally(lower(flat, made.target), stimulus)
    ours, theirs = (len(x.spikes["cells"][0]) for x in (outcome, ideal))
    assert theirs > 300 and abs(ours - theirs) <= tolerance * theirs, (ours, theirs)
    assert outcome.counters["cells"] == {"saturated": 0, "overflow": 0}


@pytest.mark.parametrize(("n", "weight", "share"), [(4, 1.5, None), (400, 0.03, "64.5 %")])
def test_alpha_currents_are_the_ideal_ones_as_long_as_they_do_not_overlap(n, weight, share, tmp_path: Path):
    """sPyNNaker's alpha current decays twice in a step in which spikes arrive: of currents that overlap a share flows, which is said."""
    net = studio.Network("alpha")
    net.run(duration=300, dt=0.1, seed=3)
    net.source("drive", n, "poisson", rate=50)
    net.population("cells", 60, "lif")
    net.connect(
        "drive",
        "cells",
        c.all_to_all() if share is None else c.probability(0.4),
        weight=weight,
        delay=2.0,
        kinetics=("alpha", {"tau": 3.0}),
    )
    stimulus = Stimulus(3000, {"drive": spikes(4, n, 3000, 0.005)})
    made = compile_network(net, "spinnaker").emit(tmp_path)
    said = [f.text for f in made.report.findings if f.code == "lossy.kinetics"]
    assert made.backend.emulate is not None and made.backend.replay is not None and made.program.flat is not None
    outcome = made.backend.emulate(made.program, stimulus)
    assert made.backend.replay(tmp_path, stimulus).differs(outcome) == ""
    if share is None:
        ours, theirs = (len(x.spikes["cells"][0]) for x in (outcome, ideally(lower(made.program.flat, made.target), stimulus)))
        assert theirs > 300 and abs(ours - theirs) <= 0.02 * theirs and said == [], (ours, theirs)
        return
    assert len(said) == 1 and share in said[0]
    net.set("p1.weight", weight * 0.645)
    ours, theirs = (len(x.spikes["cells"][0]) for x in (outcome, ideally(lower(flat_of(net), made.target), stimulus)))
    assert theirs > 300 and abs(ours - theirs) <= 0.06 * theirs, (ours, theirs)


def test_an_alpha_current_that_s1615_has_no_slope_for_is_refused():
    for tau in (0.2, 80.0):
        net = studio.Network("alpha")
        net.run(dt=0.1)
        net.population("a", 2, "lif")
        net.connect("a", "a", c.all_to_all(), weight=1.0, kinetics=("alpha", {"tau": tau}))
        assert [(f.code, f.where) for f in compile_network(net, "spinnaker").report.findings if f.severity == "error"] == [
            ("fit.model", "p1.tau")
        ]


def test_one_neuron_fires_in_the_ideal_networks_steps():
    """The first template, jumps and currents and refractory times, over its whole run."""
    from studio.network import files as documents
    from studio.share import templates

    document, _ = documents.read(next(t.path for t in templates() if t.name == "first_spike"))
    made = compile_network(document, "spinnaker")
    assert made.program.flat is not None and made.backend.emulate is not None
    form = made.program.inputs[0].source.model.lower(made.program.inputs[0].source.params, 1, made.program.dt)
    stimulus = Stimulus(made.program.steps, {}, {made.program.inputs[0].key: (form.starts, form.values)})
    outcome = made.backend.emulate(made.program, stimulus)
    assert {k: len(v[0]) for k, v in outcome.spikes.items()} == {"adder": 6, "follower": 20, "neuron": 20}
    assert ideally(lower(made.program.flat, made.target), stimulus).differs(outcome) == ""


def test_every_key_reaches_exactly_the_cores_that_need_it():
    made = compile_network(three(), "spinnaker", neurons_per_core=8)
    program = made.program
    machine, keys = machine_used(program, made.target), keys_of(made.program)
    look = looks(tables_of(program, machine))
    at = {p.key: chip_core(machine, p.core) for p in program.parts if p.core is not None}
    needed = required(program)
    sending = [p for p in program.parts if needed[p.key]]
    assert len(sending) > 15 and len({chip for chip, _ in at.values()}) > 1
    for part in sending:
        for neuron in (0, part.size - 1):
            packet = keys[part.layer].of_neuron(int(part.key.rsplit("/")[-1]), neuron, colour=9)
            reached = walk(machine, look, at[part.key][0], packet).cores
            assert reached == {(*at[t][0], at[t][1]) for t in needed[part.key]}
    for connection in program.connections:
        if connection.kinetics is not None:
            block = connection.wiring.onto()
            for s, t in zip(block.sources[:200], block.targets[:200], strict=True):
                of, onto = (
                    next(p.key for p in program.parts_of(layer) if p.cut.low <= e < p.cut.high)
                    for layer, e in ((connection.source, s), (connection.target, t))
                )
                assert onto in needed[of]


def test_a_rule_is_written_in_steps_of_its_weights(tmp_path: Path):
    net = studio.Network("rule")
    net.population("a", 4, "lif")
    rule = ("stdp_pair", {"w_max": 4.0, "mu_plus": 0.0, "mu_minus": 0.0, "learning_rate": 0.01, "alpha": 1.5})
    net.connect("a", "a", c.all_to_all(), weight=1.0, delay=3.0, kinetics="delta", plasticity=rule)
    made = compile_network(net, "spinnaker").emit(tmp_path)
    (found,) = json.loads((tmp_path / files.RULES).read_text())["rules"]
    q = made.program.connections[0].quantised
    assert q is not None and found["most"] == round(4.0 / float(q.scale))
    assert (found["up"], found["down"], found["delay"]) == (round(0.01 * found["most"]), round(0.015 * found["most"]), 30)


def test_saturation_is_counted_and_headroom_avoids_it():
    net = studio.Network("burst")
    net.run(duration=50, dt=1.0)
    net.source("in", 200, "poisson", rate=1)
    net.population("cell", 1, "lif", v_th=1e6)
    net.connect("in", "cell", c.all_to_all(), weight=0.5, delay=1.0, kinetics="delta")
    everybody = Stimulus(5, {"in": (np.ones(200, np.int64), np.arange(200))})
    counted = {}
    for headroom in ("auto", "always"):
        made = compile_network(net, "spinnaker", headroom=headroom)
        assert made.backend.emulate is not None
        counted[headroom] = made.backend.emulate(made.program, everybody).counters["cell"]["saturated"]
    assert counted == {"auto": 1, "always": 0}


@pytest.mark.parametrize(("change", "code", "where"), [
    (lambda n: n.population("odd", 3, "adex"), "fit.model", "odd.model"),
    (lambda n: n.connect("two", "two", c.one_to_one(), weight=0.1, kinetics=("exponential", {"tau": 9.0})), "fit.model", "p5"),
    (lambda n: n.connect("in", "two", c.all_to_all(), weight=1.0, kinetics="delta"), "fit.model", "two"),
    (lambda n: n.set("p1.delay", 40_000.0), "fit.delay", "p1.delay"),
    (lambda n: n.set("p1.delay", 0.0), "fit.delay", "p1.delay"),
    (lambda n: n.connect("two", "one", c.fixed_in_degree(2), weight=1.0, kinetics="delta", plasticity=("stdp_pair", {"mu_plus": 0.4, "w_max": 3.0})), "fit.plasticity", "p5.plasticity"),
])  # fmt: skip
def test_what_does_not_fit_is_said_where_it_is(change, code, where):
    net = three()
    change(net)
    report = compile_network(net, "spinnaker").report
    assert not report.fits
    assert (code, where) in {(f.code, f.where) for f in report.findings if f.severity == "error"}, [str(f) for f in report.findings]


def test_a_machine_that_is_too_small_is_said():
    report = compile_network(three(), "spinnaker", neurons_per_core=1, boards=1)
    assert report.fits  # 155 cores
    net = studio.Network("large")
    net.population("many", 256 * 900, "lif")
    report = compile_network(net, "spinnaker", boards=1).report
    assert [f.code for f in report.findings if f.severity == "error"] == ["fit.cores"]
    assert compile_network(net, "spinnaker").program.settings["boards"] == 3


def test_spinnaker_2_is_the_same_network_on_larger_chips(tmp_path: Path):
    made = compile_network(three(), "spinnaker2").emit(tmp_path)
    assert (made.fits and "not" in made.report.unverified.lower()) or "only" in made.report.unverified
    assert json.loads((tmp_path / files.MACHINE).read_text())["cores_per_chip"] == 153


def test_words_of_rows_hold_what_they_are_made_of():
    rng = np.random.default_rng(0)
    neurons, types, delays, weights = rng.integers(0, 64, 50), rng.integers(0, 2, 50), rng.integers(1, 128, 50), rng.integers(0, 65_536, 50)
    back = files.unpacked(files.packed(neurons, types, delays, weights, 6), 6)
    for given, found in zip((neurons, types, delays, weights), back, strict=True):
        assert np.array_equal(given, found)


def test_a_pair_of_spikes_moves_a_weight_by_the_rule():
    """One synapse: pre at step 0, post at step 10, delay 2: growth by exp(-12/20); another pre at 30: shrinking by exp(-18/20)."""
    rows = Rows(np.array([0, 0, 1]), np.array([0]), np.zeros(1, np.uint8), np.array([5000]), np.array([3]))
    learner = Learner(Rule(np.array([0]), True, 800, 1000, 10_000, 20.0, 20.0, 2), rows, 1, 1.0)
    for step in range(31):
        learner.step(step, np.array([1]) if step in (0, 30) else np.zeros(0, np.int64))
        learner.heard(step, np.array([0]) if step == 10 else np.zeros(0, np.int64))
    assert abs(rows.weights[0] - (5000 + 800 * np.exp(-12 / 20) - 1000 * np.exp(-18 / 20))) <= 2


def test_a_network_without_neurons_does_nothing(tmp_path: Path):
    for net in (studio.Network("empty"), studio.Network("source")):
        if net.flatten().name == "source":
            net.source("in", 3, "poisson", rate=10)
        made = compile_network(net, "spinnaker").emit(tmp_path)
        assert made.fits and made.backend.emulate is not None and made.backend.replay is not None
        assert dict(made.backend.emulate(made.program, Stimulus(5)).spikes) == {} == dict(made.backend.replay(tmp_path, Stimulus(5)).spikes)


def test_a_drawn_weight_on_the_wrong_side_of_its_receptor_is_0_and_counted(tmp_path: Path):
    """Five standard deviations from 0 a projection has one receptor; what falls beyond must not change its sign."""
    net = studio.Network("tail")
    net.population("a", 200, "lif")
    net.connect("a", "a", c.all_to_all(), weight={"normal": [5.1, 1.0]}, kinetics="delta")
    made = compile_network(net, "spinnaker")
    q = made.program.connections[0].quantised
    assert q is not None and (q.low, q.high) == (0, 65_535)
    block = Block(np.zeros(2, np.int64), np.zeros(2, np.int64), np.array([-1.0, 1.0]), np.ones(2, np.int64))
    numbers, off = q.numbers(block)
    assert numbers[0] == 0 < numbers[1] and off.tolist() == [True, False]


def test_a_script_that_would_be_too_long_is_said(tmp_path: Path):
    net = studio.Network("long")
    net.source("in", 700, "poisson", rate=1)
    net.population("a", 700, "lif")
    net.connect("in", "a", c.all_to_all(), weight={"normal": [0.0, 0.3]}, kinetics="delta")
    made = compile_network(net, "spinnaker").emit(tmp_path)
    said = [f for f in made.report.findings if f.code == "lossy.pynn"]
    assert made.fits and files.SCRIPT not in made.report.files
    assert [(f.where, f.severity) for f in said] == [("p1", "warning")] and "490,000" in said[0].text


def test_a_drawn_row_that_is_too_long_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(memory, "ROW_LIMIT", 3)
    with pytest.raises(ValueError, match="words onto one core"):
        compile_network(three(), "spinnaker").emit(tmp_path)


def test_two_slices_with_one_key_are_not_read_back(tmp_path: Path):
    made = compile_network(three(), "spinnaker", neurons_per_core=16).emit(tmp_path)
    found = json.loads((tmp_path / files.PARTITION).read_text())
    found["slices"][1]["key"] = found["slices"][0]["key"]
    (tmp_path / files.PARTITION).write_text(json.dumps(found))
    assert made.backend.replay is not None
    with pytest.raises(ValueError, match="under one key"):
        made.backend.replay(tmp_path, drive())


@pytest.mark.parametrize("preset", ["regular_spiking", "fast_spiking", "chattering"])
def test_izhikevichs_neuron_fires_about_as_often_as_the_ideal_one(preset, tmp_path: Path):
    """A midpoint step against forward Euler at 0.1 ms, with spikes from outside; artefact against emulator."""
    net = studio.Network("izhikevich")
    net.run(duration=500, dt=0.1, seed=1)
    net.source("in", 10, "poisson", rate=60)
    values = {p.key: p for p in studio.catalogue().get("neuron", "izhikevich").presets}[preset].params
    net.population("cells", 20, "izhikevich", **values)
    net.connect("in", "cells", c.fixed_in_degree(4), weight=0.003, delay=1.0, kinetics=("exponential", {"tau": 5.0}))
    made = compile_network(net, "spinnaker").emit(tmp_path)
    assert made.fits and "sim.Izhikevich(" in (tmp_path / files.SCRIPT).read_text()
    stimulus = Stimulus(5000, {"in": spikes(3, 10, 5000, 0.006)})
    assert made.program.flat is not None and made.backend.emulate is not None and made.backend.replay is not None
    outcome = made.backend.emulate(made.program, stimulus)
    assert made.backend.replay(tmp_path, stimulus).differs(outcome) == ""
    ours, theirs = (len(x.spikes["cells"][0]) for x in (outcome, ideally(lower(made.program.flat, made.target), stimulus)))
    assert theirs > 100 and abs(ours - theirs) <= 0.08 * theirs, (ours, theirs)


@pytest.mark.parametrize(("settings", "fits"), [({"chip": 2, "cores": (0, 900)}, True), ({"chip": 0, "cores": (0, 2)}, False)])
def test_a_region_holds_its_population_or_says_that_it_cannot(settings, fits):
    """Board 2 of a triad; the first two cores of board 0, which belong to the system."""
    net = studio.Network("region")
    net.population("exc", 3000, "lif")
    net.constrain("region", "exc", **{**settings, "cores": list(settings["cores"])})
    made = compile_network(net, "spinnaker")
    assert made.fits == fits
    if fits:
        assert made.program.settings["boards"] == 3 and {made.target.topology.place(p.core)[0] for p in made.program.parts} == {2}
    else:
        assert [(f.code, f.where) for f in made.report.findings if f.severity == "error"] == [("fit.constraint", "exc")]


def test_a_core_that_cannot_keep_up_slows_the_machine_down():
    """200 sources of 5 kHz onto 250 neurons are 250 million synaptic events a second: 19.2 times the 13 million of a core."""
    net = studio.Network("busy")
    net.run(duration=10, dt=1.0)
    net.source("in", 200, "poisson", rate=5000)
    net.population("cells", 250, "lif")
    net.connect("in", "cells", c.all_to_all(), weight=0.01, kinetics="delta")
    made = compile_network(net, "spinnaker")
    said = [f for f in made.report.findings if f.code == "fit.speed"]
    assert made.program.settings["time_scale_factor"] == 20 and [f.where for f in said] == ["cells"]


def test_a_fast_drive_lies_on_the_chip_of_what_it_drives():
    """3,000 neurons with a Poisson source each: no packet of the sources crosses a link."""
    net = studio.Network("driven")
    net.source("drive", 3000, "poisson", rate=20_000)
    net.population("cells", 3000, "lif")
    net.connect("drive", "cells", c.one_to_one(), weight=0.1, kinetics="delta")
    net.connect("cells", "cells", c.fixed_in_degree(10), weight=0.1, kinetics="delta")
    program = compile_network(net, "spinnaker").program
    links = {layer: [len(r.links) for r in program.routes if r.source.startswith(f"{layer}/")] for layer in ("drive", "cells")}
    assert len(links["drive"]) == 12 and max(links["drive"]) == 0 < min(links["cells"])


def test_numbers_that_a_cell_cannot_hold_are_said() -> None:
    """Time constants beyond 1/32768, and one for each neuron where a cell has one."""
    losses = {}
    for tau in (0.001, 1e6):
        net = studio.Network("Decays")
        net.population("a", 3, tau_m=tau)
        report = compile_network(net, "spinnaker").report
        json.dumps(report.to_json(), allow_nan=False)
        losses[tau] = next(x for x in report.losses if x.what == "tau_m")
    assert "acts as 0 ms" in losses[0.001].text and "does not decay" in losses[1e6].text and losses[1e6].worst == 1e6
    net = studio.Network("Each its own")
    a = net.population("a", 3, "izhikevich", k_2=np.linspace(0.04, 0.042, 3))
    b = net.population("b", 3)
    net.connect(b, a, kinetics="exponential", weight=0.1)
    net.connect(a, b, kinetics=("exponential", {"tau": {"normal": [3.0, 0.1]}}), weight=0.1)
    wrong = [f for f in compile_network(net, "spinnaker").report.findings if f.severity == "error"]
    assert {f.where for f in wrong} == {"a", "p2.kinetics.tau"} and all(f.fix for f in wrong)
