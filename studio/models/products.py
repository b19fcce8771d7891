"""Learning rules of Loihi and Lava, sums of products such as `2^-2*x1*y0 - 2^-2*y1*x0`, into models of this studio.

A product has one dependency that says when it counts: `x0` at arrivals, `y0` at spikes of the target, `uK` every 2^K epochs. The other factors are
traces (x1, x2 of arrivals, y1, y2, y3 of the target), the weight `w`, the tag `t`, numbers, and `sgn(...)`; a factor may be a bracket.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.findings import Finding, FindingError
from studio.models.language import parser
from studio.models.language.tokens import Refused
from studio.models.language.tree import Binary, Call, Expr, Name, Number, Position, Unary, walk

TRACES = {"x1": "pre", "x2": "pre", "y1": "post", "y2": "post", "y3": "post"}
SPIKES = {"x0": "on_pre", "y0": "on_post"}
_DECIMATED = re.compile(r"u(\d)")
_ADDED, _TOP = {"+": 1, "-": -1}, 127  # the largest value of a 7-bit trace
SOURCE = "Davies M et al. (2018) Loihi: a neuromorphic manycore processor with on-chip learning. doi:10.1109/MM.2018.112130359; the notation of Lava's LoihiLearningRule."
LIMITS = (
    "A product acts at its spike, not at the end of the epoch in which the spike falls: the same for epochs of one step. A trace counts its own spike, as there,"
    " but spikes of both sides that reach the synapse in the same step do not see each other. Delays do not learn. "
)
PLAIN = LIMITS + "Floating point: no 7-bit traces, no 8-bit weights, no stochastic rounding; traces do not saturate."
CHIP = LIMITS + (
    "Whole numbers: a trace is rounded at random and cut at 127 when it is read (the chip rounds it in every epoch and keeps what is cut), weight and tag are"
    " rounded at random to whole numbers of 8 bits and a sign after every change, which the chip does once an epoch."
)


@dataclass(frozen=True)
class Trace:
    """What one trace does on the chip: `impulse` at a spike, decay with `tau` [ms; a step of the chip is 1 ms]."""

    impulse: float
    tau: float


@dataclass(frozen=True)
class Learning:
    """A rule as one would write it for Lava: `dw`, `dt` (of the tag), the traces they use, the length of an epoch [ms].

    `chip`: whole numbers, rounded at random, as on Loihi 1; else floating point. `signs` limits the weight: "mixed", "positive", "negative".
    """

    dw: str
    dt: str = ""
    traces: Mapping[str, Trace] = field(default_factory=dict)
    epoch: float = 1.0
    chip: bool = False
    signs: str = "mixed"


@dataclass(frozen=True)
class Product:
    """One term: its sign, the hook and interval (in epochs) at which it counts, and its factors without the dependency."""

    sign: int
    hook: str
    epochs: int
    factors: tuple[Expr, ...]
    at: Position


def rule(learning: Learning, where: str = "") -> dict[str, Any]:
    """The entry of a document's `models` section that means this rule; raise FindingError with line and column where it cannot be said."""
    wrong: list[Finding] = []
    terms = {part: _terms(text, f"{where}.{part}".lstrip("."), wrong) for part, text in (("dw", learning.dw), ("dt", learning.dt))}
    used = sorted(
        {n.id for rows in terms.values() for p in rows for f in p.factors for n in walk(f) if isinstance(n, Name)} & TRACES.keys()
    )
    wrong += [
        Finding(
            "text.name",
            "error",
            where,
            f"“{name}” is used, but nothing says its impulse and time constant.",
            f"Give traces a row for {name}.",
        )
        for name in used
        if name not in learning.traces
    ]
    epochs = {p.epochs for rows in terms.values() for p in rows if p.epochs}
    if len(epochs) > 1:
        wrong.append(Finding("text.form", "error", where, "u terms of different decimation stand in one rule.", "Use one K in all of uK."))
    if not any(terms.values()) and not wrong:
        wrong.append(Finding("text.empty", "error", where, "The rule has no product.", "Write one, such as 2^-2*x1*y0."))
    if wrong:
        raise FindingError(wrong)
    return _model(learning, terms, used, max(epochs, default=0))


def _terms(text: str, where: str, wrong: list[Finding]) -> list[Product]:
    """The products of one text; what is wrong goes to `wrong`."""
    if not text.strip():
        return []
    plain, columns = _translated(text)
    try:
        tree = parser.expression(plain)
        return [_product(sign, node) for sign, node in _summands(1, tree)]
    except Refused as refused:
        line, column = refused.at
        row = columns[line - 1] if line <= len(columns) else [column]
        at = Position(line, row[min(column, len(row)) - 1])
        wrong.append(Refused(refused.word, at, refused.text, refused.fix).finding(where))
        return []


def _translated(text: str) -> tuple[str, list[list[int]]]:
    """Lava's `^` and `sgn` in the words of our language, and for every line the original column of each of its characters."""
    lines, columns = [], []
    for raw in text.split("\n"):
        line, where, at = "", [], 0
        for match in re.finditer(r"\^|\bsgn\b", raw):
            new = "**" if match.group() == "^" else "sign"
            line += raw[at : match.start()] + new
            where += [*range(at + 1, match.start() + 1), *[match.start() + 1] * len(new)]
            at = match.end()
        lines.append(line + raw[at:])
        columns.append([*where, *range(at + 1, len(raw) + 2)])
    return "\n".join(lines), columns


def _summands(sign: int, node: Expr) -> Iterator[tuple[int, Expr]]:
    if isinstance(node, Binary) and node.op in _ADDED:
        yield from _summands(sign, node.a)
        yield from _summands(sign * _ADDED[node.op], node.b)
    elif isinstance(node, Unary) and node.op == "-":
        yield from _summands(-sign, node.a)
    else:
        yield sign, node


def _factors(node: Expr) -> Iterator[Expr]:
    if isinstance(node, Binary) and node.op == "*":
        yield from _factors(node.a)
        yield from _factors(node.b)
    else:
        yield node


def _product(sign: int, node: Expr) -> Product:
    """One product; raise Refused where it is none."""
    when: list[Name] = []
    factors: list[Expr] = []
    for factor in _factors(node):
        dependency = isinstance(factor, Name) and (factor.id in SPIKES or _DECIMATED.fullmatch(factor.id))
        (when if dependency else factors).append(factor)  # type: ignore[arg-type]
        if not dependency:
            _check(factor)
    if not when:
        raise Refused("form", node.at, "this product has no x0, y0 or u: nothing says when it counts.", "Multiply it by one of them.")
    if len({n.id for n in when}) > 1:
        text = f"{when[0].id} and {when[1].id} in one product would ask for two events at once."
        raise Refused("form", when[1].at, text, "Use one, with a trace of the other side.")
    name = when[0].id
    return Product(sign, SPIKES.get(name, "every"), 0 if name in SPIKES else 2 ** int(name[1:]), tuple(factors), node.at)


def _check(factor: Expr) -> None:
    """Raise Refused for what a factor may not hold."""
    for node in walk(factor):
        if isinstance(node, Name) and (node.id in SPIKES or _DECIMATED.fullmatch(node.id)):
            raise Refused("form", node.at, f"“{node.id}” may only be a factor of its own.", "Multiply out.")
        if isinstance(node, Name) and node.id == "d":
            raise Refused("name", node.at, "“d”, the delay, does not learn here.", "Leave it out, or use the tag t.")
        if isinstance(node, Name) and node.id not in TRACES and node.id not in ("w", "t"):
            raise Refused("name", node.at, f"“{node.id}” is not known here.", f"Known are x0, y0, u0 to u9, {', '.join(TRACES)}, w, t.")
        if isinstance(node, Call) and (node.fn != "sign" or len(node.args) != 1):
            raise Refused("function", node.at, f"“{node.fn}” is not a function of these rules.", "There is sgn(...).")
        if isinstance(node, Binary) and node.op not in "+-**":
            raise Refused("operator", node.at, f"“{node.op}” has no meaning here.", "There are +, -, * and ^ of numbers.")
        if isinstance(node, Binary) and node.op == "**" and any(isinstance(n, Name | Call) for n in walk(node)):
            raise Refused("operator", node.at, "a power is one of numbers, such as 2^-3.")
        if not isinstance(node, Number | Name | Call | Binary) and not (isinstance(node, Unary) and node.op == "-"):
            raise Refused("form", node.at, "only sums of products can be said here.")


# into a model


def _model(learning: Learning, terms: Mapping[str, list[Product]], used: list[str], epochs: int) -> dict[str, Any]:
    unit = {"doc": "What 1 stands for, in the unit of the projection's weight.", "role": "weight_unit", "low": -1e6, "high": 1e6}
    params: dict[str, Any] = {"w_unit": {"default": 1.0, **unit}}
    for name in used:
        side = "an arrival" if TRACES[name] == "pre" else "a spike of the target"
        trace = learning.traces[name]
        params[f"{name}_impulse"] = {"default": trace.impulse, "low": 0.0, "doc": f"What {side} adds to {name}."}
        params[f"{name}_tau"] = {
            "default": trace.tau, "unit": "ms", "low": 0.0, "low_open": True, "role": "time_constant", "doc": f"Time constant of {name}.",
        }  # fmt: skip
    if epochs:
        params["interval"] = {
            "default": learning.epoch * epochs, "unit": "ms", "low": 0.0, "low_open": True, "doc": f"Time between two changes by u: {epochs} epochs.",
        }  # fmt: skip
    out: dict[str, Any] = {
        "kind": "plasticity",
        "title": "Sum of products",
        "family": "Sums of products",
        "doc": f"dw = {' '.join(learning.dw.split())}" + (f"; dt = {' '.join(learning.dt.split())}" if terms["dt"] else "") + ".",
        "source": SOURCE,
        "limits": CHIP if learning.chip else PLAIN,
        "params": params,
        "traces": {name: {"tau": f"{name}_tau", "side": TRACES[name], "doc": f"Spikes behind {name}."} for name in used},
    }
    if any(isinstance(n, Name) and n.id == "t" for rows in terms.values() for p in rows for f in p.factors for n in walk(f)) or terms["dt"]:
        out["states"] = {"tag": {"start": "0", "doc": "The synaptic tag t."}}
    for hook in ("on_pre", "on_post", "every"):
        lines = _hook(learning, terms, hook)
        out |= {hook: "\n".join(lines)} if lines else {}
    return out | ({"interval": "interval"} if epochs else {})


def _hook(learning: Learning, terms: Mapping[str, list[Product]], hook: str) -> list[str]:
    """What one hook does: weight and tag change together, from the values before."""
    here = {part: [p for p in rows if p.hook == hook] for part, rows in terms.items()}
    if not any(here.values()):
        return []
    names = sorted({n.id for rows in here.values() for p in rows for f in p.factors for n in walk(f) if isinstance(n, Name)})
    own = {"on_pre": "x", "on_post": "y"}.get(hook, "-")
    lines = ["weight = w/w_unit"]
    for name in names:
        if name in TRACES:
            value = f"{name}_impulse*({name} + 1)" if name[0] == own else f"{name}_impulse*{name}"
            lines.append(f"v_{name} = " + (f"min({_TOP}, floor({value} + uniform()))" if learning.chip else value))
    low, high = {"mixed": (-256, 255), "positive": (0, 255), "negative": (-256, 0)}[learning.signs]
    if here["dw"]:
        lines.append(f"new_weight = {_kept('weight', here['dw'], learning.chip, low, high, learning.signs != 'mixed')}")
    if here["dt"]:
        lines.append(f"tag = {_kept('tag', here['dt'], learning.chip, -256, 255, False)}")
    return [*lines, "w = w_unit*new_weight"] if here["dw"] else lines


def _kept(old: str, products: list[Product], chip: bool, low: int, high: int, signed: bool) -> str:
    """The new value of the weight or the tag."""
    value = old + "".join(f" {'+' if p.sign > 0 else '-'} {'*'.join(map(_text, p.factors)) or '1'}" for p in products)
    if chip:
        return f"min({high}, max({low}, floor({value} + uniform())))"
    return value if not signed else f"max(0, {value})" if low == 0 else f"min(0, {value})"


def _text(node: Expr) -> str:
    """A factor in our language."""
    if isinstance(node, Number):
        return repr(node.value)
    if isinstance(node, Name):
        return {"w": "weight", "t": "tag"}.get(node.id, f"v_{node.id}")
    if isinstance(node, Unary):
        return f"(-{_text(node.a)})"
    if isinstance(node, Call):
        return f"sign({_text(node.args[0])})"
    assert isinstance(node, Binary)
    return f"({_text(node.a)} {node.op} {_text(node.b)})"
