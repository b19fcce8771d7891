"""How far something long is, heard from inside it: emulators say it without being handed a listener."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Hear = Callable[[float], None]
_HEARS: ContextVar[Hear | None] = ContextVar("hears", default=None)


def tick(done: float) -> None:
    """Say that this part of the work (0 to 1) is done. Whoever listens may end it by raising; call it a few times a second."""
    hear = _HEARS.get()
    if hear is not None:
        hear(done)


@contextmanager
def heard(hear: Hear) -> Iterator[None]:
    """Let `hear` know of every `tick` inside."""
    before = _HEARS.set(hear)
    try:
        yield
    finally:
        _HEARS.reset(before)
