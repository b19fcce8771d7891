"""Presets do what they are named after: the patterns of Izhikevich (2004) and of Naud et al. (2008)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from engine.networks import CATALOGUE, network, population, projection, source

from studio.engine.run import simulate

Stimulus = list[tuple[float, float]]  # from this time on [ms] so much current [pA]
IZHIKEVICH = CATALOGUE.get("neuron", "izhikevich")
ADEX = CATALOGUE.get("neuron", "adex")


def times(model: str, preset: str, stimulus: Stimulus, duration: float, method: str | None = None) -> np.ndarray:
    """Spike times [ms] of one cell of a preset under a current on top of its own."""
    found = CATALOGUE.get("neuron", model).preset(preset)
    cell = population("c", 1, model, **found.params)
    when, amplitudes = np.array(stimulus or [(0.0, 0.0)]).T
    current = source("i", 1, "step_current", times=when, amplitudes=amplitudes[:, None] / 1000.0)
    link = projection("i", "i", "c", weight=1.0, delay=0.1, kinetics=None)
    return simulate(network([cell], [current], [link], duration=duration, precision="double", method=method), threads=1).spikes["c"].times


def ramp(rate: float, start: float, end: float) -> Stimulus:
    return [(t, rate * (t - start)) for t in np.arange(start, end, 0.5)]


def pulses(*given: tuple[float, float, float]) -> Stimulus:
    """(from, how long, how much)."""
    return [x for start, length, size in given for x in ((start, size), (start + length, 0.0))]


def bursts(t: np.ndarray, gap: float) -> list[int]:
    """Spikes in each burst; bursts are apart by more than `gap` ms."""
    return [len(b) for b in np.split(t, np.flatnonzero(np.diff(t) > gap) + 1)]


def intervals(t: np.ndarray) -> np.ndarray:
    return np.diff(t)


Check = Callable[[np.ndarray], object]
PATTERNS: dict[str, tuple[Stimulus, float, Check]] = {
    "tonic_spiking": ([], 400.0, lambda t: len(t) > 10 and np.ptp(intervals(t)[4:]) < 0.3),
    "phasic_spiking": ([], 400.0, lambda t: len(t) == 1),
    "tonic_bursting": ([], 500.0, lambda t: len(bursts(t, 20.0)) > 6 and set(bursts(t, 20.0)[1:-1]) <= {5, 6, 7}),
    "phasic_bursting": ([], 400.0, lambda t: len(bursts(t, 20.0)) == 1 and len(t) > 4),
    "mixed_mode": ([], 400.0, lambda t: bursts(t, 20.0)[0] >= 3 and set(bursts(t, 20.0)[1:]) == {1}),
    "frequency_adaptation": ([], 300.0, lambda t: (np.diff(intervals(t)[:5]) > 0).all() and intervals(t)[-1] > 5 * intervals(t)[0]),
    "class_1_excitable": (ramp(0.075, 30.0, 300.0), 300.0, lambda t: (np.diff(intervals(t)) < 0).all() and intervals(t)[0] > 2.5 * intervals(t)[-1]),
    "class_2_excitable": (ramp(0.015, 30.0, 300.0), 300.0, lambda t: len(t) > 12 and intervals(t)[0] < 25.0 and t[0] > 80.0),
    "spike_latency": (pulses((10.0, 3.0, 7.04)), 100.0, lambda t: len(t) == 1 and t[0] > 15.0),
    "subthreshold_oscillations": (pulses((20.0, 5.0, 2.0)), 200.0, lambda t: len(t) == 1),
    "resonator": (pulses((40.0, 4.0, 0.65), (60.0, 4.0, 0.65), (280.0, 4.0, 0.65), (320.0, 4.0, 0.65)), 400.0, lambda t: len(t) == 1 and t[0] > 320.0),
    "integrator": (pulses((9.1, 2.0, 9.0), (14.1, 2.0, 9.0), (70.0, 2.0, 9.0), (80.0, 2.0, 9.0)), 100.0, lambda t: len(t) == 1 and 14.0 < t[0] < 25.0),
    "rebound_spike": (pulses((20.0, 5.0, -15.0)), 200.0, lambda t: len(t) == 1 and t[0] > 25.0),
    "rebound_burst": (pulses((20.0, 5.0, -15.0)), 200.0, lambda t: len(t) > 5 and bursts(t, 15.0) == [len(t)] and t[0] > 25.0),
    "threshold_variability": (pulses((10.0, 5.0, 1.0), (70.0, 5.0, -6.0), (80.0, 5.0, 1.0)), 120.0, lambda t: len(t) == 1 and t[0] > 80.0),
    "bistability": (pulses((37.5, 5.0, 1.0), (206.0, 5.0, 1.0)), 500.0, lambda t: len(t) >= 4 and 37.5 < t[0] < 60.0 and t[-1] < 215.0),
    "depolarising_afterpotential": (pulses((9.0, 2.0, 20.0)), 50.0, lambda t: len(t) == 2 and intervals(t)[0] < 8.0),
    "accommodation": ([*ramp(10.0 / 200.0, 0.1, 200.0), (200.0, 0.0), (350.0, 10.0)], 400.0, lambda t: len(t) >= 1 and t[0] > 350.0),
    "inhibition_induced_spiking": (pulses((50.0, 200.0, -5.0)), 350.0, lambda t: len(t) > 2 and t[0] > 50.0 and t[-1] < 290.0),
    "inhibition_induced_bursting": (pulses((50.0, 200.0, -5.0)), 350.0, lambda t: len(bursts(t, 40.0)) >= 2 and min(bursts(t, 40.0)) > 4 and t[0] > 50.0),
}  # fmt: skip
CELLS: dict[str, Check] = {
    "regular_spiking": lambda t: intervals(t)[-1] > 1.5 * intervals(t)[0] and np.ptp(intervals(t)[2:]) < 0.5,
    "intrinsically_bursting": lambda t: bursts(t, 20.0)[0] == 3 and set(bursts(t, 20.0)[1:]) == {1},
    "chattering": lambda t: min(bursts(t, 20.0)[:-1]) >= 4,
    "fast_spiking": lambda t: np.ptp(intervals(t)[3:]) < 0.5 and intervals(t)[-1] < 10.0,
    "low_threshold": lambda t: intervals(t)[-1] > 3 * intervals(t)[0],
    "thalamocortical": lambda t: len(t) > 60 and intervals(t)[0] < 3.5,
}
NAUD: dict[str, Check] = {
    "tonic": lambda t: np.ptp(intervals(t)[8:]) < 0.2,
    "adaptation": lambda t: (np.diff(intervals(t)[:6]) > 0).all() and intervals(t)[-1] > 5 * intervals(t)[0],
    "initial_burst": lambda t: bursts(t, 30.0)[0] == 3 and set(bursts(t, 30.0)[1:]) == {1},
    "regular_bursting": lambda t: bursts(t, 30.0)[0] == 3 and set(bursts(t, 30.0)[1:]) == {2},
    "delayed_accelerating": lambda t: t[0] > 30.0 and (np.diff(intervals(t)[:21:4]) < 0).all(),
    "delayed_bursting": lambda t: t[0] > 50.0 and set(bursts(t, 30.0)[:-1]) == {4},
    "transient": lambda t: len(t) == 1,
    "irregular": lambda t: len(t) > 20 and np.std(intervals(t)[4:]) > 0.2 * intervals(t)[4:].mean(),
}


def test_every_pattern_has_its_preset() -> None:
    assert {p.key for p in IZHIKEVICH.presets} == PATTERNS.keys() | CELLS.keys() and len(PATTERNS) == 20
    assert NAUD.keys() < {p.key for p in ADEX.presets} and len(NAUD) == 8


@pytest.mark.parametrize("name", PATTERNS)
def test_izhikevichs_twenty_patterns(name: str) -> None:
    stimulus, duration, holds = PATTERNS[name]
    t = times("izhikevich", name, stimulus, duration)
    assert holds(t), t


@pytest.mark.parametrize("name", CELLS)
def test_izhikevichs_cells(name: str) -> None:
    t = times("izhikevich", name, [], 400.0)
    assert CELLS[name](t), t


@pytest.mark.parametrize("method", [None, "adaptive"])
@pytest.mark.parametrize("name", NAUD)
def test_naud_and_colleagues_patterns(name: str, method: str | None) -> None:
    t = times("adex", name, [], 600.0, method)
    assert NAUD[name](t), t
