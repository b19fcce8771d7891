"""The page of the app that is the studio surface, filling the window."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import panel as pn
import param

from studio.ui.app.sheets import folder_text, page_name
from studio.ui.messages import Json
from studio.ui.session import Session

if TYPE_CHECKING:
    from studio.ui.app.pages import Pages


class StudioSurface(pn.custom.AnyWidgetComponent):
    """The ES module of the canvas on a session; messages as `{"message", "buffers"}`, since Panel carries one value each way.

    The module is served as it is under `/canvas/` (`server.py`): Panel's own way, `_bundle`, asks for files beside this one.
    """

    _esm = """
    export default {
      async render(props) {
        const canvas = await import(new URL("canvas/canvas.js", document.baseURI).href);
        return canvas.default.render(props);
      },
    };
    """

    theme = param.Selector(default="auto", objects=["auto", "light", "dark"])

    def __init__(self, session: Session, **params: Any) -> None:
        super().__init__(**params)
        self._session = session

    def say(self, message: Json, buffers: list[bytes]) -> None:
        self.send({"message": message, "buffers": buffers})

    def _handle_msg(self, data: Any) -> None:
        self._session.receive(data.get("message") if isinstance(data, dict) else data)


def page(pages: Pages) -> Any:
    """One visitor's window."""
    name = page_name(pages)
    session, leave = pages.enter(name)
    surface = StudioSurface(session, sizing_mode="stretch_both", min_height=0)
    detach = session.attach(surface.say)

    def left(_: Any) -> None:
        detach()
        leave()

    pn.state.on_session_destroyed(left)
    shell = pn.Template(folder_text("shell.html"))
    shell.add_variable("css", folder_text("style.css"))
    shell.add_variable("page", name)
    shell.add_panel("surface", surface)
    return shell
