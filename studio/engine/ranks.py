"""The processes of one run: who I am among them, and how all learn what each knows. mpi4py is loaded here and nowhere else.

A network run by several processes is cut as it is for threads: process r of n holds the parts r * threads ... (r + 1) * threads - 1
of every population and Poisson source, with their synapses. What crosses between processes goes through a Group.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn, Protocol, TypeVar

import numpy as np

from studio.findings import Finding, FindingError

T = TypeVar("T")

# what launchers tell the processes they start: how many there are, and which one this is
LAUNCHERS = (
    ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),
    ("PMI_SIZE", "PMI_RANK"),
    ("MV2_COMM_WORLD_SIZE", "MV2_COMM_WORLD_RANK"),
    ("SLURM_STEP_NUM_TASKS", "SLURM_PROCID"),
)
LOOKS = 3000  # at a message that is not there yet, before pausing: a few hundred microseconds
PAUSE_S = 20e-6
INSTALL = "pip install 'spike-studio[mpi]'"


class AgreedError(FindingError):
    """Findings that every process raises: all of them can go on, or end, as they like."""


class Group(Protocol):
    """The processes of a run. Every method but `give_up` is called by all of them, in the same order."""

    rank: int
    size: int
    neighbours: int  # processes on this machine, this one included
    leads: bool  # the first process of its machine

    def all(self, value: Any) -> list[Any]:
        """Everyone's small value, by rank."""
        ...

    def share(self, block: np.ndarray, into: np.ndarray) -> None:
        """Everyone's block of equal length into the rows of `into` (size, len(block)); uint32."""
        ...

    def share_parts(self, message: np.ndarray, counts: np.ndarray, into: np.ndarray) -> None:
        """Everyone's message of its own length `counts[rank]` into `into`, one after another; uint32."""
        ...

    def collect(self, array: np.ndarray) -> list[np.ndarray]:
        """Everyone's array on rank 0, by rank; nothing elsewhere. Arrays differ in their lengths only."""
        ...

    def give_up(self, code: int) -> NoReturn:
        """End every process of the run."""
        ...


class Alone:
    """One process."""

    rank, size, neighbours, leads = 0, 1, 1, True

    def all(self, value: Any) -> list[Any]:
        return [value]

    def share(self, block: np.ndarray, into: np.ndarray) -> None:
        into[0] = block

    def share_parts(self, message: np.ndarray, counts: np.ndarray, into: np.ndarray) -> None:
        into[: len(message)] = message

    def collect(self, array: np.ndarray) -> list[np.ndarray]:
        return [array]

    def give_up(self, code: int) -> NoReturn:
        raise SystemExit(code)


class Mpi:
    """The processes that mpiexec started together."""

    def __init__(self, mpi: Any) -> None:
        self._mpi, self._world = mpi, mpi.COMM_WORLD
        self.rank, self.size = self._world.rank, self._world.size
        machine = self._world.Split_type(mpi.COMM_TYPE_SHARED)
        self.neighbours, self.leads = machine.size, machine.rank == 0

    def all(self, value: Any) -> list[Any]:
        _wait(self._world.Ibarrier())
        return self._world.allgather(value)

    def share(self, block: np.ndarray, into: np.ndarray) -> None:
        _wait(self._world.Iallgather([block, self._mpi.UINT32_T], [into, self._mpi.UINT32_T]))

    def share_parts(self, message: np.ndarray, counts: np.ndarray, into: np.ndarray) -> None:
        _wait(self._world.Iallgatherv([message, self._mpi.UINT32_T], [into, (counts, None), self._mpi.UINT32_T]))

    def collect(self, array: np.ndarray) -> list[np.ndarray]:
        array = np.ascontiguousarray(array)
        lengths = self._world.gather(len(array))
        if lengths is None:
            self._world.Send([array, self._mpi.BYTE], 0)
            return []
        out = [array]
        for rank in range(1, self.size):
            out.append(np.empty((lengths[rank], *array.shape[1:]), array.dtype))
            self._world.Recv([out[-1], self._mpi.BYTE], rank)
        return out

    def give_up(self, code: int) -> NoReturn:
        sys.stderr.flush()
        self._world.Abort(code)
        raise SystemExit(code)


def _wait(request: Any) -> None:
    """Look often for a while, then give the core away between looks: MPI itself never does, and processes may be more than cores."""
    for _ in range(LOOKS):
        if request.Test():
            return
    while not request.Test():
        time.sleep(PAUSE_S)


def world(environment: Mapping[str, str] = os.environ) -> Group:
    """The processes that this one was started with; Alone where a launcher started only one, or there was none.

    Raises FindingError where several were started and cannot speak with each other.
    """
    said, me = started(environment)
    if said == 1:
        return Alone()
    try:
        import mpi4py

        mpi4py.rc.thread_level = "serialized"  # one thread at a time speaks
        from mpi4py import MPI
    except ImportError as missing:
        text = f"{said} processes were started together, but they cannot exchange spikes: {missing}."
        raise _said_once(text, f"Install mpi4py and an MPI: {INSTALL}", me) from None
    if MPI.COMM_WORLD.size == 1:
        text = f"{said} processes were started together, but each sees only itself: mpiexec and mpi4py belong to different MPIs."
        name = MPI.Get_library_version().strip().split("\n")[0].strip()
        raise _said_once(text, f"mpi4py uses {name}; start with the mpiexec that belongs to it{_near()}.", me)
    return Mpi(MPI)


def started(environment: Mapping[str, str]) -> tuple[int, int]:
    """How many processes a launcher says it started, and which one this is; (1, 0) without a launcher."""
    for size, rank in LAUNCHERS:
        if environment.get(size, "").isdigit() and int(environment[size]) > 1:
            return int(environment[size]), int(environment.get(rank, "0") or 0)
    return 1, 0


def _said_once(text: str, fix: str, rank: int) -> FindingError:
    return FindingError([Finding("fit.ranks", "error", "", text, fix)] if rank == 0 else [])


def _near() -> str:
    """The mpiexec installed beside this Python, if there is one."""
    path = os.path.join(os.path.dirname(sys.executable), "mpiexec")
    return f", {path}" if os.path.exists(path) else ""


def together(group: Group, act: Callable[[], T], *others: type[Exception]) -> T:
    """Do `act` in every process. Where one raises FindingError, all raise AgreedError with what was found, each finding once.

    Where one raises one of `others`, all raise the first of them.
    """
    if group.size == 1:
        return act()
    done: Any = None
    found: tuple[Finding, ...] = ()
    wrong: Exception | None = None
    try:
        done = act()
    except FindingError as error:
        found = error.findings
    except others as error:
        wrong = error
    everyone = group.all((found, wrong))
    for _, error in everyone:
        if error is not None:
            raise error
    if any(findings for findings, _ in everyone):
        raise AgreedError(dict.fromkeys(f for findings, _ in everyone for f in findings))
    return done


def in_turn(group: Group, act: Callable[[], T]) -> T:
    """Do `act` first in one process of each machine, then in the others, which find compiled what it compiled."""
    if group.leads:
        done = act()
        group.all(None)
        return done
    group.all(None)
    return act()


@dataclass(frozen=True)
class Said:
    """What a process says after a batch: how many steps the next has, why the run ends, what is written down now, why it cannot go on."""

    want: int
    stopped: str = ""
    keep: str = ""
    findings: tuple[Finding, ...] = ()


def agreed(group: Group, mine: Said) -> Said:
    """What all do: as long a batch and as much written down as rank 0 says; an end for all if one was asked to end, or cannot go on."""
    if group.size == 1:
        return mine
    said: list[Said] = group.all(mine)
    findings = dict.fromkeys(f for s in said for f in s.findings)
    return Said(said[0].want, next((s.stopped for s in said if s.stopped), ""), said[0].keep, tuple(findings))


@contextmanager
def bound(group: Group, *agreed: type[BaseException]) -> Iterator[None]:
    """What one process alone cannot survive ends all of them, with a sentence, so that none waits for ever. `agreed`: what all raise."""
    try:
        yield
    except (AgreedError, *agreed):
        raise
    except BaseException as broken:
        if group.size == 1:
            raise
        said = str(broken) or type(broken).__name__
        text = f"Process {group.rank} of {group.size} failed, so the run ends: {said} ({type(broken).__name__})."
        print(text, file=sys.__stderr__, flush=True)
        group.give_up(3)
