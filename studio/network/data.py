"""Arrays inside a document: zlib-compressed, base64, named by the hash of their bytes, never larger than they say."""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
import zlib
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from studio.findings import Finding, FindingError

DTYPES = ("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64")
MAX_BYTES = 2**32  # 4 GiB for one array
ENCODING = "zlib+base64"


def encode(array: Any) -> dict[str, Any]:
    """The JSON entry of an array; raise FindingError for one of objects, text or complex numbers."""
    given = np.asarray(array)
    if given.dtype.name not in DTYPES:
        raise FindingError(
            [
                Finding(
                    "text.data",
                    "error",
                    "",
                    f"An array of {given.dtype.name} cannot be kept in a document.",
                    f"Use one of {', '.join(DTYPES)}.",
                )
            ]
        )
    raw = _raw(given)
    packed = base64.b64encode(zlib.compress(raw, 6)).decode()
    return {
        "dtype": given.dtype.name,
        "shape": list(given.shape),
        "encoding": ENCODING,
        "sha256": hashlib.sha256(raw).hexdigest(),
        "values": packed,
    }


def decode(name: str, entry: Mapping[str, Any]) -> np.ndarray:
    """The read-only array of an entry; raise FindingError where size, hash or bytes are not what the entry says."""
    values = entry.get("values")
    if not isinstance(values, str):
        raise FindingError(
            [
                Finding(
                    "path.data",
                    "error",
                    f"data.{name}",
                    f"The values of array “{name}” are not here (they stand in “{entry.get('file')}”).",
                    "Open the document from its own folder.",
                )
            ]
        )
    return _decode(
        name, str(entry.get("dtype")), tuple(entry.get("shape", ())), str(entry.get("encoding", ENCODING)), str(entry.get("sha256")), values
    )


@lru_cache(maxsize=16)
def _decode(name: str, dtype: str, shape: tuple[int, ...], encoding: str, sha256: str, values: str) -> np.ndarray:
    expected = n_bytes(name, dtype, shape)
    if encoding != ENCODING:
        raise _broken(name, f"is encoded as “{encoding}”, which this studio does not know")
    try:
        packed = base64.b64decode(values, validate=True)
        unpacker = zlib.decompressobj()
        raw = unpacker.decompress(packed, expected + 1)
    except (binascii.Error, zlib.error, ValueError):
        raise _broken(name, "is not readable (its base64 or zlib bytes are damaged)") from None
    if len(raw) != expected or unpacker.unconsumed_tail:
        raise _broken(name, f"does not hold the {expected:,} bytes that its shape {list(shape)} of {dtype} needs")
    if hashlib.sha256(raw).hexdigest() != sha256:
        raise _broken(name, "is not the array it says it is (its sha256 differs)")
    array = np.frombuffer(raw, np.dtype(dtype).newbyteorder("<")).astype(dtype, copy=False).reshape(shape)
    array.setflags(write=False)
    return array


def n_bytes(name: str, dtype: str, shape: tuple[int, ...]) -> int:
    """How many bytes an array takes; raise FindingError for an unknown dtype or one over 4 GiB."""
    if dtype not in DTYPES:
        raise _broken(name, f"has the dtype “{dtype}”", f"Use one of {', '.join(DTYPES)}.")
    if len(shape) > 16:
        raise _broken(name, f"has {len(shape)} dimensions; 16 is the most")
    size = math.prod(shape) * np.dtype(dtype).itemsize
    if size > MAX_BYTES:
        raise FindingError(
            [Finding("size.data", "error", f"data.{name}", f"Array “{name}” would take {size:,} bytes; an array may take {MAX_BYTES:,}.")]
        )
    return size


def _raw(array: np.ndarray) -> bytes:
    return np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes()


def _broken(name: str, what: str, fix: str = "") -> FindingError:
    return FindingError([Finding("text.data", "error", f"data.{name}", f"Array “{name}” {what}.", fix)])
