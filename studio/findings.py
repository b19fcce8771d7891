"""A finding: one thing worth saying about a document, a file or a run, in words a person can act on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True)
class Finding:
    """What is wrong, where, and how to mend it.

    `code` is stable and dotted: a family (`unit`, `path`, `bounds`, `size`, `cycle`, `lossy`, `fit`, `text`) and a word.
    `where` is a path of the document (`cols[1].exc.tau_m`, or inside one circuit `column:exc.tau_m`); empty for the whole file.
    `text` is a sentence with the value given, its unit, and what is allowed. `fix` says what to do, when that is known.
    """

    code: str
    severity: Severity
    where: str
    text: str
    fix: str = ""

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.text}" + (f" {self.fix}" if self.fix else "") + f" [{self.code}]"

    def to_json(self) -> dict[str, str]:
        return asdict(self)


class FindingError(ValueError):
    """Raised where a call cannot go on; carries the findings that say why."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__("\n".join(str(f) for f in self.findings))


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Those that forbid a run."""
    return tuple(f for f in findings if f.severity == "error")
