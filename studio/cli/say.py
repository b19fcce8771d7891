"""What the command prints for people: findings and complaints, on standard error."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TextIO

from studio.findings import Finding


def complain(text: str, code: int) -> int:
    """Print a sentence and hand back the exit code that goes with it."""
    print(text, file=sys.stderr)
    return code


def print_findings(findings: Iterable[Finding], to: TextIO | None = None) -> None:
    """One sentence a line, the severest first."""
    order = {"error": 0, "warning": 1, "info": 2}
    for finding in sorted(findings, key=lambda f: order[f.severity]):
        print(f"{finding.severity}: {finding}", file=to or sys.stderr)


def counted(n: int, word: str) -> str:
    """`1 spike`, `2,000 spikes`."""
    return f"{n:,} {word}" + ("" if n == 1 else "s")
