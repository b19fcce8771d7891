"""Routing constraints as compilers ask about them: degrees that are allowed, places that are allowed, who may share one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from studio.compile.program import Connection, Program
from studio.compile.target import Target, Topology
from studio.findings import Finding
from studio.network.flat import Constraint


def constraints(program: Program) -> tuple[Constraint, ...]:
    """The constraints of a program, as values (a program that was read from text has plain dicts)."""
    given = program.constraints or (program.flat.constraints if program.flat is not None else ())
    return tuple(c if isinstance(c, Constraint) else _constraint(c) for c in given)


def _constraint(given: Mapping[str, object]) -> Constraint:
    fields = {k: v for k, v in given.items() if k != "groups"}
    for name in ("cores", "delays"):
        if isinstance(value := fields.get(name), list):
            fields[name] = tuple(value)
    return Constraint(groups=tuple(tuple(g) for g in given["groups"]), **fields)  # type: ignore[arg-type,attr-defined]


@dataclass(frozen=True)
class Rules:
    """What the constraints of a program say about layers on a machine. Paths of a constraint mean every layer that comes from them."""

    program: Program
    target: Target

    @cached_property
    def all(self) -> tuple[Constraint, ...]:
        return constraints(self.program)

    @cached_property
    def _layers(self) -> dict[str, tuple[str, ...]]:
        out: dict[str, list[str]] = {}
        for node in (*self.program.layers, *self.program.inputs):
            out.setdefault(node.path, []).append(node.key)
        return {path: tuple(keys) for path, keys in out.items()}

    def layers(self, paths: tuple[str, ...]) -> tuple[str, ...]:
        """Keys of the layers and inputs that come from these paths."""
        return tuple(key for path in paths for key in self._layers.get(path, ()))

    def allowed(self, layer: str) -> np.ndarray | None:
        """The cores a layer may lie on, ascending; None for all."""
        return self._regions.get(layer)

    @cached_property
    def _regions(self) -> dict[str, np.ndarray]:
        out: dict[str, np.ndarray] = {}
        for one in self.all:
            if one.kind == "region":
                cores = region(one, self.target.topology)
                for layer in self.layers(one.paths):
                    out[layer] = np.intersect1d(out[layer], cores) if layer in out else cores
        return out

    @cached_property
    def together(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """(scope, layers) of everything that is kept together."""
        return tuple((c.scope, frozenset(self.layers(c.paths))) for c in self.all if c.kind == "keep_together")

    @cached_property
    def apart(self) -> dict[str, dict[str, frozenset[str]]]:
        """By scope: a layer -> the layers that may not share a core (or chip) with it."""
        out: dict[str, dict[str, frozenset[str]]] = {"core": {}, "chip": {}}
        for one in (c for c in self.all if c.kind == "keep_apart"):
            groups = [self.layers(group) for group in one.groups]
            for k, group in enumerate(groups):
                others = frozenset(x for j, g in enumerate(groups) if j != k for x in g)
                for layer in group:
                    here = out[one.scope]
                    here[layer] = here.get(layer, frozenset()) | others
        return out

    def findings(self) -> Iterator[Finding]:
        """Degrees above a limit, and regions that this machine does not have (`fit.constraint`, errors)."""
        for one in self.all:
            if one.kind in ("fan_in", "fan_out"):
                yield from self._degree(one)
            elif one.kind == "region" and not len(region(one, self.target.topology)):
                yield self._nowhere(one)

    def _nowhere(self, one: Constraint) -> Finding:
        t = self.target.topology
        text = f"{self.target.title} has no such place: {t.chips:,} chip{'s' * (t.chips != 1)} of {t.cores_per_chip:,} cores, both numbered from 0."
        return Finding("fit.constraint", "error", one.place, text, "Choose a place that exists, or more chips.")

    def _degree(self, one: Constraint) -> Iterator[Finding]:
        assert one.limit is not None
        word = "onto it" if one.kind == "fan_in" else "onto others"
        for path in one.paths:
            most = self._most(path, one.kind == "fan_in")
            if most > one.limit:
                text = (
                    f"A neuron of “{path}” has up to {most:,.6g} synapses {word}; its {one.kind.replace('_', '-')} limit is {one.limit:,}."
                )
                yield Finding(
                    "fit.constraint", "error", path, text, f"Set {one.place}.limit to {int(np.ceil(most))}. Or connect more sparsely."
                )

    def _most(self, path: str, into: bool) -> float:
        """The most synapses of one neuron: of all connections at a node, or of one projection."""
        nodes: dict[str, float] = {}
        for c in self.program.connections:
            end = c.target if into else c.source
            if c.kinetics is not None and (path == _projection(c) or self.program.node(end).path == path):
                nodes[end] = nodes.get(end, 0.0) + (c.wiring.fan_in() if into else c.wiring.fan_out())[1]
        return max(nodes.values(), default=0.0)


def _projection(c: Connection) -> str:
    """The key of the flat projection that a connection comes from."""
    return c.wiring.drawn.key if c.wiring.drawn is not None else c.key


def region(one: Constraint, topology: Topology) -> np.ndarray:
    """The cores of a region, ascending int64; none where the machine has no such place."""
    low, high = one.cores or (0, topology.cores_per_chip)
    inside = np.arange(low, min(high, topology.cores_per_chip), dtype=np.int64)
    chips = range(topology.chips) if one.chip is None else [one.chip] if one.chip < topology.chips else []
    return np.concatenate([inside + chip * topology.cores_per_chip for chip in chips]) if len(chips) else np.zeros(0, np.int64)
