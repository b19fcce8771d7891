"""Equations, assignments and branches into statements; the expressions in them are read by `parser`."""

from __future__ import annotations

from studio.models.language.parser import Reader, shallow, shown
from studio.models.language.tokens import KEYWORDS, Line, Refused, lines
from studio.models.language.tree import Assign, Binary, Expr, If, Name, Rate, Statement

_AUGMENTED = {"+=": "+", "-=": "-", "*=": "*", "/=": "/"}
MAX_BRANCHES = 10


def equations(text: str) -> tuple[Assign | Rate, ...]:
    """Lines `dx/dt = e`, and helper lines `name = e` that later lines may use."""
    out: list[Assign | Rate] = []
    for line in lines(text):
        reader = Reader(line)
        while reader.peek.kind != "end":
            out.append(_equation(reader))
            if not reader.accept(";"):
                reader.finish()
    return tuple(out)


def _equation(reader: Reader) -> Assign | Rate:
    first = reader.take()
    if first.kind != "name" or first.text in KEYWORDS:
        raise Refused("syntax", first.at, f"an equation dx/dt = ... is expected before {shown(first)}.")
    rate = reader.accept("/")
    if rate and (not reader.accept("dt") or not first.text.startswith("d") or len(first.text) == 1):
        raise Refused("syntax", first.at, "the left side of an equation is dx/dt.", "Write dv/dt = ... for a state v.")
    reader.expect("=")
    value = shallow(reader.expression())
    return Rate(first.text[1:], value, first.at) if rate else Assign(first.text, value, first.at)


def statements(text: str) -> tuple[Statement, ...]:
    """Assignments and branches, in order."""
    rows = list(lines(text))
    if not rows:
        return ()
    out = _suite(rows, rows[0].indent, 0)
    if len(rows) > 0:
        raise Refused("syntax", rows[0].tokens[0].at, "this line is indented less than the first.")
    return out


def _suite(rows: list[Line], indent: int, level: int) -> tuple[Statement, ...]:
    """Statements of one indentation; takes its lines from the front of `rows`."""
    out: list[Statement] = []
    while rows and rows[0].indent >= indent:
        if rows[0].indent > indent:
            raise Refused("syntax", rows[0].tokens[0].at, "this line is indented more than the one before.")
        line = rows.pop(0)
        reader = Reader(line)
        if reader.accept("if"):
            out.append(_branch(reader, line, rows, indent, level + 1))
        else:
            out.extend(_simple(reader))
    return tuple(out)


def _branch(reader: Reader, line: Line, rows: list[Line], indent: int, level: int) -> If:
    """What follows `if` or `elif`, with the `elif` and `else` that belong to it."""
    if level > MAX_BRANCHES:
        raise Refused("depth", line.tokens[0].at, f"branches are nested more than {MAX_BRANCHES} deep.")
    at = line.tokens[0].at
    test = shallow(reader.expression())
    then = _body(reader, rows, indent, level)
    other: tuple[Statement, ...] = ()
    if rows and rows[0].indent == indent:
        following = rows[0]
        tail = Reader(following)
        if tail.accept("elif"):
            rows.pop(0)
            other = (_branch(tail, following, rows, indent, level + 1),)
        elif tail.accept("else"):
            rows.pop(0)
            other = _body(tail, rows, indent, level)
    return If(test, then, other, at)


def _body(reader: Reader, rows: list[Line], indent: int, level: int) -> tuple[Statement, ...]:
    """What stands after a colon: on the same line, or indented below."""
    reader.expect(":")
    if reader.peek.kind != "end":
        return _simple(reader)
    if not rows or rows[0].indent <= indent:
        raise Refused("syntax", reader.peek.at, "a statement is expected after the colon.")
    return _suite(rows, rows[0].indent, level)


def _simple(reader: Reader) -> tuple[Statement, ...]:
    """Assignments separated by semicolons."""
    out: list[Statement] = []
    while True:
        out.append(_assignment(reader))
        if not reader.accept(";"):
            break
        if reader.peek.kind == "end":
            break
    reader.finish()
    return tuple(out)


def _assignment(reader: Reader) -> Assign:
    target = reader.take()
    if target.kind != "name" or target.text in KEYWORDS:
        raise Refused("syntax", target.at, f"an assignment is expected before {shown(target)}.")
    sign = reader.take()
    if sign.text in _AUGMENTED:
        value: Expr = Binary(_AUGMENTED[sign.text], Name(target.text, target.at), reader.expression(), sign.at)
    elif sign.text == "=" and sign.kind == "op":
        value = reader.expression()
    else:
        raise Refused("syntax", sign.at, f"“=” is expected before {shown(sign)}.")
    return Assign(target.text, shallow(value), target.at)
