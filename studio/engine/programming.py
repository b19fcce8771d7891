"""Devices programmed when a network is built: from the wanted weights to what is stored, and to what devices and synapses remember.

One compiled pass over the rows, in double precision; what it draws depends on the run's seed and a synapse's ends only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from textwrap import indent
from typing import Any

import numpy as np

from studio.engine import store
from studio.engine.building import together
from studio.engine.connectivity import Rows
from studio.engine.kernels import PRELUDE
from studio.engine.plasticity import scalar, times_of
from studio.engine.plasticity_text import Hooks
from studio.engine.random import path_key
from studio.models.spec import Device, Plasticity
from studio.network.flat import FlatProjection

Kept = dict[str, np.ndarray]  # by the names of the kernels' arrays, one value a synapse


def programmed(p: FlatProjection, rows: Sequence[Rows], dtype: Any, seed: int) -> tuple[list[Rows], list[Kept]]:
    """The rows with the weights that are stored, and what every synapse and device starts with, by part. `rows` may be changed in place."""
    hooks = _hooks(p.plasticity.model, p.device.model)
    names = [k.array for k in hooks.kept if k.real == "F"]
    if not names and not hooks.device_form.program:
        return list(rows), [{} for _ in rows]
    stored = [replace(r, weights=_weights(r, dtype), table=None) for r in rows]
    kept = [{name: np.zeros(r.n, dtype) for name in names} for r in rows]
    text, numbers = _rendered(p.plasticity.model, p.device.model)
    values = np.array([scalar(p, *n.split(".", 1)) if "." in n else 0.0 for n in numbers])
    key, program = np.uint64(path_key(seed, p.key, "learning")), store.load(text).program
    times = [times_of(r) if "times[" in text else np.zeros(0, np.uint32) for r in stored]

    def run(part: int) -> None:
        r = stored[part]
        program(r.starts, r.targets, r.low, r.weights, times[part], key, values, *kept[part].values())

    run(0)
    if len(stored) > 1:
        together([lambda told, part=part: run(part) for part in range(1, len(stored))])
    return stored, kept


def _weights(rows: Rows, dtype: Any) -> np.ndarray:
    if rows.weights is None:
        return np.full(rows.n, rows.weight, dtype)
    return np.asarray(rows.weights if rows.table is None else rows.table[rows.weights], dtype)


def _hooks(rule: Plasticity, device: Device) -> Hooks:
    return Hooks(rule, device)


def _rendered(rule: Plasticity, device: Device) -> tuple[str, tuple[str, ...]]:
    """The pass as text, and the names of the numbers it is given."""
    hooks = _hooks(rule, device)
    lines = hooks.building()
    kept = [k for k in hooks.kept if k.real == "F"]
    body = [*lines, *(f"{k.array}[s] = {k.var}" for k in kept)]
    numbers = tuple(hooks.used)
    given = [f"c_{n.replace('.', '_')} = c[{k}]" for k, n in enumerate(numbers)]
    arguments = ", ".join(["starts", "targets", "low", "weights", "times", "key", "c", *(k.array for k in kept)])
    text = "\n".join(
        [
            "F = np.float64",
            PRELUDE,
            '@njit(nogil=True, cache=True, error_model="numpy")',
            f"def program({arguments}):",
            indent("\n".join(["now = -1", *given, "for source in range(starts.shape[0] - 1):"]), "    "),
            "        for s in range(starts[source], starts[source + 1]):",
            indent("\n".join(["w = np.float64(weights[s])", *body]), "            "),
            "",
        ]
    )
    return text, numbers
