"""Paths in a document that name nodes: overrides, signals of rules, recordings, the task, constraints; found, dropped and rewritten."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from studio.findings import FindingError
from studio.network.edit.draft import Draft, Json, Tokens
from studio.network.paths import Path, Step, parse

Place = tuple[str, str]  # (circuit, key of a node or projection)


@dataclass(frozen=True)
class Reference:
    """One path: where it stands, the circuit it starts in, and what it says. An override's path is the key of its entry."""

    tokens: tuple[str, ...]
    kind: str  # override | signal | record | task | constraint
    start: str
    path: Path


def references(document: Json) -> Iterator[Reference]:
    """All that can be read, in key order: overrides and signals, then recordings, then the task, then constraints."""
    circuits = document["circuits"]
    for circuit in sorted(circuits):
        for key, node in sorted(circuits[circuit].get("nodes", {}).items()):
            for text in sorted(node.get("override", {})) if node.get("kind") == "instance" else ():
                yield from _reference(("circuits", circuit, "nodes", key, "override", text), "override", node.get("of", ""), text)
        for key, projection in sorted(circuits[circuit].get("projections", {}).items()):
            for name, text in sorted((projection.get("plasticity") or {}).get("signals", {}).items()):
                yield from _reference(("circuits", circuit, "projections", key, "plasticity", "signals", name), "signal", circuit, text)
    main = document.get("main", "main")
    for k, one in enumerate((document.get("run") or {}).get("record") or ()):
        yield from _reference(("run", "record", str(k), "path"), "record", main, one.get("path"))
    for name in ("source", "readout"):
        yield from _reference(("task", name), "task", main, (document.get("task") or {}).get(name))
    for k, one in enumerate(document.get("constraints") or ()):
        yield from _reference(("constraints", str(k), "path"), "constraint", main, one.get("path"))
        for j, text in enumerate(one.get("paths") or ()):
            yield from _reference(("constraints", str(k), "paths", str(j)), "constraint", main, text)


def _reference(tokens: tuple[str, ...], kind: str, start: str, text: object) -> Iterator[Reference]:
    try:
        if isinstance(text, str):
            yield Reference(tokens, kind, start, parse(text))
    except FindingError:
        pass  # a malformed path names nothing; `check` reports it


def visited(document: Json, start: str, path: Path) -> Iterator[tuple[int, Place]]:
    """The step number and (circuit, key) of each node or projection that a path goes through."""
    circuit = start
    for k, step in enumerate(path.steps):
        if not step.key:
            continue
        yield k, (circuit, step.key)
        node = document["circuits"].get(circuit, {}).get("nodes", {}).get(step.key, {})
        if node.get("kind") != "instance":
            return
        circuit = node.get("of", "")


def drop(draft: Draft, gone: set[Place]) -> None:
    """Take away overrides, recordings and constraints of what is gone; an emptied list goes too, so that the default returns."""
    lost = [r for r in references(draft.document) if any(place in gone for _, place in visited(draft.document, r.start, r.path))]
    for reference in lost:
        if reference.kind in ("override", "signal"):
            draft.unset(list(reference.tokens))
    numbers = {int(r.tokens[2]) for r in lost if r.kind == "record"}
    if numbers:
        left = [one for k, one in enumerate(draft.document["run"]["record"]) if k not in numbers]
        draft.set(["run", "record"], left) if left else draft.unset(["run", "record"])
    _constrain(draft, {r.tokens[1:]: [] for r in lost if r.kind == "constraint"})


def spread(draft: Draft, gone: Place, inner: dict[str, Json]) -> None:
    """Put the nodes that an instance held in its place where a constraint names the whole instance; sources have no fan-in."""
    instead: dict[tuple[str, ...], list[str]] = {}
    for r in references(draft.document):
        if r.kind == "constraint" and list(visited(draft.document, r.start, r.path))[-1:] == [(len(r.path.steps) - 1, gone)]:
            kind = draft.get(["constraints", r.tokens[1], "kind"])
            fitting = [key for key, node in inner.items() if kind != "fan_in" or node.get("kind") != "source"]
            instead[r.tokens[1:]] = [str(Path((*r.path.steps[:-1], Step(key)))) for key in fitting]
    _constrain(draft, instead)


def _constrain(draft: Draft, instead: dict[tuple[str, ...], list[str]]) -> None:
    """Replace paths of constraints, each by any number of others: one constraint for each `path`; none without `paths`, or apart from none."""
    if not instead:
        return
    out: list[Json] = []
    for k, one in enumerate(draft.document["constraints"]):
        paths = [new for j, text in enumerate(one.get("paths") or ()) for new in instead.get((str(k), "paths", str(j)), [text])]
        if (str(k), "path") in instead:
            out += [{**one, "path": new} for new in instead[str(k), "path"]]
        elif paths == one.get("paths", []):
            out.append(one)
        elif len(paths) > (one.get("kind") == "keep_apart"):
            out.append({**one, "paths": paths})
    draft.set(["constraints"], out) if out else draft.unset(["constraints"])


def rewrite(draft: Draft, change: Callable[[Path, int, Place], Path | None]) -> None:
    """Rewrite each reference by the first step that `change` has an answer for."""
    for reference in list(references(draft.document)):
        for k, place in list(visited(draft.document, reference.start, reference.path)):
            new = change(reference.path, k, place)
            if new is not None:
                _write(draft, list(reference.tokens), reference.kind, str(new))
                break


def _write(draft: Draft, tokens: Tokens, kind: str, text: str) -> None:
    if kind != "override":
        draft.set(tokens, text)
        return
    value = draft.get(tokens)
    draft.unset(tokens)
    draft.set([*tokens[:-1], text], value)
