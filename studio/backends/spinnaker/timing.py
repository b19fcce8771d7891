"""How much slower than real time a network has to run."""

from __future__ import annotations

import math
from dataclasses import dataclass

from studio.backends.spinnaker.lowering import rates_of
from studio.compile.program import Program
from studio.compile.target import Target
from studio.findings import Finding


@dataclass(frozen=True)
class ChooseSpeed:
    """Chooses by how much the machine is slowed down (`settings["time_scale_factor"]`), an estimate.

    Needs: parts. A core has a millisecond for a step, as sPyNNaker asks (a shorter step slows the machine down), and works through 13 (static)
    or 10 (plastic) million synaptic events a second. `rate` [Hz] is what neurons are taken to fire at; sources have their own.
    """

    rate: float = 30.0
    name: str = "speed"

    def __call__(self, program: Program, target: Target) -> Program:
        rates = rates_of(program)
        busiest, path = 0.0, ""
        for part in program.parts:
            load = 0.0
            for c in program.into(part.layer):
                if c.kinetics is not None:
                    limit = target.limit("plastic_per_second" if c.plasticity.model.plastic else "synapses_per_second")
                    load += c.wiring.count(None, part.cut) * rates.get(c.source, self.rate) / limit
            if load > busiest:
                busiest, path = load, program.node(part.layer).path
        slower = max(1, math.ceil(1.0 / program.dt - 1e-9), math.ceil(busiest - 1e-9))
        program = program.choose(time_scale_factor=slower)
        if slower == 1:
            return program
        why = (
            f"a step of {program.dt:g} ms"
            if 1.0 / program.dt >= busiest
            else f"{busiest:.3g} times the synaptic events a core can take, at {self.rate:g} Hz"
        )
        where = "run.dt" if 1.0 / program.dt >= busiest else path
        text = f"It runs {slower} times slower than real time: {why}."
        return program.say(Finding("fit.speed", "info", where, text))
