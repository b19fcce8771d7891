"""The studio in a notebook cell: `studio.show(net)`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import traitlets

from studio.network.build import Network
from studio.ui.assets import canvas_file
from studio.ui.session import Session

if TYPE_CHECKING:
    from studio.engine.recording import Recording


class StudioWidget(anywidget.AnyWidget):
    """The studio surface of one session. Displayed twice, both views stay in step."""

    height = traitlets.Int(560).tag(sync=True)
    theme = traitlets.Unicode("auto").tag(sync=True)

    def __init__(self, session: Session, height: int = 560, theme: str = "auto") -> None:
        self._esm = canvas_file().read_text(encoding="utf-8")
        super().__init__(height=height, theme=theme)
        self.session = session
        self.on_msg(lambda _, content, __: session.receive(content))
        self._detach = session.attach(lambda message, buffers: self.send(message, buffers))

    @property
    def network(self) -> Network:
        """The network that is shown."""
        return self.session.network

    @property
    def recording(self) -> Recording | None:
        """The recording of the last run started from this canvas."""
        return self.session.recording

    def close(self) -> None:
        self._detach()
        self.session.close()
        super().close()


def show(net: Any = None, height: int = 560) -> StudioWidget:
    """Shows a network on a canvas in this cell, height in pixels: edits there change `net`, edits of `net` change the canvas.

    `net` is a `Network`, the path of a `*.snn.json` file, or nothing for an empty one.
    """
    return StudioWidget(Session(*_network(net)), height)


def _network(net: Any) -> tuple[Network]:
    from studio.network.build import load

    if isinstance(net, (str, Path)):
        return (load(net),)
    return (Network("Untitled") if net is None else net,)
