"""The model hash: the same for two documents that mean the same model, whatever they look like on the canvas."""

from __future__ import annotations

import hashlib
from typing import Any

from studio.findings import FindingError
from studio.network.canonical import to_bytes
from studio.network.document import Document
from studio.units import BASE, convert, parse

_TOP = {"layout", "name", "description", "run", "metadata"}
_NAMED = {"name", "description", "metadata"}


def model_hash(document: Document) -> str:
    """SHA-256 (hex) of what the model is: no layout, names, descriptions, metadata or run; units converted to the studio's own."""
    return json_hash(document.to_json())


def json_hash(document: dict[str, Any]) -> str:
    """As `model_hash`, of a document's JSON."""
    model = {key: value for key, value in document.items() if key not in _TOP}
    model["circuits"] = {key: _circuit(value) for key, value in document["circuits"].items()}
    model["data"] = {
        key: {k: v for k, v in value.items() if k in ("dtype", "shape", "sha256")} for key, value in document.get("data", {}).items()
    }
    if model.get("constraints"):
        model["constraints"] = _own_units(model["constraints"])
    return hashlib.sha256(to_bytes(model)).hexdigest()


def _circuit(circuit: dict[str, Any]) -> dict[str, Any]:
    out = {key: value for key, value in circuit.items() if key not in _NAMED}
    for group in ("nodes", "projections", "ports"):
        members = circuit.get(group, {})
        out[group] = {key: _own_units({k: v for k, v in value.items() if k not in _NAMED}) for key, value in members.items()}
    return out


def _own_units(value: Any) -> Any:
    if isinstance(value, list):
        return [_own_units(v) for v in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("unit"), str) and not value.keys() - {"value", "normal", "uniform", "lognormal", "min", "max", "data", "unit"}:
        return _converted(value)
    return {key: _own_units(v) for key, v in value.items()}


def _converted(value: dict[str, Any]) -> Any:
    try:
        unit = parse(value["unit"])
    except FindingError:
        return value
    own = "*".join(BASE[name] for name, power in unit.dimension for _ in range(power)) or "1"
    own += "".join("/" + BASE[name] for name, power in unit.dimension for _ in range(-power))
    if "lognormal" in value or "data" in value:
        return {**value, "unit": unit.scale}
    out = {key: _scaled(v, value["unit"], own) for key, v in value.items() if key != "unit"}
    return out["value"] if set(out) == {"value"} else out


def _scaled(value: Any, given: str, own: str) -> Any:
    if isinstance(value, list):
        return [_scaled(v, given, own) for v in value]
    return convert(value, given, own) if isinstance(value, (int, float)) else value
