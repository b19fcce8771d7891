"""Reading and writing `*.snn.json`: findings instead of tracebacks, nothing executed, written whole or not at all."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.findings import Finding
from studio.network.canonical import to_bytes
from studio.network.document import Document, from_json
from studio.network.identity import model_hash
from studio.network.sidecar import gather, separate

__all__ = ["loads", "migrate", "model_hash", "read", "to_bytes", "write"]

MAX_FILE = 2**30  # bytes
# from version n to n + 1; the first will be 1
MIGRATIONS: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}


def loads(text: bytes | str, folder: Path | None = None) -> tuple[Document | None, tuple[Finding, ...]]:
    """A document from the bytes of a file; arrays beside it are looked for in `folder`."""
    given, findings = _parse(text)
    if findings:
        return None, findings
    given, moved = migrate(given)
    missing: tuple[Finding, ...] = ()
    if isinstance(given, dict) and folder is not None:
        given, missing = gather(given, folder)
    document, found = from_json(given)
    return document, moved + missing + found


def read(path: str | Path) -> tuple[Document | None, tuple[Finding, ...]]:
    """A document from a file; whatever is wrong with it becomes findings."""
    file = Path(path)
    try:
        size = file.stat().st_size
        if size > MAX_FILE:
            return None, (
                Finding(
                    "size.file",
                    "error",
                    "",
                    f"“{file.name}” has {size:,} bytes; a document may have {MAX_FILE:,}.",
                    "Keep large arrays beside it.",
                ),
            )
        if not file.is_file():
            return None, (Finding("path.file", "error", "", f"“{file}” is not a file."),)
        text = file.read_bytes()
    except FileNotFoundError:
        return None, (Finding("path.file", "error", "", f"There is no file “{file}”."),)
    except (OSError, ValueError) as why:
        return None, (Finding("path.file", "error", "", f"“{file}” cannot be read: {getattr(why, 'strerror', None) or why}."),)
    return loads(text, file.parent)


def write(document: Document, path: str | Path) -> None:
    """Write canonical bytes to `path` whole or not at all; arrays over 1 MiB compressed go beside it as HDF5. Raises OSError."""
    file = Path(path)
    content = to_bytes(separate(document.to_json(), file))
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
    try:
        with open(temporary, "xb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        if file.exists():
            os.chmod(temporary, file.stat().st_mode & 0o777)
        os.replace(temporary, file)
    finally:
        temporary.unlink(missing_ok=True)


def migrate(given: Any) -> tuple[Any, tuple[Finding, ...]]:
    """A document of an older format brought to this one, a version at a time."""
    said = given.get("format") if isinstance(given, dict) else None
    match = re.fullmatch(r"spike-studio/(\d{1,6})", said) if isinstance(said, str) else None
    version = int(match[1]) if match else 0
    if version not in MIGRATIONS:
        return given, ()
    while version in MIGRATIONS:
        given = MIGRATIONS[version](given)
        version += 1
    return given, (Finding("text.migrated", "info", "", f"Read from the older format “{said}”; saving writes the new one."),)


class _Duplicate(Exception):
    pass


def _parse(text: bytes | str) -> tuple[Any, tuple[Finding, ...]]:
    try:
        decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
        return json.loads(decoded, object_pairs_hook=_object, parse_int=_whole, parse_constant=_constant), ()
    except UnicodeDecodeError as why:
        return None, (Finding("text.encoding", "error", "", f"The file is not UTF-8 text (byte {why.start})."),)
    except json.JSONDecodeError as why:
        return None, (
            Finding("text.json", "error", "", f"The file is not JSON: {_lower(why.msg)} at line {why.lineno}, column {why.colno}."),
        )
    except _Duplicate as why:
        return None, (
            Finding(
                "text.duplicate", "error", "", f"The key “{str(why)[:60]}” stands twice in one object, so it is not clear which is meant."
            ),
        )
    except RecursionError:
        return None, (Finding("size.depth", "error", "", "Objects and lists are nested too deeply."),)
    except ValueError as why:
        return None, (Finding("bounds.number", "error", "", f"{why}"),)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    out = dict(pairs)
    if len(out) < len(pairs):
        seen: set[str] = set()
        raise _Duplicate(next(key for key, _ in pairs if key in seen or seen.add(key)))
    return out


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= 16 else float(digits)


def _constant(word: str) -> float:
    raise ValueError(f"{word} is not a number that a document can hold.")


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
