"""Many jobs at once: one after another in this process, or side by side on a dask cluster. Results come as they are done.

A local cluster is a scheduler in this process and one worker process a core, started with `python -m`: a script that sweeps needs no
`if __name__ == "__main__"`, and Ctrl-C reaches this process only, which then tells the workers.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import queue
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol

from studio.engine.run import Cancel
from studio.findings import Finding, FindingError

if TYPE_CHECKING:
    from distributed import Client, Future

Work = Callable[[Any, Cancel], Any]  # must travel to another process: a function of a module, or a frozen value with __call__
Done = tuple[int, Any]  # the job's place in the list, and what it gave
INSTALL = "pip install 'spike-studio[sweep]'"
HEARD_S = 0.2  # how often a running job asks whether it shall stop, and the caller whether Ctrl-C was pressed
START_S = 60.0  # for the first worker of a local cluster, and for the answer of another one
IN_HAND = 4  # jobs sent for each thread of the cluster: enough that none waits, few enough that a cancel is quick


@dataclass(frozen=True)
class Lost:
    """A job that gave nothing, and why."""

    text: str


class Place(Protocol):
    """Where jobs are done. `results` gives each when it is done, and None a few times a second in between."""

    name: str

    def workers(self) -> int: ...
    def results(self, work: Work, jobs: Sequence[Any], cancel: Cancel) -> Iterator[Done | None]: ...
    def __enter__(self) -> Place: ...
    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


def place(cluster: Any, workers: int | None, jobs: int) -> Place:
    """This process for one worker; the cluster that is given (an address, a dask Client or cluster); or else a local one."""
    if workers is not None and workers < 1:
        raise _finding(
            "bounds.workers", f"{workers} workers cannot do anything.", "Give a whole number of at least 1, or None for all cores."
        )
    if cluster is None:
        workers = min(workers or cores(), max(jobs, 1))
        if workers == 1:
            return ThisProcess()
    dask()
    return Cluster(cluster) if cluster is not None else LocalWorkers(workers or 1)


def cores() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def dask() -> Any:
    """The package `distributed`; raise FindingError with the command that installs it."""
    try:
        import distributed
    except ImportError:
        raise _finding(
            "path.package",
            "Several processes at once need the packages dask and distributed, which are not installed.",
            f"Run {INSTALL}; or give one worker (workers=1, --workers 1), which needs neither.",
        ) from None
    return distributed


class ThisProcess:
    """One job after another, here."""

    name = "this process"

    def workers(self) -> int:
        return 1

    def results(self, work: Work, jobs: Sequence[Any], cancel: Cancel) -> Iterator[Done | None]:
        for index, job in enumerate(jobs):
            if cancel.is_set():
                return
            try:
                yield index, work(job, cancel)
            except Exception as broken:
                yield index, Lost(_told(broken))

    def __enter__(self) -> ThisProcess:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


class Cluster:
    """A dask cluster that is there already: `given` is its address, a Client, or a cluster object."""

    def __init__(self, given: Any) -> None:
        self._given, self._own = given, False
        self.name = given if isinstance(given, str) else str(getattr(given, "scheduler_address", "") or _address(given))

    def __enter__(self) -> Cluster:
        self.client = self._connected()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._own:
            self.client.close()

    def _connected(self) -> Client:
        distributed = dask()
        if isinstance(self._given, distributed.Client):
            return self._given
        self._own = True
        try:
            return distributed.Client(self._given, timeout=START_S / 4, set_as_default=False)
        except (OSError, TimeoutError, ValueError, TypeError) as wrong:
            raise _finding(
                "path.cluster",
                f"There is no dask cluster at “{self._given}” ({_told(wrong)}).",
                "Start one with `dask scheduler`, and on each machine `dask worker ADDRESS --nthreads 1 --nworkers -1`; give the address that the scheduler prints.",
            ) from None

    def workers(self) -> int:
        """Threads that take jobs now; 0 while the scheduler does not answer."""
        if self.client.status != "running":
            return 0
        try:
            known: Any = self.client.nthreads()
        except (OSError, TimeoutError, RuntimeError, AttributeError):  # it went away in between
            return 0
        return sum(known.values())

    def _gone(self) -> bool:
        return self.client.status in ("closing", "closed")

    def results(self, work: Work, jobs: Sequence[Any], cancel: Cancel) -> Iterator[Done | None]:
        """At most IN_HAND jobs a thread are with the cluster at any time; after a cancel those that run say how far they came."""
        flow = _Flow(self.client, work, jobs)
        try:
            while flow.send(0 if cancel.is_set() or self._gone() else max(4, self.workers() * IN_HAND)):
                if cancel.is_set():
                    flow.stop()
                yield from flow.arrived()
        finally:
            flow.close()


def _one_job_each() -> Any:
    """A scheduler made in this context sends a worker no second job while it has one: who dies takes no waiting job along, time and again."""
    import dask.config

    return dask.config.set({"distributed.scheduler.worker-saturation": 1.0})


class LocalWorkers(Cluster):
    """Worker processes on this machine, one thread each, for as long as the sweep lasts."""

    def __init__(self, n: int) -> None:
        super().__init__(None)
        self._n, self.name = n, "this machine"

    def __enter__(self) -> LocalWorkers:
        with contextlib.ExitStack() as stack:
            distributed = dask()
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="spike-studio-sweep-", ignore_cleanup_errors=True))
            errors = stack.enter_context(open(Path(folder) / "errors.txt", "w+", encoding="utf-8", errors="replace"))
            with _one_job_each():
                scheduler = distributed.LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=50)
            stack.callback(scheduler.close, timeout=5)
            self.client = distributed.Client(scheduler, set_as_default=False)
            stack.callback(self.client.close, timeout=5)
            started = _start(scheduler.scheduler_address, self._n, folder, errors)
            stack.callback(_end, started)
            self._await(started, errors)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stack.close()

    def _await(self, started: subprocess.Popen[Any], errors: Any) -> None:
        """Until the first worker is there; the others join while it works."""
        end = time.monotonic() + START_S
        while not self.workers():
            if started.poll() is not None or time.monotonic() > end:
                errors.seek(0)
                said = (errors.read().strip().splitlines() or ["nothing was said"])[-1].rstrip(".")
                raise _finding(
                    "fit.workers",
                    f"The worker processes did not start: {said}.",
                    "Give one worker (workers=1, --workers 1) to run in this process.",
                )
            time.sleep(0.05)


class _Flow:
    """Jobs on their way to a cluster and back."""

    def __init__(self, client: Client, work: Work, jobs: Sequence[Any]) -> None:
        self._client, self._work = client, work
        self._name = f"spike-studio-{uuid.uuid4().hex[:12]}"
        self._stop = dask().Event(self._name, client=client)
        self._stopped = False
        self._waiting = iter(enumerate(jobs))
        self._away: dict[int, Future] = {}
        self._back: queue.SimpleQueue[int] = queue.SimpleQueue()

    def send(self, most: int) -> bool:
        """Send jobs until `most` are away; False when all have come back."""
        for index, job in itertools.islice(self._waiting, max(0, most - len(self._away))):
            with _quiet_about_size():
                future = self._client.submit(_work, self._work, job, self._name, key=f"{self._name}-{index}", pure=False)
            self._away[index] = future
            future.add_done_callback(lambda _, index=index: self._back.put(index))
        return bool(self._away)

    def arrived(self) -> Iterator[Done | None]:
        """What has come back within a moment; None when nothing has."""
        try:
            index = self._back.get(timeout=HEARD_S)
        except queue.Empty:
            if self._client.status in ("closed", "closing"):
                for index in list(self._away):
                    del self._away[index]
                    yield index, Lost("the connection to the cluster was lost")
            yield None
            return
        yield index, _result(self._away.pop(index))

    def stop(self) -> None:
        """Ask the running jobs to come to an end."""
        if not self._stopped:
            self._stopped = True
            self._stop.set()

    def close(self) -> None:
        """Nothing is left behind on the cluster, however the sweep ended."""
        with contextlib.suppress(Exception):
            self.stop()
            self._client.cancel(list(self._away.values()), force=True)
            self._away.clear()


def _work(work: Work, job: Any, name: str) -> Any:
    """What a worker does."""
    from distributed import get_client

    stop = _Asked(dask().Event(name, client=get_client()))
    return work(job, stop)


class _Asked:
    """A flag of the whole cluster, asked for a few times a second."""

    def __init__(self, event: Any) -> None:
        self._event, self._next, self._set = event, 0.0, False

    def is_set(self) -> bool:
        now = time.monotonic()
        if not self._set and now >= self._next:
            self._next = now + HEARD_S
            self._set = bool(self._event.is_set())
        return self._set


def _result(future: Future) -> Any:
    """What a job gave; a worker that died, or anything that could not travel, is a lost job."""
    from distributed import KilledWorker

    try:
        return future.result()
    except KilledWorker:
        return Lost("its worker process ended again and again, most often for want of memory: use fewer workers, or a smaller network")
    except BaseException as broken:
        if isinstance(broken, KeyboardInterrupt):
            raise
        return Lost(_told(broken))
    finally:
        future.release()


def _start(address: str, n: int, folder: str, errors: Any) -> subprocess.Popen[Any]:
    """Worker processes for a scheduler, in a group of their own; they know the modules that this process knows."""
    command = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nworkers", str(n), "--nthreads", "1", "--no-dashboard"]
    share = f"{1 / n:.4f}"  # of the memory; dask's own default divides it by the cores, however few workers there are
    more = ["--death-timeout", str(int(START_S)), "--local-directory", folder, "--memory-limit", share]
    paths = os.pathsep.join(p or os.getcwd() for p in sys.path)
    environment = {**os.environ, "PYTHONPATH": paths, "DASK_LOGGING__DISTRIBUTED": "error"}
    group: dict[str, Any] = {"start_new_session": True} if os.name == "posix" else {"creationflags": 0x00000200}
    return subprocess.Popen([*command, *more], stdin=subprocess.DEVNULL, stdout=errors, stderr=errors, env=environment, **group)


def _end(started: subprocess.Popen[Any]) -> None:
    """Ask the workers to go; end them when they do not."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(started.pid, signal.SIGTERM)
    else:
        started.terminate()
    try:
        started.wait(5)
    except subprocess.TimeoutExpired:
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError):
                os.killpg(started.pid, signal.SIGKILL)
        started.kill()
        started.wait()


@contextlib.contextmanager
def _quiet_about_size() -> Iterator[None]:
    """A network with arrays is more than dask thinks a task should carry; it travels to each worker a few times only."""
    import dask.config

    with dask.config.set({"distributed.admin.large-graph-warning-threshold": "1TB"}):
        yield


def _address(given: Any) -> str:
    scheduler = getattr(given, "scheduler", None)
    return str(getattr(scheduler, "address", None) or given)


def _told(broken: BaseException) -> str:
    return f"{type(broken).__name__}: {broken}" if str(broken) else type(broken).__name__


def _finding(code: str, text: str, fix: str) -> FindingError:
    return FindingError([Finding(code, "error", "sweep", text, fix)])
