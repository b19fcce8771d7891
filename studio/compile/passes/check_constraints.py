"""Constraints of the document against the program and the machine."""

from __future__ import annotations

from dataclasses import dataclass

from studio.compile.constraints import Rules
from studio.compile.program import Program
from studio.compile.target import Target


@dataclass(frozen=True)
class CheckConstraints:
    """Says which routing constraints the program or the machine breaks (`fit.constraint`: errors).

    Needs: a lowered program. Guarantees: where it adds no error, no neuron has more synapses than a `fan_in` or `fan_out` limit allows
    (rules that are drawn are taken at five standard deviations above their mean), and every region exists on this machine.
    """

    name: str = "check constraints"

    def __call__(self, program: Program, target: Target) -> Program:
        return program.say(*Rules(program, target).findings())
