"""Recordings: saved and loaded without loss, broken files refused in words, memory bounded."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from engine.networks import mixed, network, population, projection, source

from studio.engine.recording import Recording
from studio.engine.run import simulate
from studio.engine.spool import Spool
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
