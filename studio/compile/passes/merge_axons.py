"""Sources that reach a core in several ways need one entry there, not several."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.compile.graph import block_graph
from studio.compile.program import Program
from studio.compile.spread import spreads
from studio.compile.target import Target


@dataclass(frozen=True)
class MergeAxons:
    """Counts axons once for each source and core, however many connections and parts of that core it reaches (`settings["axons"]`).

    Needs: placed parts. Guarantees: `settings["axons"]` says `apart` (an axon for each connection onto each part), `merged` (one for each
    source and core), `saved`, and `most` (of one core, merged). Counted from rules: sources of independently drawn connections meet by chance.
    """

    name: str = "merge axons"

    def __call__(self, program: Program, target: Target) -> Program:
        if not program.parts or any(p.core is None for p in program.parts):
            return program
        apart, per_core = counted(program)
        merged, most = float(per_core.sum()), float(per_core.max(initial=0.0))
        said = {"apart": apart, "merged": merged, "saved": apart - merged, "most": most}
        return program.choose(axons={name: round(value, 1) for name, value in said.items()})


def counted(program: Program) -> tuple[float, np.ndarray]:
    """(axons of all connections and parts, merged axons of each core)."""
    cores = np.array([p.core for p in program.parts], np.int64)
    local = block_graph(program, spread=False)
    merged = local.merged(np.append(cores, np.zeros(len(local.nodes) - len(cores), np.int64)))
    apart, per_core = float(local.axons.sum()), np.bincount(merged.target, merged.axons, int(cores.max()) + 1)
    for one in spreads(program, cores):
        apart += one.apart
        per_core = per_core + program.node(one.source).size * one.axons
    return apart, per_core
