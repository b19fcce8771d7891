"""The Lava program, run by lava-nc itself in an interpreter of its own, gives the emulator's spikes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import studio
from studio.backends.compiling import compile_network
from studio.backends.loihi.lava import small_enough, stimulus_arrays
from studio.compile.backend import Stimulus
from studio.network import connectors as c

PYTHON = os.environ.get("STUDIO_LAVA_PYTHON", "")
STEPS = 200
KINETICS = {"delta": ("delta", {}), "current": ("exponential", {"tau": 4.0})}


def network(kinetics: str, t_ref: float) -> studio.Network:
    net = studio.Network('The "same" integers')
    net.source("in", 12, "poisson", rate=50)
    net.source("pulse", 1, "step_current", amplitude=0.5, start=5, stop=12)
    net.population("a", 20, "lif", t_ref=t_ref)
    net.population("b", 9, "lif", t_ref=t_ref, tau_m=8)
    net.connect("in", "a", c.probability(0.5), weight={"normal": [1.0, 2.0]}, delay=1.0, kinetics=KINETICS[kinetics])
    net.connect("a", "b", c.fixed_in_degree(8), weight=2.0, delay={"uniform": [0.1, 3.0]}, kinetics=KINETICS[kinetics])
    net.connect("b", "a", c.all_to_all(), weight=-0.5, delay=0.1, kinetics=KINETICS[kinetics])
    net.connect("pulse", "b", c.all_to_all())
    return net


def given() -> Stimulus:
    when, who = np.nonzero(np.random.default_rng(5).random((STEPS, 12)) < 0.2)
    twice = np.concatenate([when, when[:20]]), np.concatenate([who, who[:20]])
    order = np.lexsort(twice[::-1])
    currents: tuple[Any, Any] = np.array([0, 50, 120]), np.array([[0.0], [0.5], [0.0]])
    return Stimulus(STEPS, {"in": (twice[0][order], twice[1][order])}, {"pulse": currents})


def test_the_program_is_text_that_python_takes(tmp_path: Path) -> None:
    made = compile_network(network("delta", 1.0), "loihi").emit(tmp_path)
    assert {"lava_network.py", "lava_weights.npz"} <= set(made.report.files)
    compile((tmp_path / "lava_network.py").read_text(), "lava_network.py", "exec")


def test_large_networks_get_no_matrices() -> None:
    net = studio.Network("Large")
    net.population("p", 4000, "lif")
    net.connect("p", "p", c.probability(0.01), weight=1.0, delay=1.0)
    assert not small_enough(compile_network(net, "loihi").program)


@pytest.mark.skipif(not PYTHON, reason="STUDIO_LAVA_PYTHON does not name a Python 3.10 with lava-nc 0.10")
@pytest.mark.parametrize(("kinetics", "t_ref"), [("delta", 0.0), ("delta", 1.0), ("current", 0.0), ("current", 1.0)])
def test_lava_gives_the_same_spikes(kinetics: str, t_ref: float, tmp_path: Path) -> None:
    made, stimulus = compile_network(network(kinetics, t_ref), "loihi").emit(tmp_path), given()
    np.savez(tmp_path / "in.npz", **stimulus_arrays(made.program, stimulus))  # pyright: ignore[reportArgumentType]
    subprocess.run([PYTHON, "lava_network.py", "in.npz", "out.npz"], cwd=tmp_path, check=True, capture_output=True, timeout=300)
    assert made.backend.emulate is not None
    ours, theirs = made.backend.emulate(made.program, stimulus), np.load(tmp_path / "out.npz")
    for key, (steps, ids) in ours.spikes.items():
        assert len(steps) > 0, "nothing to compare"
        assert np.array_equal(theirs[f"{key}.steps"], steps) and np.array_equal(theirs[f"{key}.ids"], ids), key


@pytest.mark.skipif(not PYTHON, reason="STUDIO_LAVA_PYTHON does not name a Python 3.10 with lava-nc 0.10")
def test_lava_gives_the_spikes_of_dendrites(tmp_path: Path) -> None:
    """A current that adds up, and a synapse of the compartment onto itself that takes the quantum off (`fan_in=split`)."""
    net = studio.Network("Wide")
    net.source("in", 4600, "poisson", rate=20.0)
    net.population("a", 3, "lif")
    net.connect("in", "a", c.probability(0.95), weight={"normal": [0.025, 0.03]}, delay=2.0, kinetics="delta")
    net.run(duration=100.0, dt=1.0)
    made = compile_network(net, "loihi", fan_in="split").emit(tmp_path)
    stimulus = Stimulus(100, {"in": np.nonzero(np.random.default_rng(1).random((100, 4600)) < 0.02)})
    np.savez(tmp_path / "in.npz", **stimulus_arrays(made.program, stimulus))  # pyright: ignore[reportArgumentType]
    subprocess.run([PYTHON, "lava_network.py", "in.npz", "out.npz"], cwd=tmp_path, check=True, capture_output=True, timeout=300)
    assert made.backend.emulate is not None
    ours, theirs = made.backend.emulate(made.program, stimulus), np.load(tmp_path / "out.npz")
    assert set(ours.spikes) == {"a.dendrite0", "a.dendrite1", "a"}
    for key, (steps, ids) in ours.spikes.items():
        assert len(steps) > 20 and np.array_equal(theirs[f"{key}.steps"], steps) and np.array_equal(theirs[f"{key}.ids"], ids), key
