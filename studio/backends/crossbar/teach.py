"""Whether and on which devices a projection can learn on tiles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from studio.compile.program import Connection
from studio.compile.wiring import Wiring
from studio.findings import Finding, FindingError
from studio.models.spec import Device, InDegree, OutDegree, Pairs, Regular, TotalNumber
from studio.network.flat import Chosen

STILL = ("wire_resistance", "column_resistance", "driver_resistance", "sense_resistance", "stuck_low", "stuck_high")
ONCE = {"age": "its devices age with the run", "calibrate": "its weights move", "levels": "its device has steps of its own"}
LOWEST, HIGHEST = ("w_min", "w_low"), ("w_max", "w_high")


def learns(c: Connection) -> bool:
    """Whether a projection's weights change while the network runs."""
    return bool(c.plasticity.model.plastic)


def taught(c: Connection, device: Device, given: Mapping[str, Any], options: Mapping[str, Any]) -> Connection:
    """A projection that learns, with its device; raises FindingError where it cannot learn on tiles.

    The document's own device stays; in place of an ideal one `device` with the parameters `given` learns, over the range of the rule.
    """
    _refuse(c, {k: v for k, v in (c.crossbar or {}).items() if v is not None}, options)
    _shared(c)
    if c.device.model.key != "ideal" or device.key == "ideal":
        return c
    low, high = extent(c)
    params = {**given, "w_min": low, "w_max": high}
    if str(options["storage"]) == "slices":
        params |= {"slices": options["slices"], "slice_bits": options["slice_bits"]}
    pair = str(options["storage"]) == "pair" or (str(options["storage"]) == "auto" and low < 0.0 < high)
    params |= {"storage": "pair" if pair else "slices" if str(options["storage"]) == "slices" else "single"}
    if pair:
        params |= {"w_min": 0.0, "w_max": max(-low, high)}
    known = {p.name: p.default for p in device.params}
    return replace(c, device=Chosen(device, known | {k: v for k, v in params.items() if k in known}))


def extent(c: Connection) -> tuple[float, float]:
    """Between which weights a projection learns: the range of its device, else of its rule; raises FindingError where neither says."""
    for numbers in (c.device.params, c.plasticity.params):
        high = next((numbers[name] for name in HIGHEST if isinstance(numbers.get(name), (int, float))), None)
        if high is not None:
            low = next((numbers[name] for name in LOWEST if isinstance(numbers.get(name), (int, float))), 0.0)
            return min(float(low), float(high), 0.0), max(float(low), float(high), 0.0)
    text = f"neither its device nor “{c.plasticity.model.title}” says what the largest weight is; a conductance has a largest one."
    raise FindingError([Finding("fit.plasticity", "error", f"{c.path}.device", text, "Choose a device with w_max.")])


def _refuse(c: Connection, own: Mapping[str, Any], options: Mapping[str, Any]) -> None:
    still = sorted(name for name in STILL if float(own.get(name) or options.get(name) or 0.0) > 0.0)
    if still:
        text = f"{', '.join(still)}: what wires and stuck cells leave of weights is solved once, but these weights learn."
        fix = f"Leave {still[0]} out, or set {c.path}.plasticity to static."
        raise FindingError([Finding("fit.plasticity", "error", f"{c.path}.plasticity", text, fix)])
    if c.device.model.key == "ideal" and str(options["storage"]) == "slices" and str(options["device"]) == "ideal":
        text = "an ideal device has no slices to learn on."
        raise FindingError([Finding("fit.plasticity", "error", f"{c.path}.device", text, "Name a device with storage slices.")])


def _shared(c: Connection) -> None:
    """A rule has one set of numbers for all synapses, and acts by itself in whole steps."""
    rule, numbers = c.plasticity.model, c.plasticity.params
    for name, value in numbers.items():
        if not isinstance(value, (int, float, str, type(None))):
            text = f"{name} of “{rule.title}” has a value for each synapse; a tile's digital unit has one for all."
            raise FindingError([Finding("fit.plasticity", "error", f"{c.path}.plasticity.{name}", text, "Give one number.")])
    if rule.every.strip() and round(float(numbers[rule.interval]) / c.wiring.dt) < 1:
        where, text = (
            f"{c.path}.plasticity.{rule.interval}",
            f"an interval of {numbers[rule.interval]:g} ms is shorter than a step of {c.wiring.dt:g} ms.",
        )
        raise FindingError([Finding("fit.plasticity", "error", where, text, f"Set {where} to {c.wiring.dt:g} ms or more.")])


def unheeded(c: Connection, options: Mapping[str, Any]) -> Iterator[Finding]:
    """Options that mean nothing to tiles that learn."""
    if not learns(c):
        return
    for name, why in ONCE.items():
        if options.get(name) not in (None, 0, 0.0, "none"):
            yield Finding(
                "lossy.crossbar", "warning", f"{c.path}.plasticity", f"The option {name} does not act on a projection that learns: {why}."
            )


def repeated(w: Wiring) -> float:
    """How many synapses share both ends with an earlier one: the mean where they are drawn with replacement, the number where pairs are listed."""
    form = w.form
    if isinstance(form, Pairs):
        return len(form.sources) - len(np.unique(np.asarray(form.sources, np.int64) * w.n_target + np.asarray(form.targets, np.int64)))
    sets, each, room = 0, 0, 1  # so many times so many are drawn of so many
    if isinstance(form, InDegree):
        sets, each, room = w.n_target, form.k, w.n_source
    elif isinstance(form, (OutDegree, Regular)):
        sets, each, room = w.n_source, form.k, w.n_target
    elif isinstance(form, TotalNumber):
        sets, each, room = 1, form.n, w.n_source * w.n_target
    return sets * (each - room * -np.expm1(each * np.log1p(-1.0 / room))) if room > 1 else sets * max(each - 1, 0)


def twice(c: Connection, n_twice: float) -> Iterator[Finding]:
    """Said where synapses that learn share a crossing."""
    if n_twice >= 0.5:
        text = f"{n_twice:,.0f} synapses that learn share both ends with another; a crossing holds one weight."
        yield Finding("fit.plasticity", "error", f"{c.path}.connector", text, "Use a connector that joins each pair once.")
