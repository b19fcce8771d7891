"""Spikes packed by one process are read by another as if they were its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from engine.rank_threads import ThreadGroup, played

from studio.engine import loop as L
from studio.engine.native import address
from studio.engine.ranks_exchange import REMEMBERED, Exchange

STEPS = 3
NODES = 4  # node 2 is nobody's business, node 1 lists counts
SENT, COUNTED = (0, 1, 3), (1,)


class Lists:
    """Random spike lists of one process: `per_part[part][node]` is a list of steps, each (ids, counts)."""

    def __init__(self, seed: int, rank: int, parts: int, most: int) -> None:
        random = np.random.default_rng([seed, rank])
        self.keep: list[np.ndarray] = []
        self.per_part: list[list[list[tuple[np.ndarray, np.ndarray]]]] = []
        for part in range(parts):
            low = (rank * parts + part) * 1000
            self.per_part.append([[self._step(random, low, most) for _ in range(2 * STEPS)] for _ in range(NODES)])

    def _step(self, random: Any, low: int, most: int) -> tuple[np.ndarray, np.ndarray]:
        n = int(random.integers(0, most + 1))
        ids = np.sort(random.choice(1000, n, replace=False)).astype(np.uint32) + np.uint32(low)
        return ids, random.integers(1, 5, n).astype(np.int32)

    def write(self, table: np.ndarray, first: int) -> None:
        for part, nodes in enumerate(self.per_part):
            for index, steps in enumerate(nodes):
                ids = np.concatenate([s[0] for s in steps])
                counts = np.concatenate([s[1] for s in steps])
                offsets = np.cumsum([0, *(len(s[0]) for s in steps)]).astype(np.int64)
                self.keep += [ids, counts, offsets]
                row = table[first + part, index]
                row[L.IDS], row[L.OFFSETS] = address(ids), address(offsets)
                row[L.COUNTS] = address(counts) if index in COUNTED else 0

    def expected(self, index: int, step: int) -> list[tuple[int, int]]:
        both = [nodes[index][step] for nodes in self.per_part]
        return [(int(i), int(c) if index in COUNTED else 1) for ids, counts in both for i, c in zip(ids, counts, strict=True)]


def read(table: np.ndarray, part: int, index: int, row: int) -> list[tuple[int, int]]:
    """What the loop would deliver."""
    node = table[part, index]
    offsets = _at(node[L.OFFSETS] + 8 * row, 2, np.int64)
    first, last = offsets
    ids = _at(node[L.IDS] + 4 * first, last - first, np.uint32)
    counts = _at(node[L.COUNTS] + 4 * first, last - first, np.int32) if node[L.COUNTS] else np.ones(last - first, int)
    return list(zip(ids.tolist(), counts.tolist(), strict=True))


def _at(where: int, n: int, dtype: Any) -> np.ndarray:
    import ctypes

    size = int(n) * np.dtype(dtype).itemsize
    return np.frombuffer((ctypes.c_char * size).from_address(int(where)), dtype) if size else np.empty(0, dtype)


def process(group: ThreadGroup, parts: int, most: int, stop: dict[int, tuple[int, int]] | None = None) -> tuple[int, tuple[int, int], int]:
    """One process exchanges two slices; returns how many spikes it compared, what was said, and how many messages were long."""
    lists = [Lists(7, rank, parts, most) for rank in range(group.size)]
    table = np.zeros((group.size * parts, NODES, L.NODE_COLUMNS), np.int64)
    flags = np.zeros((3, group.size * parts), np.int64)
    first = group.rank * parts
    lists[group.rank].write(table, first)
    exchange = Exchange(group, table, flags, SENT, COUNTED, STEPS)
    compared = 0
    for turn, row in enumerate((0, STEPS)):
        flags[[turn, 2], first + parts - 1] = (stop or {}).get(group.rank, (0, 0))
        assert exchange._called(0, 0, 40 + row, STEPS, row, turn, L.ALL_NODES) == 0, exchange.problem
        for rank in range(group.size):
            if rank == group.rank:
                continue
            part = rank * parts
            assert table[part, 2, L.OFFSETS] == 0, "a node that nobody listens to is not sent"
            for index in SENT:
                for k in range(STEPS):
                    expected = lists[rank].expected(index, row + k)
                    assert read(table, part, index, row + k) == expected, (group.rank, rank, index, k)
                    compared += len(expected)
    return compared, (int(flags[1].any()), int(flags[2].any())), group.long


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("parts", [1, 2])
def test_every_process_reads_what_every_other_wrote(size: int, parts: int) -> None:
    for compared, said, long in played(size, lambda group: process(group, parts, 5)):
        assert compared > 20 and said == (0, 0) and long == 0


def test_messages_longer_than_a_block_arrive_too() -> None:
    for compared, _, long in played(3, lambda group: process(group, 2, 400)):
        assert compared > 3000 and long >= 1


def test_one_that_wants_to_stop_is_heard_by_all() -> None:
    said = [s for _, s, _ in played(3, lambda group: process(group, 1, 3, {1: (1, 0)}))]
    assert said == [(1, 0)] * 3


def test_one_with_a_bad_value_is_heard_by_all() -> None:
    said = [s for _, s, _ in played(3, lambda group: process(group, 1, 3, {2: (1, 1)}))]
    assert said == [(1, 1)] * 3


def test_blocks_grow_at_once_and_shrink_after_a_while() -> None:
    def act(group: ThreadGroup) -> list[int]:
        few, many = Lists(1, group.rank, 1, 2), Lists(2, group.rank, 1, 500)
        table = np.zeros((2, NODES, L.NODE_COLUMNS), np.int64)
        exchange = Exchange(group, table, np.zeros((3, 2), np.int64), SENT, COUNTED, STEPS)
        sizes = []
        for lists, times in ((few, 1), (many, 2), (few, 2 * REMEMBERED)):
            lists.write(table, group.rank)
            for _ in range(times):
                exchange.meet(STEPS, 0, 0)
            sizes.append(exchange._channels[L.ALL_NODES].block)
        assert group.long == 1, "the second long message fits"
        return sizes

    first, second = played(2, act)
    assert first == second
    assert first[0] < first[1] and first[2] == first[0]


def test_what_goes_wrong_in_a_call_is_kept_and_stops_the_loop() -> None:
    def act(group: ThreadGroup) -> tuple[int, str, list[int]]:
        flags = np.zeros((3, 2), np.int64)
        exchange = Exchange(group, np.zeros((2, NODES, L.NODE_COLUMNS), np.int64), flags, (), (), STEPS)
        group.board.barrier.abort()
        answer = exchange._called(0, 0, 0, STEPS, 0, 1, L.ALL_NODES)
        return answer, type(exchange.problem).__name__, flags.sum(1).tolist()

    assert played(2, act) == [(1, "BrokenBarrierError", [0, 1, 0])] * 2


def test_compiled_code_can_call_it() -> None:
    import ctypes

    def act(group: ThreadGroup) -> int:
        table = np.zeros((2, NODES, L.NODE_COLUMNS), np.int64)
        lists = Lists(3, group.rank, 1, 4)
        lists.write(table, group.rank)
        exchange = Exchange(group, table, np.zeros((3, 2), np.int64), SENT, COUNTED, STEPS)
        call = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_void_p, ctypes.c_void_p, *[ctypes.c_int64] * 5)(exchange.kernel)
        assert call(0, 0, 0, STEPS, 0, 0, L.ALL_NODES) == 0, exchange.problem
        return exchange.calls

    assert played(2, act) == [1, 1]
