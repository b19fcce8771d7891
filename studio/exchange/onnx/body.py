"""Nodes of a graph or a function in the making, and model-local functions of the domain `ai.neuromorphic`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from studio.findings import Finding, FindingError

DOMAIN = "ai.neuromorphic"
OPSET, IR_VERSION, DOMAIN_VERSION = 18, 9, 1
SINGLE, DOUBLE = np.dtype(np.float32), np.dtype(np.float64)


def needed(*packages: str) -> None:
    """Raise FindingError where the packages of the extra `onnx` are not installed."""
    from importlib.util import find_spec

    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        text = f"{' and '.join(missing)} is not installed; ONNX needs it."
        raise FindingError([Finding("path.package", "error", "", text, "pip install 'spike-studio[onnx]'")])


def element(dtype: Any) -> int:
    """ONNX's number of an element type."""
    from onnx import helper

    return int(helper.np_dtype_to_tensor_dtype(np.dtype(dtype)))


@dataclass
class Body:
    """Nodes in order. Names of values are made here; `scalars` are values known to have no axes."""

    nodes: list[Any] = field(default_factory=list)
    scalars: set[str] = field(default_factory=set)
    prefix: str = "t"
    _constants: dict[tuple[str, float], str] = field(default_factory=dict)
    _made: int = 0

    def name(self, hint: str = "") -> str:
        """A new name of a value."""
        self._made += 1
        return f"{self.prefix}{self._made}{'_' + hint if hint else ''}"

    def op(self, kind: str, *inputs: str, hint: str = "", domain: str = "", **attributes: Any) -> str:
        """One node with one output; returns its name."""
        return self.ops(kind, inputs, 1, (hint,), domain, attributes)[0]

    def ops(
        self,
        kind: str,
        inputs: Sequence[str],
        n: int,
        hints: Sequence[str] = (),
        domain: str = "",
        attributes: Mapping[str, Any] | None = None,
    ) -> tuple[str, ...]:
        """One node with `n` outputs; an attribute may be an AttributeProto that is already made."""
        from onnx import AttributeProto, helper

        names = tuple(self.name(hints[k] if k < len(hints) else "") for k in range(n))
        ready = [a for a in (attributes or {}).values() if isinstance(a, AttributeProto)]
        plain = {k: a for k, a in (attributes or {}).items() if not isinstance(a, AttributeProto)}
        node = helper.make_node(kind, list(inputs), list(names), domain=domain, **plain)
        node.attribute.extend(ready)
        self.nodes.append(node)
        if (
            not domain
            and kind not in ("Shape", "MatMul", "ConstantOfShape", "Reshape", "Expand")
            and all(i in self.scalars for i in inputs)
        ):
            self.scalars.update(names)
        return names

    def number(self, value: float, dtype: Any = SINGLE) -> str:
        """A scalar constant, made once."""
        from onnx import helper

        key = (np.dtype(dtype).name, float(value))
        if key not in self._constants:
            tensor = helper.make_tensor("value", element(dtype), [], [np.dtype(dtype).type(value).item()])
            self._constants[key] = self.op("Constant", value=tensor)
        return self._constants[key]

    def whole(self, values: Iterable[int]) -> str:
        """A list of int64."""
        from onnx import helper

        found = [int(v) for v in values]
        return self.op("Constant", value=helper.make_tensor("value", element(np.int64), [len(found)], found), hint="k")

    def attribute(self, name: str, dtype: Any) -> str:
        """A function's attribute as a value: FLOAT in single precision, TENSOR in double."""
        from onnx import AttributeProto

        single = np.dtype(dtype) == SINGLE
        kind = AttributeProto.FLOAT if single else AttributeProto.TENSOR
        made = AttributeProto(name="value_float" if single else "value", type=kind, ref_attr_name=name)
        return self.ops("Constant", (), 1, (name,), "", {"": made})[0]

    def cast(self, name: str, dtype: Any) -> str:
        return self.op("Cast", name, to=element(dtype))

    def like(self, value: str, model: str) -> str:
        """The value with the shape of `model`, where it may be a scalar."""
        if value not in self.scalars or model in self.scalars:
            return value
        return self.op("Expand", value, self.op("Shape", model))

    def filled(self, shape: str, value: float, dtype: Any) -> str:
        """One number everywhere in a shape."""
        from onnx import helper

        return self.op(
            "ConstantOfShape", shape, value=helper.make_tensor("value", element(dtype), [1], [np.dtype(dtype).type(value).item()])
        )

    def zeros(self, model: str, dtype: Any = SINGLE) -> str:
        """Zeros in the shape of `model`."""
        return self.filled(self.op("Shape", model), 0.0, dtype)


@dataclass(frozen=True)
class Call:
    """A function as it is called: its name in the domain, its attributes in order, its inputs and outputs by name."""

    name: str
    attributes: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    def into(
        self, body: Body, given: Mapping[str, str], attributes: Mapping[str, float], dtype: Any = SINGLE, where: str = "", **more: Any
    ) -> dict[str, str]:
        """Call it; `given` are the inputs by name, `where` becomes the node's name. Returns the outputs by name."""
        from onnx import helper

        chosen: dict[str, Any] = {}
        for name in self.attributes:
            value = np.dtype(dtype).type(attributes[name])
            chosen[name] = float(value) if np.dtype(dtype) == SINGLE else helper.make_tensor(name, element(dtype), [], [value.item()])
        outputs = body.ops(self.name, [given[i] for i in self.inputs], len(self.outputs), self.outputs, DOMAIN, {**chosen, **more})
        body.nodes[-1].name = where
        return dict(zip(self.outputs, outputs, strict=True))


@dataclass
class Library:
    """The functions of a model: one for each key; later keys that want a taken name get a number behind it."""

    protos: dict[str, Any] = field(default_factory=dict)
    calls: dict[Any, Call] = field(default_factory=dict)

    def add(
        self, key: Any, name: str, body: Body, inputs: Mapping[str, str], outputs: Mapping[str, str], attributes: Sequence[str], doc: str
    ) -> Call:
        """A function from a finished body; `inputs` and `outputs`: the names people see, and those inside the body."""
        from onnx import helper

        free = (
            name if name not in self.protos else next(n for k in range(2, len(self.protos) + 3) if (n := f"{name}__{k}") not in self.protos)
        )
        domains = {node.domain for node in body.nodes}
        imports = [helper.make_opsetid("", OPSET), *([helper.make_opsetid(DOMAIN, DOMAIN_VERSION)] if DOMAIN in domains else [])]
        proto = helper.make_function(DOMAIN, free, list(inputs.values()), list(outputs.values()), body.nodes, imports, list(attributes))
        proto.doc_string = doc
        self.protos[free] = proto
        self.calls[key] = Call(free, tuple(attributes), tuple(inputs), tuple(outputs))
        return self.calls[key]
