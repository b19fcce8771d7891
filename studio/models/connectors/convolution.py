"""A kernel moved over a grid of elements, in one or two dimensions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from studio.findings import FindingError
from studio.models.connectors.grid import Shape, moved, numbers, pair, places, refuse, said, synapses
from studio.models.spec import Connector, Param, Window


def lower(params: Mapping[str, Any], n_source: int, n_target: int) -> Window:
    """The form; raise FindingError where kernel, groups and the shapes of both ends do not fit, with the shape that would."""
    kernel, groups, source = params.get("kernel"), int(params["groups"]), params.get("source_shape")
    if kernel is None or isinstance(kernel, str | dict):
        refuse("A convolution needs a kernel.", _kernel_for(source, groups))
    weights = np.asarray(kernel)
    line = weights.ndim == 3
    if weights.ndim not in (3, 4) or 0 in weights.shape:
        refuse(f"The kernel has the shape {said(weights.shape)}.", _kernel_for(source, groups))
    out_channels, in_channels = weights.shape[0], weights.shape[1] * groups
    if out_channels % groups:
        refuse(
            f"{out_channels} channels of the kernel cannot be cut into {groups} equal groups.",
            f"Use {_divisors(out_channels)} groups, or a kernel with {-(-out_channels // groups) * groups} output channels.",
        )
    grid = _grid(source, n_source, in_channels, line, weights.shape, groups)
    four = weights[:, :, None, :] if line else weights
    window = (four.shape[2], four.shape[3])
    moves = [pair(params, "stride"), pair(params, "padding", (0, 0)), pair(params, "dilation")]
    stride, padding, dilation = [(d, m[1]) for d, m in zip((1, 0, 1), moves, strict=True)] if line else moves
    out = tuple(places(*axis) for axis in zip(grid[1:], window, stride, padding, dilation, strict=True))
    form = Window(grid, (out_channels, *out), window, stride, padding, dilation, groups, 1.0, four)  # type: ignore[arg-type]
    return moved(form, line, params.get("target_shape"), n_target)


def _grid(source: Shape | None, n: int, channels: int, line: bool, kernel: Shape, groups: int) -> tuple[int, int, int]:
    """The source as (channels, rows, columns)."""
    if n % channels:
        refuse(f"The kernel takes {channels} channels; {n:,} elements cannot be cut into as many.", _kernel_for(source, groups))
    shape = source if source is not None and math.prod(source) == n else None
    if line:
        plain = tuple(k for k in shape or (n,) if k != 1)
        if plain in ((channels, n // channels), (n,)) or (n // channels == 1 and plain == (channels,)):
            return channels, 1, n // channels
        refuse(
            f"The kernel takes a source of the shape {said((channels, n // channels))}; it has {said(shape or (n,))}.",
            _kernel_for(shape, groups),
        )
    if shape is None:
        rows = max(k for k in range(1, math.isqrt(n // channels) + 1) if n // channels % k == 0)
        like = said((channels, rows, n // channels // rows))
        refuse(
            "A convolution in two dimensions needs the shape of its source, [channels, rows, columns].",
            f"Give the source a shape, for example {like}.",
        )
    if len(shape) == 2 and channels == 1:
        return 1, shape[0], shape[1]
    if len(shape) != 3 or shape[0] != channels:
        refuse(
            f"The kernel {said(kernel)} takes a source of {channels} channels, [{channels}, rows, columns]; it has the shape {said(shape)}.",
            _kernel_for(shape, groups),
        )
    return shape  # type: ignore[return-value]


def _kernel_for(source: Shape | None, groups: int) -> str:
    """What shape a kernel has."""
    named = "Give an array of the shape [output channels, input channels / groups, rows, columns], in one dimension without rows"
    if source is None or len(source) not in (1, 2, 3):
        return f"{named}."
    channels = source[0] if len(source) > 1 else 1
    if channels % groups:
        return f"{named}. The source has {channels} channels: use {_divisors(channels)} groups."
    window = [3] * max(len(source) - 1, 1)
    return f"{named}; to the source {said(source)} fits for example {[8 * groups, channels // groups, *window]}."


def _divisors(n: int) -> str:
    found = [k for k in range(1, n + 1) if n % k == 0]
    return ", ".join(map(str, found[:-1])) + f" or {found[-1]}" if len(found) > 1 else "1"


def expected(params: Mapping[str, Any], n_source: int, n_target: int) -> float:
    """The number of synapses (0 where the shapes do not fit)."""
    try:
        return synapses(lower(params, n_source, n_target))
    except FindingError:
        return 0.0


MODEL = Connector(
    key="convolution",
    title="Convolution",
    doc="A kernel moved over the source, a grid of the shape [channels, rows, columns] (in one dimension [channels, length]). "
    "The kernel is kept once and looked up when a source fires. The projection's weight multiplies it.",
    source="Dumoulin V, Visin F (2016) A guide to convolution arithmetic for deep learning. arXiv:1603.07285; PyTorch Conv1d and Conv2d.",
    limits="A cross-correlation: the kernel is not turned round. Padding is with nothing. Weights that learn become one per synapse: they are no longer shared.",
    params=(
        Param(
            "kernel",
            None,
            "",
            "Weights, shape (output channels, input channels / groups, rows, columns); without rows in one dimension.",
            kind="array",
        ),
        *numbers("stride", "How many {} the kernel moves on.", 1, 1),
        *numbers("padding", "How many {} of nothing surround the source on either side.", 0, 0),
        *numbers("dilation", "How many {} lie from one place of the kernel to the next.", 1, 1, advanced=True),
        Param(
            "groups",
            1,
            "",
            "Parts into which the channels are cut; each output part sees its own input part only.",
            low=1,
            high=2**20,
            integer=True,
            shared=True,
            advanced=True,
        ),
    ),
    lower=lower,
    expected=expected,
    random=False,
    shaped=True,
    compact=True,
    formulas=(r"w_{(c,\,y s - p + i d)\,\to\,(o,\,y)} = w\,K_{o,c,i}",),
)
