"""Keys are made from the first name and never change."""

from __future__ import annotations

import re
from collections.abc import Container
from typing import Any

from studio.network.document import KEY
from studio.network.edit.draft import Draft, Json, refuse


def key_from(name: Any, fallback: str) -> str:
    """`Layer 4 (exc)` -> `layer_4_exc`."""
    lowered = re.sub("[A-Z]", lambda m: m[0].lower(), name) if isinstance(name, str) else ""
    key = re.sub("[^a-z0-9]+", "_", lowered).strip("_")[:40].strip("_")
    if key[:1].isdigit():
        key = "n" + key
    return key or fallback


def unique(base: str, taken: Container[str]) -> str:
    """`base`, or `base_2`, `base_3`, ... whichever is free first."""
    if base not in taken:
        return base
    n = 2
    while f"{base}_{n}" in taken:
        n += 1
    return f"{base}_{n}"


def free_projection(taken: Container[str]) -> str:
    """The smallest free p1, p2, ..."""
    n = 1
    while f"p{n}" in taken:
        n += 1
    return f"p{n}"


def taken_in(circuit: Json) -> set[str]:
    """Keys of nodes and projections, which share one set."""
    return set(circuit.get("nodes", {})) | set(circuit.get("projections", {}))


def given(key: Any, taken: Container[str], where: str) -> str:
    """A key that a command brings along; refuse one that is malformed or taken."""
    if not isinstance(key, str) or not KEY.match(key):
        raise refuse(
            "text.key", where, f"“{key}” cannot be a key.", "A key is a lower-case letter followed by lower-case letters, digits and _."
        )
    if key in taken:
        raise refuse("path.taken", where, f"The key “{key}” is taken.", "Leave the key out to get a free one.")
    return key


def circuit_of(draft: Draft, key: Any) -> Json:
    """The circuit a command speaks of."""
    circuits = draft.document["circuits"]
    if not isinstance(key, str) or key not in circuits:
        raise refuse("path.unknown", str(key), f"There is no circuit “{key}”.", f"There is {', '.join(sorted(circuits))}.")
    return circuits[key]


def place(draft: Draft, circuit: Any, name: Any) -> str:
    """How findings call a member of a circuit."""
    return str(name) if circuit == draft.document.get("main") else f"{circuit}:{name}"


def node_of(draft: Draft, circuit: Any, key: Any) -> Json:
    """The node a command speaks of."""
    nodes = circuit_of(draft, circuit).get("nodes", {})
    if not isinstance(key, str) or key not in nodes:
        raise refuse(
            "path.unknown",
            place(draft, circuit, key),
            f"There is no node “{key}” in circuit “{circuit}”.",
            f"There is {', '.join(sorted(nodes))}." if nodes else "",
        )
    return nodes[key]


def called(node: Json, key: str) -> str:
    """What people call a node."""
    return str(node.get("name") or key)
