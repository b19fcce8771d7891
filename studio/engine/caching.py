"""What numba keeps on disk of the engine's functions is as old as the engine: a change of one file makes the others compile again.

numba looks at the file of a function alone. The engine's functions take constants and other functions from each other's files: places in
tables, mostly. A function compiled for yesterday's places would read and write somewhere else.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Any

from numba.core.caching import CacheImpl  # pyright: ignore[reportPrivateImportUsage]

HERE = Path(__file__).resolve().parent


@lru_cache(maxsize=1)
def stamp() -> str:
    """Changes with every file of the engine."""
    files = sorted(HERE.glob("*.py"))
    return hashlib.sha256(repr([(f.name, f.stat().st_mtime_ns, f.stat().st_size) for f in files]).encode()).hexdigest()


def _of_the_engine(locator: Any) -> Any:
    """A place for cached functions as numba has it, for those of the engine."""

    class Locator(locator):
        @classmethod
        def from_function(cls, py_func: Any, py_file: str) -> Any:
            return super().from_function(py_func, py_file) if Path(py_file).parent == HERE else None

        def get_source_stamp(self) -> Any:
            return stamp()

    return Locator


def install() -> None:
    """Have numba ask here first; more than once does nothing."""
    known = CacheImpl._locator_classes
    if not any(c.__module__ == __name__ for c in known):
        known[:0] = [_of_the_engine(c) for c in list(known)]


install()
