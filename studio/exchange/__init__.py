"""Other people's formats: NIR and ONNX both ways, SONATA, Python code, and the document itself.

`formats()` lists what can be written, for the command line and the canvas; `export(document, path)` picks by the file's suffix.
`opened(path)` reads whatever the studio can read, by the file's suffix.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from studio.findings import Finding, FindingError

if TYPE_CHECKING:
    from studio.network.build import Network
    from studio.network.document import Document

READ = (".nir", ".h5", ".onnx")  # beside the document

__all__ = ["READ", "Format", "export", "formats", "opened"]


class Format(TypedDict):
    """One way to write a document. `write(document, path)` writes the file, or nothing when a finding is an error, and returns the findings.

    A writer may have options of its own (`studio.export(net, "x.nir", dialect="norse")`).
    """

    key: str
    title: str
    suffix: str
    mime: str
    write: Callable[..., tuple[Finding, ...]]


def formats() -> list[Format]:
    """Every format that can be written, the document's own first."""
    return [
        Format(key="document", title="Spike Studio document", suffix=".snn.json", mime="application/json", write=_document),
        Format(key="nir", title="NIR graph", suffix=".nir", mime="application/x-hdf5", write=_nir),
        Format(key="onnx", title="ONNX model (ai.neuromorphic)", suffix=".onnx", mime="application/octet-stream", write=_onnx),
        Format(key="pynn", title="PyNN script (NEST, sPyNNaker)", suffix=".pynn.py", mime="text/x-python", write=_pynn),
        Format(key="sonata", title="SONATA (NEST, BMTK)", suffix=".sonata.zip", mime="application/zip", write=_sonata),
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


def opened(path: str | Path, dt_ms: float | None = None) -> tuple[Document | None, tuple[Finding, ...]]:
    """The network of a file, read by its suffix: a NIR graph, an ONNX model, else a document. None with findings when it cannot be read.

    `dt_ms`: the time step for formats that do not say theirs.
    """
    name = str(path).lower()
    if name.endswith(".onnx"):
        from studio.exchange.onnx.reading import read as read_onnx

        return read_onnx(path, dt_ms)
    if name.endswith((".nir", ".h5")):
        from studio.exchange.nir import read as read_nir

        return read_nir(path, dt_ms)
    from studio.network import files

    return files.read(path)


def load(path: str | Path, dt_ms: float | None = None) -> Network:
    """Read a document, a NIR graph or an ONNX model; raise FindingError when it cannot be read."""
    from studio.findings import errors
    from studio.network.build import Network

    document, findings = opened(path, dt_ms)
    if document is None or errors(findings):
        raise FindingError(errors(findings) or findings)
    return Network(document=document)


def _document(document: Document, path: str | Path) -> tuple[Finding, ...]:
    from studio.network import files

    files.write(document, path)
    return ()


def _nir(document: Document, path: str | Path, **options: Any) -> tuple[Finding, ...]:
    from studio.exchange.nir import write

    return write(document, path, **options)


def _onnx(document: Document, path: str | Path, **options: Any) -> tuple[Finding, ...]:
    from studio.exchange.onnx.writing import write

    return write(document, path, **options)


def _sonata(document: Document, path: str | Path, **options: Any) -> tuple[Finding, ...]:
    from studio.exchange.sonata import write

    return write(document, path, **options)


def _python(document: Document, path: str | Path, **options: Any) -> tuple[Finding, ...]:
    from studio.exchange.python import write

    return write(document, path, **options)


def _pynn(document: Document, path: str | Path, **options: Any) -> tuple[Finding, ...]:
    from studio.exchange.pynn import write

    return write(document, path, **options)
