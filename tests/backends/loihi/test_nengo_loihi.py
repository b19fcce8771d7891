"""nengo-loihi 1.1, in an interpreter of its own, as a second emulator and allocator: spikes, in-axons and synapse memory of a compiled network."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import studio
from studio.backends.compiling import compile_network
from studio.backends.loihi.allocate import allocate, exact_words
from studio.compile.backend import Stimulus
from studio.compile.program import Program
from studio.network import connectors as c

PYTHON = os.environ.get("STUDIO_NENGO_LOIHI_PYTHON", "")
STEPS = 120
SCRIPT = """
import json, sys
import numpy as np
from nengo_loihi.block import Axon, LoihiBlock, Synapse
from nengo_loihi.builder import Model
from nengo_loihi.builder.discretize import discretize_model
from nengo_loihi.emulator import EmulatorInterface
from nengo_loihi.inputs import SpikeInput

given = json.load(open(sys.argv[1]))
model, blocks = Model(), {}
for name, p in given["layers"].items():
    blocks[name] = LoihiBlock(p["n"])
    blocks[name].compartment.configure_relu(dt=1e-3)
synapses = {}
spikes = SpikeInput(given["inputs"])
for k, x in enumerate(given["connections"]):
    weights = np.array(x["weights"], np.float32)
    s = Synapse(weights.shape[0])
    s.set_weights(weights / np.abs(weights).max())
    blocks[x["target"]].add_synapse(s)
    axon = Axon(weights.shape[0])
    axon.target = s
    axon.set_compartment_axon_map(np.arange(weights.shape[0]))
    (blocks[x["source"]] if x["source"] in blocks else spikes).add_axon(axon)
    synapses[k] = s
for block in blocks.values():
    model.add_block(block)
model.add_input(spikes)
for step, ids in given["spikes"]:
    spikes.add_spikes(step + 1, ids)
discretize_model(model)
for name, p in given["layers"].items():
    cells = blocks[name].compartment
    for what in ("decay_u", "decay_v", "vth", "bias", "refract_delay"):
        getattr(cells, what)[:] = p[what]
    cells.vmin, cells.vmax = -(2**23) + 1, 2**23 - 1
for k, x in enumerate(given["connections"]):
    synapses[k].weights = [np.array([row], np.int32) for row in x["weights"]]
emulator = EmulatorInterface(model)
out = {name: [] for name in blocks}
for step in range(given["steps"]):
    emulator.step()
    for name, block in blocks.items():
        fired = np.flatnonzero(emulator.compartment.spiked[emulator.compartment.slices[block.compartment]])
        out[name] += [[step, int(i)] for i in fired]
used = {name: {k: v[0] for k, v in block.utilization().items()} for name, block in blocks.items()}
json.dump({"spikes": out, "used": used}, open(sys.argv[2], "w"))
"""


def network() -> studio.Network:
    net = studio.Network("Dense")
    net.source("in", 9, "poisson", rate=50)
    net.population("a", 20, "lif", t_ref=2)
    net.population("b", 7, "lif", t_ref=0, i_offset=0.2)
    rng = np.random.default_rng(2)
    net.connect("in", "a", c.all_to_all(), weight=rng.normal(1.0, 2.0, (9, 20)), delay=1.0)
    net.connect("a", "b", c.all_to_all(), weight=rng.uniform(0.5, 2.0, (20, 7)), delay=1.0)
    net.connect("b", "a", c.all_to_all(), weight=-0.3, delay=1.0)
    return net


@pytest.mark.skipif(not PYTHON, reason="STUDIO_NENGO_LOIHI_PYTHON does not name a Python with nengo-loihi 1.1")
def test_nengo_loihi_gives_the_same_spikes_and_counts(tmp_path: Path) -> None:
    """A step of 1 ms and delays of one step, as its emulator has no others."""
    made = compile_network(network(), "loihi", dt=1)
    when, who = np.nonzero(np.random.default_rng(5).random((STEPS, 9)) < 0.3)
    ours = made.backend.emulate(made.program, Stimulus(STEPS, {"in": (when, who)}))  # type: ignore[misc]
    (tmp_path / "in.json").write_text(json.dumps(said(made.program, when, who)))
    (tmp_path / "script.py").write_text(SCRIPT)
    subprocess.run([PYTHON, "script.py", "in.json", "out.json"], cwd=tmp_path, check=True, capture_output=True, timeout=300)
    theirs = json.loads((tmp_path / "out.json").read_text())
    for key, (steps, ids) in ours.spikes.items():
        assert len(steps) > 10, "nothing to compare"
        assert theirs["spikes"][key] == np.column_stack([steps, ids]).tolist(), key
    registers, used = allocate(made.program), theirs["used"].values()
    assert sum(core.axons for core in registers.cores) == sum(u["in-axons"] for u in used)
    assert sum(len(core.out) for core in registers.cores) == sum(u["out-axons"] for u in used)
    assert 64 * sum(map(exact_words, registers.cores)) == sum(u["synapses"] for u in used)


def said(program: Program, when: np.ndarray, who: np.ndarray) -> dict[str, Any]:
    """The program's integers, as plain lists."""
    layers, connections = {}, []
    for layer in program.layers:
        p = {k: np.broadcast_to(v, (layer.size,)).astype(int) for k, v in layer.neuron.params.items()}
        registers = {"decay_u": p["du"], "decay_v": p["dv"], "vth": p["vth"] << 6, "bias": p["bias_mant"] << p["bias_exp"]}
        registers["refract_delay"] = p["refractory"]
        layers[layer.key] = {"n": layer.size, **{k: v.tolist() for k, v in registers.items()}}
    for x in program.connections:
        block, exponent = x.wiring.onto(), x.quantised.exponent  # type: ignore[union-attr]
        weights = np.zeros((x.wiring.n_source, x.wiring.n_target))
        weights[block.sources, block.targets] = block.weights * 2.0**6
        connections.append({"source": x.source, "target": x.target, "exponent": exponent, "weights": weights.astype(int).tolist()})
    spikes = [[int(t), who[when == t].tolist()] for t in np.unique(when)]
    return {"layers": layers, "connections": connections, "spikes": spikes, "steps": STEPS, "inputs": 9}
