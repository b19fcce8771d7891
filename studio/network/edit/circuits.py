"""`add_circuit`, `remove_circuit`, `add_port`, `remove_port`."""

from __future__ import annotations

from studio.network.edit.connect import end_fits
from studio.network.edit.draft import Draft, Json, refuse
from studio.network.edit.keys import circuit_of, given, key_from, place, unique
from studio.network.edit.references import Place, drop
from studio.network.edit.remove import drop_port


def add_circuit(draft: Draft, command: Json) -> str:
    """An empty circuit."""
    name = command["name"]
    circuits = draft.document["circuits"]
    key = given(command["key"], circuits, "") if command.get("key") else unique(key_from(name, "circuit"), circuits)
    draft.set(["circuits", key], {"name": name, "nodes": {}, "projections": {}})
    return f"Add circuit {name}"


def remove_circuit(draft: Draft, command: Json) -> str:
    """A circuit that nothing uses, with its layout."""
    key = command["key"]
    circuit = circuit_of(draft, key)
    if key == draft.document.get("main"):
        raise refuse("path.used", key, f"“{key}” is the main circuit and cannot be removed.")
    for outer in sorted(draft.document["circuits"]):
        for name, node in sorted(circuit_of(draft, outer).get("nodes", {}).items()):
            if node.get("kind") == "instance" and node.get("of") == key:
                raise refuse("path.used", key, f"Circuit “{key}” is used by “{outer}:{name}”.", "Remove that first.")
    draft.unset(["circuits", key])
    draft.unset(["layout", key])
    return f"Remove circuit {circuit.get('name') or key}"


def add_port(draft: Draft, command: Json) -> str:
    """A port; each node it stands for must exist and fit its direction."""
    circuit, port = command["circuit"], command["port"]
    direction = port.get("direction")
    if direction not in ("in", "out"):
        raise refuse("text.type", circuit, f"The direction of a port is “in” or “out”, not “{direction}”.")
    inside = circuit_of(draft, circuit)
    key = given(command["key"], inside.get("ports", {}), circuit)
    for end in port.get("to" if direction == "in" else "from", ()):
        end_fits(draft, circuit, end, direction)
    draft.set(["circuits", circuit, "ports", key], port)
    return f"Add port {key}"


def remove_port(draft: Draft, command: Json) -> str:
    """A port, and the projections and ports outside that use it."""
    circuit, key = command["circuit"], command["key"]
    if key not in circuit_of(draft, circuit).get("ports", {}):
        raise refuse("path.port", place(draft, circuit, key), f"Circuit “{circuit}” has no port “{key}”.")
    gone: set[Place] = set()
    drop_port(draft, circuit, key, gone)
    drop(draft, gone)
    return f"Remove port {key}"
