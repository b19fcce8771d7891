"""What stands between two neurons: a linear map with a constant and delays, composed from NIR's linear nodes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from studio.exchange.nir.splice import PASS
from studio.exchange.nir.tree import Node

LINEAR = ("Affine", "Linear", "Scale", "Delay", "Flatten", PASS)


class NotLinear(Exception):
    """Raised for a node that this map cannot say; its text is a sentence for a finding."""


@dataclass(frozen=True)
class Wire:
    """y = W x + b. `weight` is (out, in), or (n,) for a diagonal; `delay_in` and `delay_out` [s] shift single channels.

    `bias_delay` [s] is how long the constant takes to arrive. All None or empty: the identity.
    """

    size: int
    weight: np.ndarray | None = None
    bias: np.ndarray | None = None
    delay_in: np.ndarray | None = None
    delay_out: np.ndarray | None = None
    bias_delay: float = 0.0

    @property
    def diagonal(self) -> bool:
        return self.weight is None or self.weight.ndim == 1

    @property
    def out(self) -> int:
        return self.size if self.diagonal or self.weight is None else len(self.weight)

    def matrix(self) -> np.ndarray:
        """(out, in), written out."""
        if self.weight is None:
            return np.eye(self.size)
        return np.diag(self.weight) if self.weight.ndim == 1 else self.weight

    def delays(self) -> np.ndarray | float:
        """Delay of each synapse [s]: a number, or (out, in)."""
        if self.delay_in is None and self.delay_out is None:
            return 0.0
        across = self.delay_in if self.delay_in is not None else np.zeros(self.size)
        down = self.delay_out if self.delay_out is not None else np.zeros(self.out)
        total = across[None, :] + down[:, None]
        return float(total.flat[0]) if np.ptp(total) == 0 else total


def follow(wire: Wire, node: Node) -> Wire:
    """The wire, then the node."""
    if node.type in ("Flatten", PASS):
        return wire
    if node.type == "Scale":
        return _scaled(wire, _per_channel(node, "scale", wire.out))
    if node.type == "Delay":
        return _delayed(wire, _per_channel(node, "delay", wire.out))
    if node.type in ("Affine", "Linear"):
        return _multiplied(wire, _matrix(node, wire.out), node.array("bias").ravel() if node.type == "Affine" else None)
    raise NotLinear(f"{node.type or 'a node without a type'} is not among the nodes this studio reads yet")


def _matrix(node: Node, n: int) -> np.ndarray:
    weight = node.array("weight")
    if weight.ndim != 2:
        raise NotLinear(f"its weight has {weight.ndim} axes; only a matrix (out, in) can be read")
    if weight.shape[1] != n:
        raise NotLinear(f"its weight takes {weight.shape[1]} values, but {n} arrive")
    if "bias" in node.params and node.array("bias").size != len(weight):
        raise NotLinear(f"its bias has {node.array('bias').size} values for {len(weight)} outputs")
    return weight


def _per_channel(node: Node, name: str, n: int) -> np.ndarray:
    values = node.array(name).ravel()
    if values.size not in (1, n):
        raise NotLinear(f"its {name} has {values.size} values, but {n} arrive")
    return np.broadcast_to(values, (n,))


def _scaled(wire: Wire, scale: np.ndarray) -> Wire:
    weight = scale if wire.weight is None else wire.weight * (scale if wire.diagonal else scale[:, None])
    return replace(wire, weight=weight, bias=None if wire.bias is None else wire.bias * scale)


def _delayed(wire: Wire, delay: np.ndarray) -> Wire:
    if (delay < 0).any():
        raise NotLinear("its delay is negative")
    if wire.bias is not None and np.ptp(delay) > 0:
        raise NotLinear("it delays the channels of a bias differently, which a constant current cannot say")
    later = wire.bias_delay + float(delay[0]) if wire.bias is not None and delay.size else wire.bias_delay
    before = wire.delay_out if wire.delay_out is not None else 0.0
    return replace(wire, delay_out=delay + before, bias_delay=later)


def _multiplied(wire: Wire, weight: np.ndarray, bias: np.ndarray | None) -> Wire:
    wire = _delays_to_input(wire)
    product = weight if wire.weight is None else weight * wire.weight if wire.diagonal else weight @ wire.weight
    carried = None if wire.bias is None else weight @ wire.bias
    if carried is not None and bias is not None and wire.bias_delay > 0:
        raise NotLinear("its input has a delayed bias and it has one of its own")
    total = bias if carried is None else carried if bias is None else carried + bias
    return Wire(wire.size, product, total, wire.delay_in, None, wire.bias_delay)


def _delays_to_input(wire: Wire) -> Wire:
    """Delays behind the weights moved in front of them, where that is the same."""
    if wire.delay_out is None:
        return wire
    before = wire.delay_in if wire.delay_in is not None else np.zeros(wire.size)
    if wire.diagonal:
        return replace(wire, delay_in=before + wire.delay_out, delay_out=None)
    if np.ptp(wire.delay_out) > 0:
        raise NotLinear("different delays stand between two weight matrices, which one projection cannot say")
    return replace(wire, delay_in=before + wire.delay_out[0], delay_out=None)
