"""Routing tables: from trees to entries, and to fewer entries that say the same.

A packet matches an entry when `packet & mask == key`; the first match decides. Without a match it leaves by the link opposite to the one
it came in by (default routing), which a straight way needs no entry for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from studio.backends.spinnaker.keys import FULL
from studio.backends.spinnaker.machine import N_LINKS, Chip
from studio.backends.spinnaker.trees import Tree

Route = int  # bits 0..5 the links E, NE, N, W, SW, S; bits 6.. the cores 0..


@dataclass(frozen=True)
class Entry:
    """One line of a table. `default`: default routing would do the same for every packet that arrives here for it."""

    key: int
    mask: int
    route: Route
    default: bool = False


@dataclass(frozen=True)
class Sent:
    """One block of keys and where it goes: the tree over chips, and the cores on each."""

    key: int
    mask: int
    tree: Tree
    cores: Mapping[Chip, frozenset[int]]


def route(links: Iterable[int], cores: Iterable[int]) -> Route:
    """The word of a route."""
    return sum(1 << link for link in links) | sum(1 << (N_LINKS + core) for core in cores)


def links_of(word: Route) -> list[int]:
    return [link for link in range(N_LINKS) if word >> link & 1]


def cores_of(word: Route) -> list[int]:
    return [core for core in range(word.bit_length() - N_LINKS) if word >> (N_LINKS + core) & 1]


def entries(sent: Iterable[Sent]) -> dict[Chip, list[Entry]]:
    """The entries of every chip that packets pass, one for each block of keys, sorted by key."""
    out: dict[Chip, list[Entry]] = {}
    for block in sent:
        for chip, links in block.tree.out.items():
            cores = block.cores.get(chip, frozenset())
            came = block.tree.came[chip]
            default = not cores and came >= 0 and links == {came}
            out.setdefault(chip, []).append(Entry(block.key, block.mask, route(links, cores), default))
    return {chip: sorted(table, key=lambda e: e.key) for chip, table in sorted(out.items())}


@dataclass
class _Node:
    """A block of keys: a leaf with its entry, or two halves. `choices` are the routes that suit, None standing for no entry."""

    prefix: int
    length: int
    choices: frozenset[Route | None]
    halves: tuple[_Node, _Node] | None = None


def minimise(table: Sequence[Entry], pairs_up_to: int = 160) -> list[Entry]:
    """A smaller table that routes every key of this one as it does; keys that are never sent may go anywhere.

    The better of two: entries with masks of leading ones, of which there are as few as can be, and pairs of entries merged one after the
    other with masks of any form, which is tried for tables of up to `pairs_up_to` entries. Keys of the table must be disjoint blocks.
    """
    table = sorted(table, key=lambda e: e.key)
    found = leading(table)
    if len(table) > pairs_up_to:
        return found
    merged = paired(table)
    return merged if len(merged) < len(found) else found


def leading(table: Sequence[Entry]) -> list[Entry]:
    """The fewest entries with masks of leading ones, longer masks first.

    Optimal route tables of Draves R et al. (1999, doi:10.1109/INFCOM.1999.749256), keys that are never sent being free and default routing
    one more choice.
    """
    leaves = [_leaf(entry) for entry in table]
    if not leaves:
        return []
    out: list[Entry] = []
    stack: list[tuple[_Node, Route | None]] = [(_join(leaves), None)]
    while stack:
        node, inherited = stack.pop()
        if inherited not in node.choices:
            chosen = min((c for c in node.choices if c is not None), default=None)
            if chosen is not None:
                out.append(Entry(node.prefix, _mask(node.length), chosen))
                inherited = chosen
        stack += [(half, inherited) for half in node.halves or ()]
    return sorted(out, key=lambda e: (-e.mask, e.key))


def paired(table: Sequence[Entry]) -> list[Entry]:
    """Entries of one route merged while the merged one covers no key of a route that comes later; rare routes come first."""
    by_route: dict[Route, list[tuple[int, int]]] = {}
    for entry in table:
        by_route.setdefault(entry.route, []).append((entry.key, entry.mask))
    order = sorted(by_route, key=lambda word: (len(by_route[word]), word))
    out: list[Entry] = []
    for n, word in enumerate(order):
        later = np.array([block for other in order[n + 1 :] for block in by_route[other]], np.uint32).reshape(-1, 2)
        out += [Entry(key, mask, word) for key, mask in _merged(by_route[word], later)]
    return out


def _merged(blocks: list[tuple[int, int]], others: np.ndarray) -> list[tuple[int, int]]:
    """Blocks of keys with pairs replaced by one that holds both and touches none of the others."""
    left, done = list(blocks), []
    while left:
        at = left.pop(0)
        for k, block in enumerate(left):
            mask = at[1] & block[1] & ~(at[0] ^ block[0])
            key = at[0] & mask
            if not np.any((others[:, 0] ^ np.uint32(key)) & others[:, 1] & np.uint32(mask) == 0):
                del left[k]
                left.append((key, mask))
                break
        else:
            done.append(at)
    return done


def differs(table: Iterable[Entry], smaller: Sequence[Entry]) -> Entry | None:
    """The first entry of a table some of whose keys a smaller table routes otherwise; None where there is none."""
    keys, masks, words = (np.array([getattr(e, name) for e in smaller], object) for name in ("key", "mask", "route"))
    keys, masks = keys.astype(np.uint32), masks.astype(np.uint32)
    for entry in table:
        touching = np.flatnonzero((keys ^ np.uint32(entry.key)) & masks & np.uint32(entry.mask) == 0)
        if not _same(entry, touching, masks, words):
            return entry
    return None


def _same(entry: Entry, touching: np.ndarray, masks: np.ndarray, words: np.ndarray) -> bool:
    """Whether the entries that touch a block, in their order, send all of it along its route."""
    for k in touching:
        if words[k] != entry.route:
            return False
        if int(masks[k]) & entry.mask == int(masks[k]):
            return True  # (the whole block has found its entry)
    return entry.default and not touching.size


def prefix(mask: int) -> bool:
    """Whether a mask is of leading ones."""
    return mask == _mask(mask.bit_count())


def _leaf(entry: Entry) -> _Node:
    length = entry.mask.bit_count()
    if not prefix(entry.mask):
        raise ValueError(f"the mask {entry.mask:#010x} is not of leading ones")
    return _Node(entry.key, length, frozenset([entry.route, None] if entry.default else [entry.route]))


def _join(nodes: list[_Node]) -> _Node:
    """The tree over nodes sorted by key: neighbours that agree in most bits are joined first."""
    stack: list[_Node] = []
    for node in nodes:
        while len(stack) > 1 and _shared(stack[-2], stack[-1]) >= _shared(stack[-1], node):
            right, left = stack.pop(), stack.pop()
            stack.append(_parent(left, right))
        stack.append(node)
    while len(stack) > 1:
        right, left = stack.pop(), stack.pop()
        stack.append(_parent(left, right))
    return stack[0]


def _parent(left: _Node, right: _Node) -> _Node:
    length = _shared(left, right)
    both = left.choices & right.choices
    return _Node(left.prefix & _mask(length), length, both or left.choices | right.choices, (left, right))


def _shared(a: _Node, b: _Node) -> int:
    """How many leading bits two blocks have in common."""
    return min(32 - (a.prefix ^ b.prefix).bit_length(), a.length, b.length)


def _mask(length: int) -> int:
    return FULL & ~((1 << (32 - length)) - 1)
