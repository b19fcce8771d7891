"""Folders of artefacts: files appear under their names when all of them are complete."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

REPORT = "report.json"


def fill(folder: Path, write: Callable[[Path], Iterable[str]]) -> tuple[str, ...]:
    """The files that `write` makes in a folder that it is given, moved into `folder`; their names, sorted.

    What was there stays as it was while `write` works, and where it fails or is interrupted.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".unfinished-", dir=folder, ignore_cleanup_errors=True) as unfinished:
        names = tuple(sorted(write(Path(unfinished))))
        for name in names:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            os.replace(Path(unfinished, name), folder / name)
    return names


def refill(folder: Path, write: Callable[[Path], Iterable[str]]) -> tuple[str, ...]:
    """As `fill`, in place of an earlier artefact: the files that its report names and that are not written again go."""
    earlier = _earlier(folder)
    names = fill(folder, write)
    for name in earlier - set(names):
        (folder / name).unlink(missing_ok=True)
    return names


def _earlier(folder: Path) -> set[str]:
    """The files of the artefact in a folder, as its report names them: those that lie in the folder, nothing elsewhere."""
    try:
        named = json.loads((folder / REPORT).read_text(encoding="utf-8"))["files"]
    except (OSError, ValueError, TypeError, KeyError):
        return set()
    known = [n for n in named if isinstance(n, str)] if isinstance(named, list) else []
    plain = [n for n in known if not PurePosixPath(n).is_absolute() and ".." not in PurePosixPath(n).parts and "\\" not in n]
    return {n for n in plain if (folder / n).is_file() and (folder / n).resolve().is_relative_to(folder.resolve())}
