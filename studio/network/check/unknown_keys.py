"""Keys that mean nothing to this studio; they are kept."""

from __future__ import annotations

from collections.abc import Iterable

from studio.findings import Finding
from studio.network.check.context import Context
from studio.network.document import unknown_keys


def rule(context: Context) -> Iterable[Finding]:
    """`text.unknown_key` (info)."""
    return unknown_keys(context.document)
