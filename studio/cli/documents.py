"""Finds the document that a command is about: a file by its path (also one of another tool), or a template by its name."""

from __future__ import annotations

import difflib
import json
import re
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli.exits import UsageError
from studio.findings import Finding, FindingError
from studio.share import SUFFIX, templates

if TYPE_CHECKING:
    from studio.network.document import Document

_QUANTITY = re.compile(r"\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([A-Za-zµμΩ%1][^\s]*)\s*\Z")


def add_document(parser: ArgumentParser, **more: Any) -> None:
    parser.add_argument(
        "document", metavar="FILE_OR_TEMPLATE", help=f"a *{SUFFIX}, *.nir or *.onnx file, or a name that `studio templates` lists", **more
    )


def folder(out: Path | None) -> None:
    """Made before the work, as nobody should wait for what then cannot be written; raises UsageError."""
    if out is not None:
        try:
            out.mkdir(parents=True, exist_ok=True)
        except FileExistsError as wrong:
            raise UsageError(f"--out {out}: a file of that name is there already, and no folder.") from wrong
        except OSError as wrong:
            raise UsageError(f"--out {out}: {wrong.strerror}.") from wrong


def named(text: str) -> Path:
    """A path that is not empty."""
    if not text.strip():
        raise ArgumentTypeError("the name is empty")
    return Path(text)


def find(name: str) -> Path:
    """The file meant by `name`; a file of that path comes before a template of that name."""
    path = Path(name)
    if path.is_file():
        return path
    known = {template.name: template.path for template in templates()}
    if name in known:
        return known[name]
    raise UsageError(f"There is no file and no template “{name}”.{_meant(name, path, known)}")


def _meant(name: str, path: Path, known: Iterable[str]) -> str:
    """What the name might have been."""
    if path.is_dir():
        return " It is a folder."
    nearby = [p.name for p in path.parent.glob(f"*{SUFFIX}")] if path.parent.is_dir() else []
    word = path.name.removesuffix(SUFFIX).lower()
    choices = {choice.removesuffix(SUFFIX).lower(): choice for choice in (*nearby, *known)}
    like = [key for key in choices if word and word in key] or difflib.get_close_matches(word, choices, n=3, cutoff=0.5)
    if not like:
        return " `studio templates` lists the templates."
    return f" Did you mean {' or '.join(choices[key] for key in like[:3])}?"


def read(name: str) -> tuple[Document, tuple[Finding, ...]]:
    """The document and what is worth saying about its form; raises FindingError when it cannot be read as one."""
    from studio.exchange import opened

    document, findings = opened(find(name))
    if document is None:
        raise FindingError(findings)
    return document, tuple(findings)


def settings(given: Iterable[str]) -> dict[str, Any]:
    """`["exc.tau_m=15", "exc.v_th=-50 mV"]` as values of the document; raises UsageError for anything without a path and a value."""
    out: dict[str, Any] = {}
    for text in given:
        path, equals, value = text.partition("=")
        if not equals or not path.strip() or not value.strip():
            raise UsageError(f"--set {text}: write PATH=VALUE, for example --set exc.tau_m=15 or --set 'exc.tau_m=0.015 s'.")
        out[path.strip()] = value_of(value)
    return out


def value_of(text: str) -> Any:
    """A number, a number with its unit, JSON (a distribution), or else a word."""
    try:
        return json.loads(text)
    except ValueError:
        pass
    quantity = _QUANTITY.match(text)
    return {"value": _number(quantity[1]), "unit": quantity[2]} if quantity else text.strip()


def _number(text: str) -> int | float:
    return int(text) if text.lstrip("+-").isdigit() else float(text)
