"""What a parsed text may say: known names and functions, numbers where numbers belong, tests where tests belong."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal

from studio.models.language import functions
from studio.models.language.tokens import Refused
from studio.models.language.tree import BITS, COMPARISONS, LOGIC, Assign, Binary, Block, Call, Expr, Name, Number, Select, Unary

RESERVED = frozenset({"i", "i_ext", "dt", "w", "dw"})  # what the engine provides, where it does
QUALIFIED = re.compile(r"r\d+_")  # how the names of receptors begin in a joined system
Kind = Literal["number", "truth"]


@dataclass(frozen=True)
class Scope:
    """What a text may use: names it reads, names it may assign, and whether locals, draws and bit operations are allowed.

    `where` is put on the findings. `truths` are names that hold the outcome of a test.
    """

    names: frozenset[str] = frozenset()
    assignable: frozenset[str] = frozenset()
    locals: bool = True
    draws: bool = False
    bits: bool = False
    where: str = ""
    truths: frozenset[str] = frozenset()

    def plus(self, *names: str) -> Scope:
        return replace(self, names=self.names | set(names))


def scope(names: Iterable[str] = (), assignable: Iterable[str] = (), **options: bool | str) -> Scope:
    """A Scope from any iterables; what may be assigned may be read."""
    can = frozenset(assignable)
    return Scope(frozenset(names) | can, can, **options)  # type: ignore[arg-type]


def kind_of(node: Expr, within: Scope) -> Kind:
    """Whether an expression is a number or a test; raise Refused where it is neither."""
    if isinstance(node, Number):
        return "number"
    if isinstance(node, Name):
        return _name(node, within)
    if isinstance(node, Unary):
        wanted: Kind = "truth" if node.op == "not" else "number"
        _want(node.a, wanted, within, node.op)
        return wanted
    if isinstance(node, Binary):
        return _binary(node, within)
    if isinstance(node, Select):
        _want(node.test, "truth", within, "if")
        kind = kind_of(node.yes, within)
        _want(node.no, kind, within, "else")
        return kind
    return _call(node, within)


def _name(node: Name, within: Scope) -> Kind:
    if node.id in within.truths:
        return "truth"
    if node.id not in within.names:
        raise Refused("name", node.at, f"“{node.id}” is not known here.", suggestion(node.id, within.names))
    return "number"


def _binary(node: Binary, within: Scope) -> Kind:
    if node.op in BITS and not within.bits:
        raise Refused(
            "operator",
            node.at,
            f"“{node.op}” works on whole numbers and is allowed in a step only.",
            "Write and, or for tests." if node.op in "&|" else "",
        )
    wanted: Kind = "truth" if node.op in LOGIC else "number"
    _want(node.a, wanted, within, node.op)
    _want(node.b, wanted, within, node.op)
    return "truth" if node.op in LOGIC or node.op in COMPARISONS else "number"


def _call(node: Call, within: Scope) -> Kind:
    n = functions.arity(node.fn)
    if n is None:
        known = [*functions.FUNCTIONS, *functions.DRAWS]
        raise Refused(
            "function",
            node.at,
            f"“{node.fn}” is not a function of the language.",
            suggestion(node.fn, known) or f"There are {', '.join(known)}.",
        )
    if node.fn in functions.DRAWS and not within.draws:
        raise Refused(
            "draw", node.at, f"the random draw “{node.fn}” is not allowed here.", "Draws belong into a step, a threshold or a reset."
        )
    if len(node.args) != n:
        raise Refused("function", node.at, f"“{node.fn}” takes {n} value{'s' if n != 1 else ''}, not {len(node.args)}.")
    for arg in node.args:
        _want(arg, "number", within, node.fn)
    return "number"


def _want(node: Expr, wanted: Kind, within: Scope, reason: str) -> None:
    if kind_of(node, within) != wanted:
        text = (
            f"“{reason}” needs a test such as v >= v_th here, not a number."
            if wanted == "truth"
            else f"“{reason}” needs a number here, not a test."
        )
        raise Refused("kind", node.at, text)


def check_value(node: Expr, within: Scope, wanted: Kind = "number") -> None:
    """Raise Refused unless the expression is well-formed and of the wanted kind."""
    if kind_of(node, within) != wanted:
        raise Refused(
            "kind",
            node.at,
            "a test such as v >= v_th is expected, not a number." if wanted == "truth" else "a number is expected, not a test.",
        )


def check_block(block: Block, within: Scope) -> None:
    """Raise Refused unless every assignment of the block reads known names and writes allowed ones, in order."""
    seen = within
    for assign in block:
        kind = kind_of(assign.value, seen)
        _target(assign, within)
        if kind == "truth" and assign.target in within.names:
            raise Refused("kind", assign.at, f"“{assign.target}” is a number and cannot hold a test.")
        if kind == "truth":
            seen = replace(seen, truths=seen.truths | {assign.target})
        else:
            seen = replace(seen, names=seen.names | {assign.target}, truths=seen.truths - {assign.target})


def _target(assign: Assign, within: Scope) -> None:
    name = assign.target
    if name in within.assignable:
        return
    if name in within.names:
        raise Refused("assign", assign.at, f"“{name}” cannot be assigned here.", "States may be assigned, parameters may not.")
    if not within.locals:
        raise Refused("name", assign.at, f"“{name}” is not known here.", suggestion(name, within.assignable))
    if functions.arity(name) is not None:
        raise Refused("assign", assign.at, f"“{name}” is a function and cannot be assigned.")
    if name in RESERVED or QUALIFIED.match(name):
        raise Refused("name", assign.at, f"“{name}” has a meaning of its own.", "Choose another name.")


def suggestion(word: str, known: Iterable[str]) -> str:
    """A fix that names the nearest known word, or the few there are."""
    choices = sorted(k for k in known if not k.startswith("_"))
    near = get_close_matches(word[:60], choices, n=1)
    if near:
        return f"Did you mean {near[0]}?"
    return f"Known are {', '.join(choices)}." if 0 < len(choices) <= 12 else ""
