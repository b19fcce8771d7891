"""The ways out: the document itself, the recording of the last run, Python that builds the network, and other people's formats."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from studio import exchange
from studio.findings import Finding, FindingError
from studio.network.canonical import to_bytes
from studio.network.document import Document
from studio.ui.messages import Format

RECORDING = Format("recording", "Recording of the last run (HDF5)", ".h5")
OTHERS = exchange.READ  # suffixes of other tools' networks
_RECORDING_MIME = "application/x-hdf5"


@dataclass(frozen=True)
class Made:
    """A file in memory, and what was lost on the way."""

    name: str
    mime: str
    content: bytes
    findings: tuple[Finding, ...] = ()


def formats() -> tuple[Format, ...]:
    """Every format, the document first, the recording last."""
    return (*(Format(f["key"], f["title"], f["suffix"]) for f in exchange.formats()), RECORDING)


def make(key: str, document: Document, recording: Path | None) -> Made:
    """The file in format `key`; raises FindingError where that cannot be made."""
    if key == RECORDING.key:
        return _recording(document, recording)
    form = next((f for f in exchange.formats() if f["key"] == key), None)
    if form is None:
        raise FindingError([Finding("path.format", "error", "", f"There is no export format “{key}”.")])
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / file_name(document.name, form["suffix"])
        found = tuple(form["write"](document, file))
        if not file.exists():
            raise FindingError(found)
        return Made(file.name, form["mime"], file.read_bytes(), found)


def read_other(name: str, content: bytes) -> tuple[Document, tuple[Finding, ...]]:
    """Another tool's network (NIR, ONNX), and what was read otherwise than written; raises FindingError where it is none."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / Path(name).name
        file.write_bytes(content)
        document, found = exchange.opened(file)
    if document is None:
        raise FindingError(found)
    return document, found


def _recording(document: Document, recording: Path | None) -> Made:
    if recording is None or not recording.exists():
        raise FindingError([Finding("path.recording", "error", "", "There is no recording yet.", "Run the network first.")])
    return Made(file_name(document.name, RECORDING.suffix), _RECORDING_MIME, recording.read_bytes())


def content(document: Document) -> bytes:
    """The document as the one file it would be, arrays inside."""
    return to_bytes(document.to_json())


def file_name(title: str, suffix: str) -> str:
    """A file name from a document's name."""
    words = re.sub(r"[^\w-]+", "-", title.strip().lower()).strip("-")
    return (words or "network") + suffix
