"""`connect`: a projection between two nodes, through ports where a node is an instance."""

from __future__ import annotations

from studio.network.edit.draft import Draft, Json, refuse
from studio.network.edit.keys import called, circuit_of, free_projection, given, node_of, place, taken_in
from studio.network.paths import parse


def connect(draft: Draft, command: Json) -> str:
    """Add a projection whose ends exist."""
    circuit, projection = command["circuit"], command["projection"]
    inside = circuit_of(draft, circuit)
    source = end_fits(draft, circuit, projection["from"], "out")
    target = end_fits(draft, circuit, projection["to"], "in")
    taken = taken_in(inside)
    key = given(command["key"], taken, circuit) if command.get("key") else free_projection(taken)
    draft.set(["circuits", circuit, "projections", key], projection)
    return f"Connect {source} to {target}"


def end_fits(draft: Draft, circuit: str, end: str, direction: str) -> str:
    """What people call the node at an end; refuse an end that is not there or runs the wrong way."""
    steps = parse(end).steps
    key = steps[0].key
    node = node_of(draft, circuit, key)
    port = steps[1].key if len(steps) > 1 else None
    if node.get("kind") == "instance":
        _port_fits(draft, place(draft, circuit, end), node, port, direction, len(steps))
    elif len(steps) > 1:
        raise refuse(
            "path.port",
            place(draft, circuit, end),
            f"“{key}” is a {node.get('kind')} and has no port “{port}”.",
            f"Connect “{key}” itself.",
        )
    elif node.get("kind") == "source" and direction == "in":
        raise refuse("path.target", place(draft, circuit, end), f"“{called(node, key)}” is a source; nothing can be connected to it.")
    return called(node, key)


def _port_fits(draft: Draft, where: str, node: Json, port: str | None, direction: str, n_steps: int) -> None:
    ports = draft.get(["circuits", node.get("of", ""), "ports"], {})
    fitting = sorted(key for key, one in ports.items() if one.get("direction") == direction)
    if n_steps != 2 or port not in fitting:
        said = f"has no {'input' if direction == 'in' else 'output'} port “{port}”" if port else "is a circuit; connect one of its ports"
        raise refuse(
            "path.port",
            where,
            f"“{called(node, where)}” {said}.",
            f"Use {', '.join(fitting)}." if fitting else f"Add a port to circuit “{node.get('of')}”.",
        )
