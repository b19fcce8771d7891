"""Networks too large to list: rows made slice by slice, from the program and from the projections as written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import studio
from studio.backends.compiling import compile_network
from studio.backends.spinnaker import files
from studio.compile.backend import Stimulus
from studio.network import connectors as c


def spikes(seed: int, n: int, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """At random, odd elements twice at once."""
    when, who = np.nonzero(np.random.default_rng(seed).random((steps, n)) < 0.05)
    return np.repeat(when, 1 + who % 2).astype(np.int64), np.repeat(who, 1 + who % 2).astype(np.int64)


def blocks() -> studio.Network:
    """Rules with chance, both receptors, one projection of both signs, drawn delays and a current; nothing is a list."""
    net = studio.Network("blocks")
    net.run(duration=200, dt=1.0, seed=5)
    net.source("in", 60, "poisson", rate=40)
    net.source("bias", 1, "step_current", times=[0.0, 50.0, 200.0], amplitudes=[0.0, 0.25, 0.1])
    net.population("one", 60, "lif", t_ref=2)
    net.population("two", 45, "lif", v_rest=-68, i_offset=0.1)
    net.connect("in", "one", c.probability(0.2), weight={"normal": [3.0, 0.5], "min": 0}, delay={"uniform": [1.0, 6.0]}, kinetics="delta")
    net.connect("in", "one", c.one_to_one(), weight=2.0, kinetics="delta")
    net.connect("one", "two", c.fixed_total_number(400), weight={"normal": [0.1, 0.4]}, delay=2.0, kinetics=("exponential", {"tau": 4.0}))
    net.connect("two", "one", c.fixed_in_degree(6), weight=-2.0, delay=3.0, kinetics="delta")
    net.connect("bias", "two", c.all_to_all())
    return net


@pytest.mark.parametrize("change", ["", "weight", "route"])
def test_what_is_too_large_to_list_goes_out_as_blocks_and_is_made_of_them_again(change, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Rows made slice by slice, from the program and from what was written: the spikes of the network whose rows are listed."""
    bias = np.array([0, 50, 150]), np.array([[0.0], [0.25], [0.1]])
    stimulus = Stimulus(200, {"in": spikes(2, 60, 200)}, {"bias": bias})
    plain = compile_network(blocks(), "spinnaker", neurons_per_core=16)
    assert plain.backend.emulate is not None and plain.backend.replay is not None
    wanted = plain.backend.emulate(plain.program, stimulus)
    assert all(len(steps) > 100 for steps, _ in wanted.spikes.values())
    monkeypatch.setattr(files, "MOST_ROWS", 100)
    made = compile_network(blocks(), "spinnaker", neurons_per_core=16).emit(tmp_path)
    assert files.CONNECTORS in made.report.files and files.ROWS not in made.report.files
    said = json.loads((tmp_path / files.CONNECTORS).read_text())
    found = {b["path"]: b for b in said["connectors"]}
    assert found["p1"]["rule"] == "bernoulli" and found["p1"]["numbers"]["p"] == 0.2 and found["p1"]["synapses"] == 720
    assert found["p1"]["weight"] == {"shape": "normal", "a": 3.0, "b": 0.5, "low": 0.0}
    if change == "weight":
        found["p3"]["weight"]["a"] = 0.2
        (tmp_path / files.CONNECTORS).write_text(json.dumps(said))
    if change == "route":
        tables = json.loads((tmp_path / files.TABLES).read_text())
        for entry in (e for chip in tables["chips"] for e in chip["entries"] if e["cores"]):
            entry["route"] &= ~(1 << 6 + max(entry["cores"]))
        (tmp_path / files.TABLES).write_text(json.dumps(tables))
    again = plain.backend.replay(tmp_path, stimulus)
    assert (again.differs(wanted) == "") == (change == "")
    if not change:
        one = plain.backend.emulate(made.program, stimulus)
        assert one.differs(wanted) == "" and one.events == wanted.events == again.events and one.counters == again.counters


def test_too_large_to_emulate_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    from studio.backends.spinnaker import load

    monkeypatch.setattr(files, "MOST_ROWS", 100)
    net = blocks()
    made = compile_network(net, "spinnaker")
    rule = ("stdp_pair", {"w_max": 6.0, "mu_plus": 0.0, "mu_minus": 0.0})
    net.connect("one", "one", c.explicit([0, 1], [2, 3]), weight=1.0, delay=3.0, kinetics="delta", plasticity=rule)
    learns = compile_network(net, "spinnaker").emit(tmp_path)
    assert learns.backend.emulate is not None and learns.backend.replay is not None
    with pytest.raises(ValueError, match="where some learn"):
        learns.backend.emulate(learns.program, Stimulus(5))
    with pytest.raises(ValueError, match="given as lists"):
        learns.backend.replay(tmp_path, Stimulus(5))
    monkeypatch.setattr(load, "MOST", 200)
    with pytest.raises(ValueError, match="too many"):
        learns.backend.emulate(made.program, Stimulus(5))
