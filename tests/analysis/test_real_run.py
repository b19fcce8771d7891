"""The measures on a recording of the engine itself, against its own counters and closed forms."""

import json

import numpy as np
import pytest

import studio
from studio import analysis


@pytest.fixture(scope="module")
def run():
    net = studio.Network("ei")
    exc, inh = net.population("exc", 100, tau_m=20.0), net.population("inh", 25)
    drive = net.source("drive", 20, "poisson", rate=500)
    net.connect(drive, exc, studio.probability(0.5), weight=1.0, delay=1.5)
    net.connect(exc, inh, studio.probability(0.2), weight=1.0, delay=1.5)
    net.connect(inh, exc, weight=-0.5, delay=1.5)
    for path in ("exc", "inh", "drive"):
        net.record(path)
    net.record("p2", "weight")
    net.run(duration=300.0, seed=3)
    return studio.simulate(net)


def test_rates_agree_with_the_engines_counters(run):
    rates = analysis.rates(run)
    assert rates["exc"] > 5
    for path, rate in rates.items():
        assert rate == pytest.approx(run.counters["spikes"][path] / run.populations[path].size / 0.3)


def test_a_poisson_source_is_poisson(run):
    assert analysis.mean_rate(run, "drive") == pytest.approx(500, rel=0.05)
    assert analysis.cv(run, "drive") == pytest.approx(1.0, abs=0.07)


def test_operations_counted_from_weights_agree_with_the_event_counter(run):
    key = next(k for k, p in run.projections.items() if p.path == "p2")
    assert key in run.weights
    fan_out = np.bincount(run.weights[key].sources, minlength=100)
    times = run.spikes["exc"].times
    arrived = times + 1.5 <= run.duration + 1e-9  # the last spikes are still on their way when the run ends
    assert run.counters["events"][key] in (fan_out[run.spikes["exc"].ids].sum(), fan_out[run.spikes["exc"].ids[arrived]].sum())
    assert analysis.synaptic_operations(run).exact


def test_the_summary_of_a_real_run_is_json(run):
    said = json.loads(json.dumps(analysis.summary(run), allow_nan=False))
    assert said["spikes"] == sum(run.counters["spikes"][p] for p in ("exc", "inh"))
    assert set(said["rates_hz"]) == {"exc", "inh", "drive"} and said["neurons"] == 125 and said["versions"]["numpy"]
    assert 0.9 < said["sparsity"]["activation"] < 1 and said["real_time_factor"] > 0


def test_a_saved_recording_measures_the_same(run, tmp_path):
    run.save(tmp_path / "r.h5")
    again = studio.Recording.load(tmp_path / "r.h5")
    assert analysis.summary(again) == analysis.summary(run)


def test_images_shown_to_a_network_are_told_apart():
    """Two pixels, each driving one readout neuron: the decoded labels are the images."""
    net = studio.Network("task")
    images = np.zeros((6, 2), np.uint8)
    labels = np.array([0, 1, 1, 0, 1, 0])
    images[np.arange(6), labels] = 255
    eye = net.source("eye", 2, "image_rate", images=net.data("images", images), rate_max=200.0, present=50.0, gap=20.0)
    out = net.population("out", 2, "lif")
    net.connect(eye, out, studio.one_to_one(), weight=20.0, delay=1.0)
    task = {
        "source": "eye",
        "labels": {"data": "labels"},
        "present": {"value": 50, "unit": "ms"},
        "gap": 20,
        "readout": "out",
        "decode": "count_argmax",
    }
    net.data("labels", labels)
    net.apply({"command": "set", "path": "/task", "value": task})
    recording = studio.simulate(net, 6 * 70.0)
    answer = analysis.task_accuracy(recording, net.document)
    assert answer.accuracy == 1.0 and answer.n == 6 and answer.silent == 0
    assert analysis.task_accuracy(recording, studio.Network("no task").document) is None
