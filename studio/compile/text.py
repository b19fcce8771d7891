"""A program as text that a person can read and compare, and back.

One line a thing: a word, a name, then `name=value` with values in JSON. `lif` under a layer is a model by its key; parameters that have
the catalogue's default are left out. Arrays of more than 64 numbers stand at the end, under the beginning of the SHA-256 of their bytes.
A document's own models stand as `model` lines, in their text. A wiring with `changes` is written as the list it makes, with real weights and
`quantised` where delays alone were changed, else with what the weights have become. The document's task is not
written; it belongs to the document.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from studio.compile.program import Connection, Input, Layer, Part, Program, Route
from studio.compile.report import Loss
from studio.compile.wiring import Block, Cut, Quantised, Wiring
from studio.findings import Finding, FindingError, errors
from studio.models.authored import MAKERS
from studio.models.catalogue import Catalogue, builtin
from studio.models.written import body_of
from studio.network.flat import Chosen, Drawn, FlatProjection

INLINE = 64  # numbers of an array that stand where they are used
FORMAT = "spike-studio-program/1"
_KINDS = ("kinetics", "plasticity", "device", "connector")
Row = tuple[str, str, dict[str, Any]]


def write(program: Program) -> str:
    """The program as text; the same bytes for equal programs."""
    writer = _Writer()
    head = {name: getattr(program, name) for name in ("target", "dt", "steps", "seed", "hash")}
    rows: list[Row] = [
        ("program", program.name, {"format": FORMAT, **head, **({"settings": program.settings} if program.settings else {})})
    ]
    rows += [("input", x.key, _node(x, x.source)) for x in program.inputs]
    rows += [("layer", x.key, _node(x, x.neuron)) for x in program.layers]
    rows += [("connection", c.key, _connection(c)) for c in program.connections]
    rows += [("constraint", str(k), {"is": c if isinstance(c, Mapping) else _without(vars(c))}) for k, c in enumerate(program.constraints)]
    rows += [("part", p.key, _part(p)) for p in program.parts]
    rows += [("route", r.source, _without(vars(r), "source")) for r in program.routes]
    rows += [("loss", x.path, _without(vars(x), "path")) for x in program.losses]
    rows += [("finding", f.where, _without(vars(f), "where")) for f in program.findings]
    lines = [writer.line(*row) for row in rows]
    return "\n".join([*lines, *writer.models(), *writer.arrays()]) + "\n"


def read(text: str, catalogue: Catalogue | None = None) -> Program:
    """A program from its text; raises FindingError with the line that cannot be read."""
    reader = _Reader(text, catalogue or builtin())
    return reader.program()


def _node(x: Layer | Input, chosen: Chosen) -> dict[str, Any]:
    out: dict[str, Any] = {"size": x.size, **({"shape": list(x.shape)} if x.shape else {}), "model": chosen}
    if x.path != x.key:
        out["path"] = x.path
    if isinstance(x, Layer):
        if x.origin != (0, x.size):
            out["origin"] = x.origin
        out |= {k: v for k, v in (("start", dict(x.start)), ("note", x.note)) if v}
    return out


def _connection(c: Connection) -> dict[str, Any]:
    w = c.wiring
    out: dict[str, Any] = {"from": c.source, "to": c.target}
    if c.path != c.key:
        out["path"] = c.path
    timed = all(hasattr(change, "bounds") for change in w.changes)  # delays alone were changed
    if c.connector is not None and not w.changes and not isinstance(w.form, Block):
        out |= {"connector": c.connector, "weight": w.weight, "delay": w.delay}
    else:
        block = replace(w, quantised=None).onto() if timed else w.onto()
        out |= {"sources": block.sources, "targets": block.targets, "weights": block.weights, "delays": block.delays}
    if w.quantised is not None and timed:
        out["quantised"] = vars(w.quantised)
    for name in ("kinetics", "plasticity", "device"):
        chosen = getattr(c, name)
        if chosen is None or (chosen.model.key, name) not in (("static", "plasticity"), ("ideal", "device")):
            out[name] = chosen
    return out | {k: dict(v) for k, v in (("crossbar", c.crossbar), ("signals", c.signals)) if v}


def _part(p: Part) -> dict[str, Any]:
    where: dict[str, Any] = {"neurons": [p.cut.low, p.cut.high]} if p.cut.box is None else {"box": p.cut.box, "shape": p.cut.shape}
    return {"of": p.layer, **where, **({} if p.core is None else {"core": p.core}), **({"path": p.path} if p.path else {})}


def _without(given: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {k: v for k, v in given.items() if k not in names and v is not None and v != ()}


class _Writer:
    def __init__(self) -> None:
        self.known: dict[str, np.ndarray] = {}
        self.own: dict[str, dict[str, Any]] = {}

    def line(self, word: str, name: str, values: Mapping[str, Any]) -> str:
        said = (f"{key}={json.dumps(self.plain(value), ensure_ascii=False, separators=(', ', ': '))}" for key, value in values.items())
        return " ".join([word, json.dumps(name, ensure_ascii=False), *said])

    def plain(self, value: Any) -> Any:
        """A value as JSON."""
        if isinstance(value, Chosen):
            if builtin().get(value.model.kind, value.model.key) is None and value.model.kind in MAKERS:
                self.own[value.model.key] = body_of(value.model)
            given = {k: v for k, v in value.params.items() if not _default(value, k, v)}
            return {value.model.key: self.plain(given)}
        if isinstance(value, Drawn):
            ends = {k: v for k, v in (("min", value.low), ("max", value.high)) if np.isfinite(v)}
            return {value.shape: [value.a, value.b], **ends}
        if isinstance(value, np.ndarray):
            return self.array(value)
        if isinstance(value, Mapping):
            return {k: self.plain(v) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.plain(v) for v in value]
        return value.item() if isinstance(value, np.generic) else value

    def array(self, value: np.ndarray) -> Any:
        if value.size <= INLINE:
            return {"array": value.tolist(), "dtype": value.dtype.name}
        data = np.ascontiguousarray(value, value.dtype.newbyteorder("<"))
        name = hashlib.sha256(data.tobytes() + str(value.shape).encode()).hexdigest()[:12]
        self.known[name] = data
        return {"array": "@" + name}

    def models(self) -> list[str]:
        """The models that are the document's own."""
        return [self.line("model", key, body) for key, body in sorted(self.own.items())]

    def arrays(self) -> list[str]:
        out = []
        for name, a in sorted(self.known.items()):
            packed = base64.b64encode(zlib.compress(a.tobytes(), 9)).decode()
            out.append(f'array "{name}" dtype="{a.dtype.name}" shape={json.dumps(list(a.shape))} zlib="{packed}"')
        return out


def _default(chosen: Chosen, name: str, value: Any) -> bool:
    param = chosen.model.param(name)
    if value is None and name in ("source_shape", "target_shape"):
        return True
    return param is not None and not isinstance(value, (np.ndarray, Drawn)) and value == param.default


class _Reader:
    def __init__(self, text: str, catalogue: Catalogue) -> None:
        self.rows: list[Row] = []
        self.own: dict[str, dict[str, Any]] = {}
        self.known: dict[str, np.ndarray] = {}
        for number, line in enumerate(text.split("\n"), 1):  # (names may hold other ends of lines)
            if not line.strip() or line.startswith("#"):
                continue
            try:
                word, name, values = _row(line)
                self.take(word, name, values)
            except (ValueError, KeyError) as problem:
                fix = "A line is a word, a name in quotes, and name=value with values in JSON."
                raise FindingError(
                    [Finding("text.program", "error", f"line {number}", f"“{line[:60]}” cannot be read: {problem}.", fix)]
                ) from None
        self.catalogue, findings = catalogue.with_models(self.own)
        if errors(findings):
            raise FindingError(errors(findings))

    def take(self, word: str, name: str, values: dict[str, Any]) -> None:
        if word == "array":
            data = np.frombuffer(zlib.decompress(base64.b64decode(values["zlib"])), np.dtype(values["dtype"]).newbyteorder("<"))
            self.known[name] = data.reshape(values["shape"])
        elif word == "model":
            self.own[name] = values
        elif word in ("program", "input", "layer", "connection", "constraint", "part", "route", "loss", "finding"):
            self.rows.append((word, name, values))
        else:
            raise ValueError(f"“{word}” is no word of a program")

    def of(self, word: str) -> list[tuple[str, dict[str, Any]]]:
        return [(name, {k: self.value(v) for k, v in values.items()}) for w, name, values in self.rows if w == word]

    def value(self, given: Any) -> Any:
        if isinstance(given, list):
            return [self.value(v) for v in given]
        if not isinstance(given, dict):
            return given
        if "array" in given:
            a = given["array"]
            return self.known[a[1:]] if isinstance(a, str) else np.array(a, given["dtype"])
        for shape in ("normal", "uniform", "lognormal"):
            if shape in given:
                a, b = given[shape]
                return Drawn(shape, a, b, given.get("min", -np.inf), given.get("max", np.inf))
        return {k: self.value(v) for k, v in given.items()}

    def chosen(self, kind: str, given: Any) -> Chosen:
        ((key, params),) = (given or {DEFAULTS[kind]: {}}).items()
        model = self.catalogue.get(kind, key)
        if model is None:
            raise FindingError([Finding("path.model", "error", key, f"There is no {kind} “{key}”.")])
        return Chosen(model, {**{p.name: p.default for p in model.params}, **{k: _tuples(k, v) for k, v in params.items()}})

    def program(self) -> Program:
        (name, head), *_ = self.of("program")
        layers = tuple(self.layer(key, v) for key, v in self.of("layer"))
        inputs = tuple(
            Input(key, v.get("path", key), v["size"], _shape(v), self.chosen("source", v["model"])) for key, v in self.of("input")
        )
        sizes = {n.key: n for n in (*layers, *inputs)}
        return Program(
            name=name,
            **{k: head[k] for k in ("target", "dt", "steps", "seed", "hash")},
            layers=layers,
            inputs=inputs,
            connections=tuple(self.connection(key, v, sizes, head) for key, v in self.of("connection")),
            constraints=tuple(v["is"] for _, v in self.of("constraint")),
            parts=tuple(Part(key, v["of"], _cut(v), v.get("core"), v.get("path", "")) for key, v in self.of("part")),
            routes=tuple(_route(key, v) for key, v in self.of("route")),
            losses=tuple(Loss(path, **v) for path, v in self.of("loss")),
            findings=tuple(Finding(where=where, **v) for where, v in self.of("finding")),
            settings=head.get("settings", {}),
        )

    def layer(self, key: str, v: dict[str, Any]) -> Layer:
        origin = v.get("origin", (0, v["size"]))
        origin = tuple(origin) if origin is not None else None
        return Layer(
            key,
            v.get("path", key),
            v["size"],
            _shape(v),
            self.chosen("neuron", v["model"]),
            v.get("start", {}),
            origin,  # type: ignore[arg-type]
            v.get("note", ""),
        )

    def connection(self, key: str, v: dict[str, Any], sizes: Mapping[str, Layer | Input], head: Mapping[str, Any]) -> Connection:
        source, target = sizes[v["from"]], sizes[v["to"]]
        kinetics = self.chosen("kinetics", v["kinetics"]) if v.get("kinetics") else None
        rule, device = self.chosen("plasticity", v.get("plasticity")), self.chosen("device", v.get("device"))
        path, signals, crossbar = v.get("path", key), v.get("signals", {}), v.get("crossbar")
        connector = self.chosen("connector", v["connector"]) if "connector" in v else None
        same = source.key == target.key
        if connector is None:
            block = Block(*(v[k] for k in ("sources", "targets", "weights", "delays")))
            wiring = Wiring(source.size, target.size, block, 0.0, 0.0, head["dt"], head["seed"], same)
        else:
            form = connector.model.lower(connector.params, source.size, target.size)
            drawn = FlatProjection(
                key,
                path,
                source.key,
                target.key,
                connector,
                kinetics,
                rule,
                device,
                v["weight"],
                v["delay"],
                crossbar=crossbar,
                signals=signals,
            )
            wiring = Wiring(source.size, target.size, form, v["weight"], v["delay"], head["dt"], head["seed"], same, drawn)
        if "quantised" in v:
            wiring = replace(wiring, quantised=Quantised(**v["quantised"]))
        return Connection(key, path, source.key, target.key, kinetics, rule, device, wiring, connector, crossbar, signals)


DEFAULTS = {"neuron": "lif", "source": "poisson", "connector": "all_to_all", "kinetics": "delta", "plasticity": "static", "device": "ideal"}


def _row(line: str) -> Row:
    """A line's word, name and values."""
    word, _, rest = line.partition(" ")
    decoder = json.JSONDecoder()
    name, at = decoder.raw_decode(rest)
    values: dict[str, Any] = {}
    while at < len(rest):
        key, equals, _ = rest[at:].lstrip().partition("=")
        if not equals:
            raise ValueError(f"“{rest[at:].strip()[:30]}” has no value")
        at = rest.index("=", at) + 1
        values[key], at = decoder.raw_decode(rest, at)
    return word, str(name), values


def _shape(v: Mapping[str, Any]) -> tuple[int, ...] | None:
    return tuple(v["shape"]) if v.get("shape") else None


def _cut(v: Mapping[str, Any]) -> Cut:
    if "neurons" in v:
        return Cut(*v["neurons"])
    return Cut.of_box(tuple(v["shape"]), tuple((a, b) for a, b in v["box"]))


def _route(source: str, v: dict[str, Any]) -> Route:
    links = tuple((tuple(a), tuple(b)) for a, b in v.pop("links", ()))
    return Route(
        source, tuple(v.pop("targets", ())), v.pop("axons", 0.0), links, **{f.name: v[f.name] for f in fields(Route) if f.name in v}
    )  # type: ignore[arg-type]


def _tuples(name: str, value: Any) -> Any:
    return tuple(value) if name in ("source_shape", "target_shape") and value is not None else value
