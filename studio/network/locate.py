"""From a path that people write to the place in the document's JSON where its value stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.findings import Finding, FindingError
from studio.network.document import Document, Instance, Population
from studio.network.edit.draft import pointer
from studio.network.paths import ALL, Path, Step, did_you_mean, parse

PARTS = {"connector": "all_to_all", "kinetics": "delta", "plasticity": "static", "device": "ideal"}
FIELDS = ("weight", "delay", "gain")


def locate(document: Document, path: str, value: Any) -> tuple[str, Any]:
    """The JSON Pointer to set, and the value to set there (with the model around it where a part was left to its default)."""
    steps = parse(path).steps
    first, rest = steps[0], steps[1:]
    place = ["circuits", document.main]
    circuit = document.circuit
    if first.key in circuit.projections:
        return _in_projection(
            [*place, "projections", first.key],
            circuit.projections[first.key].model_dump(by_alias=True, exclude_unset=True),
            path,
            rest,
            value,
        )
    node = circuit.nodes.get(first.key)
    if node is None or not rest:
        known = sorted([*circuit.nodes, *circuit.projections])
        raise _error(
            "path.unknown",
            path,
            f"“{path}” names no value.",
            did_you_mean(first.key, known) if node is None else f"Write {first.key}.PARAMETER.",
        )
    place += ["nodes", first.key]
    if isinstance(node, Instance):
        return _in_instance(place, first, rest), value
    keys = [s.key for s in rest]
    if first.index or any(s.index for s in rest):
        raise _error("path.selection", path, "A value is set for a whole population.", "Give an array for different values.")
    if keys == ["size"] or (keys[0] == "start" and len(keys) == 2 and isinstance(node, Population)):
        return pointer([*place, *keys]), value
    if len(keys) == 1:
        return pointer([*place, "params", keys[0]]), value
    raise _error("path.unknown", path, f"“{path}” names no value.")


def _in_instance(place: list[str], first: Step, rest: tuple[Step, ...]) -> str:
    if [s.key for s in rest] == ["repeat"]:
        return pointer([*place, "repeat"])
    chosen = () if not first.index or first.index == (ALL,) else (Step("", first.index),)
    return pointer([*place, "override", str(Path((*chosen, *rest)))])


def _in_projection(place: list[str], projection: Mapping[str, Any], path: str, rest: tuple[Step, ...], value: Any) -> tuple[str, Any]:
    keys = [s.key for s in rest]
    if len(keys) == 1 and keys[0] in FIELDS:
        return pointer([*place, keys[0]]), value
    if len(keys) == 2 and keys[0] == "crossbar":
        if keys[0] in projection:
            return pointer([*place, *keys]), value
        return pointer([*place, keys[0]]), {keys[1]: value}
    if len(keys) == 2 and keys[0] in PARTS:
        if keys[0] in projection:
            return pointer([*place, keys[0], "params", keys[1]]), value
        return pointer([*place, keys[0]]), {"model": PARTS[keys[0]], "params": {keys[1]: value}}
    raise _error(
        "path.unknown",
        path,
        f"“{path}” names no value of a projection.",
        "There is weight, delay, gain, and connector, kinetics, plasticity, device or crossbar with a parameter.",
    )


def _error(code: str, where: str, text: str, fix: str = "") -> FindingError:
    return FindingError([Finding(code, "error", where, text, fix)])
