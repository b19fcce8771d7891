"""CPU time of the passes for a sheet of a million neurons, each with 81 synapses from its neighbours: `python -m benchmarks.sheets [side] [neurons of a core]`."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Mapping

import numpy as np

import studio
from studio.compile.energy import energy_of
from studio.compile.figures import LOIHI_ENERGY, LOIHI_SPEED
from studio.compile.passes.anneal import Anneal
from studio.compile.passes.merge_axons import MergeAxons
from studio.compile.passes.place import Place
from studio.compile.passes.quantise import Quantise
from studio.compile.passes.route import RouteMesh
from studio.compile.passes.split import Split
from studio.compile.program import Program, lower
from studio.compile.target import Limit, Target, Topology
from studio.compile.traffic import traffic_of
from studio.compile.wiring import Cut
from studio.network.flat import FlatNetwork
from studio.network.flatten import flatten


def sheet(side: int) -> FlatNetwork:
    net = studio.Network("Sheet")
    cells = net.population("sheet", side * side, "lif", shape=(side, side))
    kernel = np.random.default_rng(1).normal(size=(1, 1, 9, 9))
    net.connect(cells, cells, studio.convolution(kernel, padding=4), weight=0.1, delay=1.0)
    return flatten(net.document)


def usage(program: Program, layer: str, cut: Cut) -> Mapping[str, float]:
    into = program.into(layer)
    return {"neurons": cut.size, "in_axons": sum(c.wiring.axons(None, cut) for c in into)}


def main(side: int, neurons: int) -> None:
    chips = max(1, -(-side * side // (neurons * 64)))
    topology = Topology("mesh", 16, 8, chips=chips, chip_columns=max(1, round(chips**0.5)))
    counts = {"neurons": Limit(neurons, "", "", "chosen"), "in_axons": Limit(4096, "", "", "chosen")}
    target = Target("sheets", "A mesh", "", topology, {**counts, **LOIHI_SPEED}, energy=LOIHI_ENERGY)
    program = lower(sheet(side), target)
    for step in (Quantise(bits=8), Split(usage), Place(usage), RouteMesh(), MergeAxons(), Anneal(moves=100_000)):
        started = time.process_time()
        program = step(program, target)
        said(step.name, started, f"{len(program.parts):,} parts")
    started = time.process_time()
    traffic = traffic_of(program, target)
    energy = energy_of(program, target, traffic)
    assert traffic is not None and energy is not None, program.findings
    said("traffic and energy", started, f"{len(traffic.links):,} links, {energy.joules / energy.seconds:.3g} W")


def said(name: str, started: float, what: str) -> None:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{name:20s} {time.process_time() - started:6.2f} s  {memory:5d} MiB  {what}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000, int(sys.argv[2]) if len(sys.argv) > 2 else 40)
