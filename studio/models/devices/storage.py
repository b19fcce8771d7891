"""How a weight lies on devices: on one, on a differential pair, or on slices of its digits. A device and its storage become one Device.

`stored(device, params)` writes the texts of that one device, so that whoever runs it knows nothing of pairs. Every device of a cell keeps
its own states (`plus_x`, `minus_x`, `s0_x` ...) and its own weight (`plus_w` ...), varies and is written by itself; `w` is what the cell
stands for. Words among a device's parameters are put in as well: in its texts `pulses_nearest` is a test, true where `pulses` is "nearest".

    storage     the weight is                          a change dw goes
    single      the device's                           to the device
    pair        plus - minus, both above w_min         half to plus, half (with the other sign) to minus
    one_sided   plus - minus                           up: to plus; down: as a step up to minus (devices that only grow gradually)
    slices      the sum of digits of `slice_bits` bits to the digits of what is wanted, rounded at random between two levels

A one-sided pair is refreshed once one of the two is past `refresh` of its range: both are programmed anew to their difference.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from studio.models.language.read import expression
from studio.models.language.render import Style, render, render_block
from studio.models.language.symbolic import substitute
from studio.models.language.tree import Assign, Binary, Block, Call, Expr, Name, Number, Select, Unary
from studio.models.learning import DeviceForm, device_form
from studio.models.spec import Device, Param, State

STORAGE = (
    Param(
        "storage",
        "single",
        "",
        "On how many devices a weight lies: single, pair (plus minus minus, both are written), one_sided (a pair that only grows), slices (digits).",
        kind="word",
        choices=("single", "pair", "one_sided", "slices"),
    ),
    Param("slices", 2.0, "", "Digits of a weight stored in slices.", low=1.0, high=8.0, integer=True, shared=True, advanced=True),
    Param("slice_bits", 2.0, "", "Bits of one digit: a device then has 2**slice_bits levels.", low=1.0, high=8.0, integer=True, shared=True, advanced=True),
    Param("refresh", 0.9, "", "A one-sided pair is refreshed where a device is past this fraction of its range.", low=0.0, high=1.0, low_open=True, advanced=True),
)  # fmt: skip
OWN = ("storage", "slices", "slice_bits")  # gone once the texts are written
_LANGUAGE = Style(functions={}, operators={})  # text that the language reads back


def stored(device: Device, params: Mapping[str, Any]) -> tuple[Device, Mapping[str, Any]]:
    """The device that engine and reference run, and its parameters: numbers only. A device without words comes back as it is."""
    words = {p.name: str(params.get(p.name, p.default)) for p in device.params if p.kind == "word"}
    if not words:
        return device, params
    form = settled(device, words)
    if words.get("storage", "single") != "single":
        cell = _Cell(device, form, words["storage"], params)
        form, states = cell.form(), cell.states()
    else:
        states = device.states
    gone = {*words, *(OWN if words.get("storage") else ())}
    if words.get("storage") != "one_sided":
        gone |= {"refresh"} if words.get("storage") else set()
    return _written(device, form, states, gone), {k: v for k, v in params.items() if k not in gone}


def settled(device: Device, words: Mapping[str, str]) -> DeviceForm:
    """The device's trees with its words put in: tests on them are gone, and so are the draws of branches not taken."""
    form = device_form(device)
    tests = {f"{p.name}_{choice}": choice == words[p.name] for p in device.params if p.kind == "word" for choice in p.choices}

    def fold(node: Expr) -> Expr:
        return _folded(node, tests)

    def block(given: Block) -> Block:
        return _used(Block(tuple(Assign(a.target, fold(a.value), a.at) for a in given)), {"w", *(s.name for s in device.states)})

    return DeviceForm(
        {name: fold(tree) for name, tree in form.starts.items()},
        block(form.program),
        block(form.write),
        None if form.read is None else fold(form.read),
    )


def _folded(node: Expr, tests: Mapping[str, bool]) -> Expr:
    """The tree without selects on known tests."""
    if isinstance(node, Select):
        known = _truth(node.test, tests)
        if known is not None:
            return _folded(node.yes if known else node.no, tests)
        return Select(_folded(node.test, tests), _folded(node.yes, tests), _folded(node.no, tests), node.at)
    if isinstance(node, Name) and node.id in tests:
        return Binary(">", Number(1.0 if tests[node.id] else 0.0), Number(0.5), node.at)
    if isinstance(node, Unary):
        return Unary(node.op, _folded(node.a, tests), node.at)
    if isinstance(node, Binary):
        return Binary(node.op, _folded(node.a, tests), _folded(node.b, tests), node.at)
    if isinstance(node, Call):
        return Call(node.fn, tuple(_folded(a, tests) for a in node.args), node.at)
    return node


def _truth(node: Expr, tests: Mapping[str, bool]) -> bool | None:
    """What a test on words comes to; None where it asks for more."""
    if isinstance(node, Name):
        return tests.get(node.id)
    if isinstance(node, Unary) and node.op == "not":
        inner = _truth(node.a, tests)
        return None if inner is None else not inner
    if isinstance(node, Binary) and node.op in ("and", "or"):
        a, b = _truth(node.a, tests), _truth(node.b, tests)
        decided = node.op == "or"
        if decided in (a, b):
            return decided
        return None if None in (a, b) else not decided
    return None


def _used(block: Block, wanted: set[str]) -> Block:
    """The block without locals that nothing reads."""
    from studio.models.language.symbolic import free_names

    kept: list[Assign] = []
    need = set(wanted)
    for assign in reversed(tuple(block)):
        if assign.target in need:
            kept.append(assign)
            need |= free_names(assign.value)
    return Block(tuple(reversed(kept)))


def _written(device: Device, form: DeviceForm, states: tuple[State, ...], gone: set[str]) -> Device:
    """The device with these trees as its texts."""

    def text(block: Block) -> str:
        return "\n".join(render_block(block, _LANGUAGE))

    return replace(
        device,
        params=tuple(p for p in device.params if p.name not in gone),
        presets=(),
        states=tuple(replace(s, start=render(form.starts[s.name], _LANGUAGE)) for s in states),
        program=text(_plain(form.program)),
        write=text(_plain(form.write)),
        read="" if form.read is None else render(form.read, _LANGUAGE),
    )


def _plain(block: Block) -> Block:
    """The block with the names that branches made (`_c1`) as ordinary locals."""
    by = {name: Name("test" + name) for name in block.targets if name.startswith("_")}
    names = {old: new.id for old, new in by.items()}
    return Block(tuple(Assign(names.get(a.target, a.target), substitute(a.value, by), a.at) for a in block))


class _Cell:
    """Several devices of one kind that hold one weight together."""

    def __init__(self, device: Device, form: DeviceForm, storage: str, params: Mapping[str, Any]) -> None:
        self.device, self.one, self.storage = device, form, storage
        self.base = 2.0 ** float(params.get("slice_bits", 2.0))
        n = int(params.get("slices", 2.0)) if storage == "slices" else 2
        self.parts = tuple(f"s{k}_" for k in range(n)) if storage == "slices" else ("plus_", "minus_")
        self.low, self.high = "w_min" if device.param("w_min") else "0", "w_max" if device.param("w_max") else "1"

    def states(self) -> tuple[State, ...]:
        """Of every device its weight and its states."""
        out: list[State] = []
        for k, part in enumerate(self.parts):
            what = self._called(k)
            out.append(State(f"{part}w", "0", "", f"The weight on the {what}.", "weight_part"))
            out += [replace(s, name=part + s.name, doc=f"{s.doc[:-1]}, of the {what}.") for s in self.device.states]
        return tuple(out)

    def _called(self, k: int) -> str:
        return f"digit {k}, the most significant is 0" if self.storage == "slices" else ("plus device", "minus device")[k]

    def form(self) -> DeviceForm:
        """The trees of the cell."""
        starts: dict[str, Expr] = {}
        for part, share in zip(self.parts, self._shares("w"), strict=True):
            starts[f"{part}w"] = share
            names = {"w": share}
            starts |= {part + name: substitute(tree, names) for name, tree in self.one.starts.items()}
        return DeviceForm(starts, self._program(), self._write(), self._read())

    def _shares(self, wanted: str) -> list[Expr]:
        """What each device of the cell should hold for a weight of that name."""
        scope = (self.low, self.high, wanted)
        if self.storage != "slices":
            return [self._expr(f"{self.low} + max({sign}({wanted}), 0)", *scope) for sign in ("", "-")]
        return [self._digit(k, self._level(wanted, "0.5"), *scope) for k in range(len(self.parts))]

    def _level(self, wanted: str, rounding: str) -> str:
        top = self.base ** len(self.parts) - 1.0
        return f"min({top!r}, max(0, floor(({wanted} - {self.low})/({self.high} - {self.low})*{top!r} + {rounding})))"

    def _digit(self, k: int, level: str, *names: str) -> Expr:
        last = len(self.parts) - 1 - k
        here = f"floor(({level})/{self.base**last!r})"
        digit = f"({here} - {self.base!r}*floor(({level})/{self.base ** (last + 1)!r}))" if k else here
        return self._expr(f"{self.low} + ({self.high} - {self.low})*{digit}/{self.base - 1.0!r}", *names)

    def _expr(self, text: str, *names: str) -> Expr:
        return expression(text, {n for n in (*names, "w", "dw") if n.isidentifier()}, draws=True)

    def _all(self, read: Callable[[str], Expr]) -> Expr:
        """What the cell stands for, from what each device gives."""
        if self.storage != "slices":
            return Binary("-", read("plus_"), read("minus_"))
        top = self.base ** len(self.parts) - 1.0
        out: Expr | None = None
        for k, part in enumerate(self.parts):
            factor = Number((self.base - 1.0) * self.base ** (len(self.parts) - 1 - k) / top)
            term = Binary("*", factor, read(part))
            out = term if out is None else Binary("+", out, term)
        assert out is not None
        return out

    def _sum(self) -> Assign:
        return Assign("w", self._all(lambda part: Name(f"{part}w")))

    def _own(self, block: Block, part: str, known: Mapping[str, Expr]) -> list[Assign]:
        """A block of one device, in that device's names; `known` replaces names first."""
        mine = {"w", *(s.name for s in self.device.states), *block.targets}
        names: dict[str, Expr] = {name: Name(part + name.lstrip("_")) for name in mine} | dict(known)
        return [Assign(part + a.target.lstrip("_"), substitute(a.value, names), a.at) for a in block]

    def _program(self) -> Block:
        out = [Assign(f"{part}w", share) for part, share in zip(self.parts, self._shares("w"), strict=True)]
        for part in self.parts:
            out += self._own(self.one.program, part, {})
        return Block((*out, self._sum()))

    def _write(self) -> Block:
        out: list[Assign] = []
        for part, change in zip(self.parts, self._changes(out), strict=True):
            out.append(Assign(f"{part}dw", change))
            block = self.one.write or Block((Assign("w", Binary("+", Name("w"), Name("dw"))),))
            out += self._own(block, part, {"dw": Name(f"{part}dw")})
        if self.storage == "one_sided":
            out += self._refresh()
        return Block((*out, self._sum()))

    def _changes(self, out: list[Assign]) -> list[Expr]:
        """How `dw` is shared out; lines that come first are appended to `out`."""
        if self.storage == "pair":
            return [self._expr("0.5*dw"), self._expr("-0.5*dw")]
        if self.storage == "one_sided":
            return [self._expr("max(dw, 0)"), self._expr("max(-dw, 0)")]
        out.append(Assign("level", self._expr(self._level("(w + dw)", "uniform()"), self.low, self.high)))
        known = ("level", self.low, self.high)
        wanted = [self._digit(k, "level", *known) for k in range(len(self.parts))]
        moved = Binary("!=", Name("dw"), Number(0.0))
        return [Select(moved, Binary("-", digit, Name(f"{part}w")), Number(0.0)) for part, digit in zip(self.parts, wanted, strict=True)]

    def _refresh(self) -> list[Assign]:
        """Both devices programmed to their difference, where one of them is nearly full."""
        full = f"dw != 0 and max(plus_w, minus_w) > {self.low} + refresh*({self.high} - {self.low})"
        names = {"dw", "plus_w", "minus_w", "refresh", *(n for n in (self.low, self.high) if n.isidentifier())}
        out = [Assign("full", _truth_of(full, names)), Assign("kept", Binary("-", Name("plus_w"), Name("minus_w")))]
        for part, share in zip(self.parts, self._shares("kept"), strict=True):
            fresh = {name: f"fresh_{part}{name.lstrip('_')}" for name in ("w", *self.one.program.targets)}
            known: dict[str, Expr] = {name: Name(part + name) for name in (s.name for s in self.device.states)}
            out.append(Assign(fresh["w"], share))
            for a in self.one.program:
                known_now = known | {"w": Name(fresh["w"])}
                out.append(Assign(fresh[a.target], substitute(a.value, known_now), a.at))
                known[a.target] = Name(fresh[a.target])
            changed = {"w", *self.one.program.targets} & {"w", *(s.name for s in self.device.states)}
            for name in sorted(changed):
                out.append(Assign(part + name, Select(Name("full"), Name(fresh[name]), Name(part + name))))
        return out

    def _read(self) -> Expr | None:
        if self.one.read is None:
            return None
        tree, states = self.one.read, [s.name for s in self.device.states]
        return self._all(lambda part: substitute(tree, {name: Name(part + name) for name in ("w", *states)}))


def _truth_of(text: str, names: set[str]) -> Expr:
    from studio.models.language.check import scope
    from studio.models.language.read import read_expression, sure

    return sure(read_expression(text, scope(names), "truth"))
