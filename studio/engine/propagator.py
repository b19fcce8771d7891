"""The exact step of a linear system: x(t + dt) = P x(t) + q + b i_ext (and the same for other inputs), computed once per parameter set in double precision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from studio.models.language.evaluate import evaluate
from studio.models.language.tree import Expr
from studio.models.system import EXTERNAL, System

_TERMS = 20  # of the Taylor series, for a matrix of norm at most 1/2: the rest is below 1e-24


def expm(a: np.ndarray) -> np.ndarray:
    """The matrix exponential of each matrix in `a` (..., n, n), by scaling, a Taylor series and squaring."""
    norm = float(np.abs(a).sum(axis=-1).max(initial=0.0))
    halvings = max(0, int(np.ceil(np.log2(norm))) + 1) if norm > 0.5 else 0
    small = a / 2.0**halvings
    eye = np.broadcast_to(np.eye(a.shape[-1]), a.shape)
    out = eye.copy()
    for k in range(_TERMS, 0, -1):
        out = eye + small @ out / k
    for _ in range(halvings):
        out = out @ out
    return out


@dataclass(frozen=True)
class Flow:
    """Which entries of P, q and b a kernel needs, known from the structure alone.

    `rows[s]` are the states that s depends on, itself first; `held` are the rows that also need their form for a refractory neuron,
    because they depend on a clamped state. `offset` and `driven` are the states with a q and a b; `coupled[u]` those with a b of their own
    for the input u of a coupled receptor.
    """

    states: tuple[str, ...]
    rows: Mapping[str, tuple[str, ...]]
    offset: frozenset[str]
    driven: frozenset[str]
    held: frozenset[str]
    coupled: Mapping[str, frozenset[str]]


def structure(system: System) -> Flow:
    """The non-zero pattern of the propagator: what reaches what."""
    a, c, b = system.matrix()
    states = system.flowing
    reach = {s: {s} | {col for row, col in a if row == s} for s in states}
    for _ in states:
        reach = {s: set().union(*(reach[t] for t in reach[s])) for s in states}
    rows = {s: (s, *[t for t in states if t in reach[s] and t != s]) for s in states}
    touched = {s for s in states if reach[s] & set(c)}
    by = {u: frozenset(s for s in states if reach[s] & {row for row, v in b if v == u}) for u in system.inputs}
    clamped = {s.name for s in system.states if s.clamped} & set(states)
    held = {s for s in states if s not in clamped and reach[s] & clamped}
    return Flow(states, rows, frozenset(touched), by.pop(EXTERNAL), frozenset(held), by)


def numbers(system: System, values: Mapping[str, float | np.ndarray], dt: float) -> dict[str, float | np.ndarray]:
    """The propagator's entries by the names kernels use: `P_row_col`, `q_row`, `b_row`, `b_row_input`, and `PH_`, `qH_`, `bH_` for the held rows."""
    flow = structure(system)
    out = _entries(system, flow.states, (), values, dt, flow, "")
    clamped = tuple(s.name for s in system.states if s.clamped)
    if flow.held:
        out |= _entries(system, tuple(flow.held), clamped, values, dt, flow, "H")
    return out


def _entries(
    system: System, wanted: Sequence[str], still: Sequence[str], values: Mapping[str, float | np.ndarray], dt: float, flow: Flow, mark: str
) -> dict[str, float | np.ndarray]:
    index = {s: k for k, s in enumerate(flow.states)}
    full = expm(_augmented(system, index, still, values) * dt)
    n = len(index)
    out: dict[str, float | np.ndarray] = {}
    for row in wanted:
        for col in flow.rows[row]:
            out[f"P{mark}_{row}_{col}"] = full[..., index[row], index[col]]
        if row in flow.offset:
            out[f"q{mark}_{row}"] = full[..., index[row], n]
        if row in flow.driven:
            out[f"b{mark}_{row}"] = full[..., index[row], n + 1]
        for k, (u, driven) in enumerate(flow.coupled.items()):
            if row in driven:
                out[f"b{mark}_{row}_{u}"] = full[..., index[row], n + 2 + k]
    return {k: float(v) if np.ndim(v) == 0 else v for k, v in out.items()}


def _augmented(system: System, index: Mapping[str, int], still: Sequence[str], values: Mapping[str, float | np.ndarray]) -> np.ndarray:
    """[[A, c, b], [0, 0, 0], [0, 0, 0]] per parameter set, a column of b for each input, so that its exponential holds P, q and b."""
    a, c, b = system.matrix()
    n = len(index)
    cells: list[tuple[int, int, Expr]] = [(index[r], index[s], e) for (r, s), e in a.items() if r not in still]
    cells += [(index[r], n, e) for r, e in c.items() if r not in still]
    cells += [(index[r], n + 1 + system.inputs.index(u), e) for (r, u), e in b.items() if r not in still]
    found = [(r, s, np.asarray(evaluate(e, values), float)) for r, s, e in cells]
    shape = np.broadcast_shapes((), *(v.shape for _, _, v in found))
    size = n + 1 + len(system.inputs)
    out = np.zeros((*shape, size, size))
    for r, s, v in found:
        out[..., r, s] = v
    return out


__all__ = ["EXTERNAL", "Flow", "expm", "numbers", "structure"]
