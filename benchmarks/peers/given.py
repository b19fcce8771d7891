"""A document as plain JSON, for programs that do not have the studio: elements, projections, numbers in the catalogue's units."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# defaults of the models that the benchmarks use (docs/models)
LIF = {"tau_m": 10.0, "c_m": 0.25, "v_rest": -70.0, "v_reset": -70.0, "v_th": -55.0, "t_ref": 2.0, "i_offset": 0.0}


class Unsupported(Exception):
    """The document has something that the benchmarks' small readers do not know."""


@dataclass(frozen=True)
class Element:
    """A population or a source."""

    key: str
    kind: str
    model: str
    size: int
    params: dict[str, Any]


@dataclass(frozen=True)
class Link:
    """A projection: connector, kinetics and plasticity as (model, parameters)."""

    key: str
    source: str
    target: str
    connector: tuple[str, dict[str, Any]]
    kinetics: tuple[str, dict[str, Any]]
    plasticity: tuple[str, dict[str, Any]]
    weight: Any  # number, or a distribution as in the document
    delay: Any  # [ms]


@dataclass(frozen=True)
class Given:
    """A whole network in one circuit."""

    elements: dict[str, Element]
    links: tuple[Link, ...]
    dt: float  # [ms]

    @property
    def populations(self) -> dict[str, Element]:
        return {k: e for k, e in self.elements.items() if e.kind == "population"}


def read(path: str | Path) -> Given:
    """Read a document without nested circuits; raise Unsupported for others."""
    document = json.loads(Path(path).read_text(encoding="utf-8"))
    circuit = document["circuits"][document.get("main", "main")]
    elements = {key: _element(key, node) for key, node in circuit["nodes"].items()}
    links = tuple(_link(key, p) for key, p in circuit.get("projections", {}).items())
    return Given(elements, links, float(document.get("run", {}).get("dt", 0.1)))


def is_drawn(value: Any) -> bool:
    """Whether a value is a distribution."""
    return isinstance(value, dict)


def mean(value: Any) -> float:
    """A number, or the centre of a distribution."""
    if not is_drawn(value):
        return float(value)
    return float(value["normal"][0]) if "normal" in value else 0.5 * sum(value["uniform"])


def _element(key: str, node: dict[str, Any]) -> Element:
    if (node["kind"], node["model"]) not in {("population", "lif"), ("source", "poisson")}:
        raise Unsupported(f"{key}: {node['kind']} {node['model']}")
    params = {**(LIF if node["kind"] == "population" else {}), **node.get("params", {}), **node.get("start", {})}
    return Element(key, node["kind"], node["model"], node.get("size", 1), params)


def _link(key: str, p: dict[str, Any]) -> Link:
    def choice(name: str, default: str) -> tuple[str, dict[str, Any]]:
        chosen = p.get(name, {})
        return chosen.get("model", default), chosen.get("params", {})

    return Link(
        key,
        p["from"],
        p["to"],
        choice("connector", "all_to_all"),
        choice("kinetics", "delta"),
        choice("plasticity", "static"),
        p.get("weight", 1.0),
        p.get("delay", 1.0),
    )
