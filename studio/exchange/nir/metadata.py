"""The whole document inside a NIR file, so that our own re-import loses nothing; and what another tool has changed since."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from studio.exchange.nir.tree import Graph, fingerprint, fingerprints
from studio.findings import Finding
from studio.network.document import Document, from_json

KEY = "spike_studio"  # the one key in the root graph's metadata


def pack(document: Document, graph: Graph, dt_ms: float) -> str:
    """JSON text: the document, the time step [s], and what the NIR part looked like."""
    return json.dumps(
        {"document": document.to_json(), "dt_s": dt_ms / 1e3, "sha256": fingerprint(graph), "nodes": fingerprints(graph)},
        ensure_ascii=False,
    )


def unpack(graph: Graph) -> dict[str, Any] | None:
    """What `pack` wrote, or None where there is nothing or it cannot be read."""
    text = graph.metadata.get(KEY)
    if not isinstance(text, str):
        return None
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return given if isinstance(given, dict) and isinstance(given.get("nodes"), dict) else None


def kept_document(kept: Mapping[str, Any], graph: Graph) -> tuple[Document | None, tuple[Finding, ...]]:
    """The document as it was written, when the NIR part is still what it was; else None and a finding that names what changed."""
    if kept.get("sha256") == fingerprint(graph):
        document, findings = from_json(kept.get("document"))
        return document, findings if document else (
            Finding(
                "lossy.metadata", "warning", "", "The document kept in the file's metadata cannot be read; the NIR graph is read instead."
            ),
            *findings,
        )
    now, then = fingerprints(graph), kept["nodes"]
    changed = sorted(name for name in {*now, *then} if now.get(name) != then.get(name))
    named = ", ".join("the edges" if name == "->" else name for name in changed[:10]) or "the graph"
    text = f"Another tool has changed this file since the studio wrote it ({named}); NIR's values are taken, and what only the studio can say is lost."
    return None, (Finding("lossy.changed", "warning", "", text, "To have the old document back, open its own *.snn.json file."),)


def dressed(made: dict[str, Any], kept: Mapping[str, Any]) -> dict[str, Any]:
    """A document read from the NIR part, with the names, places and run settings of the kept one where its keys are the same."""
    old = kept.get("document")
    if not isinstance(old, dict):
        return made
    out = dict(made)
    for word in ("name", "description"):
        if isinstance(old.get(word), str):
            out[word] = old[word]
    run, layout = old.get("run"), old.get("layout")
    if isinstance(run, dict):
        out["run"] = {**made["run"], **{k: run[k] for k in ("duration", "seed") if k in run}}
    places = layout.get("main") if isinstance(layout, dict) else None
    if isinstance(places, dict):
        own = made["layout"]["main"]
        out["layout"] = {**made["layout"], "main": {k: places[k] if isinstance(places.get(k), dict) else v for k, v in own.items()}}
    return out
