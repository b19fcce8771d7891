"""Reading the graph of a model: the step inside its Scan, what feeds each value, which functions of `ai.neuromorphic` it calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from studio.exchange.onnx.body import DOMAIN

MAX_CHAIN = 100_000


class Unread(Exception):
    """Raised for what cannot be read; its text is a sentence for a finding."""


@dataclass
class Step:
    """One step of a model. States are mapped from their name inside to that outside, and to their value after the step."""

    nodes: list[Any]
    functions: Mapping[str, Any]
    constants: Mapping[str, Any]  # TensorProto by name
    inputs: dict[str, str] = field(default_factory=dict)  # inside -> outside: what comes in every step
    starts: dict[str, str] = field(default_factory=dict)  # inside -> outside: states
    after: dict[str, str] = field(default_factory=dict)  # inside -> its value after the step
    made: dict[str, tuple[Any, int]] = field(default_factory=dict)  # value -> (node, which output)

    def __post_init__(self) -> None:
        self.made = {name: (node, k) for node in self.nodes for k, name in enumerate(node.output)}

    def origin(self, name: str) -> str:
        """The value behind copies of it."""
        for _ in range(MAX_CHAIN):
            found = self.made.get(name)
            if found is None or found[0].op_type not in ("Identity", "Cast") or found[0].domain:
                return name
            name = found[0].input[0]
        raise Unread("its values copy each other in a circle")

    def maker(self, name: str) -> tuple[Any, int] | None:
        """The node behind a value, and which of its outputs the value is."""
        return self.made.get(self.origin(name))

    def given(self, node: Any) -> dict[str, str]:
        """The inputs of a call by the names of the function."""
        function = self.functions.get(node.op_type)
        if function is None:
            raise Unread(f"the function “{node.op_type}” is called but not part of the file")
        return {_bare(name): value for name, value in zip(function.input, node.input, strict=False)}

    def returned(self, node: Any) -> dict[str, str]:
        """The outputs of a call by the names of the function."""
        return {_bare(name): value for name, value in zip(self.functions[node.op_type].output, node.output, strict=False)}

    def array(self, name: str) -> np.ndarray:
        """A constant's values."""
        name = self.origin(name)
        if name in self.constants:
            return tensor(self.constants[name])
        found = self.made.get(name)
        if found is not None and found[0].op_type == "Constant":
            for a in found[0].attribute:
                if a.name == "value":
                    return tensor(a.t)
                if a.name in ("value_float", "value_int"):
                    return np.asarray(a.f if a.name == "value_float" else a.i)
        raise Unread(f"“{name}” is not a constant")

    def start(self, inside: str) -> np.ndarray | None:
        """What a state starts from, where the file says it."""
        outside = self.starts.get(inside, "")
        return tensor(self.constants[outside]) if outside in self.constants else None


def _bare(name: str) -> str:
    return name.removeprefix("in_").removeprefix("out_")


def tensor(proto: Any) -> np.ndarray:
    """The values of a TensorProto; Unread where they lie in another file."""
    from onnx import TensorProto, numpy_helper

    if proto.data_location == TensorProto.EXTERNAL:
        raise Unread(f"“{proto.name}” is stored in another file")
    try:
        return np.asarray(numpy_helper.to_array(proto))
    except (KeyError, ValueError, TypeError, OverflowError, MemoryError) as why:
        raise Unread(f"the values of “{proto.name}” do not fit its shape or type") from why


def attributes(node: Any) -> dict[str, float]:
    """The numbers among a node's attributes."""
    from onnx import AttributeProto

    out: dict[str, float] = {}
    for a in node.attribute:
        if a.type == AttributeProto.FLOAT:
            out[a.name] = float(np.float64(str(np.float32(a.f))))  # the shortest decimal that is this number in single precision
        elif a.type == AttributeProto.INT:
            out[a.name] = float(a.i)
        elif a.type == AttributeProto.TENSOR and int(np.prod(a.t.dims, initial=1)) == 1:
            out[a.name] = float(tensor(a.t).ravel()[0])
    return out


def listed(node: Any, name: str) -> list[int]:
    """An attribute that is a list of whole numbers; empty where it is not given."""
    return next(([int(k) for k in a.ints] or ([int(a.i)] if a.i else []) for a in node.attribute if a.name == name), [])


def step_of(model: Any) -> Step | None:
    """The step of a model: the body of the Scan in which functions of the domain are called, or the graph itself; None without any."""
    functions = {f.name: f for f in model.functions if f.domain == DOMAIN}
    constants = {t.name: t for t in model.graph.initializer}
    for node in model.graph.node:
        if node.op_type != "Scan" or node.domain:
            continue
        body = next((a.g for a in node.attribute if a.name == "body"), None)
        scanned = next((int(a.i) for a in node.attribute if a.name == "num_scan_inputs"), 0)
        if body is None or not any(n.domain == DOMAIN for n in body.node):
            continue
        kept = len(node.input) - scanned
        inside = [i.name for i in body.input]
        found = Step(list(body.node), functions, {**constants, **{t.name: t for t in body.initializer}})
        found.starts = dict(zip(inside[:kept], node.input[:kept], strict=False))
        found.after = dict(zip(inside[:kept], [o.name for o in body.output[:kept]], strict=False))
        found.inputs = dict(zip(inside[kept:], node.input[kept:], strict=False))
        return found
    if any(n.domain == DOMAIN for n in model.graph.node):
        found = Step(list(model.graph.node), functions, constants)
        found.inputs = {i.name: i.name for i in model.graph.input if i.name not in constants}
        return found
    return None
