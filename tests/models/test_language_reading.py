"""Texts of the language: what is read, what is refused, and where."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.findings import Finding, FindingError
from studio.models.language import Name, Number, expression, read_block, read_equations, read_expression, scope
from studio.models.language.tree import Binary, Select, Unary

NAMES = scope(["tau_m", "v_rest", "v_th", "i"], ["v", "u"], where="mine")


def only(findings: tuple[Finding, ...]) -> Finding:
    assert len(findings) == 1
    return findings[0]


def refused(text: str, kind: str = "expression", **options: object) -> Finding:
    names = scope(["tau_m", "v_rest", "v_th", "i"], ["v", "u"], where="mine", **options)  # type: ignore[arg-type]
    read = {"expression": read_expression, "block": read_block, "equations": lambda t, s: read_equations(t, s, ["v", "u"])}[kind]
    value, findings = read(text, names)  # type: ignore[operator]
    assert value is None
    finding = only(findings)
    assert finding.severity == "error" and finding.where == "mine"
    return finding


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("v + u * i", "v + (u * i)"),
        ("v - u - i", "(v - u) - i"),
        ("-v ** 2", "-(v ** 2)"),
        ("v ** u ** i", "v ** (u ** i)"),
        ("2 ** -v", "2 ** (-v)"),
        ("-v * u", "(-v) * u"),
        ("v if v > 1 else u if u > 2 else i", "v if (v > 1) else (u if (u > 2) else i)"),
        ("1 if v > 1 and u < 2 or not i > 3 else 0", "1 if ((v > 1) and (u < 2)) or (not (i > 3)) else 0"),
        ("(v +\n u)", "v + u"),
        ("v  # the membrane", "v"),
        ("+v", "v"),
    ],
)
def test_operators_bind_as_in_python(text: str, same: str) -> None:
    assert expression(text, ["v", "u", "i"]) == expression(same, ["v", "u", "i"])


def test_trees_know_where_they_began() -> None:
    tree = expression("v +\tu", ["v", "u"])
    assert isinstance(tree, Binary) and isinstance(tree.b, Name)
    assert (tree.a.at, tree.at, tree.b.at) == ((1, 1), (1, 3), (1, 5))


def test_whole_numbers_stay_whole() -> None:
    assert expression("2") == Number(2) and isinstance(expression("2").value, int)  # type: ignore[union-attr]
    assert isinstance(expression("2.").value, float)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "code", "place", "words"),
    [
        ("v + vrest", "text.name", "Line 1, column 5", "Did you mean v_rest?"),
        ("sin(v)", "text.function", "Line 1, column 1", "“sin”"),
        ("exp(v, u)", "text.function", "Line 1, column 1", "takes 1 value, not 2"),
        ("v.real", "text.syntax", "Line 1, column 2", "no attributes"),
        ("v[0]", "text.syntax", "Line 1, column 2", "no lists"),
        ("'a'", "text.syntax", "Line 1, column 1", "no strings"),
        ("v ^ 2", "text.syntax", "Line 1, column 3", "a ** b"),
        ("__import__('os')", "text.syntax", "Line 1, column 1", "begins with a letter"),
        ("lambda: v", "text.forbidden", "Line 1, column 1", "Functions"),
        ("True", "text.forbidden", "Line 1, column 1", "word of Python"),
        ("v < u < i", "text.syntax", "Line 1, column 7", "a < b and b < c"),
        ("v > u", "text.kind", "Line 1, column 3", "number is expected"),
        ("1 if v else 2", "text.kind", "Line 1, column 6", "needs a test"),
        ("(v > 1) + 2", "text.kind", "Line 1, column 4", "needs a number"),
        ("v & u", "text.operator", "Line 1, column 3", "whole numbers"),
        ("normal()", "text.draw", "Line 1, column 1", "not allowed here"),
        ("v +", "text.syntax", "Line 1, column 4", "the end of the line"),
        ("(v", "text.syntax", "Line 1, column 3", "“)”"),
        ("v u", "text.syntax", "Line 1, column 3", "does not belong"),
        ("v = u", "text.syntax", "Line 1, column 3", "=="),
        ("1 if v > 2", "text.syntax", "Line 1, column 11", "else"),
        ("", "text.empty", "Line 1, column 1", "empty"),
        ("v\nu", "text.syntax", "Line 2, column 1", "two lines"),
        ("1e999", "text.number", "Line 1, column 1", "too large"),
        ("99999999999999999999999999", None, "", ""),
        ("9223372036854775808", "text.number", "Line 1, column 1", "too large"),
        ("v\x00", "text.syntax", "Line 1, column 2", "character 0"),
        ("µ", "text.syntax", "Line 1, column 1", "“µ”"),
    ],
)
def test_what_is_wrong_is_said_at_its_place(text: str, code: str | None, place: str, words: str) -> None:
    if code is None:
        assert expression(text) == Number(1e26)
        return
    finding = refused(text)
    assert finding.code == code
    assert place in finding.text and words in f"{finding.text} {finding.fix}"


def test_reading_surely_raises_the_findings() -> None:
    with pytest.raises(FindingError, match="not known"):
        expression("nobody")


def test_a_block_reads_augmented_assignments_and_semicolons() -> None:
    block, findings = read_block("v = v_rest; u += 2*v;", NAMES)
    assert not findings and block is not None
    assert [a.target for a in block] == ["v", "u"]
    assert block.assignments[1].value == expression("u + 2*v", ["u", "v"])


def test_a_branch_becomes_a_select_whose_test_is_taken_once() -> None:
    block, _ = read_block("if v > v_th:\n    v = v_rest\n    u += 1\nelse: u = 0", NAMES)
    assert block is not None
    names = ["v", "u", "v_th", "v_rest"]
    assert [(a.target, a.value) for a in block] == [
        ("_c1", expression_truth("v > v_th", names)),
        ("_c2", Unary("not", Name("_c1"))),
        ("v", Select(Name("_c1"), Name("v_rest"), Name("v"))),
        ("u", Select(Name("_c1"), expression("u + 1", names), Name("u"))),
        ("u", Select(Name("_c2"), Number(0), Name("u"))),
    ]


def expression_truth(text: str, names: list[str]) -> object:
    return read_expression(text, scope(names), "truth")[0]


def test_elif_and_nested_branches_are_read() -> None:
    text = "if v > 1:\n  if u > 1: v = 1\n  elif u > 0: v = 2\n  else: v = 3\nelif v > 0:\n  v = 4"
    block, findings = read_block(text, NAMES)
    assert block is not None and not findings


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("tau_m = 3", "text.assign", "cannot be assigned"),
        ("if v > 1: x = 1\nv = x", "text.name", "one branch only"),
        ("if v > 1: x = 1\nelse: v = x", "text.name", "one branch only"),
        ("v = x; x = 1", "text.name", "“x”"),
        ("exp = 1", "text.assign", "function"),
        ("v > 1", "text.syntax", "“=”"),
        ("for k in v: v = 1", "text.forbidden", "Loops"),
        ("if v > 1:\nv = 2", "text.syntax", "after the colon"),
        ("v = 1\n  u = 2", "text.syntax", "indented more"),
        ("  v = 1\nu = 2", "text.syntax", "indented less"),
        ("else: v = 1", "text.syntax", "assignment"),
        ("v = v > 1", "text.kind", "cannot hold a test"),
        ("v == 1", "text.syntax", "“=”"),
        ("v, u = 1, 2", "text.syntax", "“=”"),
        ("is = 3", "text.forbidden", "word of Python"),
    ],
)
def test_a_block_refuses(text: str, code: str, words: str) -> None:
    finding = refused(text, "block")
    assert finding.code == code and words in f"{finding.text} {finding.fix}"


def test_a_name_made_in_both_branches_may_be_used_afterwards() -> None:
    block, findings = read_block("if v > 1: x = 1\nelse: x = 2\nv = x", NAMES)
    assert block is not None and not findings


def test_equations_put_helper_lines_in() -> None:
    found, findings = read_equations("drive = i + 1\ndv/dt = (v_rest - v)/tau_m + drive; du/dt = -u", NAMES, ["v", "u"])
    assert not findings
    assert found == {"v": expression("(v_rest - v)/tau_m + (i + 1)", NAMES.names), "u": expression("-u", ["u"])}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("dx/dt = 1", "text.name"),
        ("dv/dx = 1", "text.syntax"),
        ("dv/dt = 1\ndv/dt = 2", "text.assign"),
        ("v = 1", "text.assign"),
        ("dv/dt = nobody", "text.name"),
        ("dv/dt = normal()", "text.draw"),
    ],
)
def test_equations_refuse(text: str, code: str) -> None:
    assert refused(text, "equations").code == code


HOSTILE = {
    "parentheses": "(" * 100_000,
    "closed parentheses": "(" * 1500 + "v" + ")" * 1500,
    "signs": "-" * 3000 + "v",
    "nots": "not " * 900 + "v > 1",
    "a long sum": "+".join(["v"] * 1500),
    "a long power": "**".join(["v"] * 1500),
    "a long select": " if v > 1 else ".join(["v"] * 500),
    "nested calls": "exp(" * 1200 + "v" + ")" * 1200,
    "a long text": "v" * 1_000_000,
    "a megabyte of digits": "9" * 19_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_expression_gives_a_finding(text: str) -> None:
    assert refused(text).code in ("text.size", "text.depth", "text.number", "text.name")


def test_helper_lines_that_double_each_time_are_refused() -> None:
    lines = ["a0 = v + v", *(f"a{k} = a{k - 1} + a{k - 1}" for k in range(1, 60)), "dv/dt = a59"]
    assert refused("\n".join(lines), "equations").code == "text.depth"


def test_deeply_nested_branches_are_refused() -> None:
    text = "\n".join("  " * k + "if v > 1:" for k in range(50)) + "\n" + "  " * 50 + "v = 1"
    assert refused(text, "block").code == "text.depth"


@pytest.mark.parametrize("thing", [None, 5, ["v"], {"v": 1}, b"v"])
def test_what_is_not_text_gives_a_finding(thing: object) -> None:
    assert read_expression(thing, NAMES)[1][0].code == "text.syntax"  # type: ignore[arg-type]


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="vui10.e+-*/<>=!&|()[]{}'\"\\;:#\n\t ifelsandort_dt,^%µ", max_size=80))
def test_any_text_gives_a_tree_or_findings(text: str) -> None:
    for read in (read_expression, read_block, lambda t, s: read_equations(t, s, ["v"])):
        value, findings = read(text, NAMES)  # type: ignore[operator]
        assert (value is None) == bool(findings)
        assert all(f.code.startswith("text.") and "ine " in f.text for f in findings)
