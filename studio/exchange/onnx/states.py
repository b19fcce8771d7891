"""What a model remembers from step to step, and the constants it reads: the outer side of the Scan."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

START, LAST, NOW = ".start", ".last", ".now"


def clean(path: str) -> str:
    """A path as the name of a value: letters, digits and underscores."""
    return re.sub(r"[^A-Za-z0-9_]+", "_", path).strip("_") or "node"


@dataclass
class State:
    """One state: its start (and so its shape and type), its value inside a step, and its value after it."""

    start: np.ndarray
    inside: str
    after: str = ""
    path: str = ""
    what: str = ""


@dataclass
class States:
    """All states in order, and all constants, by name."""

    rows: dict[str, State] = field(default_factory=dict)
    constants: dict[str, np.ndarray] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def add(self, name: str, start: np.ndarray, path: str = "", what: str = "") -> str:
        """A state with its start; returns its name inside a step. `path`, `what`: whose it is, in the document's words."""
        self.rows[name] = State(np.ascontiguousarray(start), name + NOW, "", path, what)
        return name + NOW

    def keep(self, name: str, value: str) -> None:
        """Its value after the step."""
        self.rows[name].after = value

    def constant(self, name: str, values: Any) -> str:
        """A constant outside the Scan, which its steps read; equal names must mean equal values."""
        self.constants[name] = np.ascontiguousarray(values)
        return name

    def unique(self, path: str) -> str:
        """A free name for a node or projection."""
        name = clean(path)
        free = name if name not in self.names else next(n for k in range(2, len(self.names) + 3) if (n := f"{name}_{k}") not in self.names)
        self.names.add(free)
        return free
