"""What stands between two neurons: a linear map with a constant and delays, composed from NIR's linear nodes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from studio.exchange.nir import maps
from studio.exchange.nir.maps import Map, NotLinear
from studio.exchange.nir.splice import PASS
from studio.exchange.nir.tree import Node
from studio.models.connectors.grid import places
from studio.models.forms import Window

MAX_VALUES = 100_000_000  # of one node
LINEAR = ("Affine", "Linear", "Scale", "Delay", "Flatten", "Conv1d", "Conv2d", "SumPool2d", "AvgPool2d", PASS)


@dataclass(frozen=True)
class Wire:
    """y = map(x) + b of `size` values; `shape` is that of what comes out. `delay_in` and `delay_out` [s] shift single channels.

    `bias_delay` [s] is how long the constant takes to arrive. All None or empty: the identity.
    """

    size: int
    shape: tuple[int, ...]
    map: Map = None
    bias: np.ndarray | None = None
    delay_in: np.ndarray | None = None
    delay_out: np.ndarray | None = None
    bias_delay: float = 0.0

    @property
    def out(self) -> int:
        return maps.size(self.map, self.size)

    @property
    def delay(self) -> float | None:
        """The delay of all synapses [s]; None where they differ."""
        total = [0.0 if d is None or not d.size else float(d.flat[0]) for d in (self.delay_in, self.delay_out)]
        if any(d is not None and d.size and np.ptp(d) for d in (self.delay_in, self.delay_out)):
            found = self.delays(maps.listed(self.map, self.size))
            return None if not found.size or np.ptp(found) else float(found[0])
        return total[0] + total[1]

    def delays(self, entries: maps.Sparse) -> np.ndarray:
        """The delay of each synapse [s]."""
        across = 0.0 if self.delay_in is None else self.delay_in[entries.sources]
        down = 0.0 if self.delay_out is None else self.delay_out[entries.targets]
        return np.broadcast_to(across + down, entries.sources.shape)


def follow(wire: Wire, node: Node) -> Wire:
    """The wire, then the node."""
    if node.type == PASS:
        return wire
    if node.type == "Flatten":
        return replace(wire, shape=_flattened(wire.shape, node))
    if node.type == "Scale":
        scale = _per_channel(node, "scale", wire.out)
        return replace(wire, map=maps.after(wire.map, scale, wire.size), bias=None if wire.bias is None else wire.bias * scale)
    if node.type == "Delay":
        return _delayed(wire, _per_channel(node, "delay", wire.out))
    if node.type in ("Affine", "Linear"):
        matrix = _matrix(node, wire.out)
        return _mapped(wire, matrix, (len(matrix),), node.array("bias").ravel() if node.type == "Affine" else None)
    if node.type in ("Conv1d", "Conv2d"):
        form, bias = _convolution(node, wire)
        shape = form.out if node.type == "Conv2d" else (form.out[0], form.out[2])
        return _mapped(wire, form, shape, bias if bias.any() else None)
    if node.type in ("SumPool2d", "AvgPool2d"):
        form = _pooling(node, wire)
        return _mapped(wire, form, form.out, None)
    raise NotLinear(f"{node.type or 'a node without a type'} is not among the nodes this studio reads yet")


def _flattened(shape: tuple[int, ...], node: Node) -> tuple[int, ...]:
    """The shape after a Flatten; one axis of all values where its axes are not those of the shape."""
    given = node.params.get("input_type")
    first, last = (int(node.array(k)) if k in node.params else d for k, d in (("start_dim", 1), ("end_dim", -1)))
    axes = len(shape) if given is None or isinstance(given, str) else np.size(given)
    if axes != len(shape) or not 0 <= first < axes:
        return (int(np.prod(shape)),)
    last %= axes
    return (*shape[:first], int(np.prod(shape[first : last + 1])), *shape[last + 1 :])


def _matrix(node: Node, n: int) -> np.ndarray:
    weight = node.array("weight")
    if weight.ndim != 2:
        raise NotLinear(f"its weight has {weight.ndim} axes; only a matrix (out, in) can be read")
    if weight.shape[1] != n:
        raise NotLinear(f"its weight takes {weight.shape[1]} values, but {n} arrive")
    if "bias" in node.params and node.array("bias").size != len(weight):
        raise NotLinear(f"its bias has {node.array('bias').size} values for {len(weight)} outputs")
    return weight


def _convolution(node: Node, wire: Wire) -> tuple[Window, np.ndarray]:
    """The window of a Conv1d or Conv2d, and its bias for each target."""
    kernel, line = node.array("weight"), node.type == "Conv1d"
    if kernel.ndim != (3 if line else 4) or not kernel.size:
        raise NotLinear(
            f"its weight has the shape {list(kernel.shape)}; (out, in / groups, {'length' if line else 'rows, columns'}) can be read"
        )
    kernel = kernel[:, :, None, :] if line else kernel
    groups = int(node.array("groups").ravel()[0]) if "groups" in node.params else 1
    if groups < 1 or len(kernel) % groups:
        raise NotLinear(f"its {len(kernel)} output channels cannot be cut into {groups} groups")
    grid = _grid(wire, kernel.shape[1] * groups, node, line)
    stride, dilation = (_two(node, name, line, 1) for name in ("stride", "dilation"))
    kernel, padding = _padded(node, kernel, dilation, line)
    form = _standing(Window(grid, (len(kernel), 0, 0), kernel.shape[2:], stride, padding, dilation, groups, 1.0, kernel))
    bias = node.array("bias").ravel() if "bias" in node.params else np.zeros(1)
    if bias.size not in (1, len(kernel)):
        raise NotLinear(f"its bias has {bias.size} values for {len(kernel)} output channels")
    return form, np.repeat(np.broadcast_to(bias, (len(kernel),)), form.out[1] * form.out[2])


def _padded(node: Node, kernel: np.ndarray, dilation: tuple[int, int], line: bool) -> tuple[np.ndarray, tuple[int, int]]:
    """Kernel and padding; “same” with an even kernel adds a place of zeros in front, so that both sides are padded alike."""
    given = node.params.get("padding", np.zeros(1))
    if not isinstance(given, str):
        return kernel, _two(node, "padding", line, 0)
    if given == "valid":
        return kernel, (0, 0)
    if given != "same":
        raise NotLinear(f"its padding is “{given}”; “same”, “valid” or numbers can be read")
    uneven = [d * (k - 1) % 2 for d, k in zip(dilation, kernel.shape[2:], strict=True)]
    if any(u and d > 1 for u, d in zip(uneven, dilation, strict=True)):
        raise NotLinear("its padding “same” with an even kernel and a dilation is not the same on both sides")
    kernel = np.pad(kernel, ((0, 0), (0, 0), (uneven[0], 0), (uneven[1], 0)))
    return kernel, tuple(d * (k - 1) // 2 for d, k in zip(dilation, kernel.shape[2:], strict=True))  # type: ignore[return-value]


def _pooling(node: Node, wire: Wire) -> Window:
    if len(_spatial(wire.shape)) not in (2, 3):
        raise NotLinear(f"it needs [channels, rows, columns], but the shape {list(wire.shape)} arrives")
    shape = _spatial(wire.shape)
    grid = (*(1,) * (3 - len(shape)), *shape)
    window = _two(node, "kernel_size", False, 1)
    stride, padding = _two(node, "stride", False, 1), _two(node, "padding", False, 0)
    scale = 1.0 / (window[0] * window[1]) if node.type == "AvgPool2d" else 1.0
    return _standing(Window(grid, (grid[0], 0, 0), window, stride, padding, (1, 1), grid[0], scale))  # type: ignore[arg-type]


def _standing(form: Window) -> Window:
    """The window with as many targets as there are places for it."""
    axes = zip(form.grid[1:], form.window, form.stride, form.padding, form.dilation, strict=True)
    if min(*form.stride, *form.dilation) < 1 or min(form.padding) < 0:
        raise NotLinear("its stride, padding or dilation is negative or zero")
    rows, columns = (places(*axis) for axis in axes)
    if rows < 1 or columns < 1:
        raise NotLinear(f"its window of {list(form.window)} is larger than what arrives, {list(form.grid)}")
    if form.out[0] * rows * columns > MAX_VALUES:
        raise NotLinear(f"it gives {form.out[0] * rows * columns:,} values; {MAX_VALUES:,} is the most")
    return replace(form, out=(form.out[0], rows, columns))


def _grid(wire: Wire, channels: int, node: Node, line: bool) -> tuple[int, int, int]:
    """What arrives as (channels, rows, columns): as the node says, or the shape of what comes before."""
    said = node.params.get("input_shape")
    given = tuple(int(k) for k in np.ravel(said)) if said is not None and not isinstance(said, str) else ()
    if given and channels * int(np.prod(given)) == wire.out:
        return (channels, 1, given[0]) if line else (channels, given[0], given[-1])
    shape = _spatial(wire.shape)
    if line and wire.out % channels == 0 and shape in ((channels, wire.out // channels), (wire.out,)):
        return channels, 1, wire.out // channels
    if not line and len(shape) == 3 and shape[0] == channels:
        return shape  # type: ignore[return-value]
    raise NotLinear(
        f"its weight takes {channels} channels of the shape {list(given) or 'of what arrives'}, but the shape {list(wire.shape)} arrives"
    )


def _spatial(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape without batch axes of one element."""
    while len(shape) > 3 and shape[0] == 1:
        shape = shape[1:]
    return shape


def _two(node: Node, name: str, line: bool, default: int) -> tuple[int, int]:
    """A number for rows and columns each."""
    if name not in node.params:
        return default, default
    values = [int(v) for v in node.array(name).ravel()] or [default]
    return ((1 if name != "padding" else 0), values[-1]) if line else (values[0], values[-1])


def _per_channel(node: Node, name: str, n: int) -> np.ndarray:
    values = node.array(name).ravel()
    if values.size not in (1, n):
        raise NotLinear(f"its {name} has {values.size} values, but {n} arrive")
    return np.broadcast_to(values, (n,))


def _delayed(wire: Wire, delay: np.ndarray) -> Wire:
    if (delay < 0).any():
        raise NotLinear("its delay is negative")
    if wire.bias is not None and np.ptp(delay) > 0:
        raise NotLinear("it delays the channels of a bias differently, which a constant current cannot say")
    later = wire.bias_delay + float(delay[0]) if wire.bias is not None and delay.size else wire.bias_delay
    before = wire.delay_out if wire.delay_out is not None else 0.0
    return replace(wire, delay_out=delay + before, bias_delay=later)


def _mapped(wire: Wire, after: np.ndarray | Window, shape: tuple[int, ...], bias: np.ndarray | None) -> Wire:
    """The wire, then a map that mixes its values, and a constant."""
    wire = _delays_to_input(wire)
    carried = None if wire.bias is None else maps.applied(after, wire.bias)
    if carried is not None and bias is not None and wire.bias_delay > 0:
        raise NotLinear("its input has a delayed bias and it has one of its own")
    total = bias if carried is None else carried if bias is None else carried + bias
    return Wire(wire.size, shape, maps.after(wire.map, after, wire.size), total, wire.delay_in, None, wire.bias_delay)


def _delays_to_input(wire: Wire) -> Wire:
    """Delays behind the weights moved in front of them, where that is the same."""
    if wire.delay_out is None:
        return wire
    before = wire.delay_in if wire.delay_in is not None else np.zeros(wire.size)
    if maps.diagonal(wire.map):
        return replace(wire, delay_in=before + wire.delay_out, delay_out=None)
    if np.ptp(wire.delay_out) > 0:
        raise NotLinear("different delays stand between two weight matrices, which one projection cannot say")
    return replace(wire, delay_in=before + wire.delay_out[0], delay_out=None)
