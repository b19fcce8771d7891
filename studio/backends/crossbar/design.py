"""How one projection lies on tiles: which device, on how many of them a weight, what reads it. Chosen from the options and the document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from studio.backends.crossbar.target import CHIPS
from studio.backends.crossbar.teach import extent, learns
from studio.compile.program import Connection
from studio.compile.target import Target
from studio.engine.crossbar import Wires
from studio.engine.crossbar.mapping import Mapping as Lay
from studio.findings import Finding, FindingError
from studio.models.catalogue import Catalogue
from studio.models.spec import Device

G_MAX = 25.0  # uS, where neither document nor device says
G_LEARNING = 10.0  # uS, the lowest then of devices that learn: bounds of their own may lie lower, and no conductance lies below 0
MOST_BITS = 31  # of a weight in slices


@dataclass(frozen=True)
class Design:
    """How one projection lies on tiles. Conductances in S, resistances in ohm, `age` in s; `low`, `high` are the range of one device in weights that
    were divided by their scale, and `span` that scale where it is the same for the whole projection (None: fitted to each column).

    `drive`: how often a row is driven in a step on average, where its source is known to be busier than neurons are (0: it is not).
    `columns` are counted in devices; `converters` read as many targets. `calibrate`: what shares a digital gain that is fitted to what is read. `adc_bits` None: exact sums; `adc_range` None: fitted. `levels` None: any conductance.
    """

    rows: int
    columns: int
    converters: int
    device: str
    params: Mapping[str, Any]
    storage: str
    slices: int
    slice_bits: int
    low: float
    high: float
    span: float | None
    g_min: float
    g_max: float
    levels: int | None
    dac_bits: int
    adc_bits: int | None
    adc_range: float | None
    word: float
    bit: float
    driver: float
    sense: float
    stuck_low: float
    stuck_high: float
    age: float
    sample: int
    calibrate: str
    drive: float = 0.0

    @property
    def lay(self) -> Lay:
        return Lay(self.low, self.high, self.g_min, self.g_max, self.storage, self.slices, self.slice_bits)

    @property
    def ends(self) -> tuple[float, float]:
        """Between which weights the devices of one weight can come, in the projection's unit, where `span` says it."""
        span = abs(float(self.span or 1.0))
        return (-span, span) if self.storage == "pair" else (self.low * span, self.high * span)

    @property
    def wires(self) -> Wires:
        return Wires(self.word, self.bit, self.driver, self.sense)

    @property
    def devices(self) -> int:
        """Devices of one weight."""
        return self.slices if self.storage == "slices" else 2 if self.storage == "pair" else 1

    @property
    def spare(self) -> int:
        """Columns of a tile that hold no weights: a reference where weights are not pairs."""
        return 0 if self.storage == "pair" else 1

    @property
    def outputs(self) -> int:
        """Targets of one tile: as many as its columns hold and its converters read."""
        return min((self.columns - self.spare) // self.devices, self.converters)

    def to_json(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self)} | {"params": dict(self.params)}

    @staticmethod
    def from_json(given: Mapping[str, Any]) -> Design:
        return Design(**given)


def design(c: Connection, options: Mapping[str, Any], target: Target, catalogue: Catalogue) -> Design:
    """How a connection lies on tiles; raises FindingError for what cannot be. The document's own crossbar and device come before the options."""
    own = {name: value for name, value in (c.crossbar or {}).items() if value is not None}
    device, params = chosen_device(c, options, catalogue)
    lowest, highest = _extent(c)
    storage, sizes = _storage(c, own, options, lowest, highest)
    low, high, span = _range(c, device, storage, lowest, highest, "projection" if learns(c) else str(options["scale"]))
    least = G_LEARNING if learns(c) and device.key != "ideal" and device.param("g_max") is None else 0.0
    chip = CHIPS[str(options["chip"])]
    bits = int(own.get("adc_bits", chip["adc_bits"] if options["adc_bits"] is None else options["adc_bits"]))
    made = Design(
        rows=_size(c, own, "rows", target),
        columns=_size(c, own, "columns", target),
        converters=int(target.limit("neurons")),
        device=device.key,
        params=params,
        storage=storage,
        **sizes,
        low=low,
        high=high,
        span=span,
        g_min=1e-6 * float(own.get("g_min", params.get("g_min", least))),
        g_max=1e-6 * float(own.get("g_max", params.get("g_max", G_MAX))),
        levels=None if options["levels"] is None else int(options["levels"]),
        dac_bits=int(own.get("dac_bits", chip["dac_bits"] if options["dac_bits"] is None else options["dac_bits"])),
        adc_bits=bits or None,
        adc_range=float(own["adc_range"]) if "adc_bits" in own else _number(options["adc_range"]),
        word=_ohm(own, "wire_resistance", options["wire_resistance"]),
        bit=_ohm(own, "column_resistance", _ohm(own, "wire_resistance", options["wire_resistance"])),
        driver=_ohm(own, "driver_resistance", options["driver_resistance"]),
        sense=_ohm(own, "sense_resistance", options["sense_resistance"]),
        stuck_low=float(own.get("stuck_low") or options["stuck_low"]),
        stuck_high=float(own.get("stuck_high") or options["stuck_high"]),
        age=float(own.get("age", options["age"])),
        sample=int(options["sample"]),
        calibrate=str(options["calibrate"]),
    )
    if made.outputs < 1:
        text = f"{made.columns} columns hold no weight of {made.devices} devices{' and a reference column' if made.spare else ''}."
        raise FindingError(
            [Finding("fit.fan_out", "error", f"{c.path}.crossbar.columns", text, f"Give at least {made.devices + made.spare} columns.")]
        )
    return made


def _extent(c: Connection) -> tuple[float, float]:
    """The lowest and the highest weight, of now and, on an ideal device, of what its rule allows."""
    lowest, highest = c.wiring.weights()
    if learns(c) and c.device.model.key == "ideal":
        low, high = extent(c)
        return min(low, lowest), max(high, highest)
    return lowest, highest


def chosen_device(c: Connection, options: Mapping[str, Any], catalogue: Catalogue) -> tuple[Device, dict[str, Any]]:
    """One device of a weight and its parameters: the document's where it names one, else the option's, else the chip's."""
    if c.device.model.key != "ideal":
        return c.device.model, _shared(c)
    chip = CHIPS[str(options["chip"])]
    key = str(options["device"] or chip["device"])
    found = catalogue.get("device", key)
    if found is None:
        known = ", ".join(m.key for m in catalogue.all("device"))
        raise FindingError([Finding("fit.option", "error", "", f"There is no device “{key}”.", f"Use one of {known}.")])
    preset = options["preset"] or (chip["preset"] if key == chip["device"] else None)
    given: dict[str, Any] = {p.name: p.default for p in found.params}
    if preset is not None:
        chosen = found.preset(str(preset))
        if chosen is None:
            known = ", ".join(p.key for p in found.presets) or "none"
            raise FindingError([Finding("fit.option", "error", "", f"“{key}” has no preset “{preset}”.", f"It has {known}.")])
        given |= found.preset_values(chosen)
    return found, {
        name: value for name, value in given.items() if name not in ("refresh", "storage", "slices", "slice_bits", "w_min", "w_max")
    }


def _shared(c: Connection) -> dict[str, Any]:
    """The parameters of the document's device, which must be the same for all of its devices."""
    for name, value in c.device.params.items():
        if not isinstance(value, (int, float, str, type(None))):
            where = f"{c.path}.device.{name}"
            text = f"{name} of “{c.device.model.title}” has a value for each synapse; a tile's devices are of one kind."
            raise FindingError([Finding("fit.model", "error", where, text, "Give one number; devices vary by their own spread.")])
    return {name: value for name, value in c.device.params.items() if name != "refresh"}


def _storage(
    c: Connection, own: Mapping[str, Any], options: Mapping[str, Any], lowest: float, highest: float
) -> tuple[str, dict[str, int]]:
    """How weights lie on devices: as the document's device says, else its crossbar, else the option."""
    said = c.device.params.get("storage") if c.device.model.param("storage") is not None else None
    said = said or (own.get("storage", "auto") if c.crossbar else "auto")
    said = str(options["storage"]) if said == "auto" else str(said)
    if said == "auto":
        said = "pair" if lowest < 0.0 < highest else "single"
    from_device = c.device.model.param("slices") is not None
    sizes = {name: int(c.device.params[name] if from_device else options[name]) for name in ("slices", "slice_bits")}
    if said == "slices" and sizes["slices"] * sizes["slice_bits"] > MOST_BITS:
        where = f"{c.path}.device.slices" if from_device else c.path
        text = f"{sizes['slices']} slices of {sizes['slice_bits']} bits are {sizes['slices'] * sizes['slice_bits']} bits of a weight; {MOST_BITS} are the most."
        raise FindingError([Finding("fit.weights", "error", where, text, "Take fewer slices, or fewer bits of each.")])
    return ("pair" if said == "one_sided" else said), sizes


def _range(c: Connection, device: Device, storage: str, lowest: float, highest: float, scale: str) -> tuple[float, float, float | None]:
    """(low, high) of one device in scaled weights, and the scale where it is one for all."""
    given = c.device.params
    if c.device.model.key != "ideal" and device.param("w_max") is not None:
        low, high = float(given.get("w_min") or 0.0), float(given["w_max"])
        return (0.0, 1.0, high - low) if storage == "pair" else (low / (high - low), high / (high - low), high - low)
    most = max(abs(lowest), abs(highest)) or 1.0
    if learns(c) and storage != "pair":
        low, high = min(lowest, 0.0), max(highest, 0.0)
        return low / (high - low), high / (high - low), high - low
    span = None if scale == "column" else -most if highest <= 0.0 and storage != "pair" else most
    if storage == "pair" or lowest >= 0.0 or highest <= 0.0:
        return 0.0, 1.0, span
    return lowest / most, highest / most, span


def _size(c: Connection, own: Mapping[str, Any], name: str, target: Target) -> int:
    most = int(target.limit(name))
    asked = int(own.get(name, most))
    if asked > most:
        where = f"{c.path}.crossbar.{name}"
        text = f"{name} of a tile: {asked} asked for, the chip has {most}."
        raise FindingError([Finding("fit.fan_in", "error", where, text, f"Set {where} to {most}.")])
    return asked


def _ohm(own: Mapping[str, Any], name: str, otherwise: Any) -> float:
    """A resistance; the document has MOhm."""
    return 1e6 * float(own[name]) if name in own else float(otherwise)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def scales(weights: np.ndarray, made: Design) -> np.ndarray:
    """The scale of every column, (n_columns,): so that its largest weight is the largest that a cell can hold; `span` where it is one for all.

    Inhibitory weights on single devices have a negative one, so that a weight of 0 is always the lowest conductance.
    """
    if made.span is not None:
        return np.full(weights.shape[1], made.span)
    up, down = np.maximum(weights, 0.0).max(axis=0, initial=0.0), np.maximum(-weights, 0.0).max(axis=0, initial=0.0)
    if made.low < 0.0:
        need = np.maximum(up / made.high, down / -made.low)
    else:
        need = np.maximum(up, down) if made.storage == "pair" or not down.any() else -down
    return np.where(need != 0.0, need, 1.0)


def one_device(made: Design, catalogue: Catalogue, given: Device | None = None) -> tuple[Device, dict[str, Any]]:
    """The device and its parameters in scaled weights, alone on its weight."""
    device = given or catalogue.get("device", made.device)
    assert isinstance(device, Device)
    params = {k: v for k, v in made.params.items() if device.param(k) is not None and k not in ("slices", "slice_bits")}
    if device.param("storage") is not None:
        params["storage"] = "single"
    if device.param("w_max") is not None:
        params |= {"w_min": made.low, "w_max": made.high}
    return device, params
