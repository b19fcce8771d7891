"""Where the time of a run went: nothing is lost, everything is named, and measuring changes no spike."""

from __future__ import annotations

from typing import Any

import pytest
from engine.networks import fired, mixed

from studio.engine.profile import KINDS, SHOWN, table
from studio.engine.recording import Recording
from studio.engine.run import simulate


@pytest.fixture(scope="module", params=[1, 2])
def recording(request: pytest.FixtureRequest) -> Recording:
    return simulate(mixed(997, seed=3), 200.0, threads=request.param, profile=True)


def test_all_time_is_accounted_for(recording: Recording) -> None:
    said = recording.provenance["profile"]
    assert set(said["seconds"]) == set(KINDS)
    assert sum(said["seconds"].values()) == pytest.approx(said["wall_s"], rel=0.05)
    assert all(s >= 0.0 for s in said["seconds"].values())
    assert {kind for kind, s in said["seconds"].items() if s > 0} >= {"update", "delivery", "plasticity", "input", "recording"}


def test_every_node_and_projection_has_its_row(recording: Recording) -> None:
    said, counters = recording.provenance["profile"], recording.counters
    kinds = {r["path"]: r["kind"] for r in said["rows"]}
    assert kinds == {"a": "update", "b": "update", "x": "input", "y": "input"} | dict.fromkeys(
        ("px", "py", "aa"), "delivery"
    ) | dict.fromkeys(("ab", "ba"), "plasticity")
    for r in said["rows"]:
        expected = {"update": counters["updates"], "delivery": counters["events"], "plasticity": counters["events"]}.get(r["kind"])
        assert r["count"] == (expected[r["path"]] if expected else {"x": 997, "y": 11}[r["path"]] * 2000)
        assert r["ns"] is None or r["ns"] == pytest.approx(1e9 * r["s"] / r["count"])
    assert [r["s"] for r in said["rows"]] == sorted((r["s"] for r in said["rows"]), reverse=True)
    assert said["events"] == sum(counters["events"].values()) and said["updates"] == sum(counters["updates"].values())


def test_measuring_changes_no_spike(recording: Recording) -> None:
    plain = simulate(mixed(997, seed=3), 200.0, threads=1)
    assert "profile" not in plain.provenance
    assert fired(plain, "a") == fired(recording, "a") and plain.counters == recording.counters


def made(n: int) -> dict[str, Any]:
    rows = [{"kind": "delivery", "path": f"p{k}", "s": 0.1, "count": 1000, "ns": 1e5} for k in range(n)]
    seconds = {**dict.fromkeys(KINDS, 0.0), "delivery": 0.1 * n, "update": 0.5}
    return {
        "wall_s": 0.1 * n + 0.5, "threads": 2, "seconds": seconds, "rows": rows, "events": 1000 * n, "events_per_s": 1.0,
        "ns_per_event": 1e5, "updates": 500, "ns_per_update": 1e6, "weight_updates": 0,
    }  # fmt: skip


def test_the_table_says_the_largest_first_and_sums_up_the_rest() -> None:
    lines = table(made(SHOWN + 3)).splitlines()
    assert lines[0] == "2 s on 2 threads"
    assert lines[1].split()[:4] == ["1.500", "s", "75.0", "%"] and "spikes cross synapses" in lines[1] and "update" in lines[2]
    assert any(line.endswith("3 more") and "0.300 s" in line for line in lines)
    assert any("15,000 synaptic events" in line for line in lines)
    assert not any("exchange" in line for line in lines), "what took no time is left out"


def test_a_run_of_nothing_has_a_profile(recording: Recording) -> None:
    said = simulate(mixed(seed=3), 0.0, profile=True).provenance["profile"]
    assert said["events"] == 0 and said["ns_per_event"] is None and table(said)
