"""The graphs of the NIR paper (Pedersen et al. 2024, doi:10.1038/s41467-024-52259-9), which are not part of this repository. Run by hand.

python tests/golden/nir/paper.py FOLDER     a folder with one folder a case: graph.nir, meta.json, data.npz (as data/ here)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from studio.engine.run import simulate
from studio.exchange.nir import output, read, to_nir, with_input


def network(folder: Path) -> None:
    """Output spikes of a whole network, and the same after it was written and read again."""
    meta, data = json.loads((folder / "meta.json").read_text()), np.load(folder / "data.npz")
    document, findings = read(folder / "graph.nir", meta["dt_s"] * 1e3)
    assert document is not None
    node = next(a for a, b in meta["edges"] if b == "output").replace(".", "_")
    fed = with_input(document, data["input"])
    graph, lost = to_nir(document)
    assert graph is not None
    for precision in ("double", "single"):
        given = output(simulate(fed, precision=precision), node)
        print(f"{folder.name} {precision}: {int(data['output'].sum())} spikes, {int((given != data['output']).sum())} differ")
    print("   read:", [str(f) for f in findings], "written:", sorted({f.code for f in lost}), len(graph.nodes), "nodes")


def neuron(folder: Path) -> None:
    """One neuron in many simulators: which of them fire in the very steps that the engine does."""
    meta, data = json.loads((folder / "meta.json").read_text()), np.load(folder / "data.npz")
    document, _ = read(folder / "graph.nir", meta["dt_s"] * 1e3)
    assert document is not None
    for name in data.files:
        column = data[name]
        fed = with_input(document, np.rint(column[:, 0] / np.max(column[:, 0])).astype(int)[:, None])
        path = next(k for k, n in fed.circuit.nodes.items() if n.kind == "population")
        given = output(simulate(fed, precision="double"), path)[:, 0]
        wanted = column[:, 2] > 0
        print(
            f"{folder.name} {name}: {int(wanted.sum())} spikes, {int((given > 0).sum())} here, {int((given != wanted).sum())} steps differ"
        )


if __name__ == "__main__":
    for case in sorted(Path(sys.argv[1]).glob("p_*")):
        (network if "input" in np.load(case / "data.npz").files else neuron)(case)
