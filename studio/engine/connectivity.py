"""From a projection of the flat network to its synapses: stored by source for each part of the targets, or as a procedure.

As small as the network allows: one weight for all stays one number, one delay for all stays one number, targets are counted from the
part's first neuron in the smallest integer that fits, and a rule that is drawn per source may store nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from studio.engine import topology as T
from studio.engine import windows
from studio.engine.building import together
from studio.engine.construction import Lookup, Recipe, by_tag, write
from studio.engine.laws import law, table
from studio.engine.procedure import Procedure, procedure, with_delays, with_gap, with_weights
from studio.engine.random import CONNECT, SPLIT, path_key, stream
from studio.engine.recording import Synapses
from studio.engine.rows import LONGEST_DELAY, Rows, listed
from studio.engine.sharing import share
from studio.engine.topology import split
from studio.findings import Finding, FindingError
from studio.models.spec import (
    AllToAll,
    Bernoulli,
    ConnectorForm,
    InDegree,
    Matrix,
    OneToOne,
    OutDegree,
    Pairs,
    Regular,
    TotalNumber,
    Window,
)
from studio.network.flat import Drawn, FlatNetwork, FlatProjection

__all__ = ["Ends", "Rows", "build", "ends", "kept_once", "kept_stored", "listed", "split", "storage", "storage_notes", "synapses"]


@dataclass(frozen=True)
class Ends:
    """The sizes at both ends of a projection, and whether they are the same population."""

    n_source: int
    n_target: int
    same: bool


def build(
    projection: FlatProjection,
    ends: Ends,
    seed: int,
    dt: float,
    dtype: Any = np.float64,
    parts: Sequence[tuple[int, int]] | None = None,
    weights: str = "float32",
    procedural: bool = False,
    tick: Callable[[float], None] | None = None,
) -> list[Rows]:
    """The synapses of a projection, one Rows per part. Raises FindingError where the connector cannot join these sizes.

    `weights` "table256": distributions of weights as 256 values. `procedural`: store nothing where `kept_stored` has no reason against it;
    windows and matrices never store more.
    `tick` hears, in the caller's thread, which part of the work is done; what it raises ends the work.
    """
    ranges = list(parts) if parts is not None else [(0, ends.n_target)]
    form = projection.connector.model.lower(projection.connector.params, ends.n_source, ends.n_target)
    recipe = _recipe(form, projection, ends, seed, dt, np.dtype(dtype), weights == "table256")
    widest = max((high - low for low, high in ranges), default=0)
    recipe = replace(recipe, targets_in=np.uint16 if widest <= 65_536 else np.uint32)
    if (procedural or isinstance(form, (Window, Matrix))) and recipe.pairs is None and kept_stored(projection, ends) is None:
        return [_not_stored(recipe, low, high) for low, high in ranges]
    recipe = replace(recipe, table=None) if recipe.procedure.weights == "kept" else recipe
    return together([lambda told, a=a, b=b: write(recipe, a, b, told) for a, b in ranges], tick)


def synapses(flat: FlatNetwork, key: str) -> Synapses:
    """The synapses of one projection as they are at the start of a run."""
    projection = next(p for p in flat.projections if p.key == key)
    return listed(build(projection, ends(flat, projection), flat.run.seed, flat.run.dt), flat.run.dt)


def ends(flat: FlatNetwork, projection: FlatProjection) -> Ends:
    """The sizes of a projection's two ends."""
    sizes = {n.path: n.size for n in (*flat.populations, *flat.sources)}
    return Ends(sizes[projection.source], sizes[projection.target], projection.source == projection.target)


def has_devices(projection: FlatProjection) -> bool:
    """Whether each synapse has a device that makes something of the weight of its own."""
    device = projection.device.model
    return projection.kinetics is not None and bool(device.program.strip() or device.read.strip())


def kept_stored(projection: FlatProjection, ends: Ends) -> str | None:
    """Why a projection is stored although a run asks for procedural connectivity; None where it can be drawn again."""
    form = projection.connector.model.lower(projection.connector.params, ends.n_source, ends.n_target)
    if projection.plasticity.model.plastic:
        return "its weights learn"
    if has_devices(projection):
        return "each of its devices has its own value"
    if projection.kinetics is None:
        return "it carries an analog signal"
    if projection.kinetics.model.coupled:
        return "it acts in every step"
    if isinstance(form, InDegree):
        return "each target draws its sources"
    if isinstance(form, (OneToOne, Pairs)):
        return "it is a list"
    if isinstance(projection.weight, np.ndarray) or isinstance(projection.delay, np.ndarray):
        return "weights or delays are given one by one"
    return None


def kept_once(projection: FlatProjection, ends: Ends) -> int | None:
    """How many weights all synapses together are made of, where none is stored: those of a kernel or a matrix; None for other connectors."""
    form = projection.connector.model.lower(projection.connector.params, ends.n_source, ends.n_target)
    if not isinstance(form, (Window, Matrix)):
        return None
    return 0 if form.weights is None else int(form.weights.size)


def _not_stored(recipe: Recipe, low: int, high: int) -> Rows:
    made = recipe.procedure.onto(low, high)
    nothing = np.zeros(0, np.int64), np.zeros(0, recipe.targets_in)
    span = made.delay_span if made.delays == "drawn" else None
    return Rows(
        low,
        high,
        *nothing,
        weight=recipe.weight,
        delay=recipe.delay if span is None else span[0],
        table=recipe.table,
        table_error=recipe.table_error,
        procedure=made,
        span=span,
    )


def _recipe(form: ConnectorForm, projection: FlatProjection, ends: Ends, seed: int, dt: float, real: Any, tabled: bool) -> Recipe:
    made, mean, pairs = _scheme(form, projection, ends, path_key(seed, projection.key, "connect"))
    recipe = Recipe(made, mean, 0.0, 0, np.uint32, real, np.uint16, pairs=pairs)
    own = (form.weights, form.delays) if isinstance(form, Pairs) else (None, None)
    single = (
        projection.plasticity.model.plastic or has_devices(projection) or projection.kinetics is None or isinstance(form, OneToOne)
    )  # kept as numbers
    tabled = tabled and not single
    weight = projection.weight if own[0] is None else np.asarray(own[0])
    delay = projection.delay if own[1] is None else np.asarray(own[1])
    if isinstance(form, (Window, Matrix)):
        recipe = _kept(recipe, form, weight, projection, real)
    else:
        recipe = _weighted(recipe, weight, projection, ends, seed, real, tabled)
    return _delayed(recipe, delay, projection, ends, seed, dt)


def _weighted(recipe: Recipe, weight: Any, projection: FlatProjection, ends: Ends, seed: int, real: Any, tabled: bool) -> Recipe:
    if isinstance(weight, np.ndarray):
        return replace(recipe, weights=_lookup(weight, recipe, projection, ends))
    if not isinstance(weight, Drawn):
        return replace(recipe, weight=float(weight))
    spread = law(weight)
    made = with_weights(recipe.procedure, spread, path_key(seed, projection.key, "weight"), "table" if tabled else "drawn", real)
    if not tabled:
        return replace(recipe, procedure=made)
    values, rms, most = table(spread)
    return replace(recipe, procedure=made, weights_in=np.uint8, table=values.astype(real), table_error=(rms, most))


def _kept(recipe: Recipe, form: Window | Matrix, weight: Any, projection: FlatProjection, real: Any) -> Recipe:
    """Weights that are kept once, multiplied with the projection's."""
    if isinstance(weight, (np.ndarray, Drawn)):
        text = f"“{projection.connector.model.key}” has weights of its own; the projection's is one number that multiplies them."
        raise FindingError([Finding("bounds.shared", "error", f"{projection.path}.weight", text, "Give one number.")])
    if isinstance(form, Window) and form.weights is None:
        return replace(recipe, weight=float(weight) * form.scale)
    assert form.weights is not None
    if form.weights.size > windows.LARGEST_TABLE:
        text = f"{form.weights.size:,} weights are more than the {windows.LARGEST_TABLE:,} that one projection can keep."
        raise FindingError([Finding("size.limit", "error", projection.path, text, "Cut the projection into several.")])
    table = windows.table_of(form, float(weight), real)
    made = replace(recipe.procedure, weights="kept", form=form, real=real)
    return replace(recipe, procedure=made, weight=float(weight), table=table, weights=by_tag(table))


def _delayed(recipe: Recipe, delay: Any, projection: FlatProjection, ends: Ends, seed: int, dt: float) -> Recipe:
    if isinstance(delay, np.ndarray):
        steps = np.rint(delay / dt)
        longest = int(steps.max(initial=0))
        _check_delays(int(steps.min(initial=0)), longest, projection, dt)
        steps = np.maximum(steps, 1 if longest > 0 else 0)
        return replace(recipe, delays=_lookup(steps, recipe, projection, ends), delays_in=_small(longest))
    if not isinstance(delay, Drawn):
        steps = int(round(float(delay) / dt))
        _check_delays(steps, steps, projection, dt)
        return replace(recipe, delay=steps)
    spread = law(delay)
    _check_delays(0, int(np.rint(spread.greatest / dt)), projection, dt)
    made = with_delays(recipe.procedure, spread, path_key(seed, projection.key, "delay"), dt)
    return replace(recipe, procedure=made, delays_in=_small(made.delay_span[1]))


def _small(longest: int) -> Any:
    return np.uint8 if longest < 256 else np.uint16


def _lookup(values: np.ndarray, recipe: Recipe, projection: FlatProjection, ends: Ends) -> Lookup:
    """One value per synapse out of an array: by place in a list, or by pair."""
    array = np.asarray(values, float)
    if recipe.pairs is not None and array.ndim == 1 and array.size == len(recipe.pairs[0]):
        return lambda sources, targets, tags: array[tags]
    if array.size == ends.n_source * ends.n_target:
        matrix = array.reshape(ends.n_source, ends.n_target)
        return lambda sources, targets, tags: matrix[sources, targets]
    text = f"an array of shape {array.shape} does not fit {ends.n_source} sources and {ends.n_target} targets."
    raise FindingError([Finding("size.data", "error", projection.path, text, "Give one value per pair, shape (sources, targets).")])


def _check_delays(least: int, most: int, projection: FlatProjection, dt: float) -> None:
    """Raise FindingError for delays [steps] that no small integer holds."""
    if least >= 0 and most <= LONGEST_DELAY:
        return
    steps = least if least < 0 else most
    text = f"the delay {steps * dt:g} ms is {steps} steps; between 0 and {LONGEST_DELAY} steps are possible."
    raise FindingError([Finding("bounds.delay", "error", projection.path, text, "Shorten the delay, or lengthen dt.")])


Scheme = tuple[Procedure, float, tuple[np.ndarray, np.ndarray] | None]  # the procedure, the mean number of synapses, lists


def _scheme(form: ConnectorForm, projection: FlatProjection, ends: Ends, key: int) -> Scheme:
    """How a connector's form is drawn onto all targets."""
    ns, nt = ends.n_source, ends.n_target
    same = ends.same and not getattr(form, "autapses", True)
    draw = int(stream(key, CONNECT))
    if isinstance(form, OneToOne):
        _need(ns == nt, projection, f"one-to-one needs equal sizes, not {ns} and {nt}.")
        form = Pairs(np.arange(ns), np.arange(nt))
    if isinstance(form, Pairs):
        pairs = _pairs(form, projection, ends)
        return procedure("pairs", ns, nt, draw, 0, False), float(len(pairs[0])), pairs
    if ns == 0 or nt == 0 or (same and nt == 1) or (isinstance(form, Bernoulli) and form.p <= 0.0):
        nobody = np.zeros(0, np.int64)
        return procedure("pairs", ns, nt, draw, 0, False), 0.0, (nobody, nobody)
    if isinstance(form, AllToAll) or (isinstance(form, Bernoulli) and form.p >= 1.0):
        return procedure("row_dense", ns, nt, draw, nt, same), float(ns) * nt, None
    if isinstance(form, Bernoulli):
        made = procedure("row_bernoulli", ns, nt, draw, nt, same, blocks=T.blocks(nt, form.p * nt))
        return with_gap(made, float(form.p)), form.p * ns * nt, None
    if isinstance(form, InDegree):
        return procedure("in_degree", ns, nt, draw, 0, same, DEGREE=int(form.k)), float(form.k) * nt, None
    if isinstance(form, OutDegree):
        made = procedure("row_out_degree", ns, nt, draw, int(form.k), same, blocks=T.blocks(nt, form.k), DEGREE=int(form.k))
        return made, float(form.k) * ns, None
    if isinstance(form, TotalNumber):
        degrees = share(stream(key, SPLIT), int(form.n), ns)
        count = T.blocks(nt, form.n / ns)
        return procedure("row_out_degree", ns, nt, draw, int(degrees.max()), same, blocks=count, DEGREES=degrees), float(form.n), None
    if isinstance(form, (Window, Matrix)):
        make = windows.window if isinstance(form, Window) else windows.matrix
        return make(form, ns, nt, draw), float(projection.connector.model.expected(projection.connector.params, ns, nt)), None  # type: ignore[arg-type]
    if isinstance(form, Regular):
        return _regular(form, ends, key, draw, same), float(form.k) * ns, None
    raise TypeError(f"The engine does not know the connector form {type(form).__name__}.")


def _regular(form: Regular, ends: Ends, key: int, draw: int, same: bool) -> Procedure:
    slots = ends.n_source * int(form.k)
    cells = ends.n_source if same else slots
    side = max(1, int(np.ceil(np.sqrt(cells))))
    rounds = np.array([stream(key, SPLIT, k) for k in range(2 * T.HALF_ROUNDS)], np.uint64)
    places = {"DEGREE": int(form.k), "IN_DEGREE": slots // ends.n_target, "SIDE": side, "OTHER_SIDE": max(1, -(-cells // side))}
    scheme = "row_regular_apart" if same else "row_regular"
    return procedure(scheme, ends.n_source, ends.n_target, draw, int(form.k), same, ROUNDS=rounds, **places)


def _pairs(form: Pairs, projection: FlatProjection, ends: Ends) -> tuple[np.ndarray, np.ndarray]:
    s, t = np.asarray(form.sources), np.asarray(form.targets)
    _need(
        s.shape == t.shape and s.ndim == 1,
        projection,
        f"sources and targets must be lists of the same length, not {s.shape} and {t.shape}.",
    )
    for name, ids, n in (("sources", s, ends.n_source), ("targets", t, ends.n_target)):
        _need(not ids.size or (int(ids.min()) >= 0 and int(ids.max()) < n), projection, f"{name} must lie between 0 and {n - 1}.")
    return s, t


def _need(good: bool, projection: FlatProjection, text: str) -> None:
    if not good:
        fix = "Make both ends the same size, or choose another connector." if "equal sizes" in text else ""
        raise FindingError([Finding("size.connector", "error", projection.path, text, fix)])


def storage(flat: FlatNetwork, precision: str, rows: Mapping[str, Rows]) -> dict[str, Any]:
    """How synapses were kept, for a recording's provenance; `rows`: one part of each projection, by its key.

    "table_errors" by key: root mean square and greatest error of weights out of a table, in standard deviations.
    """
    errors = {key: list(r.table_error) for key, r in rows.items() if r.table_error}
    plain = "float64" if precision == "double" else "float32"
    out = {"weights": "table256" if errors else plain, "connectivity": flat.run.connectivity}
    stored = {note.where: note.text for note in storage_notes(flat)}
    return {**out, **({"table_errors": errors} if errors else {}), **({"stored": stored} if stored else {})}


def storage_notes(flat: FlatNetwork) -> list[Finding]:
    """Which projections a run with procedural connectivity stores all the same, and why (severity info)."""
    if flat.run.connectivity != "procedural":
        return []
    found = [(p, kept_stored(p, ends(flat, p))) for p in flat.projections]
    text = "the synapses are stored although connectivity is procedural: {}."
    return [Finding("fit.connectivity", "info", p.path, text.format(why)) for p, why in found if why]
