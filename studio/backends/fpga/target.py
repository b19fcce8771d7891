"""The FPGAs: what the cores of a design share, every number with its source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from studio.compile.backend import Option
from studio.compile.target import Limit, Mark, Target, Topology

UP5K = "Lattice, iCE40 UltraPlus Family Data Sheet, FPGA-DS-02008, table 2.1; the chip database of nextpnr-ice40 0.4 has the same"
ECP5 = "Lattice, ECP5 and ECP5-5G Family Data Sheet, FPGA-DS-02012, family selection (as quoted by users of the device); the chip database of nextpnr-ecp5 0.11 has the same"
ARTIX = "Xilinx, 7 Series FPGAs Data Sheet: Overview, DS180, table 4 (as quoted on pages of Nexys A7 and Arty A7 boards)"
HOROWITZ = "Horowitz M (2014) Computing's energy problem. doi:10.1109/ISSCC.2014.6757323 (45 nm)"
OURS = "a choice of this design"
KINTEX = "Xilinx, 7 Series FPGAs Data Sheet: Overview, DS180, table 6"
PLACED_ECP5 = "Templates that were placed and routed for a ULX3S with nextpnr reached 59 to 77 MHz (docs/measurements.md)."
PLACED_ICE40 = (
    "The clock of an iCEBreaker; a template that was placed and routed with nextpnr reached three times as much (docs/measurements.md)."
)
ASSUMED = "An assumption: nothing was placed and routed for this device."
ICE40_BLOCKS = ((256, 16), (512, 8), (1024, 4), (2048, 2))
ECP5_BLOCKS = ((512, 36), (1024, 18), (2048, 9), (4096, 4), (8192, 2), (16384, 1))
XILINX_BLOCKS = ECP5_BLOCKS


@dataclass(frozen=True)
class Device:
    """An FPGA. `shapes`: (words, bits) as which a block of memory can be used; `least`: bits for each block from which Yosys 0.23 takes blocks for a
    memory that is written, and for one that is only read (less goes into tables or registers); `factors`: bits of a multiplier's two factors, signed.

    `sign`: bits that each further piece of a wider factor loses, 1 where multipliers take signed factors only.
    `luts` tables of `lut_inputs` inputs; `clock` [MHz] that designs are planned for, and `reached`: what is known of it; `synth` is Yosys' command.
    """

    key: str
    title: str
    blocks: int
    shapes: tuple[tuple[int, int], ...]
    least: tuple[int, int]
    multipliers: int
    factors: tuple[int, int]
    sign: int
    luts: int
    lut_inputs: int
    clock: float
    reached: str
    synth: str
    source: str
    mark: Mark


DEVICES: Mapping[str, Device] = MappingProxyType(
    {
        d.key: d
        for d in (
            Device(
                "up5k",
                "iCE40 UP5K",
                30,
                ICE40_BLOCKS,
                (64, 1024),
                8,
                (16, 16),
                0,
                5280,
                4,
                12.0,
                PLACED_ICE40,
                "synth_ice40 -dsp",
                UP5K,
                "source",
            ),
            Device(
                "ecp5_85",
                "ECP5-85F",
                208,
                ECP5_BLOCKS,
                (2048, 2048),
                156,
                (18, 18),
                0,
                83_640,
                4,
                50.0,
                PLACED_ECP5,
                "synth_ecp5",
                ECP5,
                "source",
            ),
            Device(
                "xc7a100t",
                "Artix-7 100T",
                270,
                XILINX_BLOCKS,
                (922, 922),
                240,
                (25, 18),
                1,
                63_400,
                6,
                50.0,
                ASSUMED,
                "synth_xilinx",
                ARTIX,
                "page",
            ),
            Device(
                "xc7k325t",
                "Kintex-7 325T",
                890,
                XILINX_BLOCKS,
                (922, 922),
                840,
                (25, 18),
                1,
                203_800,
                6,
                50.0,
                ASSUMED,
                "synth_xilinx",
                KINTEX,
                "memory",
            ),
        )
    }
)
USUAL = "ecp5_85"
CORES = 16


def _limits(d: Device) -> dict[str, Limit]:
    width = " x ".join(str(b) for b in d.factors)
    kbit = d.shapes[0][0] * d.shapes[0][1] / 1024
    memory = f"Blocks of {kbit:g} kbit of the whole device. They hold states, sums on their way, rows and synapses."
    logic = f"Look-up tables of {d.lut_inputs} inputs of the whole device; what a core takes is estimated."
    return {
        "memory_blocks": Limit(d.blocks, "", memory, d.source, d.mark, shared=True),
        "multipliers": Limit(d.multipliers, "", f"Hard multipliers of {width} bits of the whole device.", d.source, d.mark, shared=True),
        "tables": Limit(d.luts, "", logic, d.source, d.mark, shared=True),
        "clock": Limit(d.clock, "MHz", f"Clock for which the design is planned. {d.reached}", OURS, "derived"),
    }


ENERGY: Mapping[str, Limit] = MappingProxyType(
    {
        "multiplication": Limit(
            3.1, "pJ", "A multiplication of two 32-bit integers in a 45 nm chip; an FPGA takes several times that. boundary: op", HOROWITZ, "memory"
        ),
        "memory_word": Limit(
            10.0, "pJ", "A 64-bit word from a memory of 8 kbyte in a 45 nm chip: state, sum or synapse. boundary: op", HOROWITZ, "memory"
        ),
    }
)  # fmt: skip

OPTIONS = (
    Option("device", USUAL, "The FPGA.", tuple(DEVICES)),
    Option("dt", None, "The length of a step in ms; not given: the document's.", kind="number", low=1e-6),
    Option("word", 32, "Bits of a neuron's state, sign included (8 to 40).", low=8, high=40),
    Option("coefficient", 25, "Bits of a constant that multiplies, sign included (4 to 32).", low=4, high=32),
    Option("weight", 16, "Bits of a synapse's weight, sign included (2 to 24); weights that need fewer have fewer.", low=2, high=24),
    Option("headroom", 4.0, "How many times further than the document's values a state may go before it saturates.", low=1, high=1024),
    Option(
        "clock",
        None,
        "Clock in MHz for which the design is planned and its board built; not given: the device's usual one.",
        kind="number",
        low=1,
        high=1000,
    ),
    Option("cores", CORES, "How many cores a design has at most.", low=1, high=64),
    Option(
        "speed",
        None,
        "How many times real time it must run at least (1: real time); not given: as fast as it goes.",
        kind="number",
        low=1e-9,
    ),
    Option("rate", 10.0, "Rate of neurons [Hz] for which speed is planned; sources have their own.", low=0),
)

UNVERIFIED = (
    "No FPGA was programmed: the Verilog is compared with the emulator in a simulator, and synthesised, placed and routed where it is asked for. "
    "The clock: {reached} Sizes of the Kintex are quoted from memory."
)


def device_of(target: Target) -> Device:
    """The device of a target."""
    return DEVICES[target.dialect]


def made(d: Device, cores: int | None = None, clock: float | None = None) -> Target:
    """The target of a device."""
    n = cores or CORES
    columns = next(c for c in range(int(n**0.5), 0, -1) if n % c == 0)
    limits = _limits(d)
    if clock:
        limits["clock"] = replace(
            limits["clock"],
            value=float(clock),
            doc=f"Clock as asked for; only placing and routing can say whether it is reached. {d.reached}",
        )
    return Target(
        key="fpga",
        title="FPGA",
        doc=f"A design of its own for each network, in Verilog: cores that update neurons by turns, in fixed point. For {d.title}.",
        topology=Topology("bus", n // columns, columns),
        limits=limits,
        delay=(0, 65_535),
        weight_bits=16,
        energy=ENERGY,
        dialect=d.key,
        unverified=UNVERIFIED.format(reached=d.reached),
    )  # fmt: skip


TARGET = made(DEVICES[USUAL])


def tune(target: Target, options: Mapping[str, Any]) -> Target:
    """The device that the options ask for."""
    cores = options.get("cores")
    device = DEVICES[str(options.get("device") or USUAL)]
    new = made(device, None if cores is None else int(cores), options.get("clock"))
    return replace(new, weight_bits=int(options.get("weight") or 16))
