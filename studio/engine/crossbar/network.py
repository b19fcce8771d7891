"""Projections on crossbars, written into what the engine knows: flat network in, flat network out.

What wires and stuck cells leave of every weight is solved once, and the projection becomes a list with those weights. Converters become receptors:
a projection from more sources than a tile has rows is cut into one for each block of rows, and the jump of each one's kinetics rounds the sum that
arrives in a step. The engine needs nothing new for either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from studio.engine.connectivity import build, ends
from studio.engine.crossbar.array import Crossbar
from studio.engine.crossbar.converters import converter
from studio.engine.crossbar.mapping import Mapping as Lay
from studio.engine.crossbar.mapping import fitting
from studio.engine.crossbar.settings import Settings, from_numbers
from studio.engine.programming import programmed
from studio.engine.random import path_key
from studio.findings import Finding, FindingError
from studio.models.connectors.explicit import MODEL as EXPLICIT
from studio.models.devices.ideal import MODEL as IDEAL
from studio.models.devices.storage import stored
from studio.models.dynamics import kinetics_form
from studio.models.language.evaluate import evaluate
from studio.models.language.read import expression
from studio.models.language.render import Style, render_block
from studio.models.language.symbolic import substitute_block
from studio.models.learning import device_form
from studio.models.spec import Kinetics, Param
from studio.network.flat import Chosen, FlatNetwork, FlatProjection

G_MAX = 25.0  # uS, where neither crossbar nor device says
MOST_CROSSINGS = 50_000_000
_LANGUAGE = Style(functions={}, operators={})
_CONVERTER = ("adc_step", "adc_low", "adc_high")


def laid(flat: FlatNetwork, p: FlatProjection) -> tuple[FlatProjection, ...]:
    """What takes the place of a projection on a crossbar. Raises FindingError where the crossbar cannot be."""
    settings = from_numbers(p.crossbar or {})
    free = replace(p, crossbar=None)
    if not settings.effects and settings.rows is None and settings.columns is None:
        return (free,)
    if p.plasticity.model.plastic:
        return tuple(_read(flat, free, settings))
    return tuple(_solved(flat, free, settings, p.crossbar or {}))


@dataclass(frozen=True)
class _Matrix:
    """A projection's synapses as a matrix: where they are, what each should be, and what its devices hold (one more axis)."""

    sources: np.ndarray
    targets: np.ndarray
    delays: np.ndarray | None  # ms
    wanted: np.ndarray
    present: np.ndarray
    held: np.ndarray | None
    lay: Lay


def _solved(flat: FlatNetwork, p: FlatProjection, settings: Settings, given: Mapping[str, Any]) -> Iterator[FlatProjection]:
    """The projection with the weights that arrive, one for each block of rows where converters read them."""
    matrix = _matrix(flat, p, given)
    seed = int(path_key(flat.run.seed, p.key, "crossbar"))
    crossbar = Crossbar(matrix.wanted, settings, matrix.lay, held=matrix.held, present=matrix.present, seed=seed)
    weights = crossbar.weights[matrix.sources, matrix.targets]
    if p.kinetics is not None and p.kinetics.model.sign == "nonnegative":
        weights = np.maximum(weights, 0.0)
    if settings.adc_bits is None:
        yield _listed(p, matrix, weights, np.ones(len(weights), bool))
        return
    for k, (first, last) in enumerate(sorted({(t.rows.start, t.rows.stop) for t in crossbar.tiles})):
        inside = (matrix.sources >= first) & (matrix.sources < last)
        block = _listed(p, matrix, weights, inside)
        steps = np.ones((3, matrix.wanted.shape[1]))
        for tile in crossbar.tiles:
            reads = crossbar.converter(tile) if tile.rows.start == first else None
            if reads is not None:
                steps[:, tile.outputs] = np.array([reads.step, reads.low, reads.high])[:, None]
        key = p.key if k == 0 else f"{p.key}[rows {first} to {last - 1}]"
        yield replace(block, key=key, kinetics=converted(p, *steps))


def _read(flat: FlatNetwork, p: FlatProjection, settings: Settings) -> Iterator[FlatProjection]:
    """A projection that learns: a converter reads the sum of its weights; what wires and faults would make of them changes all the time."""
    changing = [e for e in ("wires", "stuck") if e in settings.effects]
    text = f"{' and '.join(changing)} of a crossbar are solved once, but these weights learn."
    _refuse(bool(changing), p, "", text, "Use a static projection, or stuck synapses as a fault of the run.")
    n_source, n_target = ends(flat, p).n_source, ends(flat, p).n_target
    if settings.adc_bits is not None:
        _refuse(settings.rows is not None and settings.rows < n_source, p, "rows", _ROWS, "Leave `rows` out, or use a static projection.")
        low, high = _extent(p)
        reads = converter(settings.adc_bits, settings.adc_range * n_source * low, settings.adc_range * n_source * high)
        p = replace(p, kinetics=converted(p, *(np.full(n_target, v) for v in (reads.step, reads.low, reads.high))))
    yield p


def _extent(p: FlatProjection) -> tuple[float, float]:
    """Between which weights a projection learns: the range of its device, else of its rule."""
    for numbers in (p.device.params, p.plasticity.params):
        if "w_max" in numbers:
            ends_of_range = float(numbers.get("w_min", 0.0)), float(numbers["w_max"])
            span = ends_of_range[1] - ends_of_range[0]
            pair = numbers.get("storage") in ("pair", "one_sided")
            return (-span, span) if pair else (min(0.0, *ends_of_range), max(0.0, *ends_of_range))
    _refuse(True, p, "adc_bits", "neither device nor rule says what the largest weight is.", "Choose a device with w_max.")
    raise AssertionError


_ROWS = "a projection that learns cannot be cut into blocks of rows that converters read"


def _matrix(flat: FlatNetwork, p: FlatProjection, given: Mapping[str, Any]) -> _Matrix:
    both = ends(flat, p)
    crossings = both.n_source * both.n_target
    _refuse(
        crossings > MOST_CROSSINGS,
        p,
        "",
        f"a crossbar of {crossings:,} crossings is too large to be solved; {MOST_CROSSINGS:,} are the most.",
    )
    _refuse(
        p.connector.model.compact, p, "connector", "shared weights have no cells of their own.", "Use all_to_all with an array of weights."
    )
    device, params = stored(p.device.model, p.device.params)
    free = replace(p, device=Chosen(device, params))
    built = build(free, both, flat.run.seed, flat.run.dt)
    wanted_rows = built[0].weights if built[0].weights is not None else np.full(built[0].n, built[0].weight)
    wanted = np.array(wanted_rows, float)
    rows, kept = programmed(free, built, np.float64, flat.run.seed)
    sources, targets = np.asarray(rows[0].sources()), np.asarray(rows[0].targets, np.int64)
    present = np.zeros((both.n_source, both.n_target), bool)
    present[sources, targets] = True
    twice = len(sources) - int(present.sum())
    _refuse(
        twice > 0,
        p,
        "connector",
        f"{twice:,} synapses share their ends with another; a crossing holds one weight.",
        "Use a connector that joins each pair once.",
    )
    full = np.zeros(present.shape)
    full[sources, targets] = wanted
    lay = _lay(p, given, full)
    parts = _parts(rows[0], kept[0], lay)
    if device.read.strip():
        parts = _aged(flat, free, p, parts, kept[0], given, lay)
    held = lay.held(np.where(present, full, 0.0)) if parts is None else _spread(parts, lay, sources, targets, present.shape)
    delays = None if rows[0].delays is None else np.asarray(rows[0].delays, float) * flat.run.dt
    return _Matrix(sources, targets, delays, full, present, held, lay)


def _spread(parts: np.ndarray, lay: Lay, sources: np.ndarray, targets: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """What the devices hold as a matrix; a crossing without a synapse holds 0."""
    out = np.broadcast_to(lay.held(np.zeros((1, 1))), (*shape, parts.shape[1])).copy()
    out[sources, targets] = parts
    return out


def _lay(p: FlatProjection, given: Mapping[str, Any], weights: np.ndarray) -> Lay:
    """How the weights lie: as the device says, else as the crossbar says."""
    own = p.device.params

    def conductance(name: str, otherwise: float) -> float:
        value = given.get(name)
        value = own.get(name) if value is None else value
        return 1e-6 * float(otherwise if value is None else value)

    low, high = conductance("g_min", 0.0), conductance("g_max", G_MAX)
    if p.device.model.param("storage") is None:
        return fitting(weights, str(given.get("storage", "auto")), low, high)
    numbers = {"slices": int(own["slices"]), "slice_bits": int(own["slice_bits"])}
    return Lay(float(own.get("w_min", 0.0)), float(own.get("w_max", 1.0)), low, high, str(own["storage"]), **numbers)


def _names(lay: Lay) -> tuple[str, ...]:
    """The devices of one weight, as `models.devices.storage` calls them."""
    if lay.storage == "slices":
        return tuple(f"s{k}_" for k in range(lay.slices))
    return ("plus_", "minus_") if lay.storage in ("pair", "one_sided") else ("",)


def _parts(rows: Any, kept: Mapping[str, np.ndarray], lay: Lay) -> np.ndarray | None:
    """What each device holds after programming, (synapses, devices); None where devices hold just what is wanted."""
    names = _names(lay)
    if len(names) == 1:
        return np.asarray(rows.weights, float)[:, None] if rows.weights is not None and lay.storage == "single" else None
    if not all(f"zs_{name}w" in kept for name in names):
        return None
    return np.stack([np.asarray(kept[f"zs_{name}w"], float) for name in names], axis=1)


def _aged(
    flat: FlatNetwork,
    free: FlatProjection,
    p: FlatProjection,
    parts: np.ndarray | None,
    kept: Mapping[str, np.ndarray],
    given: Mapping[str, Any],
    lay: Lay,
) -> np.ndarray:
    """What each device gives when it is read once, at the age that the crossbar names."""
    age = given.get("age")
    text = f"“{p.device.model.title}” changes with time or from read to read, but a crossbar is solved once."
    _refuse(age is None, p, "age", text, "Say with `age` how long after programming it is read, or leave wires and faults off.")
    one, params = stored(p.device.model, {**p.device.params, **({"storage": "single"} if p.device.model.param("storage") else {})})
    tree = device_form(one).read
    assert tree is not None and age is not None and parts is not None
    random = np.random.Generator(np.random.Philox(int(path_key(flat.run.seed, p.key, "reading"))))
    out, n = np.empty_like(parts), len(parts)
    for k, name in enumerate(_names(lay)):
        states = {s.name: np.asarray(kept[f"zs_{name}{s.name}"], float) for s in one.states}
        values = {**params, **states, "w": parts[:, k], "age": float(age), "dt": flat.run.dt}
        out[:, k] = evaluate(tree, values, lambda kind, _: random.standard_normal(n) if kind == "normal" else random.random(n))
    return out


def _listed(p: FlatProjection, matrix: _Matrix, weights: np.ndarray, inside: np.ndarray) -> FlatProjection:
    """The projection as a list of some of its synapses, with these weights on ideal devices."""
    lists = {"sources": matrix.sources[inside], "targets": matrix.targets[inside]}
    delay = p.delay if matrix.delays is None else matrix.delays[inside]
    connector = Chosen(EXPLICIT, {q.name: q.default for q in EXPLICIT.params} | lists)
    return replace(p, connector=connector, device=Chosen(IDEAL, {}), weight=weights[inside], delay=delay)


def converted(p: FlatProjection, step: np.ndarray, low: np.ndarray, high: np.ndarray) -> Chosen:
    """The projection's kinetics with a converter before its jump: step, lowest and highest count for each target."""
    assert p.kinetics is not None
    _refuse(
        not isinstance(p.delay, (int, float)),
        p,
        "adc_bits",
        "a converter reads all rows at once, but the delays differ.",
        "Give one delay.",
    )
    model: Kinetics = p.kinetics.model
    taken = {q.name for q in model.params} | {s.name for s in model.states}
    _refuse(bool(taken & set(_CONVERTER)), p, "adc_bits", "the kinetics already has a converter.")
    read = expression("adc_step*min(adc_high, max(adc_low, floor(w/adc_step + 0.5)))", {"w", *_CONVERTER})
    jump = "\n".join(render_block(substitute_block(kinetics_form(model).jump, {"w": read}), _LANGUAGE))
    more = tuple(Param(name, 1.0, "", "Of the converter.", low=None) for name in _CONVERTER)
    numbers = {"adc_step": step, "adc_low": low, "adc_high": high}
    return Chosen(replace(model, jump=jump, params=(*model.params, *more), presets=()), {**p.kinetics.params, **numbers})


def _refuse(wrong: bool, p: FlatProjection, part: str, text: str, fix: str = "") -> None:
    if wrong:
        where = f"{p.path}.{part}" if part == "connector" else f"{p.path}.crossbar{'.' if part else ''}{part}"
        raise FindingError([Finding("fit.crossbar", "error", where, text, fix)])
