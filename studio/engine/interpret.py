"""Trees of the model language evaluated one number at a time, in double precision, as the rendered kernels compute them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from studio.models.language.tree import Binary, Block, Call, Expr, Name, Number, Select, Unary

Draw = Callable[[str, int, float], float]  # (name, which draw of the step, mean) -> value


def _divide(a: float, b: float) -> float:
    if b != 0.0:
        return a / b
    return math.nan if a == 0.0 or a != a else math.copysign(math.inf, a) * math.copysign(1.0, b)


def _power(a: float, b: float) -> float:
    try:
        return math.pow(a, b)
    except OverflowError:
        return math.inf
    except ValueError:
        return math.inf if a == 0.0 else math.nan


def exp(x: float) -> float:
    """e to the x, infinite where it overflows."""
    try:
        return math.exp(x)
    except OverflowError:
        return math.inf


_FUNCTIONS: dict[str, Callable[..., float]] = {
    "exp": exp,
    "log": lambda x: math.log(x) if x > 0 else -math.inf if x == 0 else math.nan,
    "sqrt": lambda x: math.sqrt(x) if x >= 0 else math.nan,
    "tanh": math.tanh,
    "sigmoid": lambda x: 1.0 / (1.0 + exp(-x)),
    "abs": lambda x: x if x >= 0.0 else -x,
    "floor": lambda x: float(math.floor(x)) if math.isfinite(x) else x,
    "sign": lambda x: 1.0 if x > 0.0 else (-1.0 if x < 0.0 else 0.0),
    "min": lambda x, y: x if x < y else y,
    "max": lambda x, y: x if x > y else y,
}
_BINARY: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda a, b: a + b, "-": lambda a, b: a - b, "*": lambda a, b: a * b, "/": _divide, "**": _power,
    "<<": lambda a, b: float(int(a) << int(b)), ">>": lambda a, b: float(int(a) >> int(b)),
    "&": lambda a, b: float(int(a) & int(b)), "|": lambda a, b: float(int(a) | int(b)),
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
    "==": lambda a, b: a == b, "!=": lambda a, b: a != b, "and": lambda a, b: a and b, "or": lambda a, b: a or b,
}  # fmt: skip


class Interpreter:
    """Evaluates trees for one neuron; counts the draws of a step as they are met."""

    def __init__(self, draw: Draw | None = None) -> None:
        self.draw, self.draws = draw, 0

    def value(self, tree: Expr, names: Mapping[str, float]) -> Any:
        """The value of an expression. Both branches of a select are computed, one is taken."""
        if isinstance(tree, Number):
            return float(tree.value)
        if isinstance(tree, Name):
            return names[tree.id]
        if isinstance(tree, Unary):
            inner = self.value(tree.a, names)
            return (not inner) if tree.op == "not" else -inner
        if isinstance(tree, Binary):
            a, b = self.value(tree.a, names), self.value(tree.b, names)
            return _BINARY[tree.op](a, b)
        if isinstance(tree, Select):
            test, yes, no = self.value(tree.test, names), self.value(tree.yes, names), self.value(tree.no, names)
            return yes if test else no
        return self._call(tree, names)

    def _call(self, tree: Call, names: Mapping[str, float]) -> float:
        args = [self.value(a, names) for a in tree.args]
        if tree.fn in _FUNCTIONS:
            return _FUNCTIONS[tree.fn](*args)
        assert self.draw is not None
        self.draws += 1
        return self.draw(tree.fn, self.draws - 1, args[0] if args else 0.0)

    def run(self, block: Block, names: Mapping[str, float]) -> dict[str, float]:
        """All names after a block."""
        out = dict(names)
        for a in block:
            out[a.target] = self.value(a.value, out)
        return out
