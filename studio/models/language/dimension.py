"""Do both sides of every sum measure the same? Units carried through the trees, so that an equation that mixes mV and nA is said to.

A dimension is a tuple of (base, power); None stands for "fits anywhere" (a literal zero, a name of unknown unit).
"""

from __future__ import annotations

from collections.abc import Mapping

from studio import units
from studio.models.language.functions import FUNCTIONS
from studio.models.language.tokens import Refused
from studio.models.language.tree import BITS, COMPARISONS, LOGIC, Binary, Block, Call, Expr, Name, Number, Position, Select, Unary

Dimension = tuple[tuple[str, int], ...]
Known = Mapping[str, "Dimension | None"]
PLAIN: Dimension = ()
TIME: Dimension = (("time", 1),)


def product(a: Dimension | None, b: Dimension | None, power: int = 1) -> Dimension | None:
    """The dimension of a * b ** power."""
    if a is None or b is None:
        return None
    powers = dict(a)
    for base, n in b:
        powers[base] = powers.get(base, 0) + power * n
    return tuple(sorted((base, n) for base, n in powers.items() if n))


def shown(dimension: Dimension) -> str:
    """A dimension in the studio's units."""
    up = [units.BASE.get(b, b) + (f"^{n}" if n > 1 else "") for b, n in dimension if n > 0]
    down = [units.BASE.get(b, b) + (f"^{-n}" if n < -1 else "") for b, n in dimension if n < 0]
    return ("*".join(up) or "1") + "".join("/" + d for d in down) if dimension else "a plain number"


def same(a: Dimension | None, b: Dimension | None, at: Position, what: str) -> Dimension | None:
    """The dimension both have; raise Refused where they differ."""
    if a is None or b is None:
        return a if b is None else b
    if a != b:
        raise Refused("unit", at, f"{what} {shown(a)} and {shown(b)}.")
    return a


def dimension(node: Expr, known: Known) -> Dimension | None:
    """What an expression measures; raise Refused where its parts do not fit."""
    if isinstance(node, Number):
        return None if node.value == 0 else PLAIN
    if isinstance(node, Name):
        return known.get(node.id)
    if isinstance(node, Unary):
        return dimension(node.a, known)
    if isinstance(node, Select):
        dimension(node.test, known)
        return same(dimension(node.yes, known), dimension(node.no, known), node.at, "the branches are")
    return _binary(node, known) if isinstance(node, Binary) else _call(node, known)


def _binary(node: Binary, known: Known) -> Dimension | None:
    a, b = dimension(node.a, known), dimension(node.b, known)
    if node.op in LOGIC or node.op in BITS:
        return PLAIN
    if node.op in "*/" and node.op != "**":
        return product(a, b, 1 if node.op == "*" else -1)
    if node.op == "**":
        return _power(node, a, b)
    out = same(a, b, node.at, f"“{node.op}” joins")
    return PLAIN if node.op in COMPARISONS else out


def _power(node: Binary, a: Dimension | None, b: Dimension | None) -> Dimension | None:
    if isinstance(node.b, Number) and float(node.b.value).is_integer():
        return product(PLAIN, a, int(node.b.value))
    same(b, PLAIN, node.at, "an exponent is")
    return same(a, PLAIN, node.at, "only a plain number can have such an exponent, not")


def _call(node: Call, known: Known) -> Dimension | None:
    args = [dimension(a, known) for a in node.args]
    rule = FUNCTIONS[node.fn].dimension if node.fn in FUNCTIONS else "number"
    if rule == "same":
        out = args[0]
        for arg in args[1:]:
            out = same(out, arg, node.at, f"“{node.fn}” joins")
        return out
    if rule == "sqrt" and args[0] is not None and all(n % 2 == 0 for _, n in args[0]):
        return tuple((b, n // 2) for b, n in args[0])
    if rule != "any":
        for arg in args:
            same(arg, PLAIN, node.at, f"“{node.fn}” needs a plain number:")
    return PLAIN


def block(value: Block, known: Known) -> dict[str, Dimension | None]:
    """What every name measures after a block; raise Refused where a value does not fit its name."""
    out = dict(known)
    for assign in value:
        found = dimension(assign.value, out)
        out[assign.target] = (
            same(out[assign.target], found, assign.at, f"“{assign.target}” and its value are") if assign.target in out else found
        )
    return out
