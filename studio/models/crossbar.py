"""A crossbar as a document describes it: what a projection's weights lie on. An effect that is not given is off."""

from __future__ import annotations

from studio.models.spec import Model, Param


def _off(name: str, unit: str, doc: str, **bounds: float) -> Param:
    """A number that is not given where the effect is off."""
    return Param(name, None, unit, doc, shared=True, **bounds)  # type: ignore[arg-type]


CROSSBAR = Model(
    key="crossbar",
    title="Crossbar",
    kind="crossbar",
    doc="The weights of a projection are conductances at the crossings of rows (sources) and columns (targets).",
    source=(
        "Circuit: Joksas D, Mehonic A (2020) badcrossbar: a Python tool for computing and plotting currents and voltages in passive crossbar arrays. "
        "doi:10.1016/j.softx.2020.100617 (the same nodal analysis, solved row by row)."
    ),
    limits=(
        "Cells are ohmic: the current is proportional to the voltage. Rows that carry no spike are grounded, so that a tile is linear and its transfer matrix is "
        "the weights that arrive. One converter reads a target's sum in a step. No capacitance of wires, no sneak paths of floating rows, no heat. "
        "Layers of a stack share the row drivers and nothing else, which is an assumption: no open parametric model of a 3-D stack was found."
    ),
    params=(
        _off("rows", "", "Most rows of a tile; a projection from more sources lies on several. Off: as many as needed.", low=1.0, high=1e6, integer=True),
        _off("columns", "", "Most columns of a tile, counted in devices. Off: as many as needed.", low=1.0, high=1e6, integer=True),
        Param("layers", 1.0, "", "Layers of a stack: the columns of a tile are dealt out to them.", low=1.0, high=64.0, integer=True, shared=True),
        _off("wire_resistance", "MOhm", "Resistance of a wire from one cell to the next, along rows and columns.", low=0.0, high=1.0),
        _off("column_resistance", "MOhm", "The same along columns, where it differs.", low=0.0, high=1.0),
        _off("driver_resistance", "MOhm", "Resistance of a row's driver, shared by all layers.", low=0.0, high=1.0),
        _off("sense_resistance", "MOhm", "Input resistance of a column's sense amplifier.", low=0.0, high=1.0),
        _off("via_resistance", "MOhm", "Resistance of the way up from one layer to the next.", low=0.0, high=1.0),
        _off("adc_bits", "", "Bits of the converter that reads a target's sum on one tile.", low=1.0, high=24.0, integer=True),
        Param("adc_range", 1.0, "", "What the converter spans, as a fraction of the largest sum that the weights of its tile can give.", low=0.0, low_open=True, high=1.0, shared=True),
        _off("dac_bits", "", "Bits of the converter that drives a row; a spike is one level, so that this matters for analog inputs only.", low=1.0, high=24.0, integer=True),
        Param("stuck_low", 0.0, "", "Fraction of cells stuck at g_min.", low=0.0, high=1.0, shared=True),
        Param("stuck_high", 0.0, "", "Fraction of cells stuck at g_max.", low=0.0, high=1.0, shared=True),
        _off("g_min", "uS", "Conductance of a cell at the lowest weight. Off: the device's, or 0.", low=0.0, high=1e6),
        _off("g_max", "uS", "Conductance of a cell at the highest weight. Off: the device's, or 25 uS.", low=0.0, low_open=True, high=1e6),
        _off("age", "s", "Read the devices once, so long after programming, and keep what they give: for devices that drift or are noisy.", low=0.0, high=1e12),
        Param(
            "storage",
            "auto",
            "",
            "For a device that does not say itself how weights lie on it: single (with a reference column), pair, or auto (a pair where there are weights of both signs).",
            kind="word",
            choices=("auto", "single", "pair"),
        ),
    ),
)  # fmt: skip
