"""PyNN scripts: what they say, what they leave out, and, where the interpreters are, what NEST and sPyNNaker make of them.

STUDIO_PYNN_PYTHON names a Python with PyNN 0.13 and NEST 3.10, STUDIO_SPYNNAKER_PYTHON one with sPyNNaker 7.4.1 (no board is needed).
"""

from __future__ import annotations

import ast
import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

import studio
from studio.exchange import export, formats
from studio.exchange.pynn import script
from studio.network import connectors as c

HERE = Path(__file__).parent
CONFIG = """[Machine]
version = 5
virtual_board = True
[Java]
use_java = False
[Mapping]
run_compression_checker = True
"""


def chain(kinetics: str | tuple = ("exponential", {"tau": 5.0}), weight: float = 0.4, dt: float = 0.1) -> studio.Network:
    """Given spikes onto cells that excite and inhibit each other by lists: nothing is drawn by the simulator."""
    net = studio.Network("chain")
    net.run(duration=150, dt=dt, seed=2)
    rng = np.random.default_rng(7)
    times = np.sort(rng.choice(np.arange(20, 1200), 300)) * 0.1 // dt * dt
    net.source("in", 12, "spike_list", times=np.round(times, 6), ids=rng.integers(0, 12, 300))
    net.population("cells", 30, "lif", i_offset=0.1)
    drive, loop = (rng.integers(0, 12, 90), rng.integers(0, 30, 90)), (rng.integers(0, 30, 80), rng.integers(0, 30, 80))
    net.connect("in", "cells", c.explicit(*drive), weight=rng.uniform(0.5, 1.5, 90) * weight, delay=2.0, kinetics=kinetics)
    signs = 1.0 if isinstance(kinetics, tuple) and kinetics[0].startswith("conductance") else rng.choice([-0.5, 0.3], 80)
    net.connect("cells", "cells", c.explicit(*loop), weight=signs * weight * np.ones(80), delay=1.5, kinetics=kinetics)
    return net


def everything(board: bool = False) -> studio.Network:
    """One projection of each rule that PyNN has, a plastic one, distributions, a current and rates that change.

    `board`: without those that sPyNNaker 7.4.1 fails to make on the host for a population on several cores.
    """
    net = studio.Network("Everything")
    net.run(duration=50, dt=1.0, seed=4)
    net.source("noise", 20, "poisson", rate=30)
    net.source("step", 1, "step_current", times=[0.0, 10.0], amplitudes=[0.0, 0.3])
    net.source("pictures", 4, "image_rate", images=np.arange(8.0).reshape(2, 4), white=8.0, present=20.0)
    net.population("a", 20, "lif", tau_m={"normal": [20, 1]})
    net.population("b", 20, "lif")
    net.connect("step", "b", c.all_to_all())
    net.connect("pictures", "b", c.all_to_all(), weight=1.0, kinetics="delta")
    for rule in (
        c.all_to_all(autapses=board),
        c.probability(0.3),
        c.fixed_in_degree(3),
        *([] if board else [c.fixed_out_degree(3), c.fixed_total_number(30)]),
    ):
        net.connect("a", "a", rule, weight={"normal": [-0.1, 0.01], "max": 0}, delay={"normal": [3, 1], "min": 1})
    net.connect("noise", "a", c.one_to_one(), weight=0.5, delay=2.0)
    rule = ("stdp_pair", {"w_max": 2.0, "mu_plus": 0.0, "mu_minus": 0.0})
    net.connect("a", "b", c.probability(0.5), weight=1.0, kinetics="delta", plasticity=rule)
    return net


def test_it_is_a_format_of_the_studio(tmp_path: Path) -> None:
    assert "pynn" in {f["key"] for f in formats()}
    assert export(chain(), tmp_path / "chain.pynn.py") == ()
    text = (tmp_path / "chain.pynn.py").read_text()
    assert "python chain.pynn.py nest" in text and "IF_curr_exp" in text
    ast.parse(text)


def test_every_rule_is_said_in_pynns_words() -> None:
    text, findings = script(everything().flatten())
    assert findings == ()
    ast.parse(text)
    words = (
        "AllToAllConnector",
        "FixedProbabilityConnector",
        "FixedNumberPreConnector",
        "FixedNumberPostConnector",
        "FixedTotalNumberConnector",
    )
    for word in (
        *words,
        "OneToOneConnector",
        "SpikePairRule",
        "AdditiveWeightDependence",
        "SpikeSourcePoisson",
        "StepCurrentSource",
        "poisson_trains",
    ):
        assert f"{word}(" in text, word
    assert 'RandomDistribution("normal_clipped", mu=-0.1' in text and 'receptor_type="inhibitory"' in text
    assert text == script(everything().flatten())[0]


def test_a_script_holds_only_what_it_calls() -> None:
    net = studio.Network("plain")
    net.population("a", 2, "lif")
    text, _ = script(net.flatten())
    assert "def " not in text and ast.parse(text)


def test_a_name_cannot_become_code() -> None:
    net = studio.Network('x"""\nraise SystemExit("no")\n"""')
    net.population("lambda", 1, "lif")
    tree = ast.parse(script(net.flatten())[0])
    assert not any(isinstance(node, ast.Raise) for node in ast.walk(tree))


def test_every_thing_of_a_script_has_a_name_of_its_own() -> None:
    """A population called as a projection, as another's name in Python, as a function the script calls, as one of its lists."""
    net = studio.Network("names")
    net.run(duration=10, dt=1.0)
    for name in ("p1", "p3_list", "print", "spikes"):
        net.population(name, 3, "lif")
    net.connect("p1", "print", c.all_to_all(), weight=1.0, kinetics="delta")
    net.connect("print", "spikes", c.explicit([0, 1], [1, 2]), weight=[1.0, -1.0], kinetics="delta")
    tree = ast.parse(script(net.flatten())[0])
    made = [t.id for node in ast.walk(tree) if isinstance(node, ast.Assign) for t in node.targets if isinstance(t, ast.Name)]
    assert {"p1", "p2", "p3_list", "p3_list_2", "print_2", "spikes_2", "p3_exc", "p3_inh"} <= set(made) and "print" not in made
    assert all(made.count(n) == 1 for n in ("p1", "p2", "p3_list", "p3_list_2", "print_2", "spikes_2"))


def test_times_are_those_of_the_document() -> None:
    """Spikes at 5 and 7.3 ms; a refractory time of 2.06 ms is 21 steps of 0.1."""
    net = studio.Network("times")
    net.run(duration=10, dt=0.1)
    net.source("in", 2, "spike_list", times=[5.0, 7.3], ids=[0, 1])
    net.population("a", 2, "lif", t_ref=2.06)
    net.connect("in", "a", c.one_to_one(), weight=1.0, kinetics="delta")
    text, _ = script(net.flatten())
    assert "by_source(np.array([5.0, 7.3]), np.array([0, 1]), 2)" in text and "tau_refrac=2.1," in text


def test_drawn_delays_are_later_on_the_chip_too() -> None:
    """Numbers, lists and distributions alike: a cell of sPyNNaker takes a current a step earlier."""
    net = studio.Network("late")
    net.population("a", 3, "lif")
    for delay in (2.0, {"normal": [3.0, 1.0], "min": 1.0}, {"uniform": [1.0, 2.0]}, {"lognormal": [1.0, 0.5]}):
        net.connect("a", "a", c.probability(0.5), weight=0.1, delay=delay, kinetics=("exponential", {"tau": 5.0}))
    text, findings = script(net.flatten())
    assert "mu=3.0 + LATER" in text and "low=1.0 + LATER, high=2.0 + LATER" in text and "delay=2.0 + LATER" in text
    assert [(f.severity, f.where) for f in findings] == [("warning", "p4")] and "shorter on SpiNNaker" in findings[0].text


def test_what_learns_onto_an_izhikevich_cell_has_its_bound_in_the_cells_units() -> None:
    net = studio.Network("izhikevich")
    net.run(duration=10, dt=1.0)
    net.population("a", 3, "izhikevich", c_m=0.5)
    rule = ("stdp_pair", {"w_max": 2.0, "mu_plus": 0.0, "mu_minus": 0.0})
    net.connect("a", "a", c.all_to_all(), weight=1.0, kinetics=("exponential", {"tau": 5.0}), plasticity=rule)
    assert "w_max=4.0" in script(net.flatten(), chip=True)[0]


def test_what_pynn_cannot_carry_is_a_finding(tmp_path: Path) -> None:
    net = everything()
    net.population("odd", 1, "adex")
    net.connect("noise", "odd", c.all_to_all())
    net.connect("a", "b", c.all_to_all(), weight=1.0, kinetics="delta", plasticity="stdp_triplet")
    net.connect("a", "b", c.all_to_all(), weight=1.0, kinetics="delta", device="pcm")
    net.connect("a", "b", c.all_to_all(), weight=0.1, kinetics="alpha")
    _, findings = script(net.flatten())
    assert {(f.code, f.severity, f.where) for f in findings} >= {("fit.model", "error", "odd"), ("fit.model", "error", "b")}
    with pytest.raises(studio.FindingError if hasattr(studio, "FindingError") else ValueError):
        export(net, tmp_path / "no.pynn.py")
    assert not (tmp_path / "no.pynn.py").exists()


def test_alpha_currents_mean_something_else_on_spinnaker() -> None:
    _, findings = script(chain(("alpha", {"tau": 2.0})).flatten())
    assert [(f.code, f.severity, f.where) for f in findings] == [("lossy.pynn", "info", "cells")] and "overlap" in findings[0].text


def test_devices_and_rules_it_leaves_out_are_said() -> None:
    net = studio.Network("left out")
    net.population("a", 3, "lif")
    net.connect("a", "a", c.all_to_all(), weight=1.0, kinetics="delta", device="pcm")
    net.connect("a", "a", c.all_to_all(), weight=1.0, kinetics="delta", plasticity=("stdp_pair", {"mu_plus": 0.4}))
    _, findings = script(net.flatten())
    assert [(f.code, f.severity) for f in findings] == [("lossy.pynn", "warning"), ("fit.plasticity", "error")]
    assert all(f.fix and f.text.endswith(".") for f in findings)


# what other simulators make of it


def python(variable: str) -> str:
    path = os.environ.get(variable, "")
    if not path or not Path(path).exists():
        pytest.skip(f"{variable} names no Python interpreter")
    return path


def executed(folder: Path, network: studio.Network, interpreter: str, where: str) -> subprocess.CompletedProcess[str]:
    text, findings = script(network.flatten())
    assert all(f.severity == "info" for f in findings)
    (folder / "network.pynn.py").write_text(text)
    (folder / ".spynnaker.cfg").write_text(CONFIG)
    command = [interpreter, "network.pynn.py", where, "--save", "spikes.npz"]
    environment = {**os.environ, "HOME": str(folder)}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False)


@pytest.mark.parametrize(
    ("kinetics", "weight"),
    [
        (("exponential", {"tau": 5.0}), 0.4),
        (("alpha", {"tau": 2.0}), 0.4),
        ("delta", 6.0),
        (("conductance_exponential", {"tau": 5.0, "e_rev": 0.0}), 0.006),
    ],
)
def test_nest_fires_in_the_same_steps(kinetics, weight, tmp_path: Path) -> None:
    """Given spikes and given lists: every spike of every neuron, in the step in which the engine has it."""
    interpreter = python("STUDIO_PYNN_PYTHON")
    net = chain(kinetics, weight)
    done = executed(tmp_path, net, interpreter, "nest")
    assert done.returncode == 0, done.stderr[-2000:]
    found = np.load(tmp_path / "spikes.npz")
    ours = studio.simulate(net, precision="double").spikes["cells"]
    theirs = sorted(zip(np.rint(found["cells.times"] / 0.1).astype(int).tolist(), found["cells.ids"].tolist(), strict=True))
    assert len(theirs) > 50
    assert theirs == sorted(zip(np.asarray(ours.steps).tolist(), np.asarray(ours.ids).tolist(), strict=True))


def test_nest_runs_every_rule(tmp_path: Path) -> None:
    done = executed(tmp_path, everything(), python("STUDIO_PYNN_PYTHON"), "nest")
    assert done.returncode == 0, done.stderr[-2000:]


MAPPED = """
import json, runpy, sys
import pyNN.spiNNaker as sim
from spynnaker.pyNN.data import SpynnakerDataView as D
end, out = sim.end, []
def look():
    for p in D.iterate_placemements():
        v = p.vertex
        if v.app_vertex is not None:
            info = D.get_routing_infos()
            keys = [info.get_info_from(v, name) for name in info.get_partitions_from(v)]
            out.append([v.app_vertex.label, v.vertex_slice.lo_atom, v.vertex_slice.hi_atom, [[int(k.key), int(k.mask)] for k in keys]])
    json.dump(out, open("mapped.json", "w"))
    end()
sim.end = look
sys.argv = ["network.pynn.py", "spinnaker"]
runpy.run_path("network.pynn.py", run_name="__main__")
"""


@pytest.mark.parametrize("name", ["chain", "everything"])
def test_spynnaker_maps_it_onto_a_virtual_board(name, tmp_path: Path) -> None:
    interpreter = python("STUDIO_SPYNNAKER_PYTHON")
    text, _ = script(
        {"chain": lambda: chain(dt=1.0), "everything": lambda: everything(True)}[name]().flatten(),
        neurons_per_core={"cells": 8, "a": 8, "b": 20},
    )
    (tmp_path / "network.pynn.py").write_text(text)
    (tmp_path / ".spynnaker.cfg").write_text(CONFIG)
    environment = {**os.environ, "HOME": str(tmp_path)}
    done = subprocess.run(
        [interpreter, "-c", MAPPED], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, (done.stdout[-1500:], done.stderr[-1500:])
    slices, blocks = {}, []
    for label, low, high, keys in json.loads((tmp_path / "mapped.json").read_text()):
        slices.setdefault(label, []).append((low, high + 1))
        blocks += [(key, key | (~mask & 0xFFFFFFFF)) for key, mask in keys]
    expected = {"chain": {"cells": 4}, "everything": {"a": 3, "b": 1}}[name]
    assert {label: len(slices[label]) for label in expected} == expected
    assert all(high - low <= 20 for found in slices.values() for low, high in found)
    blocks.sort()
    assert blocks and all(one[1] < two[0] for one, two in zip(blocks, blocks[1:], strict=False)), "keys are disjoint"
