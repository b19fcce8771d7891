"""The expression tree of the model language: small frozen values, each knowing where in its text it began.

Positions take no part in equality: two texts that mean the same give equal trees.
No tree that leaves the parser is deeper than MAX_DEPTH, so plain recursion over it is safe.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, Union

MAX_DEPTH = 80
MAX_NODES = 5_000


class Position(NamedTuple):
    """Where something stands in its text, both counted from 1."""

    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}"


START = Position()
ARITHMETIC = ("+", "-", "*", "/", "**")
BITS = ("<<", ">>", "&", "|")
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
LOGIC = ("and", "or")


@dataclass(frozen=True, slots=True)
class Number:
    """A literal; an int where it was written without point and exponent."""

    value: float | int
    at: Position = field(default=START, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A parameter, state, derived value, local, or a name the engine provides (`dt`, `i_ext`, `w`)."""

    id: str
    at: Position = field(default=START, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Unary:
    """`-a` or `not a`."""

    op: str
    a: Expr
    at: Position = field(default=START, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Binary:
    """`a op b`, for arithmetic, bit operations, comparisons, `and` and `or`."""

    op: str
    a: Expr
    b: Expr
    at: Position = field(default=START, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Select:
    """`yes if test else no`; both branches are computed, one is taken."""

    test: Expr
    yes: Expr
    no: Expr
    at: Position = field(default=START, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Call:
    """A function of the fixed list, or a declared draw."""

    fn: str
    args: tuple[Expr, ...]
    at: Position = field(default=START, compare=False, repr=False)


Expr = Union[Number, Name, Unary, Binary, Select, Call]


@dataclass(frozen=True, slots=True)
class Assign:
    """`target = value`; `x += e` is stored as `x = x + e`."""

    target: str
    value: Expr
    at: Position = field(default=START, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Rate:
    """A differential equation, `dtarget/dt = value` (per ms)."""

    target: str
    value: Expr
    at: Position = field(default=START, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class If:
    """`if test: then... else: other...`, as written; `flatten.select` turns it into selects."""

    test: Expr
    then: tuple[Statement, ...]
    other: tuple[Statement, ...]
    at: Position = field(default=START, compare=False, repr=False)


Statement = Union[Assign, If]


@dataclass(frozen=True, slots=True)
class Block:
    """Assignments in order, without branches. Names it assigns that are not states are locals."""

    assignments: tuple[Assign, ...] = ()

    def __iter__(self) -> Iterator[Assign]:
        return iter(self.assignments)

    def __len__(self) -> int:
        return len(self.assignments)

    def __bool__(self) -> bool:
        return bool(self.assignments)

    @property
    def targets(self) -> tuple[str, ...]:
        """The names assigned, in order of their first assignment."""
        return tuple(dict.fromkeys(a.target for a in self.assignments))


def children(node: Expr) -> tuple[Expr, ...]:
    """The direct parts of an expression."""
    if isinstance(node, Binary):
        return (node.a, node.b)
    if isinstance(node, Select):
        return (node.test, node.yes, node.no)
    if isinstance(node, Call):
        return node.args
    return (node.a,) if isinstance(node, Unary) else ()


def walk(node: Expr) -> Iterator[Expr]:
    """Every node of an expression, its own first; safe at any depth."""
    stack = [node]
    while stack:
        here = stack.pop()
        yield here
        stack.extend(reversed(children(here)))


def depth(node: Expr) -> int:
    """The longest way from the root to a leaf; safe at any depth. Past MAX_NODES it gives up and answers MAX_DEPTH + 1."""
    deepest, seen, stack = 0, 0, [(node, 1)]
    while stack:
        here, level = stack.pop()
        seen += 1
        deepest = max(deepest, level)
        if seen > MAX_NODES or deepest > MAX_DEPTH:
            return MAX_DEPTH + 1
        stack.extend([(child, level + 1) for child in children(here)])
    return deepest
