"""A crossbar in a document: read, kept, set from outside, judged, written as Python."""

from __future__ import annotations

from typing import Any

import pytest

from studio.exchange.python import to_python
from studio.findings import FindingError
from studio.models.catalogue import builtin
from studio.network.build import Network
from studio.network.check import check
from studio.network.flatten import flatten


def net(crossbar: Any = None, **more: Any) -> Network:
    made = Network("crossbar")
    made.source("in", 40, "poisson", rate=20)
    made.population("out", 10)
    made.connect("in", "out", weight=0.5, crossbar=crossbar, **more)
    return made


FULL = {"rows": 16, "columns": 32, "wire_resistance": (2, "Ohm"), "adc_bits": 6, "stuck_low": 0.01}


def codes(made: Network) -> list[tuple[str, str]]:
    return [(f.code, f.severity) for f in check(made.document, builtin()) if f.code == "fit.crossbar"]


def test_it_is_kept_as_given_and_flattened_in_own_units() -> None:
    made = net(FULL)
    (key,) = made.document.circuit.projections
    kept = made.json["circuits"]["main"]["projections"][key]["crossbar"]
    assert kept["wire_resistance"] == {"value": 2, "unit": "Ohm"} and kept["rows"] == 16
    (p,) = flatten(made.document).projections
    assert p.crossbar is not None
    assert p.crossbar["wire_resistance"] == pytest.approx(2e-6) and p.crossbar["adc_bits"] == 6 and p.crossbar["dac_bits"] is None
    assert flatten(net().document).projections[0].crossbar is None
    assert codes(made) == []


def test_each_number_can_be_set_from_outside() -> None:
    made = net(FULL)
    (key,) = made.document.circuit.projections
    for name, value in {"adc_bits": 3, "wire_resistance": {"value": 9, "unit": "Ohm"}, "stuck_high": 0.2}.items():
        (p,) = flatten(made.document, set={f"{key}.crossbar.{name}": value}).projections
        assert p.crossbar is not None and p.crossbar[name] == pytest.approx(9e-6 if name == "wire_resistance" else value)
    (p,) = flatten(net().document, set={f"{key}.crossbar.adc_bits": 4}).projections
    assert p.crossbar is not None and p.crossbar["adc_bits"] == 4


def test_wrong_numbers_are_told_where_they_stand() -> None:
    for wrong, text in [
        ({"adc_bits": 0}, "at least 1"),
        ({"stuck_low": 2}, "at most 1"),
        ({"wires": 1}, "no parameter"),
        ({"wire_resistance": (1, "mV")}, "mV"),
    ]:
        with pytest.raises(FindingError, match=text):
            net(wrong)


@pytest.mark.parametrize(
    ("crossbar", "more", "expected"),
    [
        ({"wire_resistance": 1e-6}, {"plasticity": "stdp_pair"}, "learn"),
        ({"adc_bits": 4, "rows": 8}, {"plasticity": "stdp_pair"}, "blocks of rows"),
        ({"stuck_low": 0.1}, {"device": "pcm"}, "age"),
        ({"adc_bits": 4}, {"delay": {"uniform": [1, 2]}}, "delays differ"),
        ({"adc_bits": 4}, {"connector": ("fixed_in_degree", {"k": 5})}, "twice"),
        ({"stuck_low": 0.6, "stuck_high": 0.6}, {}, "stuck"),
    ],
)
def test_what_cannot_be_is_an_error(crossbar: dict[str, Any], more: dict[str, Any], expected: str) -> None:
    made = net(crossbar, **more)
    found = [f for f in check(made.document, builtin()) if f.code == "fit.crossbar" and f.severity == "error"]
    assert len(found) == 1 and expected in found[0].text + found[0].where and found[0].fix
    with pytest.raises(FindingError, match="cannot lie on such a crossbar"):
        flatten(made.document)


def test_numbers_without_effect_are_said_to_have_none() -> None:
    assert codes(net({"rows": 8, "dac_bits": 4, "layers": 2})) == [("fit.crossbar", "info")] * 3
    assert codes(net({"rows": 8, "layers": 2, "wire_resistance": 1e-6})) == []
    assert codes(net({})) == []


def test_a_device_read_at_an_age_may_lie_on_one() -> None:
    assert codes(net({"wire_resistance": 1e-6, "age": (1, "d")}, device="pcm")) == []


def test_it_is_written_as_python() -> None:
    text = to_python(net(FULL).document)
    assert "crossbar={" in text and "(2, 'Ohm')" in text
    space: dict[str, Any] = {"__name__": "written"}
    exec(compile(text, "written", "exec"), space)
    assert space["net"].document.circuit.projections == net(FULL).document.circuit.projections


def test_ranges_of_devices_are_judged() -> None:
    def found(**device: Any) -> list[tuple[str, str]]:
        made = Network("ranges")
        made.source("in", 4, "poisson", rate=20)
        made.population("out", 3)
        weight = device.pop("weight", 0.5)
        made.connect("in", "out", weight=weight, device=("linear_step", device))
        return [(f.severity, f.text) for f in check(made.document, builtin()) if f.code == "bounds.range"]

    assert found() == [] and found(weight=-0.5, storage="pair") == [] and found(weight=-0.5, w_min=-1, w_max=0) == []
    ((severity, text),) = found(w_max=-1)
    assert severity == "error" and "holds nothing" in text
    ((severity, text),) = found(weight=1.5)
    assert severity == "warning" and "cut off" in text
    assert found(weight=-0.5)[0][0] == "warning"
    assert "more than 24 bits" in found(storage="slices", slices=8, slice_bits=4)[0][1]


def test_conductances_that_learn_on_a_pair_are_warned_of() -> None:
    for storage, expected in (("pair", 1), ("single", 0)):
        made = Network("pairs")
        made.source("in", 4, "poisson", rate=20)
        made.population("out", 3)
        made.connect(
            "in",
            "out",
            weight=0.01,
            kinetics="conductance_exponential",
            plasticity="stdp_pair",
            device=("linear_step", {"storage": storage}),
        )
        assert len([f for f in check(made.document, builtin()) if f.where.endswith("device.storage")]) == expected
