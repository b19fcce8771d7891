"""What a run records, growing with bounded memory: in memory up to a limit, then in a file that the system pages in when it is read.

A file that belongs to a journal can be taken up again after the process was killed: every piece is whole or cut off by `Stream.resume`.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

LIMIT = 256 << 20  # bytes that all spools of a run keep in memory together
PIECE = 1 << 20  # spikes that are unpacked at a time
GATHERED = 4 << 20  # bytes that are written at a time
HEAD = 16  # bytes before the spikes of a batch: its first step and how many there are, int64


class Stream:
    """Bytes in order. `file` None: a temporary one, once they outgrow `limit`."""

    def __init__(self, limit: int = LIMIT, file: Path | None = None) -> None:
        self.limit, self.file = limit, file
        self.length = 0  # bytes in all
        self._written = 0  # of them in the file
        self.problem: OSError | None = None  # why the file could not take what was appended; it is still in memory
        self._held: list[bytes] = []
        self._open: Any = None

    def append(self, *arrays: np.ndarray) -> None:
        """Take in arrays, one after the other; `problem` says when the file could not."""
        self._held += [np.ascontiguousarray(a).tobytes() for a in arrays]
        self.length += sum(a.nbytes for a in arrays)
        if self.length - self._written > self.limit:
            try:
                self.flush()
            except OSError as problem:
                self.problem = problem

    def flush(self) -> None:
        """Move what is in memory to the file; raise OSError where that fails, and keep it in memory."""
        if not self._held:
            return
        if self._open is None:
            self._open = open(self.file, "a+b", buffering=0) if self.file else tempfile.TemporaryFile(prefix="spike-studio-", buffering=0)  # noqa: SIM115
        self._open.seek(self._written)  # what a full disk took of the last attempt is written again
        try:
            for some in gathered(self._held):
                write_all(self._open.fileno(), some)
        except OSError:
            self._open.truncate(self._written)
            raise
        self._written, self._held = self.length, []

    def resume(self, length: int) -> None:
        """Go on after the first `length` bytes of the file."""
        assert self.file is not None
        self._open = open(self.file, "a+b", buffering=0)  # noqa: SIM115
        self._open.truncate(length)
        self.length = self._written = length

    def read(self) -> np.ndarray:
        """All bytes, uint8, read-only; mapped from the file where they are there."""
        if self._open is None:
            out = np.frombuffer(b"".join(self._held), np.uint8)
            out.flags.writeable = False
            return out
        try:
            self.flush()
        except OSError:  # a full disk: what is in memory is still there
            return np.concatenate([self._mapped(), np.frombuffer(b"".join(self._held), np.uint8)])
        return self._mapped()

    def _mapped(self) -> np.ndarray:
        return np.memmap(self._open, np.uint8, "r", shape=(self._written,)) if self._written else np.zeros(0, np.uint8)


def gathered(held: list[bytes]) -> Iterator[bytes]:
    """Many small pieces as few larger ones."""
    at, size = 0, 0
    for k, piece in enumerate(held):
        size += len(piece)
        if size >= GATHERED or k + 1 == len(held):
            yield b"".join(held[at : k + 1]) if k > at else piece
            at, size = k + 1, 0


def write_all(file: int, data: bytes) -> None:
    """Write every byte; `os.write` may take fewer."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


class Spool:
    """Rows of one dtype and width; `take` gives all of them as one array."""

    def __init__(self, dtype: Any, width: int | None = None, limit: int = LIMIT, file: Path | None = None) -> None:
        self.dtype, self.width = np.dtype(dtype), width
        self.stream = Stream(limit, file)

    @property
    def rows(self) -> int:
        size = self.dtype.itemsize * (1 if self.width is None else self.width)
        return self.stream.length // size if size else 0

    def append(self, rows: np.ndarray) -> None:
        if len(rows):
            self.stream.append(np.asarray(rows, self.dtype))

    def take(self) -> np.ndarray:
        """All rows so far, read-only."""
        out = shaped(self.stream.read(), self.dtype, self.width)
        out.flags.writeable = False
        return out


def shaped(data: np.ndarray, dtype: Any, width: int | None) -> np.ndarray:
    """Bytes as rows; a row that is not whole is left out."""
    size = np.dtype(dtype).itemsize * (1 if width is None else width)
    whole = data[: len(data) // size * size] if size else data[:0]
    return whole.view(dtype) if width is None else whole.view(dtype).reshape(-1 if width else 0, width)


class SpikeSpool:
    """The spikes of one node, by time and id: four to six bytes each, in batches of a head, steps since the first, ids."""

    def __init__(self, size: int, limit: int = LIMIT, file: Path | None = None, stream: Stream | None = None) -> None:
        self.ids = np.dtype(np.uint16 if size <= 1 << 16 else np.uint32)
        self.size, self.limit = size, limit
        self.stream = stream or Stream(limit, file)
        self.n = 0

    def append(self, steps: np.ndarray, ids: np.ndarray) -> None:
        """Spikes of one batch; `steps` rise."""
        if not len(steps):
            return
        first = int(steps[0])
        if int(steps[-1]) - first > np.iinfo(np.uint16).max:
            cut = int(np.searchsorted(steps, first + np.iinfo(np.uint16).max, side="right"))
            self.append(steps[:cut], ids[:cut])
            return self.append(steps[cut:], ids[cut:])
        self.n += len(steps)
        self.stream.append(np.array([first, len(steps)], np.int64), (steps - first).astype(np.uint16), ids.astype(self.ids))

    def batches(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Steps and ids, int64, batch by batch; an unfinished batch at the end is left out."""
        data, at, width = self.stream.read(), 0, 2 + self.ids.itemsize
        while at + HEAD <= len(data):
            first, n = (int(v) for v in data[at : at + HEAD].view(np.int64))
            begin = at + HEAD
            at = begin + n * width
            if n < 0 or at > len(data):
                return
            for low in range(0, n, PIECE):
                high = min(low + PIECE, n)
                steps = np.frombuffer(data, np.uint16, high - low, begin + 2 * low)
                ids = np.frombuffer(data, self.ids, high - low, begin + 2 * n + self.ids.itemsize * low)
                yield steps.astype(np.int64) + first, ids.astype(np.int64)

    def count(self) -> int:
        """How many whole spikes are there, read from what is stored."""
        return sum(len(steps) for steps, _ in self.batches())

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """All steps and ids, int64, read-only; in a temporary file where they are many."""
        many = 16 * self.n > self.limit
        steps, ids = (_large(self.n) if many else np.empty(self.n, np.int64) for _ in range(2))
        at = 0
        for when, who in self.batches():
            steps[at : at + len(when)], ids[at : at + len(when)] = when, who
            at += len(when)
        for out in (steps, ids):
            out.flags.writeable = False
        return steps, ids


def _large(n: int) -> np.ndarray:
    """An array in a temporary file; in memory where there is no room for it."""
    try:
        with tempfile.TemporaryFile(prefix="spike-studio-") as file:
            if hasattr(os, "posix_fallocate"):  # a hole that cannot be filled later would end the process
                os.posix_fallocate(file.fileno(), 0, 8 * n)
            return np.memmap(file, np.int64, "r+", shape=(n,))
    except OSError:
        return np.empty(n, np.int64)
