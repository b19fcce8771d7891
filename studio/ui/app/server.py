"""`serve()`: the studio on a port of this machine."""

from __future__ import annotations

import socket
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tornado.ioloop import PeriodicCallback
from tornado.web import RequestHandler

from studio.ui.app.pages import Pages
from studio.ui.assets import STATIC, canvas_file

UPLOAD_BYTES = 512 * 2**20


def serve(file: str | Path | None = None, *, port: int = 0, open_browser: bool = True, address: str = "localhost") -> None:
    """Serves the studio until Ctrl-C; prints its address once it listens. Port 0 takes any free one."""
    canvas_file()
    pages = Pages(None if file is None else Path(file))
    if file is not None:
        pages.session(pages.entrance())  # a file that cannot be read says so now
    server = start(pages, port, address)
    url = f"http://{address}:{server.port}/"
    print(f"Spike Studio: {url}", flush=True)
    if open_browser:
        server.io_loop.add_callback(webbrowser.open, url)
    try:
        server.io_loop.start()
    except KeyboardInterrupt:
        print("Spike Studio has ended; nothing is lost.", flush=True)
    finally:
        server.stop()
        pages.close()


def start(pages: Pages, port: int, address: str = "localhost") -> Any:
    """A server that listens, its event loop not yet started."""
    import panel as pn

    from studio.ui.app import analysis, export, findings, library, surface

    views: dict[str, Callable[[Pages], Any]] = {
        "studio": surface.page,
        "library": library.page,
        "analysis": analysis.page,
        "findings": findings.page,
        "export": export.page,
    }
    pn.extension(throttled=True)
    port = port or free_port(address)
    server = pn.io.server.get_server(
        {name: _bound(view, pages) for name, view in views.items()},
        port=port,
        address=address,
        websocket_origin=sorted({f"{name}:{port}" for name in (address, "localhost", "127.0.0.1")}),
        title="Spike Studio",
        static_dirs={"canvas": str(STATIC)},
        extra_patterns=[("/", Entrance, {"pages": pages})],
        websocket_max_message_size=UPLOAD_BYTES,
        session_token_expiration=86_400,
        http_server_kwargs={"max_buffer_size": UPLOAD_BYTES},
    )
    PeriodicCallback(pages.sweep, 60_000).start()
    return server


class Entrance(RequestHandler):
    """Sends a visitor to a page of their own."""

    def initialize(self, pages: Pages) -> None:
        self._pages = pages

    def get(self) -> None:
        self.set_header("Cache-Control", "no-store")
        self.redirect(f"/studio?page={self._pages.entrance()}")


def _bound(view: Callable[[Pages], Any], pages: Pages) -> Callable[[], Any]:
    return lambda: view(pages)


def free_port(address: str) -> int:
    """A port that nobody listens on. (The web sockets' origin check needs the number before the server has it.)"""
    with socket.create_server((address, 0)) as probe:
        return probe.getsockname()[1]
