"""NIR's graphs in graphs as circuits in circuits: a document that was read flat, folded up along the names of its nested graphs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Place = tuple[str, ...]  # the nested graphs around a node, outermost first


def places(titles: Mapping[str, str], graphs: Iterable[str]) -> dict[str, Place]:
    """Where each key stands; `titles` are keys by the names of nodes, `graphs` the names of nested graphs (`outer.inner`)."""
    known = sorted(graphs, key=len)
    return {key: tuple(g for g in known if title.startswith(f"{g}.")) for title, key in titles.items()}


@dataclass
class _Circuit:
    nodes: dict[str, Any] = field(default_factory=dict)
    projections: dict[str, Any] = field(default_factory=dict)
    ports: dict[str, Any] = field(default_factory=dict)
    layout: dict[str, Any] = field(default_factory=dict)


class Folded:
    """The circuits of a document. `title` gives the name of a flat key, `key_of` a key from a name, `unique` a free one."""

    def __init__(
        self, titles: Mapping[str, str], where: Mapping[str, Place], key_of: Callable[[str], str], unique: Callable[[str, Any], str]
    ) -> None:
        self.where, self.unique = where, unique
        self.circuits: dict[Place, _Circuit] = {(): _Circuit()}
        self.keys: dict[Place, str] = {(): "main"}
        self.instances: dict[Place, str] = {}
        self.local: dict[str, str] = {}
        by_key = {key: title for title, key in titles.items()}
        for place in sorted({p[:n] for p in where.values() for n in range(1, len(p) + 1)}, key=len):
            around = list(place[:-1])
            own = "".join(place[-1:]).removeprefix(f"{around[-1]}." if around else "")
            self.circuits[place] = _Circuit()
            self.keys[place] = unique(key_of(place[-1]), self.keys.values())
            outside = self.circuits[place[:-1]]
            self.instances[place] = unique(key_of(own), outside.nodes)
            outside.nodes[self.instances[place]] = {"kind": "instance", "name": own, "of": self.keys[place]}
        for key, place in where.items():
            title = by_key.get(key, key)
            graph = "".join(place[-1:])
            prefix = f"{graph}." if key in by_key else f"{key_of(graph)}_"
            self.local[key] = unique(key_of(title.removeprefix(prefix if graph else "")), self.circuits[place].nodes)
            self.circuits[place].nodes[self.local[key]] = None  # keeps its key

    def path(self, key: str) -> str:
        """The path of a flat node."""
        place = self.where[key]
        return ".".join([*(self.instances[place[: n + 1]] for n in range(len(place))), self.local[key]])

    def node(self, key: str, node: Mapping[str, Any], at: Mapping[str, Any]) -> None:
        place = self.where[key]
        name = node.get("name", "")
        own = name[len(place[-1]) + 1 :] if place and name.startswith(f"{place[-1]}.") else name
        self.circuits[place].nodes[self.local[key]] = {**node, "name": own}
        self.circuits[place].layout[self.local[key]] = at
        for n in range(len(place)):
            self.circuits[place[:n]].layout.setdefault(self.instances[place[: n + 1]], at)

    def projection(self, key: str, projection: Mapping[str, Any]) -> None:
        """A projection into the innermost circuit that holds both its ends."""
        a, b = projection["from"], projection["to"]
        together = tuple(x for x, y in zip(self.where[a], self.where[b], strict=False) if x == y)
        ends = {"from": self._end(a, len(together), "out"), "to": self._end(b, len(together), "in")}
        self.circuits[together].projections[key] = {**projection, **ends}

    def _end(self, key: str, depth: int, direction: str) -> str:
        """How the circuit `depth` graphs deep names a node further in: by a port of each circuit on the way."""
        place, inside = self.where[key], self.local[key]
        for n in range(len(place), depth, -1):
            circuit = self.circuits[place[:n]]
            port = f"{inside.replace('.', '_')}_{direction}"
            circuit.ports[port] = {"direction": direction, "to" if direction == "in" else "from": [inside]}
            inside = f"{self.instances[place[:n]]}.{port}"
        return inside

    def json(self, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """The circuits and their layouts."""
        circuits, layout = {}, {}
        for place, key in self.keys.items():
            made = self.circuits[place]
            ports = {"ports": made.ports} if made.ports else {}
            circuits[key] = {"name": place[-1] if place else name, "nodes": made.nodes, "projections": made.projections, **ports}
            layout[key] = made.layout
        return circuits, layout
