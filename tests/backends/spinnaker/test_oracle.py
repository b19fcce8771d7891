"""sPyNNaker itself, mapping the script of an artefact onto a virtual board: the same slices, nearly the same memory, tables that fit.

STUDIO_SPYNNAKER_PYTHON names a Python with sPyNNaker 7.4.1; skipped where it does not.
"""

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
from studio.backends.spinnaker import files
from studio.network import connectors as c

CONFIG = """[Machine]
version = 5
virtual_board = True
[Java]
use_java = False
[Mapping]
run_compression_checker = True
"""
MAPPED = """
import json, runpy, sys
import pyNN.spiNNaker as sim
from spynnaker.pyNN.data import SpynnakerDataView as D
end, out, steps = sim.end, [], int(sys.argv[1])
def look():
    info = D.get_routing_infos()
    for p in D.iterate_placemements():
        v = p.vertex
        if v.app_vertex is not None:
            keys = [info.get_info_from(v, name) for name in info.get_partitions_from(v)]
            s = v.vertex_slice
            out.append([v.app_vertex.label, s.lo_atom, s.hi_atom + 1, v.sdram_required.get_total_sdram(steps), [int(k.mask) for k in keys]])
    json.dump(out, open("mapped.json", "w"))
    end()
sim.end = look
sys.argv = ["network.pynn.py", "spinnaker"]
runpy.run_path("network.pynn.py", run_name="__main__")
"""


def two() -> studio.Network:
    """Two populations, lists and both signs; steps of 1 ms."""
    net = studio.Network("two")
    net.run(duration=300, dt=1.0, seed=5)
    net.source("drive", 50, "poisson", rate=40)
    net.population("one", 60, "lif", t_ref=2)
    net.population("two", 45, "lif", i_offset=0.1)
    rng = np.random.default_rng(1)
    net.connect("drive", "one", c.probability(0.2), weight=3.0, delay=1.0, kinetics="delta")
    lists = c.explicit(rng.integers(0, 60, 150), rng.integers(0, 45, 150))
    net.connect("one", "two", lists, weight=rng.normal(0.2, 0.4, 150), delay=2.0, kinetics=("exponential", {"tau": 4.0}))
    net.connect("two", "one", c.all_to_all(), weight=-0.5, delay=3.0, kinetics="delta")
    return net


def late() -> studio.Network:
    """Delays of up to 500 steps from an input and a population onto two, which share their sources."""
    net = studio.Network("late")
    net.run(duration=300, dt=1.0, seed=1)
    net.source("drive", 40, "poisson", rate=40)
    net.population("one", 100, "lif")
    net.population("two", 70, "lif")
    rng = np.random.default_rng(0)

    def lists(source: int, target: int, n: int) -> Any:
        return c.explicit(rng.integers(0, source, n), rng.integers(0, target, n))

    net.connect("drive", "one", lists(40, 100, 600), weight=3.0, delay=1.0 * rng.integers(1, 500, 600), kinetics="delta")
    net.connect("drive", "two", lists(40, 70, 300), weight=3.0, delay=150.0, kinetics="delta")
    net.connect("one", "two", lists(100, 70, 500), weight=3.0, delay=1.0 * rng.integers(50, 200, 500), kinetics="delta")
    net.connect("one", "two", lists(100, 70, 100), weight=1.0, delay=2.0, kinetics="delta")
    net.connect("two", "one", lists(70, 100, 500), weight=-1.0, delay=3.0, kinetics="delta")
    return net


def mapped(interpreter: str, folder: Path, steps: int) -> Any:
    """What sPyNNaker makes of the script of an artefact: label, first and last atom, bytes and masks of every slice."""
    (folder / ".spynnaker.cfg").write_text(CONFIG)
    command = [interpreter, "-c", MAPPED, str(steps)]
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, "HOME": str(folder)}, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads((folder / "mapped.json").read_text())


@pytest.mark.parametrize("extensions", ["always", "auto"])
def test_delay_extensions_are_spynnakers_own(extensions, tmp_path: Path) -> None:
    """The same slices of sources, as many keys for a slice, and every byte of the largest slice, which it reserves for all."""
    interpreter = os.environ.get("STUDIO_SPYNNAKER_PYTHON", "")
    if not interpreter or not Path(interpreter).exists():
        pytest.skip("STUDIO_SPYNNAKER_PYTHON names no Python interpreter")
    made = compile_network(late(), "spinnaker", delay_extensions=extensions).emit(tmp_path)
    theirs = {(label, low): (sdram, masks) for label, low, _, sdram, masks in mapped(interpreter, tmp_path, made.program.steps)}
    memory = {s["slice"]: s["sdram"] for s in json.loads((tmp_path / files.SDRAM).read_text())["cores"]}
    found = {}
    for s in json.loads((tmp_path / files.PARTITION).read_text())["slices"]:
        if s["of"] != "drive":
            largest = max(n for label, n in memory.items() if label.rsplit("/", 1)[0] == s["of"])
            found[s["of"].replace(" ", "_"), s["low"] // s.get("stages", 1)] = (largest, [s["mask"]])
    assert found == {key: value for key, value in theirs.items() if key[0] != "drive"}
    assert {label for label, _ in found} == {"one", "two", "drive_delayed", "one_delayed"} and len(found) >= 4


def test_spynnaker_cuts_and_fills_cores_as_the_artefact_says(tmp_path: Path) -> None:
    interpreter = os.environ.get("STUDIO_SPYNNAKER_PYTHON", "")
    if not interpreter or not Path(interpreter).exists():
        pytest.skip("STUDIO_SPYNNAKER_PYTHON names no Python interpreter")
    made = compile_network(two(), "spinnaker", neurons_per_core=16).emit(tmp_path)
    assert made.fits, made.report.findings
    theirs = {(label, low, high): (sdram, masks) for label, low, high, sdram, masks in mapped(interpreter, tmp_path, made.program.steps)}
    partition = json.loads((tmp_path / files.PARTITION).read_text())
    ours = {(s["of"], s["low"], s["high"]): s for s in partition["slices"]}
    memory = {s["slice"]: s["sdram"] for s in json.loads((tmp_path / files.SDRAM).read_text())["cores"]}
    cells = {key: s for key, s in ours.items() if key[0] in ("one", "two")}
    assert set(cells) == {key for key in theirs if key[0] in ("one", "two")} and len(cells) == 7
    for key, s in cells.items():
        sdram, masks = theirs[key]
        assert masks == [s["mask"]], "as many keys for a slice"
        largest = max(memory[other["label"]] for other in cells.values() if other["of"] == s["of"])  # which it reserves for all
        most = 0.06 if s["of"] == "one" else 0.12  # lists of both signs are two matrices there
        assert abs(largest - sdram) <= most * sdram, (key, largest, sdram)
