"""The studio in the browser, served by Panel: `serve()` opens it."""

from __future__ import annotations

from pathlib import Path


def serve(file: str | Path | None = None, *, port: int = 0, open_browser: bool = True, address: str = "localhost") -> None:
    """Serves the studio until Ctrl-C; prints its address once it listens. Port 0 takes any free one."""
    from studio.ui.app.server import serve as serve_now

    serve_now(file, port=port, open_browser=open_browser, address=address)
