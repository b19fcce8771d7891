"""A sketch as an ONNX model: one Scan over time around a step, what it starts from as inputs with defaults, what it ends with as outputs."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import numpy as np

from studio.exchange.onnx.body import DOMAIN, DOMAIN_VERSION, IR_VERSION, OPSET, SINGLE, element
from studio.exchange.onnx.draft import Sketch
from studio.exchange.onnx.states import LAST, START
from studio.version import __version__

TIME, CLOCK = "T", "clock"
KEY = "spike_studio"


def assemble(sketch: Sketch, name: str) -> Any:
    """The ModelProto, without metadata. State `x` is the input `x.start` with a default and the output `x.last`."""
    from onnx import helper

    f = element(SINGLE)
    inputs = {n: size for n, (_, size) in sketch.inputs.items()} or {CLOCK: 1}
    rows = sketch.states.rows
    step = helper.make_graph(
        sketch.body.nodes + [helper.make_node("Identity", [value], [f"{out}.step"]) for out, (value, *_) in sketch.outputs.items()],
        "step",
        [helper.make_tensor_value_info(s.inside, element(s.start.dtype), s.start.shape) for s in rows.values()]
        + [helper.make_tensor_value_info(f"{n}.x", f, [size]) for n, size in inputs.items()],
        [helper.make_tensor_value_info(_after(n), element(s.start.dtype), s.start.shape) for n, s in rows.items()]
        + [helper.make_tensor_value_info(f"{n}.step", f, [size]) for n, (*_, size) in sketch.outputs.items()],
    )
    step.node.extend(helper.make_node("Identity", [s.after or s.inside], [_after(n)]) for n, s in rows.items())
    scan = helper.make_node(
        "Scan",
        [*(n + START for n in rows), *inputs],
        [*(n + LAST for n in rows), *sketch.outputs],
        name="time",
        body=step,
        num_scan_inputs=len(inputs),
    )
    starts = [_tensor(n + START, s.start) for n, s in rows.items()]
    constants = [_tensor(n, v) for n, v in sketch.states.constants.items() if v.size or _read(n, step)]
    graph = helper.make_graph(
        [scan],
        name or "network",
        [helper.make_tensor_value_info(n, f, [TIME, size]) for n, size in inputs.items()]
        + [helper.make_tensor_value_info(n + START, element(s.start.dtype), s.start.shape) for n, s in rows.items()],
        [helper.make_tensor_value_info(n, f, [TIME, size]) for n, (*_, size) in sketch.outputs.items()]
        + [helper.make_tensor_value_info(n + LAST, element(s.start.dtype), s.start.shape) for n, s in rows.items()],
        [*starts, *constants],
    )
    imports = [helper.make_opsetid("", OPSET), helper.make_opsetid(DOMAIN, DOMAIN_VERSION)]
    functions = [sketch.library.protos[n] for n in sorted(sketch.library.protos)]
    return helper.make_model(
        graph, opset_imports=imports, functions=functions, ir_version=IR_VERSION, producer_name="spike-studio", producer_version=__version__
    )


def _after(name: str) -> str:
    return f"{name}.after"


def _read(name: str, step: Any) -> bool:
    return any(name in node.input for node in step.node)


def _tensor(name: str, values: np.ndarray) -> Any:
    from onnx import numpy_helper

    return numpy_helper.from_array(values, name)


def described(sketch: Sketch, dt: float, units: dict[str, str]) -> dict[str, Any]:
    """What the names of a model mean in the words of the document."""
    return {
        "inputs": {n: {"path": path} for n, (path, _) in sketch.inputs.items()},
        "outputs": {
            n: {"path": path, "what": what, "unit": units.get(f"{path}.{what}", "")} for n, (_, path, what, _) in sketch.outputs.items()
        },
        "states": {
            n: {"path": s.path, "what": s.what, "unit": units.get(f"{s.path}.{s.what}", "")}
            for n, s in sketch.states.rows.items()
            if s.path
        },
        "projections": {w.name: {"path": w.p.path, "key": w.p.key, "as": w.kind} for w in sketch.wires},
        "dt_ms": dt,
    }


def digest(model: Any) -> str:
    """A hash over graph and functions, the same for equal models."""
    found = hashlib.sha256(model.graph.SerializeToString(deterministic=True))
    for function in sorted(model.functions, key=lambda each: each.name):
        found.update(function.SerializeToString(deterministic=True))
    return found.hexdigest()


def metadata(model: Any) -> dict[str, str]:
    """A model's metadata by key."""
    return {row.key: row.value for row in model.metadata_props}


def put_metadata(model: Any, values: dict[str, Any]) -> None:
    """Text values as they are, others as JSON with sorted keys."""
    from onnx import helper

    helper.set_model_props(
        model, {k: v if isinstance(v, str) else json.dumps(v, ensure_ascii=False, sort_keys=True) for k, v in sorted(values.items())}
    )
