"""Networks in SONATA beside the engine. Run by hand:

python tests/exchange/sonata/networks.py write FOLDER     with the studio
python tests/exchange/sonata/networks.py run FOLDER       with BMTK 1.2 and NEST 3.10, neither of which is a dependency
"""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

WEIGHTS = {"exponential": 0.5, "alpha": 0.4, "delta": 4.0, "conductance_exponential": 0.01, "conductance_alpha": 0.008}


def network(kinetics: str) -> Any:
    """Two populations that drive each other, thresholds and delays that differ, a Poisson source."""
    import studio

    net, w, conductance = studio.Network("Two"), WEIGHTS[kinetics], kinetics.startswith("conductance")
    s = net.source("s", 20, "poisson", rate=400.0)
    a, b = net.population("a", 8, v_th=np.linspace(-56.0, -54.0, 8)), net.population("b", 6, i_offset=0.1)
    other = {} if kinetics == "delta" else {"e_rev": -85.0} if conductance else {"tau": 5.0}
    net.connect(s, a, weight=w, delay=1.5, kinetics=kinetics)
    net.connect(a, b, studio.probability(0.8), weight=2 * w, delay={"uniform": [0.5, 2.0]}, kinetics=kinetics)
    net.connect(b, a, studio.probability(0.8), weight=w if conductance else -w, delay=1.0, kinetics=(kinetics, other))
    net.run(duration=100.0, dt=0.1)
    return net


def write(folder: Path) -> None:
    """Every network unpacked, with the spikes of the definition."""
    import studio
    from studio.engine import reference
    from studio.network.flatten import flatten

    for kinetics in WEIGHTS:
        net = network(kinetics)
        studio.export(net, folder / f"{kinetics}.sonata.zip")
        zipfile.ZipFile(folder / f"{kinetics}.sonata.zip").extractall(folder / kinetics)
        found = reference.run(flatten(net.document), 1000).spikes
        np.savez(folder / kinetics / "expected.npz", **{path: np.array(sorted(spikes)) for path, spikes in found.items()})


def run(folder: Path, kinetics: str) -> None:
    """One network in BMTK, on NEST; how many spikes differ."""
    import os

    import h5py
    from bmtk.simulator import pointnet

    os.chdir(folder / kinetics)
    settings = pointnet.Config.from_json("simulation_config.json")
    settings.build_env()
    net = pointnet.PointNetwork.from_config(settings)
    pointnet.PointSimulator.from_config(settings, net).run()
    expected = np.load("expected.npz")
    with h5py.File("output/spikes.h5") as file:
        for path in expected.files:
            group = file["spikes"][path]
            found = set(zip(np.rint(group["timestamps"][()] / 0.1).astype(int).tolist(), group["node_ids"][()].tolist(), strict=True))
            wanted = {(int(step), int(i)) for step, i in expected[path]}
            print(f"{kinetics} {path}: {len(found)} spikes in NEST, {len(wanted)} here, {len(found ^ wanted)} differ")


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(Path(sys.argv[2]))
    else:
        import subprocess

        chosen = sys.argv[3:]
        for each in WEIGHTS if not chosen else ():
            subprocess.run([sys.executable, __file__, "run", sys.argv[2], each], check=True)
        for each in chosen:
            run(Path(sys.argv[2]).resolve(), each)
