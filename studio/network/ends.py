"""The two ends of a projection: which populations and sources it joins, through ports and copies."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Literal

from studio.findings import Finding, FindingError
from studio.network.document import Instance, Offsets, Projection
from studio.network.paths import Path, Step, did_you_mean, parse

if TYPE_CHECKING:
    from studio.network.unfold import Scope

Direction = Literal["in", "out"]
Copy = tuple[int, ...]


@dataclass(frozen=True)
class End:
    """Leaf paths by copy. `grid` is the shape of the copies (None: not a repeated instance)."""

    copies: dict[Copy, tuple[str, ...]]
    grid: Copy | None


def pairs(scope: Scope, projection: Projection, where: str) -> tuple[tuple[tuple[str, str], ...], list[Finding]]:
    """The (source, target) paths that a projection joins, in order of copies; and what is wrong with its ends."""
    findings: list[Finding] = []
    try:
        source = _end(scope, projection.from_, "out", where)
        target = _end(scope, projection.to, "in", where)
        chosen = _copies(projection, source, target, where)
    except FindingError as wrong:
        return (), list(wrong.findings)
    found = [(s, t) for a, b in chosen for s, t in product(source.copies[a], target.copies[b])]
    if not found:
        findings.append(Finding("path.empty", "warning", where, "This projection reaches nothing."))
    return tuple(dict.fromkeys(found)), findings


def node_of(scope: Scope, text: str, where: str) -> str:
    """The path of the one population or source that a text names in its circuit, through a port perhaps; raise FindingError otherwise."""
    found = [path for paths in _end(scope, text, "out", where).copies.values() for path in paths]
    if len(found) != 1:
        raise _error("path.signal", where, f"“{text}” names {len(found)} populations, and a signal has one.", "Name one population.")
    return found[0]


def _end(scope: Scope, text: str, direction: Direction, where: str) -> End:
    try:
        steps = parse(text).steps
    except FindingError as wrong:
        raise FindingError([Finding(f.code, "error", where, f.text, f.fix) for f in wrong.findings]) from None
    first = steps[0]
    if first.key in scope.leaves:
        return End({(0,): (_leaf(scope, steps, direction, where),)}, None)
    node = scope.circuit.nodes.get(first.key)
    if not isinstance(node, Instance):
        raise _error(
            "path.unknown",
            where,
            f"There is no node “{first.key}” for this projection to {'reach' if direction == 'in' else 'come from'}.",
            did_you_mean(first.key, sorted(scope.circuit.nodes)),
        )
    if len(steps) != 2 or steps[1].index:
        raise _error("path.port", where, f"“{text}” must name a port of the circuit “{node.of}”.", f"Write {first.key}.PORT.")
    inside = scope.instances[first.key]
    grid = node.shape or ((1, len(inside)) if len(inside) > 1 else None)
    chosen = {_coordinate(k, grid): tuple(port(one, steps[1].key, direction, where)) for k, one in enumerate(inside) if first.takes(k)}
    if inside and not chosen:
        raise _error(
            "path.unknown",
            where,
            f"“{text}” names no copy of “{first.key}”, which has {len(inside)}.",
            f"Copies are numbered from 0 to {len(inside) - 1}.",
        )
    return End(chosen, grid)


def _leaf(scope: Scope, steps: tuple[Step, ...], direction: Direction, where: str) -> str:
    key = steps[0].key
    if steps[1:] or steps[0].index:
        raise _error("path.port", where, f"“{Path(steps)}”: “{key}” is connected as a whole and has no ports.", f"Write {key}.")
    if direction == "in" and scope.leaves[key].node.kind == "source":
        raise _error("path.target", where, f"“{key}” is a source; nothing can be connected to it.", "Turn the projection around.")
    return scope.leaves[key].path


def port(scope: Scope, name: str, direction: Direction, where: str) -> list[str]:
    """The leaf paths that a port of one copy of a circuit stands for."""
    found = scope.circuit.ports.get(name)
    if found is None or found.direction != direction:
        fitting = sorted(key for key, one in scope.circuit.ports.items() if one.direction == direction)
        raise _error(
            "path.port",
            where,
            f"Circuit “{scope.key}” has no {'input' if direction == 'in' else 'output'} port “{name}”.",
            did_you_mean(name, fitting),
        )
    out: list[str] = []
    for end in found.inside:
        for leaves in _end(scope, end, direction, f"{scope.key}:{name}").copies.values():
            out += leaves
    return list(dict.fromkeys(out))


def _coordinate(k: int, grid: Copy | None) -> Copy:
    if grid is None:
        return (k,)
    out: list[int] = []
    for n in reversed(grid):
        k, rest = divmod(k, n)
        out.insert(0, rest)
    return tuple(out)


def _copies(projection: Projection, source: End, target: End, where: str) -> list[tuple[Copy, Copy]]:
    """Which copy of the source reaches which copy of the target."""
    if projection.copies == "all":
        return list(product(source.copies, target.copies))
    if source.grid is None or source.grid != target.grid:
        text = f"“copies” pairs copy with copy, but the source has {_count(source)} and the target {_count(target)}."
        raise _error("path.copies", where, text, "Give both the same number (and shape) of copies, or use “all”.")
    if not isinstance(projection.copies, Offsets):
        return [(c, c) for c in source.copies if c in target.copies]
    return _shifted(projection.copies, source, target, source.grid, where)


def _shifted(copies: Offsets, source: End, target: End, grid: Copy, where: str) -> list[tuple[Copy, Copy]]:
    out: list[tuple[Copy, Copy]] = []
    for copy, offset in product(source.copies, copies.offsets):
        full = (0, *offset) if len(offset) == 1 and len(grid) == 2 and grid[0] == 1 else offset
        if len(full) != len(grid):
            raise _error(
                "path.copies",
                where,
                f"The offset {list(offset)} does not fit the grid of copies {list(grid)}.",
                f"Give {len(grid)} numbers.",
            )
        reached = tuple(c + o for c, o in zip(copy, full, strict=True))
        if copies.wrap:
            reached = tuple(r % n for r, n in zip(reached, grid, strict=True))
        if reached in target.copies:
            out.append((copy, reached))
    return list(dict.fromkeys(out))


def _count(end: End) -> str:
    if end.grid is None:
        return "one copy"
    return f"{len(end.copies)} copies" if end.grid[0] == 1 else f"a grid of {' x '.join(str(n) for n in end.grid)} copies"


def _error(code: str, where: str, text: str, fix: str = "") -> FindingError:
    return FindingError([Finding(code, "error", where, text, fix)])
