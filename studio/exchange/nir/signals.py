"""The input and output of a NIR graph as arrays [step, ...], for documents that were read from one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from studio.exchange.nir.importing import INTEGRATORS
from studio.findings import Finding, FindingError
from studio.network.data import encode
from studio.network.document import Document, from_json
from studio.units import convert

if TYPE_CHECKING:
    from studio.engine.recording import Recording


def with_input(document: Document, values: Any, source: str | None = None) -> Document:
    """The document with the counts `values` [step, ...] as the spikes of its input, and as long a run.

    `source` is the key of a `spike_list` source in the main circuit (None: the only one). A count k in step t means k spikes that act in
    step t. Raises FindingError for values that are not whole, not negative, or of another size.
    """
    key = source or _only_source(document)
    made = document.to_json()
    node = made["circuits"][made["main"]]["nodes"].get(key)
    if node is None or node.get("model") != "spike_list":
        raise FindingError([Finding("path.source", "error", key, f"“{key}” is not a spike list source of the main circuit.")])
    counts = _counts(key, values, node["size"])
    dt = _ms(made["run"]["dt"])
    steps, ids = np.nonzero(counts)
    repeated = np.repeat(np.stack([steps, ids]), counts[steps, ids], axis=1)
    made.setdefault("data", {})
    made["data"] |= {f"{key}_times": encode((repeated[0] + 1) * dt), f"{key}_ids": encode(repeated[1])}
    node["params"] = {"times": {"data": f"{key}_times"}, "ids": {"data": f"{key}_ids"}}
    made["run"]["duration"] = len(counts) * dt
    out, findings = from_json(made)
    if out is None:
        raise FindingError(findings)
    return out


def output(recording: Recording, path: str) -> np.ndarray:
    """What a population gave in each step, shape (n_steps, size): its spikes as 0 and 1, or the recorded voltage of an integrator."""
    n, size = int(round(recording.duration / recording.dt)), recording.populations[path].size
    trace = recording.traces.get((path, "v"))
    if trace is not None and recording.populations[path].model in INTEGRATORS:
        return np.asarray(trace.values)[-n:]
    raster = np.zeros((n, size), np.uint8)
    spikes = recording.spikes[path]
    raster[np.asarray(spikes.steps) - 1, np.asarray(spikes.ids)] = 1
    return raster


def _only_source(document: Document) -> str:
    keys = [k for k, n in document.circuit.nodes.items() if n.kind == "source" and n.model == "spike_list"]
    if len(keys) != 1:
        raise FindingError(
            [
                Finding(
                    "path.source",
                    "error",
                    "",
                    f"The document has {len(keys)} spike list sources ({', '.join(keys) or 'none'}).",
                    "Say which one.",
                )
            ]
        )
    return keys[0]


def _counts(key: str, values: Any, size: int) -> np.ndarray:
    given = np.asarray(values)
    flat = given.reshape(len(given), -1) if given.ndim else given.reshape(0, 0)
    if flat.shape[1] != size:
        raise FindingError(
            [Finding("size.mismatch", "error", key, f"The input has {flat.shape[1]} values a step; “{key}” has {size} elements.")]
        )
    counts = np.rint(flat).astype(np.int64)
    if (counts < 0).any() or not np.array_equal(counts, flat):
        raise FindingError(
            [
                Finding(
                    "bounds.input",
                    "error",
                    key,
                    "The input holds values that are not spike counts (0, 1, 2 ...).",
                    "Turn graded values into spikes first.",
                )
            ]
        )
    return counts


def _ms(value: Any) -> float:
    return convert(float(value["value"]), value.get("unit", "ms"), "ms") if isinstance(value, dict) else float(value)
