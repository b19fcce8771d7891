"""Large arrays beside the file, in one HDF5 file of the same name; h5py is loaded only when there are any."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from studio.findings import Finding, FindingError
from studio.network.data import decode, encode, n_bytes

INLINE = 2**20  # bytes, compressed


def separate(document: dict[str, Any], path: Path) -> dict[str, Any]:
    """The document with its large arrays written to `<name>.h5` beside `path`; the same document when there are none."""
    large = {name: entry for name, entry in document.get("data", {}).items() if len(entry.get("values") or "") * 3 // 4 > INLINE}
    if not large:
        return document
    beside = path.with_name(path.name.removesuffix(".json").removesuffix(".snn") + ".h5")
    _write(beside, {entry["sha256"]: decode(name, entry) for name, entry in large.items()})
    outside = {
        name: {**{k: v for k, v in entry.items() if k not in ("values", "encoding")}, "file": beside.name} for name, entry in large.items()
    }
    return {**document, "data": {**document["data"], **outside}}


def _write(beside: Path, arrays: dict[str, np.ndarray]) -> None:
    import h5py

    temporary = beside.with_name(f".{beside.name}.{os.getpid()}.tmp")
    try:
        with h5py.File(temporary, "w", track_order=True) as out:
            for name in sorted(arrays):
                scalar = arrays[name].ndim == 0
                out.create_dataset(name, data=arrays[name], compression=None if scalar else "gzip", track_times=False)
        os.replace(temporary, beside)
    finally:
        temporary.unlink(missing_ok=True)


def gather(document: dict[str, Any], folder: Path) -> tuple[dict[str, Any], tuple[Finding, ...]]:
    """The document with the arrays beside it taken in; findings for those that are missing, elsewhere or not themselves."""
    data = document.get("data")
    if not isinstance(data, dict):
        return document, ()
    findings: list[Finding] = []
    inside = {}
    for name, entry in data.items():
        try:
            inside[name] = (
                _gathered(name, entry, folder) if isinstance(entry, dict) and "file" in entry and "values" not in entry else entry
            )
        except FindingError as wrong:
            findings += wrong.findings
            inside[name] = entry
    return {**document, "data": inside}, tuple(findings)


def _gathered(name: str, entry: dict[str, Any], folder: Path) -> dict[str, Any]:
    given, shape = entry["file"], entry.get("shape")
    if (
        not isinstance(given, str)
        or PurePosixPath(given).name != given
        or given in ("", ".", "..")
        or "\\" in given
        or "\0" in given
        or ":" in given
    ):
        raise _outside(name, f"Array “{name}” stands in “{given}”, which is not a plain file name beside the document.", "path.file")
    if not isinstance(shape, list) or not all(isinstance(n, int) and n >= 0 for n in shape):
        raise _outside(name, f"Array “{name}” has no shape.", "text.data")
    n_bytes(name, str(entry.get("dtype")), tuple(shape))
    array = _read(name, folder / given, str(entry.get("sha256")), entry)
    if hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest() != entry.get("sha256"):
        raise _outside(name, f"Array “{name}” in “{given}” is not the one the document means (its sha256 differs).", "text.data")
    return {**{k: v for k, v in entry.items() if k != "file"}, **encode(array)}


def _read(name: str, file: Path, key: str, entry: dict[str, Any]) -> np.ndarray:
    if not file.is_file() or file.is_symlink():
        raise _outside(name, f"The file “{file.name}” with array “{name}” is not beside the document.", "path.file", "Copy it there.")
    import h5py

    try:
        with h5py.File(file, "r") as source:
            found = source.get(key, getlink=True)
            dataset = source[key] if isinstance(found, h5py.HardLink) else None
            fits = (
                isinstance(dataset, h5py.Dataset)
                and list(dataset.shape) == entry["shape"]
                and dataset.dtype == np.dtype(entry["dtype"])
                and not dataset.external
            )
            array = np.asarray(dataset[()]) if fits and isinstance(dataset, h5py.Dataset) else None
    except (OSError, KeyError, ValueError, RuntimeError, TypeError):
        array = None
    if array is None:
        raise _outside(name, f"The file “{file.name}” does not hold array “{name}” as the document describes it.", "text.data")
    return array


def _outside(name: str, text: str, code: str, fix: str = "") -> FindingError:
    return FindingError([Finding(code, "error", f"data.{name}", text, fix)])
