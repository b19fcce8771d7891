"""Branches into selects: `if c: x = e` becomes `x = e if c else x`, so that what is rendered has no jumps and vectorises.

A test is computed once, into a local `_c1`, `_c2`, ..., before anything it guards; both branches are computed, one is taken.
"""

from __future__ import annotations

from studio.models.language.symbolic import free_names
from studio.models.language.tokens import Refused
from studio.models.language.tree import Assign, Binary, Block, Expr, If, Name, Position, Select, Statement, Unary

MAX_ASSIGNMENTS = 500


class _Selects:
    """Collects the assignments of one text. A name that gets its first value inside one branch only is gone when the branch ends."""

    def __init__(self, known: frozenset[str]) -> None:
        self.out: list[Assign] = []
        self.known = set(known)
        self.gone: set[str] = set()
        self.tests = 0

    def add(self, target: str, value: Expr, at: Position) -> None:
        if len(self.out) >= MAX_ASSIGNMENTS:
            raise Refused("size", at, f"the text has more than {MAX_ASSIGNMENTS} assignments.")
        for name in sorted(free_names(value) & self.gone):
            raise Refused("name", at, f"“{name}” has a value in one branch only.", "Give it a value before the branch, or in both.")
        self.out.append(Assign(target, value, at))
        self.known.add(target)
        self.gone.discard(target)

    def guard(self, test: Expr, at: Position) -> Name:
        self.tests += 1
        name = Name(f"_c{self.tests}", at)
        self.add(name.id, test, at)
        return name

    def suite(self, statements: tuple[Statement, ...], guard: Name | None) -> None:
        for statement in statements:
            if isinstance(statement, If):
                self.branch(statement, guard)
            else:
                self.assign(statement, guard)

    def assign(self, statement: Assign, guard: Name | None) -> None:
        value = statement.value
        if guard is not None and statement.target in self.known:
            value = Select(guard, value, Name(statement.target, statement.at), statement.at)
        self.add(statement.target, value, statement.at)

    def branch(self, statement: If, guard: Name | None) -> None:
        """Both sides under their guards; of the names they make, those that both sides make stay."""
        before = set(self.known)
        test = self.guard(statement.test, statement.at)
        yes, no = test, None
        if statement.other:
            no = self.guard(_both(guard, Unary("not", test, statement.at)), statement.at)
        if guard is not None:
            yes = self.guard(_both(guard, test), statement.at)
        both = _targets(statement.then) & _targets(statement.other)
        self.suite(statement.then, yes)
        self.forget(before | both)
        if no is not None:
            self.suite(statement.other, no)
            self.forget(before | both)

    def forget(self, keep: set[str]) -> None:
        """Names that the branch made for itself have no value outside it."""
        lost = {n for n in self.known - keep if not n.startswith("_c")}
        self.known -= lost
        self.gone |= lost


def _both(guard: Name | None, test: Expr) -> Expr:
    return test if guard is None else Binary("and", guard, test, test.at)


def _targets(statements: tuple[Statement, ...]) -> frozenset[str]:
    """Names that surely have a value after these statements."""
    out: frozenset[str] = frozenset()
    for s in statements:
        out |= _targets(s.then) & _targets(s.other) if isinstance(s, If) else frozenset({s.target})
    return out


def select(statements: tuple[Statement, ...], known: frozenset[str]) -> Block:
    """The statements as assignments without branches; `known` are the names that already have a value."""
    selects = _Selects(known)
    selects.suite(statements, None)
    return Block(tuple(selects.out))
