"""Values of the document as numbers: shared by a population, or one per neuron, drawn from the seed and the path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.engine import propagator
from studio.engine.kernels import REFRACTORY_STEPS
from studio.engine.random import PARAM, SHAPES, fill_drawn, path_key, stream
from studio.findings import Finding, FindingError
from studio.models.language.evaluate import evaluate, evaluate_block
from studio.models.spec import Neuron, SourceForm
from studio.models.system import System, join
from studio.network.flat import Chosen, Drawn, FlatNetwork, FlatPopulation, FlatSource, Value

Number = float | np.ndarray


def per_element(value: Value, n: int, seed: int, *path: object) -> Number:
    """A value as one number, or one per element where they differ. Drawn values depend on seed, path and element only."""
    if isinstance(value, Drawn):
        out = np.empty(n)
        fill_drawn(out, stream(path_key(seed, *path), PARAM), SHAPES[value.shape], value.a, value.b, value.low, value.high)
        return collapsed(out)
    return collapsed(np.asarray(value, float).ravel()) if isinstance(value, np.ndarray) else float(value)


def collapsed(values: Any) -> Number:
    """One number where all are equal."""
    array = np.asarray(values, float)
    if array.ndim == 0:
        return float(array)
    return float(array[0]) if array.size and bool(np.all(array == array[0])) else array


@dataclass(frozen=True)
class Receptor:
    """One receptor of a population: its kinetics, and the keys of the projections that share it."""

    kinetics: Chosen
    projections: tuple[str, ...]


def receptors(flat: FlatNetwork, path: str) -> tuple[Receptor, ...]:
    """The receptors of a population, in the order of their first projection; equal kinetics with equal numbers share one."""
    groups: dict[Any, list[Any]] = {}
    for p in flat.projections:
        if p.target == path and p.kinetics is not None:
            groups.setdefault(_sharing(p.kinetics, p.key), []).append(p)
    return tuple(Receptor(g[0].kinetics, tuple(p.key for p in g)) for g in groups.values())


def _sharing(kinetics: Chosen, key: str) -> Any:
    numbers = tuple(sorted(kinetics.params.items())) if all(isinstance(v, (int, float, str)) for v in kinetics.params.values()) else key
    return kinetics.model.key, numbers


def system_of(population: FlatPopulation, of: Sequence[Receptor], method: str | None) -> System:
    """The population's neuron joined with its receptors, by the wanted method where the neuron offers it."""
    model: Neuron = population.model
    return join(model, [r.kinetics.model for r in of], method)


@dataclass(frozen=True)
class Numbers:
    """All a kernel may ask for by name (parameters, derived values, propagator, dt), and the start of every state."""

    values: Mapping[str, Number]
    starts: Mapping[str, Number]


def numbers(
    system: System, population: FlatPopulation, of: Sequence[Receptor], seed: int, dt: float, sums: Mapping[str, np.ndarray] | None = None
) -> Numbers:
    """Compute a population's numbers once, in double precision. `sums`: of the weights of coupled receptors, by their names."""
    n = population.size
    values: dict[str, Any] = {
        name: per_element(v, n, seed, population.path, name) for name, v in population.neuron.params.items() if not isinstance(v, str)
    }
    for k, receptor in enumerate(of):
        own = {
            f"r{k}_{name}": per_element(v, n, seed, receptor.projections[0], name)
            for name, v in receptor.kinetics.params.items()
            if not isinstance(v, str)
        }
        values |= own
    values["dt"] = dt
    values |= {name: collapsed(v) for name, v in (sums or {}).items()}
    values = {k: collapsed(v) for k, v in evaluate_block(system.derived, values).items()}
    starts = {
        s.name: per_element(population.start[s.name], n, seed, population.path, "start", s.name)
        if s.name in population.start
        else collapsed(evaluate(s.start, values))
        for s in system.states
    }
    values["dt_sub"] = dt / system.substeps
    if system.refractory:
        values[REFRACTORY_STEPS] = collapsed(np.rint(np.asarray(values[system.refractory]) / dt))
    if system.flowing and system.method in ("exact", "step"):
        values |= {k: collapsed(v) for k, v in propagator.numbers(system, values, dt).items()}
    return Numbers(values, starts)


def source_form(source: FlatSource, seed: int, dt: float) -> SourceForm:
    """What a source lowers to, its drawn parameters drawn."""
    params = {k: per_element(v, source.size, seed, source.path, k) if isinstance(v, Drawn) else v for k, v in source.source.params.items()}
    try:
        return source.model.lower(params, source.size, dt)
    except FindingError as problem:
        raise FindingError(
            [Finding(f.code, f.severity, f"{source.path}{'.' if f.where else ''}{f.where}", f.text, f.fix) for f in problem.findings]
        ) from None


def state_names(system: System, of: Sequence[Receptor], what: str) -> tuple[str, ...]:
    """The system's states that a record's `what` means: more than one are summed, none is no state.

    `v`: a state of the neuron. `exponential.i_syn`: that state of all receptors of the kinetics. `p1.i_syn`: of the receptor at which
    the projection `p1` (its path) arrives; projections with equal kinetics share a receptor, so it holds what all of them bring.
    """
    name, dot, own = what.rpartition(".")
    if not dot:
        return tuple(s.name for s in system.states if s.owner < 0 and s.name == what)
    fits = {k for k, r in enumerate(of) if r.kinetics.model.key == name}
    fits = fits or {k for k, r in enumerate(of) if any(key == name or key.startswith(f"{name}[") for key in r.projections)}
    return tuple(s.name for s in system.states if s.owner in fits and s.model == own)
