"""Multicast trees: from one chip to many, along shortest ways that share as many links as they can."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from studio.backends.spinnaker.machine import LINKS, N_LINKS, Chip, Machine

_STEPS = ((1, 0), (0, 1), (1, 1))  # what a vector's three parts count
_LINK_OF = {step: link for link, step in enumerate(LINKS)}


@dataclass(frozen=True)
class Tree:
    """Which links leave each chip, and by which link a packet came in (-1 at the root). No chip is reached twice."""

    root: Chip
    out: Mapping[Chip, frozenset[int]]
    came: Mapping[Chip, int]


def grow(machine: Machine, root: Chip, targets: Iterable[Chip]) -> Tree:
    """The tree from a chip to its targets: each joins, nearest to the root first, at the chip of the tree that is nearest to it.

    This is neighbour-exploring routing without a radius (Navaridas J et al. 2015, doi:10.1016/j.parco.2015.01.002): a way is laid
    along its longest direction first. Where a chip is missing on it, the shortest way around is taken.
    """
    out: dict[Chip, set[int]] = {root: set()}
    came: dict[Chip, int] = {root: -1}
    wanted = sorted(set(targets) - {root}, key=lambda chip: (machine.distance(root, chip), chip))
    for target in wanted:
        if target in out:
            continue
        start = min(out, key=lambda chip: (machine.distance(chip, target), chip))
        way = _direct(machine, start, target)
        if way is None or any(chip in out for chip, _ in way):
            start, way = _around(machine, out, target)
        at = start
        for chip, link in way:
            out[at].add(link)
            out[chip] = set()
            came[chip] = link
            at = chip
    return Tree(root, {chip: frozenset(links) for chip, links in out.items()}, came)


def _direct(machine: Machine, start: Chip, target: Chip) -> list[tuple[Chip, int]] | None:
    """Chips and the links that lead to them, longest direction first; None where a chip is missing."""
    parts = sorted(zip(machine.vector(start, target), _STEPS, strict=True), key=lambda part: -abs(part[0]))
    at, way = start, []
    for count, (dx, dy) in parts:
        sign = 1 if count > 0 else -1
        link = _LINK_OF[dx * sign, dy * sign]
        for _ in range(abs(count)):
            beyond = machine.neighbour(at, link)
            if beyond is None:
                return None
            way.append((beyond, link))
            at = beyond
    return way


def _around(machine: Machine, tree: Iterable[Chip], target: Chip) -> tuple[Chip, list[tuple[Chip, int]]]:
    """The shortest way from any chip of the tree, by breadth-first search. Raises ValueError where there is none."""
    first = sorted(tree)
    from_: dict[Chip, tuple[Chip, int] | None] = dict.fromkeys(first)
    queue = deque(first)
    while queue and target not in from_:
        at = queue.popleft()
        for link in range(N_LINKS):
            beyond = machine.neighbour(at, link)
            if beyond is not None and beyond not in from_:
                from_[beyond] = (at, link)
                queue.append(beyond)
    if target not in from_:
        raise ValueError(f"no way leads to chip {target}")
    way: list[tuple[Chip, int]] = []
    at = target
    while (step := from_[at]) is not None:
        way.append((at, step[1]))
        at = step[0]
    return at, way[::-1]
