"""Texts of the small language as nodes of standard operators: what a kernel computes, in the same order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.exchange.onnx.body import SINGLE, Body
from studio.findings import Finding, FindingError
from studio.models.language.functions import DRAWS
from studio.models.language.symbolic import draws
from studio.models.language.tree import Binary, Block, Expr, Name, Number, Select, Unary

ARITHMETIC = {"+": "Add", "-": "Sub", "*": "Mul", "/": "Div", "**": "Pow"}
TRUTHS = {"<": "Less", "<=": "LessOrEqual", ">": "Greater", ">=": "GreaterOrEqual", "==": "Equal", "and": "And", "or": "Or"}
PLAIN = {"exp": "Exp", "log": "Log", "sqrt": "Sqrt", "tanh": "Tanh", "abs": "Abs", "floor": "Floor", "sign": "Sign"}
BITS = {"&": "BitwiseAnd", "|": "BitwiseOr"}
INT64 = "int64"


@dataclass
class Words:
    """Renders trees into a body; `lookup` gives the value behind a name that no block has assigned, `draw` the next random number of a law."""

    body: Body
    lookup: Callable[[str], str]
    dtype: Any = SINGLE
    draw: Callable[[str], str] | None = None

    def value(self, tree: Expr, local: Mapping[str, str] | None = None) -> str:
        """The name of the value of an expression; both branches of a select are computed."""
        local = local or {}
        if isinstance(tree, Number):
            return self.body.number(float(tree.value), self.dtype)
        if isinstance(tree, Name):
            return local[tree.id] if tree.id in local else self.lookup(tree.id)
        if isinstance(tree, Unary):
            return self.body.op("Not" if tree.op == "not" else "Neg", self.value(tree.a, local))
        if isinstance(tree, Select):
            return self.body.op("Where", *(self.value(part, local) for part in (tree.test, tree.yes, tree.no)))
        if isinstance(tree, Binary):
            return self._binary(tree.op, self.value(tree.a, local), self.value(tree.b, local))
        return self._call(tree.fn, [self.value(a, local) for a in tree.args])

    def block(self, block: Block, local: Mapping[str, str] | None = None) -> dict[str, str]:
        """All names that a block assigns, with their last values."""
        known = dict(local or {})
        for a in block:
            known[a.target] = self.value(a.value, known)
        return {name: known[name] for name in block.targets}

    def _binary(self, op: str, a: str, b: str) -> str:
        body = self.body
        if op in ARITHMETIC:
            return body.op(ARITHMETIC[op], a, b)
        if op == "!=":
            return body.op("Not", body.op("Equal", a, b))
        if op in TRUTHS:
            return body.op(TRUTHS[op], a, b)
        if op in BITS:
            return body.cast(body.op(BITS[op], body.cast(a, INT64), body.cast(b, INT64)), self.dtype)
        power = body.op("Pow", body.number(2.0, self.dtype), b)  # shifts of whole numbers, exact
        return body.op("Mul", a, power) if op == "<<" else body.op("Floor", body.op("Div", a, power))

    def _call(self, fn: str, args: list[str]) -> str:
        body = self.body
        if fn in PLAIN:
            return body.op(PLAIN[fn], *args)
        if fn in DRAWS:
            assert self.draw is not None
            return self.draw(fn)
        if fn == "sigmoid":
            one = body.number(1.0, self.dtype)
            return body.op("Div", one, body.op("Add", one, body.op("Exp", body.op("Neg", *args))))
        return body.op("Where", body.op("Less" if fn == "min" else "Greater", *args), *args)


def drawing(trees: Iterable[Expr]) -> bool:
    """Whether any of the trees draws random numbers."""
    return any(draws(tree) & DRAWS.keys() for tree in trees)


def refuse_draws(title: str, path: str) -> FindingError:
    """What a model is answered whose random numbers cannot be inputs: ONNX leaves those of RandomUniform to each runtime."""
    text = f"“{title}” draws random numbers for synapses, or with a mean of its own; ONNX leaves to each runtime what its random operators give, so no two would agree."
    return FindingError([Finding("lossy.random", "error", path, text, "Choose a model without draws.")])
