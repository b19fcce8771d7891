"""What is measured: networks, the ways the engine can run each, and the peers beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import documents


@dataclass(frozen=True)
class Way:
    """One way the engine runs a network: arguments of `studio run`, and another document where it needs one."""

    name: str = "stored"
    arguments: tuple[str, ...] = ()
    threads: tuple[int, ...] = (1, 2)
    document: Callable[[Path], Path] | None = None
    nest: str = ""  # the rule, where NEST also runs this document: the same is to be compared with the same


@dataclass(frozen=True)
class Peer:
    """One peer at one number of threads. Spans in ms; `repeats` 0: as many as the engine's."""

    name: str
    threads: int
    warm: float = 200.0
    span: float = 500.0
    repeats: int = 0
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Case:
    """A network and everything it is run with. `span` [ms] is the engine's, its beginning included."""

    key: str
    title: str
    span: float
    ways: tuple[Way, ...]
    peers: tuple[Peer, ...] = ()
    template: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    make: Callable[[Path], Path] | None = None
    repeats: int = 5
    plastic: str = ""  # the projection that learns

    def document(self, into: Path) -> Path:
        """The file that peers read."""
        return self.make(into) if self.make else documents.template(self.template, self.settings, into)

    def engine_arguments(self, way: Way, folder: Path) -> list[str]:
        """What follows `studio run`: the template by its name and its settings, or the file of a made document."""
        if way.document:
            return [str(way.document(folder / f"{self.key}_{way.name.replace(' ', '_')}.snn.json")), *way.arguments]
        if self.make:
            return [str(self.make(folder / f"{self.key}.snn.json")), *way.arguments]
        return [self.template, *(f"--set={path}={value}" for path, value in self.settings.items()), *way.arguments]


def _sheet(n: int, k: int, connector: str, rate: float = 5.0) -> Callable[[Path], Path]:
    return lambda into: documents.sheet(n, k, rate, into, connector)


def _other_rule(name: str, settings: dict[str, Any], connector: str) -> Callable[[Path], Path]:
    return lambda into: documents.connected(name, settings, connector, into)


RESET = {"excitatory.v_reset": 0, "inhibitory.v_reset": 0}
PROCEDURAL = ("--connectivity", "procedural")
CASES = {
    case.key: case
    for case in (
        Case(
            "b1",
            "CUBA: 4,000 neurons, exponential currents, 320 k synapses, 0.1 ms",
            10_000.0,
            (Way(),),
            (Peer("nest", 1, span=2000.0), Peer("nest", 2, span=2000.0), Peer("brian2", 1, span=5000.0), Peer("brian2", 2, span=5000.0)),
            template="cuba",
        ),
        Case(
            "b2",
            "Brunel, delta: 12,500 neurons, 15.6 M synapses, 1.5 ms, 32 Hz",
            5_000.0,
            (
                Way(),
                Way("procedural regular", PROCEDURAL, document=_other_rule("brunel", RESET, "regular")),
                Way("procedural out-degree", PROCEDURAL, document=_other_rule("brunel", RESET, "fixed_out_degree"), nest="out-degree"),
            ),
            (Peer("nest", 1), Peer("nest", 2), Peer("brian2", 1), Peer("brian2", 2)),
            template="brunel",
            settings=RESET,
        ),
        Case(
            "b3",
            "Potjans-Diesmann microcircuit, full scale: 77,169 neurons, 299 M synapses",
            3_000.0,
            (Way("weight table"), Way("float32 weights", ("--weights", "float32"), (2,))),
            (Peer("nest", 2, 100.0, 200.0, repeats=1),),
            template="microcircuit",
        ),
        Case(
            "b4",
            "Brunel with pair STDP on 10 M of 15.6 M synapses",
            3_000.0,
            (Way(),),
            (Peer("nest", 2, 100.0, 300.0), Peer("brian2", 1, 100.0, 200.0, repeats=2)),
            template="brunel_stdp",
            plastic="p3",
        ),
        Case(
            "b5",
            "A billion synapses: 1,000,000 neurons with 1,000 each, 5 Hz",
            500.0,
            (
                Way("stored", threads=(2,)),
                Way("procedural", PROCEDURAL, (2,)),
            ),
            make=_sheet(1_000_000, 1_000, "fixed_out_degree"),
            repeats=2,
        ),
    )
}
