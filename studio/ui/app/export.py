"""The export page: each way out, what it is for, and what is lost on it."""

from __future__ import annotations

import io
from html import escape
from typing import TYPE_CHECKING, Any

import panel as pn

from studio.findings import FindingError
from studio.ui import exports
from studio.ui.app import compiled
from studio.ui.app.findings import STYLE, table
from studio.ui.app.sheets import folder_text, page_name, sheet, words
from studio.ui.messages import Format
from studio.ui.session import Session

if TYPE_CHECKING:
    from studio.ui.app.pages import Pages

LEAD = "A file for another tool, for a colleague, or for the drawer. What a format cannot say is told, never dropped in silence."
FOR = {
    "document": "Everything you drew, as one file. It opens here, in JupyterLab, and with <code>studio.load(…)</code> in Python.",
    "recording": "Spikes, traces and weights of the last run with their provenance. Reads with <code>studio.Recording.load(…)</code> or any HDF5 tool.",
    "nir": "The Neuromorphic Intermediate Representation, read by many simulators and chips.",
    "onnx": "The network as one model that stock onnxruntime runs, step by step; it opens here again.",
    "pynn": "A script for NEST or, on SpiNNaker, sPyNNaker.",
    "sonata": "Nodes and edges as HDF5, with a configuration for NEST and BMTK.",
    "python": "A script that builds the same network.",
}


def page(pages: Pages) -> Any:
    session, leave = pages.enter(page_name(pages))
    pn.state.on_session_destroyed(lambda _: leave())
    rows = [way_out(session, form) for form in exports.formats()]
    return sheet("Export", LEAD, pn.Column(*rows, compiled.section(session), sizing_mode="stretch_width"))


def way_out(session: Session, form: Format) -> Any:
    """One format: a sentence, a button, and after the button what was lost."""
    lost = words("", STYLE)

    def file() -> io.BytesIO:
        try:
            made = exports.make(form.key, session.document, session.runs.last_recorded)
        except FindingError as error:
            lost.object = table(error.findings)
            raise
        lost.object = table(made.findings) if made.findings else "<p>Nothing was lost.</p>"
        return io.BytesIO(made.content)

    button = pn.widgets.FileDownload(
        callback=file,
        filename=exports.file_name(session.document.name, form.suffix),
        label=f"Download {form.suffix}",
        embed=False,
        width=180,
        stylesheets=[folder_text("buttons.css")],
        margin=0,
    )
    about = FOR.get(form.key, "")
    said = words(f"<h2>{escape(form.title)}</h2>" + (f"<p>{about}</p>" if about else ""))
    return pn.Column(pn.Row(said, button, sizing_mode="stretch_width"), lost, sizing_mode="stretch_width", margin=(0, 0, 24, 0))
