"""The library page: templates with a small picture each, and files from this computer."""

from __future__ import annotations

import json
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import panel as pn

from studio import share
from studio.findings import FindingError
from studio.ui.app.sheets import folder_text, page_name, sheet, words
from studio.ui.app.sketch import sketch
from studio.ui.session import Session

if TYPE_CHECKING:
    from studio.ui.app.pages import Pages

LEAD = "Open one and it is yours: the template stays as it is, and undo brings back what you had."
CARD = ":host { border: 1px solid var(--line); border-radius: 6px; overflow: hidden; background: var(--surface); }"
PICTURE = """
svg { display: block; width: 100%; height: 150px; background: var(--paper); border-bottom: 1px solid var(--line); }
h2 { margin: 12px 14px 2px; }
p { margin: 0 14px; }
"""
BACK = "parent !== window && (parent.location.hash = 'studio')"


def page(pages: Pages) -> Any:
    session, leave = pages.enter(page_name(pages))
    pn.state.on_session_destroyed(lambda _: leave())
    cards = pn.GridBox(*(card(session, template) for template in share.templates()), ncols=3, sizing_mode="stretch_width")
    return sheet("Library", LEAD, pn.Column(cards, upload(session), sizing_mode="stretch_width"))


def card(session: Session, template: share.Template) -> Any:
    """One template: its picture, what it is, and the way in."""
    text = f"<h2>{escape(template.title)}</h2><p>{escape(template.description)}</p>"
    picture = words(_picture(template.path) + text, PICTURE)
    button = pn.widgets.Button(name=f"Open {template.title}", stylesheets=[folder_text("buttons.css")], margin=12)
    button.on_click(lambda _: session.open_template(template.name))
    button.js_on_click(code=BACK)
    return pn.Column(picture, button, stylesheets=[CARD], sizing_mode="stretch_both", margin=8)


def upload(session: Session) -> Any:
    """Files from this computer: a document, or another tool's network."""
    style = [folder_text("buttons.css")]
    drop = pn.widgets.FileInput(accept=".json,.nir,.h5,.onnx", multiple=False, sizing_mode="stretch_width", stylesheets=style, margin=0)
    said = words("")

    def opened(event: Any) -> None:
        if event.new is None:
            return
        name = drop.filename or "file"
        try:
            session.open_file(str(name), event.new)
            said.object = f"<p>{escape(str(name))} is open in the studio.</p>"
        except FindingError as error:
            said.object = "".join(f"<p role='alert'>{escape(str(f))}</p>" for f in error.findings)

    drop.param.watch(opened, "value")
    label = words(
        "<h2>A file from this computer</h2><p style='margin-bottom: 8px'>A network document (.snn.json), a NIR graph (.nir) or an ONNX model (.onnx).</p>"
    )
    return pn.Column(label, drop, said, sizing_mode="stretch_width", margin=(24, 0, 0, 0))


@lru_cache(maxsize=64)
def _picture(path: Path) -> str:
    try:
        return sketch(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return sketch({})
