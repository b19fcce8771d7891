"""Tokens into expressions: a Pratt parser. The statement forms of the language are read by `statements`.

Nothing is looked up here (that is `check`) and nothing is ever executed. Nesting beyond MAX_DEPTH is refused in words,
so the parser's own recursion is bounded and a hostile text gives a finding, never a RecursionError.
"""

from __future__ import annotations

from studio.models.language.tokens import KEYWORDS, Line, Refused, Token, lines
from studio.models.language.tree import (
    MAX_DEPTH,
    Binary,
    Call,
    Expr,
    Name,
    Number,
    Position,
    Select,
    Unary,
    depth,
)

# how tightly an operator binds its sides; comparisons do not chain
# fmt: off
_POWER = {
    "or": 10, "and": 20, "<": 40, "<=": 40, ">": 40, ">=": 40, "==": 40, "!=": 40, "|": 50, "&": 60, "<<": 70, ">>": 70, "+": 80, "-": 80,
    "*": 90, "/": 90, "**": 110,
}
# fmt: on
_NOT, _MINUS, _COMPARE = 30, 100, 40
MAX_NESTING = 30  # of parentheses, selects and signs: each costs a few Python frames


class Reader:
    """A cursor over the tokens of one logical line."""

    def __init__(self, line: Line) -> None:
        self._tokens = line.tokens
        self._end = Token("end", "the end of the line", line.end)
        self._next = 0
        self._nesting = 0

    @property
    def peek(self) -> Token:
        return self._tokens[self._next] if self._next < len(self._tokens) else self._end

    def take(self) -> Token:
        token = self.peek
        self._next += 1
        return token

    def accept(self, text: str) -> bool:
        if self.peek.kind != "end" and self.peek.text == text:
            self._next += 1
            return True
        return False

    def expect(self, text: str) -> None:
        if not self.accept(text):
            raise Refused("syntax", self.peek.at, f"“{text}” is expected before {shown(self.peek)}.")

    def expression(self) -> Expr:
        """`yes if test else no`, or anything that binds tighter."""
        at = self.peek.at
        value = self._infix(0)
        if not self.accept("if"):
            return value
        with_test = self._infix(0)
        if not self.accept("else"):
            raise Refused("syntax", self.peek.at, "“else” is missing.", "Write a if test else b.")
        self._enter()
        other = self.expression()
        self._nesting -= 1
        return Select(with_test, value, other, at)

    def _infix(self, least: int) -> Expr:
        left = self._prefix()
        compared = False
        while self.peek.kind != "end" and _POWER.get(self.peek.text, -1) > least:
            op = self.peek
            power = _POWER[op.text]
            if power == _COMPARE and compared:
                raise Refused("syntax", op.at, "comparisons cannot be chained.", "Write a < b and b < c.")
            compared = compared or power == _COMPARE
            self.take()
            left = Binary(op.text, left, self._power_side() if op.text == "**" else self._infix(power), op.at)
        return left

    def _power_side(self) -> Expr:
        """The right side of `**`, which binds from the right and may carry a sign."""
        self._enter()
        side = self._infix(_POWER["**"] - 1)
        self._nesting -= 1
        return side

    def _prefix(self) -> Expr:
        token = self.take()
        self._enter(token)
        try:
            if token.kind == "number":
                return number(token)
            if token.text == "-":
                return Unary("-", self._infix(_MINUS), token.at)
            if token.text == "+":
                return self._infix(_MINUS)
            if token.text == "not":
                return Unary("not", self._infix(_NOT), token.at)
            if token.text == "(":
                inside = self.expression()
                self.expect(")")
                return inside
            if token.kind == "name" and token.text not in KEYWORDS:
                return Call(token.text, self._arguments(), token.at) if self.accept("(") else Name(token.text, token.at)
        finally:
            self._nesting -= 1
        raise Refused("syntax", token.at, f"a value is expected before {shown(token)}.")

    def _arguments(self) -> tuple[Expr, ...]:
        if self.accept(")"):
            return ()
        args = [self.expression()]
        while self.accept(","):
            args.append(self.expression())
        self.expect(")")
        return tuple(args)

    def _enter(self, token: Token | None = None) -> None:
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise Refused(
                "depth",
                (token or self.peek).at,
                f"the expression is nested more than {MAX_NESTING} deep.",
                "Give a part of it a name on a line of its own.",
            )

    def finish(self) -> None:
        if self.peek.kind != "end":
            fix = "Write == to compare." if self.peek.text == "=" else ""
            raise Refused("syntax", self.peek.at, f"{shown(self.peek)} does not belong here.", fix)


def number(token: Token) -> Number:
    """A literal that a double, or a 64-bit integer, can hold."""
    value: float | int = int(token.text) if token.text.isdigit() and len(token.text) < 20 else float(token.text)
    if value == float("inf") or (isinstance(value, int) and value >= 2**63):
        raise Refused("number", token.at, f"{token.text[:20]} is too large.")
    return Number(value, token.at)


def shown(token: Token) -> str:
    return token.text if token.kind == "end" else f"“{token.text}”"


def shallow(expr: Expr) -> Expr:
    """The expression itself, if plain recursion over it is safe."""
    if depth(expr) > MAX_DEPTH:
        raise Refused(
            "depth",
            getattr(expr, "at", Position()),
            f"the expression has more than {MAX_DEPTH} levels, or is too long.",
            "Split it over several lines.",
        )
    return expr


def expression(text: str) -> Expr:
    """One expression on one line (or over several inside parentheses)."""
    found = lines(text)
    if not found:
        raise Refused("empty", Position(), "an expression is expected; the text is empty.")
    first, *others = found
    if others:
        raise Refused("syntax", others[0].tokens[0].at, "one expression is expected, not two lines.")
    reader = Reader(first)
    out = reader.expression()
    reader.finish()
    return shallow(out)
