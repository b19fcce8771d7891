"""The studio in the browser, served by Panel: `serve()` opens it."""

from __future__ import annotations

from typing import Any

__all__ = ["serve"]


def __getattr__(name: str) -> Any:
    if name != "serve":
        raise AttributeError(f"module 'studio.ui.app' has no name {name!r}")
    from studio.ui.app.server import serve

    return serve
