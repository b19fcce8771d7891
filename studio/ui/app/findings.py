"""The findings page: everything the checks and the last run said, with what to do about it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import panel as pn

from studio.findings import Finding
from studio.ui.app.sheets import page_name, sheet, words
from studio.ui.session import Session

if TYPE_CHECKING:
    from studio.ui.app.pages import Pages

_ORDER = {"error": 0, "warning": 1, "info": 2}
_WORD = {"error": "Error", "warning": "Warning", "info": "Note"}
LEAD = "What the checks say of the network as it stands, and what the last run said. An error keeps the network from running."
STYLE = """
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; color: var(--ink-2); }
th, td { padding: 6px 16px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.mono { font-family: var(--mono); font-size: 12px; white-space: nowrap; }
.error td:first-child { color: var(--error); font-weight: 600; }
.warning td:first-child { color: var(--warning); font-weight: 600; }
.fix { color: var(--ink-2); }
"""


def page(pages: Pages) -> Any:
    session, leave = pages.enter(page_name(pages))
    pn.state.on_session_destroyed(lambda _: leave())
    pane = words(table(found(session)), STYLE)

    def refresh() -> None:
        pane.object = table(found(session))

    pn.state.add_periodic_callback(refresh, period=1000)
    return sheet("Findings", LEAD, pane)


def found(session: Session) -> tuple[Finding, ...]:
    """The checks' findings and, after them, those of the last run that the checks do not have."""
    latest = session.runs.latest
    of_run = () if latest is None else tuple(f for f in latest.findings if f not in session.findings)
    return session.findings + of_run


def table(findings: tuple[Finding, ...]) -> str:
    """The findings as an HTML table, worst first."""
    if not findings:
        return "<p>Nothing to say: the network has no findings.</p>"
    rows = "".join(_row(f) for f in sorted(findings, key=lambda f: _ORDER[f.severity]))
    return f"<table><thead><tr><th>Severity</th><th>Where</th><th>What</th><th>Code</th></tr></thead><tbody>{rows}</tbody></table>"


def _row(f: Finding) -> str:
    fix = f'<div class="fix">{escape(f.fix)}</div>' if f.fix else ""
    where = escape(f.where) or "the whole document"
    return (
        f'<tr class="{f.severity}"><td>{_WORD[f.severity]}</td><td class="mono">{where}</td>'
        f'<td>{escape(f.text)}{fix}</td><td class="mono">{escape(f.code)}</td></tr>'
    )
