"""One neuron of NESTML as a neuron of a document: states, equations, threshold, reset; receptors become kinetics of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from studio import units
from studio.exchange.nestml.blocks import Declared, Event, Model
from studio.exchange.nestml.receptors import Receptor, course, decays, enters
from studio.exchange.nestml.source import PLAIN, Line, Outside, coherent, dimension, expression, names_of, number_of, text_of
from studio.findings import Finding
from studio.models.check import TAKEN
from studio.models.language.evaluate import evaluate
from studio.models.language.symbolic import ZERO, free_names, substitute
from studio.models.language.tree import Binary, Call, Expr, Name, Number, Select, Unary, walk

_ASSIGNED = re.compile(r"(?P<name>[A-Za-z_]\w*)\s*(?P<op>=|\+=|-=|\*=|/=)(?!=)\s*(?P<value>.*)$")
_LOCAL = re.compile(r"(?P<name>[A-Za-z_]\w*)\s+(?P<unit>[A-Za-z]\w*)\s*=\s*(?P<value>.*)$")
_BRANCH = re.compile(r"(?P<word>if|elif|else)\b\s*(?P<test>.*):$")
_INTEGRATED = re.compile(r"integrate_odes\((?P<names>[^()]*)\)$")
_VOLTAGE, _CURRENT, _TIME = (units.parse(u).dimension for u in ("mV", "nA", "ms"))


@dataclass
class Spike:
    """When a neuron fires and what happens then."""

    test: Expr
    body: tuple[Line, ...]


class Reader:
    """Reads one model; `receptors` and `notes` say what the studio keeps elsewhere."""

    def __init__(self, model: Model, where: str) -> None:
        self.model, self.where = model, where
        self.receptors: list[Receptor] = []
        self.notes: list[Finding] = []
        self.helpers: dict[str, Expr] = {}  # internals and inlines, put in where they are used
        self.kernels: dict[str, Expr] = {}
        self.rates: dict[str, Expr] = {}
        self.convolved: dict[str, tuple[str, str]] = {}  # symbol -> (kernel, port)
        self.states = {d.name: d for d in model.states}
        self.spiking = {p.name for p in model.ports if p.spiking}
        self.analog = [p.name for p in model.ports if not p.spiking]
        rows = (*model.states, *model.parameters, *model.internals)
        self.names = {d.name for d in rows} | {p.name for p in model.ports}
        self.values: dict[str, float] = {}
        self.voltage = ""

    def note(self, text: str, fix: str = "") -> None:
        self.notes.append(Finding("lossy.nestml", "info", self.where, text, fix))

    def read(self, line: Line, *more: str) -> Expr:
        """An expression with internals, inlines and convolutions put in."""
        tree = expression(line, lambda name: name in self.names or name in more)
        return substitute(self._convolutions(tree), self.helpers)

    def _convolutions(self, node: Expr) -> Expr:
        if isinstance(node, Call) and node.fn == "convolve":
            if len(node.args) != 2 or not all(isinstance(a, Name) for a in node.args):
                raise Outside(node.at, "convolve takes a kernel and a port.")
            kernel, port = (a.id for a in node.args if isinstance(a, Name))
            symbol = f"{kernel}__{port}"
            self.convolved[symbol] = (kernel, port)
            unit = next((p.unit for p in self.model.ports if p.name == port), "")
            return Binary("*", Name(symbol, node.at), Number(number_of(unit, node.at)), node.at) if unit else Name(symbol, node.at)
        if isinstance(node, Call):
            if node.fn == "resolution":
                return Name("dt", node.at)
            return Call(node.fn, tuple(self._convolutions(a) for a in node.args), node.at)
        if isinstance(node, Unary):
            return Unary(node.op, self._convolutions(node.a), node.at)
        if isinstance(node, Binary):
            return Binary(node.op, self._convolutions(node.a), self._convolutions(node.b), node.at)
        if isinstance(node, Select):
            return Select(self._convolutions(node.test), self._convolutions(node.yes), self._convolutions(node.no), node.at)
        return node

    def of_unit(self, wanted: Any, rows: Iterable[Declared]) -> list[str]:
        return [d.name for d in rows if d.unit not in PLAIN and units.parse(coherent(d.unit, d.at)).dimension == wanted]

    # the parts

    def body(self) -> dict[str, Any]:
        """The entry of a document's `models` section."""
        params = {d.name: self._param(d) for d in self.model.parameters}
        for d in self.model.internals:
            if d.value is not None:
                self.helpers[d.name] = self.read(d.value)
        self._equations()
        spike = self._spike()
        timer, duration, held = self._refractory(spike)
        self.voltage = self._membrane()
        drive = self._drive()
        self._receptors(drive)
        reset = self._reset(spike, timer) if spike else []
        gone = {timer} | {s for s in self.states if s not in self.rates and s in self.absorbed}
        states = {name: d for name, d in self.states.items() if name not in gone}
        said = self._renamed([*states, *params])
        out: dict[str, Any] = {
            "kind": "neuron",
            "title": self.model.name.replace("_", " "),
            "doc": f"Read from the NESTML model {self.model.name}.",
            "source": f"NESTML model {self.model.name}.",
            "params": {said.get(n, n): p for n, p in params.items()},
            "states": {said.get(n, n): self._state(d, said) for n, d in states.items()},
            "equations": "\n".join(f"d{said.get(n, n)}/dt = {self._said(rate, said)}" for n, rate in self.rates.items() if n in states),
        }
        if spike:
            out |= {"threshold": self._said(spike.test, said), "reset": "\n".join(self._lines(reset, said))}
        if duration:
            out |= {"refractory": duration, "clamped": [said.get(n, n) for n in held if n in states]}
        return out

    def _said(self, tree: Expr, said: dict[str, str]) -> str:
        for name in names_of(tree):
            if "__" in name.id:
                raise Outside(name.at, "this convolution stands outside the voltage's equation.")
            if name.id in self.spiking:
                raise Outside(name.at, f"the spikes of “{name.id}” are used directly.", "Use onReceive or convolve.")
            if name.id == "t":
                raise Outside(name.at, "time itself is not part of the plain subset.")
        return text_of(substitute(tree, {old: Name(new) for old, new in said.items()}))

    def _param(self, d: Declared) -> dict[str, Any]:
        if d.value is None:
            raise Outside(d.at, f"“{d.name}” has no value.")
        tree = self.read(d.value)
        try:
            self.values[d.name] = float(evaluate(tree, self.values))
        except (KeyError, ValueError, TypeError, OverflowError):
            text = f"the value of “{d.name}” is no number."
            raise Outside(d.value.start, text, "A parameter is a number, or made of parameters above it.") from None
        return {"default": self.values[d.name], "unit": coherent(d.unit, d.at), "doc": d.doc}

    def _state(self, d: Declared, said: dict[str, str]) -> dict[str, Any]:
        start = "0" if d.value is None else self._said(self.read(d.value), said)
        return {"start": start, "unit": coherent(d.unit, d.at), "doc": d.doc}

    def _equations(self) -> None:
        for row in self.model.equations:
            text = re.sub(r"^recordable\s+", "", row.text)
            line = row.part(len(row.text) - len(text))
            name, _, _ = line.text.partition("=")
            value = line.part(len(name) + 1)
            words = name.split() or [""]
            if words[0] == "inline" and len(words) >= 3:
                unit, tree = " ".join(words[2:]), self.read(value)
                plain = "convolve" in value.text and unit not in PLAIN and not self._quantities(value)
                plain = plain and not any(p.unit and p.spiking and p.name in value.text for p in self.model.ports)
                self.helpers[words[1]] = Binary("*", tree, Number(number_of(unit, value.start))) if plain else tree
                self.names.add(words[1])
            elif words[0] == "kernel" and len(words) == 2 and "'" not in name and "," not in value.text:
                self.kernels[words[1]] = self.read(value, "t")
                self.names.add(words[1])
            elif len(words) == 1 and re.fullmatch(r"[A-Za-z_]\w*'", words[0]) and words[0][:-1] in self.states:
                self.rates[words[0][:-1]] = self.read(value)
            else:
                raise Outside(
                    line.start,
                    f"“{name.strip()} = ...” is outside the plain subset.",
                    "There are x' = ..., inline x unit = ..., kernel k = ...",
                )

    def _spike(self) -> Spike | None:
        """The one condition under which the neuron emits a spike."""
        found: list[Event] = []
        for event in (*self.model.conditions, *self._tests(self.model.update)):
            if any("emit_spike" in row.text for row in event.body):
                found.append(event)
            elif event in self.model.conditions:
                raise Outside(event.about.start, "a condition without emit_spike() is outside the plain subset.")
        if len(found) > 1:
            raise Outside(found[1].about.start, "there is a second condition that emits spikes.")
        return Spike(self.read(found[0].about), found[0].body) if found else None

    def _tests(self, rows: list[Line]) -> list[Event]:
        """The `if` branches of the update block at its outer level."""
        out: list[Event] = []
        outer = rows[0].indent if rows else 0
        for k, row in enumerate(rows):
            match = _BRANCH.match(row.text)
            if row.indent == outer and match is None and not _INTEGRATED.match(row.text):
                raise Outside(row.start, f"“{row.text[:40]}” in update is outside the plain subset.", "There are integrate_odes() and if.")
            if match and row.indent == outer:
                rest = [r.indent > outer for r in rows[k + 1 :]]
                body = rows[k + 1 : k + 1 + (rest.index(False) if False in rest else len(rest))]
                out.append(Event(row.part(match.start("test"), match.end("test")) if match["test"] else row, tuple(body)))
        return out

    def _refractory(self, spike: Spike | None) -> tuple[str, str, list[str]]:
        """The timer state, the parameter that is its duration, and what is held meanwhile; empty where there is none."""
        branches = [(e, self.read(e.about)) for e in self._tests(self.model.update) if not e.about.text.startswith("else")]
        for event, test in branches:
            if any("emit_spike" in row.text for row in event.body):
                continue
            timer = next((n.id for n in names_of(test) if n.id in self.states), "")
            if spike is None or not (isinstance(test, Binary) and test.op in (">", "!=") and timer):
                raise Outside(
                    event.about.start, "this branch of update is outside the plain subset.", "Only a refractory timer may branch there."
                )
            duration = self._duration(spike, timer, event)
            integrated = [m for row in event.body if (m := _INTEGRATED.match(row.text))]
            inside = {n.strip() for n in integrated[0]["names"].split(",")} - {""} if integrated else {"nothing"}
            spike.test = _without(spike.test, timer)
            self.rates.pop(timer, None)
            return timer, duration, [n for n in self.rates if n not in inside] if inside else []
        return "", "", []

    def _duration(self, spike: Spike, timer: str, event: Event) -> str:
        for row in spike.body:
            match = _ASSIGNED.match(row.text)
            if match and match["name"] == timer:
                value = self.read(row.part(match.start("value")))
                named = [n.id for n in names_of(value) if n.id in self.values]
                if len(named) == 1:
                    return named[0]
        raise Outside(
            event.about.start, f"nothing says how long the timer “{timer}” runs.", "Set it to a parameter in ms where the neuron fires."
        )

    # currents and receptors

    def _membrane(self) -> str:
        volts = [n for n in self.of_unit(_VOLTAGE, self.model.states) if n in self.rates]
        driven = {*self.analog, *self.convolved, *self._received_states(), *self.of_unit(_CURRENT, self.model.parameters)}
        return next((n for n in volts if free_names(self.rates[n]) & driven), volts[0] if volts else "")

    def _received_states(self) -> dict[str, tuple[str, float]]:
        """State -> (port, by how much a spike of weight 1 moves it, in the studio's units), from onReceive."""
        out: dict[str, tuple[str, float]] = {}
        for event in self.model.received:
            port = event.about.text.split(",")[0].strip()
            known: dict[str, float] = {}
            for row in event.body:
                match, local = _ASSIGNED.match(row.text), _LOCAL.match(row.text)
                if local:
                    known[local["name"]] = self._amount(row.part(local.start("value")), port, local["unit"], known)
                elif match and match["name"] in self.states and match["op"] in ("+=", "-=") and match["name"] not in out:
                    moved = self._amount(row.part(match.start("value")), port, self.states[match["name"]].unit, known)
                    out[match["name"]] = (port, moved if match["op"] == "+=" else -moved)
                elif not _BRANCH.match(row.text):
                    raise Outside(
                        row.start, f"“{row.text[:40]}” in onReceive is outside the plain subset.", "Add the spike to a state, once."
                    )
        return out

    def _amount(self, line: Line, port: str, unit: str, known: dict[str, float]) -> float:
        """What a weight of 1 makes of an expression. A train of spikes is counted per second where a time is multiplied, else it is a number.

        A number without a unit means the `unit` of what it is added to.
        """
        text = re.sub(r"\bsift\(\s*(\w+)\s*,[^()]*\)", lambda m: m[1].ljust(len(m[0])), line.text)
        line = Line(text, line.at, line.indent, line.comment)
        quantities = self._quantities(line, known)
        own = next((p.unit for p in self.model.ports if p.name == port), "")
        weight = (number_of(own, line.start) if own else 1.0) * (0.001 if _TIME in quantities else 1.0)
        tree = self.read(line, port, *known)
        try:
            value = float(evaluate(tree, {**self.values, **known, port: weight}))
        except (KeyError, ValueError, TypeError, OverflowError):
            raise Outside(line.start, f"how much “{line.text[:40].strip()}” adds is no number.", "Add the spike times a unit.") from None
        return value if quantities or own or unit in PLAIN else value * number_of(unit, line.start)

    def _quantities(self, line: Line, known: Iterable[str] = ()) -> list[Any]:
        """The dimensions of all that has one in an expression: units, parameters, internals, states and local names."""
        units_of = {d.name: d.unit for d in (*self.model.states, *self.model.parameters, *self.model.internals)}
        found = re.findall(r"(?<![\w.])[A-Za-z_]\w*", line.text)
        local = [name for name in found if name in known]
        own = [dimension(str(units_of.get(name, name))) for name in found if name in units_of or name not in {*self.names, *known}]
        return local + [d for d in own if d]

    def _drive(self) -> str:
        """The name that stands for a current into the neuron, from then on `i`."""
        if len(self.analog) > 1:
            raise Outside(
                self.model.ports[0].at, f"there are {len(self.analog)} continuous inputs: {', '.join(self.analog)}.", "The studio has one."
            )
        if self.analog:
            return self.analog[0]
        rate = self.rates.get(self.voltage)
        constant = next((n for n in self.of_unit(_CURRENT, self.model.parameters) if rate is not None and n in free_names(rate)), "")
        if constant:
            for name, tree in self.rates.items():
                self.rates[name] = substitute(tree, {constant: Binary("+", Name(constant), Name("i"))})
            return "i"
        self.note("It has no continuous input and no constant current: currents do not reach it.")
        return ""

    def _receptors(self, drive: str) -> None:
        received = self._received_states()
        self.absorbed: set[str] = set()
        rate = self.rates.get(self.voltage)
        times, potentials = self.of_unit(_TIME, self.model.parameters), self.of_unit(_VOLTAGE, self.model.parameters)
        for symbol, (port, sign) in received.items():
            if symbol == self.voltage:
                self._found(Receptor(port, "delta", {}, float(f"{sign:.9g}")))
            else:
                tau = decays(self.rates[symbol], symbol, self.values, times) if symbol in self.rates else None
                self._receptor(symbol, port, ("exponential", tau, 1.0) if tau else None, sign, drive, rate, potentials)
        for symbol, (kernel, port) in self.convolved.items():
            if kernel not in self.kernels:
                raise Outside(self.model.at, f"the kernel “{kernel}” is not declared.")
            self._receptor(symbol, port, course(self.kernels[kernel], self.values, times), 1, drive, rate, potentials)
        by = dict.fromkeys(self.absorbed, ZERO) | ({drive: Name("i")} if drive and drive != "i" else {})
        self.rates = {n: substitute(tree, by) for n, tree in self.rates.items() if n not in self.absorbed}

    def _receptor(
        self, symbol: str, port: str, form: tuple[str, str, float] | None, sign: float, drive: str, rate: Expr | None, potentials: list[str]
    ) -> None:
        how = enters(rate, symbol, drive, self.voltage, self.values, potentials) if rate is not None and drive else None
        at = (
            next((n.at for n in walk(rate) if isinstance(n, Name) and n.id == symbol), self.model.at) if rate is not None else self.model.at
        )
        if form is None or how is None:
            text = f"what spikes of “{port}” do is none of the forms that are recognised."
            raise Outside(
                at, text, "A current or a conductance that jumps and decays (exponential), an alpha kernel, or a jump of the voltage."
            )
        shape, tau, height = form
        entry, factor, reversal = how
        key = {"current": shape, "conductance": f"conductance_{shape}"}[entry]
        params = {"tau": self.values[tau]} | ({"e_rev": self.values[reversal]} if reversal else {})
        self.absorbed.add(symbol)
        self._found(Receptor(port, key, params, float(f"{sign * factor * height:.9g}")))

    def _found(self, receptor: Receptor) -> None:
        self.receptors.append(receptor)
        given = ", ".join(f"{k} {v:g}" for k, v in receptor.params.items())
        text = f"Spikes of “{receptor.port}” arrive by a projection with {receptor.kinetics} kinetics" + (f" ({given})" if given else "")
        self.note(f"{text}; a weight of 1 there is {receptor.weight:g} here.")

    # texts

    def _reset(self, spike: Spike, timer: str) -> list[tuple[int, str, Line | None]]:
        """(indentation, what stands before the expression, expression) of the lines that happen at a spike."""
        out: list[tuple[int, str, Line | None]] = []
        outer = spike.body[0].indent
        for row in spike.body:
            level, match, branch = row.indent - outer, _ASSIGNED.match(row.text), _BRANCH.match(row.text)
            if row.text.startswith("emit_spike") or (match and match["name"] == timer):
                continue
            if match and match["name"] in self.states:
                out.append((level, f"{match['name']} {match['op']} ", row.part(match.start("value"))))
            elif branch:
                out.append((level, f"{branch['word']} ", row.part(branch.start("test"), branch.end("test")) if branch["test"] else None))
            else:
                raise Outside(
                    row.start, f"“{row.text[:40]}” at a spike is outside the plain subset.", "There are assignments to states and if."
                )
        return out

    def _lines(self, rows: list[tuple[int, str, Line | None]], said: dict[str, str]) -> list[str]:
        out = []
        for level, head, value in rows:
            name, _, rest = head.partition(" ")
            text = self._said(self.read(value), said) if value is not None else ""
            if name in ("if", "elif", "else"):
                out.append(" " * level + f"{name} {text}".strip() + ":")
            else:
                out.append(" " * level + f"{said.get(name, name)} {rest}{text}")
        return out

    def _renamed(self, names: list[str]) -> dict[str, str]:
        """Names that mean something else here; the voltage is called v."""
        said = {self.voltage: "v"} if self.voltage and self.voltage != "v" else {}
        for name in names:
            if name != self.voltage and (name in TAKEN or name == "v" or not re.match(r"[A-Za-z]", name)):
                said[name] = f"own_{name}"
        if said:
            self.note("Renamed: " + ", ".join(f"{old} is {new}" for old, new in said.items()) + ".")
        return said


def _without(test: Expr, timer: str) -> Expr:
    """A condition without what it says about the refractory timer."""
    if isinstance(test, Binary) and test.op == "and":
        if timer not in free_names(test.b) and timer in free_names(test.a):
            return test.b if _only(test.a, timer) else Binary("and", _without(test.a, timer), test.b, test.at)
        if timer in free_names(test.b):
            return test.a if _only(test.b, timer) else test
    return test


def _only(test: Expr, timer: str) -> bool:
    return isinstance(test, Binary) and test.op in ("<", "<=", "==") and free_names(test) <= {timer}
