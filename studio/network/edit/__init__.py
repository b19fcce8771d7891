"""Commands: every edit of a document becomes a JSON Patch (RFC 6902; add, replace, remove only) and its inverse.

`resolve(document, command)` never changes its input; a command that cannot be done raises FindingError and nothing happens.
The same commands exist in TypeScript; `tests/commands/*.json` is the table both sides pass. What they share:

- A command is an object `{"command": NAME, ...}`; any command may carry its own `label`.
- A change is a `set` or an `unset` at a JSON Pointer. `set` replaces what is there (and does nothing when it is equal as JSON),
  adds what is not, and adds missing parents as objects in one `add` at the highest missing one; in a list it replaces
  an index or appends (index = length, or `-`, written as the index). `unset` of what is not there does nothing.
- The inverse undoes each operation, last first: add -> remove, replace -> replace, remove -> add.
- Where several members are visited they are visited in key order (UTF-16 code units), circuits first, then nodes, projections, ports.
- Keys: the name, ASCII-lowered, every run of other characters than a-z 0-9 turned into one `_`, trimmed of `_`, cut to 40;
  `n` in front of a leading digit; `node`, `circuit` or `port` when nothing is left; then `_2`, `_3`, ... until free.
  Nodes and projections of a circuit share one set of keys. A projection takes p1, p2, ... (the smallest free number).
- References are paths that name nodes: `override` keys of instances, `run.record[].path`, `task.source`, `task.readout`, paths of constraints.

| command | does |
|---|---|
| `add_node {circuit, key?, node, at?}` | the node, then its position; an instance may not close a circle of circuits |
| `connect {circuit, key?, projection}` | both ends must exist and fit (ports of instances by direction, no source as target) |
| `remove {circuit, nodes?, projections?}` | everything that hangs on them too (see `remove.py` for the order) |
| `set {path, value}`, `unset {path}` | at a JSON Pointer; not at the root, not `/format` |
| `rename {circuit, node, name}` | the name of a node, or without `node` of the circuit; the key stays |
| `move {circuit, positions}` | each position merged into the node's layout |
| `group {circuit, nodes, name}` | see `group.py` |
| `ungroup {circuit, node}` | see `ungroup.py` |
| `duplicate {circuit, nodes}` | copies and the projections among them, 40 to the right and down |
| `add_circuit {key?, name}`, `remove_circuit {key}` | one that is used, or main, cannot be removed |
| `add_port {circuit, key, port}`, `remove_port {circuit, key}` | a port goes with the projections and ports that use it |
| `batch {commands, label}` | one after the other, all or none |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import jsonpatch
import jsonpointer

from studio.findings import Finding, FindingError
from studio.network.edit.circuits import add_circuit, add_port, remove_circuit, remove_port
from studio.network.edit.connect import connect
from studio.network.edit.draft import Draft, Json, copied, refuse
from studio.network.edit.fields import set_field, unset_field
from studio.network.edit.group import group
from studio.network.edit.nodes import add_node, duplicate, move, rename
from studio.network.edit.remove import remove
from studio.network.edit.ungroup import ungroup

__all__ = ["COMMANDS", "Edit", "apply", "resolve"]

# Each changes the draft and returns the label that undo shows.
COMMANDS: Mapping[str, Callable[[Draft, Json], str]] = {
    "add_node": add_node,
    "connect": connect,
    "remove": remove,
    "set": set_field,
    "unset": unset_field,
    "rename": rename,
    "move": move,
    "group": group,
    "ungroup": ungroup,
    "duplicate": duplicate,
    "add_circuit": add_circuit,
    "remove_circuit": remove_circuit,
    "add_port": add_port,
    "remove_port": remove_port,
}
MAX_BATCH_DEPTH = 8


@dataclass(frozen=True)
class Edit:
    """What a command does to a document, how to undo it, and what to call it."""

    patch: list[Json]
    inverse: list[Json]
    label: str

    def then(self, other: Edit) -> Edit:
        """Both as one, with this one's name."""
        return Edit(self.patch + other.patch, other.inverse + self.inverse, self.label)


def resolve(document: Json, command: Json, catalogue: Any = None) -> Edit:
    """The patch and inverse of a command on a document; raise FindingError where it cannot be done.

    `catalogue` is not needed by today's commands; it is taken for those that will ask what models mean.
    """
    draft = Draft(copied(document))
    label = _run(draft, command, 0)
    return Edit(draft.patch, draft.inverse, label)


def apply(document: Json, patch: list[Json]) -> Json:
    """A new document with the patch applied; the given one stays. Raise FindingError where it does not fit."""
    try:
        return jsonpatch.apply_patch(copied(document), copied(patch), in_place=True)
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, TypeError, AttributeError, KeyError, ValueError) as why:
        raise FindingError(
            [Finding("path.patch", "error", "", f"The change does not fit the document: {why}.", "Reload the document and try again.")]
        ) from None


def _run(draft: Draft, command: Json, depth: int) -> str:
    name = command.get("command") if isinstance(command, dict) else None
    try:
        label = _batch(draft, command, depth) if name == "batch" else _one(name)(draft, command)
    except (KeyError, TypeError, AttributeError) as why:
        raise FindingError(
            [Finding("text.command", "error", "", f"The command “{name}” is not complete: {why} is missing or of the wrong type.")]
        ) from None
    return str(command.get("label") or label)


def _one(name: Any) -> Callable[[Draft, Json], str]:
    if not isinstance(name, str) or name not in COMMANDS:
        raise refuse("text.command", "", f"There is no command “{name}”.", f"Use one of {', '.join(COMMANDS)}, batch.")
    return COMMANDS[name]


def _batch(draft: Draft, command: Json, depth: int) -> str:
    if depth >= MAX_BATCH_DEPTH:
        raise refuse("size.depth", "", "Batches are nested too deeply.")
    labels = [_run(draft, one, depth + 1) for one in command["commands"]]
    return labels[0] if len(labels) == 1 else f"{len(labels)} changes"
