"""Writes the model reference: a page for every built-in model and an index.

`python -m studio.models.reference` writes `docs/models/`; `--check` only says whether it is up to date (exit code 1 when not).
"""

from __future__ import annotations

import sys
from pathlib import Path

from studio.models.catalogue import builtin
from studio.models.page import contents, page

COMMAND = "python -m studio.models.reference"
FOLDER = Path(__file__).parents[2] / "docs" / "models"


def pages() -> dict[str, str]:
    """File name -> text."""
    models = builtin().models
    return {"README.md": contents(models)} | {f"{m.kind}_{m.key}.md": page(m) for m in models}


def stale(folder: Path = FOLDER) -> list[str]:
    """Names of the pages that differ from what would be written, those that should not be there included."""
    made = pages()
    there = {f.name: f.read_text(encoding="utf-8") for f in folder.glob("*.md")}
    return sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))


def main(arguments: list[str], folder: Path = FOLDER) -> int:
    """Write the pages, or with `--check` say which are stale."""
    old = stale(folder)
    if "--check" in arguments:
        if old:
            print(f"{', '.join(old)} in {folder.name}: not up to date; run {COMMAND}")
        return int(bool(old))
    folder.mkdir(parents=True, exist_ok=True)
    made = pages()
    for name in old:
        if name in made:
            (folder / name).write_text(made[name], encoding="utf-8")
        else:
            (folder / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
