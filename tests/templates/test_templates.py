"""Every template is what its script writes, has no finding, runs, and does what its description says."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from studio.analysis import task
from studio.engine.run import simulate
from studio.network.build import check, load
from studio.network.files import to_bytes

FOLDER = Path(__file__).resolve().parents[2] / "templates"
sys.path.insert(0, str(FOLDER / "scripts"))
import make  # noqa: E402

FILES = sorted(path.name.removesuffix(".snn.json") for path in FOLDER.glob("*.snn.json"))


def path(name: str) -> Path:
    return FOLDER / f"{name}.snn.json"


def test_the_first_templates_are_there() -> None:
    assert set(FILES) == set(make.NAMES) and len(FILES) >= 5


@pytest.mark.parametrize("name", FILES)
def test_a_template_is_what_its_script_writes(name: str) -> None:
    assert path(name).read_bytes() == to_bytes(make.make(name).json), f"run python templates/scripts/make.py {name}"


@pytest.mark.parametrize("name", FILES)
def test_a_template_says_its_source_and_has_no_finding(name: str) -> None:
    net = load(path(name))
    assert "Source: " in net.document.description or "doi:" in net.document.description
    assert check(net) == ()


@pytest.mark.parametrize("name", FILES)
def test_a_template_has_a_place_for_every_node(name: str) -> None:
    document = load(path(name)).json
    for key, circuit in document["circuits"].items():
        assert set(circuit["nodes"]) <= set(document["layout"][key])


def rate(recording, population: str, start: float = 0.0) -> float:  # type: ignore[no-untyped-def]
    times = recording.spikes[population].times
    return 1000.0 * float((times > start).sum()) / recording.populations[population].size / (recording.duration - start)


def test_the_first_spike_follows_and_adds() -> None:
    recording = simulate(path("first_spike"))
    first, follower, adder = (recording.spikes[p].times for p in ("neuron", "follower", "adder"))
    assert len(first) > 10 and first[0] > 100.0
    assert np.allclose(follower, first + 2.0)
    assert 3 * len(adder) <= len(first) + 2 and len(adder) > 2
    assert recording.traces[("neuron", "v")].unit == "mV"


def test_brunel_is_irregular_and_synchronises_without_inhibition() -> None:
    balanced = simulate(path("brunel"), 200.0, threads=2)
    weak = simulate(path("brunel"), 200.0, threads=2, set={"p5.weight": -0.3, "p6.weight": -0.3})
    assert rate(balanced, "excitatory", 100.0) == pytest.approx(37.7, rel=0.08)  # Brunel 2000, section 6.1: 37.7 Hz simulated
    assert rate(weak, "excitatory", 100.0) > 2.5 * rate(balanced, "excitatory", 100.0)
    assert 3 * swing(balanced) < swing(weak)


def swing(recording) -> float:  # type: ignore[no-untyped-def]
    """Standard deviation over mean of the population's spikes in 0.1 ms, after the start: how much neurons fire together."""
    counts, _ = np.histogram(recording.spikes["excitatory"].times, bins=np.arange(100.0, recording.duration, 0.1))
    return float(counts.std() / counts.mean())


def test_a_column_changed_changes_all_and_one_copy_is_more_excitable() -> None:
    plain = simulate(path("cortical_columns"), 400.0, threads=2)
    slow = simulate(path("cortical_columns"), 400.0, threads=2, set={"columns.exc.tau_m": 12.0})
    others = [rate(plain, f"columns[{k}].exc") for k in range(1, 6)]
    assert rate(plain, "columns[0].exc") > max(others)
    assert all(rate(slow, f"columns[{k}].exc") < 0.8 * r for k, r in enumerate(others, start=1))


def test_additive_stdp_parts_weights_and_soft_bounds_melt_them() -> None:
    network = load(path("synaptic_competition"))
    hard = simulate(network)
    network.apply(
        {"command": "set", "path": "/circuits/main/projections/p1/device", "value": {"model": "soft_bounds", "params": {"w_max": 0.6}}}
    )
    soft = simulate(network)
    parted, melted = (np.sort(r.weights["p1"].weights) / 0.6 for r in (hard, soft))
    assert (parted < 0.1).mean() > 0.3 and (parted > 0.8).mean() > 0.05
    assert (melted < 0.1).mean() < 0.05 and (melted > 0.8).mean() < 0.05


def test_the_digits_are_read_from_output_spikes() -> None:
    network = load(path("digits"))
    answer = task.task_accuracy(simulate(network, threads=2), network.document)
    assert answer is not None and answer.n >= 300
    assert answer.accuracy > 0.85
    assert answer.silent < 0.02 * answer.n
