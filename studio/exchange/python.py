"""Python code that builds the same network: each line is done on a real Network while it is written.

What the lines cannot say (positions, notes, renamed keys) follows as one patch at the end, so that running the code gives the document
byte for byte. Every text of the document is written as a literal: nothing in it can become code.
"""

from __future__ import annotations

import keyword
import os
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from pprint import pformat
from typing import Any

import numpy as np

from studio.findings import Finding, FindingError
from studio.network import build
from studio.network.data import decode
from studio.network.document import Document
from studio.network.edit.keys import key_from
from studio.network.paths import natural

WIDTH = 120
FEW = 64  # entries up to which an array is written as numbers
RESERVED = {"net", "np", "studio", "recording", "main"}
CONNECTORS = {
    *("all_to_all", "one_to_one", "probability", "fixed_in_degree", "fixed_out_degree", "fixed_total_number", "regular", "explicit"),
    *("convolution", "pooling", "dense"),
}
FIRST = {
    "probability": "p",
    "fixed_in_degree": "k",
    "fixed_out_degree": "k",
    "fixed_total_number": "n",
    "regular": "k",
    "convolution": "kernel",
    "pooling": "operation",
    "dense": "weights",
}  # written without its name


def to_python(document: Document) -> str:
    """The code, as text."""
    return _Script(document.to_json()).text()


def write(document: Document, path: str | Path) -> tuple[Finding, ...]:
    """Write the code to a file, whole or not at all."""
    file = Path(path)
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
    try:
        temporary.write_text(to_python(document), encoding="utf-8")
        os.replace(temporary, file)
    except OSError as why:
        return (Finding("path.file", "error", "", f"“{file}” cannot be written: {why.strerror or why}."),)
    finally:
        temporary.unlink(missing_ok=True)
    return ()


@dataclass(frozen=True)
class Code:
    """A value and how it is written."""

    text: str
    value: Any


@dataclass
class _Script:
    """A network in the making, and the lines that make it."""

    target: dict[str, Any]
    lines: list[str] = field(default_factory=list)
    names: set[str] = field(default_factory=lambda: set(RESERVED))
    data: dict[str, Code] = field(default_factory=dict)
    handles: dict[tuple[str, str], Code] = field(default_factory=dict)
    numpy: bool = False

    def __post_init__(self) -> None:
        self.net = self.start()

    def text(self) -> str:
        for name, entry in self.target.get("data", {}).items():
            self.array(name, entry)
        if self.target.get("models"):
            self.models()
        for key in _inner_first(self.target):
            self.circuit(key)
        self.settings()
        self.rest()
        return "\n".join([*self.head(), *self.lines, *_TAIL]) + "\n"

    def head(self) -> list[str]:
        title = ". ".join(t for t in (self.target.get("name", "").rstrip("."), self.target.get("description", "")) if t)
        return [repr(title or "A network."), "", *(["import numpy as np", ""] if self.numpy else []), "import studio", ""]

    def start(self) -> build.Network:
        main, name = self.target["main"], self.target.get("name", "")
        if main == "main" and name:
            self.lines.append(f"net = studio.Network({name!r})")
            return build.Network(name)
        first = {"format": self.target["format"], "name": name, "main": main, "circuits": {main: {"nodes": {}, "projections": {}}}}
        self.lines.append(f"net = studio.Network(document={first!r})")
        return build.Network(document=first)

    def array(self, name: str, entry: Mapping[str, Any]) -> None:
        """Short arrays as numbers, long ones as they stand in the document."""
        try:
            values = decode(name, entry)
        except FindingError:
            return
        variable = self.variable(name)
        if values.size <= FEW and np.isfinite(values).all():
            self.numpy = True
            literal = (
                np.array2string(values, separator=", ", floatmode="unique", threshold=FEW + 1, max_line_width=WIDTH - 20)
                if values.size
                else "[]"
            )
            text = f"np.array({literal}, {values.dtype.name!r})" + (f".reshape({values.shape})" if not values.size else "")
            self.lines.append(f"{variable} = net.data({name!r}, {text})")
            self.data[name] = Code(variable, self.net.data(name, values))
        else:
            command = {"command": "set", "path": f"/data/{_token(name)}", "value": dict(entry)}
            self.lines.append(f"net.apply({command!r})  # an array of {' x '.join(map(str, values.shape))} {values.dtype.name}")
            self.net.apply(command)
            self.data[name] = Code(repr({"data": name}), {"data": name})

    def models(self) -> None:
        """The document's own models: text, checked and never executed."""
        command = {"command": "set", "path": "/models", "value": self.target["models"]}
        self.lines.append(f"net.apply({pformat(command, width=WIDTH, sort_dicts=False)})")
        self.net.apply(command)

    def circuit(self, key: str) -> None:
        circuit = self.target["circuits"][key]
        builder = self.builder(key, circuit)
        if builder is None:
            return
        self.lines.append("")
        for node_key in sorted(circuit.get("nodes", {}), key=natural):
            self.node(key, builder, node_key, circuit["nodes"][node_key])
        for port_key, port in circuit.get("ports", {}).items():
            self.port(builder, port_key, port)
        for projection_key in sorted(circuit.get("projections", {}), key=natural):
            self.projection(key, builder, circuit["projections"][projection_key])

    def builder(self, key: str, circuit: Mapping[str, Any]) -> Code | None:
        if key == self.target["main"]:
            return Code("net", self.net)
        name = circuit.get("name") or key
        name = name if key_from(name, "circuit") == key else key
        made = self.net.circuit(name)
        if made.key != key:
            self.net.undo()
            return None
        variable = self.variable(key)
        self.lines += ["", f"{variable} = net.circuit({name!r})"]
        return Code(variable, made)

    def node(self, circuit: str, builder: Code, key: str, node: Mapping[str, Any]) -> None:
        name = node.get("name") or key
        name = name if key_from(name, "node") == key else key
        if node["kind"] == "instance":
            args = [name, node["of"], *([node["repeat"]] if "repeat" in node else [])]
            options: dict[str, Any] = {"override": {k: self.value(v) for k, v in node["override"].items()}} if node.get("override") else {}
        else:
            args = [name, node.get("size", 1), *([node["model"]] if "model" in node else [])]
            options = {k: self.value(v) for k, v in {**node.get("params", {}), **node.get("start", {})}.items()}
        if "shape" in node:
            options["shape"] = tuple(node["shape"])
        variable = self.variable(key)
        made = self.call(builder, node["kind"], args, options, variable)
        if made is not None:
            self.handles[circuit, key] = Code(variable, made)

    def port(self, builder: Code, key: str, port: Mapping[str, Any]) -> None:
        name = port.get("name") or key
        self.call(
            builder,
            "port",
            [
                name if key_from(name, "port") == key else key,
                port["direction"],
                list(port.get("to" if port["direction"] == "in" else "from", ())),
            ],
            {},
        )

    def projection(self, circuit: str, builder: Code, projection: Mapping[str, Any]) -> None:
        ends = [self.handles.get((circuit, projection[side])) or projection[side] for side in ("from", "to")]
        options: dict[str, Any] = {}
        if "connector" in projection:
            ends.append(self.connector(projection["connector"]))
        for part in ("weight", "delay", "gain"):
            if part in projection:
                options[part] = self.value(projection[part])
        for part in ("kinetics", "plasticity", "device"):
            if part in projection:
                options[part] = self.choice(projection[part])
        if signals := projection.get("plasticity", {}).get("signals"):
            options["signals"] = {name: self.handles.get((circuit, node)) or node for name, node in signals.items()}
        if "crossbar" in projection:
            options["crossbar"] = {k: self.value(v) for k, v in projection["crossbar"].items()}
        for part in ("copies", "name"):
            if part in projection:
                options[part] = projection[part]
        self.call(builder, "connect", ends, options)

    def connector(self, given: Mapping[str, Any]) -> Any:
        key, params = given["model"], {k: self.value(v) for k, v in given.get("params", {}).items()}
        if key not in CONNECTORS:
            return self.choice(given)
        params = _paired(params)
        first = [params.pop(FIRST[key])] if FIRST.get(key) in params else []
        if any(not k.isidentifier() or keyword.iskeyword(k) for k in params):
            return self.choice(given)
        try:
            made = getattr(build, key)(*map(_plain, first), **{k: _plain(v) for k, v in params.items()})
        except TypeError:
            return self.choice(given)
        inside = ", ".join([*map(_text, first), *(f"{k}={_text(v)}" for k, v in params.items())])
        return Code(f"studio.{key}({inside})", made)

    def choice(self, given: Mapping[str, Any]) -> Any:
        params = {k: self.value(v) for k, v in given.get("params", {}).items()}
        return (given["model"], params) if params else given["model"]

    def value(self, given: Any) -> Any:
        """A JSON value as people write it in Python."""
        if isinstance(given, Mapping) and set(given) == {"value", "unit"}:
            return (given["value"], given["unit"])
        if isinstance(given, Mapping) and set(given) == {"data"}:
            return self.data.get(given["data"], dict(given))
        return given

    def settings(self) -> None:
        run = self.target.get("run", {})
        chosen = {
            k: self.value(v)
            for k, v in run.items()
            if k in ("duration", "dt", "seed", "precision", "method", "weights", "connectivity") and v is not None
        }
        self.lines.append("")
        if chosen:
            self.call(Code("net", self.net), "run", [], chosen)
        for one in run.get("record") or ():
            more = {"every": self.value(one["every"])} if "every" in one else {}
            self.call(Code("net", self.net), "record", [one["path"], *([one["what"]] if "what" in one else [])], more)
        for one in run.get("events") or ():
            self.call(Code("net", self.net), "wait", [self.value(one["at"]), self.value(one["wait"])], {})
        for one in run.get("faults") or ():
            more = {k: self.value(one[k]) for k in ("fraction", "value") if k in one}
            self.call(Code("net", self.net), "fault", [one["kind"], one["path"]], more)
        for one in self.target.get("constraints") or ():
            more = {k: [self.value(d) for d in v] if k == "delays" else v for k, v in one.items() if k not in ("kind", "path", "paths")}
            self.call(Code("net", self.net), "constrain", [one["kind"], *one.get("paths", [one.get("path")])], more)
        if self.target.get("task"):
            command = {"command": "set", "path": "/task", "value": self.target["task"]}
            self.lines.append(f"net.apply({pformat(command, width=WIDTH, sort_dicts=False)})")
            self.net.apply(command)

    def rest(self) -> None:
        """What is still missing, as one JSON Patch."""
        import jsonpatch

        patch = jsonpatch.make_patch(self.net.json, self.target).patch
        if patch:
            patch = [op if op["op"] in ("add", "replace", "remove") else None for op in patch]
            if None in patch:  # a move: replace whole parts instead
                patch = _whole(self.net.json, self.target)
            self.lines += [
                "",
                "# names, notes and positions on the canvas",
                f"net.apply_patch({pformat(patch, width=WIDTH, sort_dicts=False)})",
            ]

    def call(self, on: Code, method: str, args: Iterable[Any], options: Mapping[str, Any], variable: str = "") -> Any:
        """Do it, and write it where it could be done."""
        args = list(args)
        if any(not k.isidentifier() or keyword.iskeyword(k) for k in options):
            return None
        before = self.net.json
        try:
            made = getattr(on.value, method)(*map(_plain, args), **{k: _plain(v) for k, v in options.items()})
        except (FindingError, TypeError, ValueError):
            if self.net.json is not before:
                self.net.undo()
            return None
        inside = ", ".join([*map(_text, args), *(f"{k}={_text(v)}" for k, v in options.items())])
        self.lines.append(f"{f'{variable} = ' if variable else ''}{on.text}.{method}({inside})")
        return made

    def variable(self, name: str) -> str:
        """A free Python name made from a key."""
        word = re.sub(r"\W+", "_", name.lower(), flags=re.ASCII).strip("_")
        word = word if word and not word[0].isdigit() else f"data_{word}"
        word = f"{word}_" if keyword.iskeyword(word) or keyword.issoftkeyword(word) else word
        free = word if word not in self.names else next(w for n in range(2, len(self.names) + 3) if (w := f"{word}_{n}") not in self.names)
        self.names.add(free)
        return free


_TAIL = ["", 'if __name__ == "__main__":', "    recording = studio.simulate(net)", "    print(recording.summary())"]


def _inner_first(document: Mapping[str, Any]) -> list[str]:
    """Circuits in an order in which each comes after those it uses; the main one last."""
    circuits = document["circuits"]
    out: list[str] = []

    def visit(key: str, above: tuple[str, ...]) -> None:
        if key in out or key in above or key not in circuits:
            return
        for node in circuits[key].get("nodes", {}).values():
            if node["kind"] == "instance":
                visit(node["of"], (*above, key))
        out.append(key)

    for key in sorted(k for k in circuits if k != document["main"]):
        visit(key, ())
    visit(document["main"], ())
    return out


def _paired(params: dict[str, Any]) -> dict[str, Any]:
    """`stride_y` and `stride_x` as one `stride`, where both are said and neither is what the connector's function leaves out."""
    usual = {"stride": (1, None), "padding": (0,), "dilation": (1,), "size": (2,)}
    out = dict(params)
    for name, left_out in usual.items():
        y, x = params.get(f"{name}_y"), params.get(f"{name}_x")
        if isinstance(y, int) and isinstance(x, int) and y not in left_out and x not in left_out:
            del out[f"{name}_y"], out[f"{name}_x"]
            out[name] = y if y == x else (y, x)
    return out


def _plain(given: Any) -> Any:
    """What a Code stands for, also inside tuples, lists and dicts."""
    if isinstance(given, Code):
        return given.value
    if isinstance(given, dict):
        return {k: _plain(v) for k, v in given.items()}
    if isinstance(given, (tuple, list)):
        return type(given)(_plain(v) for v in given)
    return given


def _text(given: Any) -> str:
    """How it is written."""
    if isinstance(given, Code):
        return given.text
    if isinstance(given, dict):
        return "{" + ", ".join(f"{k!r}: {_text(v)}" for k, v in given.items()) + "}"
    if isinstance(given, tuple):
        return f"({', '.join(map(_text, given))}{',' if len(given) == 1 else ''})"
    if isinstance(given, list):
        return f"[{', '.join(map(_text, given))}]"
    return repr(given)


def _token(name: str) -> str:
    """A name as a part of a JSON Pointer."""
    return name.replace("~", "~0").replace("/", "~1")


def _whole(now: Mapping[str, Any], then: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A patch that sets every top-level part that differs."""
    out = [{"op": "replace" if k in now else "add", "path": f"/{_token(k)}", "value": v} for k, v in then.items() if now.get(k) != v]
    return out + [{"op": "remove", "path": f"/{_token(k)}"} for k in now if k not in then]
