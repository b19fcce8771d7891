"""The blocks of a NESTML model: declarations, equations, ports, and what happens when."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from studio.exchange.nestml.source import Line, Outside
from studio.models.language.tree import Position

_HEAD = re.compile(r"(?P<kind>model|neuron|synapse)\s+(?P<name>[A-Za-z_]\w*)\s*:$")
_BLOCK = re.compile(
    r"(?P<word>state|initial_values|parameters|internals|equations|input|output|update|onReceive|onCondition|function)\b(?P<rest>.*):\s*(?P<tail>[^:]*)$"
)
_DECLARED = re.compile(
    r"(?:recordable\s+)?(?P<names>[A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)\s+(?P<unit>[A-Za-z1(][^=\[]*?)\s*(?:=(?P<value>.*?))?\s*(?P<check>\[\[.*\]\])?$"
)
_PORT = re.compile(r"(?P<name>[A-Za-z_]\w*)\s*(?P<size>\[\w+\])?\s*(?P<unit>[^<]*?)\s*<-\s*(?P<how>.*)$")


@dataclass(frozen=True)
class Declared:
    """A row of `state`, `parameters` or `internals`."""

    name: str
    unit: str
    value: Line | None
    at: Position
    doc: str


@dataclass(frozen=True)
class Port:
    """A row of `input`: spiking or continuous; `unit` of the weights, where it is said."""

    name: str
    spiking: bool
    at: Position
    unit: str = ""


@dataclass(frozen=True)
class Event:
    """`onReceive(port)`, `onCondition(test)`: what is in parentheses, and the lines."""

    about: Line
    body: tuple[Line, ...]


@dataclass
class Model:
    """One model of a file, block by block."""

    name: str
    at: Position
    states: list[Declared] = field(default_factory=list)
    parameters: list[Declared] = field(default_factory=list)
    internals: list[Declared] = field(default_factory=list)
    equations: list[Line] = field(default_factory=list)
    ports: list[Port] = field(default_factory=list)
    update: list[Line] = field(default_factory=list)
    received: list[Event] = field(default_factory=list)
    conditions: list[Event] = field(default_factory=list)
    spikes: bool = False


def models(rows: Iterator[Line]) -> Iterator[Model | Outside]:
    """Every model of a file; a synapse is outside."""
    here: list[Line] = []
    heads: list[tuple[re.Match[str], Line, list[Line]]] = []
    for row in rows:
        head = _HEAD.match(row.text)
        if head:
            here = []
            heads.append((head, row, here))
        elif not heads:
            raise Outside(row.start, "a file begins with “model NAME:” (or “neuron NAME:”).")
        else:
            here.append(row)
    for head, row, body in heads:
        if head["kind"] == "synapse" or re.search(r"_(synapse|stdp)\b|synapse$", head["name"]):
            yield Outside(row.start, f"“{head['name']}” is a synapse; the plain subset has neurons.", "Write it as a plasticity rule.")
        else:
            try:
                yield _model(head["name"], row.start, body)
            except Outside as outside:
                yield outside


def _model(name: str, at: Position, rows: list[Line]) -> Model:
    out = Model(name, at)
    for head, match, body in _blocks(rows):
        word = match["word"]
        about = head.part(match.start("rest"), match.end("rest"))
        if word in ("state", "initial_values"):
            out.states += [d for row in body for d in _declared(row)]
        elif word in ("parameters", "internals"):
            getattr(out, word).extend(d for row in body for d in _declared(row))
        elif word == "equations":
            out.equations += body
        elif word == "input":
            out.ports += [_port(row) for row in body]
        elif word == "output":
            out.spikes = "spike" in f"{match['tail']} {' '.join(row.text for row in body)}"
        elif word == "update":
            out.update += body
        elif word in ("onReceive", "onCondition"):
            if not (about.text.startswith("(") and about.text.endswith(")")):
                raise Outside(head.start, f"“{word}” is followed by parentheses.", f"Write {word}(...):")
            inside = about.part(1, len(about.text) - 1)
            (out.received if word == "onReceive" else out.conditions).append(Event(inside, tuple(body)))
        else:
            raise Outside(head.start, "functions are not part of the plain subset.", "Write the expression where it is used.")
    return out


def _blocks(rows: list[Line]) -> Iterator[tuple[Line, re.Match[str], list[Line]]]:
    outer = min((row.indent for row in rows), default=0)
    k = 0
    while k < len(rows):
        match = _BLOCK.match(rows[k].text)
        if rows[k].indent != outer or match is None:
            raise Outside(
                rows[k].start,
                f"a block is expected here, not “{rows[k].text[:40]}”.",
                "Blocks are state, parameters, equations, input, ...",
            )
        body = []
        head = rows[k]
        k += 1
        while k < len(rows) and rows[k].indent > outer:
            body.append(rows[k])
            k += 1
        yield head, match, body


def _declared(row: Line) -> Iterator[Declared]:
    match = _DECLARED.match(row.text)
    if match is None:
        raise Outside(row.start, f"“{row.text[:40]}” is not a declaration.", "Write: name unit = value.")
    value = row.part(match.start("value"), match.end("value")) if match["value"] else None
    for name in match["names"].split(","):
        yield Declared(name.strip(), match["unit"].strip(), value, row.start, row.comment)


def _port(row: Line) -> Port:
    match = _PORT.match(row.text)
    if match is None or match["size"]:
        raise Outside(row.start, "an input is written: name <- spike, or name pA <- continuous; vectors are outside the plain subset.")
    return Port(match["name"], "spike" in match["how"], row.start, match["unit"].strip())
