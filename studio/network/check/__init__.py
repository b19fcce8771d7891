"""Checks: everything worth saying about a document before it runs. One rule a file; RULES is the list.

A rule is a function `Context -> findings`; `declared` lets one that looks at the flat network speak of the document. Its docstring says what it looks for; its codes are stable.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.findings import Finding
from studio.network.check import (
    analog,
    arrays,
    constraints,
    coupled,
    crossbar,
    delays,
    devices,
    empty,
    keys,
    learning,
    loops,
    lowering,
    method,
    ports,
    reach,
    receptors,
    recording,
    shapes,
    sizes,
    task,
    unknown_keys,
    values,
    weights,
)
from studio.network.check.context import Context, prepare
from studio.network.check.declared import declared

Rule = Callable[[Context], Iterable[Finding]]

RULES: tuple[Rule, ...] = (
    values.rule,
    keys.rule,
    ports.rule,
    shapes.rule,
    declared(arrays.rule),
    declared(lowering.rule),
    declared(sizes.rule),
    declared(loops.rule),
    declared(delays.rule),
    declared(weights.rule),
    declared(devices.rule),
    declared(crossbar.rule),
    declared(coupled.rule),
    declared(receptors.rule),
    declared(learning.rule),
    analog.rule,
    declared(recording.rule),
    method.rule,
    task.rule,
    declared(constraints.rule),
    declared(reach.rule),
    empty.rule,
    unknown_keys.rule,
)


@dataclass(frozen=True)
class Examined:
    """What a document flattens to (None when it cannot), and all findings."""

    flat: Any
    findings: tuple[Finding, ...]


def check(document: Any, catalogue: Any = None, set: Mapping[str, Any] | None = None) -> tuple[Finding, ...]:
    """All findings about a document: errors first, then warnings, then remarks."""
    return examine(document, catalogue, set).findings


def examine(document: Any, catalogue: Any = None, settings: Mapping[str, Any] | None = None) -> Examined:
    """The findings, and the flat network that was looked at."""
    context = prepare(document, catalogue, settings)
    found = dict.fromkeys(finding for rule in RULES for finding in rule(context))
    order = {"error": 0, "warning": 1, "info": 2}
    return Examined(context.flat, tuple(sorted(found, key=lambda f: order[f.severity])))
