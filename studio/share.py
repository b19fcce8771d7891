"""The files that come with the studio: templates and notebooks, in an installed package or in a checkout."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).resolve().parent
SUFFIX = ".snn.json"
GENTLEST = "first_spike"  # where a newcomer begins


@dataclass(frozen=True)
class Template:
    """A ready network: `name` is what people type, `title` and `description` are the document's own."""

    name: str
    title: str
    description: str
    path: Path


def folder(name: str) -> Path:
    """Where the shared folder `name` ("templates", "notebooks") lies: inside the package, else in the checkout around it."""
    places = (PACKAGE / "_share" / name, PACKAGE.parent / name)
    return next((place for place in places if place.is_dir()), places[0])


def templates(where: Path | None = None) -> tuple[Template, ...]:
    """Every template, the gentlest first, the others by name; a file that cannot be read is listed with that as its description."""
    where = folder("templates") if where is None else where
    found = (_template(path) for path in where.glob(f"*{SUFFIX}"))
    return tuple(sorted(found, key=lambda template: (template.name != GENTLEST, template.name)))


def _template(path: Path) -> Template:
    name = path.name.removesuffix(SUFFIX)
    try:
        said: Any = json.loads(path.read_text(encoding="utf-8"))
        title, description = said.get("name"), said.get("description")
    except (OSError, ValueError, AttributeError):
        title, description = name, "This file cannot be read."
    return Template(name, str(title or name), " ".join(str(description or "").split()), path)
