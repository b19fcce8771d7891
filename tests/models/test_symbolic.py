"""Linearity: what is found linear is, coefficient by coefficient."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.models.language import Name, Number, affine, evaluate, expression, free_names, substitute

STATES = ("v", "g")
KNOWN = (*STATES, "a", "b")

LINEAR = [
    "0",
    "a",
    "v",
    "-v/a",
    "(a - v)/b + g*2",
    "a*(v - g*(1 - b)) - (v + 1)/exp(b)",
    "v*a if a > b else g",
    "-(v - a)*3 - -g",
    "v + v*a - v",
]
NOT_LINEAR = ["v*g", "v*v", "a/v", "exp(v)", "min(v, a)", "v if v > 1 else 0", "v**2", "abs(g)", "2**v"]


@pytest.mark.parametrize("text", LINEAR)
@settings(max_examples=20, deadline=None)
@given(values=st.fixed_dictionaries({n: st.floats(0.5, 4) for n in KNOWN}))
def test_coefficients_and_rest_add_up(text: str, values: dict[str, float]) -> None:
    tree = expression(text, KNOWN)
    parts = affine(tree, STATES)
    assert parts is not None
    coefficients, rest = parts
    assert not free_names(rest) & set(STATES)
    assert all(not free_names(c) & set(STATES) for c in coefficients.values())
    total = evaluate(rest, values) + sum(evaluate(c, values) * values[n] for n, c in coefficients.items())
    assert total == pytest.approx(evaluate(tree, values), rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("text", NOT_LINEAR)
def test_what_is_not_linear_has_no_coefficients(text: str) -> None:
    assert affine(expression(text, KNOWN), STATES) is None


def test_substitution_replaces_every_occurrence() -> None:
    tree = substitute(expression("v + exp(v)*(v if v > a else -v)", KNOWN), {"v": Number(2.0)})
    assert free_names(tree) == {"a"}


def test_substitution_does_not_look_into_what_it_put_in() -> None:
    assert substitute(Name("v"), {"v": Name("g"), "g": Name("v")}) == Name("g")
