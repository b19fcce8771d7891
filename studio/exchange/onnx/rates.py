"""A plain network (dense layers, convolutions, average pooling, ReLU) as a spiking one: activations become rates.

Each ReLU becomes integrate-and-fire neurons with a reset by subtraction, whose rate over time is the activation (Rueckauer et al. 2017,
doi:10.3389/fnins.2017.00682, sections 2.2 and 2.3.3): weights are scaled so that the greatest activation of a layer is one spike in each step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.exchange.nir import maps
from studio.exchange.onnx.walking import Unread, listed, tensor
from studio.findings import Finding, FindingError
from studio.models.forms import Window
from studio.network.build import Network, explicit

MODEL = {
    "kind": "neuron",
    "title": "Integrate-and-fire, reset by subtraction",
    "doc": "Adds up its input; fires at the threshold and keeps what lies above it.",
    "source": "Rueckauer B et al. (2017) Conversion of continuous-valued deep networks to efficient event-driven networks. doi:10.3389/fnins.2017.00682, eq. 2",
    "params": [
        {"name": "v_threshold", "default": 1.0, "unit": "mV", "doc": "The neuron fires at this voltage.", "role": "threshold"},
        {"name": "r", "default": 1.0, "unit": "MOhm", "doc": "Resistance: how far the current of one step moves the voltage."},
        {"name": "i_offset", "default": 0.0, "unit": "nA", "doc": "Constant input current: the bias of a layer."},
    ],
    "states": [{"name": "v", "start": "v_threshold/2", "unit": "mV", "doc": "Membrane voltage.", "role": "membrane"}],
    "step": "v += r*(i + i_offset)",
    "threshold": "v >= v_threshold",
    "reset": "v -= v_threshold",
}
PASSED = ("Flatten", "Reshape", "Identity", "Dropout", "Squeeze", "Unsqueeze", "Cast")
LAST = ("Softmax", "LogSoftmax")  # which do not change what is greatest
POOLED = ("AveragePool", "GlobalAveragePool")
MAX_ENTRIES = 50_000_000


@dataclass
class Layer:
    """A linear map onto `n` values with a bias, and whether a ReLU follows."""

    name: str
    sources: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    shape: tuple[int, ...]
    n_source: int
    relu: bool = False  # or a mean of what is not negative

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """The layer's activations [k, n] for inputs [k, n_source]."""
        out = np.zeros((len(x), len(self.bias)))
        for k, row in enumerate(x):
            out[k] = np.bincount(self.targets, self.weights * row[self.sources], len(self.bias)) + self.bias
        return np.maximum(out, 0.0) if self.relu else out


def from_rates(model: Any, dt: float, name: str, calibration: Any = None) -> tuple[Any, tuple[Finding, ...]]:
    """The spiking network of a plain one; None with a finding where a node of it is none of those above."""
    try:
        first, layers = _layers(model)
        return _network(name, first, layers, dt, calibration)
    except (Unread, FindingError, StopIteration, ValueError) as why:
        text = f"This is no model of “ai.neuromorphic”, and it cannot become rates: {why or 'it is empty'}."
        fix = "Chains of Gemm, MatMul, Add, Conv, BatchNormalization, AveragePool, GlobalAveragePool, Relu and Flatten can be read."
        return None, (Finding("path.format", "error", "", text, fix),)


def _layers(model: Any) -> tuple[tuple[int, ...], list[Layer]]:
    graph = model.graph
    constants = {t.name: t for t in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant":
            constants.update((node.output[0], a.t) for a in node.attribute if a.name == "value")
    given = [i for i in graph.input if i.name not in constants]
    if len(given) != 1:
        raise Unread(f"it has {len(given)} inputs, not one")
    shape = tuple(int(d.dim_value) for d in given[0].type.tensor_type.shape.dim[1:])
    if not shape or 0 in shape:
        raise Unread("the sizes of its input are not said: export it with fixed ones")
    value, layers, now, done = given[0].name, [], shape, ""
    for node in graph.node:
        if node.op_type == "Constant":
            continue
        if node.domain or value not in node.input or (node.input[0] != value and node.op_type != "Add"):
            raise Unread(f"“{node.op_type}” is not the next of one chain")
        if done:
            raise Unread(f"“{done}” stands before its end")
        done = node.op_type if node.op_type in LAST else ""
        now = _take(node, value, constants, layers, now)
        value = node.output[0]
    if not layers:
        raise Unread("it has no layers")
    if any(not layer.relu for layer in layers[:-1]):
        raise Unread("a layer inside it has no ReLU")
    return shape, layers


def _take(node: Any, value: str, constants: dict[str, Any], layers: list[Layer], now: tuple[int, ...]) -> tuple[int, ...]:
    """One node of the chain; returns the shape after it."""
    kind = node.op_type
    if kind == "Relu" and layers:
        layers[-1].relu = True
        return now
    if kind in (*PASSED, *LAST):
        return (int(np.prod(now)),) if kind in ("Flatten", "Reshape") else now
    others = [tensor(constants[i]).astype(float) for i in node.input if i != value and i in constants]
    if kind in ("Add", "BatchNormalization") and layers and not layers[-1].relu and others:
        _shifted(node, others, layers[-1])
        return now
    if kind in ("Gemm", "MatMul") and others:
        layers.append(_dense(node, others, int(np.prod(now))))
    elif kind in ("Conv", *POOLED) and len(now) == 3:
        layers.append(_window(node, others, now))
    else:
        raise Unread(f"“{kind}” has no counterpart{'; train the network with AveragePool' if kind == 'MaxPool' else ''}")
    return layers[-1].shape


def _shifted(node: Any, others: list[np.ndarray], layer: Layer) -> None:
    """A bias, or a normalisation by stored moments, that follows a layer."""
    if node.op_type == "Add":
        shape = (1,) * max(0, others[0].ndim - 1 - len(layer.shape)) + (1, *layer.shape)
        try:
            layer.bias = layer.bias + np.broadcast_to(others[0], shape).reshape(-1)
        except ValueError:
            raise Unread(f"what “Add” adds has the shape {list(others[0].shape)}, which does not fit {list(layer.shape)}") from None
        return
    eps = next((a.f for a in node.attribute if a.name == "epsilon"), 1e-5)
    if len(others) != 4 or any(a.name == "training_mode" and a.i for a in node.attribute):
        raise Unread("“BatchNormalization” without stored moments has no counterpart")
    each = [np.repeat(v.reshape(-1), len(layer.bias) // layer.shape[0]) for v in others]
    factor = each[0] / np.sqrt(each[3] + eps)
    layer.weights = layer.weights * factor[layer.targets]
    layer.bias = (layer.bias - each[2]) * factor + each[1]


def _dense(node: Any, others: list[np.ndarray], n: int) -> Layer:
    transposed = any(a.name == "transB" and a.i for a in node.attribute)
    for a in node.attribute:
        if (a.name in ("alpha", "beta") and a.f != 1.0) or (a.name == "transA" and a.i):
            raise Unread(f"“{node.op_type}” with {a.name} has no counterpart")
    matrix = others[0] if transposed else others[0].T  # [targets, sources]
    if matrix.ndim != 2 or matrix.shape[1] != n:
        raise Unread(f"a matrix of shape {others[0].shape} does not fit {n} values")
    targets, sources = np.nonzero(matrix)
    bias = others[1].reshape(-1) if len(others) > 1 else np.zeros(len(matrix))
    return Layer(node.name or node.output[0], sources, targets, matrix[targets, sources], np.array(bias), (len(matrix),), n)


def _window(node: Any, others: list[np.ndarray], grid: tuple[int, ...]) -> Layer:
    pads, strides, dilations = (listed(node, "pads") or [0] * 4, listed(node, "strides") or [1, 1], listed(node, "dilations") or [1, 1])
    if pads[:2] != pads[2:] or any(a.name == "auto_pad" and a.s not in (b"", b"NOTSET") for a in node.attribute):
        raise Unread(f"“{node.op_type}” pads its two sides unlike")
    pool = node.op_type in POOLED
    if pool and any(pads) and not any(a.name == "count_include_pad" and a.i for a in node.attribute):
        raise Unread("an average that leaves padding out has no counterpart")
    if pool and any(a.name == "ceil_mode" and a.i for a in node.attribute):
        raise Unread("an average over part of a window has no counterpart")
    window = others[0].shape[2:] if not pool else tuple(listed(node, "kernel_shape")) or grid[1:]
    groups = grid[0] if pool else next((int(a.i) for a in node.attribute if a.name == "group"), 1)
    channels = grid[0] if pool else len(others[0])
    rows = [(n + 2 * p - d * (k - 1) - 1) // s + 1 for n, p, d, k, s in zip(grid[1:], pads, dilations, window, strides, strict=False)]
    out = (channels, rows[0], rows[1])
    if int(np.prod(out)) * int(np.prod(window)) * (grid[0] // groups) > MAX_ENTRIES:
        raise Unread("it is too large")
    form = Window(
        (grid[0], grid[1], grid[2]), out, (window[0], window[1]), (strides[0], strides[1]), (pads[0], pads[1]), (dilations[0], dilations[1]), groups,
        1.0 / (window[0] * window[1]) if pool else 1.0, None if pool else others[0],
    )  # fmt: skip
    found = maps.listed(form, int(np.prod(grid)))
    bias = np.repeat(others[1].reshape(-1), rows[0] * rows[1]) if not pool and len(others) > 1 else np.zeros(int(np.prod(out)))
    return Layer(node.name or node.output[0], found.sources, found.targets, found.weights, bias, out, int(np.prod(grid)), pool)


def _network(name: str, first: tuple[int, ...], layers: list[Layer], dt: float, calibration: Any) -> tuple[Any, tuple[Finding, ...]]:
    net = Network(name)
    net.run(dt=dt, duration=100 * dt)
    net.model("if_subtract", **MODEL)
    size = int(np.prod(first))
    before = net.source("input", size, "step_current", shape=first if len(first) > 1 else None)
    scales = _scales(layers, size, calibration)
    last = 1.0
    for k, layer in enumerate(layers):
        title = f"layer{k + 1}" if k < len(layers) - 1 else "output"
        shape = layer.shape if len(layer.shape) > 1 else None
        weights, bias = layer.weights * (last / scales[k]), layer.bias / scales[k]
        here = net.population(title, len(layer.bias), "if_subtract", shape=shape, i_offset=bias if np.any(bias) else 0.0)
        pairs = explicit(layer.sources, layer.targets)
        if k == 0:
            net.connect(before, here, pairs, gain=weights)
        else:
            net.connect(before, here, pairs, weight=weights, delay=0.0, kinetics="pulse")
        before, last = here, scales[k]
    text = f"Its {len(layers)} layers became rates: an activation of {', '.join(f'{s:.3g}' for s in scales)} is one spike in each step of {dt:g} ms."
    fix = "" if calibration is not None else "Give calibration=inputs for scales that suit real inputs; without, they suit the worst."
    found = [Finding("lossy.rates", "warning", "", text, fix)]
    if not layers[-1].relu:
        found.append(
            Finding("lossy.rates", "info", "output", "Outputs below 0 do not fire: the greatest output is the fastest, if any is above 0.")
        )
    return net.document, tuple(found)


def _scales(layers: list[Layer], size: int, calibration: Any) -> list[float]:
    """The greatest activation of each layer: on given inputs (99.9th percentile), or for the worst inputs between 0 and 1."""
    out: list[float] = []
    if calibration is not None:
        x = np.asarray(calibration, float).reshape(-1, size)
        for layer in layers:
            x = layer(x)
            out.append(float(np.percentile(x, 99.9)) if float(np.percentile(x, 99.9)) > 0 else 1.0)
        return out
    most = np.ones(size)
    for layer in layers:
        positive = np.bincount(layer.targets, np.maximum(layer.weights, 0.0) * most[layer.sources], len(layer.bias)) + np.maximum(
            layer.bias, 0.0
        )
        most = positive
        out.append(float(positive.max(initial=0.0)) or 1.0)
    return out
