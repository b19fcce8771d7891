"""Synapses whose weights do not learn, and the ring buffers in which what they send waits for its time.

A receptor has one ring, a row for each step ahead. Each projection adds to it in the order of the engine, so that sums in single precision
come out alike; a product of matrices or a convolution adds in an order of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.engine.connectivity import Synapses
from studio.exchange.nir.maps import kernel_of
from studio.exchange.onnx.body import Body, Call, Library
from studio.exchange.onnx.lists import added
from studio.exchange.onnx.neurons import _named
from studio.exchange.onnx.states import States
from studio.models.forms import AllToAll, Matrix, Window

DENSE = 0.25  # a matrix where at least so many of its entries are synapses


def delay(library: Library) -> Call:
    """The function of a delay line: takes the row of this step off a ring, and puts an empty row behind the others."""
    if "delay" not in library.calls:
        body = Body()
        first = body.op("Gather", "in_ring", body.op("Squeeze", body.whole([0])))
        rest = body.op("Slice", "in_ring", body.whole([1]), body.whole([2**31]), body.whole([0]))
        empty = body.op("Unsqueeze", body.zeros(first), body.whole([0]))
        moved = body.op("Concat", rest, empty, axis=0)
        body.nodes[:], outputs = _named(body, {"now": first, "ring": moved})
        library.add("delay", "delay", body, {"ring": "in_ring"}, outputs, (), "A delay line: ring [steps, targets]; row 0 arrives now.")
    return library.calls["delay"]


def synapses(library: Library) -> Call:
    """The function of a list of synapses: what each sends goes to its own place in the ring, one after another."""
    if "synapses" not in library.calls:
        body = Body()
        sent = body.op("Mul", "in_weights", body.op("Gather", "in_spikes", "in_sources"))
        outputs = {"ring": added(body, "in_ring", "in_places", sent)}
        doc = "Synapses as a list: weight times spike is added to the ring (flat) at each synapse's place, (delay - 1) * targets + target."
        inputs = {name: f"in_{name}" for name in ("ring", "spikes", "sources", "places", "weights")}
        body.nodes[:], outputs = _named(body, outputs)
        library.add("synapses", "synapses", body, inputs, outputs, (), doc)
    return library.calls["synapses"]


def into(library: Library) -> Call:
    """The function that adds values to their places in a ring, one after another."""
    if "into" not in library.calls:
        body = Body()
        body.nodes[:], outputs = _named(body, {"ring": added(body, "in_ring", "in_places", "in_values")})
        doc = "Adds each value to the ring (flat) at its place, (delay - 1) * targets + target."
        library.add("into", "into", body, {n: f"in_{n}" for n in ("ring", "places", "values")}, outputs, (), doc)
    return library.calls["into"]


def matrix_of(form: Any, found: Synapses, sizes: tuple[int, int]) -> np.ndarray | None:
    """The weights [source, target] of a projection that is a matrix; None where it is a list."""
    n, m = sizes
    if not isinstance(form, (Matrix, AllToAll)) and len(found) < DENSE * n * m:
        return None
    out = np.zeros((n, m), np.float64)
    np.add.at(out, (found.sources, found.targets), found.weights)
    met = np.zeros((n, m), np.int64)
    np.add.at(met, (found.sources, found.targets), 1)
    return out.astype(np.float32) if met.max(initial=0) <= 1 else None


def dense(body: Body, states: States, name: str, spikes: str, matrix: np.ndarray) -> str:
    """Spikes [N] times a matrix [N, M]."""
    return body.op("MatMul", spikes, states.constant(f"{name}.w", matrix), hint="dense")


def window(body: Body, states: States, name: str, spikes: str, form: Window, weight: float) -> tuple[str, str]:
    """A convolution or pooling over a grid; returns its values [M] and the operator's name."""
    shaped = body.op("Reshape", spikes, body.whole((1, *form.grid)))
    pads = [form.padding[0], form.padding[1]] * 2
    area = form.window[0] * form.window[1]
    if pooled(form):
        mean = body.op(
            "AveragePool", shaped, kernel_shape=list(form.window), strides=list(form.stride), pads=pads, count_include_pad=1, ceil_mode=0
        )
        factor = np.float32(weight * form.scale * area)
        done = mean if factor == 1 else body.op("Mul", mean, body.number(float(factor)))
        return body.op("Reshape", done, body.whole([-1])), "AveragePool"
    kernel = np.asarray(kernel_of(form) * weight, np.float32)
    done = body.op(
        "Conv", shaped, states.constant(f"{name}.w", kernel), strides=list(form.stride), pads=pads,
        dilations=list(form.dilation), group=form.groups, kernel_shape=list(form.window),
    )  # fmt: skip
    return body.op("Reshape", done, body.whole([-1])), "Conv"


def pooled(form: Window) -> bool:
    """Whether a window is an average: of one channel each, without kernels, over a number of places whose inverse is exact."""
    area = form.window[0] * form.window[1]
    return form.weights is None and form.groups == form.grid[0] and form.dilation == (1, 1) and area & (area - 1) == 0


def places(steps: np.ndarray, targets: np.ndarray, n_target: int) -> np.ndarray:
    """Where in a ring, flat, what each synapse sends lands; steps of 0 count from the present row."""
    return ((np.maximum(steps, 1) - 1) * n_target + targets).astype(np.int32)
