"""Sweeps: which runs are made, that rows say what happened, and that nothing depends on how many processes did them."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import studio
from studio.analysis.sweep import Sweep, SweepFrame, sweep
from studio.analysis.sweep.plan import points, runs, seeds
from studio.engine import sweep as places
from studio.findings import FindingError

SPEED = ["wall_s", "build_s", "compile_s", "real_time_factor"]  # the only columns that may differ between two sweeps


def small() -> studio.Network:
    """Thirty neurons under a rain of spikes."""
    net = studio.Network("Small")
    exc = net.population("exc", 30, "lif", tau_m=20.0)
    drive = net.source("drive", 30, "poisson", rate=900.0)
    net.connect(drive, exc, studio.fixed_in_degree(5), weight=0.8, delay=1.5)
    return net


def table(done: Sweep) -> dict[str, Any]:
    return done.to_pandas().drop(columns=SPEED).fillna("").to_dict("list")


@pytest.fixture(scope="module")
def workers() -> Iterator[Any]:
    """Two worker processes, as they stand on any cluster."""
    with places.LocalWorkers(2) as local:
        yield local.client


def codes(wrong: pytest.ExceptionInfo[FindingError]) -> list[str]:
    return [f.code for f in wrong.value.findings]


# the plan


def test_a_grid_has_every_combination_the_last_parameter_changing_fastest() -> None:
    planned = runs({"a.x": [1, 2], "b.y": (3.0, 4.0)}, "grid", None, (7, 8))
    assert [tuple(r.settings.values()) for r in planned[::2]] == [(1, 3.0), (1, 4.0), (2, 3.0), (2, 4.0)]
    assert [r.seed for r in planned] == [7, 8] * 4 and [r.index for r in planned] == list(range(8))
    assert [(r.point, r.repeat) for r in planned[:3]] == [(0, 0), (0, 1), (1, 0)]


def test_lists_side_by_side_need_one_length() -> None:
    assert points({"a.x": [1, 2], "b.y": [3, 4]}, "zip", None, 1) == [{"a.x": 1, "b.y": 3}, {"a.x": 2, "b.y": 4}]
    with pytest.raises(FindingError, match=r"a.x has 2, b.y has 1") as wrong:
        points({"a.x": [1, 2], "b.y": [3]}, "zip", None, 1)
    assert codes(wrong) == ["size.sweep"]


def test_values_come_as_numbers_arrays_units_words_and_distributions() -> None:
    assert points({"p": np.array([1, 2])}, "grid", None, 1) == [{"p": 1}, {"p": 2}]
    assert points({"p": [(0.02, "s"), 15]}, "grid", None, 1) == [{"p": {"value": 0.02, "unit": "s"}}, {"p": 15}]
    assert points({"p": ([10, 20], "ms")}, "grid", None, 1)[1] == {"p": {"value": 20, "unit": "ms"}}
    assert points({"p": [{"normal": [15, 1]}, "word"]}, "grid", None, 1) == [{"p": {"normal": [15, 1]}}, {"p": "word"}]
    assert points({"p": 3}, "grid", None, 1) == [{"p": 3}]


def test_random_settings_follow_their_distributions_and_their_seed() -> None:
    over = {
        "a.x": {"uniform": [10, 20]},
        "b.y": {"loguniform": [0.1, 10]},
        "c.z": {"normal": [0, 1], "min": 0, "unit": "mV"},
        "d.w": [1, 2],
    }
    drawn = points(over, "random", 400, 5)
    x, y, z = ([d[k] for d in drawn] for k in ("a.x", "b.y", "c.z"))
    assert min(x) >= 10 and max(x) <= 20 and abs(np.mean(x) - 15) < 0.5
    assert min(y) >= 0.1 and max(y) <= 10 and abs(np.mean(np.log(y))) < 0.3
    assert min(v["value"] for v in z) >= 0 and {v["unit"] for v in z} == {"mV"} and {d["d.w"] for d in drawn} == {1, 2}
    assert points(over, "random", 400, 5) == drawn and points(over, "random", 400, 6) != drawn
    assert points({**over, "e.v": [1]}, "random", 400, 5)[7]["a.x"] == x[7], "another parameter does not change the draws of this one"


@pytest.mark.parametrize(
    ("over", "mode", "samples", "code"),
    [
        ({"p": []}, "grid", None, "size.sweep"),
        ({"p": [object()]}, "grid", None, "text.value"),
        ({"p": [1]}, "cube", None, "text.mode"),
        ({"p": [1]}, "grid", 3, "text.mode"),
        ({"p": {"uniform": [0, 1]}}, "random", None, "bounds.samples"),
        ({"p": {"loguniform": [0, 1]}}, "random", 2, "bounds.distribution"),
        ({"p": {"uniform": [0, 1], "min": 2}}, "random", 2, "bounds.distribution"),
    ],
)
def test_what_is_no_plan_says_why(over: Any, mode: str, samples: Any, code: str) -> None:
    with pytest.raises(FindingError) as wrong:
        points(over, mode, samples, 1)
    assert codes(wrong) == [code]


def test_seeds_follow_the_first_one_or_are_given() -> None:
    assert seeds(7, 3) == (7, 8, 9) and seeds(7, [3, 1]) == (3, 1)
    for wrong in ([1, 1], [-1], [1.5]):
        with pytest.raises(FindingError):
            seeds(1, wrong)  # type: ignore[arg-type]
    with pytest.raises(FindingError, match="0 repeats"):
        runs({}, "grid", None, seeds(1, 0))


# the runs


def test_a_row_is_the_run_that_simulate_makes() -> None:
    done = sweep(small(), {"exc.tau_m": [15.0, (0.02, "s")]}, repeats=2, seed=4, duration=100, workers=1)
    frame = done.to_pandas()
    assert frame["exc.tau_m"].tolist() == [15.0, 15.0, 20.0, 20.0] and done.units == {"exc.tau_m": "ms"}
    assert frame["seed"].tolist() == [4, 5, 4, 5] and done.complete and not done.failed
    alone = studio.simulate(small(), 100, seed=5, set={"exc.tau_m": 15.0})
    row = frame.iloc[1]
    assert row["rate_hz.exc"] == pytest.approx(len(alone.spikes["exc"]) / 30 / 0.1) and row["spikes"] == len(alone.spikes["exc"]) > 0
    assert row["synaptic_events"] == sum(alone.counters["events"].values())
    assert row["hash"] == alone.provenance["hash"] and "numba" in row["versions"] and row["neurons"] == 30
    assert len(set(frame["fingerprint"])) == 4


def test_two_processes_give_the_rows_and_bits_of_one(workers: Any) -> None:
    asked: dict[str, Any] = {"over": {"drive.rate": [500, 900, 1300], "exc.size": [20, 31]}, "repeats": 2, "duration": 80}
    one = sweep(small(), **asked, workers=1)
    two = sweep(small(), **asked, cluster=workers)
    assert table(one) == table(two) and one.complete and len(one.rows) == 12
    assert two.provenance["workers"] == 2


def test_a_failing_run_is_a_row_with_its_sentence_and_the_others_go_on(workers: Any) -> None:
    for where in ({"workers": 1}, {"cluster": workers}):
        done = sweep(small(), {"exc.tau_m": [10, -1, 20]}, duration=50, **where)
        assert [row.status for row in done.rows] == ["done", "failed", "done"] and done.complete
        assert "tau_m = -1 ms is out of bounds" in done.failed[0].finding
        assert done.to_pandas()["complete"].tolist() == [True, False, True]


def test_a_run_whose_state_leaves_the_numbers_is_a_row_too() -> None:
    net = small()
    net.connect("drive", net.population("sum", 3, "leaky_integrator"), weight=1.0)
    done = sweep(net, {"p2.weight": [1.0, 1e39]}, duration=50, workers=1)
    assert [row.status for row in done.rows] == ["done", "failed"]
    assert "sum[" in done.rows[1].finding and "v of neuron" in done.rows[1].finding and done.rows[1].measures["duration_ms"] < 50


def test_a_measure_is_taken_where_the_run_is_done(workers: Any) -> None:
    def latest(recording: studio.Recording) -> dict[str, float]:
        return {"latest_ms": np.float64(recording.spikes["exc"].times.max()), "nothing": float("nan")}

    def broken(recording: studio.Recording) -> dict[str, float]:
        raise KeyError("no such thing")

    for where in ({"workers": 1}, {"cluster": workers}):
        good = sweep(small(), duration=50, measure=latest, **where)
        assert 40 < good.to_pandas()["latest_ms"][0] <= 50 and good.rows[0].measures["nothing"] is None
        bad = sweep(small(), duration=50, measure=broken, **where)
        assert bad.rows[0].status == "failed" and "no such thing" in bad.rows[0].finding and bad.rows[0].measures["spikes"] > 0


def test_settings_of_the_run_are_varied_and_rates_can_leave_out_the_beginning() -> None:
    done = sweep(small(), {"run.dt": [0.1, 0.05], "run.precision": ["single", "double"]}, duration=60, start=30, workers=1)
    assert done.units["run.dt"] == "ms" and len(set(done.to_pandas()["fingerprint"])) >= 2
    recording = studio.simulate(small(), 60)
    late = (recording.spikes["exc"].times > 30).sum()
    assert done.rows[0].measures["rate_hz.exc"] == pytest.approx(late / 30 / 0.03)


@pytest.mark.parametrize(
    ("over", "code", "said"),
    [
        ({"exc.tau": [1]}, "path.param", "tau_m"),
        ({"exec.tau_m": [1]}, "path.unknown", "exc"),
        ({"run.seed": [1]}, "path.unknown", "repeats"),
        ({"run.colour": [1]}, "path.unknown", "run.dt"),
    ],
)
def test_a_path_that_names_nothing_runs_nothing(over: Any, code: str, said: str) -> None:
    with pytest.raises(FindingError, match=said) as wrong:
        sweep(small(), over, duration=50, workers=1, watch=lambda frame: pytest.fail("something ran"))
    assert codes(wrong) == [code]


def test_only_documents_can_be_varied() -> None:
    with pytest.raises(FindingError, match="int has none"):
        sweep(3, {"exc.tau_m": [1]})


# watching and cancelling


def test_the_watcher_sees_every_row_as_it_is_done(workers: Any) -> None:
    for where in ({"workers": 1}, {"cluster": workers}):
        frames: list[SweepFrame] = []
        sweep(small(), {"exc.tau_m": [10, 15, -1]}, duration=30, watch=frames.append, **where)
        assert sorted(f.row.run for f in frames if f.row) == [0, 1, 2]
        assert (frames[0].done, frames[-1].done, frames[-1].failed, frames[-1].total) == (0, 3, 1, 3)


def test_a_cancelled_sweep_keeps_what_was_done(workers: Any, tmp_path: Path) -> None:
    for k, where in enumerate(({"workers": 1}, {"cluster": workers})):
        stop = threading.Event()

        def watch(frame: SweepFrame, stop: threading.Event = stop) -> None:
            if frame.done == 2:
                stop.set()

        over = {"run.duration": [20, 20, *[1e7] * 30]}
        done = sweep(small(), over, watch=watch, cancel=stop, out=tmp_path / str(k), recordings=False, **where)
        status = [row.status for row in done.rows]
        assert not done.complete and status.count("done") == 2 and status[-1] == "not run"
        assert set(status) <= {"done", "cancelled", "not run"}
        for row in done.rows:
            assert row.status != "cancelled" or 0 <= row.measures["duration_ms"] < 1e7
        assert Sweep.load(tmp_path / str(k)).rows == done.rows


def test_nothing_is_run_after_a_cancel_that_came_first() -> None:
    stop = threading.Event()
    stop.set()
    done = sweep(small(), {"exc.tau_m": [10, 15]}, duration=30, cancel=stop, workers=1)
    assert [row.status for row in done.rows] == ["not run"] * 2 and done.to_pandas().shape[0] == 2


# what is kept


def test_table_origin_and_recordings_are_kept_and_read_again(workers: Any, tmp_path: Path) -> None:
    import pandas as pd

    done = sweep(small(), {"drive.rate": [500, 900]}, repeats=[3, 5], duration=40, cluster=workers, out=tmp_path / "kept")
    again = Sweep.load(tmp_path / "kept")
    assert again.rows == done.rows and again.provenance == done.provenance
    csv = pd.read_csv(tmp_path / "kept" / "sweep.csv")
    assert csv["rate_hz.exc"].tolist() == done.to_pandas()["rate_hz.exc"].tolist() and csv["seed"].tolist() == [3, 5, 3, 5]
    recording = again.load_recording(3)
    assert recording.provenance["seed"] == 5 and len(recording.spikes["exc"]) == done.rows[3].measures["spikes"]
    assert {"hash", "seeds", "set", "cluster", "version", "started"} <= set(done.provenance) and done.provenance["seeds"] == [3, 5]
    assert sorted(p.name for p in (tmp_path / "kept" / "recordings").iterdir()) == ["0.h5", "1.h5", "2.h5", "3.h5"]


def test_what_is_no_sweep_says_so(tmp_path: Path) -> None:
    (tmp_path / "sweep.json").write_text(json.dumps({"format": "other"}))
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(FindingError) as wrong:
            Sweep.load(folder)
        assert codes(wrong) == ["text.sweep"]
    with pytest.raises(FindingError, match="was not kept"):
        sweep(small(), duration=20, workers=1).load_recording(0)


def test_a_script_without_a_main_guard_may_sweep(tmp_path: Path) -> None:
    """Its own worker processes; they end with it."""
    script = tmp_path / "script.py"
    lines = [
        "import studio",
        "from own import measure",
        "net = studio.Network('Script')",
        "net.population('exc', 5)",
        "done = studio.sweep(net, {'exc.tau_m': [10, 15, 20]}, duration=20, workers=2, measure=measure)",
        "print(done.to_pandas()['twice'].tolist(), done.provenance['cluster'])",
    ]
    script.write_text("\n".join(lines))
    (tmp_path / "own.py").write_text("def measure(recording):\n    return {'twice': 2 * recording.duration}\n")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, timeout=180, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[40.0, 40.0, 40.0] this machine"
    assert "freeze_support" not in done.stderr and str(script) not in done.stderr, "what dask logs while it closes is its own"
