"""The ways out: the document itself, the recording of the last run, Python that builds the network, and other people's formats."""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from studio.findings import Finding, FindingError
from studio.network.document import Document
from studio.ui.messages import Format

DOCUMENT = Format("document", "Network document", ".snn.json")
RECORDING = Format("recording", "Recording of the last run (HDF5)", ".h5")
_MIME = {".json": "application/json", ".py": "text/x-python", ".h5": "application/x-hdf5", ".nir": "application/x-hdf5"}


@dataclass(frozen=True)
class Made:
    """A file in memory, and what was lost on the way."""

    name: str
    mime: str
    content: bytes
    findings: tuple[Finding, ...] = ()


def formats() -> tuple[Format, ...]:
    """Every format, the document first."""
    return (DOCUMENT, RECORDING, *(Format(f["key"], f["title"], f["suffix"]) for f in _others()))


def make(key: str, document: Document, recording: Path | None) -> Made:
    """The file in format `key`; raises FindingError where that cannot be made."""
    form = next((f for f in formats() if f.key == key), None)
    if form is None:
        raise FindingError([Finding("path.format", "error", "", f"There is no export format “{key}”.")])
    name = file_name(document.name, form.suffix)
    if key == DOCUMENT.key:
        return _made(name, content(document))
    if key == RECORDING.key:
        if recording is None or not recording.exists():
            raise FindingError([Finding("path.recording", "error", "", "There is no recording yet.", "Run the network first.")])
        return _made(name, recording.read_bytes())
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / name
        found = next(f for f in _others() if f["key"] == key)["write"](document, file)
        return _made(name, file.read_bytes(), tuple(found or ()))


def content(document: Document) -> bytes:
    """The document as the one file it would be, arrays inside."""
    from studio.network.canonical import to_bytes

    return to_bytes(document.to_json())


def file_name(title: str, suffix: str) -> str:
    """A file name from a document's name."""
    words = re.sub(r"[^\w-]+", "-", title.strip().lower()).strip("-")
    return (words or "network") + suffix


def _made(name: str, content: bytes, findings: tuple[Finding, ...] = ()) -> Made:
    return Made(name, _MIME.get(Path(name).suffix, "application/octet-stream"), content, findings)


def _others() -> list[dict]:
    from studio.exchange import formats as exchanged

    return list(exchanged())
