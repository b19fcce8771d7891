"""The twin run: what a machine is given, what is compared, and when it fails."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from studio import Network
from studio.backends import backend
from studio.backends.comparison import FORMAT, Twin, comparison
from studio.backends.compiling import compile_network, flat_of
from studio.backends.states import outputs
from studio.backends.stimulus import retimed, stimulus_of, together
from studio.backends.verify import verify
from studio.compile.backend import Outcome, Stimulus
from studio.compile.pipeline import Cancelled
from studio.compile.program import lower
from studio.findings import FindingError


def network(rate=200.0, **more):
    """Eight sources that drive four neurons, hard enough to be heard."""
    net = Network("Twin")
    net.source("in", 8, "poisson", rate=rate)
    net.population("out", 4)
    net.connect("in", "out", weight=6.0, kinetics="delta", delay=1.0)
    net.run(duration=300.0, dt=0.1)
    return net


def recording(spikes, sizes, duration=100.0, dt=0.1):
    """{path: (steps as recorded, ids)}."""
    made = {
        p: SimpleNamespace(steps=np.array(s, np.int64), ids=np.array(i, np.int64), times=np.array(s) * dt) for p, (s, i) in spikes.items()
    }
    infos = {p: SimpleNamespace(path=p, size=n, kind="population") for p, n in sizes.items()}
    return SimpleNamespace(spikes=made, populations=infos, duration=duration, dt=dt, complete=True, traces={})


def twin(ideal, chip, dt=1.0, **more):
    """A twin run of one population `out` of two neurons, from spikes in steps of 0.1 ms and of `dt`."""
    net = Network("Twin")
    net.population("out", 2)
    flat = replace(flat_of(net), task=more.pop("task", None))
    program = replace(lower(flat, backend("mock").target), dt=dt)
    made = recording({"out": ideal}, {"out": 2})
    given = more.pop("stimulus", Stimulus(100))
    return Twin(
        program,
        flat,
        made,
        given,
        Outcome(100, dt, {"out": tuple(np.array(x, np.int64) for x in chip)}, **more.pop("counted", {})),
        "",
        **more,
    )


def test_spikes_are_retimed_to_the_step_that_ends_nearest():
    r = recording({"in": ([0, 1, 14, 16, 1000], [0, 1, 0, 1, 0])}, {"in": 2})
    steps, ids = retimed(r, "in", 1.0, 100)
    assert steps.tolist() == [-1, 0, 0, 1, 99] and ids.tolist() == [0, 0, 1, 1, 0]


def test_nothing_is_lost_where_the_steps_are_the_same():
    r = recording({"in": ([1, 7, 7, 999], [1, 0, 0, 1])}, {"in": 2})
    steps, ids = retimed(r, "in", 0.1, 1000)
    assert (steps + 1).tolist() == [1, 7, 7, 999] and ids.tolist() == [1, 0, 0, 1]
    assert together((steps, ids)) == 1


def test_currents_are_cut_for_the_programs_steps():
    net = Network("Current")
    net.source("pulse", 2, "step_current", amplitude=0.5, start=10.0, stop=20.0)
    net.population("out", 2)
    net.connect("pulse", "out", "one_to_one", weight=1.0)
    program = replace(lower(flat_of(net), backend("mock").target), dt=2.0)
    starts, values = stimulus_of(program, recording({}, {})).currents["pulse"]
    assert starts.tolist() == [0, 5, 10] and values[:, 0].tolist() == [0.0, 0.5, 0.0] and values.shape == (3, 2)


def test_equal_runs_in_steps_of_different_lengths_agree():
    said = comparison(twin(([10, 20, 500], [0, 1, 0]), ([0, 1, 49], [0, 1, 0])))
    assert said["format"] == FORMAT and said["passed"] and said["replayed"] == {"exact": True, "difference": "", "steps": 100}
    out = said["populations"]["out"]
    assert (out["same"], out["van_rossum"], out["rate_error"], out["spikes"]) == (1.0, 0.0, 0.0, [3, 3])
    assert json.loads(json.dumps(said)) == said


def test_a_rate_that_is_off_by_more_than_asked_fails_and_says_by_how_much():
    off = twin(([10, 20, 500, 700], [0, 1, 0, 0]), ([0, 1, 49], [0, 1, 0]), max_rate_error=0.2)
    said = comparison(off)
    assert not said["passed"] and said["failures"] == ["out: 15 Hz instead of 20 Hz, off by 25.0%; 20.0% is allowed."]
    assert said["rate_error"] == {"worst": 0.25, "path": "out", "limit": 0.2}
    assert comparison(replace(off, max_rate_error=0.3))["passed"]


def test_a_population_that_should_be_silent_fails_any_limit():
    said = comparison(twin(([], []), ([3], [0]), max_rate_error=10.0))
    assert not said["passed"] and said["rate_error"]["worst"] is None


TASK = {"present": 10.0, "gap": 0.0, "readout": "out", "labels": np.array([0, 1, 0, 1, 0, 1, 0, 1, 0, 1])}


def test_the_task_is_decoded_before_and_after():
    right = ([50, 150, 250, 350], [0, 1, 0, 1])  # one spike a pattern of 100 steps
    wrong = ([4, 14, 24, 34], [0, 1, 0, 0])
    said = comparison(twin(right, wrong, task=TASK, samples=4))["task"]
    assert (said["n"], said["ideal"], said["chip"], said["agree"], said["chance"]) == (4, 1.0, 0.75, 0.75, 0.5)
    low, high = said["interval"]["chip"]
    assert low == pytest.approx(0.3006, abs=1e-4) and high == pytest.approx(0.9544, abs=1e-4)  # Wilson's, 3 of 4


def test_verification_fails_below_the_accuracy_that_the_document_asks_for():
    right, wrong = ([50, 150, 250, 350], [0, 1, 0, 1]), ([4, 14, 24, 34], [0, 1, 0, 0])
    said = comparison(twin(right, wrong, task={**TASK, "accuracy": 0.9}, samples=4))
    assert said["failures"] == ["The task asks for an accuracy of 90.0%; the machine has 75.0% (ideal 100.0%)."]


def test_what_the_machine_counts_becomes_losses_of_its_path(tmp_path):
    compiled = compile_network(network(), "crossbar", device="ideal", adc_bits=4, adc_range=0.1).emit(tmp_path)
    done = verify(compiled, tmp_path)
    kinds = {(x.path, x.kind) for x in done.report.losses}
    assert ("p1", "saturated") in kinds
    assert any(x.kind == "saturated" for x in done.report.paths["p1"].losses)
    assert done.report.comparison["counters"]["p1"]["saturated"] > 0
    assert done.report.energy["terms"] and done.report.traffic["measured"]
    json.dumps(done.report.to_json(), allow_nan=False)


def test_progress_is_heard_and_a_cancelled_run_ends(tmp_path):
    compiled = compile_network(network(), "crossbar", device="ideal", adc_bits=0).emit(tmp_path)
    heard = []
    verify(compiled, tmp_path, watch=lambda stage, done: heard.append((stage, done)))
    assert list(dict.fromkeys(s for s, _ in heard)) == ["ideal run", "emulator", "artefact"]
    assert all(0.0 <= d <= 1.0 for _, d in heard)
    stop = threading.Event()
    with pytest.raises(Cancelled):
        verify(compiled, tmp_path, cancel=stop, watch=lambda stage, done: stop.set() if stage == "emulator" else None)


def test_an_interrupted_run_is_not_compared(tmp_path, monkeypatch):
    """Ctrl-C ends the engine's run early, with what it has; half a run compared with a whole one would look like a loss."""
    from studio.backends import verify as room
    from studio.engine.run import simulate

    compiled = compile_network(network(), "crossbar", device="ideal", adc_bits=0).emit(tmp_path)
    monkeypatch.setattr(room, "simulate", lambda *given, **more: replace(simulate(*given, **more), complete=False))
    with pytest.raises(Cancelled):
        verify(compiled, tmp_path)


def test_an_artefact_that_does_something_else_fails(tmp_path):
    compiled = compile_network(network(), "crossbar", device="ideal", adc_bits=0).emit(tmp_path)
    chosen = compiled.backend

    def other(folder, stimulus):
        found = chosen.emulate(compiled.program, stimulus)
        steps, ids = found.spikes["out"]
        return replace(found, spikes={"out": (steps[1:], ids[1:])})

    said = verify(replace(compiled, backend=replace(chosen, replay=other)), tmp_path).report.comparison
    assert said["replayed"]["exact"] is False and not said["passed"] and "“out” spikes" in said["failures"][0]


def test_a_run_with_a_task_has_an_energy_an_inference(tmp_path):
    flat = replace(flat_of(network()), task={**TASK, "labels": np.array([0, 1, 0])})
    report = verify(compile_network(flat, "loihi").emit(tmp_path), tmp_path).report
    assert report.comparison["task"]["n"] == 3
    assert report.energy["joules_per_inference"] == report.energy["joules"] / 3 > 0


def test_samples_need_a_task(tmp_path):
    compiled = compile_network(network(), "crossbar").emit(tmp_path)
    with pytest.raises(FindingError, match="no task"):
        verify(compiled, tmp_path, samples=3)


def test_without_an_emulator_there_is_a_finding_and_no_comparison(tmp_path):
    compiled = compile_network(network(), "crossbar")
    done = verify(replace(compiled, backend=replace(compiled.backend, emulate=None)), tmp_path)
    assert done.report.comparison is None and done.report.findings[-1].code == "fit.unverified"


def recorded(what="v", **more):
    """Two populations of which the first one's voltage is recorded, of some neurons, now and then."""
    net = network()
    net.record("out[1:4]", what, every=0.5)
    net.run(duration=100.0, dt=0.1)
    return net


def test_recorded_states_are_compared_at_the_same_moments(tmp_path):
    done = verify(compile_network(recorded(), "mock").emit(tmp_path), tmp_path)
    (name, out), *more = done.report.comparison["outputs"].items()
    assert name == "out.v" and not more and done.report.comparison["replayed"]["exact"]
    assert (out["unit"], out["neurons"], out["samples"]) == ("mV", 3, 3 * 200)
    assert out["range"] > 5.0 and out["largest"] < 1e-4, "one weight is a whole number exactly: a step too early or late would be seen"
    assert len(out["t_ms"]) == len(out["ideal"]) == len(out["chip"]) == 200 and out["neuron"] in (1, 2, 3)


def test_states_that_differ_are_measured_in_their_unit():
    program = lower(flat_of(recorded()), backend("mock").target)
    times = np.array([0.5, 1.0, 1.5, 2.0])
    ideal = SimpleNamespace(
        traces={
            ("out", "v"): SimpleNamespace(times=times, ids=np.array([1, 3]), values=np.array([[1.0, 2], [3, 4], [5, 6], [7, 8]]), unit="mV")
        },
        dt=0.1,
    )
    chip = np.zeros((2, 4))
    chip[:, 1], chip[:, 3] = [3.0, 7.0], [4.0, 11.0]  # at 1 and 2 ms
    said = outputs(program, ideal, Outcome(2, 1.0, {}, {("out", "v"): chip}))["out.v"]
    assert (said["rms"], said["largest"], said["range"]) == (1.5, 3.0, 5.0)
    assert (said["neuron"], said["t_ms"], said["ideal"], said["chip"]) == (3, [1.0, 2.0], [4.0, 8.0], [4.0, 11.0])
    assert outputs(program, ideal, Outcome(2, 1.0, {})) == {}


def test_states_of_the_artefact_must_be_those_of_the_emulator(tmp_path):
    compiled = compile_network(recorded(), "mock").emit(tmp_path)

    def other(folder, stimulus):
        found = compiled.backend.replay(folder, stimulus)
        states = {name: values + (np.arange(len(values))[:, None] == 70) for name, values in found.states.items()}
        return replace(found, states=states)

    said = verify(replace(compiled, backend=replace(compiled.backend, replay=other)), tmp_path).report.comparison
    assert said["replayed"]["exact"] is False and "v of “out” differs, first at [70, 0]" in said["replayed"]["difference"]


def test_states_of_a_population_in_two_layers_are_put_together():
    """Neurons 1 and 2 of four, one in each half; 300 moments of which at most 200 are drawn; the ideal one rises, the machine's lags."""
    whole = lower(flat_of(recorded()), backend("mock").target)
    (layer,) = whole.layers
    halves = tuple(replace(layer, key=f"out/{k}", size=2, origin=(2 * k, 2 * k + 2)) for k in range(2))
    times = np.arange(1, 301) * 1.0
    rising = np.stack([times, 2.0 * times], axis=1)
    trace = SimpleNamespace(times=times, ids=np.array([1, 2]), values=rising, unit="mV")
    ideal = SimpleNamespace(traces={("out", "v"): trace}, dt=0.1)
    first, second = np.zeros((300, 2)), np.full((300, 2), 7.0)
    first[:, 1], second[:, 0] = rising[:, 0], rising[:, 1] - 6.0
    states = {("out/0", "v"): first, ("out/1", "v"): second, ("gone", "v"): second}
    said = outputs(replace(whole, layers=halves), ideal, Outcome(300, 1.0, {}, states))["out.v"]
    assert (said["neurons"], said["samples"], said["neuron"], said["largest"]) == (2, 600, 2, 6.0)
    assert said["rms"] == pytest.approx(18.0**0.5, rel=1e-5) and 0.99 < said["correlation"] < 1.0
    assert len(said["t_ms"]) == 200 and (said["t_ms"][0], said["t_ms"][-1]) == (1.0, 300.0)
    flat_line = outputs(replace(whole, layers=halves[:1]), ideal, Outcome(300, 1.0, {}, {("out/0", "v"): np.zeros((300, 2))}))["out.v"]
    assert flat_line["correlation"] is None and flat_line["neurons"] == 1
