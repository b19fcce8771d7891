"""A NESTML file as lines that know where they stand, and its expressions in the studio's language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from studio import units
from studio.findings import Finding, FindingError
from studio.models.language import parser
from studio.models.language.tokens import Refused
from studio.models.language.tree import Binary, Call, Expr, Name, Number, Position, Select, Unary

MAX_CHARACTERS = 200_000
_TOKEN = re.compile(r"\s+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[A-Za-z_]\w*'*|<<|>>|<=|>=|==|!=|<>|\*\*|\+=|-=|\*=|/=|\[\[|\]\]|.")
PLAIN = ("real", "integer", "boolean")  # types without a unit
_FUNCTIONS = {"ln": "log"}
_CONSTANTS = {"e": "2.718281828459045", "inf": "1e300"}


class Outside(Exception):
    """Something that the plain subset does not have, and where."""

    def __init__(self, at: Position, text: str, fix: str = "") -> None:
        super().__init__(text)
        self.at, self.text, self.fix = at, text, fix

    def finding(self, where: str) -> Finding:
        return Finding("lossy.nestml", "error", where, f"{str(self.at).capitalize()}: {self.text}", self.fix)


@dataclass(frozen=True)
class Line:
    """One logical line: its text without comment, the position of every character, its indentation, its comment."""

    text: str
    at: tuple[Position, ...]
    indent: int
    comment: str = ""

    @property
    def start(self) -> Position:
        return self.at[0]

    def part(self, begin: int, end: int | None = None) -> Line:
        """The text from `begin` to `end`, without surrounding spaces."""
        end = len(self.text) if end is None else end
        while begin < end and self.text[begin].isspace():
            begin += 1
        while end > begin and self.text[end - 1].isspace():
            end -= 1
        at = self.at[begin:end] or (self.at[min(begin, len(self.at) - 1)],)
        return Line(self.text[begin:end], at, self.indent, self.comment)


def lines(text: str) -> Iterator[Line]:
    """Logical lines: comments and documentation strings taken off, open parentheses and backslashes joined; `end` lines left out."""
    if len(text) > MAX_CHARACTERS:
        raise Outside(Position(), f"the file has {len(text)} characters; at most {MAX_CHARACTERS} are read.")
    text = re.sub(r'"""(?:.|\n)*?"""', lambda m: re.sub(r"[^\n]", " ", m.group()), text)
    held: Line | None = None
    for number, raw in enumerate(text.split("\n"), start=1):
        code, _, comment = raw.partition("#")
        code = code.rstrip().rstrip(";")
        if not code.strip() or (held is None and code.strip() == "end"):
            continue
        indent = len(code.expandtabs(4)) - len(code.expandtabs(4).lstrip())
        first = len(code) - len(code.lstrip())
        joined = code.endswith("\\")
        code = code[:-1].rstrip() if joined else code
        new = Line(code[first:], tuple(Position(number, c + 1) for c in range(first, len(code))), indent, comment.strip())
        held = new if held is None else Line(f"{held.text} {new.text}", (*held.at, held.at[-1], *new.at), held.indent, held.comment)
        if joined or held.text.count("(") > held.text.count(")"):
            continue
        yield held
        held = None
    if held is not None:
        yield held


def number_of(unit: str, at: Position) -> float:
    """How many of the studio's units one of this unit is (mV, nA, ms, nF, uS, MOhm)."""
    try:
        return units.parse(unit.replace("**", "^").replace(" ", "")).scale
    except FindingError:
        raise Outside(at, f"“{unit}” is not a unit the studio knows.") from None


def dimension(unit: str) -> Any:
    """What a unit measures; None for plain numbers and for what is no unit."""
    try:
        return None if unit in PLAIN else units.parse(unit.replace("**", "^").replace(" ", "")).dimension
    except FindingError:
        return None


def coherent(unit: str, at: Position) -> str:
    """The studio's own unit of what this one measures; empty for plain numbers."""
    if unit in PLAIN:
        return ""
    scale, dimension = number_of(unit, at), units.parse(unit.replace("**", "^").replace(" ", "")).dimension
    for simple in ("mV", "nA", "ms", "nF", "uS", "MOhm", "kHz"):
        if units.parse(simple).dimension == dimension:
            return simple
    if scale == 1.0:
        return unit.replace("**", "^").replace(" ", "")
    up = [units.BASE[b] + (f"^{n}" if n > 1 else "") for b, n in dimension if n > 0]
    down = [units.BASE[b] + (f"^{-n}" if n < -1 else "") for b, n in dimension if n < 0]
    return ("*".join(up) or "1") + "".join(f"/{d}" for d in down)


def expression(line: Line, known: Callable[[str], bool]) -> Expr:
    """An expression of NESTML as a tree in the studio's units; unit names become numbers. Raise Outside at the place of what is wrong."""
    if not line.text:
        raise Outside(line.start, "an expression is expected here.")
    pieces = _ternary(list(_pieces(line, known)))
    plain = "".join(text for text, _ in pieces)
    at = [position for text, position in pieces for _ in text] or [line.start]
    try:
        tree = parser.expression(plain)
    except Refused as refused:
        raise Outside(at[min(refused.at.column, len(at)) - 1], refused.text, refused.fix) from None
    return _settled(tree, lambda p: at[min(p.column, len(at)) - 1], known)


Piece = tuple[str, Position]


def _pieces(line: Line, known: Callable[[str], bool]) -> Iterator[Piece]:
    """Token by token: numbers with units, unit names, words that are called otherwise here."""
    tokens = [(m.group(), line.at[m.start()]) for m in _TOKEN.finditer(line.text) if not m.group().isspace()]
    skip = False
    for k, (text, at) in enumerate(tokens):
        following = tokens[k + 1][0] if k + 1 < len(tokens) else ""
        if skip:
            skip = False
        elif text[0].isdigit() or text[0] == ".":
            skip = bool(re.match(r"[A-Za-z]", following)) and following not in ("and", "or", "not", "if", "else") and not known(following)
            yield (f"({text}*{number_of(following, tokens[k + 1][1])!r})" if skip else text), at
        elif text in ("[", "[[", "]]", "]"):
            raise Outside(at, "vectors are not part of the plain subset.")
        elif text.endswith("'"):
            raise Outside(at, "a derivative stands on the left side of an equation only.")
        elif re.match(r"[A-Za-z_]", text) and not known(text) and following != "(" and text not in ("and", "or", "not"):
            yield _word(text, at), at
        else:
            yield {"<>": "!="}.get(text, _FUNCTIONS.get(text, text) if following == "(" else text), at
        if not skip:
            yield " ", at


def _word(text: str, at: Position) -> str:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if text in ("true", "false"):
        return "(1 > 0)" if text == "true" else "(0 > 1)"
    try:
        return repr(number_of(text, at))
    except Outside:
        raise Outside(at, f"“{text}” is neither declared nor a unit.") from None


def _ternary(pieces: list[Piece]) -> list[Piece]:
    """`a ? b : c` as `b if a else c`, inside parentheses too."""
    level, question = 0, -1
    out: list[Piece] = []
    begin = 0
    for k, (text, at) in enumerate(pieces):  # first what stands in parentheses
        if text == "(":
            begin, level = (len(out) if level == 0 else begin), level + 1
        elif text == ")":
            level -= 1
            if level == 0:
                out[begin + 1 :] = _ternary(out[begin + 1 :])
        elif text == "?" and level == 0 and question < 0:
            question = k
        out.append((text, at))
    if question < 0:
        return out
    cut = next(k for k, (text, _) in enumerate(out) if text == "?")
    depth = 0
    for k in range(cut + 1, len(out)):
        depth += (out[k][0] == "(") - (out[k][0] == ")") + (out[k][0] == "?")
        if out[k][0] == ":" and depth == 0:
            at = out[cut][1]
            yes, no = out[cut + 1 : k], _ternary(out[k + 1 :])
            return [("(", at), *_ternary(yes), (") if (", at), *out[:cut], (") else (", at), *no, (")", at)]
        depth -= out[k][0] == ":"
    raise Outside(out[cut][1], "“:” is missing after this “?”.")


def _settled(node: Expr, place: Callable[[Position], Position], known: Callable[[str], bool]) -> Expr:
    """The tree with positions of the file, and functions that the language says otherwise."""
    at = place(node.at)
    go = lambda child: _settled(child, place, known)  # noqa: E731
    if isinstance(node, Binary):
        return Binary(node.op, go(node.a), go(node.b), at)
    if isinstance(node, Unary):
        return Unary(node.op, go(node.a), at)
    if isinstance(node, Select):
        return Select(go(node.test), go(node.yes), go(node.no), at)
    if isinstance(node, Call):
        return _call(replace(node, args=tuple(go(a) for a in node.args), at=at))
    return replace(node, at=at)


def _call(node: Call) -> Expr:
    from studio.models.language.functions import FUNCTIONS

    if node.fn == "pow" and len(node.args) == 2:
        return Binary("**", *node.args, node.at)
    if node.fn == "log10" and len(node.args) == 1:
        return Binary("/", Call("log", node.args, node.at), Number(2.302585092994046, node.at), node.at)
    if node.fn == "random_normal" and len(node.args) == 2:
        mean, spread = node.args
        return Binary("+", mean, Binary("*", spread, Call("normal", (), node.at), node.at), node.at)
    if node.fn == "random_uniform" and len(node.args) == 2:
        low, width = node.args
        return Binary("+", low, Binary("*", width, Call("uniform", (), node.at), node.at), node.at)
    if node.fn not in FUNCTIONS and node.fn not in ("convolve", "steps", "resolution"):
        raise Outside(node.at, f"the function “{node.fn}” is not part of the plain subset.", f"There are {', '.join(FUNCTIONS)}, ln, pow.")
    return node


_BINDING = {"or": 1, "and": 2, "<": 4, "<=": 4, ">": 4, ">=": 4, "==": 4, "!=": 4, "+": 6, "-": 6, "*": 7, "/": 7, "**": 9}


def text_of(tree: Expr) -> str:
    """A tree in the studio's language, without what adds nothing and with few parentheses."""
    return _written(simplified(tree), 0)


def simplified(node: Expr) -> Expr:
    """Zeros added, ones multiplied, and products of numbers are worked out."""
    if isinstance(node, Unary):
        inner = simplified(node.a)
        return Number(-inner.value, node.at) if node.op == "-" and isinstance(inner, Number) else Unary(node.op, inner, node.at)
    if isinstance(node, Select):
        return Select(simplified(node.test), simplified(node.yes), simplified(node.no), node.at)
    if isinstance(node, Call):
        return Call(node.fn, tuple(simplified(a) for a in node.args), node.at)
    return _folded(node.op, simplified(node.a), simplified(node.b), node.at) if isinstance(node, Binary) else node


def _folded(op: str, a: Expr, b: Expr, at: Position) -> Expr:
    x, y = (n.value if isinstance(n, Number) else None for n in (a, b))
    if op == "*" and x is not None and y is not None:
        return Number(x * y, at)
    if (op == "*" and 0 in (x, y)) or (op == "/" and x == 0):
        return Number(0, at)
    if (op in "+-" and y == 0) or (op in "*/" and y == 1):
        return a
    if (op == "+" and x == 0) or (op == "*" and x == 1):
        return b
    return Unary("-", b, at) if op == "-" and x == 0 else Binary(op, a, b, at)


def _written(node: Expr, around: int) -> str:
    """The text of a node whose surroundings bind as tightly as `around`."""
    if isinstance(node, Number):
        text = repr(node.value)
        return f"({text})" if text.startswith("-") and around > 5 else text
    if isinstance(node, Name):
        return node.id
    if isinstance(node, Call):
        return f"{node.fn}({', '.join(_written(a, 0) for a in node.args)})"
    if isinstance(node, Unary):
        own = 3 if node.op == "not" else 8
        text = f"not {_written(node.a, own)}" if node.op == "not" else f"-{_written(node.a, own)}"
    elif isinstance(node, Select):
        own, text = 0, f"{_written(node.yes, 1)} if {_written(node.test, 1)} else {_written(node.no, 1)}"
    else:
        own = _BINDING[node.op]
        left, right = (
            _written(node.a, own + (node.op in ("**", "<", "<=", ">", ">=", "==", "!="))),
            _written(node.b, own + (node.op != "**")),
        )
        text = f"{left}{node.op}{right}" if own >= 7 else f"{left} {node.op} {right}"
    return f"({text})" if own < around or (around and not own) else text


def names_of(tree: Expr) -> Iterator[Name]:
    from studio.models.language.tree import walk

    return (node for node in walk(tree) if isinstance(node, Name))
