"""`ungroup`: the nodes of an instance come out into the circuit that holds it; nothing it overrides is lost.

Only an instance with one copy can be ungrouped. Order of changes: (1) each inner node, with the instance's overrides written into it,
under its own key or the next free one; (2) each inner projection likewise (its own key when free, else the smallest free p number);
(3) each outer projection that ends at a port: one for each inner end (from-ends outside, to-ends inside), the first keeps its key;
one without any inner end is taken away; (4) ports of the outer circuit; (5) the instance; (6) layout: inner positions around the
place of the instance; (7) references lose the instance, constraints
on all of it name its nodes (one for each, or in the list); (8) the inner circuit and its layout, when nothing else uses it.
An override `a.b` is written over those of the same keys for single copies, since what is further out wins.
"""

from __future__ import annotations

from typing import Any

from studio.network.edit.draft import Draft, Json, copied, refuse
from studio.network.edit.keys import called, circuit_of, free_projection, node_of, place, taken_in, unique
from studio.network.edit.nodes import renamed
from studio.network.edit.references import drop, rewrite, spread
from studio.network.edit.remove import head_of
from studio.network.paths import Path, Step, parse

PARTS = {"connector": "all_to_all", "kinetics": "delta", "plasticity": "static", "device": "ideal"}


def ungroup(draft: Draft, command: Json) -> str:
    """Put the content of an instance in its place."""
    circuit, key = command["circuit"], command["node"]
    instance = node_of(draft, circuit, key)
    if instance.get("kind") != "instance":
        raise refuse("path.kind", place(draft, circuit, key), f"“{called(instance, key)}” is not a circuit.")
    if instance.get("repeat", 1) != 1:
        raise refuse(
            "size.copies",
            place(draft, circuit, key),
            f"“{called(instance, key)}” stands for {instance['repeat']} copies and cannot be ungrouped.",
            "Set its repeat to 1 first.",
        )
    inner = circuit_of(draft, instance.get("of"))
    new = _bring_in(draft, circuit, instance, inner)
    _reconnect(draft, circuit, key, inner, new)
    draft.unset(["circuits", circuit, "nodes", key])
    _lay_out(draft, circuit, key, instance["of"], new)
    _rewrite(draft, circuit, key, new, {new[k]: node for k, node in sorted(inner.get("nodes", {}).items())})
    if not _used(draft.document, instance["of"]):
        draft.unset(["circuits", instance["of"]])
        draft.unset(["layout", instance["of"]])
    return f"Ungroup {called(instance, key)}"


def _bring_in(draft: Draft, circuit: str, instance: Json, inner: Json) -> dict[str, str]:
    """Steps 1 and 2; the new key of each inner node and projection."""
    outer = circuit_of(draft, circuit)
    new: dict[str, str] = {}
    settings = _settings(instance)
    for old, node in sorted(inner.get("nodes", {}).items()):
        new[old] = unique(old, taken_in(outer))
        draft.set(["circuits", circuit, "nodes", new[old]], _with(node, [s for s in settings if s[0].key == old]))
    for old, projection in sorted(inner.get("projections", {}).items()):
        taken = taken_in(outer)
        new[old] = old if old not in taken else free_projection(taken)
        ends = {end: renamed(projection[end], new) for end in ("from", "to")}
        made = _with({**projection, **ends}, [s for s in settings if s[0].key == old])
        draft.set(["circuits", circuit, "projections", new[old]], made)
    return new


def _settings(instance: Json) -> list[tuple[Step, tuple[Step, ...], Any]]:
    """(first step, the others, value) of each override that means the one copy; for all copies first."""
    out = []
    for text, value in sorted(instance.get("override", {}).items()):
        steps = parse(text).steps
        if not steps[0].key:
            if not steps[0].takes(0):
                continue
            steps = steps[1:]
        out.append((text.startswith("["), steps[0], steps[1:], value))
    return [(first, rest, value) for _, first, rest, value in sorted(out, key=lambda s: s[0])]


def _with(part: Json, settings: list[tuple[Step, tuple[Step, ...], Any]]) -> Json:
    """A node or projection with overrides written into it."""
    inside = Draft(copied(part))
    for first, rest, value in settings:
        names = [s.key for s in rest]
        if part.get("kind") == "instance" and names != ["repeat"]:
            _override(inside, Path((*((Step("", first.index),) if first.index else ()), *rest)), value)
        elif "kind" not in part and len(names) == 2 and names[0] in PARTS:
            if not inside.get([names[0]]):
                inside.set([names[0]], {"model": PARTS[names[0]]})
            inside.set([names[0], "params", names[1]], value)
        elif "kind" not in part or names[:1] == ["start"] or names in (["size"], ["repeat"]):
            inside.set(names, value)
        else:
            inside.set(["params", *names], value)
    return inside.document


def _override(inside: Draft, path: Path, value: Any) -> None:
    keys = [k for k in path.keys if k]
    for text in sorted(inside.get(["override"], {})):
        same_keys = [k for k in parse(text).keys if k] == keys
        if same_keys and not any(s.index for s in path.steps):
            inside.unset(["override", text])
    inside.set(["override", str(path)], value)


def _reconnect(draft: Draft, circuit: str, key: str, inner: Json, new: dict[str, str]) -> None:
    """Steps 3 and 4."""

    def ends(end: str) -> list[str]:
        steps = parse(end).steps
        if steps[0].key != key:
            return [end]
        port = inner.get("ports", {}).get(steps[1].key, {}) if len(steps) == 2 else {}
        return [renamed(e, new) for e in port.get("to" if port.get("direction") == "in" else "from", [])]

    outer = circuit_of(draft, circuit)
    gone = set()
    for name, projection in sorted(outer.get("projections", {}).items()):
        if key not in (head_of(projection["from"]), head_of(projection["to"])):
            continue
        pairs = [{"from": a, "to": b} for a in ends(projection["from"]) for b in ends(projection["to"])]
        if not pairs:
            draft.unset(["circuits", circuit, "projections", name])
            gone.add((circuit, name))
        for k, pair in enumerate(pairs):
            to = name if k == 0 else free_projection(taken_in(outer))
            draft.set(["circuits", circuit, "projections", to], {**projection, **pair})
    for name, port in sorted(outer.get("ports", {}).items()):
        side = "to" if port.get("direction") == "in" else "from"
        draft.set(["circuits", circuit, "ports", name, side], [e for end in port.get(side, []) for e in ends(end)])
    drop(draft, gone)


def _lay_out(draft: Draft, circuit: str, key: str, inner: str, new: dict[str, str]) -> None:
    positions = draft.get(["layout", inner], {})
    placed = {old: positions[old] for old in sorted(positions) if old in new}
    here = draft.get(["layout", circuit, key])
    if placed:
        mean = {axis: sum(at.get(axis, 0) for at in placed.values()) / len(placed) for axis in ("x", "y")}
        centre = here or mean
        for old, at in placed.items():
            shifted = {axis: centre.get(axis, 0) + (at.get(axis, 0) - mean[axis]) for axis in ("x", "y")}
            draft.set(["layout", circuit, new[old]], {**at, **shifted})
    if here is not None:
        draft.unset(["layout", circuit, key])


def _rewrite(draft: Draft, circuit: str, key: str, new: dict[str, str], inner: dict[str, Json]) -> None:
    """Step 7: `here.exc` becomes `exc`; the walk no longer finds the instance, so its next step is looked up in `new`."""

    def change(path: Path, k: int, place: tuple[str, str]) -> Path | None:
        if place != (circuit, key) or k + 1 >= len(path.steps) or path.steps[k + 1].key not in new:
            return None
        follows = path.steps[k + 1]
        return Path((*path.steps[:k], Step(new[follows.key], follows.index), *path.steps[k + 2 :]))

    rewrite(draft, change)
    spread(draft, (circuit, key), inner)
    drop(draft, {(circuit, key)})


def _used(document: Json, circuit: str) -> bool:
    if document.get("main") == circuit:
        return True
    return any(
        node.get("of") == circuit
        for one in document["circuits"].values()
        for node in one.get("nodes", {}).values()
        if node.get("kind") == "instance"
    )
