"""What a session and the process that compiles send each other."""

from __future__ import annotations

from dataclasses import dataclass

from studio.findings import Finding
from studio.ui.said import Json


@dataclass(frozen=True)
class Order:
    """What to compile for, where the artefact goes, and whether it is tried."""

    target: str
    options: Json
    verify: bool
    folder: str
    archive: str


@dataclass(frozen=True)
class Done:
    """What is left of a compilation: the report as JSON, or why there is none."""

    report: Json | None
    text: str = ""
    findings: tuple[Finding, ...] = ()
