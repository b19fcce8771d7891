"""What an export is made of while it is made: populations, projections, and the step that they are written into."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from studio.engine.connectivity import Synapses
from studio.engine.parameters import Numbers, Receptor
from studio.exchange.onnx.body import Body, Call, Library
from studio.exchange.onnx.learning import Learning
from studio.exchange.onnx.states import States
from studio.findings import Finding
from studio.models.system import System
from studio.network.flat import FlatNetwork, FlatPopulation, FlatProjection


@dataclass
class Group:
    """A population in the making."""

    population: FlatPopulation
    name: str
    system: System
    of: tuple[Receptor, ...]
    numbers: Numbers
    call: Call
    rings: dict[tuple[int, bool], str] = field(default_factory=dict)  # (receptor, of delays one by one) -> its value now
    depth: dict[tuple[int, bool], int] = field(default_factory=dict)
    now: dict[str, str] = field(default_factory=dict)  # states inside the step
    arrived: dict[int, str] = field(default_factory=dict)


@dataclass
class Wire:
    """A spiking projection whose weights do not learn, or which does."""

    p: FlatProjection
    name: str
    found: Synapses
    steps: np.ndarray
    receptor: int
    apart: bool  # whether its ring is that of projections with delays of their own
    learning: Learning | None = None
    kind: str = ""


@dataclass
class Sketch:
    """One step and its surroundings, ready to be put into a Scan."""

    library: Library
    body: Body
    states: States
    inputs: dict[str, tuple[str, int]]  # input -> (path, size)
    outputs: dict[str, tuple[str, str, str, int]]  # output -> (value in the step, path, what, size)
    wires: list[Wire]
    groups: dict[str, Group]
    findings: list[Finding]


class Draft:
    """An export in the making."""

    def __init__(self, flat: FlatNetwork, ordered: bool, traced: frozenset[tuple[str, str]], margins: bool) -> None:
        self.flat, self.ordered, self.traced, self.margins = flat, ordered, traced, margins
        self.dt, self.seed = flat.run.dt, flat.run.seed
        self.library, self.body, self.states = Library(), Body(), States()
        self.findings: list[Finding] = []
        self.inputs: dict[str, tuple[str, int]] = {}
        self.outputs: dict[str, tuple[str, str, str, int]] = {}
        self.groups: dict[str, Group] = {}
        self.wires: list[Wire] = []
        self.spikes: dict[str, str] = {}  # path -> spikes of this step

    def tell(self, code: str, where: str, text: str, severity: Any = "warning", fix: str = "") -> None:
        self.findings.append(Finding(code, severity, where, text, fix))
