"""Where the built front end lies."""

from __future__ import annotations

from pathlib import Path

STATIC = Path(__file__).resolve().parents[1] / "labextension" / "static"


class NotBuilt(RuntimeError):
    """The front end was never built in this checkout."""

    def __init__(self) -> None:
        super().__init__("The canvas is not built. In a checkout run `make app`, or `npm ci && npm run build` in widgets/.")


def canvas_file() -> Path:
    """The ES module of the canvas; raises NotBuilt where it is missing."""
    file = STATIC / "canvas.js"
    if not file.is_file():
        raise NotBuilt
    return file
