"""Small networks that the tests of ONNX share."""

from __future__ import annotations

from typing import Any

import numpy as np

import studio


def given(net: studio.Network, n: int, spikes: int, steps: int, dt: float = 0.1) -> Any:
    """A source of given spikes, two of them of one element in one step."""
    rng = np.random.default_rng(3)
    times, ids = np.sort(rng.integers(1, steps, spikes)) * dt, rng.integers(0, n, spikes)
    return net.source("s", n, "spike_list", times=np.append(times, times[-1]), ids=np.append(ids, ids[-1]))


def recurrent(
    neuron: str = "lif", kinetics: Any = "exponential", rule: Any = None, current: float = 0.6, weight: float = 1.0, late: Any = 1.5
) -> studio.Network:
    """A source onto two populations that drive each other, with different delays; a rule where the source drives the first, `late` [ms]."""
    net = studio.Network("Recurrent")
    s = given(net, 10, 100, 300)
    a, b = net.population("a", 6, neuron), net.population("b", 5, neuron)
    drive = net.source("current", 1, "step_current", times=[0.0], amplitudes=[current])
    net.connect(drive, a)
    net.connect(drive, b, gain=0.5)
    net.connect(s, a, studio.all_to_all(), weight=weight * 0.3, delay=late, kinetics=kinetics, **({"plasticity": rule} if rule else {}))
    delays = {"uniform": [0.3, 2.0]}
    net.connect(a, b, studio.probability(0.7), weight=weight, delay=delays, kinetics=kinetics)
    net.connect(b, a, studio.fixed_in_degree(3), weight=weight / 4, delay=0.4, kinetics=kinetics)
    net.connect(b, b, studio.fixed_in_degree(2), weight=weight / 8, delay=0.9, kinetics=kinetics)
    net.run(duration=30.0)
    return net
