"""Small pictures of the built-in models for lists: paths in a box of 40 by 16, drawn by `studio.views.reference`."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from functools import cache
from pathlib import Path

from studio.models.spec import Model

FILE = Path(__file__).parent / "sparks.json"
DRAWN = "3"  # grows when pictures are drawn otherwise


def declared(model: Model) -> str:
    """A hash of what a picture depends on: the declaration, less its words."""
    silent = replace(model, title="", doc="", source="", limits="", family="", presets=())
    return hashlib.sha256(f"{DRAWN} {silent!r}".encode()).hexdigest()[:16]


@cache
def kept() -> dict[str, list[str]]:
    """`kind_key` -> hash of the declaration and path; a path is empty where the model has no picture."""
    return json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}


def spark(model: Model) -> str:
    """The path; empty where none is known. (A test says when it was drawn from another declaration.)"""
    return kept().get(f"{model.kind}_{model.key}", ["", ""])[1]
