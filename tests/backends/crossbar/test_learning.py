"""Tiles that learn: what is programmed is what a run programs, and what a run then does to it is the engine's to the last bit."""

from __future__ import annotations

import io
import json
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest
from backends.crossbar.nets import mapped

from studio import Network
from studio.backends.compiling import compile_network, fit
from studio.backends.crossbar.backend import emulate, every_map, replay
from studio.backends.crossbar.emulate import network
from studio.backends.crossbar.sums import summed
from studio.backends.states import learnt_weights
from studio.backends.stimulus import stimulus_of
from studio.backends.verify import ideally, verify
from studio.compile.backend import Outcome
from studio.engine.run import simulate
from studio.findings import FindingError

SOFT = ("soft_bounds", {"w_max": 6.0})
EXACT = {"device": "ideal", "adc_bits": 0}


def learner(
    device=None, rule=("stdp_pair", {"w_max": 6.0, "learning_rate": 0.1}), weight=3.0, n=12, duration=300.0, connector=None, **more
):
    """Sources onto neurons that learn, in double precision as tiles are."""
    net = Network("Learner")
    net.source("in", n, "poisson", rate=60.0)
    net.population("out", 5)
    how = {"weight": weight, "kinetics": "delta", "delay": 1.0, "plasticity": rule, **more}
    if device is not None:
        how["device"] = device
    net.connect("in", "out", *(() if connector is None else (connector,)), **how)
    net.run(duration=duration, dt=0.1, precision="double")
    return net


def both(net, **options):
    """The weights that the engine learns and those that tiles learn, by source and target; and the compiled network with its stimulus."""
    compiled, _ = mapped(net, **options)
    ideal = simulate(ideally(compiled.program.flat))
    stimulus = stimulus_of(compiled.program, ideal)
    found = ideal.weights["p1"]
    return found.weights[np.lexsort((found.targets, found.sources))], emulate(compiled.program, stimulus), compiled, stimulus


@pytest.mark.parametrize(
    ("options", "more"),
    [
        ({}, {}),
        ({"rows": 5, "columns": 3}, {}),
        pytest.param({"rows": 5}, {"delay": {"uniform": [1.0, 1.5]}}, marks=pytest.mark.thorough),
        pytest.param({}, {"device": ("soft_bounds", {"w_max": 6.0, "storage": "pair"})}, marks=pytest.mark.thorough),
    ],
    ids=["one tile", "nine tiles", "many delays", "pairs"],
)
def test_what_tiles_learn_is_what_the_engine_learns(options, more, tmp_path):
    ideal, said, compiled, stimulus = both(learner(**more), **EXACT, **options)
    np.testing.assert_array_equal(said.states["p1", "weight"][0], ideal)
    assert np.ptp(ideal) > 0.5, "nothing was learnt"
    compiled.emit(tmp_path)
    assert replay(tmp_path, stimulus).differs(said) == ""


def test_the_twin_run_of_a_network_that_learns_agrees(tmp_path):
    compiled, found = mapped(learner(), **EXACT, rows=5, columns=3)
    assert len(found) == 3 * 3
    said = verify(compiled.emit(tmp_path), tmp_path).report.comparison
    assert said["replayed"]["exact"] and said["populations"]["out"]["same"] == 1.0 and said["populations"]["out"]["spikes"][1] > 20
    learnt = said["learnt"]["p1"]
    assert (learnt["rms"], learnt["correlation"], learnt["synapses"], learnt["unit"]) == (0.0, 1.0, 60, "mV") and learnt["range"] > 0.1


def test_learnt_weights_are_compared_synapse_by_synapse():
    net = learner(weight=np.arange(60.0).reshape(12, 5))
    compiled, _ = mapped(net, **EXACT)
    sources, targets = np.divmod(np.arange(60)[::-1], 5)
    ideal = SimpleNamespace(weights={"p1": SimpleNamespace(sources=sources, targets=targets, weights=np.arange(60.0)[::-1] / 10.0)})
    chip = np.arange(60.0)[None] / 10.0 + np.where(np.arange(60) == 7, 3.0, 0.0)
    said = learnt_weights(compiled.program, ideal, Outcome(1, 0.1, {}, {("p1", "weight"): chip}))["p1"]
    assert (said["largest"], said["range"], said["mean"]) == (3.0, 5.9, [2.95, 3.0]) and said["rms"] == pytest.approx(
        3.0 / 60**0.5, rel=1e-5
    )


def test_converters_read_what_was_learnt_block_by_block(tmp_path):
    ideal, said, compiled, stimulus = both(learner(), device="ideal", adc_bits=5, adc_range=0.3, rows=5)
    learnt = said.states["p1", "weight"][0]
    assert (learnt != ideal).any() and np.corrcoef(learnt, ideal)[0, 1] > 0.5
    tiles = [summed(compiled.program.connection("p1"), m) for m in every_map(compiled.program)]
    flat, held = network(compiled.program, tiles, stimulus)
    assert [p.key for p in flat.projections] == list(held) == ["p1", "p1[1]", "p1[2]"]
    for p, m in zip(flat.projections, tiles, strict=True):
        assert set(p.connector.params["sources"]) == set(m.tile.sources)
        np.testing.assert_array_equal(p.kinetics.params["adc_step"], m.adc[0])
    assert said.counters["p1"]["perhaps saturated"] > 0 and "saturated" not in said.counters["p1"]
    compiled.emit(tmp_path)
    assert replay(tmp_path, stimulus).differs(said) == ""


def changed(folder, change):
    """The artefact with other arrays."""
    with zipfile.ZipFile(folder / "conductances.npz") as file:
        arrays = {name[:-4]: np.load(io.BytesIO(file.read(name))) for name in file.namelist()}
    np.savez(folder / "conductances.npz", **change(arrays))


def test_a_run_begins_with_the_conductances_of_the_artefact(tmp_path):
    _, said, compiled, stimulus = both(learner(duration=50.0), **EXACT)
    compiled.emit(tmp_path)
    changed(tmp_path, lambda a: {**a, "tile_0000_memory_w": 0.5 * a["tile_0000_memory_w"]})
    with pytest.raises(FindingError, match=r"conductances of tile p1/0 are .* uS from what its devices"):
        replay(tmp_path, stimulus)
    changed(tmp_path, lambda a: {**a, "tile_0000_programmed": 0.5 * a["tile_0000_programmed"]})
    assert "spikes" in replay(tmp_path, stimulus).differs(said)


def test_every_synapse_that_learns_has_a_device_whatever_its_weight():
    weights = np.full((12, 5), 3.0)
    weights[:, 2:] = 0.0
    _, (found,) = mapped(learner(SOFT, weight=weights))
    assert found.memory["present"].all() and found.read.shape == (12, 6)
    np.testing.assert_allclose(1e6 * found.target[0], [17.5, 17.5, 10.0, 10.0, 10.0, 10.0])


def test_programming_draws_are_those_of_the_device_and_of_the_sample():
    noisy = learner(device=("pcm", {"w_max": 6.0}), n=200)
    (_, (one,)), (_, (other,)) = mapped(noisy), mapped(noisy, sample=2)
    x = one.programmed[:, :5] / one.design.g_max
    assert x.std() == pytest.approx((0.26348 + 1.9650 * 0.5 - 1.1731 * 0.25) / 25.0, rel=0.1) and (one.programmed != other.programmed).any()
    assert set(one.memory) == {"present", "w", "zs_nu"} and (one.memory["zs_nu"] > 0.0).mean() > 0.8


def test_an_ideal_device_is_replaced_over_the_range_of_the_rule():
    compiled, (found,) = mapped(learner(), device="soft_bounds")
    device = compiled.program.connection("p1").device
    assert (device.model.key, device.params["w_min"], device.params["w_max"]) == ("soft_bounds", 0.0, 6.0)
    np.testing.assert_allclose(1e6 * found.target[:, :5], 17.5)


def test_an_ideal_device_of_both_signs_is_replaced_by_a_pair():
    compiled, (found,) = mapped(learner(rule=("stdp_stochastic", {"w_low": -2.0, "w_high": 6.0})), device="soft_bounds")
    device = compiled.program.connection("p1").device
    assert (device.params["w_min"], device.params["w_max"], device.params["storage"]) == (0.0, 6.0, "pair")
    assert found.design.ends == (-6.0, 6.0) and found.read.shape == (12, 10)


def test_the_manifest_says_the_rule_and_the_device_in_their_own_words(tmp_path):
    compiled, _ = mapped(learner(SOFT))
    compiled.emit(tmp_path)
    said = json.loads((tmp_path / "manifest.json").read_text())["learning"]["p1"]
    assert said["rule"]["model"] == "stdp_pair" and said["rule"]["params"]["w_max"] == 6.0 and "w" in said["rule"]["on_post"]
    assert {t["side"] for t in said["rule"]["traces"]} == {"pre", "post"} and said["device"]["params"]["w_max"] == 6.0
    assert said["device"]["write"]


TWICE = ("explicit", {"sources": [0, 0, 1], "targets": [1, 1, 2]})


@pytest.mark.parametrize(
    ("net", "options", "where", "text"),
    [
        (learner(SOFT), {"wire_resistance": 1.0}, "p1.plasticity", "wire_resistance: what wires"),
        (learner(SOFT), {"stuck_low": 0.1}, "p1.plasticity", "stuck_low: what wires"),
        (learner(SOFT, connector=TWICE), {}, "p1.connector", "1 synapses that learn share both ends"),
        (learner(SOFT, rule=("stdp_pair", {"w_max": 6.0, "alpha": {"uniform": [1.0, 2.0]}})), {}, "p1.plasticity.alpha", "has a value for each synapse"),
        (learner(SOFT, rule=("homeostatic_scaling", {"interval": 0.5})), {"dt": 2.0}, "p1.plasticity.interval", "an interval of 0.5 ms is shorter"),
        (learner(rule="tsodyks_markram"), {}, "p1.plasticity", "has no plasticity rule"),
        (learner(rule="loihi_stdp"), {"device": "ideal"}, "p1.device", "says what the largest weight is"),
        (learner(), {"device": "ideal", "storage": "slices"}, "p1.device", "no slices to learn on"),
    ],
    ids=["wires", "stuck", "twice", "a number for each", "too often", "transmits", "no largest", "slices"],
)  # fmt: skip
def test_what_cannot_learn_is_refused_with_a_fix(net, options, where, text):
    report = compile_network(net, "crossbar", **options).report
    (wrong,) = [f for f in report.findings if f.severity == "error"]
    assert wrong.where == where and text in wrong.text and wrong.fix


@pytest.mark.parametrize("how", [TWICE, ("fixed_in_degree", {"k": 6}), ("fixed_total_number", {"n": 40})])
def test_the_fit_meter_counts_synapses_that_share_a_crossing(how):
    (said,) = [f for f in fit(learner(SOFT, connector=how), "crossbar").findings if f.severity == "error"]
    (wrong,) = [f for f in compile_network(learner(SOFT, connector=how), "crossbar").report.findings if f.severity == "error"]
    assert (said.code, said.where) == (wrong.code, wrong.where) == ("fit.plasticity", "p1.connector")
    assert int(said.text.split()[0]) == pytest.approx(int(wrong.text.split()[0]), abs=4)


def test_options_that_mean_nothing_to_what_learns_are_said():
    compiled, _ = mapped(learner(SOFT), age=60.0, calibrate="tile")
    said = [f.text for f in compiled.report.findings if f.code == "lossy.crossbar"]
    assert len(said) == 2 and "The option age does not act on a projection that learns: its devices age with the run." in said


DEVICES = ("constant_step", "linear_step", "exp_step", "pow_step", "querlioz", "rram", "cmo_hfox", "pcm", "spintronic", "capacitor")


@pytest.mark.thorough
@pytest.mark.parametrize("key", DEVICES)
def test_every_device_learns_on_tiles_as_it_does_in_the_engine(key):
    ideal, said, _, _ = both(learner((key, {"w_max": 6.0})), adc_bits=0, rows=5, columns=3)
    np.testing.assert_array_equal(said.states["p1", "weight"][0], ideal)
