"""A model as the text that a document could hold: the inverse of `read_model`, to begin one's own from.

body_of(lif) -> {"kind": "neuron", "title": ..., "params": {"tau_m": {"default": 10.0, "unit": "ms", ...}}, "equations": ...}
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, fields
from typing import Any

from studio.models.authored import MAKERS
from studio.models.spec import Model, Neuron

_TABLES = {"params": "name", "states": "name", "source_states": "name", "traces": "name", "signals": "name", "presets": "key"}
_FIRST = ("kind", "title", "family", "doc", "source", "limits", "params", "states", "source_states", "traces", "signals", "derived")


def body_of(model: Model) -> dict[str, Any]:
    """The entry of a `models` section that means this model; ValueError for a kind that is not written as text."""
    if model.kind not in MAKERS:
        raise ValueError(f"A {model.kind} is not written as text.")
    out: dict[str, Any] = {"kind": model.kind, **_plain(model, ("key", "kind"))}
    for table, name in _TABLES.items():
        if getattr(model, table, ()):
            out[table] = _rows(getattr(model, table), name)
    if isinstance(model, Neuron):
        out |= {"method": model.method, "methods": list(model.methods or (model.method,))}
    return {k: out[k] for k in (*(f for f in _FIRST if f in out), *(k for k in out if k not in _FIRST))}


def _rows(rows: Iterable[Any], name: str) -> dict[str, Any]:
    return {getattr(row, name): _plain(row, (name,)) for row in rows}


def _plain(value: Any, without: tuple[str, ...]) -> dict[str, Any]:
    """The fields that differ from their defaults, tables apart; those without a default always."""
    out: dict[str, Any] = {}
    for field in fields(value):
        given = getattr(value, field.name)
        if field.name in without or (field.name in _TABLES and isinstance(value, Model)):
            continue
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        if given == default and field.name != "title":
            continue
        out[field.name] = _json(given)
    return out


def _json(given: Any) -> Any:
    if isinstance(given, str):
        return given.strip("\n")
    if isinstance(given, tuple):
        return list(given)
    return given if isinstance(given, bool | int | float) or given is None else dict(given)
