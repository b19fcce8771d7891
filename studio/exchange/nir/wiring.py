"""Which neurons drive which: the paths of a NIR graph from one stateful node to the next, and the loops among them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from studio.exchange.nir.linear import LINEAR, Wire, follow
from studio.exchange.nir.maps import NotLinear
from studio.exchange.nir.tree import Graph, Node
from studio.findings import Finding

NEURONS = ("LIF", "LI", "CubaLIF", "CubaLI", "IF", "I", "Threshold")
ANALOG = ("LI", "CubaLI", "I")  # their output is a number, not a spike
MAX_PATHS = 10_000


@dataclass(frozen=True)
class Link:
    """One path: from an Input or neuron node through linear nodes (`through`) to a neuron or Output node. `recurrent` closes a loop."""

    source: str
    target: str
    through: tuple[str, ...]
    wire: Wire
    kinds: tuple[str, ...] = ()  # NIR's types of `through`
    recurrent: bool = False


def links(graph: Graph) -> tuple[tuple[Link, ...], tuple[Finding, ...]]:
    """Every path between stateful nodes, in the order of the graph's edges."""
    walk = _Walk(graph)
    ends = [n for n, node in graph.nodes.items() if isinstance(node, Node) and node.type in (*NEURONS, "Output")]
    found = [link for end in ends for link in walk.into(end)]
    loops = recurrent([(k.source, k.target) for k in found])
    return tuple(Link(k.source, k.target, k.through, k.wire, k.kinds, (k.source, k.target) in loops) for k in found), tuple(walk.findings)


def sizes(graph: Graph) -> dict[str, int]:
    """How many values each Input and neuron node gives."""
    return {name: size(node) for name, node in graph.nodes.items() if isinstance(node, Node) and node.type in ("Input", *NEURONS)}


def size(node: Node) -> int:
    """Elements of an Input or neuron node."""
    if node.type == "Input":
        shape = node.params.get("shape", np.zeros(0))
        return int(np.prod(np.asarray(shape, np.int64))) if not isinstance(shape, str) else 0
    return int(max((np.size(v) for v in node.params.values() if not isinstance(v, str)), default=0))


def shape(node: Node) -> tuple[int, ...]:
    """The shape of its values: an Input's own, a neuron's longest parameter's."""
    if node.type == "Input":
        given = node.params.get("shape", np.zeros(0))
        return tuple(int(k) for k in np.ravel(given)) if not isinstance(given, str) else ()
    found = (np.shape(v) for v in node.params.values() if not isinstance(v, str))
    return max(found, key=lambda s: (np.prod(s), len(s)), default=())


def recurrent(edges: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """The edges that close a loop in a depth-first walk: first the nodes nothing leads to, then the others; names in alphabetical order.

    The same for our exporter and importer; for a neuron that drives itself every tool agrees.
    """
    following: dict[str, list[str]] = {}
    for a, b in sorted(set(edges)):
        following.setdefault(a, []).append(b)
    reached = {b for _, b in edges}
    back: set[tuple[str, str]] = set()
    done: set[str] = set()
    for start in sorted(following, key=lambda n: (n in reached, n)):
        _visit(start, following, done, back)
    return back


def _visit(start: str, following: Mapping[str, list[str]], done: set[str], back: set[tuple[str, str]]) -> None:
    if start in done:
        return
    stack = [(start, iter(following.get(start, ())))]
    on_path = {start}
    while stack:
        node, rest = stack[-1]
        step = next(rest, None)
        if step is None:
            stack.pop()
            on_path.discard(node)
            done.add(node)
        elif step in on_path:
            back.add((node, step))
        elif step not in done:
            on_path.add(step)
            stack.append((step, iter(following.get(step, ()))))


class _Walk:
    """Walks backwards from a neuron through linear nodes to what drives it."""

    def __init__(self, graph: Graph) -> None:
        self.nodes = graph.nodes
        self.before: dict[str, list[str]] = {}
        for a, b in graph.edges:
            self.before.setdefault(b, []).append(a)
        self.sizes = sizes(graph)
        self.findings: list[Finding] = []
        self.told: set[str] = set()

    def into(self, end: str) -> list[Link]:
        out: list[Link] = []
        paths: list[tuple[str, ...]] = [(before,) for before in reversed(self.before.get(end, []))]
        seen = 0
        while paths:
            path = paths.pop()
            seen += 1
            if seen > MAX_PATHS:
                self.tell(end, "lossy.paths", f"More than {MAX_PATHS:,} paths of linear nodes lead to “{end}”; the rest is left out.")
                break
            name = path[0]
            node = self.nodes[name]
            if isinstance(node, Node) and node.type in LINEAR:
                inner = [b for b in self.before.get(name, []) if b not in path]
                if len(inner) < len(self.before.get(name, [])):
                    self.tell(name, "cycle.linear", f"“{name}” leads back to itself without a neuron in between; that loop is left out.")
                paths += [(b, *path) for b in reversed(inner)]
            else:
                out += self.link(path, end, node)
        return out

    def link(self, path: tuple[str, ...], end: str, node: Node | Graph) -> list[Link]:
        source = path[0]
        if not isinstance(node, Node) or source not in self.sizes:
            self.unread(source, node)
            return []
        target = self.nodes[end]
        if node.type in ANALOG and not (isinstance(target, Node) and target.type == "Output"):
            self.tell(
                source,
                "lossy.analog",
                f"“{source}” ({node.type}) passes an analog value on to “{end}” inside the network; this connection is left out.",
            )
            return []
        wire, at = Wire(self.sizes[source], shape(node)), source
        try:
            for at in path[1:]:
                step = self.nodes[at]
                assert isinstance(step, Node)
                wire = follow(wire, step)
        except (NotLinear, KeyError, TypeError, ValueError) as why:
            text = str(why) if isinstance(why, NotLinear) else f"its parameters cannot be read ({type(why).__name__}: {why})"
            self.tell(at, "lossy.node", f"“{at}” cannot be carried over: {text}. The connection from “{source}” to “{end}” is left out.")
            return []
        return [Link(source, end, path[1:], wire, tuple(n.type for k in path[1:] if isinstance(n := self.nodes[k], Node)))]

    def unread(self, name: str, node: Node | Graph) -> None:
        kind = node.type if isinstance(node, Node) else "graph"
        text = (
            f"“{name}” is a NIR {kind or 'node without a type'}, which this studio does not read yet; it and its connections are left out."
        )
        self.tell(name, "lossy.node", text)

    def tell(self, where: str, code: str, text: str) -> None:
        if text not in self.told:
            self.told.add(text)
            self.findings.append(Finding(code, "warning", where, text))
