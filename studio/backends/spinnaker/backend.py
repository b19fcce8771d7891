"""SpiNNaker as back ends. What needs the engine is imported when it is called, so that listing machines stays quick."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.backends.spinnaker.reach import reach
from studio.backends.spinnaker.target import SPINNAKER, SPINNAKER2, tuned
from studio.compile.backend import Backend, Listed, Option, Outcome, Pass, Stimulus
from studio.compile.program import Program
from studio.compile.target import Target
from studio.compile.wiring import Cut

if TYPE_CHECKING:
    from studio.compile.traffic import Traffic


def passes(options: Mapping[str, Any]) -> tuple[Pass, ...]:
    """Cells, slices, weights, speed, places, routes."""
    from studio.backends.spinnaker.delays import SliceLayers
    from studio.backends.spinnaker.lowering import CheckCells, CheckScript, ChooseShifts
    from studio.backends.spinnaker.placing import PlaceSlices
    from studio.backends.spinnaker.routing import RouteSlices
    from studio.backends.spinnaker.timing import ChooseSpeed
    from studio.compile.passes.check_constraints import CheckConstraints, CheckPlaces
    from studio.compile.passes.check_models import CheckModels

    rate, quick = float(30.0 if options.get("rate") is None else options["rate"]), bool(options.get("estimate"))
    first: tuple[Pass, ...] = (
        CheckModels(reach),
        CheckConstraints(),
        CheckCells(),
        SliceLayers(str(options.get("delay_extensions") or "auto"), quick),
        ChooseShifts(rate, str(options.get("headroom") or "auto"), quick=quick),
        ChooseSpeed(rate),
        PlaceSlices(),
        CheckPlaces(),
    )
    return first if quick else (*first, RouteSlices(), CheckScript())


def usage(program: Program, layer: str, cut: Cut) -> Mapping[str, float]:
    """What some neurons take of a core."""
    from studio.backends.spinnaker.slicing import usage as amounts

    return amounts(program, layer, cut)


def emulate(program: Program, stimulus: Stimulus) -> Outcome:
    """In fixed point, every synapse from the program."""
    from studio.backends.spinnaker.load import image_of
    from studio.backends.spinnaker.run import run

    return run(image_of(program), stimulus)


def replay(folder: Path, stimulus: Stimulus) -> Outcome:
    """In fixed point, every synapse that packets find through the artefact's routing tables and rows."""
    from studio.backends.spinnaker.read import read
    from studio.backends.spinnaker.run import run

    return run(read(folder), stimulus)


def traffic(
    program: Program,
    target: Target,
    spikes: Mapping[str, Listed] | None = None,
    steps: int | None = None,
    rates: Mapping[str, float] | None = None,
) -> Traffic | None:
    """As any machine's; where rates are stated, a delay extension repeats its source at the source's rate."""
    from studio.backends.spinnaker.relays import relays
    from studio.compile.activity import stated_rate
    from studio.compile.traffic import traffic_of

    said = dict(rates or {})
    of = {key: program.node(r.of) for key, r in relays(program).items()}
    held = {key: stated_rate(node, program) for key, node in of.items() if node.key not in said and node.path not in said}
    return traffic_of(program, target, spikes, steps, {**held, **said} if held or said else rates)


def _emit(target: Target) -> Any:
    def emit(program: Program, folder: Path) -> tuple[str, ...]:
        from studio.backends.spinnaker.emit import emit as write

        return write(program, folder, target)

    return emit


OPTIONS = (
    Option("neurons_per_core", None, "The most neurons of one core.", kind="whole", low=1),
    Option("boards", None, "Boards of 48 chips; by itself as many as it takes.", kind="whole", low=1),
    Option("rate", 30.0, "Rate of neurons [Hz] for which ring buffers and speed are planned.", low=0),
    Option(
        "delay_extensions",
        "auto",
        "Cores that hold spikes back where ring buffers are too short: where a core would hold fewer than 64 neurons, always, or never.",
        ("auto", "always", "never"),
    ),
    Option("headroom", "auto", "Whether ring buffers may never saturate, whatever precision that costs.", ("auto", "always")),
)
BACKENDS = tuple(
    Backend(
        target=t,
        reach=reach,
        passes=passes,
        usage=usage,
        emit=_emit(t),
        emulate=emulate,
        replay=replay,
        tune=tuned,
        traffic=traffic,
        options=OPTIONS,
    )
    for t in (SPINNAKER, SPINNAKER2)
)
