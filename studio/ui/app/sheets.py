"""What the app's pages beside the surface share: their frame, and which session they are about."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import panel as pn

from studio.ui.autosave import is_page

if TYPE_CHECKING:
    from studio.ui.app.pages import Pages

Theme = Literal["light", "dark"]
_FOLDER = Path(__file__).parent


def folder_text(name: str) -> str:
    """A file of this folder."""
    return (_FOLDER / name).read_text(encoding="utf-8")


def argument(name: str, default: str = "") -> str:
    """A word of the page's address."""
    given = (pn.state.session_args or {}).get(name, [])
    return given[0].decode(errors="replace") if given else default


def page_name(pages: Pages) -> str:
    """The page in the address; one that names none, or nonsense, gets the entrance's."""
    name = argument("page")
    return name if is_page(name) else pages.entrance()


def theme() -> Theme:
    return "dark" if argument("theme") == "dark" else "light"


def sheet(heading: str, lead: str, content: Any) -> Any:
    """A page of text and panels."""
    made = pn.Template(folder_text("sheet.html"))
    for name, value in {"css": folder_text("style.css"), "heading": heading, "lead": lead, "theme": theme()}.items():
        made.add_variable(name, value)
    made.add_panel("content", content)
    return made


def words(html: str, style: str = "") -> Any:
    """A piece of text in the app's type; Panel puts it into a shadow root, so its style goes with it."""
    return pn.pane.HTML(html, stylesheets=[folder_text("words.css") + style], sizing_mode="stretch_width", margin=0)
