"""Which core each tile lies on, for the fit meter."""

from __future__ import annotations

from dataclasses import dataclass, replace

from studio.compile.constraints import Rules
from studio.compile.passes.place import Place
from studio.compile.program import Program
from studio.compile.target import Target


@dataclass(frozen=True)
class PlaceQuickly:
    """Gives every part the next core, which takes no time; with constraints it places as `careful` does.

    Needs: no more parts than cores. Guarantees: no two parts share a core.
    """

    careful: Place
    name: str = "place"

    def __call__(self, program: Program, target: Target) -> Program:
        if Rules(program, target).all:
            return self.careful(program, target)
        return replace(program, parts=tuple(replace(p, core=k) for k, p in enumerate(program.parts)))
