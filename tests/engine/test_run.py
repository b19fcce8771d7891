"""Running: settings, watching, cancelling, interrupting, and errors that say where and when."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest
from engine.networks import fired, mixed, network, population, projection, source

from studio.engine.frames import UNWATCHED_S, WATCHED_S
from studio.engine.run import Frame, RunError, simulate, threads_for
from studio.findings import FindingError
from studio.network.build import Network
from studio.network.flat import FlatNetwork
from studio.version import __version__


def long() -> FlatNetwork:
    return mixed(997, seed=1)


def test_frames_add_up_to_the_recording() -> None:
    frames: list[Frame] = []
    r = simulate(mixed(seed=3), 80.0, threads=2, watch=frames.append)
    for path in ("a", "b"):
        steps, ids = (np.concatenate([f.spikes[path][k] for f in frames]) for k in (0, 1))
        assert np.array_equal(steps, r.spikes[path].steps) and np.array_equal(ids, r.spikes[path].ids)
    last = frames[-1]
    assert last.t_ms == pytest.approx(80.0) and last.duration_ms == pytest.approx(80.0)
    assert last.counters == r.counters or last.counters["spikes"] == r.counters["spikes"]
    assert last.n_neurons == 211 + 70
    steps = [f.step for f in frames if f.built == 1.0]  # while it is built nothing has happened yet
    assert steps == sorted(set(steps))


def test_cancel_acts_within_one_batch_and_keeps_what_was_recorded() -> None:
    cancel, frames = threading.Event(), []

    def watch(frame: Frame) -> None:
        frames.append(frame)
        if sum(f.step > 0 for f in frames) == 3:
            cancel.set()

    r = simulate(long(), 1e7, threads=2, watch=watch, cancel=cancel)
    assert WATCHED_S < UNWATCHED_S < 0.25, "a batch is short enough that a cancel feels at once"
    assert sum(f.step > 0 for f in frames) <= 4, "at most the batch that was under way was still run"
    assert not r.complete and r.provenance["stopped"] == "cancelled"
    assert 0 < r.duration < 1e7
    again = simulate(long(), min(r.duration, 30.0), threads=1)
    n = len(again.spikes["a"])
    assert fired(r, "a")[:n] == fired(again, "a")


def test_ctrl_c_keeps_what_was_recorded_and_puts_the_handler_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    frames: list[Frame] = []

    def watch(frame: Frame) -> None:
        frames.append(frame)
        if sum(f.step > 0 for f in frames) == 2:
            os.kill(os.getpid(), signal.SIGINT)

    r = simulate(long(), 1e7, threads=1, watch=watch)
    assert not r.complete and r.provenance["stopped"] == "interrupted"
    assert len(r.spikes["a"]) == sum(len(f.spikes["a"][0]) for f in frames)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_cancel_after_the_last_step_is_no_cancel() -> None:
    cancel = threading.Event()
    cancel.set()
    r = simulate(network([population("a", 2)], [], []), 0.1, cancel=cancel)
    assert r.complete


def test_runs_in_a_thread_that_is_not_the_main_one() -> None:
    out: list = []
    worker = threading.Thread(target=lambda: out.append(simulate(mixed(seed=3), 10.0, threads=2)))
    worker.start()
    worker.join(60)
    assert fired(out[0], "a") == fired(simulate(mixed(seed=3), 10.0, threads=1), "a")


def test_two_runs_at_once_do_not_disturb_each_other() -> None:
    alone = fired(simulate(mixed(seed=3), 30.0, threads=1), "a")
    out: list = []
    workers = [threading.Thread(target=lambda: out.append(fired(simulate(mixed(seed=3), 30.0, threads=2), "a"))) for _ in range(2)]
    for w in workers:
        w.start()
    for w in workers:
        w.join(60)
    assert out == [alone, alone]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_state_that_stops_being_a_number_is_named_with_neuron_and_time(threads: int) -> None:
    wild = np.zeros(50)
    wild[37] = np.inf
    cells = [population("fine", 40), population("cols[0].exc", 50, "leaky_integrator")]
    net = network(
        cells,
        [source("s", 50, "spike_list", times=np.array([20.0]), ids=np.array([37]))],
        [projection("p", "s", "cols[0].exc", ("one_to_one", {}), wild, 1.0)],
    )
    with pytest.raises(RunError, match=r"cols\[0\]\.exc\[37\]: v of neuron 37 is (inf|nan) at 2[0-9.]+ ms") as caught:
        simulate(net, 100.0, threads=threads)
    assert caught.value.recording.duration < 30.0 and not caught.value.recording.complete
    assert caught.value.findings[0].code == "bounds.finite"


@pytest.mark.parametrize(
    ("settings", "match"),
    [({"dt": 0.0}, "greater than 0"), ({"precision": "half"}, "single or double"), ({"duration": -1.0}, "not be negative")],
)
def test_wrong_settings_are_refused_in_words(settings: dict, match: str) -> None:
    with pytest.raises(FindingError, match=match):
        simulate(mixed(), **settings)


def test_zero_duration_is_a_recording_of_nothing() -> None:
    r = simulate(mixed(seed=3), 0.0)
    assert r.complete and r.duration == 0.0 and len(r.spikes["a"]) == 0
    assert r.summary()["real_time_factor"] == 0.0


def test_small_networks_stay_on_one_thread() -> None:
    assert threads_for(mixed()) == 1
    assert threads_for(network([population("a", 100_000)], [], [])) == len(os.sched_getaffinity(0))


def test_record_by_words() -> None:
    r = simulate(mixed(seed=3), 10.0, record=["a", ("b", "v", 0.5)])
    assert set(r.spikes) == {"a"} and r.traces["b", "v"].values.shape == (20, 70)


def test_record_by_words_of_the_document(tmp_path: Path) -> None:
    """The same in a flat network, a Network, and a file."""
    wanted = [{"path": "exc[0:10:3]", "what": "v", "every": {"value": 0.5, "unit": "ms"}}, {"path": "exc"}, "x[2]", ("exc", "spikes")]
    net = Network("n")
    net.connect(net.source("x", 5), net.population("exc", 20), weight=1.0, delay=1.0)
    net.save(tmp_path / "n.spike.json")
    for given in (net, net.document, tmp_path / "n.spike.json", net.flatten()):
        r = simulate(given, 10.0, record=wanted, seed=1)
        assert set(r.spikes) == {"exc", "x"} and set(r.spikes["x"].ids.tolist()) <= {2}
        assert r.traces["exc", "v"].ids.tolist() == [0, 3, 6, 9] and r.traces["exc", "v"].values.shape == (20, 4)
        assert simulate(given, 10.0, record=["exc", ("exc", "v")], dt=0.5).traces["exc", "v"].values.shape == (20, 20)


@pytest.mark.parametrize(
    "given", [{"what": "v"}, {"path": "a", "wat": "v"}, 3, {"path": "a", "what": 1}, ("a", "v", 1.0, 2.0), {"path": "a", "every": -1.0}]
)
def test_what_says_nothing_to_record_is_refused_in_words(given: object) -> None:
    with pytest.raises(FindingError, match=r"run\.record\.0"):
        simulate(mixed(), 1.0, record=[given])


def test_provenance_names_this_version() -> None:
    assert simulate(network([population("a", 2)], [], []), 0.1).provenance["versions"]["spike-studio"] == __version__


def test_a_network_with_a_model_of_its_own_runs() -> None:
    net = Network("Own")
    own = {"kind": "neuron", "params": {"tau": {"default": 10, "unit": "ms"}}, "states": {"v": {"start": 0, "unit": "mV"}}}
    equations = {"equations": "dv/dt = (20 - v)/tau", "threshold": "v >= 10", "reset": "v = 0"}
    net.apply({"command": "set", "path": "/models/ramp", "value": own | equations})
    net.population("cell", 1, "ramp")
    times = simulate(net, 50).spikes["cell"].times
    assert times[0] == pytest.approx(10 * np.log(2), abs=0.1)
