"""Several pieces of work at the same time, one thread each; the caller hears how far they are and may end them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TypeVar

Result = TypeVar("Result")
Work = Callable[[Callable[[float], None]], Result]  # called with what it tells its progress (0 to 1) to
Tick = Callable[[float], None]
LOOK = 0.05  # seconds between two looks at the others' progress


class Stopped(Exception):
    """Another piece of the same work failed, or the caller had enough."""


def together(works: Sequence[Work[Result]], tick: Callable[[float], None] | None = None) -> list[Result]:
    """Do all `works`, the first in this thread. `tick(part done)` is called in this thread only; what it raises ends all of them."""
    done = [0.0] * len(works)
    stop: list[bool] = []

    def told(k: int) -> Callable[[float], None]:
        def tell(part: float) -> None:
            done[k] = part
            if stop:
                raise Stopped
            if k == 0 and tick:
                tick(sum(done) / len(done))

        return tell

    if len(works) == 1:
        return [works[0](told(0))]
    with ThreadPoolExecutor(max(len(works) - 1, 1)) as pool:
        others: list[Future[Result]] = [pool.submit(work, told(k)) for k, work in enumerate(works) if k]
        for other in others:
            other.add_done_callback(lambda ended: stop.append(True) if ended.exception() else None)
        try:
            first = [works[0](told(0))] if works else []
            while wait(others, LOOK).not_done:
                if tick:
                    tick(sum(done) / len(done))
        except Stopped:
            first = []  # one of the others says why
        except BaseException:
            stop.append(True)
            raise
        failed = [error for other in others if (error := other.exception())]
        for error in sorted(failed, key=lambda e: isinstance(e, Stopped)):
            raise error
        return [*first, *(other.result() for other in others)]


def shares(sizes: Sequence[float], tick: Tick | None) -> list[Tick | None]:
    """What each of several pieces of work, done one after the other, tells its progress to; `tick` hears that of the whole."""
    if tick is None:
        return [None] * len(sizes)
    total, before, out = sum(sizes) or 1.0, 0.0, []
    for size in sizes:
        out.append(lambda part, before=before, size=size: tick((before + part * size) / total))
        before += size
    return out  # type: ignore[return-value]
