"""The integer neuron against RANC: potentials and spikes of every tick, bit for bit; and what its random modes must give on average."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine.networks import network, pairs, population, projection, source

from studio.engine.run import simulate
from studio.network.flat import FlatNetwork, FlatPopulation, FlatProjection, FlatSource, Record

DATA = Path(__file__).parent / "data"
CASES = sorted(f.name for f in DATA.iterdir())
DROPPED = 15


def cores(case: dict[str, Any]) -> list[dict[str, Any]]:
    return sorted(case["cores"], key=lambda c: (c["coordinates"][1], c["coordinates"][0]))


def active(case: dict[str, Any], spikes: np.ndarray) -> set[tuple[int, int, int]]:
    """(tick, core, axon) of all that is integrated: packets from outside, and those of RANC's own spikes; equal ones merge."""
    found = cores(case)
    place = {tuple(c["coordinates"]): k for k, c in enumerate(found)}
    out = set()
    for k, packets in enumerate(case["packets"]):
        for p in packets:
            if p["destination_tick"] != DROPPED:
                out.add((k + p["destination_tick"], place[tuple(p["destination_core"])], p["destination_axon"]))
    for tick, core, n in zip(*np.nonzero(spikes), strict=True):
        neuron = found[core]["neurons"][n]
        to = tuple(np.add(found[core]["coordinates"], neuron["destination_core_offset"]).tolist())
        if to in place and neuron["destination_tick"] != DROPPED:
            out.add((tick + 1 + neuron["destination_tick"], place[to], neuron["destination_axon"]))
    return out


def built(case: dict[str, Any], meta: dict[str, Any], spikes: np.ndarray) -> FlatNetwork:
    """Each core alone, its axons driven as RANC's were: the neuron is tested, not the routing."""
    populations: list[FlatPopulation] = []
    sources: list[FlatSource] = []
    links: list[FlatProjection] = []
    seen = active(case, spikes)
    for k, core in enumerate(cores(case)):
        of = {
            name: np.array([float(n[name]) for n in core["neurons"]])
            for name in core["neurons"][0]
            if name not in ("weights", "destination_core_offset")
        }
        assert (of["negative_threshold"] <= 0).all() and (of["positive_threshold"] >= 0).all()
        numbers = {"leak": of["leak"], "alpha": of["positive_threshold"], "beta": -of["negative_threshold"], "reset_mode": of["reset_mode"]}
        numbers |= {
            "v_reset": of["reset_potential"],
            "v_start": of["current_potential"],
            "floor_at": meta["reset_type"],
            "v_limit": 2147483647,
        }
        populations.append(population(f"c{k}", len(core["neurons"]), "truenorth", **numbers))
        when = sorted((tick, axon) for tick, c, axon in seen if c == k and tick < meta["ticks"])
        times, ids = (np.array(x) for x in zip(*when, strict=True)) if when else (np.zeros(0), np.zeros(0, int))
        sources.append(source(f"x{k}", len(core["axons"]), "spike_list", times=times.astype(float), ids=ids))
        to, axons = np.nonzero(np.array(core["connections"]))
        weights = np.array([float(core["neurons"][n]["weights"][core["axons"][a]]) for n, a in zip(to, axons, strict=True)])
        links.append(projection(f"w{k}", f"x{k}", f"c{k}", pairs(axons, to), weights, 1.0, ("pulse", {})))
    record = [Record(p.path, "v", None, 1.0) for p in populations]
    return network(populations, sources, links, record, dt=1.0, duration=float(meta["ticks"]))


def test_all_cases_were_found() -> None:
    assert len(CASES) == 9


@pytest.mark.parametrize("name", CASES)
def test_potentials_and_spikes_are_rancs(name: str) -> None:
    case, meta = (json.loads((DATA / name / f).read_text()) for f in ("ranc_input.json", "meta.json"))
    z = np.load(DATA / name / "expected.npz")
    r = simulate(built(case, meta, z["core_spikes"]), threads=2)
    assert z["core_spikes"].sum() == meta["total_core_spikes"] > 0
    for k, core in enumerate(cores(case)):
        n = len(core["neurons"])
        assert np.array_equal(r.traces[f"c{k}", "v"].values, z["potentials"][:, k, :n])
        spikes = np.zeros((meta["ticks"], n), int)
        spikes[r.spikes[f"c{k}"].steps - 1, r.spikes[f"c{k}"].ids] = 1
        assert np.array_equal(spikes, z["core_spikes"][:, k, :n])


def test_a_stochastic_leak_moves_by_one_with_its_chance() -> None:
    """Leak 63: 64 of 256 ticks, binomial."""
    net = network(
        [population("c", 400, "truenorth", leak=63, leak_stochastic=1, alpha=262143)],
        [],
        [],
        [Record("c", "v", None, 1.0)],
        dt=1.0,
        duration=512.0,
    )
    v = simulate(net).traces["c", "v"].values[-1]
    assert v.mean() == pytest.approx(512 / 4, abs=4 * np.sqrt(512 * 3 / 16 / 400))
    assert v.std() == pytest.approx(np.sqrt(512 * 3 / 16), rel=0.15)


def test_a_stochastic_threshold_is_uniform_over_its_bits() -> None:
    """A pacemaker that adds 1 and resets to 0 fires when its potential meets a threshold of 20 + 0 .. 15."""
    net = network([population("c", 200, "truenorth", leak=1, alpha=20, threshold_bits=4)], [], [], dt=1.0, duration=2000.0)
    s = simulate(net).spikes["c"]
    intervals = np.concatenate([np.diff(s.steps[s.ids == i]) for i in range(200)])
    # at potential 20 + k it fires with chance (k + 1) / 16
    chance, left = np.zeros(16), 1.0
    for k in range(16):
        chance[k] = left * (k + 1) / 16
        left -= chance[k]
    counts = np.bincount(intervals - 20, minlength=16)
    expected = chance * len(intervals)
    assert len(counts) == 16 and intervals.min() >= 20
    assert ((counts - expected) ** 2 / np.maximum(expected, 1e-3))[expected > 5].sum() < 30


@pytest.mark.parametrize(("floor_mode", "wanted"), [(0, -10 + 8), (1, -8)])
def test_below_the_negative_threshold(floor_mode: int, wanted: int) -> None:
    """From 0 with a leak of -5: -5, then -10, which is below -8: mode 0 with a linear reset adds 8, mode 1 stays at -8."""
    cell = population("c", 1, "truenorth", leak=-5, beta=8, reset_mode=1, floor_mode=floor_mode)
    v = simulate(network([cell], [], [], [Record("c", "v", None, 1.0)], dt=1.0, duration=2.0)).traces["c", "v"].values[:, 0]
    assert v.tolist() == [-5, wanted]


@pytest.mark.parametrize(("start", "wanted"), [(30, 33), (-30, -33), (0, 0)])
def test_a_reversed_leak_points_away_from_zero(start: int, wanted: int) -> None:
    cell = population("c", 1, "truenorth", leak=3, leak_reversal=1, v_start=start, beta=1000)
    v = simulate(network([cell], [], [], [Record("c", "v", None, 1.0)], dt=1.0, duration=1.0)).traces["c", "v"].values[0, 0]
    assert v == wanted
