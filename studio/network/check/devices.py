"""Ranges of devices that are upside down, or too small for the weights they are to hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from studio.findings import Finding
from studio.network.check.context import Context
from studio.network.check.weights import extent
from studio.network.flat import FlatProjection

MOST_BITS = 24


def rule(context: Context) -> Iterable[Finding]:
    """`bounds.range`: a device's lower end above its upper one or digits of more than 24 bits (errors), weights outside the range (warning).

    `bounds.sign` (warning): conductances that learn on a pair.
    """
    if context.flat is None:
        return
    for p in context.flat.projections:
        if p.kinetics is not None:
            yield from _range(p)


def _range(p: FlatProjection) -> Iterator[Finding]:
    numbers = {name: value for name, value in p.device.params.items() if isinstance(value, (int, float))}
    for low, high in (("w_min", "w_max"), ("g_min", "g_max")):
        if low in numbers and high in numbers and numbers[low] >= numbers[high]:
            text = f"{low} = {numbers[low]:g} is not below {high} = {numbers[high]:g}: the device holds nothing."
            fix = "Give the lower end first; for weights that inhibit, for example w_min = -1 and w_max = 0." if low == "w_min" else ""
            yield Finding("bounds.range", "error", f"{p.path}.device.{low}", text, fix)
            return
    if p.device.params.get("storage") == "slices" and numbers.get("slices", 1) * numbers.get("slice_bits", 1) > MOST_BITS:
        text = f"{numbers['slices']:g} slices of {numbers['slice_bits']:g} bits are more than {MOST_BITS} bits."
        yield Finding("bounds.range", "error", f"{p.path}.device.slices", text, "Use fewer slices, or fewer bits each.")
    pair = p.device.params.get("storage") in ("pair", "one_sided")
    if pair and p.plasticity.model.plastic and p.kinetics is not None and p.kinetics.model.sign == "nonnegative":
        text = f"weights that learn on a pair may become negative, but “{p.kinetics.model.title}” takes none."
        yield Finding("bounds.sign", "warning", f"{p.path}.device.storage", text, "Store them on single devices or slices.")
    if "w_min" in numbers and "w_max" in numbers and not p.connector.model.compact:
        yield from _outside(p, numbers["w_min"], numbers["w_max"])


def _outside(p: FlatProjection, low: float, high: float) -> Iterator[Finding]:
    if p.device.params.get("storage") in ("pair", "one_sided"):
        low, high = low - high, high - low
    least, most = extent(p.weight)
    air = 1e-9 * (high - low)
    if least < low - air or most > high + air:
        unit = p.kinetics.model.weight_unit if p.kinetics else ""
        text = f"weights from {least:.4g} to {most:.4g} {unit} do not all fit on a device that holds {low:g} to {high:g} {unit}; what lies outside is cut off."
        fix = "Widen w_min and w_max" + (", or store the weight on a pair." if least < low and low >= 0 else ".")
        yield Finding("bounds.range", "warning", f"{p.path}.device", text, fix)
