"""Text of a model, read: parsed, checked, and given back as a tree, or as findings with line and column."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from studio.findings import Finding, FindingError
from studio.models.language import check, parser, statements
from studio.models.language.check import Kind, Scope
from studio.models.language.flatten import select
from studio.models.language.symbolic import substitute
from studio.models.language.tokens import Refused
from studio.models.language.tree import Assign, Block, Expr, Rate

T = TypeVar("T")
Findings = tuple[Finding, ...]


def read_expression(text: str, scope: Scope, kind: Kind = "number") -> tuple[Expr | None, Findings]:
    """One expression of the given kind."""

    def read() -> Expr:
        tree = parser.expression(text)
        check.check_value(tree, scope, kind)
        return tree

    return _attempt(read, scope.where)


def read_block(text: str, scope: Scope) -> tuple[Block | None, Findings]:
    """Assignments and branches, as assignments without branches. An empty text is an empty block."""

    def read() -> Block:
        block = select(statements.statements(text), scope.names)
        check.check_block(block, scope)
        return block

    return _attempt(read, scope.where)


def read_equations(text: str, scope: Scope, states: Iterable[str]) -> tuple[dict[str, Expr] | None, Findings]:
    """`dx/dt = e` for some of the states: state -> derivative per ms, helper lines put in. A state without an equation stands still."""
    allowed = frozenset(states)
    return _attempt(lambda: _derivatives(statements.equations(text), scope, allowed), scope.where)


def _derivatives(rows: Iterable[Assign | Rate], scope: Scope, states: frozenset[str]) -> dict[str, Expr]:
    helpers: dict[str, Expr] = {}
    out: dict[str, Expr] = {}
    for row in rows:
        check.check_value(row.value, scope.plus(*helpers))
        value = parser.shallow(substitute(row.value, helpers))
        if isinstance(row, Assign):
            if row.target in scope.names:
                raise Refused(
                    "assign",
                    row.at,
                    f"“{row.target}” already has a meaning; a helper line needs a new name.",
                    f"For a differential equation write d{row.target}/dt = ...",
                )
            helpers[row.target] = value
        elif row.target not in states:
            raise Refused("name", row.at, f"“{row.target}” is not a state.", check.suggestion(row.target, states))
        elif row.target in out:
            raise Refused("assign", row.at, f"“{row.target}” has two equations.")
        else:
            out[row.target] = value
    return out


def _attempt(read: Callable[[], T], where: str) -> tuple[T | None, Findings]:
    try:
        return read(), ()
    except Refused as refused:
        return None, (refused.finding(where),)


def sure(result: tuple[T | None, Findings]) -> T:
    """What was read; raise FindingError with the findings where nothing was."""
    value, findings = result
    if value is None:
        raise FindingError(findings)
    return value


def expression(text: str, names: Iterable[str] = (), where: str = "", **options: Any) -> Expr:
    """Read one number-valued expression in the given names; raise FindingError where it is wrong."""
    return sure(read_expression(text, check.scope(names, where=where, **options)))
