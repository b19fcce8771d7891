"""The inverse of a JSON Patch that somebody else made, from the document it is meant for."""

from __future__ import annotations

from typing import Any

import jsonpointer

from studio.findings import Finding, FindingError
from studio.network.edit import apply

Json = dict[str, Any]


def inverse(document: Json, patch: list[Json]) -> list[Json]:
    """The patch that takes `patch` back; only add, replace and remove are taken. Raise FindingError for others."""
    out: list[Json] = []
    for step in patch:
        out.insert(0, _one(document, step))
        document = apply(document, [step])
    return out


def _one(document: Json, step: Json) -> Json:
    op, path = step.get("op"), step.get("path")
    if op not in ("add", "replace", "remove") or not isinstance(path, str):
        raise FindingError([Finding("path.patch", "error", "", f"A change that does “{op}” is not taken.", "Use add, replace or remove.")])
    try:
        return _undone(document, op, path)
    except (jsonpointer.JsonPointerException, ValueError, TypeError) as why:
        raise FindingError([Finding("path.patch", "error", "", f"The change does not fit the document: {why}.")]) from None


def _undone(document: Json, op: str, path: str) -> Json:
    if path == "":
        return {"op": "replace", "path": "", "value": document}
    pointer = jsonpointer.JsonPointer(path)
    parent, last = pointer.to_last(document)
    if op == "add" and isinstance(parent, list):
        return {"op": "remove", "path": path[:-1] + str(len(parent)) if last == "-" else path}
    present = isinstance(parent, list) or last in parent
    if op == "add" and not present:
        return {"op": "remove", "path": path}
    return {"op": "add" if op == "remove" else "replace", "path": path, "value": pointer.resolve(document)}
