"""The same recording, bit for bit, however many processes share a network. Processes are threads here; see test_ranks_mpi for MPI."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine.networks import mixed, network, pairs, population, projection, source
from engine.rank_threads import ThreadGroup, played
from engine.test_learning_rules import DEVICES, NOISY, RULES, bursts
from engine.test_redrawn import DRAWN_DELAY, DRAWN_WEIGHT, SCHEMES
from engine.test_redrawn import net as drawn_again
from engine.test_synapse_variables import DEVICE, LISTENING, chosen
from engine.test_synapse_variables import net as remembering
from engine.test_zero_delay import layers

from studio.engine.journal import recover
from studio.engine.parts import Plan
from studio.engine.ranks import AgreedError
from studio.engine.recording import Recording
from studio.engine.run import RunError, simulate
from studio.engine.simulation import Simulation
from studio.findings import FindingError
from studio.network.flat import Drawn, FlatNetwork, Record, Wait

RECORD = [
    Record("a", "spikes", None, 0.1), Record("b", "spikes", None, 0.1), Record("y", "spikes", None, 0.1), Record("x", "spikes", None, 0.1),
    Record("a", "v", None, 0.7), Record("b", "v", np.array([0, 33, 69]), 0.1), Record("aa", "weight", None, 0.1),
]  # fmt: skip


def on(ranks: int, net: FlatNetwork, **how: Any) -> list[Recording]:
    return played(ranks, lambda group: simulate(net, group=group, **how))


def same(one: Recording, other: Recording) -> None:
    """Two recordings hold the same bits."""
    assert one.counters == other.counters
    assert one.projections == other.projections
    assert list(one.spikes) == list(other.spikes) and list(one.traces) == list(other.traces) and list(one.weights) == list(other.weights)
    for path, spikes in one.spikes.items():
        assert np.array_equal(spikes.steps, other.spikes[path].steps) and np.array_equal(spikes.ids, other.spikes[path].ids), path
    for key, trace in one.traces.items():
        assert trace.values.tobytes() == other.traces[key].values.tobytes(), key
        assert np.array_equal(trace.ids, other.traces[key].ids) and np.array_equal(trace.times, other.traces[key].times)
    for key, synapses in one.weights.items():
        for name in ("sources", "targets", "weights", "delays"):
            assert getattr(synapses, name).tobytes() == getattr(other.weights[key], name).tobytes(), (key, name)


def test_what_synapses_and_devices_remember_is_the_same_on_any_processes() -> None:
    """Signals counted everywhere, devices that wait, sources with states: two and three processes give the bits of one."""
    flat = remembering(chosen(LISTENING), chosen(DEVICE), True, "single", events=(Wait(11.0, 3600.0),), duration=25.0)
    signals = {"reward": "busy", "error": "c"}
    record = (Record("c", "spikes", None, 0.1), *(Record(key, name, None, 0.1) for key in ("busy", "rare") for name in ("c", "u", "nu")))
    flat = replace(flat, projections=tuple(replace(p, signals=signals) if p.key != "d" else p for p in flat.projections))
    flat = replace(flat, run=replace(flat.run, record=record))
    one = simulate(flat, threads=1)
    for ranks, threads in ((2, 1), (3, 2)):
        other = on(ranks, flat, threads=threads)[0]
        same(one, other)
        for key in ("busy", "rare"):
            for name in ("c", "u", "nu"):
                assert np.array_equal(one.weights[key].states[name], other.weights[key].states[name]), (ranks, key, name)


@pytest.fixture(scope="module")
def alone() -> Recording:
    recording = simulate(mixed(duration=60.0, record=RECORD), threads=1)
    assert min(len(s) for s in recording.spikes.values()) > 20
    assert min(recording.counters["events"].values()) > 20 and min(recording.counters["weight_updates"].values()) > 20
    return recording


@pytest.mark.parametrize("ranks, threads, slice_steps", [(2, 1, None), (2, 2, None), (4, 1, None), (3, 2, 2), (4, 1, 1)])
def test_no_number_of_processes_changes_a_bit(alone: Recording, ranks: int, threads: int, slice_steps: int | None) -> None:
    first, *others = on(ranks, mixed(duration=60.0, record=RECORD), threads=threads, slice_steps=slice_steps)
    same(alone, first)
    assert first.provenance["ranks"] == ranks and first.complete
    assert all(len(other.spikes["a"]) < len(first.spikes["a"]) for other in others)


def test_nor_in_double_precision() -> None:
    net = mixed(duration=30.0, record=RECORD, precision="double")
    same(simulate(net, threads=1), on(2, net, threads=1)[0])


def test_more_processes_than_neurons() -> None:
    net = network(
        [population("a", 5, tau_m=10.0), population("b", 40)],
        [source("x", 3, rate=4000.0)],
        [projection("xa", "x", "a", weight=2.0), projection("ab", "a", "b", weight=9.0, delay=0.4)],
        duration=40.0,
    )
    one = simulate(net, threads=1)
    assert len(one.spikes["b"]) > 10
    same(one, on(4, net, threads=1)[0])


def test_given_spikes_are_counted_once() -> None:
    given = source("g", 2, "spike_list", times=np.array([0.0, 0.4, 1.0, 1.0, 2.5]), ids=np.array([0, 1, 0, 1, 0]))
    net = network(
        [population("a", 64)], [given], [projection("ga", "g", "a", ("probability", {"p": 0.5}), 30.0, 0.5)],
        record=[Record("g", "spikes", None, 0.1), Record("a", "spikes", None, 0.1)], duration=10.0,
    )  # fmt: skip
    one = simulate(net, threads=1)
    assert one.counters["spikes"]["g"] == 4 and one.counters["spikes"]["a"] > 10
    same(one, on(3, net, threads=1)[0])


def test_each_process_keeps_its_share_of_the_synapses() -> None:
    def act(group: ThreadGroup) -> tuple[int, int]:
        simulation = Simulation(mixed(997), Plan(0.1, 1, "single", None, 1), group)
        rings = sum(r.nbytes for cells in simulation.cells.values() for kind in cells.rings for r in kind)
        return sum(r.n for link in simulation.links for r in link.rows), rings

    (total, bytes_alone), *_ = played(1, act)
    shares = played(4, act)
    assert sum(n for n, _ in shares) == total
    assert max(n for n, _ in shares) < 0.32 * total
    assert max(b for _, b in shares) < 0.32 * bytes_alone


def test_lists_that_fill_end_a_batch_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.engine.cells.ROOM", 300)
    net = mixed(duration=60.0, record=RECORD[:4])
    same(simulate(net, threads=1), on(3, net, threads=1)[0])


def test_a_value_that_is_not_finite_ends_the_run_for_all_with_one_finding() -> None:
    net = network(
        [population("a", 100, start={"v": -40.0}), population("b", 64)],
        [],
        [projection("ab", "a", "b", pairs([3, 3], [60, 40]), np.array([-np.inf, -np.inf]), 1.0)],
        duration=50.0,
    )

    def act(group: ThreadGroup) -> tuple[Any, Recording]:
        with pytest.raises(RunError) as broken:
            simulate(net, group=group, threads=1)
        return broken.value.findings, broken.value.recording

    ((alone,), _), *_ = played(1, act)
    assert alone.code == "bounds.finite" and alone.where == "b[40]"
    (found, recording), *others = played(4, act)
    assert [f.where for f in found] == ["b[40]"] and [f for f, _ in others] == [found] * 3
    assert not recording.complete and recording.counters["spikes"]["a"] == 100


def test_cancelling_in_one_process_ends_all_at_the_same_step() -> None:
    class Asked:
        def __init__(self) -> None:
            self.looks = 0

        def is_set(self) -> bool:
            self.looks += 1
            return self.looks > 3

    net = mixed(duration=60_000.0)
    recordings = played(3, lambda group: simulate(net, group=group, threads=1, cancel=Asked() if group.rank == 1 else None))
    assert len({r.duration for r in recordings}) == 1 and 0.0 < recordings[0].duration < 60_000.0
    assert {r.provenance["stopped"] for r in recordings} == {"cancelled"}
    same(simulate(net, recordings[0].duration, threads=1), replace(recordings[0], complete=True))


def test_what_one_process_cannot_build_all_refuse() -> None:
    net = network([population("a", 10), population("b", 11)], [], [projection("ab", "a", "b", ("one_to_one", {}))])

    def act(group: ThreadGroup) -> tuple[str, int]:
        with pytest.raises(FindingError) as refused:
            simulate(net, group=group)
        assert isinstance(refused.value, AgreedError)
        return refused.value.findings[0].code, len(refused.value.findings)

    assert played(2, act) == [("size.connector", 1)] * 2


def test_a_process_that_breaks_takes_all_down(capfd: pytest.CaptureFixture[str]) -> None:
    def broken(frame: Any) -> None:
        raise OSError("no space left on device")

    def act(group: ThreadGroup) -> None:
        simulate(mixed(duration=60_000.0), group=group, threads=1, watch=broken if group.rank == 1 else None)

    with pytest.raises(SystemExit):
        played(2, act)
    assert "Process 1 of 2 failed, so the run ends: no space left on device (OSError)." in capfd.readouterr().err


def test_delays_of_which_one_process_has_only_the_long_ones() -> None:
    """The shortest delay of all decides how long a slice is, wherever it lies."""
    net = network(
        [population("a", 64, tau_m=10.0)],
        [source("x", 64, rate=9000.0)],
        [
            projection("xa", "x", "a", ("one_to_one", {}), 1.0),
            projection("aa", "a", "a", pairs([1, 60], [2, 50]), 5.0, np.array([0.3, 4.0])),
        ],
        duration=100.0,
    )
    one = simulate(net, threads=1)
    two = on(2, net, threads=1)
    assert len(one.spikes["a"]) > 100
    same(one, two[0])
    assert {r.provenance["slice_steps"] for r in two} == {3}


def test_drawn_weights_and_rates_of_its_own_elements() -> None:
    net = network(
        [population("a", 130)], [source("x", 130, rate=Drawn("uniform", 1000.0, 9000.0))],
        [projection("xa", "x", "a", ("one_to_one", {}), Drawn("normal", 1.0, 0.2), 0.5)], duration=50.0,
    )  # fmt: skip
    one = simulate(net, threads=1)
    assert len(one.spikes["a"]) > 50
    same(one, on(2, net, threads=2)[0])


@pytest.mark.parametrize("ranks, threads", [(2, 1), (3, 2)])
def test_zero_delays_cross_processes_within_a_step(ranks: int, threads: int) -> None:
    net = layers(duration=30.0)
    one = simulate(net, threads=1)
    assert min(len(one.spikes[path]) for path in ("first", "mid", "out")) > 20
    same(one, on(ranks, net, threads=threads)[0])


def test_currents_reach_the_neurons_of_each_process() -> None:
    given = source("i", 4, "step_current", times=np.array([0.0, 5.0]), amplitudes=np.array([[0.4, 0.0, 0.5, 0.1], [0.0, 0.6, 0.2, 0.7]]))
    net = network(
        [population("a", 90)], [given], [projection("ia", "i", "a", ("probability", {"p": 0.4}), Drawn("uniform", 0.5, 2.0), 0.7, None)],
        duration=40.0,
    )  # fmt: skip
    one = simulate(net, threads=1)
    assert len(one.spikes["a"]) > 20
    same(one, on(3, net, threads=1)[0])


def test_a_run_that_was_ended_goes_on_on_as_many_processes(tmp_path: Path) -> None:
    net = mixed(duration=60.0, record=RECORD[:4])
    on(2, replace(net, run=replace(net.run, duration=25.0)), threads=1, checkpoint=tmp_path / "run")
    same(simulate(net, threads=1), on(2, net, threads=1, resume=tmp_path / "run")[0])

    def act(group: ThreadGroup) -> str:
        with pytest.raises(AgreedError) as refused:
            simulate(net, group=group, threads=1, resume=tmp_path / "run")
        return refused.value.findings[0].text

    assert "had 2 processes" in played(3, act)[0]
    with pytest.raises(FindingError, match="had 2 processes"):
        simulate(net, threads=1, resume=tmp_path / "run")


def test_what_several_processes_had_written_when_they_were_killed_is_one_recording(tmp_path: Path) -> None:
    net = mixed(duration=60.0, record=RECORD[:6])
    first, *_ = on(3, net, threads=1, checkpoint=tmp_path / "run", checkpoint_s=None)
    left = recover(tmp_path)
    assert not left.complete and left.provenance["ranks"] == 3
    for counted in ("spikes", "events", "updates"):  # weight updates that are pending are applied at the end
        assert left.counters[counted] == first.counters[counted]
    for path, spikes in first.spikes.items():
        assert np.array_equal(spikes.steps, left.spikes[path].steps) and np.array_equal(spikes.ids, left.spikes[path].ids)
    for key, trace in first.traces.items():
        assert np.array_equal(trace.values, left.traces[key].values) and np.array_equal(trace.ids, left.traces[key].ids)


@pytest.mark.parametrize("connectivity", ["stored", "procedural"])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_synapses_in_tables_and_synapses_drawn_again(scheme: str, connectivity: str) -> None:
    net = drawn_again(scheme, DRAWN_WEIGHT, DRAWN_DELAY, weights="table256", connectivity=connectivity)
    one = simulate(net, threads=1)
    assert min(len(s) for s in one.spikes.values()) > 20
    same(one, on(3, net, threads=1)[0])


@pytest.mark.parametrize("rule", [RULES["scaling"], NOISY], ids=["at intervals", "with draws"])
def test_rules_at_intervals_and_with_draws(rule: Any) -> None:
    net = bursts(rule, DEVICES["soft"], mixed=True, duration=60.0)
    one = simulate(net, threads=1)
    assert min(one.counters["weight_updates"].values()) > 20
    same(one, on(2, net, threads=1)[0])


def test_what_does_not_fit_is_said_before_anything_is_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.engine.memory.available", lambda: 600 << 20)  # of the machine, for both processes
    net = mixed(duration=10.0)
    assert simulate(net, threads=1).complete
    with pytest.raises(AgreedError, match="in each process"):
        played(4, lambda group: simulate(net, group=group, threads=1))
