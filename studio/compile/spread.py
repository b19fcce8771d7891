"""Connections by rules for which only sizes count: what reaches each core is the same for every neuron of the source, so that nothing has to be kept pair by pair."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.compile.graph import spreading
from studio.compile.program import Program
from studio.compile.wiring import Cut


@dataclass(frozen=True)
class Spread:
    """Of one layer or input: `axons[core]` is the part of its neurons with a synapse on a core (each counted once, through whichever
    connections), `synapses[core]` how many synapses one of them has there; `apart` the axons of all connections and parts, not merged."""

    source: str
    axons: np.ndarray  # float64 (cores,)
    synapses: np.ndarray  # float64 (cores,)
    apart: float


def spreads(program: Program, cores: np.ndarray) -> list[Spread]:
    """One for each node with such connections; `cores` are those of the program's parts."""
    parts: dict[str, np.ndarray] = {}
    for k, part in enumerate(program.parts):
        parts.setdefault(part.layer, np.zeros(len(program.parts), bool))[k] = True
    sizes = np.array([p.size for p in program.parts], np.int64)
    n = int(cores.max(initial=0)) + 1
    out = []
    for node in (*program.layers, *program.inputs):
        missed, synapses, apart = np.zeros(n), np.zeros(n), 0.0
        found = [c for c in program.out_of(node.key) if spreading(c) and c.target in parts and node.size]
        for c in found:
            own = parts[c.target]
            kinds, back = np.unique(sizes[own], return_inverse=True)
            share = np.array([c.wiring.axons(None, Cut(0, int(size))) / node.size for size in kinds])[back]
            each = np.array([c.wiring.count(None, Cut(0, int(size))) / node.size for size in kinds])[back]
            np.add.at(missed, cores[own], np.log(np.maximum(1.0 - np.minimum(share, 1.0), 1e-300)))
            np.add.at(synapses, cores[own], each)
            apart += float(share.sum()) * node.size
        if found:
            out.append(Spread(node.key, -np.expm1(missed), synapses, apart))
    return out
