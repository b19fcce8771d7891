"""Nested graphs unfolded into one, so that paths can be followed through them: the nodes of a sub-graph `sub` are named `sub.x`, its inputs and outputs pass signals on."""

from __future__ import annotations

from studio.exchange.nir.tree import Graph, Node
from studio.findings import Finding

PASS = "Pass"  # an Input or Output of a nested graph


def nested(graph: Graph) -> list[str]:
    """The names of the graphs inside a graph, `outer.inner` for those inside these."""
    own = [name for name, node in graph.nodes.items() if isinstance(node, Graph)]
    return own + [f"{name}.{inner}" for name in own if isinstance(node := graph.nodes[name], Graph) for inner in nested(node)]


def splice(graph: Graph) -> tuple[Graph, tuple[Finding, ...]]:
    """The same graph without nested graphs."""
    graph, findings = _apart(graph), list[Finding]()
    nodes: dict[str, Node | Graph] = {}
    edges: list[tuple[str, str]] = []
    inner = {name: splice(node) for name, node in graph.nodes.items() if isinstance(node, Graph)}
    for name, node in graph.nodes.items():
        if name not in inner:
            nodes[name] = node
            continue
        sub, found = inner[name]
        findings += found
        nodes |= {f"{name}.{n}": _passed(x) for n, x in sub.nodes.items()}
        edges += [(f"{name}.{a}", f"{name}.{b}") for a, b in sub.edges]
    subs = {name: sub for name, (sub, _) in inner.items()}
    for a, b in graph.edges:
        outer = _end(a, subs, "Output", findings), _end(b, subs, "Input", findings)
        if outer[0] in nodes and outer[1] in nodes:
            edges.append(outer)
        else:
            findings.append(Finding("path.edge", "warning", a, f"The edge from “{a}” to “{b}” has no end; it is left out."))
    return Graph(nodes, tuple(edges), graph.metadata, graph.version), tuple(findings)


def _apart(graph: Graph) -> Graph:
    """The graph, where nodes whose own names look like those of a nested graph's nodes have others (`sub_x` for `sub.x`)."""
    around = [f"{name}." for name, node in graph.nodes.items() if isinstance(node, Graph)]
    taken, names = set(graph.nodes), dict[str, str]()
    for name in graph.nodes:
        if any(name.startswith(prefix) for prefix in around):
            plain = name.replace(".", "_")
            names[name] = next(n for k in range(len(taken) + 1) if (n := plain + "_" * k) not in taken)
            taken.add(names[name])
    if not names:
        return graph
    nodes = {names.get(name, name): node for name, node in graph.nodes.items()}
    edges = tuple((names.get(a, a), names.get(b, b)) for a, b in graph.edges)
    return Graph(nodes, edges, graph.metadata, graph.version)


def _passed(node: Node | Graph) -> Node | Graph:
    return Node(PASS, node.params) if isinstance(node, Node) and node.type in ("Input", "Output") else node


def _end(name: str, subs: dict[str, Graph], kind: str, findings: list[Finding]) -> str:
    """The node that an edge to or from a nested graph means: its only input or output, or the one it names (`sub.a`)."""
    if name not in subs:
        return name
    ports = [n for n, node in subs[name].nodes.items() if isinstance(node, Node) and node.type == kind]
    if len(ports) != 1:
        findings.append(
            Finding(
                "lossy.ports",
                "warning",
                name,
                f"The nested graph “{name}” has {len(ports)} {kind} nodes, so an edge to it does not say which; the first is taken.",
            )
        )
    return f"{name}.{ports[0]}" if ports else name
