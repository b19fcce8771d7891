"""Counted events and energies of a network on Loihi are SANA-FE's."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import studio
from studio.compile.energy import energy_of
from studio.compile.figures import LOIHI_ENERGY, LOIHI_SPEED
from studio.compile.program import Part, Program, lower
from studio.compile.target import Target, Topology
from studio.compile.traffic import traffic_of
from studio.compile.wiring import Cut
from studio.network.connectors import explicit
from studio.network.flatten import flatten

GIVEN = json.loads((Path(__file__).parent / "data" / "loihi_64.json").read_text("utf-8"))
LOIHI = Target("loihi", "Loihi", "", Topology("mesh", 8, 4, cores_per_router=4), LOIHI_SPEED, energy=LOIHI_ENERGY)


def program() -> Program:
    net = studio.Network("From SANA-FE")
    groups = {"a": net.population("a", 40), "b": net.population("b", 24)}
    for source in "ab":
        ends = np.array([(i, j) for s, i, _, j in GIVEN["edges"] if s == source])
        net.connect(groups[source], groups["b" if source == "a" else "a"], explicit(ends[:, 0], ends[:, 1]), weight=1.0, delay=1.0)
    net.run(dt=1.0, duration=float(GIVEN["steps"]))
    parts = [
        Part(f"{group}/{k}", group, Cut(low, high), (row * 8 + column) * 4 + core)
        for group, places in GIVEN["places"].items()
        for k, (low, high, (column, row, core)) in enumerate(places)
    ]
    return replace(lower(flatten(net.document), LOIHI), parts=tuple(parts))


def test_events_and_energies_agree_to_the_last_digit() -> None:
    made = program()
    spikes = {key: (np.array(s["steps"]), np.array(s["ids"])) for key, s in GIVEN["spikes"].items()}
    traffic = traffic_of(made, LOIHI, spikes, GIVEN["steps"])
    energy = energy_of(made, LOIHI, traffic)
    assert energy is not None and not energy.not_counted
    terms = {t.name: t for t in energy.terms}
    counts = {"fire": "neurons_fired", "synapse": "synaptic_events", "message": "packets_sent", "update": "neurons_updated"}
    assert {k: terms[k].count for k in counts} == pytest.approx({k: GIVEN[v] for k, v in counts.items()}, rel=1e-12)
    want = GIVEN["energy_J"]
    for name, parts in {"soma": ("access", "update", "fire"), "synapse": ("synapse",), "network": ("message", "hop_x", "hop_y")}.items():
        assert sum(terms[p].joules for p in parts) == pytest.approx(want[name], rel=1e-12)
    assert energy.joules == pytest.approx(want["total"], rel=1e-12)
