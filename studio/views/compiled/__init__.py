"""A report on a compilation as one page that needs nothing else: light and dark, on screen and on paper.

`page(report)` gives the HTML; `write(report, folder)` lays the page and the report's JSON beside the artefact.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from studio.compile.folder import REPORT, fill
from studio.compile.report import Report
from studio.views.compiled import estimates, floor, parts, twin

__all__ = ["PAGE_FILE", "in_theme", "page", "write"]
PAGE_FILE = "report.html"


def page(report: Report | Mapping[str, Any], timings: bool = True) -> str:
    """The page for a report, or for its JSON. Without `timings` it is the same bytes in every compilation."""
    said = report.to_json(timings) if isinstance(report, Report) else dict(report)
    if not timings:
        said.pop("timings_ms", None)
    sections = [
        parts.section("What has to change", "" if said["fits"] else parts.findings(said)),
        parts.section("Beside the ideal network", twin.comparison(said)),
        parts.section("What it takes", parts.totals(said)),
        parts.section("Where it lies", floor.drawing(said)),
        parts.section("Network and machine", parts.paths(said)),
        parts.section("Findings", parts.findings(said) if said["fits"] else ""),
        parts.section("What was lost", parts.losses(said)),
        parts.section("What the links carry", estimates.traffic(said)),
        parts.section("Energy and time", estimates.energy(said)),
        parts.section("How it was compiled", parts.settings(said) + parts.timings(said) + parts.files(said)),
        parts.section("What is not verified", parts.unverified(said)),
    ]
    style = files(__name__).joinpath("style.css").read_text(encoding="utf-8")
    title = escape(f"{said['name'] or 'Network'} on {said['title']}")
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width">\n'
        f"<title>{title}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n{parts.verdict(said)}{''.join(sections)}</main>\n</body>\n</html>\n"
    )


def in_theme(html: str, theme: str) -> str:
    """A page that is light or dark as what stands round it; by itself it is as the reader's system says."""
    return html.replace('<html lang="en">', f'<html lang="en" style="color-scheme: {theme}">', 1)


def write(report: Report, folder: Path) -> Report:
    """Writes report.json and report.html, the same bytes for the same report; returns the report with their names."""
    report = replace(report, files=tuple(sorted({*report.files, PAGE_FILE, REPORT})))
    text = {REPORT: json.dumps(report.to_json(timings=False), indent=2, ensure_ascii=False) + "\n", PAGE_FILE: page(report, timings=False)}

    def both(where: Path) -> tuple[str, ...]:
        for name, content in text.items():
            (where / name).write_text(content, encoding="utf-8")
        return tuple(text)

    fill(folder, both)
    return report
