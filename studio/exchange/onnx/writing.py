"""Writing an ONNX model: the network as functions of `ai.neuromorphic` inside a Scan over time, with the whole document kept beside it."""

from __future__ import annotations

import os
import secrets
from collections.abc import Collection
from pathlib import Path
from typing import Any

from studio.exchange.onnx import model as models
from studio.exchange.onnx.body import needed
from studio.exchange.onnx.draft import Sketch
from studio.exchange.onnx.exporting import sketch
from studio.findings import Finding, FindingError
from studio.network.document import Document
from studio.network.flat import FlatNetwork
from studio.network.flatten import flatten


def to_onnx(
    document: Document,
    *,
    ordered: bool = False,
    inline: bool = False,
    states: Collection[tuple[str, str]] | None = None,
    margins: bool = False,
    catalogue: Any = None,
) -> tuple[Any | None, tuple[Finding, ...]]:
    """The ModelProto of a document and what was lost; None with errors when there is none.

    `ordered` writes every projection as a list of synapses in the engine's order: bit-equal whatever the weights, but slower than matrices.
    `inline` replaces the functions by their bodies, for runtimes that know none. `states`: (path, state) that are given out in every step
    (None: those that the document records). `margins` adds how far each neuron is from its threshold.
    """
    try:
        needed("onnx")
        flat = flatten(document, catalogue)
        made = sketch(flat, ordered, _traced(flat) if states is None else states, margins)
    except FindingError as wrong:
        return None, wrong.findings
    return finished(made, flat, document, inline), tuple(made.findings)


def finished(made: Sketch, flat: FlatNetwork, document: Document, inline: bool = False) -> Any:
    """The model with its metadata."""
    model = models.assemble(made, flat.name)
    if inline:
        from onnx import inliner

        model = inliner.inline_local_functions(model)
    units = {f"{path}.{s.name}": s.unit for path, g in made.groups.items() for s in g.system.states}
    values = {
        "dt_ms": repr(flat.run.dt),
        "units": "mV, ms, nA, uS, MOhm, nF; spikes are counts per step",
        "hash": flat.hash,
        "names": models.described(made, flat.run.dt, units),
        models.KEY: {"document": document.to_json(), "dt_ms": flat.run.dt, "sha256": models.digest(model)},
    }
    models.put_metadata(model, values)
    return model


def write(document: Document, path: str | Path, **options: Any) -> tuple[Finding, ...]:
    """Write a `.onnx` file, whole or not at all; with an error among the findings nothing was written. Options are those of `to_onnx`."""
    model, findings = to_onnx(document, **options)
    if model is None:
        return findings
    import onnx

    file = Path(path)
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
    try:
        onnx.checker.check_model(model)
        temporary.write_bytes(model.SerializeToString(deterministic=True))
        os.replace(temporary, file)
    except OSError as why:
        return (*findings, Finding("path.file", "error", "", f"“{file}” cannot be written: {why.strerror or why}."))
    finally:
        temporary.unlink(missing_ok=True)
    return findings


def _traced(flat: FlatNetwork) -> set[tuple[str, str]]:
    """The neurons' states that the document records."""
    return {(r.path, r.what) for r in flat.traced}
