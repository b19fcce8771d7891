"""Recordings: saved and loaded without loss, broken files refused in words, memory bounded."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from engine.networks import fired, mixed, network, population, projection, source

from studio.engine.recording import Recording, SpooledSpikes
from studio.engine.run import RunError, simulate
from studio.engine.spool import SpikeSpool, Spool
from studio.findings import FindingError
from studio.network.flat import Record


@pytest.fixture(scope="module")
def recording() -> Recording:
    record = [
        Record("a", "spikes", None, 0.1),
        Record("b", "spikes", None, 0.1),
        Record("x", "spikes", None, 0.1),
        Record("a", "v", np.array([0, 5, 200]), 0.5),
        Record("b", "exponential.i_syn", None, 1.0),
    ]
    return simulate(mixed(record=record, seed=2), 40.0, threads=2)


def test_saved_and_loaded_without_loss(recording: Recording, tmp_path: Path) -> None:
    recording.save(tmp_path / "deep" / "r.h5")
    again = Recording.load(tmp_path / "deep" / "r.h5")
    for name in ("populations", "projections", "counters", "duration", "dt", "complete", "wall_s", "provenance"):
        assert getattr(again, name) == getattr(recording, name), name
    for path, s in recording.spikes.items():
        assert np.array_equal(again.spikes[path].steps, s.steps) and np.array_equal(again.spikes[path].ids, s.ids)
    for key, t in recording.traces.items():
        assert np.array_equal(again.traces[key].values, t.values) and np.array_equal(again.traces[key].times, t.times)
        assert again.traces[key].unit == t.unit
    for key, w in recording.weights.items():
        assert np.array_equal(again.weights[key].weights, w.weights)
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["r.h5"], "no temporary file may stay"


def test_contents(recording: Recording) -> None:
    assert recording.complete and recording.duration == 40.0
    assert set(recording.spikes) == {"a", "b", "x"}
    assert recording.traces["a", "v"].values.shape == (80, 3)
    assert np.allclose(recording.traces["a", "v"].times[:2], [0.5, 1.0])
    assert recording.traces["b", "exponential.i_syn"].unit == "nA"
    assert set(recording.weights) == {"ab", "ba"}, "plastic weights are taken along"
    assert recording.populations["b"].sign == "inhibitory" and recording.populations["x"].sign == "excitatory"
    assert recording.projections["aa"].n_synapses == 5 * 211
    p = recording.provenance
    assert p["seed"] == 2 and p["hash"] == "hash" and p["precision"] == "single" and p["steering"] == [] and p["versions"]["numba"]


def test_counters_are_exact(recording: Recording) -> None:
    c = recording.counters
    assert c["spikes"]["a"] == len(recording.spikes["a"]) and c["spikes"]["x"] == len(recording.spikes["x"])
    assert c["events"]["px"] == len(recording.spikes["x"]), "one synapse per source element"
    out_degree = np.bincount(
        simulate(mixed(record=[Record("aa", "weight", None, 1.0)], seed=2), 1.0, threads=1).weights["aa"].sources, minlength=211
    )
    assert c["events"]["aa"] == out_degree[recording.spikes["a"].ids].sum()
    assert c["updates"] == {"a": 211 * 400, "b": 70 * 400}
    assert set(c["weight_updates"]) == {"ab", "ba"}


def test_summary_and_table(recording: Recording) -> None:
    s = recording.summary()
    assert s["rates_hz"]["a"] == pytest.approx(len(recording.spikes["a"]) / 211 / 0.04)
    assert s["real_time_factor"] == pytest.approx(recording.wall_s / 0.04)
    table = recording.to_pandas()
    assert len(table) == sum(map(len, recording.spikes.values()))
    assert table.time_ms.is_monotonic_increasing and set(table.path) == {"a", "b", "x"}


def test_without_spikes_the_table_is_empty(tmp_path: Path) -> None:
    r = simulate(network([population("a", 3)], [], []), 5.0)
    assert len(r.to_pandas()) == 0
    r.save(tmp_path / "r.h5")
    assert Recording.load(tmp_path / "r.h5").spikes["a"].ids.dtype == np.int64


@pytest.mark.parametrize("content", [b"", b"nonsense", b"\x89HDF\r\n\x1a\n" + bytes(100)])
def test_a_file_that_is_no_recording_is_refused_in_words(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.h5").write_bytes(content)
    with pytest.raises(FindingError, match="cannot be read as a recording"):
        Recording.load(tmp_path / "x.h5")


def test_another_hdf5_file_is_refused_in_words(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as h5:
        h5["data"] = [1, 2]
    with pytest.raises(FindingError, match="format"):
        Recording.load(tmp_path / "x.h5")


def test_a_failed_save_leaves_the_old_file(recording: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "r.h5").write_text("old")
    monkeypatch.setattr("studio.engine.recording._write", lambda *a: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        recording.save(tmp_path / "r.h5")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("r.h5", "old")]


def test_a_spool_beyond_its_limit_moves_to_a_file_and_loses_nothing() -> None:
    spool, all_rows = Spool(np.float32, 3, limit=200), []
    for k in range(50):
        rows = np.full((k % 4, 3), k, np.float32)
        spool.append(rows)
        all_rows.append(rows)
    got = spool.take()
    assert isinstance(got, np.memmap)
    assert np.array_equal(got, np.concatenate(all_rows))
    assert not got.flags.writeable


@pytest.mark.parametrize("size", [10, 1 << 16, (1 << 16) + 1, 10_000_000])
@pytest.mark.parametrize("limit", [100, 1 << 20])
def test_packed_spikes_come_back_as_they_were(size: int, limit: int, tmp_path: Path) -> None:
    """Batches of any length and any distance, with the first and the last id, and steps beyond 32 bits."""
    random, spool, given = np.random.default_rng(1), SpikeSpool(size, limit), []
    start = 0
    for n in (0, 1, 7, 1000, 0, 333):
        steps = np.sort(start + random.integers(0, 200_000 if n == 333 else 8000, n))
        given.append((steps, np.append(random.integers(0, size, max(n - 1, 0)), [size - 1] * (n > 0))))
        spool.append(*given[-1])
        start += 1 << 33 if n == 1000 else 200_000
    steps, ids = (np.concatenate([g[k] for g in given]) for k in (0, 1))
    assert spool.n == spool.count() == len(steps)
    for got, wanted in zip(spool.arrays(), (steps, ids), strict=True):
        assert got.dtype == np.int64 and not got.flags.writeable and np.array_equal(got, wanted)
    assert spool.stream.length <= len(steps) * (4 if size <= 1 << 16 else 6) + 16 * 40
    recording = replace(simulate(network([population("a", 3)], [], []), 1.0), spikes={"a": SpooledSpikes(spool, 0.1)})
    recording.save(tmp_path / "r.h5")
    again = Recording.load(tmp_path / "r.h5").spikes["a"]
    assert np.array_equal(again.steps, steps) and np.array_equal(again.ids, ids) and again.ids.dtype == np.int64


def test_a_full_disk_stops_a_run_and_keeps_what_it_recorded(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Half of what is written fits; the rest stays in memory until the run has been told."""
    room, take = [40_000], os.write

    def write(file: int, data: bytes) -> int:
        if len(data) > room[0]:
            n, room[0] = room[0], 0
            if not n:
                raise OSError(errno.ENOSPC, "No space left on device")
            return take(file, data[:n])
        room[0] -= len(data)
        return take(file, data)

    monkeypatch.setattr("studio.engine.recorder.LIMIT", 0)
    monkeypatch.setattr("studio.engine.spool.os.write", write)
    with pytest.raises(RunError, match="the disk is full") as caught:
        simulate(mixed(997, seed=2), 1e6, threads=1)
    monkeypatch.undo()
    left = caught.value.recording
    assert left.counters["spikes"]["a"] == len(left.spikes["a"]) > 5000
    whole = simulate(mixed(997, seed=2), left.duration, threads=1)
    assert fired(left, "a") == fired(whole, "a") and fired(left, "b") == fired(whole, "b")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_save_on_a_full_disk_says_so_and_leaves_the_old_file(
    recording: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "r.h5").write_text("old")

    def fails(*_: object) -> None:
        with open("/dev/full", "wb", buffering=0) as full:
            full.write(b"x")

    monkeypatch.setattr("studio.engine.recording._write", fails)
    with pytest.raises(FindingError, match=r"r\.h5: the disk is full .* MB free"):
        recording.save(tmp_path / "r.h5")
    assert [(p.name, p.read_text()) for p in tmp_path.iterdir()] == [("r.h5", "old")]


def test_many_populations_have_room_for_what_is_said_of_them(tmp_path: Path) -> None:
    """More than an attribute of HDF5 holds."""
    r = simulate(network([population(f"population_with_a_long_name_{k}", 1) for k in range(600)], [], []), 1.0)
    r.save(tmp_path / "r.h5")
    assert Recording.load(tmp_path / "r.h5").populations == r.populations


def test_chosen_neurons_only() -> None:
    net = network([population("a", 20, i_offset=1.0)], [], [], [Record("a", "spikes", np.array([3, 7]), 0.1)])
    r = simulate(net, 100.0)
    assert set(r.spikes["a"].ids.tolist()) == {3, 7}
    assert r.counters["spikes"]["a"] == 10 * len(r.spikes["a"])


@pytest.mark.parametrize(("path", "what"), [("a", "u"), ("nobody", "v"), ("nobody", "spikes"), ("a", "exponential.i_syn")])
def test_what_cannot_be_recorded_is_refused_in_words(path: str, what: str) -> None:
    net = network([population("a", 2)], [source("x", 2)], [projection("p", "x", "a")], [Record(path, what, None, 0.1)])
    with pytest.raises(FindingError, match=r"recorded here|to record"):
        simulate(net, 1.0)


def test_a_state_of_a_kinetics_is_the_sum_of_its_receptors_and_a_projection_names_one() -> None:
    times = {"x": np.array([1.0, 3.0]), "y": np.array([2.0])}
    links = [
        projection("px", "x", "a", weight=0.3, delay=0.5, kinetics=("exponential", {"tau": 2.0})),
        projection("py", "y", "a", weight=-0.2, delay=0.5, kinetics=("exponential", {"tau": 5.0})),
    ]
    sources = [source(k, 1, "spike_list", times=v) for k, v in times.items()]
    record = [Record("a", f"{name}.i_syn", None, 0.1) for name in ("exponential", "px", "py")]
    traces = simulate(network([population("a", 3)], sources, links, record, precision="double"), 10.0).traces
    both, px, py = (traces["a", r.what].values for r in record)
    assert px.max() > 0.3 and px.min() == 0.0 and py.min() == -0.2 and py.max() == 0.0
    assert np.array_equal(both, px + py)


def test_projections_say_in_what_their_weights_are(recording: Recording) -> None:
    assert {k: p.weight_unit for k, p in recording.projections.items()} == {"px": "mV", "py": "nA", "ab": "nA", "aa": "mV", "ba": "nA"}
