"""A NIR file as plain values, read with care: nothing is executed, no link is followed, no array is larger than allowed.

`nir` itself raises on what it does not know; here everything strange becomes a finding, and the rest is still read.
Format: HDF5 as written by nir 0.2 to 1.0.8 (https://neuroir.org).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Union

import numpy as np

from studio.exchange.nir.probe import MAX_BYTES, verdict
from studio.findings import Finding

MAX_NODES = 100_000
MAX_DEPTH = 16
MAX_TEXT = 2**30

Param = Union[np.ndarray, str]


@dataclass(frozen=True)
class Node:
    """One node: its NIR type and parameters (float64 or integer arrays, text)."""

    type: str
    params: Mapping[str, Param] = field(default_factory=dict)

    def array(self, name: str) -> np.ndarray:
        """A numeric parameter as float64; KeyError or TypeError when it is missing or text."""
        value = self.params[name]
        if isinstance(value, str):
            raise TypeError(f"“{name}” is text, not numbers")
        return np.asarray(value, np.float64)


@dataclass(frozen=True)
class Graph:
    """Nodes by name (a nested graph is a Graph), edges in the file's order without repetitions, metadata."""

    nodes: Mapping[str, Union[Node, Graph]]
    edges: tuple[tuple[str, str], ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    version: str = ""


class Broken(Exception):
    """Raised inside this module where a file is not what it says it is."""


def read_graph(path: str | Path) -> tuple[Graph | None, tuple[Finding, ...]]:
    """The graph of a `.nir` file, and what was strange about it."""
    import h5py

    name = Path(path).name
    findings: list[Finding] = []
    try:
        damage = verdict(path)
        if damage:
            raise Broken(damage)
        with h5py.File(path, "r") as file:
            reader = _Reader(findings)
            root = reader.child(file, "node")
            if not isinstance(root, h5py.Group):
                raise Broken("it has no group “node”")
            version = reader.text(file, "version") or ""
            return reader.graph(root, "", version), tuple(findings)
    except FileNotFoundError:
        return None, (Finding("path.file", "error", "", f"There is no file “{path}”."),)
    except Broken as why:
        return None, (*findings, Finding("text.nir", "error", "", f"“{name}” is not a NIR graph: {why}."))
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, UnicodeError, MemoryError, OverflowError) as why:
        return None, (*findings, Finding("text.nir", "error", "", f"“{name}” cannot be read as a NIR file (HDF5): {_first_line(why)}."))


def from_nir(graph: Any) -> Graph:
    """The same from a `nir.NIRGraph` in memory."""
    return _from_dict(graph.to_dict())


def fingerprint(graph: Graph) -> str:
    """SHA-256 (hex) of what the graph means: nodes, parameters, edges; not metadata, not a `v_reset` of zero (older files leave it out)."""
    return hashlib.sha256("\n".join(f"{name} {digest}" for name, digest in sorted(fingerprints(graph).items())).encode()).hexdigest()


def fingerprints(graph: Graph) -> dict[str, str]:
    """The same for each node, and for the edges under the name "->"."""
    out = {name: fingerprint(node) if isinstance(node, Graph) else _node_digest(node) for name, node in graph.nodes.items()}
    return out | {"->": hashlib.sha256(repr(sorted(graph.edges)).encode()).hexdigest()}


def _node_digest(node: Node) -> str:
    digest = hashlib.sha256(node.type.encode())
    for name, value in sorted(node.params.items()):
        if isinstance(value, str):
            digest.update(f"|{name}={value}".encode())
        elif name != "v_reset" or np.any(value):
            digest.update(f"|{name}{np.shape(value)}".encode() + np.ascontiguousarray(value, "<f8").tobytes())
    return digest.hexdigest()


class _Reader:
    """Walks the HDF5 groups of one file and counts what it takes."""

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        self.bytes = 0
        self.nodes = 0

    def child(self, group: Any, name: str) -> Any:
        """A member by hard link, or None; links to elsewhere are refused."""
        import h5py

        link = group.get(name, getlink=True)
        if link is None:
            return None
        if not isinstance(link, h5py.HardLink):
            raise Broken(f"“{name}” is a link to another place")
        return group[name]

    def graph(self, group: Any, where: str, version: str = "", depth: int = 0) -> Graph:
        import h5py

        if depth > MAX_DEPTH:
            raise Broken(f"graphs are nested deeper than {MAX_DEPTH} levels")
        if self.text(group, "type") != "NIRGraph":
            raise Broken(f"{where or 'its root'} has the type “{self.text(group, 'type')}”, not NIRGraph")
        members = self.child(group, "nodes")
        if not isinstance(members, h5py.Group):
            raise Broken(f"{where or 'its root'} has no nodes")
        nodes = {}
        for name in map(str, members):
            self.nodes += 1
            if self.nodes > MAX_NODES:
                raise Broken(f"it has more than {MAX_NODES:,} nodes")
            nodes[name] = self.node(self.child(members, name), f"{where}.{name}" if where else name, depth)
        return Graph(nodes, self.edges(group, nodes, where), self.metadata(group), version)

    def node(self, group: Any, where: str, depth: int) -> Node | Graph:
        import h5py

        if not isinstance(group, h5py.Group):
            raise Broken(f"node “{where}” is not a group")
        kind = self.text(group, "type") or ""
        if kind == "NIRGraph":
            return self.graph(group, where, depth=depth + 1)
        params: dict[str, Param] = {}
        for name in map(str, group):
            member = self.child(group, name)
            if name not in ("type", "metadata") and isinstance(member, h5py.Dataset):
                params[name] = self.value(member, f"{where}.{name}")
        return Node(kind, params)

    def edges(self, group: Any, nodes: Mapping[str, Any], where: str) -> tuple[tuple[str, str], ...]:
        member = self.child(group, "edges")
        found = member[()] if member is not None and member.size else np.zeros((0, 2), object)
        if member is not None and ((member.dtype.kind not in "OS" and member.size) or np.ndim(found) != 2 or np.shape(found)[1] != 2):
            raise Broken("its edges are not pairs of names")
        pairs = dict.fromkeys((_decode(a), _decode(b)) for a, b in found)
        good = tuple(p for p in pairs if all(end in nodes or end.split(".")[0] in nodes for end in p))
        if len(good) < len(pairs):
            self.findings.append(
                Finding(
                    "path.edge",
                    "warning",
                    where,
                    f"{len(pairs) - len(good)} edges lead from or to nodes that the file does not have; they are left out.",
                )
            )
        if len(pairs) < len(found):
            self.findings.append(
                Finding("path.edge", "info", where, f"{len(found) - len(pairs)} edges are given more than once; each is taken once.")
            )
        return good

    def metadata(self, group: Any) -> dict[str, Any]:
        import h5py

        member = self.child(group, "metadata")
        if not isinstance(member, h5py.Group):
            return {}
        return {name: self.value(member[name], name) for name in map(str, member) if isinstance(self.child(member, name), h5py.Dataset)}

    def text(self, group: Any, name: str) -> str | None:
        member = self.child(group, name)
        if member is None:
            return None
        value = self.value(member, name)
        return value if isinstance(value, str) else None

    def value(self, dataset: Any, where: str) -> Param:
        """One dataset; Broken for one that is stored elsewhere, too large, or of a kind that NIR does not use."""
        import h5py

        if not isinstance(dataset, h5py.Dataset):
            raise Broken(f"“{where}” is not a value")
        if dataset.external or dataset.is_virtual:
            raise Broken(f"“{where}” is stored in another file")
        kind = dataset.dtype.kind
        if kind in "OS":
            if dataset.size != 1:
                raise Broken(f"“{where}” is a list of texts")
            return _decode(np.asarray(dataset[()]).item())
        if kind not in "fiub":
            raise Broken(f"“{where}” holds neither numbers nor text")
        self.bytes += (dataset.size or 0) * 8
        if self.bytes > MAX_BYTES:
            raise Broken(f"its arrays take more than {MAX_BYTES:,} bytes")
        array = np.asarray(dataset[()])
        if kind == "f" and not np.isfinite(array).all():
            raise Broken(f"“{where}” holds values that are not finite numbers")
        return array


def _from_dict(given: Mapping[str, Any]) -> Graph:
    nodes: dict[str, Union[Node, Graph]] = {}
    for name, node in given["nodes"].items():
        if node["type"] == "NIRGraph":
            nodes[name] = _from_dict(node)
        else:
            kept = {
                k: v if isinstance(v, str) else np.asarray(v)
                for k, v in node.items()
                if k not in ("type", "metadata") and v is not None and not isinstance(v, dict)
            }
            nodes[name] = Node(node["type"], kept)
    edges = tuple(dict.fromkeys((_decode(a), _decode(b)) for a, b in given["edges"]))
    return Graph(nodes, edges, dict(given.get("metadata") or {}))


def _decode(value: Any) -> str:
    text = value.decode("utf-8") if isinstance(value, bytes) else value
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise Broken("a name or a text is neither UTF-8 nor of a sensible length")
    return text


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200].rstrip(".")
