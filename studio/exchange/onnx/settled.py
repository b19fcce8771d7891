"""Draws that a model's parameters switch off: branches that cannot be taken and numbers that cannot be other than 0 are left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from studio.models.language.evaluate import evaluate
from studio.models.language.functions import DRAWS
from studio.models.language.symbolic import draws, free_names
from studio.models.language.tree import Assign, Binary, Block, Call, Expr, Number, Select, Unary
from studio.models.system import System

ZERO = Number(0.0)


def settled(system: System, values: Mapping[str, float | np.ndarray]) -> System:
    """The system without draws that cannot matter for these numbers; as it is where it has none, or where they differ from neuron to neuron."""
    if not system.random:
        return system
    known = {name: float(v) for name, v in values.items() if np.ndim(v) == 0}
    threshold = None if system.threshold is None else simple(system.threshold, known)
    emits = None if system.emits is None else simple(system.emits, known)
    reset = Block(tuple(Assign(a.target, simple(a.value, known), a.at) for a in system.reset))
    step = None if system.step is None else lean(system.step, known, {s.name for s in system.states})
    return replace(system, threshold=threshold, emits=emits, reset=reset, step=step)


def lean(block: Block, known: Mapping[str, float], kept: Iterable[str]) -> Block:
    """The block with simple expressions, without assignments that nobody reads."""
    needed, out = set(kept), list[Assign]()
    for a in reversed(tuple(block)):
        value = simple(a.value, known)
        if a.target in needed:
            out.append(Assign(a.target, value, a.at))
            needed |= free_names(value)
    return Block(tuple(reversed(out)))


def simple(tree: Expr, known: Mapping[str, float]) -> Expr:
    """The expression where some names are known: one branch of a select whose test is, 0 for what is multiplied with 0, and for floor(c*uniform()), c at most 1."""
    if isinstance(tree, Select):
        test = value(tree.test, known)
        if test is not None:
            return simple(tree.yes if test else tree.no, known)
        return Select(simple(tree.test, known), simple(tree.yes, known), simple(tree.no, known), tree.at)
    if isinstance(tree, Unary):
        return Unary(tree.op, simple(tree.a, known), tree.at)
    if isinstance(tree, Call):
        return ZERO if _nothing(tree, known) else Call(tree.fn, tuple(simple(a, known) for a in tree.args), tree.at)
    if isinstance(tree, Binary):
        if tree.op == "*" and draws(tree) & DRAWS.keys() and 0.0 in (value(tree.a, known), value(tree.b, known)):
            return ZERO
        return Binary(tree.op, simple(tree.a, known), simple(tree.b, known), tree.at)
    return tree


def value(tree: Expr, known: Mapping[str, float]) -> float | None:
    """The number that an expression is, where all its names are known and it draws nothing."""
    if draws(tree) & DRAWS.keys() or not free_names(tree) <= known.keys():
        return None
    return float(evaluate(tree, known))


def _nothing(call: Call, known: Mapping[str, float]) -> bool:
    """Whether a call is floor(c*uniform()) with c from 0 to 1: uniform numbers lie below 1."""
    if call.fn != "floor" or not isinstance(call.args[0], Binary) or call.args[0].op != "*":
        return False
    for factor, drawn in ((call.args[0].a, call.args[0].b), (call.args[0].b, call.args[0].a)):
        found = value(factor, known)
        if isinstance(drawn, Call) and drawn.fn == "uniform" and found is not None and 0.0 <= found <= 1.0:
            return True
    return False
