"""What other tools make of exported NIR files: networks written in each dialect, and run by the tools themselves. Run by hand.

python tests/exchange/nir_consumers.py write FOLDER           with the studio
python tests/exchange/nir_consumers.py read FOLDER TOOL ...   with nir and the tool: norse, snntorch, sinabs, rockpool, snn-mlir; none is a dependency

sinabs and Rockpool reset by subtraction and fire more than once in a step: they are also held against a plain interpreter that does so too.
snn-mlir's programs need a compiler of its own: here its front end reads the file, and the numbers that it emits are stepped as its texts say.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

STEPS, DT = 400, 0.5  # ms
CASES: dict[str, tuple[str, dict[str, float], float]] = {  # neuron, parameters, weight
    "lif": ("lif_euler", {"tau": 12.0, "r": 3.0, "v_leak": -65.0, "v_threshold": -60.0, "v_reset": -65.0}, 12.0),
    "cubalif": ("cubalif_euler", {"tau_mem": 12.0, "tau_syn": 4.0, "r": 2.0, "v_leak": 0.0, "v_threshold": 1.0}, 12.0),
    "if": ("if_euler", {"v_threshold": 3.0, "r": 0.5}, 1.0),
    "conv": ("if_euler", {"v_threshold": 1.5, "r": 0.5}, 1.0),
}


def write(folder: Path) -> None:
    """Every case in every dialect, with its input, the spikes of the engine, and those that a reset by subtraction would give."""
    import studio
    from studio.engine import reference
    from studio.exchange import nir as exchange
    from studio.exchange.nir.dialects import DIALECTS
    from studio.network.flatten import flatten

    for case, (model, params, weight) in CASES.items():
        net, rng = studio.Network(case), np.random.default_rng(7)
        if case == "conv":
            convolved(net, rng, params, weight)
        else:
            source = net.source("input", 12, "spike_list")
            hidden, out = net.population("hidden", 8, model, **params), net.population("out", 5, model, **params)
            net.connect(source, hidden, weight=rng.normal(0.5, 1.0, (12, 8)) * weight, kinetics="pulse", delay=0.0)
            net.connect(hidden, out, weight=np.abs(rng.normal(size=(8, 5))) * weight, kinetics="pulse", delay=0.0)
        net.run(dt=DT)
        x = (rng.random((STEPS, flatten(net.document).sources[0].size)) < 0.15).astype(np.int64)
        document = exchange.with_input(net.document, x)
        flat = flatten(document)
        found, weights = reference.run(flat, STEPS), [matrix(flat, p.key) for p in flat.projections]
        y = np.zeros((STEPS, 5), np.uint8)
        for step, i in found.spikes["out"]:
            y[step - 1, i] = 1
        assert np.array_equal(stepped(params, x, weights, subtract=False), y)
        shaped = x.reshape(STEPS, *(flat.sources[0].shape or (-1,)))
        np.savez_compressed(folder / f"{case}.npz", x=shaped, y=y, subtracted=stepped(params, x, weights, subtract=True))
        for dialect in ("", *DIALECTS):
            name = f"{case}-{dialect or 'plain'}"
            findings = exchange.write(document, folder / f"{name}.nir", dialect=dialect or None)
            (folder / f"{name}.json").write_text(json.dumps([str(f) for f in findings]))
        print(case, "spikes out:", int(y.sum()))


def convolved(net: Any, rng: np.random.Generator, params: dict[str, float], weight: float) -> None:
    """A convolution, pooling by sums and a matrix."""
    import studio

    source = net.source("input", 72, "spike_list", shape=(2, 6, 6))
    hidden = net.population("hidden", 144, "if_euler", shape=(4, 6, 6), **params)
    pooled = net.population("pooled", 36, "if_euler", shape=(4, 3, 3), **params)
    out = net.population("out", 5, "if_euler", **params)
    kernel = rng.normal(0.2, 0.5, (4, 2, 3, 3))
    net.connect(source, hidden, studio.convolution(kernel * weight, padding=1), weight=1, kinetics="pulse", delay=0.0)
    net.connect(hidden, pooled, studio.pooling(size=2), weight=1, kinetics="pulse", delay=0.0)
    net.connect(pooled, out, weight=np.abs(rng.normal(size=(36, 5))) * weight / 4, kinetics="pulse", delay=0.0)


def matrix(flat: Any, key: str) -> np.ndarray:
    """The weights of a projection [source, target]."""
    from studio.engine.connectivity import ends, synapses

    e, found = ends(flat, next(p for p in flat.projections if p.key == key)), synapses(flat, key)
    out = np.zeros((e.n_source, e.n_target))
    out[found.sources, found.targets] = found.weights
    return out


def stepped(params: dict[str, float], x: np.ndarray, weights: list[np.ndarray], subtract: bool) -> np.ndarray:
    """Every layer as NIR's equations say; `subtract`: with as many spikes as the threshold fits into the voltage, each taken off it."""
    rest, top, r = params.get("v_leak", 0.0), params["v_threshold"], params["r"]
    tau, tau_syn = params.get("tau", params.get("tau_mem")), params.get("tau_syn")
    v, current = [np.full(w.shape[1], rest) for w in weights], [np.zeros(w.shape[1]) for w in weights]
    out = np.zeros((len(x), weights[-1].shape[1]))
    for t, spikes in enumerate(x.astype(float)):
        for k, w in enumerate(weights):
            current[k] = spikes @ w if tau_syn is None else current[k] + DT / tau_syn * (spikes @ w - current[k])
            v[k] += r * current[k] if tau is None else DT / tau * (rest - v[k] + r * current[k])
            if subtract:
                spikes = np.floor(np.maximum(v[k] - rest, 0.0) / (top - rest))
                v[k] -= spikes * (top - rest)
                v[k] = v[k] if tau is not None else np.maximum(v[k], -top)  # sinabs' IF stays above minus the threshold
            else:
                spikes = (v[k] > top).astype(float)
                v[k] = np.where(spikes > 0, params.get("v_reset", 0.0), v[k])
        out[t] = spikes
    return out.astype(np.uint8)


def read(folder: Path, tools: list[str]) -> None:
    """Run each file in the tools, and count the output neurons' steps that differ."""
    import nir

    for case in CASES:
        data = np.load(folder / f"{case}.npz")
        for tool in tools:
            for dialect in ("plain", tool):
                try:
                    y = TOOLS[tool](nir.read(folder / f"{case}-{dialect}.nir"), data["x"])
                except Exception as why:  # (what a tool refuses is a result)
                    print(f"{case:8s} {tool:9s} written {dialect:9s} refused: {type(why).__name__} {' '.join(str(why).split())[:90]}")
                    continue
                meant, taken = (int((y != data[k]).sum()) for k in ("y", "subtracted"))
                text = f"spikes {int(y.sum())} of {int(data['y'].sum())}, different {meant}; from subtracting ones {taken}"
                print(f"{case:8s} {tool:9s} written {dialect:9s} {text}")


def _norse(graph: Any, x: np.ndarray) -> np.ndarray:
    import norse.torch

    return _rows(norse.torch.from_nir(graph, dt=DT / 1e3, ignore_warnings=True), x)


def _snntorch(graph: Any, x: np.ndarray) -> np.ndarray:
    from snntorch.import_nir import import_from_nir

    return _rows(import_from_nir(graph), x)


def _rows(net: Any, x: np.ndarray) -> np.ndarray:
    """Step by step, with the state handed on."""
    import torch

    state, out = None, []
    with torch.no_grad():
        for row in torch.tensor(x, dtype=torch.float32):
            z, state = net(row[None], state)
            out.append((z[0] if z.ndim > 1 else z).numpy())
    return np.array(out).astype(np.uint8)


def _sinabs(graph: Any, x: np.ndarray) -> np.ndarray:
    import torch
    from sinabs.nir import from_nir

    with torch.no_grad():
        made = from_nir(graph, batch_size=1)(torch.tensor(x, dtype=torch.float32))
    return np.asarray(made[0] if isinstance(made, tuple) else made).reshape(len(x), -1).astype(np.uint8)


def _rockpool(graph: Any, x: np.ndarray) -> np.ndarray:
    import torch
    from rockpool.nn.modules.torch.nir import from_nir

    with torch.no_grad():
        made = from_nir(graph)(torch.tensor(x, dtype=torch.float32)[None])
    while isinstance(made, tuple):
        made = made[0]
    return np.asarray(made).reshape(len(x), -1).astype(np.uint8)


def _snn_mlir(graph: Any, x: np.ndarray) -> np.ndarray:
    """Chains of snn.linear and snn.lif or snn.cubalif: the numbers of the emitted text, in single precision."""
    import tempfile

    import nir
    import snn_mlir

    with tempfile.TemporaryDirectory() as folder:
        nir.write(f"{folder}/net.nir", graph)
        snn_mlir.export(f"{folder}/net.nir", f"{folder}/net.mlir")
        text = Path(f"{folder}/net.mlir").read_text()
    arrays = {n: np.array(json.loads(v), np.float32) for n, v in re.findall(r"@(\w+) : memref<[^>]+> = dense<([^>]+)>", text)}
    layers = []
    for name, operands in re.findall(r"snn\.(\w+) ([^\n]*)", text):
        if name == "linear":
            layers.append(("linear", arrays[re.findall(r"%(w_\w+)", operands)[0]]))
        else:
            layers.append((name, {k: np.float32(v) for k, v in re.findall(r"(\w+)_float = ([-+.\de]+)", operands)}))
    if {name for name, _ in layers} - {"linear", "lif", "cubalif"}:
        raise ValueError("chains of linear, lif and cubalif only are stepped here")
    kept: dict[int, list[Any]] = {}
    out = []
    for row in x.astype(np.float32):
        for k, (name, said) in enumerate(layers):
            if name == "linear":
                row = said @ row
                continue
            v, i = kept.get(k, [np.zeros_like(row), np.zeros_like(row)])
            i = said["cur_decay"] * i + row if name == "cubalif" else row
            v = said["vol_decay" if name == "cubalif" else "decay"] * v + i
            fired = v > said["threshold"]
            kept[k], row = [np.where(fired, np.float32(0), v), i], fired.astype(np.float32)
        out.append(row)
    return np.array(out).astype(np.uint8)


TOOLS: dict[str, Callable[[Any, np.ndarray], np.ndarray]] = {
    "norse": _norse,
    "snntorch": _snntorch,
    "sinabs": _sinabs,
    "rockpool": _rockpool,
    "snn-mlir": _snn_mlir,
}


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(Path(sys.argv[2]))
    else:
        read(Path(sys.argv[2]), sys.argv[3:])
