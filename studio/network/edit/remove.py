"""`remove`: nodes and projections, with all that hangs on them.

Order of changes: (1) the projections that end at a removed node, with those named, in key order; (2) ports of the circuit
lose the removed nodes, and an emptied port is dropped: first itself, then in every circuit that uses this one its projections,
then the ports there that lead to it, and so on outwards; (3) each node, then its layout; (4) overrides, recordings, constraints.
A task that names a removed node stays, and `check` says so.
"""

from __future__ import annotations

from collections.abc import Callable

from studio.network.edit.draft import Draft, Json, refuse
from studio.network.edit.keys import called, circuit_of, node_of, place
from studio.network.edit.references import Place, drop
from studio.network.paths import parse


def remove(draft: Draft, command: Json) -> str:
    """Take away nodes and projections of one circuit."""
    circuit = command["circuit"]
    nodes: list[str] = sorted(set(command.get("nodes") or ()))
    named: list[str] = sorted(set(command.get("projections") or ()))
    label = _label(draft, circuit, nodes, named)
    gone: set[Place] = {(circuit, key) for key in nodes}
    drop_projections(draft, circuit, lambda key, p: key in named or any(head_of(p[end]) in nodes for end in ("from", "to")), gone)
    forget_in_ports(draft, circuit, lambda end: head_of(end) in nodes, gone)
    for key in nodes:
        draft.unset(["circuits", circuit, "nodes", key])
        draft.unset(["layout", circuit, key])
    drop(draft, gone)
    return label


def _label(draft: Draft, circuit: str, nodes: list[str], projections: list[str]) -> str:
    inside = circuit_of(draft, circuit).get("projections", {})
    names = [called(node_of(draft, circuit, key), key) for key in nodes]
    for key in projections:
        if key not in inside:
            raise refuse("path.unknown", place(draft, circuit, key), f"There is no projection “{key}” in circuit “{circuit}”.")
        names.append(f"{inside[key]['from']} to {inside[key]['to']}")
    return f"Remove {names[0]}" if len(names) == 1 else f"Remove {len(names)} parts"


def drop_projections(draft: Draft, circuit: str, unwanted: Callable[[str, Json], bool], gone: set[Place]) -> None:
    """Take away the projections of a circuit that are unwanted."""
    for key, projection in sorted(circuit_of(draft, circuit).get("projections", {}).items()):
        if unwanted(key, projection):
            draft.unset(["circuits", circuit, "projections", key])
            gone.add((circuit, key))


def forget_in_ports(draft: Draft, circuit: str, unwanted: Callable[[str], bool], gone: set[Place]) -> None:
    """Take unwanted ends out of the circuit's ports; drop a port that is left with none."""
    for key, port in sorted(circuit_of(draft, circuit).get("ports", {}).items()):
        side = "to" if port.get("direction") == "in" else "from"
        ends = port.get(side, [])
        left = [end for end in ends if not unwanted(end)]
        if len(left) == len(ends):
            continue
        if left:
            draft.set(["circuits", circuit, "ports", key, side], left)
        else:
            drop_port(draft, circuit, key, gone)


def drop_port(draft: Draft, circuit: str, port: str, gone: set[Place]) -> None:
    """Take away a port, and everything outside that uses it."""
    draft.unset(["circuits", circuit, "ports", port])
    for outer in sorted(draft.document["circuits"]):
        nodes = circuit_of(draft, outer).get("nodes", {})
        instances = {key for key, node in nodes.items() if node.get("kind") == "instance" and node.get("of") == circuit}
        if instances:
            drop_projections(draft, outer, lambda _, p: any(leads_to(p[end], instances, port) for end in ("from", "to")), gone)  # noqa: B023 (called at once)
            forget_in_ports(draft, outer, lambda end: leads_to(end, instances, port), gone)  # noqa: B023


def leads_to(end: str, instances: set[str], port: str) -> bool:
    """Whether an end is this port of one of these instances."""
    steps = parse(end).steps
    return len(steps) == 2 and steps[0].key in instances and steps[1].key == port


def head_of(end: str) -> str:
    """The node that an end names."""
    return parse(end).steps[0].key
