"""The part of the export page that compiles: a machine with its options, how far it is, and the report with the artefact to take away."""

from __future__ import annotations

import io
from html import escape
from typing import Any

import panel as pn

from studio.findings import FindingError
from studio.ui.app.findings import STYLE, table
from studio.ui.app.sheets import folder_text, theme, words
from studio.ui.compiles import Compilation
from studio.ui.fitting import chips
from studio.ui.session import Session
from studio.views.compiled import in_theme

LEAD = "<h2>For a chip</h2><p>What goes onto the machine, with a report of what was lost on the way. The same as <code>studio compile</code>.</p>"
FEW = 5  # options that need no folding
BY_ITSELF = "by itself"
MARGIN = (6, 16, 2, 0)
FRAME = "width: 100%; height: 720px; border: 1px solid var(--line); border-radius: 6px; background: var(--surface);"


def section(session: Session) -> Any:
    """The whole part."""
    known = {chip["title"]: chip for chip in chips()}
    style = [folder_text("buttons.css")]
    target = pn.widgets.Select(name="Machine", options=list(known), width=240, stylesheets=style, margin=MARGIN)
    verify = pn.widgets.Checkbox(
        name="Verify: read the artefact back, execute it, compare with the ideal network", value=False, stylesheets=style, margin=MARGIN
    )
    options = pn.FlexBox(margin=0, sizing_mode="stretch_width")
    fold = pn.widgets.Button(name="", width=120, stylesheets=style, margin=(8, 0, 0, 0))
    go = pn.widgets.Button(name="Compile", width=120, stylesheets=style, margin=0)
    cancel = pn.widgets.Button(name="Cancel", width=120, visible=False, stylesheets=style)
    said = words("", STYLE)
    away = pn.Row(visible=False)
    page, look = words(""), theme()

    def offered(*_: Any) -> None:
        options[:] = [_field(option) for option in known[target.value]["options"]]
        fold.visible = len(options) > FEW
        folded(not fold.visible)

    def folded(shown: bool) -> None:
        options.visible = shown
        fold.name = f"{'Hide' if shown else 'Show'} {len(options)} options"

    def begin(_: Any) -> None:
        given = {name: value for field in options if (name := field.tags[0]) and (value := _given(field)) is not None}
        session.compile(known[target.value]["key"], given, bool(verify.value))
        refresh()

    shown: list[Any] = [None]

    def refresh() -> None:
        latest = session.compiles.latest
        if latest is None or shown[0] == (now := (latest.number, latest.state, latest.step, round(latest.share, 2))):
            return
        shown[0] = now
        cancel.visible = latest.state == "running"
        said.object = told(latest)
        done = latest.state == "done"
        away[:] = _downloads(session, latest, style) if done else []
        away.visible = done
        page.object = (
            f'<iframe title="Report" sandbox="" style="{FRAME}" srcdoc="{escape(in_theme(latest.page or "", look), quote=True)}"></iframe>'
            if done
            else ""
        )

    target.param.watch(offered, "value")
    fold.on_click(lambda _: folded(not options.visible))
    go.on_click(begin)
    cancel.on_click(lambda _: session.compiles.cancel())
    offered()
    refresh()
    pn.state.add_periodic_callback(refresh, period=300)
    parts = (words(LEAD), target, fold, options, verify, pn.Row(go, cancel, margin=(8, 0)), said, away, page)
    return pn.Column(*parts, sizing_mode="stretch_width", margin=(0, 0, 24, 0))


def told(latest: Compilation) -> str:
    """How a compilation stands, as HTML."""
    if latest.state == "running":
        return f"<p role='status'>{escape(latest.step)} … {latest.share:.0%}</p>"
    if latest.state == "cancelled":
        return f"<p role='status'>Cancelled after {latest.wall_s:.1f} s.</p>"
    if latest.report is None:
        return table(latest.findings) if latest.findings else f"<p role='alert'>{escape(latest.text)}</p>"
    fits = "It fits." if latest.report["fits"] else "It does not fit: the report says what has to change."
    return f"<p role='status'><b>{fits}</b> {latest.wall_s:.1f} s</p>"


def _downloads(session: Session, latest: Compilation, style: list[str]) -> list[Any]:
    def file(made: Any) -> Any:
        def give() -> io.BytesIO:
            return io.BytesIO(made().content)

        return give

    out = []
    for label, made in (("Download .zip", session.compiles.made), ("Download the report", session.compiles.report_page)):
        try:
            name = made().name
        except FindingError:
            continue
        out.append(
            pn.widgets.FileDownload(
                callback=file(made), filename=name, label=label, embed=False, width=180, stylesheets=style, margin=(8, 16, 8, 0)
            )
        )
    return out if latest.report and latest.report["fits"] else out[1:]


def _field(option: dict[str, Any]) -> Any:
    """A widget for an option: a word of a list, a yes or no, or what is typed; empty leaves it to the compiler. Its help says what it means."""
    default = option["default"]
    look = {
        "name": option["name"].replace("_", " "),
        "description": option["doc"],
        "width": 200,
        "tags": [option["name"]],
        "margin": MARGIN,
    }
    look["stylesheets"] = [folder_text("buttons.css")]
    if option["choices"]:
        choices = option["choices"] if default is not None else [BY_ITSELF, *option["choices"]]
        return pn.widgets.Select(options=choices, value=default or BY_ITSELF, **look)
    if isinstance(default, bool):
        return pn.widgets.Select(options={"no": False, "yes": True}, value=default, **look)
    return pn.widgets.TextInput(placeholder=BY_ITSELF if default is None else str(default), **look)


def _given(field: Any) -> Any:
    """What was chosen, as a number where it is one; None: nothing."""
    value = field.value
    if value in ("", BY_ITSELF, None):
        return None
    if not isinstance(value, str):
        return value
    try:
        return int(value) if value.strip().lstrip("-").isdigit() else float(value)
    except ValueError:
        return value
