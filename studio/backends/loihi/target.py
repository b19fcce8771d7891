"""Loihi 1 and Loihi 2: what a core holds, with sources."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from studio.compile.backend import Option
from studio.compile.figures import LOIHI2_SPEED, LOIHI_ENERGY, LOIHI_SPEED
from studio.compile.passes.fan_in import FAN_IN
from studio.compile.target import Limit, Target, Topology
from studio.findings import Finding, FindingError

NENGO = "nengo-loihi 1.1.0, block.py (MAX_COMPARTMENTS, MAX_IN_AXONS, MAX_OUT_AXONS, MAX_SYNAPSE_BITS), which follows NxSDK"
CONFIGS = "nengo-loihi 1.1.0, hardware/nxsdk_objects.py"
POHOIKI = "Pohoiki Springs, 768 chips: Frady EP et al. (2020) Neuromorphic nearest neighbor search using Intel's Pohoiki Springs. doi:10.1145/3381755.3398695"
NXSDK = "Comments of NxSDK's tutorials on synaptic delays (2^13 accumulators, delayBits up to 6), as public repositories quote them"
LOIHI2 = "Intel (2021) Taking neuromorphic computing to the next level with Loihi 2, technology brief; Orchard G et al. (2021) doi:10.1109/SiPS52927.2021.00053"
HALA = "Hala Point, 1,152 Loihi 2 chips: Intel newsroom, 17 April 2024"

LIMITS = {
    "neurons": Limit(1024, "compartments", "Neurons of one core.", NENGO, "source"),
    "in_axons": Limit(4096, "", "Sources that reach one core: each has an entry that points to its synapse list.", NENGO, "source"),
    "out_axons": Limit(4096, "", "Entries for spikes that leave a core: one for each neuron and core that it reaches.", NENGO, "source"),
    "synapse_words": Limit(16384, "64-bit words", "Synapse memory of one core.", NENGO, "source"),
    "accumulators": Limit(
        8192, "", "Sums that wait for a later step: 2^bits for each neuron of a core, for delays of up to 2^bits - 2 steps.", NXSDK, "page",
    ),
    "profiles": Limit(32, "", "Different combinations of du, dv and refractory time on one core.", CONFIGS, "source"),
    "thresholds": Limit(8, "", "Different thresholds on one core.", CONFIGS, "source"),
    "formats": Limit(8, "", "Different ways to write synapses on one core.", CONFIGS, "source"),
}  # fmt: skip
LOIHI = Target(
    key="loihi",
    title="Loihi",
    doc="Intel's first Loihi: 128 cores of 1,024 integer compartments, 8-bit weights, learning on the chip.",
    topology=Topology("mesh", 8, 4, cores_per_router=4, chips=768, chip_columns=32),
    limits={**LIMITS, **LOIHI_SPEED},
    delay=(1, 62),
    weight_bits=9,
    energy=LOIHI_ENERGY,
    dialect="lava-nc and nengo-loihi: du has a built-in +1, weights of both signs lose their lowest bit, a negative exponent loses none.",
    unverified="The integer step is that of lava-nc 0.10 and nengo-loihi 1.1, bit for bit; memory is counted as nengo-loihi counts it. No chip was at hand: spikes that come twice from the host in one step, and the time a step takes are not confirmed.",
)

LOIHI_2 = replace(
    LOIHI,
    key="loihi2",
    title="Loihi 2",
    doc="Intel's second Loihi, as tables: whether a network's neurons, synapses and axons lie within its published limits.",
    topology=Topology("mesh", 10, 3, cores_per_router=4, chips=1152, chip_columns=36),
    limits={
        "neurons": Limit(8192, "", "Neurons of one core (with the smallest neuron state).", LOIHI2, "page"),
        "in_axons": replace(LIMITS["in_axons"], source="as Loihi; Loihi 2's tables share one memory", mark="derived"),
        "out_axons": replace(LIMITS["out_axons"], source="as Loihi; Loihi 2's tables share one memory", mark="derived"),
        "synapse_words": Limit(24576, "64-bit words", "Memory of one core, 192 KiB, taken as synapse memory.", LOIHI2, "page"),
        "profiles": LIMITS["profiles"],
        "thresholds": replace(
            LIMITS["thresholds"], value=32, source="as Loihi's profiles; microcode reads thresholds from memory", mark="derived"
        ),
        "formats": LIMITS["formats"],
        **LOIHI2_SPEED,
    },
    energy={},
    dialect="Loihi 1's integer neuron, as lava-nc 0.10 runs it on both chips.",
    unverified="Constraint checks and tables only: Loihi 2's memory layout is not published, so that cores are counted with Loihi 1's formats in Loihi 2's sizes;"
    " nothing here was compared with a chip.",
)

OPTIONS = (
    Option("dt", None, "Step in ms; empty: the document's. A step is one of the chip's, whatever it means in ms.", kind="number", low=1e-6),
    Option("chips", None, "The most chips that may be used: 1, 32 (Nahuku) or 768 (Pohoiki Springs) for Loihi; empty: the largest system built.", kind="whole", low=1),
    Option("weights", "nearest", "How weights are rounded.", ("nearest", "stochastic", "down")),
    Option("channels", "shared", "One scale for a population, or one for each neuron (up to 8 thresholds).", ("shared", "target")),
    Option("time_constants", "strict", "Receptors of different time constants on one population: refused, or merged into one of equal charge.", ("strict", "merge")),
    *FAN_IN,
    Option("annealed", False, "Look longer for short ways between cores."),
    Option("headroom", None, "The largest current and voltage, in threshold distances; empty: 32 with jumps only, else 4.", kind="number", low=1),
)  # fmt: skip


def number(options: Mapping[str, Any], name: str, least: float) -> float | None:
    """An option that is a number of at least `least`, None where it is not given; raise FindingError for another."""
    value = options.get(name)
    if value is None:
        return None
    try:
        given = float(value)
    except (TypeError, ValueError):
        given = float("nan")
    if not given >= least:
        raise FindingError([Finding("fit.option", "error", "", f"“{name}” is {value!r}.", f"Give a number of at least {least:g}.")])
    return given


def tuned(target: Target, options: Mapping[str, Any]) -> Target:
    """The target with as many chips as asked for."""
    chips = number(options, "chips", 1)
    if chips is None:
        return target
    t = target.topology
    return replace(target, topology=replace(t, chips=int(chips), chip_columns=min(t.chip_columns, int(chips))))
