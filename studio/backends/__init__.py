"""The machines a network can be compiled for. A back end is a folder here and one row of ROWS; `docs/guide/new-back-end.md` walks through one.

Others join through the entry point group `spike_studio.backends` (an entry point names a tuple of Backends).
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.metadata import entry_points

from studio.compile.backend import Backend
from studio.findings import Finding, FindingError

__all__ = ["backend", "backends"]
GROUP = "spike_studio.backends"
ROWS = (
    "crossbar",
    "mock",
    "loihi",
    "truenorth",
    "spinnaker",
    "fpga",
)


@cache
def backends() -> dict[str, Backend]:
    """Every back end by its key, in the order of ROWS; a stranger's that cannot be loaded is passed over."""
    found = [b for row in ROWS for b in import_module(f"studio.backends.{row}").BACKENDS]
    for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name):
        try:
            found += entry.load()
        except Exception:  # (a stranger's package must not keep the studio from starting)
            continue
    return {b.key: b for b in found}


def backend(key: str) -> Backend:
    """A back end by its key; raises FindingError with those there are."""
    known = backends()
    if key not in known:
        raise FindingError([Finding("fit.target", "error", "", f"There is no target “{key}”.", f"Use one of {', '.join(known)}.")])
    return known[key]
