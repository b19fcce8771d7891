"""Random numbers of neurons as inputs of a model: the numbers that the engine draws, so that every runtime has the same.

The engine numbers the draws of a neuron's step as its text is written, and so does the export: draw k of a population is its input `NAME.draw{k}`.
"""

from __future__ import annotations

from collections.abc import Iterable

from studio.models.language.functions import DRAWS
from studio.models.language.tree import Binary, Block, Call, Expr, Select, Unary
from studio.models.system import System

FED = ("uniform", "normal")  # laws without a mean that depends on states


def drawn_in(trees: Iterable[Expr]) -> list[str]:
    """The laws of all draws, in the order in which the engine numbers them."""
    out: list[str] = []
    for tree in trees:
        if isinstance(tree, Unary):
            out += drawn_in([tree.a])
        elif isinstance(tree, Binary):
            out += drawn_in([tree.a, tree.b])
        elif isinstance(tree, Select):
            out += drawn_in([tree.test, tree.yes, tree.no])
        elif isinstance(tree, Call):
            out += drawn_in(tree.args) + ([tree.fn] if tree.fn in DRAWS else [])
    return out


def laws(system: System) -> list[str] | None:
    """The laws of what a neuron draws in a step; None where they cannot be inputs: with a mean of their own, or where receptors draw."""
    if drawn_in(a.value for block in system.jumps for a in block):
        return None
    closed, reset = (_values(system.closing), _values(system.reset))
    trees = [*_values(system.step), *closed, *(t for t in (system.threshold,) if t is not None), *reset]
    found = drawn_in([*trees, *(t for t in (system.emits,) if t is not None)])
    return found if set(found) <= set(FED) else None


def _values(block: Block | None) -> tuple[Expr, ...]:
    return tuple(a.value for a in block) if block else ()
