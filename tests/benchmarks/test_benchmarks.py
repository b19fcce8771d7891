"""What the benchmarks do between measurements: reading answers, putting numbers together, judging agreement. No peer is needed."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from benchmarks import agreement, cases, documents, environments, machine, process, results, scaling, statistics  # noqa: E402
from benchmarks.peers import given  # noqa: E402


def measurement(
    who: str = "engine", way: str = "stored", threads: int = 2, wall: tuple[float, ...] = (1.0,), **more: object
) -> results.Measurement:
    numbers = {"build_s": 1.0, "compile_s": 0.5, "synapses": 1_000_000, "peak_bytes": 5000, "network_bytes": 4_000_000, "wait_share": 0.0}
    kept = {"elapsed_s": 2.0, "cpu_s": 1.0, "load": 0.0, "rates": {"a": 5.0}, **numbers, **more}
    return results.Measurement(who=who, way=way, threads=threads, repeat=0, wall_s=list(wall), span_ms=2000.0, **kept)  # type: ignore[arg-type]


def test_the_answer_is_the_last_object_whatever_stands_before_it() -> None:
    said = 'banner {not json}\n{"old": 1}\nmore\n{\n "a": {"b": 2},\n "c": 3\n}\n'
    assert process.last_json(said) == {"a": {"b": 2}, "c": 3}
    assert process.last_json("no object at all\n") is None


def test_a_process_is_measured() -> None:
    code = "import json; kept = bytearray(60_000_000); sum(range(3_000_000)); print('hello'); print(json.dumps({'x': 1}))"
    done = process.measure([sys.executable, "-c", code])
    assert done.answer == {"x": 1}
    assert done.peak_bytes > 60_000_000 and 0 < done.cpu_s < 60 and done.elapsed_s > 0
    assert math.isnan(done.wait_share) or 0 <= done.wait_share <= 1


def test_a_process_that_fails_says_why() -> None:
    with pytest.raises(process.Failed, match=r"exit 1[\s\S]*no such network") as said:
        process.measure([sys.executable, "-c", "raise SystemExit('no such network')"])
    assert said.value.brief == "no such network"


def test_a_variable_can_be_taken_from_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAKEN", "1")
    code = "import json, os; print(json.dumps({k: os.environ.get(k) for k in ('TAKEN', 'GIVEN')}))"
    assert process.measure([sys.executable, "-c", code], {"TAKEN": None, "GIVEN": "2"}).answer == {"TAKEN": None, "GIVEN": "2"}


def test_nest_simulates_whole_steps() -> None:
    for point in scaling.points():
        span = scaling.nest_span(point)
        assert 50 <= span <= point.span and span % 10 == pytest.approx(0)


def test_measurements_of_one_way_make_one_row() -> None:
    rows = results.rows([measurement(wall=(1.0,)), measurement(wall=(3.0,), build_s=0.4), measurement("nest", "", wall=(20.0, 30.0, 28.0))])
    assert [(r.who, r.n) for r in rows] == [("engine", 2), ("nest", 1)]
    engine, nest = rows
    assert (engine.least, engine.median, engine.build_s, engine.bytes_per_synapse) == (0.5, 1.0, 0.4, 4.0)
    assert results.ratio(nest, engine) == (20.0, 14.0)


def test_memory_of_few_synapses_says_nothing_about_each() -> None:
    (row,) = results.rows([measurement(synapses=300_000)])
    assert math.isnan(row.bytes_per_synapse)


def test_a_measurement_waits_for_a_quiet_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = iter([0.1, 0.5, 0.95, 0.0])
    monkeypatch.setattr(machine, "idle", lambda: next(seen))
    monkeypatch.setattr(machine.time, "sleep", lambda _: None)
    machine.settle(60.0)
    assert next(seen) == 0.0
    machine.settle(0.0)  # no patience: it does not even look
    with pytest.raises(StopIteration):
        next(seen)


def test_a_result_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    made = measurement(wait_share=math.nan, cv={"a": math.nan, "b": 0.123456789})
    results.save("b0", {"case": "b0", "measurements": [made]}, tmp_path)
    text = (tmp_path / "b0.json").read_text()
    assert "NaN" not in text and json.loads(text)["machine"]["cores"] >= 1
    found = results.load("b0", tmp_path)
    assert found is not None and found["version"] and found["date"]
    (back,) = found["measurements"]
    assert math.isnan(back.wait_share) and back.cv["b"] == 0.12346 and back.factors == made.factors
    assert results.load("nothing", tmp_path) is None


@pytest.mark.parametrize("cv", [0.0, 0.5, 1.0])
def test_irregularity_of_trains_that_are_known(cv: float) -> None:
    random = np.random.default_rng(1)
    gaps = np.ones((50, 400)) if cv == 0 else random.gamma(1 / cv**2, cv**2, (50, 400))
    times, ids = np.cumsum(gaps, axis=1).ravel(), np.repeat(np.arange(50), 400)
    mixed = random.permutation(len(times))
    assert statistics.mean_cv(times[mixed], ids[mixed]) == pytest.approx(cv, abs=0.02)


def test_irregularity_leaves_out_neurons_with_few_intervals() -> None:
    times, ids = np.array([0.0, 1.0, 5.0, 0.0, 1.0, 2.0, 3.0]), np.array([7, 7, 7, 9, 9, 9, 9])
    assert statistics.mean_cv(times, ids) == 0.0
    assert math.isnan(statistics.mean_cv(times[:3], ids[:3]))
    assert math.isnan(statistics.mean_cv(np.empty(0), np.empty(0, int)))


@pytest.mark.parametrize(
    ("quantity", "value", "agrees"),
    [
        ("rate", 9.85, True),
        ("rate", 9.7, False),
        ("rate", 11.2, True),
        ("rate", 11.3, False),
        ("cv", 9.995, True),
        ("cv", 9.985, False),
        ("spread", 11.5, True),
        ("spread", 11.6, False),
    ],
)
def test_agreement_is_the_seeds_range_of_nest_and_a_little_beyond(quantity: str, value: float, agrees: bool) -> None:
    (verdict,) = agreement.judged([{quantity: {"e": value}}], [{quantity: {"e": 10.0}}, {quantity: {"e": 11.0}}])
    assert verdict.agrees is agrees


def test_what_one_side_cannot_say_is_not_judged() -> None:
    assert agreement.judged([{"cv": {"e": math.nan}}], [{"cv": {"e": 0.5}}]) == []


def test_a_peer_without_an_environment_says_how_to_make_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("BENCHMARKS_HOME", str(tmp_path))
    assert "python -m benchmarks peers nest" in environments.missing("nest")


def test_the_cases_read_as_plain_networks(tmp_path: Path) -> None:
    for key in ("b1", "b2", "b3", "b4"):
        network = given.read(cases.CASES[key].document(tmp_path / f"{key}.snn.json"))
        assert len(network.populations) in (2, 8)
        assert all(link.source in network.elements and link.target in network.populations for link in network.links)
    b2 = given.read(tmp_path / "b2.snn.json")
    assert b2.populations["excitatory"].params["v_reset"] == 0
    assert cases.CASES["b4"].plastic in {
        link.key for link in given.read(tmp_path / "b4.snn.json").links if link.plasticity[0] == "stdp_pair"
    }


def test_defaults_of_the_plain_reader_are_the_catalogues() -> None:
    from studio.models.catalogue import catalogue

    model = catalogue().get("neuron", "lif")
    assert {p.name: p.default for p in model.params} == given.LIF


def test_another_rule_keeps_the_number_of_synapses(tmp_path: Path) -> None:
    from studio.network.build import load

    for name in ("fixed_out_degree", "regular", "fixed_in_degree"):
        net = load(documents.connected("brunel", cases.RESET, name, tmp_path / "b2.snn.json"))
        assert not [f for f in net.check() if f.severity == "error"]
        nodes = net.json["circuits"]["main"]["nodes"]
        total = 0
        for link in net.json["circuits"]["main"]["projections"].values():
            if link["connector"]["model"] == name:
                end = link["to"] if name == "fixed_in_degree" else link["from"]
                total += link["connector"]["params"]["k"] * nodes[end]["size"]
        assert total == 15_625_000


def test_every_point_of_the_scaling_is_a_network_without_findings(tmp_path: Path) -> None:
    from studio.network.build import load

    seen = set()
    for point in scaling.points():
        if (point.rate, str(point.delay), point.k) not in seen:
            net = load(documents.sheet(point.n, point.k, point.rate, tmp_path / "sheet.snn.json", delay=point.delay))
            assert net.check() == ()
            seen.add((point.rate, str(point.delay), point.k))
    assert len(seen) > 8


def test_the_command_names_its_cases() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "run", "b9"], cwd=ROOT, capture_output=True, text=True, env={**os.environ, "COLUMNS": "200"}
    )
    assert done.returncode == 2 and "b9" in done.stderr


@pytest.mark.parametrize("name", ["nest", "brian2"])
def test_a_peer_runs_a_small_network(name: str, tmp_path: Path) -> None:
    if reason := environments.missing(name):
        pytest.skip(reason)
    document = documents.small(tmp_path / "small.snn.json")
    extra = ["--target=numpy"] if name == "brian2" else []
    said = environments.run(name, document, "--warm=10", "--span=40", *extra).answer
    assert said["synapses"] > 100 and len(said["wall_s"]) == 1 and set(said["rates"]) == {"excitatory", "inhibitory"}
