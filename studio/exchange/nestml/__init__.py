"""NESTML, the modelling language of NEST (https://nestml.readthedocs.io): the plain subset of its neurons, read into a document's own models.

Read are `state`, `parameters`, `internals`, `equations` (x' = ..., inline, kernel), `input`, `output: spike`, `update` with integrate_odes and a refractory
timer, `onReceive`, and one `onCondition` (or `if` in update) that emits a spike. Everything else is a finding with line and column.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from studio.exchange.nestml.blocks import models
from studio.exchange.nestml.neuron import Reader
from studio.exchange.nestml.receptors import Receptor
from studio.exchange.nestml.source import Outside, lines
from studio.findings import Finding, errors
from studio.models.authored import read_model

__all__ = ["Read", "Receptor", "read", "read_text"]


@dataclass(frozen=True)
class Read:
    """What a file holds: bodies for a document's `models` section by key, the kinetics behind each model's ports, and what was found."""

    models: dict[str, dict[str, Any]] = field(default_factory=dict)
    receptors: dict[str, tuple[Receptor, ...]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()


def read(path: str | Path) -> Read:
    """The neurons of a `.nestml` file; a file that cannot be read is a finding."""
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        return Read(findings=(Finding("path.file", "error", str(path), f"It cannot be read: {problem}."),))
    return read_text(text, Path(path).name)


def read_text(text: str, where: str = "") -> Read:
    """The neurons of a NESTML text. A model with something outside the subset is left out, and the finding says where that stands."""
    bodies: dict[str, dict[str, Any]] = {}
    receptors: dict[str, tuple[Receptor, ...]] = {}
    findings: list[Finding] = []
    try:
        found = list(models(lines(text)))
    except Outside as outside:
        return Read(findings=(outside.finding(where),))
    for model in found:
        if isinstance(model, Outside):
            findings.append(model.finding(where))
            continue
        reader = Reader(model, f"{where}:{model.name}".lstrip(":"))
        try:
            body = reader.body()
        except Outside as outside:
            findings.append(outside.finding(reader.where))
            continue
        key = model.name.lower()
        problems = read_model(key, body)[1]
        findings += [*reader.notes, *(Finding(f.code, f.severity, reader.where, f.text, f.fix) for f in problems)]
        if not errors(problems):
            bodies[key], receptors[key] = body, tuple(reader.receptors)
    return Read(bodies, receptors, tuple(findings))
