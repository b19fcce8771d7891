"""Loihi's numbers against closed forms, and its memory against nengo-loihi."""

from __future__ import annotations

import math

import numpy as np
import pytest

from studio.backends.loihi.compartment import wrapped
from studio.backends.loihi.memory import accumulators, delay_bits, words
from studio.backends.loihi.scaling import best_scale, bias_for, corrected, exponent_for, range_of, registers_of


def fires_every(level: float, decay: float, threshold: float) -> float:
    """Steps from reset to threshold under a constant drive, as a real number."""
    return math.log(1.0 - threshold * (1.0 - decay) / level) / math.log(decay)


@pytest.mark.parametrize("level", [0.12, 0.2, 1.0])
def test_a_drive_that_fires_takes_as_long_on_the_chip(level: float) -> None:
    decay, chip, threshold = math.exp(-0.1 / 20.0), 1.0 - 20.0 / 4096.0, 15.0
    made = float(corrected(np.array(level), decay, chip, threshold))
    assert fires_every(made, chip, threshold) == pytest.approx(fires_every(level, decay, threshold), rel=1e-12)


def test_a_drive_that_does_not_fire_ends_at_the_same_voltage() -> None:
    decay, chip = math.exp(-0.1 / 20.0), 1.0 - 20.0 / 4096.0
    made = float(corrected(np.array(0.07), decay, chip, 15.0))
    assert made / (1.0 - chip) == pytest.approx(0.07 / (1.0 - decay), rel=1e-12)
    assert float(corrected(np.array(-0.07), decay, chip, 15.0)) < 0.0
    assert float(corrected(np.array(0.5), 1.0, 1.0, 15.0)) == 0.5


def test_decays_in_registers() -> None:
    assert registers_of(0.0, 1) == 4095 and registers_of(0.75, 1) == 1023 and registers_of(1.0, 0) == 0
    assert registers_of(0.99999, 0) == 1, "a leak stays a leak"


def test_mantissas_use_their_bits() -> None:
    assert range_of(0.0, 3.0) == ("excitatory", 0, 255, 1)
    assert range_of(-3.0, 0.0) == ("inhibitory", -255, 0, 1)
    assert range_of(-1.0, 1.0) == ("mixed", -256, 254, 2)
    assert [int(exponent_for(np.array(x), 255)) for x in (255.0, 255.1, 128.0, 1e-9, 1e9)] == [0, 1, 0, -6, 7]


def test_the_best_scale_makes_two_weights_exact() -> None:
    """1 and 1.0625 = 17/16 share an exponent; with a scale that makes the smaller one 240 both are whole."""
    scale = best_scale(64.0 * 300.0, [np.array([1.0, 1.0625])])
    unit = 64.0 * 2.0 ** int(exponent_for(np.array(1.0625 * scale / 64.0), 255)) / scale
    assert np.abs(np.rint(np.array([1.0, 1.0625]) / unit) * unit - [1.0, 1.0625]).max() < 2e-3


def test_biases_stay_in_their_register() -> None:
    numbers = {"drive": 0.0, "analog": 1.0, "decay": 0.99, "chip_decay": 0.99, "threshold": np.inf, "scale": 1000.0, "exponent": 0.0}
    assert bias_for(np.array([1.0, 100.0, -100.0]), numbers).tolist() == [1000, 4095, -4096]


def test_wrapping_of_registers() -> None:
    assert wrapped(np.array([2**23, 2**23 + 1, -(2**23), -(2**23) + 1])).tolist() == [2**23, 1 - 2**23, 2**23, 1 - 2**23]


# words of a list of n synapses with so many bits each, by nengo-loihi 1.1.0's SynapseConfig(n_synapses=63).bits_per_axon(n) / 64
SYNAPSES = (1, 2, 3, 10, 63, 64, 65, 100, 128, 1000)
PACKED = {
    18: (1, 1, 1, 3, 18, 19, 20, 30, 38, 297),
    23: (1, 1, 2, 4, 23, 24, 25, 38, 48, 375),
    8: (1, 1, 1, 2, 9, 9, 10, 14, 18, 141),
    14: (1, 1, 1, 3, 14, 15, 16, 24, 30, 234),
}


@pytest.mark.parametrize("bits", PACKED)
def test_lists_are_packed_as_nengo_loihi_packs_them(bits: int) -> None:
    assert tuple(int(words(n, bits)) for n in SYNAPSES) == PACKED[bits]


def test_bits_of_a_delay() -> None:
    assert [delay_bits(d) for d in (0, 1, 7, 8, 62)] == [0, 1, 3, 4, 6]


def test_long_delays_cost_compartments() -> None:
    """NxSDK: 3 bits are 1,024 compartments with 6 steps of delay, 6 bits are 128 with 62."""
    assert [8192 / accumulators(d) for d in (6, 7, 62)] == [1024, 512, 128]
