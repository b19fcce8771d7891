"""Trees into LaTeX, as a reader of papers expects them."""

from __future__ import annotations

from collections.abc import Mapping

from studio.models.language.functions import DRAWS, FUNCTIONS
from studio.models.language.symbolic import substitute
from studio.models.language.tree import Assign, Binary, Block, Call, Expr, Name, Number, Select, Unary

# fmt: off
_GREEK = frozenset((
    "alpha", "beta", "gamma", "delta", "epsilon", "eta", "theta", "kappa", "lambda", "mu", "nu", "xi", "rho", "sigma", "tau", "phi", "chi", "psi",
    "omega", "Delta", "Theta", "Lambda", "Sigma", "Phi", "Psi", "Omega",
))
_OPS = {
    "<=": r"\le", ">=": r"\ge", "!=": r"\ne", "==": "=", "and": r"\wedge", "or": r"\vee", "<<": r"\ll", ">>": r"\gg", "&": r"\,\&\,", "|": r"\,|\,",
}
_POWER = {
    "or": 1, "and": 2, "<": 4, "<=": 4, ">": 4, ">=": 4, "==": 4, "!=": 4, "|": 5, "&": 6, "<<": 7, ">>": 7, "+": 8, "-": 8, "*": 9, "/": 9, "**": 11,
}
# fmt: on
_ATOM, _SIGN = 12, 8


def name(text: str) -> str:
    """`tau_m` as \\tau_{\\mathrm{m}}, `v_th` as v_{\\mathrm{th}}, `last_v` as v(t - dt)."""
    head, _, tail = text.strip("_").partition("_")
    if head == "" or text == "dt":
        return text
    if head == "last" and tail:
        return name(tail) + "(t - dt)"
    base = rf"\{head}" if head in _GREEK else head if len(head) == 1 else rf"\mathrm{{{head}}}"
    if not tail:
        return base
    words = [rf"\{w}" if w in _GREEK else rf"\mathrm{{{w}}}" for w in tail.split("_")]
    return base + "_{" + r",\,".join(words) + "}"


def latex(node: Expr) -> str:
    """One expression."""
    return _latex(node)[0]


def _latex(node: Expr) -> tuple[str, int]:
    """The LaTeX of a node and how tightly it binds."""
    if isinstance(node, Number):
        return _number(node), _ATOM if node.value >= 0 else _SIGN
    if isinstance(node, Name):
        return name(node.id), _ATOM
    if isinstance(node, Unary):
        return (rf"\neg {_inside(node.a, 5)}", 3) if node.op == "not" else (f"-{_inside(node.a, 9)}", _SIGN)
    if isinstance(node, Select):
        return rf"\begin{{cases}} {latex(node.yes)} & {latex(node.test)} \\ {latex(node.no)} & \text{{otherwise}} \end{{cases}}", _ATOM
    if isinstance(node, Call):
        args = [latex(a) for a in node.args]
        template = FUNCTIONS[node.fn].latex if node.fn in FUNCTIONS else DRAWS[node.fn][1]
        return template.format(*args), _ATOM
    return _binary(node)


def _binary(node: Binary) -> tuple[str, int]:
    power = _POWER[node.op]
    if node.op == "/":
        return rf"\frac{{{latex(node.a)}}}{{{latex(node.b)}}}", 10
    if node.op == "**":
        return rf"{_inside(node.a, 12)}^{{{latex(node.b)}}}", power
    right = _inside(node.b, power + 1)
    if node.op == "*":
        signed = isinstance(node.a, Unary) and node.a.op == "-"
        return rf"{_inside(node.a, _SIGN if signed else power)} \, {right}", _SIGN if signed else power
    return f"{_inside(node.a, power)} {_OPS.get(node.op, node.op)} {right}", power


def _inside(node: Expr, least: int) -> str:
    text, power = _latex(node)
    return text if power >= least else rf"\left({text}\right)"


def _number(node: Number) -> str:
    text = f"{node.value:g}" if isinstance(node.value, float) else str(node.value)
    mantissa, _, exponent = text.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa


def equation(state: str, derivative: Expr) -> str:
    """`dv/dt = ...`."""
    return rf"\frac{{d{name(state)}}}{{dt}} = {latex(derivative)}"


def assignment(assign: Assign) -> str:
    """`v <- ...`; a guarded assignment says when it happens."""
    value = assign.value
    if isinstance(value, Select) and value.no == Name(assign.target):
        return rf"{name(assign.target)} \leftarrow {latex(value.yes)} \quad \text{{if }} {latex(value.test)}"
    return rf"{name(assign.target)} \leftarrow {latex(assign.value)}"


def block(value: Block) -> tuple[str, ...]:
    """One line an assignment; the tests of branches are put in where they are used."""
    tests: dict[str, Expr] = {}
    out: list[str] = []
    for assign in value:
        changed = substitute(assign.value, tests)
        if assign.target.startswith("_c"):
            tests[assign.target] = changed
        else:
            out.append(assignment(Assign(assign.target, changed)))
    return tuple(out)


def mapping(derivatives: Mapping[str, Expr]) -> tuple[str, ...]:
    return tuple(equation(state, value) for state, value in derivatives.items())
