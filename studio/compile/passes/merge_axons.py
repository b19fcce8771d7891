"""Sources that reach a core in several ways need one entry there, not several."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from studio.compile.graph import BlockGraph, block_graph
from studio.compile.program import Program
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
        graph = block_graph(program)
        apart, merged = float(graph.axons.sum()), merged_axons(program, graph)
        saved = {"apart": round(apart, 1), "merged": round(float(merged.axons.sum()), 1)}
        per_core = np.bincount(merged.target, merged.axons)
        return program.choose(
            axons={**saved, "saved": round(saved["apart"] - saved["merged"], 1), "most": round(float(per_core.max(initial=0.0)), 1)}
        )


def merged_axons(program: Program, graph: BlockGraph | None = None) -> BlockGraph:
    """The block graph with cores for targets, each source counted once a core."""
    graph = block_graph(program) if graph is None else graph
    cores = [p.core if p.core is not None else 0 for p in program.parts]
    return graph.merged(np.array([*cores, *([0] * (len(graph.nodes) - graph.n_parts))], np.int64))
