"""The made-up machine: what it holds, its passes, and what goes onto it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.backends.engine import run
from studio.compile.backend import Backend, Option, Outcome, Pass, Stimulus
from studio.compile.passes.check_constraints import CheckConstraints
from studio.compile.passes.check_models import CheckModels
from studio.compile.passes.keep_states import KeepStates
from studio.compile.passes.place import Place
from studio.compile.passes.quantise import Quantise
from studio.compile.passes.schedule_delays import ScheduleDelays
from studio.compile.passes.split import Split
from studio.compile.program import Program
from studio.compile.target import Limit, Target, Topology
from studio.compile.text import read, write
from studio.compile.wiring import Cut
from studio.models.spec import Connector, Device, Kinetics, Model, Neuron, Plasticity

FILE = "program.txt"
OWN = "made up for this page"

TARGET = Target(
    key="mock",
    title="Mock machine",
    doc="A machine that does not exist: it shows how a back end is made.",
    topology=Topology("mesh", 4, 4),
    limits={
        "neurons": Limit(64, "", "Neurons of one core.", OWN),
        "in_axons": Limit(256, "", "Sources that reach one core.", OWN),
        "synapses": Limit(8192, "", "Synapses onto one core.", OWN),
    },
    delay=(1, 63),
    weight_bits=8,
    unverified="There is no such machine.",
)


def reach(model: Model) -> str | None:
    """See `studio.exchange.reach`."""
    if isinstance(model, Neuron):
        return "" if model.key in ("lif", "lif_euler") else None
    if isinstance(model, Kinetics):
        return "Its weights have 8 bits." if model.key in ("delta", "exponential") else None
    if isinstance(model, (Plasticity, Device)):
        return "" if model.key in ("static", "ideal") else None
    return "" if isinstance(model, Connector) or model.kind == "source" else None


def passes(options: Mapping[str, Any]) -> tuple[Pass, ...]:
    checks = (CheckModels(reach), CheckConstraints(), KeepStates(), ScheduleDelays())
    return (*checks, Quantise(bits=8), Split(usage), Place(usage, annealed=bool(options["annealed"])))


def usage(program: Program, layer: str, cut: Cut) -> dict[str, float]:
    """What some neurons take of a core."""
    into = program.into(layer)
    return {
        "neurons": cut.size,
        "in_axons": sum(c.wiring.axons(None, cut) for c in into),
        "synapses": sum(c.wiring.count(None, cut) for c in into),
    }


def emit(program: Program, folder: Path) -> tuple[str, ...]:
    (folder / FILE).write_text(write(program), encoding="utf-8")
    return (FILE,)


def emulate(program: Program, stimulus: Stimulus) -> Outcome:
    """On the engine: the machine's neurons are those of the catalogue, its weights whole numbers times a scale."""
    return run(program, stimulus, tuple((layer, state) for layer, state in program.settings.get("record", ())))


def replay(folder: Path, stimulus: Stimulus) -> Outcome:
    return emulate(read((folder / FILE).read_text(encoding="utf-8")), stimulus)


BACKENDS = (
    Backend(
        target=TARGET,
        reach=reach,
        passes=passes,
        usage=usage,
        emit=emit,
        emulate=emulate,
        replay=replay,
        options=(Option("annealed", False, "Look longer for short ways."),),
    ),
)
