"""Other people's formats: NIR both ways, Python code, and the document itself.

`formats()` lists what can be written, for the command line and the canvas; `export(document, path)` picks by the file's suffix.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from studio.findings import Finding, FindingError

if TYPE_CHECKING:
    from studio.network.document import Document

__all__ = ["Format", "export", "formats"]


class Format(TypedDict):
    """One way to write a document. `write(document, path)` writes the file, or nothing when a finding is an error, and returns the findings."""

    key: str
    title: str
    suffix: str
    mime: str
    write: Callable[[Document, str | Path], tuple[Finding, ...]]


def formats() -> list[Format]:
    """Every format that can be written, the document's own first."""
    return [
        Format(key="document", title="Spike Studio document", suffix=".snn.json", mime="application/json", write=_document),
        Format(key="nir", title="NIR graph", suffix=".nir", mime="application/x-hdf5", write=_nir),
        Format(key="python", title="Python code", suffix=".py", mime="text/x-python", write=_python),
    ]


def export(network: Any, path: str | Path, **options: Any) -> tuple[Finding, ...]:
    """Write a Network or Document in the format that the file's suffix names; `options` go to that format's writer.

    Returns what the format cannot hold, as findings. Raises FindingError when nothing could be written.
    """
    document = getattr(network, "document", network)
    chosen = next((f for f in formats() if str(path).endswith(f["suffix"])), None)
    if chosen is None:
        known = ", ".join(f["suffix"] for f in formats())
        raise FindingError(
            [Finding("path.format", "error", "", f"“{Path(path).name}” ends like no format this studio writes.", f"Use one of {known}.")]
        )
    findings = chosen["write"](document, path, **options)
    if any(f.severity == "error" for f in findings):
        raise FindingError(f for f in findings if f.severity == "error")
    return findings


def _document(document: Document, path: str | Path) -> tuple[Finding, ...]:
    from studio.network import files

    files.write(document, path)
    return ()


def _nir(document: Document, path: str | Path, **options: Any) -> tuple[Finding, ...]:
    from studio.exchange.nir import write

    return write(document, path, **options)


def _python(document: Document, path: str | Path, **options: Any) -> tuple[Finding, ...]:
    from studio.exchange.python import write

    return write(document, path, **options)
