"""Pieces of work at the same time: progress in the caller's thread, and an end when it has enough."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from engine.networks import projection

from studio.engine.building import Stopped, together
from studio.engine.connectivity import Ends, build, split


def test_results_come_in_order_and_progress_in_the_callers_thread() -> None:
    heard: list[tuple[float, int]] = []

    def piece(k: int):  # type: ignore[no-untyped-def]
        def work(told):  # type: ignore[no-untyped-def]
            for i in range(1, 5):
                told(i / 4)
            return k

        return work

    done = together([piece(k) for k in range(3)], lambda part: heard.append((part, threading.get_ident())))
    assert done == [0, 1, 2]
    assert {ident for _, ident in heard} == {threading.get_ident()}
    parts = [part for part, _ in heard]
    assert parts == sorted(parts) and parts[0] > 0 and parts[-1] <= 1


@pytest.mark.parametrize("pieces", [1, 3])
def test_the_caller_may_end_it(pieces: int) -> None:
    ended: list[int] = []

    def endless(told):  # type: ignore[no-untyped-def]
        try:
            while True:
                told(0.5)
                time.sleep(0.001)
        except BaseException:
            ended.append(1)
            raise

    def enough(part: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        together([endless] * pieces, enough)
    assert len(ended) == pieces


def test_an_error_in_one_piece_ends_the_others() -> None:
    seen: list[type] = []

    def endless(told):  # type: ignore[no-untyped-def]
        try:
            while True:
                told(0.5)
                time.sleep(0.001)
        except BaseException as error:
            seen.append(type(error))
            raise

    def wrong(told):  # type: ignore[no-untyped-def]
        raise ValueError("broken")

    for works in ([endless, wrong], [wrong, endless]):
        with pytest.raises(ValueError, match="broken"):
            together(works)
    assert seen == [Stopped, Stopped]


@pytest.mark.parametrize("connector", [("fixed_in_degree", {"k": 500}), ("fixed_out_degree", {"k": 500}), ("probability", {"p": 0.1})])
@pytest.mark.parametrize("parts", [1, 2])
def test_a_projection_tells_its_progress_and_can_be_cancelled(connector: tuple[str, dict[str, float]], parts: int) -> None:
    p, ends = projection("p", "a", "b", connector), Ends(5000, 5000, False)
    heard: list[float] = []
    whole = build(p, ends, 1, 0.1, np.float32, split(5000, parts), tick=heard.append)
    assert len(heard) >= 8 and heard == sorted(heard) and 0 < heard[0] < (0.3 if parts == 1 else 0.8) and heard[-1] <= 1.0
    assert sum(r.n for r in whole) > 2_000_000

    class Enough(Exception):
        pass

    def cancel(part: float) -> None:
        if part > 0.2:
            raise Enough

    before = threading.active_count()
    with pytest.raises(Enough):
        build(p, ends, 1, 0.1, np.float32, split(5000, parts), tick=cancel)
    assert threading.active_count() == before
