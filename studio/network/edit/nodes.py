"""`add_node`, `rename`, `move`, `duplicate`."""

from __future__ import annotations

from collections.abc import Iterator

from studio.network.edit.draft import Draft, Json, refuse
from studio.network.edit.keys import called, circuit_of, free_projection, given, key_from, node_of, taken_in, unique
from studio.network.paths import parse

KINDS = ("population", "source", "instance")
OFFSET = 40


def add_node(draft: Draft, command: Json) -> str:
    """A population, source or instance, and where it lies."""
    circuit, node = command["circuit"], command["node"]
    inside = circuit_of(draft, circuit)
    if node.get("kind") not in KINDS:
        raise refuse("text.kind", circuit, f"A node is a population, a source or an instance, not “{node.get('kind')}”.")
    if node["kind"] == "instance":
        _instance_fits(draft, circuit, node.get("of"))
    taken = taken_in(inside)
    key = given(command["key"], taken, circuit) if command.get("key") else unique(key_from(node.get("name"), "node"), taken)
    draft.set(["circuits", circuit, "nodes", key], node)
    if command.get("at"):
        draft.set(["layout", circuit, key], command["at"])
    return f"Add {called(node, key)}"


def _instance_fits(draft: Draft, circuit: str, of: object) -> None:
    circuit_of(draft, of)
    if circuit in used_by(draft.document, str(of)):
        raise refuse("cycle.circuit", circuit, f"Circuit “{circuit}” would contain itself through “{of}”.", "Use another circuit here.")


def used_by(document: Json, circuit: str) -> set[str]:
    """The circuit and all that its instances use, directly or further in."""
    found: set[str] = set()
    waiting = [circuit]
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            nodes = document["circuits"].get(key, {}).get("nodes", {})
            waiting += [node.get("of", "") for node in nodes.values() if node.get("kind") == "instance"]
    return found


def rename(draft: Draft, command: Json) -> str:
    """The name of a node or of a circuit; keys stay, so nothing else changes."""
    circuit, name = command["circuit"], command["name"]
    if not isinstance(name, str):
        raise refuse("text.type", circuit, "A name is text.")
    place = ["circuits", circuit, "nodes", command["node"]] if command.get("node") else ["circuits", circuit]
    old = node_of(draft, circuit, command["node"]) if command.get("node") else circuit_of(draft, circuit)
    label = f"Rename {called(old, place[-1])} to {name}"
    draft.set([*place, "name"], name)
    return label


def move(draft: Draft, command: Json) -> str:
    """Positions of nodes on the canvas; what else their layout says stays."""
    circuit = command["circuit"]
    positions = command["positions"]
    for key in sorted(positions):
        node_of(draft, circuit, key)
        old = draft.get(["layout", circuit, key], {})
        draft.set(["layout", circuit, key], {**old, **positions[key]})
    return f"Move {next(iter(positions))}" if len(positions) == 1 else f"Move {len(positions)} nodes"


def duplicate(draft: Draft, command: Json) -> str:
    """Copies of nodes, named “… copy”, and of the projections among them."""
    circuit = command["circuit"]
    keys = sorted(set(command["nodes"]))
    nodes = {key: node_of(draft, circuit, key) for key in keys}
    inside = circuit_of(draft, circuit)
    new: dict[str, str] = {}
    for key in keys:
        new[key] = unique(key, taken_in(inside))
        draft.set(["circuits", circuit, "nodes", new[key]], {**nodes[key], "name": called(nodes[key], key) + " copy"})
        at = draft.get(["layout", circuit, key])
        if at:
            draft.set(["layout", circuit, new[key]], {**at, "x": at.get("x", 0) + OFFSET, "y": at.get("y", 0) + OFFSET})
    for _, projection in list(_among(inside, set(keys))):
        ends = {end: renamed(projection[end], new) for end in ("from", "to")}
        draft.set(["circuits", circuit, "projections", free_projection(taken_in(inside))], {**projection, **ends})
    return f"Duplicate {called(nodes[keys[0]], keys[0])}" if len(keys) == 1 else f"Duplicate {len(keys)} nodes"


def _among(circuit: Json, keys: set[str]) -> Iterator[tuple[str, Json]]:
    for key, projection in sorted(circuit.get("projections", {}).items()):
        if head(projection["from"]) in keys and head(projection["to"]) in keys:
            yield key, projection


def head(end: str) -> str:
    """The node that an end of a projection names: `cols` of `cols[1].thalamus`."""
    return parse(end).steps[0].key


def renamed(end: str, new: dict[str, str]) -> str:
    """The end with its node's key replaced."""
    key = head(end)
    return new[key] + end[len(key) :]
