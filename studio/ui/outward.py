"""The document as the canvas sees it: everything but the arrays, which stay in Python."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
_HEAVY = "values"


def without_arrays(document: Json) -> Json:
    """`document` with the values of its `data` entries left out; the rest is shared, not copied."""
    data = document.get("data")
    return {**document, "data": {name: _light(entry) for name, entry in data.items()}} if data else document


def patch_without_arrays(patch: list[Json]) -> list[Json]:
    """`patch` as it applies to the document without arrays."""
    return [_step(step) for step in patch if not _inside_array(step)]


def _step(step: Json) -> Json:
    path, value = step.get("path", ""), step.get("value")
    if path == "" and isinstance(value, dict):
        return {**step, "value": without_arrays(value)}
    if path == "/data" and isinstance(value, dict):
        return {**step, "value": {name: _light(entry) for name, entry in value.items()}}
    return {**step, "value": _light(value)} if path.startswith("/data/") and path.count("/") == 2 else step


def _inside_array(step: Json) -> bool:
    parts = step.get("path", "").split("/")
    return len(parts) > 3 and parts[1] == "data" and parts[3] == _HEAVY


def _light(entry: Any) -> Any:
    return {key: value for key, value in entry.items() if key != _HEAVY} if isinstance(entry, dict) else entry
