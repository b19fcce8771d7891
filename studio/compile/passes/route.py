"""Ways through a mesh: from each part to the cores that hear it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from studio.compile.graph import block_graph, pairs
from studio.compile.mesh import Link, Mesh
from studio.compile.program import Program, Route
from studio.compile.target import Target

MOST = 5_000_000  # pairs of parts joined by rules that join everything

__all__ = ["Link", "Mesh", "RouteMesh"]


@dataclass(frozen=True)
class RouteMesh:
    """Lays ways from every part to the cores that it reaches (`Program.routes`), along rows first, then along columns.

    Needs: placed parts and a mesh (on a bus the routes have no links). Guarantees: a route for each part with targets and for each input,
    with the cores it reaches in order; the links of a part's ways make a tree, since two ways along rows and then columns never part and
    meet again; on a torus the shorter way round is taken. `axons` of a route count a source once for each core it reaches, whatever the
    number of connections (what `merge_axons` says was saved). `multicast`: whether a spike crosses a link of its tree once (SpiNNaker) or
    once for each core beyond it (Loihi, TrueNorth); `compile.traffic` counts so. Inputs come from the host and cross no links here. More than
    MOST pairs of parts are not listed: the program then has no routes, and traffic is counted from the rules.
    """

    multicast: bool = False
    name: str = "route"

    def __call__(self, program: Program, target: Target) -> Program:
        program = program.choose(route={"multicast": self.multicast})
        if pairs(program) > MOST:
            return program
        graph = block_graph(program)
        cores = np.array([-1 if p.core is None else p.core for p in program.parts], np.int64)
        if (cores < 0).any() or not len(cores):
            return program
        by_core = graph.merged(np.concatenate([cores, np.full(len(graph.nodes) - graph.n_parts, -1)]))
        mesh = Mesh(target.topology)
        starts = np.searchsorted(by_core.source, np.arange(len(graph.nodes) + 1))
        routes = []
        for k, (a, b) in enumerate(zip(starts[:-1], starts[1:], strict=True)):
            if a == b:
                continue
            targets = by_core.target[a:b]
            inside = k < graph.n_parts and target.topology.kind != "bus"
            links = mesh.tree(int(cores[k]), targets.tolist()) if inside else ()
            routes.append(Route(graph.nodes[k], tuple(targets.tolist()), float(by_core.axons[a:b].sum()), links))
        return replace(program, routes=tuple(routes))
