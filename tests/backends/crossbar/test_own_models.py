"""A document's own models travel with the artefact."""

from __future__ import annotations

import numpy as np

from studio import Network
from studio.backends.compiling import compile_network
from studio.backends.crossbar.read import read
from studio.backends.verify import verify

DECAY = {
    "kind": "neuron",
    "title": "Mine",
    "doc": "Decays and fires.",
    "source": "made up",
    "params": {"keep": {"default": 0.9, "low": 0.0, "high": 1.0, "doc": "What stays of v."}},
    "states": {"v": {"start": "0", "unit": "mV", "doc": "Potential."}},
    "step": "v = keep*v",
    "threshold": "v > 1",
    "reset": "v = 0",
    "method": "step",
}


def test_a_neuron_of_ones_own_is_read_back_and_executed(tmp_path):
    net = Network("Own")
    net.model("mine", **DECAY)
    net.source("in", 6, "poisson", rate=300.0)
    net.population("out", 3, "mine", keep=0.95)
    net.connect("in", "out", weight=np.full((6, 3), 0.6), kinetics="delta", delay=1.0)
    net.run(duration=100.0)
    compiled = compile_network(net, "crossbar").emit(tmp_path)
    program, _ = read(tmp_path)
    assert program.layer("out").neuron == compiled.program.layer("out").neuron
    said = verify(compiled, tmp_path).report.comparison
    assert said["replayed"]["exact"] and said["populations"]["out"]["spikes"][1] > 0
