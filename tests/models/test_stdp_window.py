"""The rule at the target's spikes: by hand, on average, and with an account that spares noisy devices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from engine.networks import chosen, network, pairs, population, projection, source

from studio.engine import reference
from studio.models.plasticity.stdp_window import MODEL
from studio.models.spec import Device, State
from studio.network.flat import Chosen, FlatNetwork

RULE = {p.name: p.default for p in MODEL.params}
DT = 1.0


def driven(arrivals: list[float], fires: list[float], device: Device | None = None, w: float = 0.4, **params: float) -> FlatNetwork:
    """A synapse of weight `w` whose spikes arrive at these times [ms] at a neuron that another source makes fire (2 ms later, refractory 0)."""
    inputs = source("inputs", 1, "spike_list", times=np.array(arrivals) - 1.0)
    driver = source("driver", 1, "spike_list", times=np.array(fires) - 1.0)
    cell = population("cell", 1, v_th=-55.0, t_ref=0.0)
    learning = replace(
        projection("in", "inputs", "cell", pairs([0], [0]), w, 1.0),
        plasticity=Chosen(MODEL, {**RULE, **params}),
        device=Chosen(device, {}) if device else chosen("device", "ideal"),
    )
    return network(
        [cell],
        [inputs, driver],
        [learning, projection("d", "driver", "cell", pairs([0], [0]), 100.0, 1.0)],
        precision="double",
        dt=DT,
    )


def learnt(net: FlatNetwork, steps: int) -> float:
    return float(reference.run(net, steps).weights["in"][0])


def test_a_recent_input_gains_and_a_late_one_loses() -> None:
    assert learnt(driven([10.0], [12.0]), 40) == pytest.approx(0.4 + 0.015 * 0.6, rel=1e-12)
    assert learnt(driven([10.0], [22.0]), 40) == pytest.approx(0.4 - 0.05 * 0.4, rel=1e-12)
    assert learnt(driven([10.0], []), 40) == 0.4


def test_the_window_ends_where_it_says() -> None:
    """The spike reaches the synapse one delay later, so that an arrival `window` before is the last that counts."""
    before = [learnt(driven([20.0 - gap], [20.0]), 60) > 0.4 for gap in (2.0, 3.0, 4.0, 5.0, 6.0, 7.0)]
    assert before == sorted(before, reverse=True) and before[0] and not before[-1]
    wider = [learnt(driven([20.0 - gap], [20.0], window=8.0), 60) > 0.4 for gap in (2.0, 3.0, 4.0, 5.0, 6.0, 7.0)]
    assert sum(wider) == sum(before) + 3


def test_only_the_last_arrival_counts() -> None:
    assert learnt(driven([2.0, 4.0, 6.0, 8.0, 10.0], [22.0]), 40) < 0.4


def test_the_weight_settles_where_gains_and_losses_balance() -> None:
    """A share p of the target's spikes follows an arrival: w = p gain/(p gain + (1 - p) loss)."""
    fires = np.arange(20.0, 20_000.0, 20.0)
    rng = np.random.default_rng(3)
    arrivals = fires[rng.random(fires.size) < 0.7] - 2.0
    p = arrivals.size / fires.size
    wanted = p * 0.015 / (p * 0.015 + (1 - p) * 0.05)
    assert learnt(driven(arrivals.tolist(), fires.tolist()), 20_000) == pytest.approx(wanted, abs=0.1)


FIRES = [20.0 * k for k in range(1, 41)]
ARRIVALS = [t - 2.0 for t in FIRES]


def test_changes_are_saved_up_and_written_whole() -> None:
    """A gain of 0.009 a spike (of the 0.6 that are missing) is due at the sixth where 0.05 are saved up, and then all of it; the next at the seventh."""
    w = [learnt(driven(ARRIVALS[:n], FIRES[:n], patience=0.05), 900) for n in (5, 6, 12, 13)]
    missing = 0.6 - 6 * 0.009
    assert w == pytest.approx([0.4, 0.4 + 6 * 0.009, 0.4 + 6 * 0.009, 0.4 + 6 * 0.009 + 7 * 0.015 * missing], rel=1e-9)


def test_ups_and_downs_cancel_before_anything_is_written() -> None:
    """One arrival in four comes too late: the plain rule moves the weight at every spike, a patient one never."""
    arrivals = [t - (2.0 if k % 4 else 12.0) for k, t in enumerate(FIRES)]
    count = Device(
        key="count",
        title="Count",
        doc="Counts its writes.",
        source="",
        write="w = w + dw\nn = n + (1 if dw != 0 else 0)",
        states=(State("n", "0", "", "Writes."),),
    )
    writes = {}
    for patience in (0.0, 0.1):
        net = driven(arrivals, FIRES, count, w=0.45, patience=patience)
        writes[patience] = reference.run(net, 900).memory["in"]["n"][0]
    assert writes[0.0] == len(FIRES) and writes[0.1] == 0


def test_a_device_that_errs_at_each_write_errs_less_with_patience() -> None:
    """Each write leaves an error of its own; rare writes leave fewer of them to add up."""
    noisy = Device(key="noisy", title="Noisy", doc="Errs.", source="", write="w = w + dw + 0.02*normal() if dw != 0 else w")
    fires = [20.0 * k for k in range(1, 400)]
    arrivals = [t - (2.0 if k % 4 else 12.0) for k, t in enumerate(fires)]
    balance = 0.75 * 0.015 / (0.75 * 0.015 + 0.25 * 0.05)
    error = {}
    for patience in (0.0, 0.1):
        found = [
            learnt(replace(net, run=replace(net.run, seed=seed)), 8100)
            for seed in range(1, 9)
            for net in [driven(arrivals, fires, noisy, balance, patience=patience)]
        ]
        error[patience] = float(np.sqrt(np.mean((np.array(found) - balance) ** 2)))
    assert error[0.1] < 0.6 * error[0.0]


def test_an_inhibitory_weight_keeps_its_sign() -> None:
    for patience in (0.0, 0.05):
        assert -1.0 < learnt(driven(ARRIVALS, FIRES, w=-0.4, w_max=-1.0, patience=patience), 900) < -0.5
