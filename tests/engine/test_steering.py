"""Parameters changed while a network runs: when they act, what they reach, what is written down, and what is refused."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine.networks import fired, mixed, network, population, projection, source

from studio.engine.run import Frame, simulate
from studio.engine.steering import Steering, from_file
from studio.findings import FindingError
from studio.network.build import Network
from studio.network.flat import Chosen, Drawn, FlatNetwork, Record

CHANGES: list[Any] = [
    (10.0, "a.v_th", -57),
    (20.0, "ab.kinetics.tau", 4),
    (30.0, "x.rate", (3, "kHz")),
    (40.0, "px.weight", 0.2),
    (45.1, "b.tau_m", "20 ms"),
    (50.0, "a.tau_m", {"normal": [10, 1], "min": 5, "max": 20}),
    (52.0, "a.tau_m", np.linspace(5.0, 20.0, 211)),
]


def test_a_logged_run_repeats_bit_for_bit_on_any_threads_and_slices(tmp_path: Path) -> None:
    record = [Record("a", "v", np.arange(0, 211, 10), 0.5), Record("a", "spikes", None, 0.1), Record("b", "spikes", None, 0.1)]
    one = simulate(mixed(seed=3, record=record), 70.0, threads=1, steer=CHANGES)
    log = one.provenance["steering"]
    assert [e["step"] for e in log] == [100, 200, 300, 400, 451, 500, 520]
    assert log[0] == {"step": 100, "path": "a", "name": "v_th", "value": -57.0}
    one.save(tmp_path / "r.h5")
    log = from_file(tmp_path / "r.h5")
    assert log == json.loads(json.dumps(one.provenance["steering"]))
    again = simulate(mixed(seed=3, record=record), 70.0, threads=2, slice_steps=1, steer=log)
    assert fired(one, "a") == fired(again, "a") and fired(one, "b") == fired(again, "b")
    assert np.array_equal(one.traces["a", "v"].values, again.traces["a", "v"].values)
    for key in ("ab", "ba"):
        assert np.array_equal(np.sort(one.weights[key].weights), np.sort(again.weights[key].weights))
    assert one.counters == again.counters and again.provenance["steering"] == log


def test_nothing_moves_before_the_step_of_a_change_and_something_does_after() -> None:
    plain, steered = (simulate(mixed(seed=3), 40.0, threads=1, steer=s) for s in (None, [(20.0, "a.v_th", -60.0)]))
    until = [[s for s in fired(r, "a") if s[0] <= 200] for r in (plain, steered)]
    assert until[0] == until[1] and len(steered.spikes["a"]) > len(plain.spikes["a"])


def driven(**params: Any) -> FlatNetwork:
    record = [Record("a", "v", None, 0.1)]
    sources = [source("i", 1, "step_current", amplitude=params.pop("amplitude", 0.1))]
    return network(
        [population("a", 3, **params)], sources, [projection("p", "i", "a", delay=0.0, kinetics=None)], record, precision="double"
    )


def test_a_steered_time_constant_acts_as_the_equation_says() -> None:
    """v relaxes to v_rest + R i with the tau of the moment: two exponentials, joined at the change."""
    v = simulate(driven(c_m=0.5, v_th=0.0), 60.0, steer=[(30.0, "a.tau_m", 20.0)]).traces["a", "v"].values[:, 0]
    first, second = 10.0 / 0.5 * 0.1, 20.0 / 0.5 * 0.1
    t = np.arange(1, 301) * 0.1
    before = -70.0 + first * (1 - np.exp(-t / 10.0))
    after = -70.0 + second + (before[-1] + 70.0 - second) * np.exp(-t / 20.0)
    assert np.allclose(v, np.concatenate([before, after]), atol=1e-10)


def test_a_steered_current_acts_from_its_step_on() -> None:
    v = simulate(driven(v_th=0.0), 20.0, steer=[(10.0, "i.amplitude", 0.3)]).traces["a", "v"].values[:, 0]
    plain = simulate(driven(v_th=0.0), 20.0).traces["a", "v"].values[:, 0]
    assert np.array_equal(v[:100], plain[:100]) and v[100] > plain[100]


def test_a_rate_so_high_that_a_step_needs_several_draws() -> None:
    """Counts above the largest of one table come in pieces; their number changes with the rate."""
    net = network([population("a", 1)], [source("x", 200, rate=1000.0)], [projection("p", "x", "a")], [Record("x", "spikes", None, 0.1)])
    r = simulate(net, 20.0, steer=[(10.0, "x.rate", 400_000.0)], threads=1)
    late = np.count_nonzero(r.spikes["x"].steps > 100)
    assert late == pytest.approx(200 * 400_000 * 0.010, rel=0.01)


def test_a_receptor_is_steered_for_all_projections_that_share_it() -> None:
    r = simulate(mixed(seed=3), 5.0, steer=[(1.0, "py.kinetics.tau", 3.0)])
    (entry,) = r.provenance["steering"]
    assert entry == {"step": 10, "path": "py", "name": "kinetics.tau", "value": 3.0, "projections": ["py", "ab"]}
    other = simulate(mixed(seed=3), 5.0, steer=[(1.0, "ab.kinetics.tau", 3.0)])
    assert fired(r, "b") == fired(other, "b")


def test_the_weight_of_a_steered_projection_is_the_recorded_one() -> None:
    net = network([population("a", 5)], [source("x", 5)], [projection("p", "x", "a", weight=0.5)], [Record("p", "weight", None, 1.0)])
    assert set(simulate(net, 2.0, steer=[(1.0, "p.weight", 0.25)]).weights["p"].weights.tolist()) == {0.25}


@pytest.mark.parametrize("connectivity", ["stored", "procedural"])
@pytest.mark.parametrize("delay", [1.5, Drawn("uniform", 0.5, 3.0)])
def test_a_weight_is_steered_whether_synapses_are_stored_or_drawn_again(connectivity: str, delay: Any) -> None:
    link = projection("p", "x", "a", ("probability", {"p": 0.3}), 0.5, delay)
    cells, drive = [population("a", 50)], [source("x", 30, rate=1000.0)]
    record = [Record("a", "spikes", None, 0.1), Record("p", "weight", None, 0.1)]
    first, second = (network(cells, drive, [link], record, seed=1, connectivity=c) for c in ("stored", connectivity))
    one, two = (simulate(net, 50.0, threads=n, steer=[(10.0, "p.weight", 0.8)]) for n, net in ((1, first), (2, second)))
    assert fired(one, "a") == fired(two, "a") and len(one.spikes["a"]) > 10
    assert len(two.weights["p"]) > 100 and np.allclose(two.weights["p"].weights, 0.8)


def test_a_weight_is_steered_where_every_synapse_has_its_own_delay() -> None:
    """What fired before the change arrives with the old weight, in any number of threads."""
    link = projection("p", "x", "a", ("one_to_one", {}), 0.5, Drawn("uniform", 0.5, 3.0))
    net = network([population("a", 50)], [source("x", 50, rate=3000.0)], [link], seed=1)
    plain, one, two = (
        simulate(net, 50.0, threads=n, steer=s) for n, s in ((1, None), (1, [(10.0, "p.weight", 1.0)]), (2, [(10.0, "p.weight", 1.0)]))
    )
    assert fired(one, "a") == fired(two, "a") and len(one.spikes["a"]) > 2 * len(plain.spikes["a"])
    assert [s for s in fired(one, "a") if s[0] <= 105] == [s for s in fired(plain, "a") if s[0] <= 105]


def copies() -> Network:
    net = Network("n")
    net.circuit("column").population("exc", 4, i_offset=0.5)
    net.instance("cols", "column", repeat=3)
    return net


def test_a_rule_is_steered_from_its_step_on_what_came_before_counts_as_before() -> None:
    """Learning that ends at 30 ms leaves the weights of a run that ends then, although spikes of before were still to be taken in."""
    net = mixed(60, duration=70.0, seed=3)
    ended, short = simulate(net, steer=[(30.0, "ab.plasticity.learning_rate", 0.0)], threads=2), simulate(net, 30.0, threads=1)
    assert np.array_equal(ended.weights["ab"].weights, short.weights["ab"].weights)
    whole = simulate(net)
    assert not np.array_equal(whole.weights["ab"].weights, short.weights["ab"].weights)
    assert simulate(net, steer=ended.provenance["steering"]).counters == ended.counters


@pytest.mark.parametrize(("path", "value"), [("ba.plasticity.mu_plus", 0.5), ("ba.device.w_min", -0.6)])
def test_a_rule_or_device_steered_at_once_is_as_if_built_so(path: str, value: float) -> None:
    """Also where the kernels become others: an exponent of 1 is written without a power."""
    net = mixed(60, duration=60.0, seed=3)
    part, name = path.split(".")[1:]
    built = tuple(
        replace(p, **{part: Chosen(getattr(p, part).model, {**getattr(p, part).params, name: value})}) if p.key == "ba" else p
        for p in net.projections
    )
    ours, theirs = simulate(net, steer=[(0.0, path, value)], threads=2), simulate(replace(net, projections=built), threads=1)
    assert np.array_equal(ours.weights["ba"].weights, theirs.weights["ba"].weights)
    assert not np.array_equal(ours.weights["ba"].weights, simulate(net).weights["ba"].weights)


def test_a_path_without_a_copy_or_with_a_star_means_all_copies() -> None:
    flat = copies().flatten()
    paths = [p.path for p in flat.populations]
    assert len(paths) == 3
    for path, n in (("cols.exc", 3), ("cols[*].exc", 3), ("cols[1].exc", 1), ("cols[1:].exc", 2)):
        log = simulate(flat, 2.0, steer=[(1.0, f"{path}.i_offset", 1.0)]).provenance["steering"]
        assert len(log) == n and {e["path"] for e in log} <= set(paths)


def test_a_handle_steers_from_another_thread_and_its_log_repeats_the_run() -> None:
    handle, cancel = Steering(), threading.Event()

    def act() -> None:
        handle.set("a.v_th", -60)
        handle.set("a.nonsense", 1)

    def watch(frame: Frame) -> None:
        if frame.step > 500 and not handle.log:
            thread = threading.Thread(target=act)
            thread.start()
            thread.join()
        if handle.log and frame.step > handle.log[0]["step"] + 300:
            cancel.set()

    r = simulate(mixed(seed=3), 1e6, watch=watch, cancel=cancel, steer=handle, threads=1)
    (entry,) = r.provenance["steering"]
    assert entry["step"] > 500 and entry["value"] == -60
    assert [f.where for f in handle.refused] == ["a.nonsense"]
    again = simulate(mixed(seed=3), r.duration, steer=handle.log, threads=2)
    assert fired(again, "a") == fired(r, "a")


def test_the_handle_tells_what_it_did_and_what_it_refused() -> None:
    said: list[Any] = []
    handle = Steering(lambda entries, findings: said.append((entries, findings)))
    handle.set("b.tau_m", 11)
    handle.set("b.tau_m", -1)
    r = simulate(mixed(seed=3), 2.0, steer=handle)
    ((entries, findings),) = said
    assert r.provenance["steering"] == list(entries) == [{"step": 0, "path": "b", "name": "tau_m", "value": 11.0}]
    assert [f.code for f in findings] == ["bounds.low"]


@pytest.mark.parametrize(
    ("path", "value", "match"),
    [
        ("a.foo", 3, "no parameter “foo”"),
        ("nobody.x", 3, "names nothing"),
        ("a", 3, "a.PARAMETER"),
        ("a[0:3].tau_m", 3, "names nothing"),
        ("a.size", 3, "how the network is built"),
        ("a.start.v", 3, "how the network is built"),
        ("ab.delay", 3, "how the network is built"),
        ("py.connector.p", 0.1, "how the network is built"),
        ("ab.plasticity.tau_plus", 3, "paces a trace"),
        ("ab.plasticity.w_max", {"normal": [1, 0.1]}, "share this number"),
        ("ab.device.w_min", 3, "no parameter “w_min”"),
        ("py.plasticity.w_max", 3, "no parameter “w_max”"),
        ("ab.weight", 3, "learn"),
        ("py.weight", 3, "a weight of its own"),
        ("ab.kinetics.taus", 3, "no parameter “taus”"),
        ("b.tau_m", -1, "more than 0 ms"),
        ("b.tau_m", {"normal": [10, 1]}, "share one value"),
        ("a.tau_m", [1, 2, 3], "211"),
        ("b.tau_m", (3, "mV"), "ms"),
        ("b.tau_m", float("nan"), "not a number"),
        ("b.tau_m", None, "not a number"),
        ("b.c_m", 1e-320, "not a finite number"),
    ],
)
def test_what_cannot_change_is_refused_in_words_before_the_run(path: str, value: Any, match: str) -> None:
    net = network([population("b", 3, i_offset=1.0)], [], []) if path == "b.c_m" else mixed(seed=3)
    with pytest.raises(FindingError, match=match):
        simulate(net, 1.0, steer=[(0.5, path, value)])


@pytest.mark.parametrize(
    "given", [3, (1.0, "a.v_th"), (-1.0, "a.v_th", 1), {"path": "a"}, ("soon", "a.v_th", 1), {"step": "x", "path": "a.v_th", "value": 1}]
)
def test_what_is_no_change_is_refused_in_words(given: Any) -> None:
    with pytest.raises(FindingError, match="is no change"):
        simulate(mixed(), 1.0, steer=[given])


def test_drawn_values_are_drawn_by_seed_and_path_not_by_moment() -> None:
    """Steering to the distribution that was there changes nothing."""
    same = {"normal": [12.0, 1.0], "min": 5.0, "max": 20.0}
    steered = simulate(mixed(seed=3), 30.0, steer=[(10.0, "a.tau_m", same), (15.0, "a.tau_m", Drawn("normal", 12.0, 1.0, 5.0, 20.0))])
    assert fired(steered, "a") == fired(simulate(mixed(seed=3), 30.0), "a")


@pytest.mark.parametrize("text", ["{", "{}", "[[1, 2]]"])
def test_a_file_of_changes_that_is_none_is_refused_in_words(text: str, tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text(text)
    with pytest.raises(FindingError, match=r"list of changes|no change|not JSON"):
        simulate(mixed(), 1.0, steer=from_file(tmp_path / "s.json"))
