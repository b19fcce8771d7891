"""Matrices on crossbars: nothing is lost where every effect is off, and each effect is what its closed form says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.engine.crossbar import Crossbar, Mapping, Settings, Wires, effects, fitting, solve, transfer
from studio.engine.crossbar.circuit import _sparse
from studio.engine.crossbar.converters import converter
from studio.engine.crossbar.settings import from_numbers
from studio.findings import FindingError

RANDOM = np.random.default_rng(5)
WEIGHTS = RANDOM.normal(0.0, 0.3, (37, 23))
INPUTS = RANDOM.random((9, 37))
ALL = Settings(rows=16, columns=20, wires=Wires(2.0, 3.0), adc_bits=7, dac_bits=6, stuck_low=0.05, stuck_high=0.01)


@pytest.mark.parametrize("storage", ["single", "pair"])
@pytest.mark.parametrize("cut", [Settings(), Settings(rows=10), Settings(rows=8, columns=9), Settings(rows=16, columns=8, layers=3)])
@pytest.mark.parametrize("g_min", [0.0, 1e-6])
def test_without_effects_the_product_is_exact(storage: str, cut: Settings, g_min: float) -> None:
    crossbar = Crossbar(WEIGHTS, cut, fitting(WEIGHTS, storage, g_min))
    np.testing.assert_allclose(crossbar.weights, WEIGHTS, rtol=0, atol=1e-14)
    np.testing.assert_allclose(crossbar.multiply(INPUTS), INPUTS @ WEIGHTS, rtol=0, atol=1e-13)
    np.testing.assert_allclose(crossbar.multiply(INPUTS[0]), INPUTS[0] @ WEIGHTS, rtol=0, atol=1e-13)
    rows = {(t.rows.start, t.outputs.start) for t in crossbar.tiles}
    assert len(rows) == len(crossbar.tiles) and (cut == Settings()) == (len(crossbar.tiles) == 1)


def test_slices_round_to_their_digits() -> None:
    mapping = Mapping(-1.0, 1.0, 0.0, 1e-5, "slices", slices=3, slice_bits=2)
    weights = np.linspace(-1.0, 1.0, 60).reshape(6, 10)
    step = 2.0 / (4**3 - 1)
    np.testing.assert_allclose(Crossbar(weights, mapping=mapping).weights, -1 + step * np.floor((weights + 1) / step + 0.5), atol=1e-13)


def test_every_effect_can_be_told_apart() -> None:
    """Alone each is smaller than all of them, none is nothing, and switching one off leaves the others."""
    off = effects(WEIGHTS, INPUTS, ALL, seed=3)
    assert off["none"] < 1e-13
    assert set(off) == {"none", "wires", "adc", "dac", "stuck", "all"}
    assert all(off[name] > 1e-6 for name in ("wires", "adc", "dac", "stuck"))
    assert off["all"] > max(off["dac"], off["wires"])
    assert ALL.without("wires").effects == ("adc", "dac", "stuck") and ALL.only("adc").effects == ("adc",)
    with pytest.raises(KeyError, match="wires, adc, dac, stuck"):
        ALL.without("wire")


def test_wires_only_take_away() -> None:
    """The further a cell is from driver and ground, the less of it arrives; the corner next to both loses least."""
    g = np.full((20, 30), 2e-5)
    share = transfer(g, Wires(1.0, 1.0)) / g
    assert (share < 1.0).all() and (np.diff(share, axis=1) < 0).all() and (np.diff(share, axis=0) > 0).all()
    lossless = Crossbar(WEIGHTS, Settings(wires=Wires())).weights
    np.testing.assert_allclose(lossless, WEIGHTS, atol=1e-14)


def test_one_cell_is_a_series_circuit() -> None:
    g, wires = np.array([[1e-3]]), Wires(10.0, 20.0, driver=30.0, sense=40.0)
    assert transfer(g, wires)[0, 0] == pytest.approx(1 / (1000.0 + 100.0), rel=1e-13)
    stacked = transfer(g[None].repeat(2, axis=0), Wires(0.0, 0.0, via=500.0))
    np.testing.assert_allclose(stacked[:, 0, 0], [1 / 1000.0, 1 / 1500.0], rtol=1e-13)


def test_layers_share_their_drivers() -> None:
    """Two layers in parallel behind one driver: the closed form of a voltage divider; without a driver's resistance they do not feel each other."""
    g = np.array([[[1e-3]], [[3e-3]]])
    shared = transfer(g, Wires(driver=100.0))
    np.testing.assert_allclose(shared[:, 0, 0], np.array([1e-3, 3e-3]) / (1 + 100.0 * 4e-3), rtol=1e-13)
    np.testing.assert_allclose(transfer(g, Wires(5.0, 5.0))[1], transfer(g[1], Wires(5.0, 5.0)), rtol=1e-13)


@settings(max_examples=40)
@given(st.integers(1, 7), st.integers(1, 7), st.lists(st.sampled_from([0.0, 0.5, 30.0]), min_size=4, max_size=4), st.integers(0, 1000))
def test_the_ladder_is_the_whole_circuit(rows: int, columns: int, ohm: list[float], seed: int) -> None:
    g = np.random.default_rng(seed).uniform(0.0, 1e-4, (rows, columns))
    g[g < 1e-5] = 0.0
    wires = Wires(*ohm)
    fast, whole = transfer(g, wires), _sparse(g[None], wires)[0]
    np.testing.assert_allclose(fast, whole, rtol=1e-9, atol=1e-18)
    v = np.linspace(-1.0, 1.0, rows)
    np.testing.assert_allclose(fast.T @ v, solve(g, v, wires).output[:, 0], rtol=1e-9, atol=1e-17)


def test_a_converter_has_its_levels_and_errs_by_half_a_step() -> None:
    unsigned, signed = converter(3, 0.0, 7.0), converter(4, -2.0, 7.0)
    np.testing.assert_array_equal(unsigned(np.array([-1.0, 0.4, 0.5, 3.3, 6.6, 99.0])), [0, 0, 1, 3, 7, 7])
    np.testing.assert_array_equal(signed(np.array([-9.0, -1.4, 0.0, 6.6])), [-7, -1, 0, 7])
    values = np.linspace(0.0, 7.0, 1001)
    assert np.abs(unsigned(values) - values).max() == pytest.approx(0.5, abs=1e-9)
    assert len(set(unsigned(values))) == 8


def test_more_bits_err_less_by_the_expected_factor() -> None:
    errors = [effects(WEIGHTS, INPUTS, Settings(rows=16, adc_bits=b))["adc"] for b in (6, 8, 10)]
    assert errors[0] / errors[1] == pytest.approx(4.0, rel=0.25) and errors[1] / errors[2] == pytest.approx(4.0, rel=0.25)
    dac = [effects(WEIGHTS, INPUTS, Settings(dac_bits=b))["dac"] for b in (5, 8)]
    assert dac[0] / dac[1] == pytest.approx(8.0, rel=0.3)


def test_faults_hit_the_fraction_that_was_given_and_the_same_cells_however_it_is_cut() -> None:
    weights = np.full((100, 100), 0.5)
    mapping = Mapping(0.0, 1.0, 0.0, 1e-5, "single")
    whole = Crossbar(weights, Settings(stuck_low=0.0175, stuck_high=0.0904), mapping, seed=4)
    low, high = (whole.weights < 1e-9).mean(), (whole.weights > 1 - 1e-9).mean()
    assert abs(low - 0.0175) < 5 * np.sqrt(0.0175 / 1e4) and abs(high - 0.0904) < 5 * np.sqrt(0.0904 / 1e4)
    cut = Crossbar(weights, Settings(rows=30, columns=17, stuck_low=0.0175, stuck_high=0.0904), mapping, seed=4)
    np.testing.assert_allclose(cut.weights, whole.weights, atol=1e-14)
    assert not np.array_equal(Crossbar(weights, whole.settings, mapping, seed=5).weights, whole.weights)


def test_a_pair_can_be_left_out() -> None:
    present = RANDOM.random(WEIGHTS.shape) < 0.3
    crossbar = Crossbar(WEIGHTS, Settings(wires=Wires(1.0, 1.0)), fitting(WEIGHTS, "pair", 2e-6), present=present)
    assert np.abs(crossbar.weights[~present]).max() < 1e-4, "what sneaks through other cells"
    np.testing.assert_allclose(crossbar.weights[present], WEIGHTS[present], rtol=0.1)
    ideal = Crossbar(WEIGHTS, None, fitting(WEIGHTS, "pair", 2e-6), present=present).weights
    np.testing.assert_allclose(ideal, np.where(present, WEIGHTS, 0.0), atol=1e-15)


def test_bad_crossbars_are_told() -> None:
    for text, make in {
        "no matrix": lambda: Crossbar(np.zeros(3)),
        "hold no weight": lambda: Crossbar(WEIGHTS, Settings(columns=1)),
        "more than there are": lambda: Settings(stuck_low=0.6, stuck_high=0.6),
        "rows is 0": lambda: Settings(rows=0),
        "no range": lambda: Mapping(1.0, 1.0),
        "-1 ohm": lambda: Wires(-1.0),
        "negative or not finite": lambda: transfer(np.array([[-1.0]]), Wires()),
        "no tile": lambda: transfer(np.zeros(3), Wires()),
    }.items():
        with pytest.raises(FindingError, match=text):
            make()


def test_settings_of_a_document_are_in_megohm() -> None:
    made = from_numbers(
        {"rows": 128.0, "columns": None, "wire_resistance": 1e-6, "sense_resistance": 5e-6, "adc_bits": 6.0, "adc_range": 0.5}
    )
    assert made == Settings(rows=128, wires=Wires(1.0, 1.0, sense=5.0), adc_bits=6, adc_range=0.5)
    assert isinstance(made.rows, int) and from_numbers({"wire_resistance": 0.0}).wires is None
