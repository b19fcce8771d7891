"""A document's own models: the `models` section, text only, into models of the catalogue, with findings for everything wrong.

    "models": {"my_lif": {"kind": "neuron", "title": "Mine", "doc": "One sentence.",
                          "params": {"tau": {"default": 20, "unit": "ms", "low": 0, "low_open": true, "doc": "Time constant."}},
                          "states": {"v": {"start": "0", "unit": "mV"}},
                          "equations": "dv/dt = -v/tau + i", "threshold": "v > 1", "reset": "v = 0"}}

Neurons, kinetics, plasticity rules and devices can be written so. Texts may be strings or lists of lines. Nothing is ever executed as Python.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any

from studio.findings import Finding, errors
from studio.models.check import check_model
from studio.models.consistency import check_units
from studio.models.spec import Device, Kinetics, Model, Neuron, Param, Plasticity, Preset, Signal, State, Trace

MAKERS: dict[str, type[Model]] = {"neuron": Neuron, "kinetics": Kinetics, "plasticity": Plasticity, "device": Device}
MAX_MODELS, MAX_ROWS = 500, 200
# fmt: off
_TEXT = frozenset((
    "equations", "step", "derived", "reset", "closing", "emits", "crossing", "jump", "on_pre", "on_post", "every", "at_source", "transmit", "write", "program",
    "read", "threshold", "current", "doc", "limits", "source", "start", "family",
))
# fmt: on
_WORDS = {
    "method": ("exact", "rk4", "adaptive", "step"),
    "arrival": ("after", "before"),
    "sign": ("signed", "nonnegative"),
    "side": ("pre", "post"),
    "kind": ("number", "word"),
}


class _Wrong(Exception):
    """One part of one model that cannot be read."""

    def __init__(self, where: str, text: str, fix: str = "", code: str = "text.form") -> None:
        super().__init__(text)
        self.finding = Finding(code, "error", where, text, fix)


def read_models(given: Mapping[str, Any]) -> tuple[tuple[Model, ...], tuple[Finding, ...]]:
    """The sound models of a `models` section, and what is wrong with the others."""
    if not isinstance(given, Mapping):
        return (), (Finding("text.form", "error", "models", "“models” must be an object of models by key."),)
    if len(given) > MAX_MODELS:
        return (), (Finding("text.size", "error", "models", f"There are {len(given)} models; at most {MAX_MODELS} are read."),)
    models: list[Model] = []
    findings: list[Finding] = []
    for key, body in given.items():
        model, found = read_model(str(key), body)
        findings += found
        models += [model] if model is not None else []
    return tuple(models), tuple(findings)


def read_model(key: str, body: Any) -> tuple[Model | None, tuple[Finding, ...]]:
    """One model, or None where it has an error."""
    where = f"models.{key:.64}"
    notes: list[Finding] = []
    try:
        model = _model(key, body, where, notes)
    except _Wrong as wrong:
        return None, (wrong.finding,)
    found = (*notes, *check_model(model, where))
    if not errors(found) and _measured(model):
        found = (*found, *check_units(model, where))
    return (None if errors(found) else model), found


def _measured(model: Model) -> bool:
    """Whether the model is meant in units: a state without one makes it a model of plain numbers."""
    states = getattr(model, "states", ())
    return bool(states) and all(s.unit.strip() for s in states)


def _model(key: str, body: Any, where: str, notes: list[Finding]) -> Model:
    if not isinstance(body, Mapping):
        raise _Wrong(where, "A model is an object with a “kind”.")
    kind = body.get("kind")
    if not isinstance(kind, str) or kind not in MAKERS:
        raise _Wrong(f"{where}.kind", f"“{kind!s:.40}” cannot be written as text.", f"The kind is one of {', '.join(MAKERS)}.")
    maker = MAKERS[kind]
    tables = {name: row for name, row in _TABLES.items() if name in {f.name for f in fields(maker)}}
    values = _plain(maker, {k: v for k, v in body.items() if k not in ("kind", "key", *_TABLES)}, where, notes)
    for name, row in tables.items():
        values[name] = _rows(body, name, where, notes, row)
    values.setdefault("title", key.replace("_", " ").capitalize())
    values.setdefault("doc", "A model of this document.")
    values.setdefault("source", "This document.")
    if maker is Neuron:
        _complete_neuron(values)
    return maker(key=key, **values)


def _complete_neuron(values: dict[str, Any]) -> None:
    """The method follows from the form where none is said."""
    stepped = bool(values.get("step", "").strip())
    values.setdefault("method", "step" if stepped else "exact")
    values.setdefault("methods", ("step",) if stepped else tuple(dict.fromkeys((values["method"], "exact", "rk4", "adaptive"))))


def _rows(body: Mapping[str, Any], name: str, where: str, notes: list[Finding], make: Callable[..., Any]) -> tuple[Any, ...]:
    """A table (`params`, `states`, `traces` ...): an object by name, or a list of objects with a name."""
    given = body.get(name, {})
    place = f"{where}.{name}"
    if isinstance(given, list):
        if not all(isinstance(row, Mapping) and isinstance(row.get("name"), str) for row in given):
            raise _Wrong(place, "Every row of the list needs a “name”.")
        given = {row["name"]: {k: v for k, v in row.items() if k != "name"} for row in given}
    if not isinstance(given, Mapping) or len(given) > MAX_ROWS:
        raise _Wrong(place, f"“{name}” must be an object of at most {MAX_ROWS} entries.")
    return tuple(make(str(key), row, f"{place}.{key!s:.64}", notes) for key, row in given.items())


def _param(name: str, row: Any, where: str, notes: list[Finding]) -> Param:
    row = {"default": row} if _is_number(row) else row
    values = _plain(Param, _mapping(row, where), where, notes)
    if values.get("default") is None:
        raise _Wrong(where, f"“{name:.64}” has no default.", "Give it a number.")
    if isinstance(values["default"], str) and values.get("kind") != "word":
        raise _Wrong(f"{where}.default", f"“default” must be a number, not {values['default']!r:.40}.", 'A word needs "kind": "word".')
    return Param(name, **{"unit": "", "doc": "", **values})


def _state(name: str, row: Any, where: str, notes: list[Finding]) -> State:
    row = {"start": str(row)} if _is_number(row) or isinstance(row, str) else row
    given = dict(_mapping(row, where))
    if _is_number(given.get("start")):
        given["start"] = repr(given["start"])
    return State(name, **{"start": "0", "unit": "", "doc": "", **_plain(State, given, where, notes)})


def _trace(name: str, row: Any, where: str, notes: list[Finding]) -> Trace:
    values = _plain(Trace, _mapping(row, where), where, notes)
    if not {"tau", "side"} <= values.keys():
        raise _Wrong(where, "A trace needs “tau” (a parameter) and “side” (pre or post).")
    return Trace(name, **{"doc": "", **values})


def _signal(name: str, row: Any, where: str, notes: list[Finding]) -> Signal:
    values = _plain(Signal, _mapping(row, where), where, notes)
    if "tau" not in values:
        raise _Wrong(where, "A signal needs “tau” (a parameter).")
    return Signal(name, **{"doc": "", **values})


def _preset(key: str, row: Any, where: str, notes: list[Finding]) -> Preset:
    row = dict(_mapping(row, where))
    tables = {name: dict(_mapping(row.pop(name, {}), f"{where}.{name}")) for name in ("params", "kinetics_params")}
    for name, values in tables.items():
        if not all(_is_number(v) or isinstance(v, str) for v in values.values()):
            raise _Wrong(f"{where}.{name}", "A preset gives numbers and words.")
    return Preset(key, **{"title": key.replace("_", " ").capitalize(), "source": "", **tables, **_plain(Preset, row, where, notes)})


_TABLES: dict[str, Callable[[str, Any, str, list[Finding]], Any]] = {
    "params": _param,
    "states": _state,
    "source_states": _state,
    "traces": _trace,
    "signals": _signal,
    "presets": _preset,
}


def _mapping(row: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(row, Mapping):
        raise _Wrong(where, "An object is expected here.")
    return row


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(maker: type, given: Mapping[str, Any], where: str, notes: list[Finding]) -> dict[str, Any]:
    """The fields of `maker` among `given`, each of its own type; an unknown key becomes a note."""
    known = {f.name: f for f in fields(maker) if f.name not in ("name", *_TABLES)}
    out: dict[str, Any] = {}
    for key, value in given.items():
        if key not in known or key == "lower":
            notes.append(Finding("path.unknown", "info", f"{where}.{key!s:.64}", f"“{key!s:.64}” is not known here and is ignored."))
        else:
            default = known[key].default
            out[key] = _typed(key, value, None if default is MISSING else default, f"{where}.{key}")
    return out


def _typed(key: str, value: Any, default: Any, where: str) -> Any:
    """The value in the type that the field has; raise _Wrong where it is of another."""
    if key in _TEXT and isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    if key in _WORDS and (not isinstance(value, str) or value not in (*_WORDS[key], default)):
        raise _Wrong(where, f"“{value!s:.40}” is not one of {', '.join(_WORDS[key])}.")
    if key in ("clamped", "transient", "methods", "choices"):
        return _words(key, value, where)
    if key == "default" and isinstance(value, str):
        return value
    if key in ("default", "low", "high"):
        return _number(key, value, where)
    if isinstance(default, bool):
        wanted: tuple[type, ...] = (bool,)
    elif isinstance(default, int):
        return int(_number(key, value, where, whole=True))
    else:
        wanted = (str,)
    if not isinstance(value, wanted):
        raise _Wrong(where, f"“{key}” must be {'true or false' if wanted == (bool,) else 'text'}.")
    return value


def _words(key: str, value: Any, where: str) -> tuple[str, ...]:
    if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
        raise _Wrong(where, f"“{key}” must be a list of words.")
    if key == "methods" and not set(value) <= set(_WORDS["method"]):
        raise _Wrong(where, f"Methods are {', '.join(_WORDS['method'])}.")
    return tuple(value)


def _number(key: str, value: Any, where: str, whole: bool = False) -> float | int:
    if not _is_number(value) or abs(value) > 1e300 or value != value or (whole and value != int(value)):
        raise _Wrong(where, f"“{key}” must be a {'whole ' if whole else ''}number, not {value!r:.40}.")
    return value
