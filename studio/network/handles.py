"""What the building methods hand back: names for nodes and projections, which read the current document."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from studio.findings import Finding, FindingError
from studio.network.document import Instance

if TYPE_CHECKING:
    from studio.network.build import Network


@dataclass(frozen=True)
class Handle:
    """A place in a circuit. `str` of it is its path inside that circuit."""

    path: str
    circuit: str
    network: Network = field(repr=False, compare=False)

    def __str__(self) -> str:
        return self.path


@dataclass(frozen=True, repr=False)
class Node(Handle):
    """A population, source or instance. `node[0:10]` are neurons or copies, `node["thalamus"]` is a port."""

    key: str = ""

    def __getitem__(self, chosen: Any) -> Handle:
        if isinstance(chosen, str):
            return Handle(f"{self.path}.{chosen}", self.circuit, self.network)
        parts = chosen if isinstance(chosen, tuple) else (chosen,)
        return Node(f"{self.path}[{', '.join(_index(p) for p in parts)}]", self.circuit, self.network, self.key)

    @property
    def json(self) -> dict[str, Any]:
        """Its JSON in the current document; raise FindingError when it has been removed."""
        nodes = self.network.json["circuits"].get(self.circuit, {}).get("nodes", {})
        if self.key not in nodes:
            raise FindingError([Finding("path.unknown", "error", self.path, f"“{self.key}” is no longer in the network.")])
        return nodes[self.key]

    @property
    def name(self) -> str:
        return str(self.json.get("name") or self.key)

    @property
    def size(self) -> int:
        """Neurons or elements; of an instance, its copies."""
        return int(self.json.get("repeat" if self.json["kind"] == "instance" else "size", 1))

    def __repr__(self) -> str:
        try:
            one = self.json
        except FindingError:
            return f"<removed node {self.path}>"
        model = self.network.document.circuits[self.circuit].nodes[self.key]
        what = f"{self.size} x circuit {model.of}" if isinstance(model, Instance) else f"{self.size} x {model.model}"
        return f"<{one['kind']} {self.path}: {what}>"


@dataclass(frozen=True, repr=False)
class Projection(Handle):
    """A projection."""

    key: str = ""

    @property
    def json(self) -> dict[str, Any]:
        """Its JSON in the current document; raise FindingError when it has been removed."""
        projections = self.network.json["circuits"].get(self.circuit, {}).get("projections", {})
        if self.key not in projections:
            raise FindingError([Finding("path.unknown", "error", self.path, f"“{self.key}” is no longer in the network.")])
        return projections[self.key]

    def __repr__(self) -> str:
        try:
            one = self.json
        except FindingError:
            return f"<removed projection {self.path}>"
        chosen = self.network.document.circuits[self.circuit].projections[self.key]
        return f"<projection {self.path}: {one['from']} -> {one['to']}, {chosen.connector.model}, {chosen.kinetics.model}>"


def _index(chosen: Any) -> str:
    if isinstance(chosen, slice):
        text = f"{'' if chosen.start is None else chosen.start}:{'' if chosen.stop is None else chosen.stop}"
        return text if chosen.step is None else f"{text}:{chosen.step}"
    return "*" if chosen is Ellipsis else str(int(chosen))
