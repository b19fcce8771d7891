"""Projections as rules, from which the cores of a network that is too large to be listed make their rows: written, and read back as synapses."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.backends.spinnaker import fixed
from studio.backends.spinnaker.lowering import cell, kind_of, later
from studio.backends.spinnaker.slicing import row_length
from studio.compile.program import Connection, Program
from studio.compile.wiring import Block, Quantised, Wiring
from studio.models.catalogue import builtin
from studio.network.flat import Chosen, Drawn, FlatProjection, Value


def connector(program: Program, c: Connection) -> dict[str, Any]:
    """A projection as a block: its rule, what its weights and delays are drawn from, and how long rows get; nothing is listed.

    `draws` names what the studio draws its synapses with: the run's seed and the projection's key, so that they are those of the engine.
    """
    w, q = c.wiring, c.quantised
    assert q is not None
    first = next(part.cut for part in program.parts if part.layer == c.target)
    said = {
        "path": c.path,
        "source": c.source,
        "target": c.target,
        "rule": w.kind,
        "numbers": {k: v for k, v in vars(w.form).items() if isinstance(v, (int, float, bool))},
        "synapses": w.count(),
        "longest_row": row_length(c, first),
        "weight": _value(w.weight),
        "weight_step": float(q.scale),
        "weight_range": [q.low, q.high],
        "delay": _value(w.delay),
        "delay_later": later(kind_of(program, c.target)),
        "receptor": cell(program, c.target).receptor[c.key],
    }
    if w.drawn is not None and c.connector is not None:
        params = {k: v for k, v in c.connector.params.items() if isinstance(v, (int, float, bool, str))}
        said["draws"] = {"connector": c.connector.model.key, "params": params, "key": w.drawn.key, "seed": w.seed}
        said["whole"] = len(params) == len(c.connector.params)
    return said


def wiring_of(said: dict[str, Any], n_source: int, n_target: int, dt: float) -> Wiring:
    """The synapses that a written projection means. Raises ValueError where they were given as lists, which are not written."""
    if not said.get("whole", False) or any("given" in x for x in (said["weight"], said["delay"]) if isinstance(x, dict)):
        raise ValueError(
            f"the synapses of {said['path']} are given as lists, which this artefact does not hold: there is nothing to read back"
        )
    draws, weight, delay = said["draws"], _drawn(said["weight"]), _drawn(said["delay"])
    model = builtin().get("connector", draws["connector"])
    static, pulse, ideal = (
        Chosen(builtin().get(kind, name), {}) for kind, name in (("plasticity", "static"), ("kinetics", "delta"), ("device", "ideal"))
    )
    rule = Chosen(model, draws["params"])
    own = FlatProjection(draws["key"], said["path"], said["source"], said["target"], rule, pulse, static, ideal, weight, delay)
    form = model.lower(draws["params"], n_source, n_target)
    low, high = said["weight_range"]
    q = Quantised(fixed.WEIGHT_BITS + 1, low, high, said["weight_step"])
    return Wiring(n_source, n_target, form, weight, delay, dt, draws["seed"], said["source"] == said["target"], own, q)


def listed(said: dict[str, Any], block: Block) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(sources, targets, types, weights, delays) as the cores hold them, of some synapses of a written projection."""
    weights = np.rint(block.weights).astype(np.int64)
    types = (weights < 0).astype(np.int64) if said["receptor"] is None else np.full(len(block), said["receptor"], np.int64)
    return block.sources, block.targets, types, np.abs(weights), block.delays + said["delay_later"]


def _value(value: Any) -> Any:
    """A number, or a distribution; of arrays only how many there are."""
    if isinstance(value, Drawn):
        ends = {k: v for k, v in (("low", value.low), ("high", value.high)) if np.isfinite(v)}
        return {"shape": value.shape, "a": value.a, "b": value.b, **ends}
    return float(value) if np.ndim(value) == 0 else {"given": int(np.size(value))}


def _drawn(said: Any) -> Value:
    return Drawn(**said) if isinstance(said, dict) else float(said)
