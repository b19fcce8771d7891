"""What is written, read back, and executed."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from backends.crossbar.nets import exact, mapped, network

from studio import Network
from studio.backends.crossbar.backend import emulate, replay
from studio.backends.crossbar.emulate import capped
from studio.backends.crossbar.emulate import network as running
from studio.backends.crossbar.read import read
from studio.backends.crossbar.sums import counted, summed
from studio.compile.backend import Stimulus

WEIGHTS = np.random.default_rng(1).normal(0.5, 4.0, (20, 12))


def spikes(seed=1, steps=300, n=20, many=400):
    rng = np.random.default_rng(seed)
    at, ids = np.sort(rng.integers(0, steps, many)), rng.integers(0, n, many)
    order = np.lexsort((ids, at))
    return Stimulus(steps, {"in": (at[order], ids[order])})


def built(compiled, found):
    """The network that the engine runs."""
    flat, _ = running(compiled.program, [summed(compiled.program.connection(m.tile.connection), m) for m in found], spikes())
    return flat


def test_maps_are_read_back_as_they_were_written(tmp_path):
    compiled, found = mapped(network(WEIGHTS), rows=8, columns=10, adc_bits=6, wire_resistance=2.0)
    compiled.emit(tmp_path)
    program, again = read(tmp_path)
    again = tuple(again)
    assert [m.tile.key for m in again] == [m.tile.key for m in found] and len(found) == 3 * 3
    for a, b in zip(again, found, strict=True):
        np.testing.assert_array_equal(a.weights, b.weights)
        np.testing.assert_array_equal(a.adc, b.adc)
        np.testing.assert_array_equal(a.tile.sources, b.tile.sources)
    assert program.layers == compiled.program.layers


def test_tables_and_manifest_say_what_is_to_be_programmed(tmp_path):
    compiled, (found,) = mapped(network(WEIGHTS), device="pcm")
    compiled.emit(tmp_path)
    rows = list(csv.reader((tmp_path / "tile_0000_target.csv").open()))
    assert rows[0][:3] == ["source", "0+", "0-"] and [r[0] for r in rows[1:]] == [str(k) for k in range(20)]
    np.testing.assert_allclose(np.array([r[1:] for r in rows[1:]], float), 1e6 * found.target, rtol=1e-5)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    (tile,) = manifest["tiles"]
    assert (tile["rows"], tile["columns"], tile["targets"], manifest["units"]["csv"]) == (20, 24, [0, 12], "uS")
    assert tile["core"] == compiled.program.parts[0].core and manifest["projections"]["p1"]["device"] == "pcm"


@pytest.mark.parametrize(("netlist", "tiles"), [("first", [0]), ("all", [0, 1, 2]), ("none", [])])
def test_netlists_are_written_of_the_tiles_that_are_asked_for(netlist, tiles, tmp_path):
    compiled, _ = mapped(network(WEIGHTS), rows=8, netlist=netlist)
    compiled = compiled.emit(tmp_path)
    assert [f for f in compiled.report.files if f.endswith(".cir")] == [f"tile_{k:04d}.cir" for k in tiles]


def test_the_artefact_does_what_the_emulator_does(tmp_path):
    compiled, _ = mapped(network(WEIGHTS), rows=8, columns=10, adc_bits=4, adc_range=0.5, dac_bits=1)
    compiled.emit(tmp_path)
    one, two = emulate(compiled.program, spikes()), replay(tmp_path, spikes())
    assert one.differs(two) == "" and len(one.spikes["out"][0]) > 20
    assert one.counters == two.counters and one.events == two.events
    given = spikes().spikes["in"]
    again = len(given[0]) - len(np.unique(given[0] * 100 + given[1]))
    assert one.counters["in"]["merged"] == again > 0


def test_a_row_is_driven_for_as_many_spikes_as_its_converter_tells_apart():
    many = Stimulus(2, {"in": (np.array([0, 0, 0, 0, 1]), np.array([3, 3, 3, 3, 5]))})
    for bits, left in ((1, 2), (2, 4), (3, 5)):
        kept, merged = capped(many, {"in": 2**bits - 1})
        assert len(kept.spikes["in"][0]) == left and merged == {"in": 5 - left}


def test_sums_beyond_a_converter_are_counted():
    compiled, found = mapped(network(np.abs(WEIGHTS)), adc_bits=4, adc_range=0.1, device="ideal")
    stimulus, _ = capped(spikes(), {})
    at, ids = stimulus.spikes["in"]
    (m,) = found
    sums = np.zeros((300, 12))
    np.add.at(sums, at, m.weights[ids])
    step, low, high = m.adc
    level = np.floor(sums / step + 0.5)
    expected = int(((level > high) | (level < low)).sum())
    assert counted(summed(compiled.program.connection("p1"), m), (at, ids), 300) == (len(np.unique(at)), expected) and expected > 0


def test_converters_of_the_running_network_are_those_of_the_tiles():
    compiled, found = mapped(network(WEIGHTS), rows=8, adc_bits=5)
    flat = built(compiled, found)
    assert [p.key for p in flat.projections] == ["p1", "p1[1]", "p1[2]"]
    for p, m in zip(flat.projections, found, strict=True):
        np.testing.assert_array_equal(p.kinetics.params["adc_step"], m.adc[0])
        assert set(p.connector.params["sources"]) == set(m.tile.sources)


def test_a_target_without_a_tile_of_a_delay_hears_nothing_from_its_converter():
    """A converter whose lowest count was 1 once gave current in every step to targets that no tile reaches."""
    delays = np.where(np.arange(12) < 6, 1.0, 2.0) * np.ones((20, 1))
    compiled, found = mapped(network(WEIGHTS, delay=delays), columns=12, adc_bits=5)
    flat = built(compiled, found)
    one, two = (p.kinetics.params for p in flat.projections)
    assert not one["adc_high"][6:].any() and not one["adc_low"][6:].any() and one["adc_high"][:6].all()
    assert not two["adc_high"][:6].any() and two["adc_high"][6:].all()


def test_exact_tiles_spike_as_the_ideal_network(tmp_path):
    from studio.backends.verify import verify

    compiled, _ = mapped(network(WEIGHTS), **exact())
    compiled = verify(compiled.emit(tmp_path), tmp_path)
    said = compiled.report.comparison
    assert said["replayed"]["exact"] and said["passed"]
    assert said["populations"]["out"]["same"] == 1.0 and not said["counters"]


@pytest.mark.parametrize("bits", [2, 5, 12])
def test_a_converter_spans_all_sums_as_long_as_its_levels_are_fine(bits):
    _, (found,) = mapped(network(np.abs(WEIGHTS)), device="ideal", adc_bits=bits)
    w, p, top = found.weights, 200.0 * 0.1e-3, 2**bits - 1
    likely = np.maximum(p * w.sum(0) + 4 * np.sqrt(p * (1 - p) * (w**2).sum(0)), w.max(0))  # rows at 200 Hz; one spike
    span = np.minimum(np.maximum(likely, top * np.sqrt(np.mean(w**2, axis=0)) / 8), w.sum(0))
    np.testing.assert_allclose(found.adc[0] * top, span, rtol=1e-6)
    assert {2: (span == likely).all(), 5: (span < w.sum(0)).any(), 12: (span == w.sum(0)).all()}[bits]


def test_a_converter_reads_for_a_neuron_whose_clamped_voltage_is_saved(tmp_path):
    """Its jump acts on another state while the neuron is refractory; a converter's own name was not known there."""
    from studio.backends.verify import verify

    net = Network("Saved")
    net.source("in", 20, "poisson", rate=50)
    net.population("out", 12, "lif_refractory_input")
    net.connect("in", "out", weight=np.abs(WEIGHTS), kinetics="delta", delay=1.0)
    net.run(duration=100.0)
    compiled, _ = mapped(net, device="ideal", adc_bits=12)
    said = verify(compiled.emit(tmp_path), tmp_path).report.comparison
    assert said["replayed"]["exact"] and said["populations"]["out"]["rate_error"] < 0.05


def test_converters_span_what_a_fast_source_drives(tmp_path):
    """They spanned one spike of each row; a drive of two spikes in every step lost half of its current."""
    from studio.backends.verify import verify

    net = Network("Fast")
    net.source("in", 12, "poisson", rate=20_000.0)
    net.population("out", 12)
    net.connect("in", "out", "one_to_one", weight=0.1, kinetics="delta", delay=1.0)
    net.run(duration=100.0)
    compiled, (found,) = mapped(net, device="ideal")
    assert found.design.drive == pytest.approx(2.0)
    np.testing.assert_allclose(found.adc[0] * found.adc[2], 0.1 * np.ceil(2.0 + 4.0 * np.sqrt(2.0)), rtol=1e-6)
    said = verify(compiled.emit(tmp_path), tmp_path).report.comparison
    assert said["populations"]["out"]["rate_error"] < 0.02 and said["counters"].get("p1", {}).get("saturated", 0) < 20
