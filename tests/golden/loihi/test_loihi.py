"""The integer neuron against lava-nc and nengo-loihi: registers and spikes of every step, bit for bit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from engine.networks import network, pairs, population, projection, source

from studio.engine.run import simulate
from studio.network.flat import FlatNetwork, FlatPopulation, FlatProjection, Record

DATA = Path(__file__).parent / "data"
CASES = sorted(f.stem for f in DATA.glob("*.json"))


def cells(p: dict[str, Any]) -> FlatPopulation:
    numbers = {k: p[k] for k in ("du", "dv", "vth", "bias_exp", "refractory")}
    return population(p["name"], p["n"], "loihi", bias_mant=np.array(p["bias_mant"], float), **numbers)


def wires(c: dict[str, Any], z: Any) -> FlatProjection:
    """One step from spike to current, and the synapse's own delay; weights with their exponent."""
    posts, pres = np.nonzero(z[f"Weff_{c['id']}"])
    weights = z[f"Weff_{c['id']}"][posts, pres] * 2.0 ** c["weight_exp"]
    delays = 1.0 + z[f"D_{c['id']}"][posts, pres] if c["delays"] else 1.0
    return projection(c["id"], c["pre"], c["post"], pairs(pres, posts), weights, delays, ("pulse", {}))


def built(case: dict[str, Any], z: Any, precision: str) -> FlatNetwork:
    steps, ids = np.nonzero(z["input_spikes"])
    record = [Record(p["name"], s, None, 1.0) for p in case["populations"] for s in ("u", "v")]
    inputs = source("in", case["n_input"], "spike_list", times=steps + 1.0, ids=ids)
    links = [wires(c, z) for c in case["connections"]]
    return network(
        [cells(p) for p in case["populations"]], [inputs], links, record, dt=1.0, precision=precision, duration=float(case["steps"])
    )


def test_all_cases_were_found() -> None:
    assert len(CASES) == 11


@pytest.mark.parametrize("precision", ["single", "double"])
@pytest.mark.parametrize("name", CASES)
def test_registers_and_spikes_are_the_chips(name: str, precision: str) -> None:
    """Where lava shifts the sum of a negative exponent, nengo-loihi's result, which loses no bit, is the one that is modelled."""
    case, z = json.loads((DATA / f"{name}.json").read_text()), np.load(DATA / f"{name}.npz")
    r = simulate(built(case, z, precision), threads=2)
    nengo = "nengo_" if name == "l04_exc_inh_negative_exp" else ""
    for p in case["populations"]:
        spikes = np.zeros((case["steps"], p["n"]), int)
        fired = r.spikes[p["name"]]
        spikes[fired.steps - 1, fired.ids] = 1
        for what, ours in (("u", r.traces[p["name"], "u"].values), ("v", r.traces[p["name"], "v"].values), ("s", spikes)):
            assert np.array_equal(ours, z[f"{nengo}{what}_{p['name']}"]), f"{what} of {p['name']}"
