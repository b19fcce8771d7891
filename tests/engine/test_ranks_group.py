"""Who the processes of a run are, and how they agree; without MPI."""

from __future__ import annotations

import builtins
from typing import Any

import numpy as np
import pytest
from engine.rank_threads import ThreadGroup, played

from studio.engine.ranks import INSTALL, AgreedError, Alone, bound, started, together, world
from studio.findings import Finding, FindingError

WRONG = Finding("size.connector", "error", "p", "wrong.")
OTHER = Finding("size.connector", "error", "q", "wrong too.")


def test_without_a_launcher_one_is_alone() -> None:
    assert started({}) == (1, 0)
    assert isinstance(world({}), Alone)


@pytest.mark.parametrize("size, rank", [("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"), ("PMI_SIZE", "PMI_RANK")])
def test_a_launcher_says_how_many_and_which(size: str, rank: str) -> None:
    assert started({size: "4", rank: "3"}) == (4, 3)
    assert started({size: "1", rank: "0"}) == (1, 0)


@pytest.mark.parametrize("rank", [0, 2])
def test_without_mpi4py_several_processes_are_told_what_to_install_once(monkeypatch: pytest.MonkeyPatch, rank: int) -> None:
    known = builtins.__import__

    def without(name: str, *more: Any) -> Any:
        if name.partition(".")[0] == "mpi4py":
            raise ImportError("No module named 'mpi4py'")
        return known(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(FindingError) as told:
        world({"PMI_SIZE": "4", "PMI_RANK": str(rank)})
    if rank == 0:
        assert [f.code for f in told.value.findings] == ["fit.ranks"] and INSTALL in str(told.value) and "4 processes" in str(told.value)
    else:
        assert told.value.findings == ()


def test_what_one_finds_all_raise_and_each_finding_once() -> None:
    def act(group: ThreadGroup) -> tuple[Finding, ...]:
        def build() -> None:
            if group.rank > 0:
                raise FindingError([WRONG] if group.rank == 1 else [OTHER, WRONG])

        with pytest.raises(AgreedError) as raised:
            together(group, build)
        return raised.value.findings

    assert played(3, act) == [(WRONG, OTHER)] * 3


def test_what_all_can_do_is_done() -> None:
    assert played(2, lambda group: together(group, lambda: group.rank * 10)) == [0, 10]
    assert together(Alone(), lambda: 5) == 5


def test_a_process_that_breaks_ends_all_with_a_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    ended = []

    class Watched(Alone):
        rank, size = 2, 4

        def give_up(self, code: int) -> Any:
            ended.append(code)
            raise SystemExit(code)

    with pytest.raises(SystemExit), bound(Watched()):
        raise MemoryError("no room for 7 GB")
    assert ended == [3]
    assert "Process 2 of 4 failed, so the run ends: no room for 7 GB (MemoryError)." in capfd.readouterr().err
    with pytest.raises(AgreedError), bound(Watched()):
        raise AgreedError([WRONG])
    with pytest.raises(ZeroDivisionError), bound(Alone()):
        raise ZeroDivisionError
    assert ended == [3]


def test_arrays_are_collected_by_rank_on_the_first() -> None:
    got = played(3, lambda group: [a.tolist() for a in group.collect(np.arange(group.rank))])
    assert got == [[[], [0], [0, 1]], [], []]
