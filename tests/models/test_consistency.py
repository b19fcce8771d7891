"""Equations whose units do not fit are said to."""

from __future__ import annotations

from dataclasses import replace

import pytest

from studio.models.catalogue import builtin
from studio.models.consistency import check_units
from studio.models.spec import Param

LIF = builtin().get("neuron", "lif")


@pytest.mark.parametrize(
    ("changed", "where", "words"),
    [
        ({"equations": "dv/dt = (v_rest - v)/tau_m + i"}, "lif.equations", "mV/ms and nA"),
        ({"equations": "dv/dt = v_rest - v"}, "lif.equations", "dv/dt and its value are mV/ms and mV"),
        ({"equations": "dv/dt = (v_rest - v)*exp(v)/tau_m"}, "lif.equations", "“exp” needs a plain number"),
        ({"equations": "dv/dt = (v + tau_m)/tau_m"}, "lif.equations", "“+” joins mV and ms"),
        ({"threshold": "v >= t_ref"}, "lif.threshold", "mV and ms"),
        ({"reset": "v = tau_m"}, "lif.reset", "“v” and its value are mV and ms"),
        ({"equations": "dv/dt = v**0.5/tau_m"}, "lif.equations", "exponent"),
    ],
)
def test_a_sum_of_different_things_is_found(changed: dict[str, str], where: str, words: str) -> None:
    findings = check_units(replace(LIF, **changed))
    assert [f.where for f in findings] == [where]
    assert words in findings[0].text and findings[0].severity == "warning"


def test_a_zero_fits_everywhere() -> None:
    assert check_units(replace(LIF, reset="v = max(v_reset, 0)")) == ()


def test_a_unit_that_the_language_does_not_count_in_is_found() -> None:
    changed = replace(LIF, params=(Param("tau_m", 0.01, "s", "Time constant."), *LIF.params[1:]))
    assert [(f.code, f.where) for f in check_units(changed)] == [("unit.scale", "lif.tau_m")]
    assert not check_units(LIF)
