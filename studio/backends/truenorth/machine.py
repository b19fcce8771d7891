"""TrueNorth as a target: what a core and a chip hold, its two readings, and the models that it takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.compile.backend import Option
from studio.compile.figures import TRUENORTH_ENERGY
from studio.compile.passes.fan_in import FAN_IN
from studio.compile.program import Program
from studio.compile.target import Limit, Target, Topology
from studio.models.spec import Connector, Device, Kinetics, Model, Neuron, Plasticity

MEROLLA = "Merolla PA et al. (2014) doi:10.1126/science.1254642"
CASSIDY = "Cassidy AS et al. (2013) doi:10.1109/IJCNN.2013.6707077"
RANC = "RANC simulator, commit 08ae4bd: max_tick_offset 16; a packet 15 ticks ahead is dropped"
WEIGHT = 255  # the largest weight and leak: 9 bits with sign
THRESHOLD = 262143  # 18 bits
PLAIN = 2147483647  # RANC's potentials are plain integers
SATURATED = 524287  # IBM's have 20 bits
LONGEST = 15  # ticks from a spike to its effect
NEURONS = ("lif", "lif_euler", "if_euler", "truenorth")

TARGET = Target(
    key="truenorth",
    title="TrueNorth",
    doc="Cores of 256 axons, a binary crossbar and 256 integer neurons with four weights each; a tick is 1 ms; a neuron reaches one axon.",
    topology=Topology("mesh", 64, 64),
    limits={
        "neurons": Limit(256, "", "Neurons of one core, copies and relays included.", MEROLLA),
        "axons": Limit(256, "", "Axons of one core.", MEROLLA),
    },
    dt=1.0,
    delay=(1, LONGEST),
    weight_bits=9,
    energy=TRUENORTH_ENERGY,
    dialect="ranc",
    unverified="The chip itself was not at hand: artefacts are executed as RANC's simulator does. IBM's widths and leak reversal are those of the published equations, and its tools' file formats are not public.",
)

OPTIONS = (
    Option("dialect", "ranc", "Which neuron: RANC's, or IBM's (20 bits saturating, leak that changes sign).", ("ranc", "ibm")),
    Option("chips", 1, "How many chips of 64 x 64 cores lie side by side.", low=1),
    Option("tick", 1.0, "ms: what a tick stands for.", low=1e-6),
    Option(
        "leak",
        None,
        "The leak in place of the decay, in parts of the decay at threshold; empty: 0.5, or 0.25 where it cannot change sign and inhibition arrives.",
        kind="number",
        low=0,
    ),
    Option(
        "measured",
        0.0,
        "ms of a run of the ideal network whose mean potentials say what the decay takes away; the leak of a layer then takes as much. 0: no run.",
        low=0,
    ),
    Option(
        "floor",
        None,
        "How far below its reset a neuron may be inhibited, in parts of its threshold; empty: as far as inputs of chance would throw it.",
        kind="number",
        low=0,
    ),
    Option("currents", "exact", "charge: synaptic currents that decay arrive at once, with their whole charge.", ("exact", "charge")),
    Option("axons_per_source", 4, "At most so many axons of a core for one source, for finer weights.", low=1, high=4),
    *FAN_IN,
    Option("ticks", 1000, "How many ticks of the network's own inputs go into the file.", low=0),
    Option(
        "form",
        "auto",
        "One RANC file, or different cores and a table of where they lie; auto: one file up to 256 cores.",
        ("auto", "ranc", "compact"),
    ),
)


def reach(model: Model) -> str | None:
    """See `studio.exchange.reach`."""
    if isinstance(model, Neuron):
        decays = "Its decay becomes a constant leak, and a refractory time a deeper reset."
        return None if model.key not in NEURONS else ("" if model.key in ("truenorth", "if_euler") else decays)
    if isinstance(model, Kinetics):
        return "" if model.key in ("delta", "pulse") else None
    if isinstance(model, (Plasticity, Device)):
        return "" if model.key in ("static", "ideal") else None
    return "" if isinstance(model, Connector) or model.kind == "source" else None


def reach_charges(model: Model) -> str | None:
    """The same where synaptic currents may arrive at once."""
    return (
        "Its current arrives in one tick, with its whole charge."
        if model.key == "exponential" and isinstance(model, Kinetics)
        else reach(model)
    )


def tune(target: Target, options: Mapping[str, Any]) -> Target:
    """With more chips, another tick or the other dialect."""
    chips = max(1, int(options["chips"]))
    columns = next(c for c in range(1, chips + 1) if c * c >= chips)
    return replace(
        target,
        topology=replace(target.topology, chips=chips, chip_columns=columns),
        dt=float(options["tick"]),
        dialect=str(options["dialect"]),
    )


def target_of(program: Program) -> Target:
    """The target that a program was compiled for."""
    s = program.settings
    return tune(TARGET, {"chips": s.get("chips", 1), "tick": program.dt, "dialect": s.get("dialect", "ranc")})
