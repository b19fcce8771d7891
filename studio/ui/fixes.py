"""Fixes that are a value: what a compiler's finding says in words, as something that one press can do."""

from __future__ import annotations

import re
from typing import Any

Json = dict[str, Any]
# "Set exc.size to 1024." "Set p1.delay to 15 ms or less." "Set exc.model to lif."
_SET = re.compile(
    r"^Set (?P<where>[\w.:\[\]*]+) to (?P<value>-?\d+(?:\.\d+)?(?:e[-+]?\d+)?|[a-z]\w*)(?: (?P<unit>[A-Za-zµ%/]+))?(?=[.,;]|$| or )"
)


def setting(fix: str) -> Json | None:
    """What a fix that begins “Set PATH to VALUE UNIT.” would set, or None: it is then for people."""
    found = _SET.match(fix)
    if found is None:
        return None
    text = found["value"]
    value = text if text[0].isalpha() else float(text) if "." in text or "e" in text else int(text)
    return {"where": found["where"], "value": value, "unit": found["unit"] or ""}


def with_settings(report: Json) -> Json:
    """A report whose findings carry what their fixes would set."""
    paths = {path: {**said, "findings": _each(said["findings"])} for path, said in report["paths"].items()}
    return {**report, "paths": paths, "findings": _each(report["findings"])}


def _each(findings: list[Json]) -> list[Json]:
    return [{**f, "apply": found} if (found := setting(f["fix"])) else f for f in findings]
