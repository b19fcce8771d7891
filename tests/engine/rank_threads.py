"""A group of processes played by threads of one process, so that what crosses between them is tested without MPI."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np


class Board:
    """What the threads of a group share."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.barrier = threading.Barrier(size, timeout=60)
        self.slots: list[Any] = [None] * size


class ThreadGroup:
    """A Group whose processes are threads."""

    def __init__(self, board: Board, rank: int) -> None:
        self.board, self.rank, self.size, self.neighbours = board, rank, board.size, board.size
        self.leads = rank == 0
        self.long = 0  # messages that did not fit a block

    def all(self, value: Any) -> list[Any]:
        self.board.slots[self.rank] = value
        self.board.barrier.wait()
        out = list(self.board.slots)
        self.board.barrier.wait()
        return out

    def share(self, block: np.ndarray, into: np.ndarray) -> None:
        for row, other in zip(into, self.all(block.copy()), strict=True):
            assert len(other) == len(row)
            row[:] = other

    def share_parts(self, message: np.ndarray, counts: np.ndarray, into: np.ndarray) -> None:
        assert len(message) == counts[self.rank]
        self.long += 1
        into[:] = np.concatenate(self.all(message.copy()))

    def collect(self, array: np.ndarray) -> list[np.ndarray]:
        out = self.all(array)
        return out if self.rank == 0 else []

    def give_up(self, code: int) -> NoReturn:
        self.board.barrier.abort()
        raise SystemExit(code)


def played(size: int, act: Callable[[ThreadGroup], Any]) -> list[Any]:
    """What `act` gives for each of `size` ranks, all at once; what one raises is raised here."""
    board = Board(size)
    done: list[Any] = [None] * size
    wrong: list[BaseException] = []

    def one(rank: int) -> None:
        try:
            done[rank] = act(ThreadGroup(board, rank))
        except BaseException as error:
            wrong.append(error)
            board.barrier.abort()

    threads = [threading.Thread(target=one, args=(rank,)) for rank in range(size)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise next((e for e in wrong if not isinstance(e, threading.BrokenBarrierError)), wrong[0])
    return done
