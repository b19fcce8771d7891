"""Trees into Python source that numba compiles: every branch a select, every operator in parentheses.

A Style says how names, numbers, functions and operators are written, so that one tree serves double and single precision,
arrays and scalars, and any other target that looks like Python.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from studio.models.language.functions import FUNCTIONS
from studio.models.language.tree import Binary, Block, Call, Expr, Name, Number, Select, Unary

PYTHON: dict[str, str] = {f.name: f.python for f in FUNCTIONS.values()}
_OPS = {"and": "&", "or": "|"}


def literal(number: Number) -> str:
    """A number as Python reads it back exactly."""
    return repr(number.value)


@dataclass(frozen=True)
class Style:
    """How to write a tree.

    `functions` maps a function or draw to a template (`math.exp({0})`) or to a bare name (`exp32`, called with the arguments).
    `names` maps a name to source; a name that is absent (a local) is written behind `prefix`, so that it cannot hide anything. `operators` replaces an operator (`and` is written `&`).
    `select` is the template of a branch: {0} the test, {1} if true, {2} if false.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    functions: Mapping[str, str] = field(default_factory=lambda: PYTHON)
    operators: Mapping[str, str] = field(default_factory=lambda: _OPS)
    prefix: str = ""
    number: Callable[[Number], str] = literal
    select: str = "({1} if {0} else {2})"
    invert: str = "(not {0})"

    def name(self, id: str) -> str:
        return self.names.get(id, self.prefix + id)


DEFAULT = Style()


def render(node: Expr, style: Style = DEFAULT) -> str:
    """One expression as source."""
    if isinstance(node, Number):
        text = style.number(node)
        return f"({text})" if text.startswith("-") else text
    if isinstance(node, Name):
        return style.name(node.id)
    if isinstance(node, Unary):
        inner = render(node.a, style)
        return style.invert.format(inner) if node.op == "not" else f"(-{inner})"
    if isinstance(node, Binary):
        op = style.operators.get(node.op, node.op)
        return f"({render(node.a, style)} {op} {render(node.b, style)})"
    if isinstance(node, Select):
        return style.select.format(render(node.test, style), render(node.yes, style), render(node.no, style))
    return _call(node, style)


def _call(node: Call, style: Style) -> str:
    args = [render(a, style) for a in node.args]
    template = style.functions.get(node.fn, node.fn)
    return template.format(*args) if "{" in template else f"{template}({', '.join(args)})"


def render_block(block: Block, style: Style = DEFAULT) -> tuple[str, ...]:
    """The block as lines of source, one assignment each."""
    return tuple(f"{style.name(a.target)} = {render(a.value, style)}" for a in block)
