"""`group`: nodes of a circuit become a circuit of their own, used here once.

Order of changes: (1) the new circuit, complete: the nodes, the projections among them (same keys), and a port for every
(direction, inner end) that a crossing projection or a port of the outer circuit uses, named `<end>_in` or `<end>_out` (points and
brackets as `_`), crossing projections first, each `from` before `to`; (2) the projections among them leave; (3) ends of crossing
projections, then of the outer ports, become `<instance>.<port>`; (4) the nodes leave; (5) the instance comes;
(6) layout: positions move along, unchanged, and the instance lies at their mean (rounded half up); (7) references gain the instance.
"""

from __future__ import annotations

import math

from studio.network.edit.draft import Draft, Json, refuse
from studio.network.edit.keys import circuit_of, key_from, node_of, taken_in, unique
from studio.network.edit.references import rewrite
from studio.network.edit.remove import head_of
from studio.network.paths import Path, Step


def group(draft: Draft, command: Json) -> str:
    """Move nodes into a new circuit and put an instance of it in their place."""
    circuit, name = command["circuit"], command["name"]
    keys = sorted(set(command["nodes"]))
    if not keys:
        raise refuse("path.unknown", circuit, "There is nothing to group.", "Choose one node or more.")
    nodes = {key: node_of(draft, circuit, key) for key in keys}
    outer = circuit_of(draft, circuit)
    inner_key = unique(key_from(name, "circuit"), draft.document["circuits"])
    instance = unique(key_from(name, "node"), taken_in(outer))
    projections = {
        k: p for k, p in sorted(outer.get("projections", {}).items()) if head_of(p["from"]) in nodes and head_of(p["to"]) in nodes
    }
    ports = _Ports(set(keys), instance)
    crossing = ports.crossing(outer, set(projections))
    draft.set(["circuits", inner_key], {"name": name, "nodes": nodes, "projections": projections, "ports": ports.made})
    for key in projections:
        draft.unset(["circuits", circuit, "projections", key])
    for tokens, value in crossing:
        draft.set(["circuits", circuit, *tokens], value)
    for key in keys:
        draft.unset(["circuits", circuit, "nodes", key])
    draft.set(["circuits", circuit, "nodes", instance], {"kind": "instance", "name": name, "of": inner_key})
    _move_layout(draft, circuit, inner_key, instance, keys)
    moved = {(circuit, key) for key in [*keys, *projections]}
    rewrite(draft, lambda path, k, place: Path((*path.steps[:k], Step(instance), *path.steps[k:])) if place in moved else None)
    return f"Group {len(keys)} nodes as {name}" if len(keys) > 1 else f"Group 1 node as {name}"


class _Ports:
    """The ports of the new circuit, made as they are asked for."""

    def __init__(self, keys: set[str], instance: str) -> None:
        self.keys, self.instance = keys, instance
        self.made: dict[str, Json] = {}
        self._by_end: dict[tuple[str, str], str] = {}

    def crossing(self, outer: Json, inside: set[str]) -> list[tuple[list[str], object]]:
        """What crossing projections and outer ports become: (place in the circuit, new value)."""
        changes: list[tuple[list[str], object]] = []
        for key, projection in sorted(outer.get("projections", {}).items()):
            for end, direction in (("from", "out"), ("to", "in")):
                if key not in inside and head_of(projection[end]) in self.keys:
                    changes.append((["projections", key, end], self.outside(projection[end], direction)))
        for key, port in sorted(outer.get("ports", {}).items()):
            side = "to" if port.get("direction") == "in" else "from"
            ends = [self.outside(e, port["direction"]) if head_of(e) in self.keys else e for e in port.get(side, [])]
            changes.append((["ports", key, side], ends))
        return changes

    def outside(self, end: str, direction: str) -> str:
        """How the outer circuit now says this end."""
        if (direction, end) not in self._by_end:
            key = unique(key_from(end, "port") + "_" + direction, self.made)
            self._by_end[direction, end] = key
            self.made[key] = {"direction": direction, "to" if direction == "in" else "from": [end]}
        return f"{self.instance}.{self._by_end[direction, end]}"


def _move_layout(draft: Draft, circuit: str, inner: str, instance: str, keys: list[str]) -> None:
    layout = draft.get(["layout", circuit], {})
    placed = {key: layout[key] for key in keys if key in layout}
    if not placed:
        return
    draft.set(["layout", inner], placed)
    for key in placed:
        draft.unset(["layout", circuit, key])
    mean = {axis: math.floor(sum(at.get(axis, 0) for at in placed.values()) / len(placed) + 0.5) for axis in ("x", "y")}
    draft.set(["layout", circuit, instance], mean)
