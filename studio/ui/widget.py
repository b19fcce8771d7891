"""The studio in a notebook cell: `studio.show(net)`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

import anywidget
import traitlets

from studio.network.build import Network, load
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
        """Takes the canvas away; with the last canvas of a network its worker ends."""
        self._detach()
        if not self.session.attached:
            self.session.close()
        super().close()


# One session a network, for as long as a canvas shows it: a cell that is run again gets the same worker, runs and undo.
_OPEN: WeakValueDictionary[int, Session] = WeakValueDictionary()


def show(net: Any = None, height: int = 560) -> StudioWidget:
    """Shows a network on a canvas in this cell, height in pixels: edits there change `net`, edits of `net` change the canvas.

    `net` is a `Network`, the path of a `*.snn.json` file, or nothing for an empty one. Raises NotBuilt where the front end is missing.
    """
    canvas_file()
    network = _network(net)
    session = _OPEN.get(id(network))
    if session is None or session.closed or session.network is not network:
        session = _OPEN[id(network)] = Session(network)
    return StudioWidget(session, height)


def _network(net: Any) -> Network:
    if net is None:
        return Network("Untitled")
    return load(net) if isinstance(net, (str, Path)) else net
