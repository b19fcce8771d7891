"""Tells when the engine's kernels are compiled: the first run of new models takes seconds for that, and whoever waits should read why."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

TELL_S = 0.3  # between two tellings of one compilation
COMPILING = "Compiling kernels (first run of these models)"


@contextmanager
def compiling_told(tell: Callable[[], None]) -> Iterator[None]:
    """Calls `tell` now and then while numba compiles something; kernels that lie on disk are only loaded, and not told."""
    from numba.core import event

    class Hears(event.Listener):
        last = -TELL_S

        def on_start(self, event: Any) -> None:
            if (now := time.monotonic()) - self.last >= TELL_S:
                self.last = now
                tell()

        def on_end(self, event: Any) -> None:
            """Nothing: what comes after says so itself."""

    hears = Hears()
    event.register("numba:run_pass", hears)
    try:
        yield
    finally:
        event.unregister("numba:run_pass", hears)
