"""sPyNNaker itself, mapping the script of an artefact onto a virtual board: the same slices, nearly the same memory, tables that fit.

STUDIO_SPYNNAKER_PYTHON names a Python with sPyNNaker 7.4.1; skipped where it does not.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

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


def test_spynnaker_cuts_and_fills_cores_as_the_artefact_says(tmp_path: Path) -> None:
    interpreter = os.environ.get("STUDIO_SPYNNAKER_PYTHON", "")
    if not interpreter or not Path(interpreter).exists():
        pytest.skip("STUDIO_SPYNNAKER_PYTHON names no Python interpreter")
    made = compile_network(two(), "spinnaker", neurons_per_core=16).emit(tmp_path)
    assert made.fits, made.report.findings
    (tmp_path / ".spynnaker.cfg").write_text(CONFIG)
    command = [interpreter, "-c", MAPPED, str(made.program.steps)]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "HOME": str(tmp_path)}, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    theirs = {(label, low, high): (sdram, masks) for label, low, high, sdram, masks in json.loads((tmp_path / "mapped.json").read_text())}
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
