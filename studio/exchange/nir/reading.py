"""Reading a NIR file: from the graph, or from the document that the studio kept in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio.exchange.nir import metadata
from studio.exchange.nir.importing import to_json
from studio.exchange.nir.tree import Graph, from_nir, read_graph
from studio.findings import Finding
from studio.network.document import Document, from_json

DT_MS = 1.0  # where neither the caller nor the file says


def read(path: str | Path, dt_ms: float | None = None) -> tuple[Document | None, tuple[Finding, ...]]:
    """A document from a `.nir` file for time steps of `dt_ms` [ms]; None with findings when it cannot be read.

    NIR files hold no time step: without one, the studio's own files bring theirs, others get 1 ms and a finding says so.
    Neurons become `lif_euler` and `li_euler`, connections pulses without delay; a recurrent connection arrives one step later.
    """
    graph, findings = read_graph(path)
    if graph is None:
        return None, findings
    document, more = from_graph(graph, dt_ms, Path(path).stem)
    return document, (*findings, *more)


def from_graph(graph: Graph | Any, dt_ms: float | None = None, name: str = "NIR graph") -> tuple[Document | None, tuple[Finding, ...]]:
    """The same from a graph in memory (`Graph`, or a `nir.NIRGraph`)."""
    tree = graph if isinstance(graph, Graph) else from_nir(graph)
    kept = metadata.unpack(tree)
    findings: tuple[Finding, ...] = ()
    if kept is not None:
        document, findings = metadata.kept_document(kept, tree)
        if document is not None:
            return document, (*findings, *_other_step(kept, dt_ms))
    step, said = _step(kept, dt_ms)
    if step is None:
        return None, (*findings, *said)
    made, lost = to_json(tree, step, name)
    document, wrong = from_json(metadata.dressed(made, kept) if kept is not None else made)
    return document, (*findings, *said, *lost, *wrong)


def _step(kept: dict[str, Any] | None, dt_ms: float | None) -> tuple[float | None, tuple[Finding, ...]]:
    """The time step [ms]."""
    if dt_ms is not None:
        if 0 < dt_ms < float("inf"):
            return float(dt_ms), ()
        return None, (Finding("bounds.dt", "error", "dt", f"A time step of {dt_ms:g} ms is not possible.", "Give one above 0 ms."),)
    said = kept.get("dt_s") if kept is not None else None
    if isinstance(said, (int, float)) and 0 < said < float("inf"):
        return float(said) * 1e3, ()
    text = f"NIR files do not say their time step; {DT_MS:g} ms is taken."
    return DT_MS, (Finding("lossy.dt", "warning", "dt", text, "Give dt when reading, if the network was made for another."),)


def _other_step(kept: dict[str, Any], dt_ms: float | None) -> tuple[Finding, ...]:
    said = kept.get("dt_s")
    if dt_ms is None or not isinstance(said, (int, float)) or abs(said * 1e3 - dt_ms) <= 1e-9 * dt_ms:
        return ()
    return (
        Finding(
            "lossy.dt",
            "info",
            "dt",
            f"This file holds its own document, with a time step of {said * 1e3:g} ms; that is kept instead of {dt_ms:g} ms.",
        ),
    )
