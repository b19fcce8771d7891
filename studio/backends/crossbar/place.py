"""Which core each tile lies on."""

from __future__ import annotations

from dataclasses import dataclass, replace

from studio.compile.program import Program
from studio.compile.target import Target
from studio.findings import Finding


@dataclass(frozen=True)
class Place:
    """Gives every part a core of its own, in the program's order.

    Needs: parts. Guarantees: no two parts share a core; an error where there are more parts than cores.
    """

    name: str = "place"

    def __call__(self, program: Program, target: Target) -> Program:
        if len(program.parts) > target.topology.cores:
            text = f"{len(program.parts):,} tiles are needed, the machine has {target.topology.cores:,}."
            return program.say(Finding("fit.cores", "error", "", text, "Take more chips (option chips)."))
        return replace(program, parts=tuple(replace(p, core=k) for k, p in enumerate(program.parts)))
