"""Fixes that are a value: what a compiler's finding says in words, as something that one press can do."""

from __future__ import annotations

import re
from typing import Any

from studio.network.flat import Constraint

Json = dict[str, Any]
# "Set exc.size to 1024." "Set p1.delay to 15 ms or less." "Set exc.model to lif."
_SET = re.compile(
    r"^Set (?P<where>[\w.:\[\]*]+) to (?:(?P<number>-?\d+(?:\.\d+)?(?:e[-+]?\d+)?)(?: (?P<unit>[A-Za-zµ%/]+))?|(?P<word>[a-z]\w*))(?=\.(?:\s|$)|, |;|$| or )"
)


def setting(fix: str) -> Json | None:
    """What a fix that begins “Set PATH to VALUE UNIT.” would set, or None: it is then for people."""
    found = _SET.match(fix)
    if found is None:
        return None
    text = found["number"]
    value = found["word"] if text is None else float(text) if "." in text or "e" in text else int(text)
    return {"where": found["where"], "value": value, "unit": found["unit"] or ""}


def with_settings(report: Json, constraints: tuple[Constraint, ...] = ()) -> Json:
    """A report whose findings carry what their fixes would set (`apply`), and those on a constraint whom that concerns (`about`)."""

    def each(findings: list[Json]) -> list[Json]:
        return [_told(f, constraints) for f in findings]

    paths = {path: {**said, "findings": each(said["findings"])} for path, said in report["paths"].items()}
    return {**report, "paths": paths, "findings": each(report["findings"])}


def _told(finding: Json, constraints: tuple[Constraint, ...]) -> Json:
    found = setting(finding["fix"])
    more: Json = {"apply": found} if found else {}
    about = [path for c in constraints if finding["where"] == c.place or finding["where"].startswith(f"{c.place}.") for path in c.paths]
    if about:
        more["about"] = about
    return {**finding, **more}
