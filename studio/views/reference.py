"""Writes the model reference: a page and a picture for every built-in model, an index, and the thumbnails of the canvas.

`python -m studio.views.reference` writes `docs/models/` and `studio/models/sparks.json`; `--check` only says whether they are up to date
(exit code 1 when not). A picture is drawn again only where the model's declaration has changed; the hash in its first line says so.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from studio.exchange.reach import ways
from studio.models import sparks
from studio.models.catalogue import builtin
from studio.models.page import contents, page
from studio.models.spec import Model

COMMAND = "python -m studio.views.reference"
FOLDER = Path(__file__).parents[2] / "docs" / "models"
PICTURES = "pictures"


def name_of(model: Model) -> str:
    return f"{model.kind}_{model.key}"


def pages(folder: Path = FOLDER) -> dict[str, str]:
    """File name -> text; a page shows its picture where there is one."""
    models = builtin().models
    out = {"README.md": contents(models)}
    for model in models:
        picture = f"{PICTURES}/{name_of(model)}.svg"
        shown = picture if (folder / picture).exists() else ""
        out[f"{name_of(model)}.md"] = page(model, shown, [(way.title, way.loss) for way in ways(model)])
    return out


def stale(folder: Path = FOLDER) -> list[str]:
    """Names of the pages that differ from what would be written, those that should not be there included."""
    made = pages(folder)
    there = {f.name: f.read_text(encoding="utf-8") for f in folder.glob("*.md")}
    return sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))


def stale_pictures(folder: Path = FOLDER, file: Path = sparks.FILE) -> list[str]:
    """Names of the models whose picture was drawn from another declaration, or was never tried; and pictures of models that are gone."""
    known = _known(file)
    wanted = {name_of(m): sparks.declared(m) for m in builtin().models}
    old = [name for name, declared in wanted.items() if known.get(name, ["", ""])[0] != declared]
    for name, (declared, path) in known.items():
        svg = folder / PICTURES / f"{name}.svg"
        if name in wanted and name not in old and path and not (svg.exists() and declared in svg.open(encoding="utf-8").readline()):
            old.append(name)
    left = {f.stem for f in (folder / PICTURES).glob("*.svg")} | known.keys()
    return sorted([*old, *(left - wanted.keys())])


def _known(file: Path) -> dict[str, list[str]]:
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def draw(names: list[str], folder: Path = FOLDER, file: Path = sparks.FILE) -> list[str]:
    """Draw these pictures again; returns what could not be drawn, in words."""
    from studio.views.response import respond
    from studio.views.response.svg import svg, thumbnail

    known, failed = _known(file), []
    (folder / PICTURES).mkdir(parents=True, exist_ok=True)
    models = {name_of(m): m for m in builtin().models}
    for name in names:
        target = folder / PICTURES / f"{name}.svg"
        model = models.get(name)
        if model is None:
            known.pop(name, None)
            target.unlink(missing_ok=True)
            continue
        try:
            response = respond(model.kind, model.key)
        except Exception as problem:  # a model in the making must not keep the others from being written
            failed.append(f"{name}: {type(problem).__name__}: {problem}")
            continue
        known[name] = [sparks.declared(model), thumbnail(response)]
        if response.panels:
            target.write_text(
                svg(response, f"{model.title}: how it responds", f"drawn from declaration {known[name][0]}"), encoding="utf-8"
            )
        else:
            target.unlink(missing_ok=True)
    ordered = {name: known[name] for name in sorted(known)}
    file.write_text(json.dumps(ordered, indent=0, ensure_ascii=False) + "\n", encoding="utf-8")
    return failed


def main(arguments: list[str], folder: Path = FOLDER, file: Path = sparks.FILE) -> int:
    """Write pictures and pages, or with `--check` say which are stale."""
    old = stale_pictures(folder, file)
    if "--check" in arguments:
        names = [*(f"{PICTURES}/{name}" for name in old), *stale(folder)]
        if names:
            print(f"{', '.join(names)} in {folder.name}: not up to date; run {COMMAND}")
        return int(bool(names))
    failed = draw(old, folder, file) if old else []
    for problem in failed[:5]:
        print(f"no picture of {problem}", file=sys.stderr)
    if len(failed) > 5:
        print(f"and of {len(failed) - 5} more", file=sys.stderr)
    made = pages(folder)
    for name in stale(folder):
        if name in made:
            (folder / name).write_text(made[name], encoding="utf-8")
        else:
            (folder / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
