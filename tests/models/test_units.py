"""Units: what they measure, exact conversion, and what is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio import units
from studio.findings import FindingError


@pytest.mark.parametrize(
    ("given_", "wanted", "ratio"),
    [
        ("nA*MOhm", "mV", 1.0),
        ("uS*mV", "nA", 1.0),
        ("MOhm*nF", "ms", 1.0),
        ("1/MOhm", "uS", 1.0),
        ("1/ms", "Hz", 1000.0),
        ("kHz", "1/ms", 1.0),
        ("1/(mV*ms)", "1/mV/ms", 1.0),
        ("mV/(ms*ms)", "mV/ms^2", 1.0),
        ("s", "ms", 1000.0),
        ("pA", "nA", 0.001),
        ("%", "", 0.01),
        ("µs", "us", 1.0),
        ("kΩ", "kOhm", 1.0),
        (" mV ", "mV", 1.0),
    ],
)
def test_what_measures_the_same_converts(given_: str, wanted: str, ratio: float) -> None:
    assert units.factor(given_, wanted) == ratio


@pytest.mark.parametrize(
    ("value", "given_", "wanted", "exact"),
    [(5, "pA", "nA", 0.005), (0.3, "mV", "V", 0.0003), (100, "pF", "nF", 0.1), (7.7, "ms", "ms", 7.7)],
)
def test_conversion_rounds_once(value: float, given_: str, wanted: str, exact: float) -> None:
    assert units.convert(value, given_, wanted) == exact


@pytest.mark.parametrize(
    ("unit", "si"), [("ms", 1e-3), ("mV", 1e-3), ("nA", 1e-9), ("MOhm", 1e6), ("nF", 1e-9), ("uS", 1e-6), ("Hz", 1.0), ("1/ms", 1e3)]
)
def test_si(unit: str, si: float) -> None:
    assert units.si_factor(unit) == si


@pytest.mark.parametrize(
    "text", ["parsec", "ms ms", "ms^0", "ms^12", "ms^-1", "/", "*", "ms/", "/ms", "((ms))", "(ms", "ms)", "x" * 100, 5, None, ["ms"]]
)
def test_an_unknown_unit_is_refused_in_words(text: object) -> None:
    with pytest.raises(FindingError, match="is not a unit"):
        units.parse(text)  # type: ignore[arg-type]


def test_what_measures_something_else_is_refused() -> None:
    with pytest.raises(FindingError, match="cannot be turned into"):
        units.factor("mV", "nA")


@given(st.text(alphabet="msVAOhFHz1/*^()µ 2k", max_size=30))
def test_any_text_is_a_unit_or_refused(text: str) -> None:
    try:
        unit = units.parse(text)
    except FindingError:
        return
    assert unit.scale > 0
    assert units.factor(text, text) == 1.0
