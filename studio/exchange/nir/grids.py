"""Which nodes keep their shape in a NIR graph, and projections that NIR says with few numbers: convolutions, pooling, factors."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.exchange.nir.maps import kernel_of
from studio.models.forms import OneToOne, Window
from studio.network.flat import FlatNetwork, FlatPopulation, FlatProjection, FlatSource

Shape = tuple[int, ...]
SAID = ("convolution", "pooling", "dense", "one_to_one")  # connectors that a node of NIR says: Conv, SumPool or AvgPool, Linear, Scale


def form_of(flat: FlatNetwork, p: FlatProjection) -> Any:
    """What a projection's connector lowers to."""
    sizes = {n.path: n.size for n in (*flat.populations, *flat.sources)}
    return p.connector.model.lower(p.connector.params, sizes[p.source], sizes[p.target])


def shapes(flat: FlatNetwork) -> dict[str, Shape]:
    """The shape with which each node is written: its own where everything that reaches it comes from a grid, else one axis."""
    nodes: dict[str, FlatPopulation | FlatSource] = {n.path: n for n in (*flat.populations, *flat.sources)}
    out = {path: n.shape if n.shape and len(n.shape) > 1 else (n.size,) for path, n in nodes.items()}
    spiking = [p for p in flat.projections if p.kinetics is not None]
    forms = {p.key: form_of(flat, p) for p in spiking}
    changed = True
    while changed:
        changed = False
        for p in spiking:
            target = nodes[p.target]
            assert isinstance(target, FlatPopulation)
            if len(out[p.target]) > 1 and not _on_grid(p, forms[p.key], target, out):
                out[p.target], changed = (target.size,), True
    return out


def _on_grid(p: FlatProjection, form: Any, target: FlatPopulation, now: dict[str, Shape]) -> bool:
    if isinstance(form, OneToOne):
        return now[p.source] == now[p.target]
    return said(p, form, target, now[p.source], now[p.target])


def said(p: FlatProjection, form: Any, target: FlatPopulation, source_shape: Shape, target_shape: Shape) -> bool:
    """Whether a Conv1d, Conv2d, SumPool2d or AvgPool2d says all of a projection."""
    if not isinstance(form, Window) or not isinstance(p.weight, float) or not isinstance(p.delay, float) or p.plasticity.model.plastic:
        return False
    assert p.kinetics is not None
    alike = p.kinetics.model.key == "pulse" or not any(
        isinstance(v, np.ndarray) or hasattr(v, "shape") for v in target.neuron.params.values()
    )
    line = form.grid[1] == 1 and form.window[0] == 1 and len(source_shape) == 2
    fits = (flat_line(form.grid), flat_line(form.out)) if line else (form.grid, form.out)
    return alike and (source_shape, target_shape) == fits


def flat_line(shape: Shape) -> Shape:
    """(channels, 1, length) as (channels, length)."""
    return (shape[0], shape[2])


def window_node(form: Window, factor: float, line: bool) -> Any:
    """The NIR node of a window whose weights are multiplied with `factor`."""
    import nir

    n = form.window[0] * form.window[1]
    pooled = form.weights is None and form.groups == form.grid[0] and not line
    if pooled and (factor * form.scale == 1.0 or factor * form.scale == 1.0 / n):
        kind = nir.SumPool2d if factor * form.scale == 1.0 else nir.AvgPool2d
        return kind(*(np.array(pair, np.int64) for pair in (form.window, form.stride, form.padding)))
    weight = np.asarray(kernel_of(form) * factor, np.float32)
    bias = np.zeros(form.out[0], np.float32)
    if line:
        node: Any = nir.Conv1d(form.grid[2], weight[:, :, 0, :], form.stride[1], form.padding[1], form.dilation[1], form.groups, bias)
    else:
        node = nir.Conv2d((form.grid[1], form.grid[2]), weight, form.stride, form.padding, form.dilation, form.groups, bias)
    node.input_type = {"input": np.array(flat_line(form.grid) if line else form.grid)}
    node.output_type = {"output": np.array(flat_line(form.out) if line else form.out)}
    return node


def misjudged(node: Any) -> bool:
    """Whether the nir package (1.0.8) infers another shape for a node than NIR means: it forgets groups, and takes kernels for square."""
    kind = type(node).__name__
    return kind in ("Conv1d", "Conv2d") and (node.groups > 1 or len(set(node.weight.shape[2:])) > 1)


def takes_bias(node: Any, bias: np.ndarray) -> np.ndarray | None:
    """The bias of a node as it would be written; None where the node has none that says it."""
    kind = type(node).__name__
    if kind in ("Linear", "Affine"):
        return bias
    if kind in ("Conv1d", "Conv2d"):
        rows = bias.reshape(len(node.weight), -1)
        return rows[:, 0] if not np.ptp(rows, axis=1).any() else None
    return None
