"""Growing arrays with bounded memory: chunks in memory up to a limit, then a file that the system pages in when it is read."""

from __future__ import annotations

import tempfile
from typing import Any

import numpy as np

LIMIT = 256 << 20  # bytes one spool keeps in memory


class Spool:
    """Append rows of one dtype and width; `take` gives all of them as one array (mapped from a file when they outgrew memory)."""

    def __init__(self, dtype: Any, width: int | None = None, limit: int = LIMIT) -> None:
        self.dtype, self.width, self.limit = np.dtype(dtype), width, limit
        self._chunks: list[np.ndarray] = []
        self._bytes = 0
        self._file: Any = None
        self.rows = 0

    def append(self, rows: np.ndarray) -> None:
        if not len(rows):
            return
        chunk = np.array(rows, self.dtype)
        self.rows += len(chunk)
        self._chunks.append(chunk)
        self._bytes += chunk.nbytes
        if self._bytes > self.limit:
            self._spill()

    def _spill(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="spike-studio-")  # noqa: SIM115
        for chunk in self._chunks:
            self._file.write(chunk.tobytes())
        self._chunks, self._bytes = [], 0

    def take(self) -> np.ndarray:
        """All rows so far, read-only."""
        shape = (self.rows,) if self.width is None else (self.rows, self.width)
        if self._file is not None:
            self._spill()
            self._file.flush()
            out: np.ndarray = np.memmap(self._file, self.dtype, "r", shape=shape)
            return out
        out = np.concatenate(self._chunks).reshape(shape) if self._chunks else np.empty(shape, self.dtype)
        out.flags.writeable = False
        return out
