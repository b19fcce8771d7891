"""Reading an ONNX model: the studio's own losslessly, those of `ai.neuromorphic` by the names of their functions, plain networks as rates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.exchange.onnx.body import needed
from studio.exchange.onnx.model import KEY, digest, metadata
from studio.findings import Finding, FindingError
from studio.network.document import Document, from_json

MAX_FILE = 2**31 - 1  # bytes; a protobuf cannot be larger
DT_MS = 1.0
Found = tuple["Document | None", tuple[Finding, ...]]


def read(path: str | Path, dt_ms: float | None = None, **options: Any) -> Found:
    """A document from a `.onnx` file; None with findings when it cannot be read. Options are those of `from_onnx`."""
    try:
        needed("onnx")
        model = _loaded(Path(path))
    except FindingError as wrong:
        return None, wrong.findings
    return from_onnx(model, dt_ms, Path(path).stem, **options)


def _loaded(file: Path) -> Any:
    import onnx

    try:
        if not file.is_file():
            raise FindingError([Finding("path.file", "error", "", f"There is no file “{file}”.")])
        if file.stat().st_size > MAX_FILE:
            raise FindingError(
                [Finding("size.file", "error", "", f"“{file.name}” has {file.stat().st_size:,} bytes; an ONNX file may have {MAX_FILE:,}.")]
            )
        return onnx.load(str(file), load_external_data=False)
    except OSError as why:
        raise FindingError([Finding("path.file", "error", "", f"“{file}” cannot be read: {why.strerror or why}.")]) from None
    except FindingError:
        raise
    except Exception as why:  # (what the protobuf package raises is its own)
        raise FindingError([Finding("path.format", "error", "", f"“{file.name}” is no ONNX model ({type(why).__name__}).")]) from None


def from_onnx(model: Any, dt_ms: float | None = None, name: str = "ONNX model", *, calibration: Any = None, catalogue: Any = None) -> Found:
    """The same from a ModelProto.

    The studio's own files bring their document; where another tool has changed the graph, the graph is read. `dt_ms` is for models that do not
    say their step. `calibration`: inputs [n, ...] that a plain network is scaled with when it becomes a spiking one.
    """
    from studio.exchange.onnx.naming import named
    from studio.exchange.onnx.rates import from_rates
    from studio.exchange.onnx.walking import Unread, step_of
    from studio.models.catalogue import catalogue as default

    kept, findings = _kept(model)
    if kept is not None:
        return kept, findings
    known = catalogue or default()
    step, more = _step(model, dt_ms)
    try:
        found = step_of(model)
        if found is None:
            return from_rates(model, dt_ms or DT_MS, name, calibration)
        document, lost = named(found, known, step, name)
    except (Unread, FindingError, LookupError, TypeError, ValueError, AttributeError, StopIteration) as why:
        text = f"The graph cannot be read: {why}."
        return None, (*findings, Finding("path.format", "error", "", text, "Export it again, or build the network here."))
    if not document.circuit.nodes:
        text = "No population of this model could be read."
        return None, (*findings, *lost, Finding("lossy.empty", "error", "", text))
    return document, (*findings, *more, *lost)


def _kept(model: Any) -> Found:
    """The document kept in the metadata, where the graph is still what was written with it."""
    text = metadata(model).get(KEY)
    if text is None:
        return None, ()
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, Mapping):
        return None, (Finding("lossy.metadata", "warning", "", "The document kept in the file cannot be read; the graph is read instead."),)
    if given.get("sha256") != digest(model):
        text = "Another tool has changed this file since the studio wrote it; the graph is read, and what only the studio can say is lost."
        return None, (Finding("lossy.changed", "warning", "", text, "To have the old document back, open its own *.snn.json file."),)
    return from_json(given.get("document"))


def _step(model: Any, dt_ms: float | None) -> tuple[float, tuple[Finding, ...]]:
    """The time step [ms]."""
    try:
        said = float(metadata(model).get("dt_ms", "nan"))
    except ValueError:
        said = float("nan")
    for given in (dt_ms, said):
        if given is not None and 0 < given < float("inf"):
            return float(given), ()
    text = f"The model does not say its time step; {DT_MS:g} ms is taken."
    return DT_MS, (Finding("lossy.dt", "warning", "dt", text, "Give dt_ms when reading."),)
