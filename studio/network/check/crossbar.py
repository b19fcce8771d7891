"""Crossbars that cannot be, or whose numbers change nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from studio.findings import Finding
from studio.models.spec import InDegree, OutDegree, Regular, TotalNumber
from studio.network.check.context import Context
from studio.network.flat import FlatProjection

MOST_CROSSINGS = 50_000_000
SOLVED = {"wire_resistance": "wires", "column_resistance": "wires", "driver_resistance": "wires", "sense_resistance": "wires",
          "stuck_low": "stuck cells", "stuck_high": "stuck cells"}  # fmt: skip
WIRES = ("wire_resistance", "column_resistance", "driver_resistance", "sense_resistance", "via_resistance")


def rule(context: Context) -> Iterable[Finding]:
    """`fit.crossbar`: what a crossbar cannot do with a projection's rule, device, connector or delay (error), and numbers without effect (info)."""
    if context.flat is None or any(f.severity == "error" for f in context.building):
        return
    sizes = {n.path: n.size for n in (*context.flat.populations, *context.flat.sources)}
    for p in context.flat.projections:
        if p.crossbar is not None:
            yield from _errors(p, p.crossbar, sizes[p.source], sizes[p.target])
            yield from _idle(p, p.crossbar)


def _errors(p: FlatProjection, given: Mapping[str, Any], n_source: int, n_target: int) -> Iterator[Finding]:
    solved = sorted({word for name, word in SOLVED.items() if given.get(name)})
    laid = bool(solved) or any(given.get(n) is not None for n in ("rows", "columns", "adc_bits"))
    if not laid:
        return
    if p.kinetics is None:
        yield _wrong(p, "", "it carries a current, not spikes.", "Put a spiking source in front, or leave the crossbar out.")
        return
    if getattr(p.kinetics.model, "coupled", ""):
        yield _wrong(p, "", "its receptors read the sources' states, no spikes travel.", "Leave the crossbar out.")
    if p.plasticity.model.plastic:
        yield from _learning(p, given, solved, n_source)
    elif p.device.model.read.strip() and given.get("age") is None:
        text = f"“{p.device.model.title}” changes with time or from read to read, but a crossbar is solved once."
        yield _wrong(p, "age", text, "Say with `age` how long after programming it is read, or leave the crossbar out.")
    if not p.plasticity.model.plastic:
        yield from _matrix(p, n_source, n_target)
    if given.get("adc_bits") is not None and not isinstance(p.delay, (int, float)):
        yield _wrong(p, "adc_bits", "a converter reads all rows at once, but the delays differ.", "Give one delay.")
    if float(given.get("stuck_low") or 0) + float(given.get("stuck_high") or 0) > 1:
        yield _wrong(p, "stuck_low", "more cells are stuck than there are.", "Together stuck_low and stuck_high are at most 1.")


def _learning(p: FlatProjection, given: Mapping[str, Any], solved: list[str], n_source: int) -> Iterator[Finding]:
    if solved:
        text = f"what {' and '.join(solved)} do is solved once, but these weights learn."
        yield _wrong(p, "", text, "Use a static projection, or stuck synapses as a fault of the run.")
    if given.get("adc_bits") is not None and given.get("rows") is not None and given["rows"] < n_source:
        text = "a projection that learns cannot be cut into blocks of rows that converters read."
        yield _wrong(p, "rows", text, "Leave `rows` out, or use a static projection.")


def _matrix(p: FlatProjection, n_source: int, n_target: int) -> Iterator[Finding]:
    if p.connector.model.compact:
        text = f"“{p.connector.model.title}” keeps shared weights, which have no cells of their own."
        yield _wrong(p, "", text, "Use all_to_all with an array of weights, shape (sources, targets).")
        return
    form = p.connector.model.lower(p.connector.params, n_source, n_target)
    if isinstance(form, (InDegree, OutDegree, Regular, TotalNumber)):
        text = f"“{p.connector.model.title}” may join a pair twice; a crossing holds one weight."
        yield _wrong(p, "", text, "Use all_to_all, probability or an explicit list.")
    if n_source * n_target > MOST_CROSSINGS:
        text = f"{n_source * n_target:,} crossings are too many to be solved; {MOST_CROSSINGS:,} are the most."
        yield _wrong(p, "", text, "Cut the projection into smaller populations.")


def _idle(p: FlatProjection, given: Mapping[str, Any]) -> Iterator[Finding]:
    wires, adc = any(given.get(n) for n in WIRES), given.get("adc_bits") is not None
    said = [n for n in ("rows", "columns") if given.get(n) is not None]
    if said and not wires and not adc:
        text = f"{' and '.join(said)} change nothing here: tiles matter with wires or converters."
        yield Finding("fit.crossbar", "info", f"{p.path}.crossbar.{said[0]}", text, "Give wire_resistance or adc_bits.")
    if given.get("dac_bits") is not None:
        text = "A spike is one level, so that the row converters' bits change nothing in a run."
        yield Finding("fit.crossbar", "info", f"{p.path}.crossbar.dac_bits", text, "They act on analog inputs (Crossbar.multiply).")
    if (given.get("layers") or 1) > 1 and not wires:
        text = "Layers change nothing without wires: they share their drivers' resistance only."
        yield Finding("fit.crossbar", "info", f"{p.path}.crossbar.layers", text, "Give driver_resistance.")


def _wrong(p: FlatProjection, part: str, text: str, fix: str) -> Finding:
    where = f"{p.path}.crossbar{'.' if part else ''}{part}"
    return Finding("fit.crossbar", "error", where, f"This projection cannot lie on such a crossbar: {text}", fix)
