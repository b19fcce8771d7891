"""Trees rendered as source and as LaTeX, and evaluated: all three must mean the same."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.models.language import (
    Binary,
    Call,
    Expr,
    Name,
    Number,
    Select,
    Style,
    Unary,
    evaluate,
    evaluate_block,
    expression,
    latex,
    read_block,
    read_expression,
    render,
    render_block,
    scope,
)

NAMES = ("v", "u", "tau")
OWN = Style(functions={}, operators={})  # the language itself


def numbers(children: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    test = st.builds(Binary, st.sampled_from(["<", "<=", ">", ">=", "==", "!="]), children, children)
    tests = test | st.builds(Binary, st.sampled_from(["and", "or"]), test, test) | st.builds(Unary, st.just("not"), test)
    return (
        st.builds(Binary, st.sampled_from(["+", "-", "*", "/"]), children, children)
        | st.builds(Unary, st.just("-"), children)
        | st.builds(Select, tests, children, children)
        | st.builds(lambda f, a: Call(f, (a,)), st.sampled_from(["tanh", "abs", "floor", "sign", "sigmoid"]), children)
        | st.builds(lambda f, a, b: Call(f, (a, b)), st.sampled_from(["min", "max"]), children, children)
    )


LEAVES = st.builds(Number, st.integers(0, 9) | st.floats(0, 1e6, allow_nan=False)) | st.builds(Name, st.sampled_from(NAMES))
TREES = st.recursive(LEAVES, numbers, max_leaves=20)
VALUES = st.fixed_dictionaries({n: st.floats(-50, 50) for n in NAMES})


@settings(max_examples=300, deadline=None)
@given(TREES)
def test_reading_what_was_rendered_gives_the_same_tree(tree: Expr) -> None:
    again, findings = read_expression(render(tree, OWN), scope(NAMES))
    if any(f.code == "text.depth" for f in findings):
        return
    assert again == tree


@settings(max_examples=300, deadline=None)
@given(TREES, VALUES)
def test_rendered_python_computes_what_evaluation_computes(tree: Expr, values: dict[str, float]) -> None:
    wanted = evaluate(tree, values)
    try:
        got = eval(render(tree), {"math": math, "__builtins__": {"min": min, "max": max, "abs": abs}}, values)
    except (ZeroDivisionError, OverflowError, ValueError):
        return  # plain Python raises where IEEE 754 gives inf or nan; kernels follow IEEE 754
    if math.isfinite(got) and math.isfinite(wanted):
        assert got == pytest.approx(wanted, rel=1e-12, abs=1e-300)


@settings(max_examples=100, deadline=None)
@given(TREES, st.lists(VALUES, min_size=1, max_size=5))
def test_arrays_are_evaluated_element_by_element(tree: Expr, rows: list[dict[str, float]]) -> None:
    arrays = {n: np.array([r[n] for r in rows]) for n in NAMES}
    together = np.broadcast_to(evaluate(tree, arrays), (len(rows),))
    np.testing.assert_array_equal(together, [float(evaluate(tree, r)) for r in rows])


@settings(max_examples=200, deadline=None)
@given(TREES)
def test_latex_has_balanced_braces(tree: Expr) -> None:
    text = latex(tree).replace(r"\{", "").replace(r"\}", "")
    assert text.count("{") == text.count("}") > 0 or "{" not in text
    assert text.count(r"\left") == text.count(r"\right")
    assert text.count(r"\begin") == text.count(r"\end")


def test_division_by_zero_follows_ieee() -> None:
    assert evaluate(expression("1/v", ["v"]), {"v": 0.0}) == math.inf
    assert math.isnan(evaluate(expression("log(v)", ["v"]), {"v": -1.0}))
    assert evaluate(expression("exp(v)", ["v"]), {"v": 1e6}) == math.inf


def test_whole_number_operations_are_evaluated_on_integers() -> None:
    tree, findings = read_expression("(v << 3 | 1) & 255 >> u", scope(["v", "u"], bits=True))
    assert tree is not None and not findings
    assert evaluate(tree, {"v": 5, "u": 2}) == (5 << 3 | 1) & 255 >> 2


def test_a_style_maps_names_numbers_functions_and_operators() -> None:
    style = Style({"v": "state_v[k]"}, {"exp": "exp32", "max": "fmax({1}, {0})"}, {}, "local_", lambda n: f"f({float(n.value)!r})")
    tree = expression("exp(v) + max(x, 2) if v > 1 and x > 0 else 0", ["v", "x"])
    assert render(tree, style) == (
        "((exp32(state_v[k]) + fmax(f(2.0), local_x)) if ((state_v[k] > f(1.0)) and (local_x > f(0.0))) else f(0.0))"
    )


def test_a_block_is_rendered_line_by_line_and_evaluated_in_order() -> None:
    block, _ = read_block("x = v + 1\nif x > 2: v = 10*x\nelse: v = -x", scope([], ["v"]))
    assert block is not None
    for start in (0.0, 5.0):
        wanted = evaluate_block(block, {"v": start})["v"]
        values: dict[str, Any] = {"v": start}
        exec("\n".join(render_block(block)), {}, values)
        assert values["v"] == wanted == (-1.0 if start == 0 else 60.0)


def test_draws_ask_the_given_source() -> None:
    block, findings = read_block("v += normal() + poisson(3)", scope([], ["v"], draws=True))
    assert block is not None and not findings
    asked: list[tuple[str, tuple[Any, ...]]] = []

    def draw(name: str, args: tuple[Any, ...]) -> float:
        asked.append((name, args))
        return 0.5

    assert evaluate_block(block, {"v": 1.0}, draw)["v"] == 2.0
    assert asked == [("normal", ()), ("poisson", (3,))]
    with pytest.raises(ValueError, match="random numbers"):
        evaluate_block(block, {"v": 1.0})


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("tau_m", r"\tau_{\mathrm{m}}"),
        ("(v_rest - v)/tau_m", r"\frac{v_{\mathrm{rest}} - v}{\tau_{\mathrm{m}}}"),
        ("2*(v + u)", r"2 \, \left(v + u\right)"),
        ("v - (u - i)", r"v - \left(u - i\right)"),
        ("v**2", "v^{2}"),
        ("(v + 1)**2", r"\left(v + 1\right)^{2}"),
        ("-v*u", r"-v \, u"),
        ("u - -v*u", r"u - \left(-v \, u\right)"),
        ("1e-7", r"1 \cdot 10^{-7}"),
        ("sqrt(v)", r"\sqrt{v}"),
    ],
)
def test_latex_reads_as_in_a_paper(text: str, wanted: str) -> None:
    assert latex(expression(text, ["tau_m", "v_rest", "v", "u", "i"])) == wanted
