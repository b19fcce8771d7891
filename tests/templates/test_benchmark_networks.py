"""The templates that simulators are compared by: whole as published, and alive when run for a short time or at a smaller size."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from studio.engine.run import simulate
from studio.network.build import load

FOLDER = Path(__file__).resolve().parents[2] / "templates"
sys.path.insert(0, str(FOLDER / "scripts"))
import microcircuit  # noqa: E402


def rates(recording, start: float) -> dict[str, float]:  # type: ignore[no-untyped-def]
    seconds = (recording.duration - start) / 1000.0
    return {k: float((s.times > start).sum()) / recording.populations[k].size / seconds for k, s in recording.spikes.items()}


def test_cuba_keeps_itself_active_at_five_hertz() -> None:
    recording = simulate(FOLDER / "cuba.snn.json", 600.0)
    found = rates(recording, 100.0)
    assert found["excitatory"] == pytest.approx(5.6, abs=0.9) and found["inhibitory"] == pytest.approx(
        5.6, abs=0.9
    )  # 5.2 to 6.0 Hz in every simulator
    synapses = sum(p.n_synapses for p in recording.projections.values())
    assert synapses == pytest.approx(320_000, rel=0.01)


def test_brunel_resets_to_rest_at_32_hertz() -> None:
    settings = {"excitatory.v_reset": 0.0, "inhibitory.v_reset": 0.0}
    found = rates(simulate(FOLDER / "brunel.snn.json", 200.0, set=settings), 100.0)
    assert found["excitatory"] == pytest.approx(32.0, rel=0.05)  # NEST 3.10: 31.8 to 32.2 Hz over longer spans


def test_learning_weights_diffuse_and_leave_the_activity_as_it_is() -> None:
    recording = simulate(FOLDER / "brunel_stdp.snn.json", 200.0)
    assert rates(recording, 100.0)["excitatory"] == pytest.approx(32.0, rel=0.05)
    (learnt,) = recording.weights
    weights = recording.weights[learnt].weights.astype(np.float64)
    assert len(weights) == 10_000_000
    assert abs(weights.mean() - 0.1) < 0.3 * weights.std()
    # a spike every 31 ms on each side, traces of 20 ms: 32 Hz * 0.2 s steps up and as many down, each 0.5 to 0.8 of the largest step
    step = 1e-4 * 0.2
    assert 1.0 * step < weights.std() < 3.0 * step


def test_the_microcircuit_is_whole() -> None:
    flat = load(FOLDER / "microcircuit.snn.json").flatten()
    assert sum(p.size for p in flat.populations) == 77_169
    inner = [p for p in flat.projections if p.connector.model.key == "fixed_total_number"]
    assert len(inner) == 55
    assert sum(int(p.connector.params["n"]) for p in inner) == 298_880_968
    assert flat.run.weights == "table256"


def test_a_tenth_of_the_microcircuit_fires_as_the_whole_does() -> None:
    found = rates(simulate(microcircuit.build(0.1), 600.0), 100.0)
    # NEST 3.10 with the same document, 300 ms: .47 2.17 4.06 5.04 6.96 8.02 .86 7.16 Hz (the whole: .89 2.98 4.40 5.88 7.72 8.63 1.11 7.84)
    expected = (0.47, 2.17, 4.06, 5.04, 6.96, 8.02, 0.86, 7.16)
    for name, rate in zip(microcircuit.NAMES, expected, strict=True):
        assert found[name.lower()] == pytest.approx(rate, rel=0.12, abs=0.1), name


def test_the_weight_of_the_microcircuit_is_the_published_one() -> None:
    assert microcircuit.peak_current() == pytest.approx(0.08781, rel=1e-4)  # nA, for 0.15 mV (Potjans and Diesmann 2014, table 5)
    assert [microcircuit.missing_current(k, 1.0) for k in range(8)] == [0.0] * 8
