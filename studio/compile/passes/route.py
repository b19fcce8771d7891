"""Ways through a mesh: from each part to the cores that hear it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from studio.compile.graph import block_graph
from studio.compile.passes.plan import coordinates, span
from studio.compile.program import Program, Route
from studio.compile.target import Target, Topology

Place = tuple[int, int, int]
Link = tuple[Place, Place]


@dataclass(frozen=True)
class RouteMesh:
    """Lays ways from every part to the cores that it reaches (`Program.routes`), along rows first, then along columns.

    Needs: placed parts and a mesh (on a bus the routes have no links). Guarantees: a route for each part with targets and for each input,
    with the cores it reaches in order; the links of a part's ways make a tree, since two ways along rows and then columns never part and
    meet again; on a torus the shorter way round is taken. `axons` of a route count a source once for each core it reaches, whatever the
    number of connections (what `merge_axons` says was saved). `multicast`: whether a spike crosses a link of its tree once (SpiNNaker) or
    once for each core beyond it (Loihi, TrueNorth); `compile.traffic` counts so. Inputs come from the host and cross no links here.
    """

    multicast: bool = False
    name: str = "route"

    def __call__(self, program: Program, target: Target) -> Program:
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
        return replace(program, routes=tuple(routes)).choose(route={"multicast": self.multicast})


class Mesh:
    """Ways between routers, by rows first. Routers are named (chip, column, row) as in `Topology.place`."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.width, self.height = span(topology)
        x, y = coordinates(topology)
        self.x, self.y = x.tolist(), y.tolist()

    def name(self, x: int, y: int) -> Place:
        t = self.topology
        across, column = divmod(x, t.columns)
        down, row = divmod(y, t.rows)
        return down * max(t.chip_columns, 1) + across, column, row

    def way(self, source: int, target: int) -> list[tuple[int, int]]:
        """The routers (x, y) from one core's to another's, both included."""
        x, y, tx, ty = self.x[source], self.y[source], self.x[target], self.y[target]
        out = [(x, y)]
        for step in self._steps(x, tx, self.width):
            x = (x + step) % self.width
            out.append((x, y))
        for step in self._steps(y, ty, self.height):
            y = (y + step) % self.height
            out.append((x, y))
        return out

    def _steps(self, a: int, b: int, n: int) -> list[int]:
        far = b - a
        if self.topology.wraps:
            far = (far + n // 2) % n - n // 2
        return [1 if far > 0 else -1] * abs(far)

    def links(self, source: int, target: int) -> list[Link]:
        """The links from one core's router to another's."""
        way = [self.name(x, y) for x, y in self.way(source, target)]
        return list(zip(way[:-1], way[1:], strict=True))

    def tree(self, source: int, targets: Iterable[int]) -> tuple[Link, ...]:
        """The links of all ways, each once, in order of discovery."""
        return tuple(dict.fromkeys(link for target in targets for link in self.links(source, target)))
