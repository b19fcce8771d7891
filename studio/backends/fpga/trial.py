"""One neuron with one receptor as a program of its own, to see whether models render."""

from __future__ import annotations

from typing import cast

from studio.backends.fpga.datapath import datapath
from studio.backends.fpga.formats import formats, joined
from studio.backends.fpga.wire import UnfitError
from studio.compile.program import Connection, Input, Layer, Program
from studio.compile.wiring import Wiring
from studio.findings import FindingError
from studio.models.catalogue import builtin
from studio.models.spec import AllToAll, Kinetics, Model, Neuron
from studio.network.flat import Chosen

DT = 0.1  # ms


def tried(neuron: Neuron, kinetics: Kinetics | None) -> str:
    """Why it is no arithmetic here, in words that end a sentence; empty where it is. Parameters are the catalogue's."""
    program = alone(neuron, kinetics)
    try:
        of = joined(program, program.layers[0])
        datapath(of.system, of.numbers, formats(program, program.layers[0], of))
    except UnfitError as problem:
        return str(problem)
    except FindingError as problem:
        return str(problem.findings[0].text)
    return ""


def alone(neuron: Neuron, kinetics: Kinetics | None) -> Program:
    """A neuron, and where kinetics are given an input of one synapse of weight 1."""
    layer = Layer("n", "n", 1, None, usual(neuron), {}, (0, 1))
    if kinetics is None:
        return Program("n", "fpga", DT, 1, 1, "", (layer,), (), ())
    catalogue = builtin()
    source = Input("x", "x", 1, None, usual(catalogue.get("source", "poisson")))
    wiring = Wiring(1, 1, AllToAll(autapses=True), 1.0, DT, DT)
    rest = [usual(catalogue.get(kind, key)) for kind, key in (("plasticity", "static"), ("device", "ideal"))]
    one = Connection("p", "p", "x", "n", usual(kinetics), rest[0], rest[1], wiring)
    return Program("n", "fpga", DT, 1, 1, "", (layer,), (source,), (one,))


def usual(model: Model) -> Chosen:
    """A model with the catalogue's numbers."""
    return Chosen(model, {p.name: _number(p.default) for p in model.params if p.default is not None})


def _number(value: float | str) -> float | str:
    return value if isinstance(value, str) else float(cast(float, value))
