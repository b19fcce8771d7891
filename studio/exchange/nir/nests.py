"""Circuits as graphs in the graph: those of which one node hears the outside and one is heard there, since NIR can address no others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from studio.exchange.nir.splice import splice
from studio.exchange.nir.tree import from_nir
from studio.exchange.nir.wiring import links, recurrent
from studio.findings import Finding

Edge = tuple[str, str]


def nested(nodes: Mapping[str, Any], edges: Iterable[Edge], places: Mapping[str, str]) -> tuple[dict[str, Any], list[Edge], list[Finding]]:
    """The graph with a sub-graph for each circuit that NIR can say. `places`: the path of the instance that a node lies in ("" for none).

    Circuits inside circuits come out as graphs inside graphs. Where the loops of the graph would be cut elsewhere, it stays as it was.
    """
    made, left, findings = dict(nodes), list(edges), list[Finding]()
    where = {name: place for name, place in places.items() if name in made}
    paths = {p for place in where.values() if place for p in _around(place)}
    for path in sorted(paths, key=lambda p: (-p.count("."), p)):
        made, left, where, found = _one(made, left, where, path)
        findings += found
    if not _loops_alike(nodes, list(edges), made, left):
        text = "Circuits are written unfolded: as graphs in the graph, other connections would close its loops."
        return dict(nodes), list(edges), [Finding("lossy.nested", "info", "", text)]
    return made, left, findings


def _around(path: str) -> list[str]:
    parts = path.split(".")
    return [".".join(parts[: n + 1]) for n in range(len(parts))]


def _one(
    nodes: dict[str, Any], edges: list[Edge], where: dict[str, str], path: str
) -> tuple[dict[str, Any], list[Edge], dict[str, str], list[Finding]]:
    """One circuit folded, or a finding about why it cannot be."""
    import nir

    inside = {name for name, place in where.items() if place == path}
    heard = {b for a, b in edges if b in inside and a not in inside}
    told = {a for a, b in edges if a in inside and b not in inside}
    around = ".".join(path.split(".")[:-1])
    if not inside or len(heard) != 1 or len(told) != 1:
        count = f"{len(heard)} of its nodes hear the outside and {len(told)} are heard there"
        text = f"NIR can address graphs with one way in and one way out only: {count}, so it is written unfolded."
        moved = {name: around if place == path else place for name, place in where.items()}
        return nodes, edges, moved, [Finding("lossy.nested", "info", path, text)] if inside else []
    (first,), (last,) = heard, told
    title = _title(path, nodes)
    names = {name: _inner(name, path) for name in inside}
    sub = {names[n]: nodes[n] for n in nodes if n in inside}
    sub["input"] = nir.Input({"input": _shape(nodes[first], "input_type")})
    sub["output"] = nir.Output({"output": _shape(nodes[last], "output_type")})
    within = [(names[a], names[b]) for a, b in edges if a in inside and b in inside]
    graph = nir.NIRGraph(sub, [*within, ("input", names[first]), (names[last], "output")], type_check=False)
    rest = {n: node for n, node in nodes.items() if n not in inside} | {title: graph}
    outer = [(title if a in inside else a, title if b in inside else b) for a, b in edges if not (a in inside and b in inside)]
    return rest, list(dict.fromkeys(outer)), {n: p for n, p in where.items() if n not in inside} | {title: around}, []


def _title(path: str, nodes: Mapping[str, Any]) -> str:
    name = "".join(c if c.isalnum() else "_" for c in path).strip("_")
    return name if name not in nodes else f"{name}_circuit"


def _inner(name: str, path: str) -> str:
    prefix = "".join(c if c.isalnum() else "_" for c in path).strip("_") + "_"
    own = name.removeprefix(prefix).lstrip("_")
    return own if own not in ("", "input", "output") else name


def _shape(node: Any, kind: str) -> np.ndarray:
    given = getattr(node, kind, None) or {}
    return np.asarray(next(iter(given.values())))


def _loops_alike(nodes: Mapping[str, Any], edges: list[Edge], made: Mapping[str, Any], left: list[Edge]) -> bool:
    """Whether the folded graph, unfolded again by a reader, has as many recurrent connections between neurons of the same parameters."""
    import nir

    return _closing(nir.NIRGraph(dict(nodes), edges, type_check=False)) == _closing(nir.NIRGraph(dict(made), left, type_check=False))


def _closing(graph: Any) -> list[Edge]:
    """The recurrent connections of a graph, its names without the dots of nested graphs."""
    flat, _ = splice(from_nir(graph))
    found, _ = links(flat)
    closing = recurrent([(k.source, k.target) for k in found])
    return sorted((_plain(a), _plain(b)) for a, b in closing)


def _plain(name: str) -> str:
    return "".join(c for c in name if c.isalnum())
