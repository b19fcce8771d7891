"""How projections lie on tiles, and what of their weights arrives."""

from __future__ import annotations

import numpy as np
import pytest
from backends.crossbar.nets import exact, listed, mapped, network, whole

from studio import Network
from studio.backends.compiling import compile_network
from studio.backends.crossbar.maps import arriving
from studio.backends.crossbar.plan import laid, n_tiles
from studio.findings import FindingError
from studio.models.catalogue import builtin

RANDOM = np.random.default_rng(1)
BOTH = RANDOM.normal(0.0, 0.3, (40, 30))


@pytest.mark.parametrize("options", [{}, {"scale": "projection"}, {"rows": 16, "columns": 14}, {"storage": "single"}])
def test_nothing_is_lost_where_every_effect_is_off(options):
    _, found = mapped(network(BOTH), **exact(**options))
    np.testing.assert_allclose(whole(BOTH.shape, found), BOTH, rtol=0, atol=2e-6)  # single precision of the maps


@pytest.mark.parametrize("options", [{}, {"scale": "projection"}, {"storage": "pair"}])
def test_inhibition_alone_lies_on_single_devices_whose_zero_is_the_lowest_conductance(options):
    weights = -np.abs(BOTH) * (RANDOM.random(BOTH.shape) < 0.3)
    _, found = mapped(network(weights), **exact(**options))
    np.testing.assert_allclose(whole(BOTH.shape, found), weights, rtol=0, atol=2e-6)
    assert found[0].design.storage == options.get("storage", "single")


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_crossings_without_a_synapse_add_nothing(sign):
    weights = sign * np.abs(BOTH) * (np.random.default_rng(2).random(BOTH.shape) < 0.1)
    _, found = mapped(network(weights), device="pcm", adc_bits=0)
    assert not whole(BOTH.shape, found)[weights == 0.0].any()


def test_tiles_keep_to_their_size_and_hold_every_synapse_once():
    compiled, found = mapped(network(np.full((40, 30), 0.2)), **exact(rows=16, columns=7))
    assert all(len(m.tile.sources) <= 16 and m.read.shape[1] <= 7 for m in found)
    assert len(found) == 3 * 5 == compiled.program.settings["tiles"]
    assert len(listed(compiled.program)) == len(set(listed(compiled.program))) == 1200
    assert len({p.core for p in compiled.program.parts}) == len(compiled.program.parts) == 15


def test_a_diagonal_takes_the_tiles_on_the_diagonal_only():
    net = Network("Diagonal")
    net.source("in", 64, "poisson", rate=50)
    net.population("out", 64)
    net.connect("in", "out", "one_to_one", weight=0.2, kinetics="delta", delay=1.0)
    compiled, found = mapped(net, **exact(rows=16, columns=17))
    assert len(found) == 4
    ((c, made),) = laid(compiled.program)
    assert n_tiles(c, made) == 4
    np.testing.assert_allclose(whole((64, 64), found), 0.2 * np.eye(64), atol=1e-6)


def test_a_convolution_is_unrolled_onto_the_rows_it_needs_and_says_what_that_costs():
    net = Network("Convolution")
    net.source("in", 36, "poisson", rate=50, shape=(1, 6, 6))
    net.population("out", 32, shape=(2, 4, 4))
    kernel = RANDOM.normal(0.0, 1.0, (2, 1, 3, 3))
    net.connect("in", "out", ("convolution", {"kernel": kernel}), weight=1.0, kinetics="delta", delay=1.0)
    compiled, found = mapped(net, **exact(rows=24, columns=16))
    expected = np.zeros((36, 32))
    for o, y, x, a, b in np.ndindex(2, 4, 4, 3, 3):
        expected[(y + a) * 6 + x + b, (o * 4 + y) * 4 + x] = kernel[o, 0, a, b]
    np.testing.assert_allclose(whole((36, 32), found), expected, atol=1e-5)
    assert all(len(m.tile.sources) == 24 for m in found) and len(found) == 4  # two rows of places see four rows of pixels
    (said,) = [f for f in compiled.report.findings if f.code == "lossy.unrolled"]
    assert said.text == "Its kernel (18 numbers) is laid out for every place: 288 weights on 4 tiles."


def test_different_delays_lie_on_different_tiles():
    delays = np.where(np.arange(40)[:, None] < 10, 1.0, 2.0) * np.ones((1, 30))
    compiled, found = mapped(network(BOTH, delay=delays), **exact())
    assert sorted({m.tile.delay for m in found}) == [10, 20]
    assert {d for s, _, d in listed(compiled.program) if s < 10} == {10}


DELAYS = np.linspace(1.0, 5.0, 1200).reshape(40, 30)


def test_as_many_delays_as_there_are_tiles_for():
    _, found = mapped(network(BOTH, delay=DELAYS), **exact())
    assert sorted({m.tile.delay for m in found}) == list(range(10, 51)) and len(found) == 41
    np.testing.assert_allclose(whole(BOTH.shape, found), BOTH, rtol=0, atol=2e-6)


def test_more_delays_than_there_are_tiles_for_are_refused_with_a_fix():
    report = compile_network(network(BOTH, delay=DELAYS), "crossbar", columns=2).report
    (wrong,) = [f for f in report.findings if f.severity == "error"]
    assert (wrong.code, wrong.where) == ("fit.cores", "p1") and "each of its 41 delays lies on tiles of its own" in wrong.text
    assert wrong.fix.startswith("Set p1.delay to 3 ms, or let its delays be of few classes")


def test_more_tiles_than_there_are_is_said_before_anything_is_listed():
    net = Network("Large")
    net.source("in", 100_000, "poisson", rate=1)
    net.population("out", 100_000)
    net.connect("in", "out", ("probability", {"p": 0.01}), weight=0.2, kinetics="delta", delay=1.0)
    report = compile_network(net, "crossbar").report
    (wrong,) = [f for f in report.findings if f.severity == "error"]
    assert (wrong.code, wrong.where) == ("fit.cores", "p1") and f"{391 * 391:,} tiles for 100,000 sources" in wrong.text


def test_levels_of_a_device_are_whole_steps_of_conductance_and_their_loss_is_said():
    compiled, found = mapped(network(BOTH), **exact(levels=4))
    steps = np.concatenate([m.target.ravel() for m in found]) / 25e-6 * 3
    np.testing.assert_allclose(steps, np.rint(steps), atol=1e-5)
    (loss,) = compiled.report.losses
    assert loss.kind == "rounded" and loss.path == "p1.weight" and loss.unit == "mV"
    assert loss.worst == pytest.approx(np.abs(whole(BOTH.shape, found) - BOTH).max(), rel=1e-4)


def test_slices_hold_a_weight_to_half_of_their_last_digit():
    weights = np.abs(BOTH)
    _, found = mapped(network(weights), **exact(storage="slices", slices=2, slice_bits=3))
    step = weights.max(axis=0) / (2**6 - 1)
    assert (np.abs(whole(weights.shape, found) - weights) <= 0.5 * step + 1e-6).all()


def test_programming_is_as_wide_as_the_device_says_and_another_sample_is_another_chip():
    weights = np.full((60, 60), 0.5)
    weights[0] = -0.5
    _, one = mapped(network(weights), device="pcm", preset="pcm_like", adc_bits=0)
    _, again = mapped(network(weights), device="pcm", preset="pcm_like", adc_bits=0)
    _, other = mapped(network(weights), device="pcm", preset="pcm_like", adc_bits=0, sample=2)
    plus = 1e6 * one[0].programmed[1:, ::2].astype(float)
    assert plus.std() == pytest.approx(0.26348 + 1.9650 - 1.1731, rel=0.05)  # uS at the highest conductance (Nandakumar 2019)
    np.testing.assert_array_equal(one[0].read, again[0].read)
    assert (one[0].read != other[0].read).any()


def test_calibration_takes_back_what_all_devices_lost_together():
    error = {}
    for how in ("none", "tile", "column"):
        _, found = mapped(network(BOTH), device="pcm", preset="pcm_like", adc_bits=0, age=86400, calibrate=how)
        error[how] = np.sqrt(np.mean((whole(BOTH.shape, found) - BOTH) ** 2))
    assert error["column"] <= error["tile"] < 0.6 * error["none"]


@pytest.mark.parametrize("how", ["tile", "column"])
def test_calibration_keeps_what_weights_come_to_however_noisy_devices_are(how):
    """The factor of the least error made noisy columns weaker than they were without."""
    weights = np.abs(np.random.default_rng(5).normal(0.0, 0.3, (200, 30)))
    _, (found,) = mapped(network(weights), device="rram", adc_bits=0, age=86400, calibrate=how)
    slope = (found.weights * weights).sum(axis=0) / (weights**2).sum(axis=0)
    assert slope == pytest.approx(np.ones(30), abs={"tile": 0.1, "column": 1e-6}[how]) and slope.mean() == pytest.approx(1.0, abs=2e-3)


def test_stuck_cells_sit_at_the_ends_of_the_range():
    _, found = mapped(network(BOTH), **exact(stuck_low=0.1, stuck_high=0.2, storage="single"))
    cells = found[0].programmed[:, :-1]
    assert np.isclose(cells, 0.0).mean() == pytest.approx(0.1, abs=0.04)
    assert np.isclose(cells, 25e-6).mean() == pytest.approx(0.2, abs=0.05)


def test_the_documents_own_crossbar_and_device_come_first():
    net = network(BOTH, device=("rram", {"storage": "pair", "w_max": 2.0}), crossbar={"rows": 20, "columns": 20, "adc_bits": 5, "age": 60})
    _, found = mapped(net)
    made = found[0].design
    assert (made.rows, made.columns, made.adc_bits, made.device, made.span) == (20, 20, 5, "rram", 2.0) and made.age == 60.0
    assert len(found) == 2 * 3
    wide = network(BOTH, crossbar={"rows": 1000})
    (wrong,) = [f for f in compile_network(wide, "crossbar").report.findings if f.severity == "error"]
    assert wrong.where == "p1.crossbar.rows" and wrong.fix == "Set p1.crossbar.rows to 256."


def test_a_tile_larger_than_the_chips_is_no_option():
    with pytest.raises(FindingError, match="rows is 512; a tile of this chip has 1 to 256"):
        compile_network(network(BOTH), "crossbar", rows=512)


@pytest.mark.parametrize(("options", "text"), [({"device": "flux"}, "no device “flux”"), ({"preset": "nobody"}, "no preset “nobody”")])
def test_an_unknown_device_or_preset_is_said(options, text):
    report = compile_network(network(BOTH), "crossbar", **options).report
    assert not report.fits and any(text in f.text and f.fix for f in report.findings)


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"adc_bits": 99}, "adc_bits is 99; it must be a whole number from 0 to 24"),
        ({"age": -5.0}, "age is -5.0"),
        ({"levels": 1}, "levels is 1"),
        ({"slices": 2.5}, "slices is 2.5"),
        ({"stuck_low": "all"}, "stuck_low is 'all'"),
        ({"stuck_low": 0.7, "stuck_high": 0.7}, "more than all cells"),
    ],
)
def test_numbers_that_cannot_be_are_refused_in_words(options, text):
    with pytest.raises(FindingError, match=text):
        compile_network(network(BOTH), "crossbar", **options)


DEVICES = [d.key for d in builtin().all("device") if d.key != "ideal"]


@pytest.mark.parametrize("key", DEVICES)
def test_every_device_of_the_catalogue_lies_on_tiles(key):
    """As the document's own, and in place of an ideal one; alone, in pairs and in slices where it can."""
    own = [network(np.abs(BOTH[:7, :5]), device=(key, {"w_max": 1.0, "storage": how})) for how in ("single", "pair", "slices")]
    for net, options in ((own[0], {}), (own[1], {}), (own[2], {}), (network(BOTH[:7, :5]), {"device": key})):
        _, (found,) = mapped(net, **options)
        made = found.design
        assert made.device == key and found.read.shape == (7, 5 * made.devices + made.spare)
        for cells in (found.target, found.programmed, found.read):
            assert np.isfinite(cells).all() and (cells >= 0.0).all()
        assert (found.target <= made.g_max * (1 + 1e-6)).all() and (found.target >= made.g_min * (1 - 1e-6)).all()
        wanted = np.abs(BOTH[:7, :5]) if options == {} else BOTH[:7, :5]
        digit = 1.0 / 15.0 if made.storage == "slices" else 0.0
        aimed = arriving(found.target, made, found.scale)
        assert np.abs(aimed - wanted).max() <= 0.5 * digit + 1e-6, "aimed at something else"
