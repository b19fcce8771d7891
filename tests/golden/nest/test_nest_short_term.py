"""Short-term plasticity against NEST's tsodyks2_synapse: what each spike carries, and the current and voltage behind it."""

from __future__ import annotations

import numpy as np
import pytest
from engine.networks import network, projection, source
from golden.nest.nets import cell, golden

from studio.engine.run import simulate
from studio.network.flat import FlatNetwork, Record

STATES = ("v", "exponential.i_syn")


def released(g: dict, tau: float, every: float) -> FlatNetwork:
    """The golden file's network; `tau` of the synaptic current [ms]."""
    p = g["synapse_params"]
    rule = {"u_0": p["U"], "tau_rec": p["tau_rec"], "tau_fac": p["tau_fac"]}
    weight = p["weight"] / 1000.0
    link = projection(
        "tm", "pre", "cell", weight=weight, delay=p["delay"], kinetics=("exponential", {"tau": tau}), plasticity=("tsodyks_markram", rule)
    )
    times = source("pre", 1, "spike_list", times=np.array(g["presynaptic_spike_times_ms"]))
    record = [Record("cell", what, None, every) for what in STATES]
    return network([cell("iaf_psc_exp", g["params"])], [times], [link], record, duration=g["simulated_ms"], dt=0.1, precision="double")


@pytest.mark.parametrize("name", ["tsodyks2_depressing", "tsodyks2_facilitating", "tsodyks2_mixed"])
def test_each_spike_carries_what_nests_does(name: str) -> None:
    g = golden(name)
    r = simulate(released(g, 0.002, 0.1), threads=1)
    rows = np.rint((np.array(g["presynaptic_spike_times_ms"]) + g["synapse_params"]["delay"]) / 0.1).astype(int) - 1
    carried = r.traces["cell", "exponential.i_syn"].values[rows, 0] * 1000.0
    assert np.abs(carried - np.array(g["effective_weights_pA"])).max() < 1e-11


@pytest.mark.parametrize("name", ["tsodyks2_depressing", "tsodyks2_facilitating", "tsodyks2_mixed"])
def test_current_and_voltage_are_nests(name: str) -> None:
    g = golden(name)
    r = simulate(released(g, g["params"]["tau_syn_ex"], 1.0), threads=1)
    n = g["sample_times_ms"]["count"]
    v, i = (r.traces["cell", what].values[:n, 0] for what in STATES)
    assert np.abs(i * 1000.0 - np.array(g["samples"]["I_syn_ex"])).max() < 1e-10
    assert np.abs(v - np.array(g["samples"]["V_m"])).max() < 1e-11
