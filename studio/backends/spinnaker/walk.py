"""Following a packet through the tables, chip by chip, as the routers do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from studio.backends.spinnaker.machine import Chip, Machine, opposite
from studio.backends.spinnaker.tables import Entry, Route, cores_of, links_of, prefix

Core = tuple[int, int, int]  # x, y, core
Look = Callable[[int], "Route | None"]


class Lost(ValueError):
    """A packet that comes nowhere: it runs off the machine, comes back to a chip, or finds no entry where it starts."""


@dataclass(frozen=True)
class Walk:
    """Where a packet arrived, and the links it took, (chip, link)."""

    cores: frozenset[Core]
    links: tuple[tuple[Chip, int], ...]


def walk(machine: Machine, look: Mapping[Chip, Look], start: Chip, packet: int) -> Walk:
    """All cores that one packet reaches. Raises Lost."""
    cores: set[Core] = set()
    links: list[tuple[Chip, int]] = []
    seen = {start}
    queue: list[tuple[Chip, int]] = [(start, -1)]
    while queue:
        chip, came = queue.pop()
        for link in _leaving(look, chip, came, packet, cores):
            beyond = machine.neighbour(chip, link)
            if beyond is None or beyond in seen:
                where = "comes back to" if beyond else "runs off the machine at"
                raise Lost(f"the packet {packet:#010x} from chip {start} {where} {beyond or chip}")
            seen.add(beyond)
            links.append((chip, link))
            queue.append((beyond, link))
    return Walk(frozenset(cores), tuple(links))


def _leaving(look: Mapping[Chip, Look], chip: Chip, came: int, packet: int, cores: set[Core]) -> Sequence[int]:
    """The links by which a packet leaves a chip; the cores it reaches there are added to `cores`. `came` is the direction it flies in."""
    word = look[chip](packet) if chip in look else None
    if word is None:
        if came < 0:
            raise Lost(f"the packet {packet:#010x} has no entry on chip {chip}, where it is sent")
        return (opposite(opposite(came)),)
    cores.update((*chip, core) for core in cores_of(word))
    return links_of(word)


def lookup(table: Sequence[Entry]) -> Look:
    """The route of a packet by a table: the first entry that matches."""
    if _longest_first(table):
        return _by_length(table)
    words = [(e.key, e.mask, e.route) for e in table]

    def first(packet: int) -> Route | None:
        return next((word for key, mask, word in words if packet & mask == key), None)

    return first


def looks(tables: Mapping[Chip, Sequence[Entry]]) -> dict[Chip, Look]:
    """How each chip looks packets up."""
    return {chip: lookup(table) for chip, table in tables.items()}


def _longest_first(table: Sequence[Entry]) -> bool:
    """Whether all masks are leading ones and longer ones come first: then one search for each length finds the first match."""
    masks = [e.mask for e in table]
    return masks == sorted(masks, reverse=True) and all(prefix(m) for m in set(masks))


def _by_length(table: Sequence[Entry]) -> Look:
    by_mask: dict[int, dict[int, Route]] = {}
    for e in table:
        by_mask.setdefault(e.mask, {}).setdefault(e.key, e.route)
    order = sorted(by_mask, reverse=True)

    def first(packet: int) -> Route | None:
        return next((by_mask[m][packet & m] for m in order if packet & m in by_mask[m]), None)

    return first
