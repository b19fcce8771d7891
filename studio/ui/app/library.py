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
from studio.ui.app.sheets import page_name, sheet
from studio.ui.app.sketch import sketch
from studio.ui.session import Session

if TYPE_CHECKING:
    from studio.ui.app.pages import Pages

LEAD = "Open one and it is yours: the template stays as it is, and undo brings back what you had."
CARD = """
:host { border: 1px solid var(--line); border-radius: 6px; overflow: hidden; background: var(--surface); }
svg { display: block; width: 100%; height: 150px; background: var(--paper); border-bottom: 1px solid var(--line); }
h2 { margin: 12px 14px 2px; font-size: 14px; line-height: 20px; font-weight: 600; }
p { margin: 0 14px; color: var(--ink-2); font-size: 13px; line-height: 19px; }
"""
BUTTON = """
.bk-btn.bk-btn-default {
  border: 1px solid var(--line-strong); border-radius: 4px; background: var(--surface); color: var(--ink);
  font: 13px/20px var(--font); padding: 3px 12px; box-shadow: none;
}
.bk-btn.bk-btn-default:hover { background: var(--hover); border-color: var(--line-strong); color: var(--ink); }
.bk-btn.bk-btn-default:focus-visible { outline: 2px solid var(--ink); outline-offset: -1px; }
"""
BACK = "parent !== window && (parent.location.hash = 'studio')"


def page(pages: Pages) -> Any:
    session, leave = pages.enter(page_name(pages))
    pn.state.on_session_destroyed(lambda _: leave())
    cards = pn.GridBox(*(card(session, template) for template in share.templates()), ncols=3, sizing_mode="stretch_width")
    return sheet("Library", LEAD, pn.Column(upload(session), cards, sizing_mode="stretch_width"))


def card(session: Session, template: share.Template) -> Any:
    """One template: its picture, what it is, and the way in."""
    words = f"<h2>{escape(template.title)}</h2><p>{escape(template.description)}</p>"
    picture = pn.pane.HTML(
        _picture(template.path) + words,
        sizing_mode="stretch_width",
        margin=0,
        stylesheets=[":host{width:100%}" + CARD[CARD.index("svg") :]],
    )
    button = pn.widgets.Button(name=f"Open {template.title}", stylesheets=[BUTTON], margin=12)
    button.on_click(lambda _: session.open_template(template.name))
    button.js_on_click(code=BACK)
    return pn.Column(picture, button, stylesheets=[CARD], sizing_mode="stretch_both", margin=8)


def upload(session: Session) -> Any:
    """Files from this computer: a document, or another tool's network."""
    drop = pn.widgets.FileInput(accept=".json,.nir,.h5", multiple=False, sizing_mode="stretch_width")
    said = pn.pane.HTML("", margin=(4, 0))

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
    label = pn.pane.HTML("<p>A file from this computer (.snn.json or .nir):</p>", margin=(0, 0, 4, 0))
    return pn.Column(label, drop, said, sizing_mode="stretch_width", margin=(0, 8, 16, 8))


@lru_cache(maxsize=64)
def _picture(path: Path) -> str:
    try:
        return sketch(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return sketch({})
