"""Crossbars with wire resistance against badcrossbar, to 1e-12 relative."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from studio.engine.crossbar.circuit import Wires, solve, transfer

CASES = sorted((Path(__file__).parent / "data").glob("irdrop_*.json"))
TOLERANCE = 1e-12


def test_all_cases_are_there() -> None:
    assert len(CASES) == 3


@pytest.mark.parametrize("path", CASES, ids=lambda p: p.stem)
def test_every_voltage_and_current(path: Path) -> None:
    case = json.loads(path.read_text())
    g, v = 1.0 / np.array(case["device_resistance_ohm"]), np.array(case["applied_voltage_V"])
    wires = Wires(case["r_wire_word_line_ohm"], case["r_wire_bit_line_ohm"])
    given = solve(g, v, wires)
    expected = {
        "output_current_A": given.output.T,
        "device_current_A": given.current,
        "word_line_voltage_V": given.word,
        "bit_line_voltage_V": given.bit,
    }
    for name, ours in expected.items():
        np.testing.assert_allclose(ours, np.array(case[name]).reshape(ours.shape), rtol=TOLERANCE, atol=0, err_msg=name)
    np.testing.assert_allclose(transfer(g, wires).T @ v, given.output, rtol=TOLERANCE, atol=0)
    ideal = np.array(case["ideal_output_current_A"]).T
    np.testing.assert_allclose(transfer(g, Wires()).T @ v, ideal, rtol=TOLERANCE, atol=0)
    assert np.abs(given.output / ideal - 1).max() > 1e-4, "the wires change nothing"
