"""The model language: small texts of arithmetic, read into trees, checked, and rendered; never executed as Python.

A text is one of three things: an expression (`v >= v_th`), a block of assignments and branches (`v = v_reset; w += b`), or equations
(`dv/dt = (v_rest - v)/tau_m`). Arithmetic, comparison, and/or/not, `if`, the functions of `functions.FUNCTIONS`, whole-number shifts and
masks in a step, declared draws. No loops, no attributes, no names from outside. What is wrong becomes a finding with line and column.
"""

from studio.models.language.check import Scope, scope
from studio.models.language.evaluate import evaluate, evaluate_block
from studio.models.language.functions import DRAWS, FUNCTIONS
from studio.models.language.read import expression, read_block, read_equations, read_expression, sure
from studio.models.language.render import PYTHON, Style, render, render_block
from studio.models.language.symbolic import affine, free_names, substitute
from studio.models.language.tree import Assign, Binary, Block, Call, Expr, Name, Number, Position, Select, Unary
from studio.models.language.typeset import latex

__all__ = [
    "DRAWS", "FUNCTIONS", "PYTHON", "Assign", "Binary", "Block", "Call", "Expr", "Name", "Number", "Position", "Scope", "Select", "Style", "Unary",
    "affine", "evaluate", "evaluate_block", "expression", "free_names", "latex", "read_block", "read_equations", "read_expression", "render",
    "render_block", "scope", "substitute", "sure",
]  # fmt: skip
