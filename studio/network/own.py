"""A model of one's own, begun from another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.findings import Finding, FindingError, errors
from studio.models.authored import MAKERS, read_model
from studio.models.spec import Model
from studio.models.written import body_of
from studio.network.paths import did_you_mean


def begun(catalogue: Any, key: str, like: Any, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a model: that of `like` with these fields in the place of its own, tables added to; raise FindingError where it is not sound."""
    body: dict[str, Any] = {}
    if like is not None:
        body = body_of(like if isinstance(like, Model) else _found(catalogue, key, str(like)))
        body = {name: value for name, value in body.items() if name not in ("title", "family", "presets")}
    for name, value in fields.items():
        both = isinstance(value, Mapping) and isinstance(body.get(name), Mapping)
        body[name] = _merged(body[name], value) if both else dict(value) if isinstance(value, Mapping) else value
    if "step" in fields and "equations" not in fields:
        body = {name: value for name, value in body.items() if name not in ("equations", "method", "methods")}
    _, findings = read_model(key, body)
    if errors(findings):
        raise FindingError(errors(findings))
    return body


def _merged(rows: Mapping[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Rows with others added; a number in the place of a row is its new default."""
    out = dict(rows)
    for name, row in more.items():
        number = isinstance(row, int | float) and isinstance(out.get(name), Mapping)
        out[name] = {**out[name], "default": row} if number else row
    return out


def _found(catalogue: Any, key: str, like: str) -> Model:
    found = next((m for kind in MAKERS for m in catalogue.all(kind) if m.key == like), None)
    if found is None:
        fix = did_you_mean(like, [m.key for kind in MAKERS for m in catalogue.all(kind)])
        raise FindingError([Finding("path.model", "error", f"models.{key}", f"There is no model “{like}” to begin from.", fix)])
    return found
