"""Algebra on trees: free names, substitution, and whether an expression is affine-linear in given names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from studio.models.language.tree import Assign, Binary, Block, Call, Expr, Name, Number, Select, Unary, walk

ZERO, ONE = Number(0.0), Number(1.0)


def free_names(node: Expr) -> frozenset[str]:
    """Every name an expression reads."""
    return frozenset(n.id for n in walk(node) if isinstance(n, Name))


def draws(node: Expr) -> frozenset[str]:
    """The functions an expression calls."""
    return frozenset(n.fn for n in walk(node) if isinstance(n, Call))


def substitute(node: Expr, by: Mapping[str, Expr]) -> Expr:
    """The expression with names replaced."""
    if isinstance(node, Name):
        return by.get(node.id, node)
    if isinstance(node, Unary):
        return Unary(node.op, substitute(node.a, by), node.at)
    if isinstance(node, Binary):
        return Binary(node.op, substitute(node.a, by), substitute(node.b, by), node.at)
    if isinstance(node, Select):
        return Select(substitute(node.test, by), substitute(node.yes, by), substitute(node.no, by), node.at)
    if isinstance(node, Call):
        return Call(node.fn, tuple([substitute(a, by) for a in node.args]), node.at)
    return node


def rename(block: Block, by: Mapping[str, str]) -> Block:
    """The block with names, also those it assigns, renamed."""
    names = {old: Name(new) for old, new in by.items()}
    return Block(tuple(Assign(by.get(a.target, a.target), substitute(a.value, names), a.at) for a in block))


def substitute_block(block: Block, by: Mapping[str, Expr]) -> Block:
    """The block with names replaced in what it reads."""
    return Block(tuple(Assign(a.target, substitute(a.value, by), a.at) for a in block))


def add(a: Expr, b: Expr) -> Expr:
    if a == ZERO:
        return b
    return a if b == ZERO else Binary("+", a, b)


def subtract(a: Expr, b: Expr) -> Expr:
    if b == ZERO:
        return a
    return negate(b) if a == ZERO else Binary("-", a, b)


def negate(a: Expr) -> Expr:
    if isinstance(a, Number):
        return Number(0.0) if a == ZERO else Number(-a.value)
    return a.a if isinstance(a, Unary) and a.op == "-" else Unary("-", a)


def multiply(a: Expr, b: Expr) -> Expr:
    if ZERO in (a, b):
        return ZERO
    if a == ONE:
        return b
    return a if b == ONE else Binary("*", a, b)


def divide(a: Expr, b: Expr) -> Expr:
    return a if a == ZERO or b == ONE else Binary("/", a, b)


Affine = tuple[dict[str, Expr], Expr]  # coefficients of the names, and what is left


def affine(node: Expr, names: Iterable[str]) -> Affine | None:
    """Coefficients and rest of an expression that is affine-linear in `names`; None where it is not.

    Neither the coefficients nor the rest contain any of the names: e = sum(coefficient * name) + rest.
    """
    return _affine(node, frozenset(names))


def _affine(node: Expr, names: frozenset[str]) -> Affine | None:
    if not free_names(node) & names:
        return {}, node
    if isinstance(node, Name):
        return {node.id: ONE}, ZERO
    if isinstance(node, Unary) and node.op == "-":
        inner = _affine(node.a, names)
        return inner and _map(inner, negate)
    if isinstance(node, Binary):
        return _affine_binary(node, names)
    if isinstance(node, Select) and not free_names(node.test) & names:
        yes, no = _affine(node.yes, names), _affine(node.no, names)
        return yes and no and _merge(yes, no, lambda a, b: Select(node.test, a, b))
    return None


def _affine_binary(node: Binary, names: frozenset[str]) -> Affine | None:
    if node.op not in ("+", "-", "*", "/"):
        return None
    a, b = _affine(node.a, names), _affine(node.b, names)
    if a is None or b is None:
        return None
    if node.op in "+-":
        return _merge(a, b, add if node.op == "+" else subtract)
    if node.op == "/":
        return None if b[0] else _map(a, lambda x: divide(x, node.b))
    if a[0] and b[0]:
        return None
    return _map(a, lambda x: multiply(x, node.b)) if a[0] else _map(b, lambda x: multiply(node.a, x))


def _map(value, change) -> Affine:  # type: ignore[no-untyped-def]
    return {name: change(c) for name, c in value[0].items()}, change(value[1])


def _merge(a: Affine, b: Affine, join) -> Affine:  # type: ignore[no-untyped-def]
    keys = dict.fromkeys([*a[0], *b[0]])
    return {k: join(a[0].get(k, ZERO), b[0].get(k, ZERO)) for k in keys}, join(a[1], b[1])
