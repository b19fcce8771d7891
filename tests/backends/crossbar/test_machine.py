"""The machine around the tiles: places, traffic, energy, area, and the estimate of the fit meter."""

from __future__ import annotations

import numpy as np
import pytest
from backends.crossbar.nets import exact, mapped, network

from studio.backends.compiling import compile_network, fit
from studio.backends.crossbar.backend import traffic
from studio.backends.crossbar.sums import counted, summed
from studio.backends.crossbar.target import READ_NS, READ_PJ
from studio.compile.backend import Stimulus
from studio.compile.energy import energy_of

WEIGHTS = np.random.default_rng(1).normal(0.0, 1.0, (20, 12))


def run(steps=100, many=60):
    rng = np.random.default_rng(3)
    pairs = np.unique(np.stack([rng.integers(0, steps, many), rng.integers(0, 20, many)]), axis=1)
    out = np.unique(np.stack([rng.integers(0, steps, 30), rng.integers(0, 12, 30)]), axis=1)
    return Stimulus(steps, {"in": (pairs[0], pairs[1]), "out": (out[0], out[1])})


def test_every_spike_goes_once_to_every_tile_with_its_row_and_sums_go_home():
    compiled, found = mapped(network(WEIGHTS), **exact(rows=8, columns=10))
    stimulus = run()
    said = traffic(compiled.program, compiled.target, stimulus.spikes, stimulus.steps)
    seconds, n = stimulus.steps * compiled.program.dt / 1000.0, len(stimulus.spikes["in"][0])
    assert said.totals["from_host"] * seconds == pytest.approx(3 * n)  # three columns of tiles
    assert said.totals["synaptic"] * seconds == pytest.approx(12 * n)
    away = [m for m in found if m.tile.block > 0]
    sums = sum(
        counted(summed(compiled.program.connection("p1"), m), stimulus.spikes["in"], stimulus.steps)[0] * m.tile.cut.size for m in away
    )
    assert said.totals["messages"] * seconds == pytest.approx(sums) and sums > 0
    assert said.totals["hops_x"] + said.totals["hops_y"] == pytest.approx(sum(x.events for x in said.links))
    assert sum(c.spikes for c in said.cores) * seconds == pytest.approx(len(stimulus.spikes["out"][0]))


def test_a_tile_works_for_one_reading_in_every_step_that_drives_it():
    compiled, (m,) = mapped(network(WEIGHTS), **exact())
    stimulus = run()
    said = traffic(compiled.program, compiled.target, stimulus.spikes, stimulus.steps)
    reads, _ = counted(summed(compiled.program.connection("p1"), m), stimulus.spikes["in"], stimulus.steps)
    (core,) = said.cores
    assert core.busy == pytest.approx(reads * READ_NS / (stimulus.steps * 0.1e6))
    assert core.busiest == pytest.approx(READ_NS / 0.1e6) and core.path == "p1"
    energy = energy_of(compiled.program, compiled.target, said, {"column_read": 12.0 * reads})
    term = next(t for t in energy.terms if t.name == "column_read")
    assert term.joules == pytest.approx(12 * reads * READ_PJ / 256 * 1e-12) and term.boundary == "chip"
    assert 13e3 < READ_PJ < 14e3 and 130 < READ_NS < 135


def test_another_chip_does_not_borrow_this_ones_energy_or_speed():
    compiled, _ = mapped(network(WEIGHTS), **exact(chip="neurram"))
    said = traffic(compiled.program, compiled.target, run().spikes, 100)
    assert said.cores[0].busy is None and "column_read" not in compiled.target.energy and "area" not in compiled.target.limits


def test_regions_hold_tiles_too():
    net = network(WEIGHTS)
    net.constrain("region", "out", chip=1, cores=[0, 32])
    compiled, _ = mapped(net, **exact(rows=8, columns=10))
    assert all(64 <= p.core < 96 for p in compiled.program.parts)
    assert all(64 <= t.core < 96 for t in compiled.report.floor.tiles)


@pytest.mark.parametrize("options", [{}, {"rows": 8, "columns": 10}, {"storage": "single"}, {"chip": "neurram"}])
def test_the_fit_meter_counts_the_tiles_that_are_made(options):
    quick, compiled = fit(network(WEIGHTS), "crossbar", **options), compile_network(network(WEIGHTS), "crossbar", **options)
    assert {u.resource: u.used for u in quick.totals} == pytest.approx({u.resource: u.used for u in compiled.report.totals})


def test_a_tile_reports_what_it_holds_under_its_projection():
    compiled, _ = mapped(network(WEIGHTS), **exact())
    said = compiled.report.paths["p1"]
    assert said.cores == 1 and {u.resource: u.used for u in said.uses} == {
        "rows": 20.0,
        "columns": 24.0,
        "neurons": 12.0,
        "converters": 12.0,
    }
    assert compiled.report.floor.tiles[0].parts == (("p1", 12),)


def homes(compiled):
    """How often each neuron of every layer has a home."""
    chosen = set(compiled.program.settings["homes"])
    found = {x.key: np.zeros(x.size, int) for x in compiled.program.layers}
    for p in compiled.program.parts:
        if p.key in chosen or not p.path:
            found[p.layer][p.cut.low : p.cut.high] += 1
    return found


@pytest.mark.parametrize("first", [0.0, 0.3])
def test_every_neuron_has_one_home(first):
    """Where the first projection onto a layer took no tile, or not under all of its neurons, nobody computed them."""
    net = network(first * np.abs(WEIGHTS) * (np.arange(12) < 5))
    net.population("lonely", 300)
    net.connect("in", "out", weight=WEIGHTS, kinetics="delta", delay=2.0)
    compiled, found = mapped(net, **exact(rows=8, columns=10))
    assert {key: set(n.tolist()) for key, n in homes(compiled).items()} == {"out": {1}, "lonely": {1}}
    assert len(compiled.program.parts) >= len(found) + 2 and len({p.core for p in compiled.program.parts}) == len(compiled.program.parts)


def test_a_network_without_a_synapse_is_computed_somewhere():
    compiled, found = mapped(network(np.zeros((20, 12))), **exact())
    assert not found and [p.cut.size for p in compiled.program.parts] == [12] and compiled.report.paths["out"].cores == 1


def test_delays_that_are_drawn_are_counted_and_not_listed(monkeypatch):
    from studio.backends.crossbar.plan import n_delays
    from studio.compile.wiring import Wiring

    compiled, _ = mapped(network(WEIGHTS, delay={"uniform": [1.0, 1.5]}), **exact())
    (c,) = compiled.program.connections
    monkeypatch.setattr(Wiring, "onto", lambda *_: pytest.fail("synapses were listed"))
    assert n_delays(c.wiring) == 6


def test_the_digits_of_a_weight_are_not_more_than_its_numbers_hold():
    """Eight slices of eight bits gave no weight at all, silently."""
    (wrong,) = [
        f
        for f in compile_network(network(WEIGHTS), "crossbar", storage="slices", slices=8, slice_bits=8).report.findings
        if f.severity == "error"
    ]
    assert wrong.where == "p1" and wrong.text.startswith("8 slices of 8 bits are 64 bits of a weight")
