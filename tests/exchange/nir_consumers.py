"""What other tools make of exported NIR files: networks written in each dialect, and run by the tools themselves. Run by hand.

python tests/exchange/nir_consumers.py write FOLDER     with the studio
python tests/exchange/nir_consumers.py read FOLDER      with nir, nirtorch, norse and snntorch (torch 2.13, CPU); neither is a dependency
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

STEPS = 400
CASES: dict[str, tuple[str, dict[str, Any], float]] = {  # neuron, parameters, weight
    "lif": ("lif_euler", {"tau": 12.0, "r": 3.0, "v_leak": -65.0, "v_threshold": -60.0, "v_reset": -65.0}, 12.0),
    "cubalif": ("cubalif_euler", {"tau_mem": 12.0, "tau_syn": 4.0, "r": 2.0, "v_leak": 0.0, "v_threshold": 1.0}, 12.0),
    "if": ("if_euler", {"v_threshold": 3.0, "r": 0.5}, 1.0),
}
DIALECTS = {"": "as it is", "norse": "norse", "snntorch": "snntorch"}


def write(folder: Path) -> None:
    """Every case in every dialect, with its input and the spikes of the engine."""
    import studio
    from studio.engine import reference
    from studio.exchange import nir as exchange
    from studio.network.flatten import flatten

    for case, (model, params, weight) in CASES.items():
        rng = np.random.default_rng(7)
        net = studio.Network(case)
        source = net.source("input", 12, "spike_list")
        hidden, out = net.population("hidden", 8, model, **params), net.population("out", 5, model, **params)
        net.connect(source, hidden, weight=rng.normal(0.5, 1.0, (12, 8)) * weight, kinetics="pulse", delay=0.0)
        net.connect(hidden, out, weight=np.abs(rng.normal(size=(8, 5))) * weight, kinetics="pulse", delay=0.0)
        net.run(dt=0.5)
        x = (rng.random((STEPS, 12)) < 0.15).astype(np.int64)
        document = exchange.with_input(net.document, x)
        found = reference.run(flatten(document), STEPS)
        y = np.zeros((STEPS, 5), np.uint8)
        for step, i in found.spikes["out"]:
            y[step - 1, i] = 1
        np.savez_compressed(folder / f"{case}.npz", x=x, y=y)
        for dialect in DIALECTS:
            name = f"{case}-{dialect or 'plain'}"
            findings = exchange.write(document, folder / f"{name}.nir", dialect=dialect or None)
            (folder / f"{name}.json").write_text(json.dumps([str(f) for f in findings]))
        print(case, "spikes out:", int(y.sum()))


def read(folder: Path) -> None:
    """Run each file in norse and snntorch, and count the output neurons' steps that differ."""
    import nir
    import torch

    for case in CASES:
        data = np.load(folder / f"{case}.npz")
        x = torch.tensor(data["x"], dtype=torch.float32)
        for tool, run in (("norse", _norse), ("snntorch", _snntorch)):
            for dialect in ("plain", tool):
                try:
                    y = run(nir.read(folder / f"{case}-{dialect}.nir"), x)
                    print(
                        f"{case:8s} {tool:9s} written {dialect:9s} spikes {int(y.sum())} of {int(data['y'].sum())}, different {int((y != data['y']).sum())}"
                    )
                except Exception as why:  # (what a tool refuses is a result)
                    print(f"{case:8s} {tool:9s} written {dialect:9s} refused: {type(why).__name__} {str(why)[:80]}")


def _norse(graph: Any, x: Any) -> np.ndarray:
    import norse.torch
    import torch

    net, state, out = norse.torch.from_nir(graph, dt=0.0005, ignore_warnings=True), None, []
    with torch.no_grad():
        for row in x:
            z, state = net(row[None], state)
            out.append(z[0].numpy())
    return np.array(out).astype(np.uint8)


def _snntorch(graph: Any, x: Any) -> np.ndarray:
    import torch
    from snntorch.import_nir import import_from_nir

    net = import_from_nir(graph)
    state, out = None, []
    with torch.no_grad():
        for row in x:
            z, state = net(row[None], state)
            out.append((z[0] if z.ndim > 1 else z).numpy())
    return np.array(out).astype(np.uint8)


if __name__ == "__main__":
    {"write": write, "read": read}[sys.argv[1]](Path(sys.argv[2]))
