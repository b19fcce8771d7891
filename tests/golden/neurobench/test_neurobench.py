"""Our sparsities, operations and accuracy equal NeuroBench's on its own networks."""

import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from studio import analysis

DATA = Path(__file__).parent / "data"
NAMES = sorted(p.stem for p in DATA.glob("*.json"))


def load(name):
    return json.loads((DATA / f"{name}.json").read_text()), dict(np.load(DATA / f"{name}.npz"))


def explicit(weight, input_shape):
    """(sources, targets, weights) of a dense [out, in] matrix or of a 3 x 3 convolution with padding 1; padding positions are no synapses."""
    if weight.ndim == 2:
        targets, sources = np.indices(weight.shape).reshape(2, -1)
        return sources, targets, weight.ravel()
    _, height, width = input_shape
    out, ins, kh, kw = weight.shape
    rows = []
    for o, i, a, b, y, x in np.ndindex(out, ins, kh, kw, height, width):
        yy, xx = y + a - 1, x + b - 1
        if 0 <= yy < height and 0 <= xx < width:
            rows.append((i * height * width + yy * width + xx, o * height * width + y * width + x, weight[o, i, a, b]))
    sources, targets, weights = zip(*rows)
    return np.array(sources), np.array(targets), np.array(weights)


def recorded(values, dt=1.0):
    """All samples one after the other as one recording: source -> l1 -> l2."""
    names = {"in": "input_spikes", "l1": "layer1_spikes", "l2": "output_spikes"}
    layers = {p: values[k].reshape(len(values[k]) * values[k].shape[1], -1) for p, k in names.items()}
    matrices = [w for k, w in values.items() if k.startswith("param_") and k.endswith("weight")]
    steps = len(layers["in"])
    spikes = {}
    for path, raster in layers.items():
        when, ids = np.nonzero(raster)
        spikes[path] = SimpleNamespace(steps=when + 1, times=(when + 1) * dt, ids=ids)
    synapses = {k: explicit(w, values["input_spikes"].shape[2:]) for k, w in zip(("p1", "p2"), matrices)}
    ends = {"p1": ("in", "l1"), "p2": ("l1", "l2")}
    return SimpleNamespace(
        spikes=spikes,
        populations={p: SimpleNamespace(size=r.shape[1], kind="source" if p == "in" else "population") for p, r in layers.items()},
        projections={
            k: SimpleNamespace(source=ends[k][0], target=ends[k][1], n_synapses=len(w), n_nonzero=np.count_nonzero(w))
            for k, (_, _, w) in synapses.items()
        },
        weights={k: SimpleNamespace(sources=s, targets=t, weights=w) for k, (s, t, w) in synapses.items()},
        counters={"spikes": {p: len(s.ids) for p, s in spikes.items()}},
        duration=steps * dt,
        dt=dt,
    )


def test_all_reference_networks_are_here():
    assert len(NAMES) == 3


@pytest.mark.parametrize("name", NAMES)
def test_activation_sparsity(name):
    reference, values = load(name)
    recording = recorded(values)
    assert analysis.total_activation_sparsity(recording) == pytest.approx(reference["metrics"]["ActivationSparsity"], abs=1e-12)
    assert analysis.activation_sparsity(recording) == pytest.approx(
        reference["metrics"]["ActivationSparsityByLayer"], abs=5.1e-5
    )  # printed with 4 digits


@pytest.mark.parametrize("name", NAMES)
def test_connection_sparsity(name):
    reference, values = load(name)
    weights = [w for k, w in values.items() if k.startswith("param_") and k.endswith("weight")]
    assert round(analysis.zero_share(weights), 4) == reference["metrics"]["ConnectionSparsity"]
    if all(w.ndim == 2 for w in weights):
        assert round(analysis.connection_sparsity(recorded(values)), 4) == reference["metrics"]["ConnectionSparsity"]


@pytest.mark.parametrize("name", NAMES)
def test_synaptic_operations_per_sample(name):
    reference, values = load(name)
    operations, expected = analysis.synaptic_operations(recorded(values)), reference["metrics"]["SynapticOperations"]
    assert operations.exact and operations.stored / reference["samples"] == expected["Dense"]
    if "conv" not in name:
        assert operations.dense == operations.stored
    assert operations.effective / reference["samples"] == pytest.approx(expected["Effective_ACs"], abs=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_classification_accuracy(name):
    reference, values = load(name)
    task = {"present": reference["steps"], "gap": 0, "readout": "l2", "decode": "count_argmax"}
    answer = analysis.accuracy(recorded(values), task, values["labels"])
    assert answer is not None and answer.n == reference["samples"]
    assert answer.accuracy == pytest.approx(reference["metrics"]["ClassificationAccuracy"], abs=1e-6)
