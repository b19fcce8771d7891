"""What a crossbar is like, effect by effect. Every effect can be off; `without` and `only` take them apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from studio.engine.crossbar.circuit import Wires
from studio.findings import Finding, FindingError

EFFECTS = ("wires", "adc", "dac", "stuck")


@dataclass(frozen=True)
class Settings:
    """A crossbar. Resistances in ohm (inside `wires`), fractions of cells that are stuck, bits of converters; None: the effect is off.

    `rows`, `columns`: most of a tile (columns counted in devices); None: as many as needed. `layers`: of a stack. `adc_range`: what a converter
    spans, as a fraction of the largest sum that the weights of its tile can give.
    """

    rows: int | None = None
    columns: int | None = None
    layers: int = 1
    wires: Wires | None = None
    adc_bits: int | None = None
    adc_range: float = 1.0
    dac_bits: int | None = None
    stuck_low: float = 0.0
    stuck_high: float = 0.0

    def __post_init__(self) -> None:
        for name in ("rows", "columns", "layers", "adc_bits", "dac_bits"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise FindingError([Finding("bounds.crossbar", "error", name, f"{name} is {value}.", "Give at least 1, or None.")])
        if min(self.stuck_low, self.stuck_high) < 0.0 or self.stuck_low + self.stuck_high > 1.0:
            text = f"{self.stuck_low:g} of the cells stuck low and {self.stuck_high:g} stuck high are more than there are."
            raise FindingError([Finding("bounds.crossbar", "error", "stuck_low", text, "Together they are at most 1.")])

    @property
    def effects(self) -> tuple[str, ...]:
        """The effects that are on."""
        on = {
            "wires": self.wires is not None and self.wires != Wires(),
            "adc": self.adc_bits is not None,
            "dac": self.dac_bits is not None,
            "stuck": self.stuck_low + self.stuck_high > 0.0,
        }
        return tuple(name for name in EFFECTS if on[name])

    def without(self, *effects: str) -> Settings:
        """The same crossbar with these effects switched off."""
        unknown = sorted(set(effects) - set(EFFECTS))
        if unknown:
            raise KeyError(f"{', '.join(unknown)}: a crossbar has the effects {', '.join(EFFECTS)}")
        off: dict[str, Any] = {}
        for effect in effects:
            off |= {"wires": {"wires": None}, "adc": {"adc_bits": None}, "dac": {"dac_bits": None}}.get(
                effect, {"stuck_low": 0.0, "stuck_high": 0.0}
            )
        return replace(self, **off)

    def only(self, *effects: str) -> Settings:
        """The same tiles with these effects alone."""
        return self.without(*(e for e in EFFECTS if e not in effects))


def from_numbers(given: Mapping[str, Any]) -> Settings:
    """Settings from the numbers of a document (`models.crossbar.CROSSBAR`), resistances in MOhm there."""

    def ohm(name: str, otherwise: float = 0.0) -> float:
        value = given.get(name)
        return otherwise if value is None else 1e6 * float(value)

    word = ohm("wire_resistance")
    wires = Wires(word, ohm("column_resistance", word), ohm("driver_resistance"), ohm("sense_resistance"), ohm("via_resistance"))
    own = {f.name: f.type for f in fields(Settings)}
    plain = {name: given[name] for name in own if name != "wires" and given.get(name) is not None}
    whole: dict[str, Any] = {name: int(value) if "int" in str(own[name]) else float(value) for name, value in plain.items()}
    return Settings(**whole, wires=None if wires == Wires() else wires)
