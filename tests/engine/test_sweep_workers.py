"""Where the jobs of a sweep are done: this process, own workers, someone's cluster; what dies on the way is said."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import distributed
import pytest

from studio.engine import sweep
from studio.findings import FindingError

NEVER = threading.Event()


@pytest.fixture(scope="module")
def workers() -> Iterator[sweep.LocalWorkers]:
    with sweep.LocalWorkers(2) as local:
        yield local


def gathered(place: sweep.Place, work: sweep.Work, jobs: Any, cancel: Any = NEVER) -> dict[int, Any]:
    return dict(came for came in place.results(work, jobs, cancel) if came)


def makers() -> dict[str, sweep.Work]:
    """Jobs that travel by value: a worker does not know this file."""

    def doubled(job: Any, cancel: Any) -> Any:
        if job == "wrong":
            raise ValueError("a word")
        return 2 * job

    def deadly(job: Any, cancel: Any) -> Any:
        import os

        if job == 3:
            os._exit(9)
        return job

    def patient(job: Any, cancel: Any) -> Any:
        import time

        end = time.monotonic() + 60
        while not cancel.is_set() and time.monotonic() < end:
            time.sleep(0.02)
        return "asked to stop" if cancel.is_set() else "never asked"

    return {"doubled": doubled, "deadly": deadly, "patient": patient}


def test_every_job_comes_back_with_its_place_and_a_broken_one_says_why(workers: sweep.LocalWorkers) -> None:
    jobs = [*range(40), "wrong"]
    for place in (sweep.ThisProcess(), workers):
        came = gathered(place, makers()["doubled"], jobs)
        assert {k: v for k, v in came.items() if k < 40} == {k: 2 * k for k in range(40)}
        assert isinstance(came[40], sweep.Lost) and "ValueError: a word" in came[40].text
    assert workers.workers() == 2


def test_a_cluster_is_reached_by_its_address_by_a_client_or_by_itself(workers: sweep.LocalWorkers) -> None:
    address = workers.client.scheduler.address
    for given in (address, workers.client, workers.client.cluster):
        with sweep.place(given, None, 3) as place:
            assert gathered(place, makers()["doubled"], [1, 2, 3]) == {0: 2, 1: 4, 2: 6}
            assert place.name == address
    assert workers.client.status == "running", "a client that was given stays open"


def test_running_jobs_are_asked_to_stop_and_no_more_are_sent(workers: sweep.LocalWorkers) -> None:
    stop = threading.Event()
    threading.Timer(0.5, stop.set).start()
    came = gathered(workers, makers()["patient"], range(1000), stop)
    assert set(came.values()) == {"asked to stop"} and 2 <= len(came) < 100


def test_a_job_that_kills_its_worker_is_lost_and_the_others_are_done(workers: sweep.LocalWorkers) -> None:
    came = gathered(workers, makers()["deadly"], range(6))
    assert isinstance(came[3], sweep.Lost) and "ended again and again" in came[3].text
    assert {k: v for k, v in came.items() if k != 3} == {k: k for k in range(6) if k != 3}


def test_a_cluster_that_goes_away_loses_its_jobs_and_does_not_hang() -> None:
    cluster = distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None)
    client = distributed.Client(cluster, set_as_default=False)
    with sweep.Cluster(client) as place:
        came: dict[int, Any] = {}
        for one in place.results(makers()["patient"], range(3), NEVER):
            came |= dict([one]) if one else {}
            if client.status == "running":
                client.close()
    cluster.close()
    assert len(came) == 3 and all(isinstance(value, sweep.Lost) for value in came.values())


def test_several_threads_of_one_process_share_their_kernels() -> None:
    from studio.analysis.sweep import sweep as swept
    from studio.network.build import Network

    net = Network("Threads")
    exc = net.population("exc", 40, "lif", t_ref=1.75)  # a value of its own is a kernel of its own: not loaded yet
    net.connect(net.source("drive", 40, "poisson", rate=900.0), exc, weight=0.4, plasticity="stdp_pair")
    asked: dict[str, Any] = {"over": {"drive.rate": [300, 600, 900]}, "repeats": 3, "duration": 60}
    with distributed.LocalCluster(n_workers=1, threads_per_worker=4, processes=False, dashboard_address=None) as cluster:
        many = swept(net, **asked, cluster=cluster)
    one = swept(net, **asked, workers=1)
    assert [r.measures["fingerprint"] for r in many.rows] == [r.measures["fingerprint"] for r in one.rows]
    assert many.provenance["workers"] == 4


def test_workers_end_with_the_sweep() -> None:
    with sweep.LocalWorkers(1) as local:
        pids = list(local.client.run(os.getpid).values())
    assert pids
    end = time.monotonic() + 20
    while any(_lives(pid) for pid in pids) and time.monotonic() < end:
        time.sleep(0.1)
    assert not any(_lives(pid) for pid in pids)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_one_worker_is_this_process_and_none_is_refused() -> None:
    assert isinstance(sweep.place(None, 1, 10), sweep.ThisProcess) and isinstance(sweep.place(None, 8, 1), sweep.ThisProcess)
    assert isinstance(sweep.place(None, 2, 10), sweep.LocalWorkers)
    with pytest.raises(FindingError, match="0 workers"):
        sweep.place(None, 0, 10)


@pytest.mark.parametrize("address", ["nonsense://x", "tcp://127.0.0.1:1"])
def test_no_cluster_at_an_address_says_how_to_start_one(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweep, "START_S", 4.0)
    with pytest.raises(FindingError, match="dask scheduler"), sweep.place(address, None, 3):
        pass
