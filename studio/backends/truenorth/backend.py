"""TrueNorth as a back end: its passes, and what they and the fit meter count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.backends.truenorth.artefact import emit, replay
from studio.backends.truenorth.machine import OPTIONS, PLAIN, SATURATED, TARGET, THRESHOLD, WEIGHT, reach, reach_charges, tune
from studio.backends.truenorth.place import PlaceCores
from studio.compile.backend import Backend, Outcome, Pass, Stimulus
from studio.compile.passes.check_constraints import CheckConstraints
from studio.compile.passes.check_models import CheckModels
from studio.compile.passes.dendrite import Dendrite
from studio.compile.passes.fan_in import SplitFanIn
from studio.compile.passes.route import RouteMesh
from studio.compile.program import Connection, Program
from studio.compile.target import Target
from studio.compile.wiring import Cut, Wiring
from studio.models.spec import Window


@dataclass(frozen=True)
class Remember:
    """Keeps the options that `emit` needs in the program's settings. Needs nothing; changes nothing else."""

    options: Mapping[str, Any]
    name: str = "options"

    def __call__(self, program: Program, target: Target) -> Program:
        numbers = {name: int(self.options[name]) for name in ("chips", "ticks")}
        return program.choose(dialect=str(self.options["dialect"]), form=str(self.options["form"]), **numbers)


def passes(options: Mapping[str, Any]) -> tuple[Pass, ...]:
    models = CheckModels(reach_charges if options["currents"] == "charge" else reach)
    first = (Remember(options), models, CheckConstraints(), divided(options))
    if options["estimate"]:
        from studio.backends.truenorth.estimate import Estimate

        return (*first, Estimate(usage, int(options["axons_per_source"])), PlaceCores(usage))
    from studio.backends.truenorth.arrange import Arrange
    from studio.backends.truenorth.fan_out import FanOut

    leak = None if options["leak"] is None else float(options["leak"])
    floor = None if options["floor"] is None else float(options["floor"])
    arrange = Arrange(str(options["dialect"]), leak, floor, int(options["axons_per_source"]), float(options["measured"]))
    return (*first, arrange, FanOut(), PlaceCores(usage), RouteMesh())


def divided(options: Mapping[str, Any]) -> SplitFanIn:
    """What divides a fan-in of more than 256 axons: each dendrite a neuron with linear reset, its weights fine where sources differ."""
    each = max(1, int(options["axons_per_source"]))
    params = {"reset_mode": 1.0, "v_limit": float(SATURATED if options["dialect"] == "ibm" else PLAIN)}
    dendrite = Dendrite("truenorth", params, "alpha", WEIGHT, THRESHOLD)

    def entries(c: Connection) -> int:
        return 1 if c.wiring.distinct(1) is not None else each

    return SplitFanIn(dendrite, "axons", options["fan_in"] == "split", options["quantum"], entries, host=0)


def usage(program: Program, layer: str, cut: Cut) -> dict[str, float]:
    """What some neurons take of a core: themselves with their copies, and an axon for each source, delay and type."""
    copies = program.settings.get("copies", {}).get(layer, {}).get(str(cut.low), 0)
    per = program.settings.get("per_source", {})
    return {"neurons": cut.size + copies, "axons": sum(_axons(c.wiring, cut) * per.get(c.key, 1) for c in program.into(layer))}


def _axons(wiring: Wiring, cut: Cut) -> float:
    """The distinct sources of some neurons; of tiles of a window by their kind, which is quicker."""
    from studio.backends.truenorth import blocks

    if cut.box is not None and len(cut.box) == 2 and isinstance(wiring.form, Window) and blocks.simple(wiring.form):
        return float(len(blocks.heard(wiring.form, cut)[0]))
    return wiring.axons(None, cut)


def emulate(program: Program, stimulus: Stimulus) -> Outcome:
    """See `studio.backends.truenorth.emulate`."""
    from studio.backends.truenorth.emulate import emulate as run

    return run(program, stimulus)


BACKENDS = (
    Backend(
        target=TARGET,
        reach=reach,
        passes=passes,
        usage=usage,
        emit=emit,
        emulate=emulate,
        replay=replay,
        tune=tune,
        options=OPTIONS,
    ),
)
