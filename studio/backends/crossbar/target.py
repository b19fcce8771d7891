"""The crossbar machines: tiles of memristive cells, each with converters and a digital unit for the neurons of its columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from studio.compile.backend import Option
from studio.compile.target import Limit, Target, Topology
from studio.findings import Finding, FindingError

HERMES = (
    "Le Gallo M et al. (2023) A 64-core mixed-signal in-memory compute chip based on phase-change memory for deep neural network inference. "
    "doi:10.1038/s41928-023-01010-1"
)
CORE = (
    "Khaddam-Aljameh R et al. (2022) HERMES-Core: a 1.59-TOPS/mm2 PCM on 14-nm CMOS in-memory compute core. doi:10.1109/JSSC.2022.3140414"
)
NEURRAM = "Wan W et al. (2022) A compute-in-memory chip based on resistive random-access memory. doi:10.1038/s41586-022-04992-8"
HOROWITZ = "Horowitz M (2014) Computing's energy problem. doi:10.1109/ISSCC.2014.6757323 (45 nm)"
OURS = "a choice of this model, no chip's figure"

MACS = 256 * 256  # of one read of a whole tile; two operations each
READ_PJ = 2 * MACS / 9.76  # pJ: 9.76 operations a pJ
READ_NS = 2 * MACS * 64 / 63.1e3  # 63.1e12 operations a second by 64 tiles
AREA_MM2 = 63.1 / 64 / 1.59  # operations a second of a tile over those a second and mm2
UPDATE_PJ = 2 * (3.7 + 0.9)  # two multiplications and two additions in single precision

# what a chip says about itself: devices of a tile, its converters, which device, how many tiles
CHIPS: dict[str, dict[str, Any]] = {
    "hermes": {
        "rows": 256,
        "columns": 512,
        "grid": (8, 8),
        "dac_bits": 8,
        "adc_bits": 8,
        "device": "pcm",
        "preset": "hermes_double",
        "source": HERMES,
        "mark": "page",
        "doc": "64 tiles of 256 x 256 weights, each on two plus two phase-change cells; a cell here is two of them in parallel.",
    },
    "neurram": {
        "rows": 256,
        "columns": 256,
        "grid": (8, 6),
        "dac_bits": 1,
        "adc_bits": 8,
        "device": "rram",
        "preset": "wan_2022",
        "source": NEURRAM,
        "mark": "memory",
        "doc": "48 tiles (from memory) of 256 x 256 HfOx cells; a weight is a pair of them, here side by side in a row.",
    },
}
CHIP_OPTIONS = ("hermes", "neurram")


def _limits(chip: Mapping[str, Any]) -> dict[str, Limit]:
    source, mark = chip["source"], chip["mark"]
    return {
        "rows": Limit(chip["rows"], "", "Rows of a tile: sources that reach it.", source, mark),
        "columns": Limit(chip["columns"], "", "Columns of a tile, counted in devices; a differential pair takes two.", source, mark),
        "neurons": Limit(256, "", "Neurons that the digital unit of a tile computes: one for each of its converters.", CORE, "page"),
        "converters": Limit(256, "", "Converters of a tile: targets whose sums it can read in a step.", CORE, "page"),
        **(
            {"area": Limit(AREA_MM2, "mm2", "A tile with its converters and its digital unit.", CORE, "derived")}
            if source == HERMES
            else {}
        ),
        "tiles": Limit(1, "", "A core is one tile; two projections never share it.", OURS, "derived"),
    }


ENERGY: Mapping[str, Limit] = MappingProxyType(
    {
        "column_read": Limit(
            READ_PJ / 256,
            "pJ",
            "One column of pairs read and converted once: rows, cells, converters, digital scaling and transport. A whole tile takes "
            f"{READ_PJ / 1000:.1f} nJ and {READ_NS:.0f} ns. Measured with 8-bit inputs; a spike is 1 bit, so that it is an upper bound. boundary: chip",
            HERMES,
            "derived",
        ),
        "neuron_update": Limit(
            UPDATE_PJ,
            "pJ",
            "One step of one neuron in the digital unit: two multiplications and two additions in single precision, no memory. boundary: op",
            HOROWITZ,
            "derived",
        ),
    }
)

TARGET = Target(
    key="crossbar",
    title="Memristor crossbar",
    doc=f"Tiles of memristive cells with converters and digital neurons. {CHIPS['hermes']['doc']}",
    topology=Topology("mesh", *CHIPS["hermes"]["grid"], chips=16, chip_columns=4),
    limits=_limits(CHIPS["hermes"]),
    delay=(0, 65_535),
    weight_bits=32,
    energy=ENERGY,
    dialect="hermes",
    unverified=(
        "No chip was programmed: conductances are drawn from published statistics of its devices, with noise frozen as it is at one reading. "
        "Neurons, delays and the sums of several tiles are taken to be digital and exact; links between chips are an assumption."
    ),
)

OPTIONS = (
    Option("chip", "hermes", "Whose tiles, converters and device.", CHIP_OPTIONS),
    Option("dt", None, "The length of a step in ms; not given: the document's.", kind="number", low=1e-6),
    Option("chips", None, "How many chips there are at most (16).", kind="whole", low=1, high=4096),
    Option("rows", None, "Rows of a tile, at most the chip's.", kind="whole", low=1, high=4096),
    Option("columns", None, "Columns of a tile in devices, at most the chip's.", kind="whole", low=1, high=8192),
    Option("device", None, "The device under weights that the document leaves ideal: a key of the catalogue, or ideal.", kind="word"),
    Option("preset", None, "A preset of that device.", kind="word"),
    Option("storage", "auto", "How a weight lies on devices; auto: a pair where a projection has weights of both signs.", ("auto", "single", "pair", "slices")),
    Option("slices", 2, "Digits of a weight in slices.", low=1, high=8),
    Option("slice_bits", 2, "Bits of a digit.", low=1, high=8),
    Option("levels", None, "Conductance levels to which a device is programmed; not given: any conductance.", kind="whole", low=2, high=65536),
    Option("scale", "column", "What shares one scale from weights to conductances: each column its own, or the whole projection.", ("column", "projection")),
    Option("dac_bits", None, "Bits of a row's driver (the chip's): how many spikes of one source in one step it tells apart; 1: none from several.", kind="whole", low=1, high=16),
    Option("adc_bits", None, "Bits of the converters (the chip's); 0: exact.", kind="whole", low=0, high=24),
    Option("adc_range", None, "What a converter spans, as a fraction of the largest sum its column can give; not given: fitted to its weights.", kind="number", low=1e-06, high=1),
    Option("wire_resistance", 0.0, "Ohm from one cell to the next.", low=0, high=1e+06),
    Option("driver_resistance", 0.0, "Ohm of a row's driver.", low=0, high=1e+06),
    Option("sense_resistance", 0.0, "Ohm of a column's sense amplifier.", low=0, high=1e+06),
    Option("stuck_low", 0.0, "Fraction of cells stuck at the lowest conductance.", low=0, high=1),
    Option("stuck_high", 0.0, "Fraction of cells stuck at the highest conductance.", low=0, high=1),
    Option("age", 0.0, "Seconds from programming to reading.", low=0, high=1e+12),
    Option("calibrate", "none", "Whether the digital unit corrects the gain of what is read: of a tile, of each column, or not.", ("none", "tile", "column")),
    Option("sample", 1, "Which chip of the many that the statistics describe: another number, other devices.", low=0, high=2147483648),
    Option("netlist", "first", "Of which tiles a SPICE netlist is written: the first of each projection, all, or none.", ("first", "all", "none")),
    Option("csv", None, "Whether conductances are written as CSV too; not given: of up to 64 tiles.", kind="truth"),
)  # fmt: skip


def tune(target: Target, options: Mapping[str, Any]) -> Target:
    """The chip that the options ask for; raises FindingError for a number that cannot be."""
    if float(options.get("stuck_low") or 0.0) + float(options.get("stuck_high") or 0.0) > 1.0:
        text = "stuck_low and stuck_high together are more than all cells."
        raise FindingError([Finding("fit.option", "error", "stuck_low", text, "Together they are at most 1.")])
    chip = dict(CHIPS[str(options.get("chip") or "hermes")])
    for name in ("rows", "columns"):
        asked = options.get(name)
        if asked is not None:
            _within(name, int(asked), chip[name], chip)
            chip[name] = int(asked)
    chips = int(options.get("chips") or 16)
    return replace(
        target,
        doc=f"Tiles of memristive cells with converters and digital neurons. {chip['doc']}",
        topology=Topology("mesh", *chip["grid"], chips=chips, chip_columns=min(4, chips)),
        limits=_limits(chip),
        energy={k: v for k, v in ENERGY.items() if k != "column_read" or chip["source"] == HERMES},
        dialect=str(options.get("chip") or "hermes"),
    )


def _within(name: str, asked: int, most: int, chip: Mapping[str, Any]) -> None:
    if not 1 <= asked <= most:
        text = f"{name} is {asked}; a tile of this chip has 1 to {most}."
        raise FindingError([Finding("fit.option", "error", name, text, f"Give at most {most} ({chip['source']}).")])
