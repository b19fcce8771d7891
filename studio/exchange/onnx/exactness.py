"""Whether a model must give the very spikes of the engine: where sums in single precision come out alike, and how near to threshold that matters.

Sums in another order than the engine's are exact when every weight is a whole multiple of one power of two and no sum needs more than 24 binary
digits. Where they are not, both sums lie within gamma * sum|w| of the true one, gamma = n u / (1 - n u), u = 2^-24, n terms (Higham 2002,
Accuracy and Stability of Numerical Algorithms, 4.2); over a linear neuron's memory that adds up to a distance from threshold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from studio.engine.propagator import structure
from studio.findings import Finding
from studio.models.dynamics import MEMBRANE, WEIGHT
from studio.network.flat import FlatNetwork

if TYPE_CHECKING:
    from studio.exchange.onnx.draft import Group, Wire

UNIT = 2.0**-24
IN_ORDER = "synapses"


def grid(weights: np.ndarray) -> float:
    """The largest power of two of which all weights are whole multiples; 0 for no weights but zero."""
    values = np.abs(np.asarray(weights, np.float32).astype(np.float64))
    values = values[values > 0]
    if not len(values):
        return 0.0
    mantissa, exponent = np.frexp(values)
    whole = (mantissa * 2.0**24).astype(np.int64)
    trailing = np.log2((whole & -whole).astype(np.float64))
    return float(2.0 ** np.min(exponent - 24 + trailing))


def sums_exact(weights: Iterable[np.ndarray], most: float) -> bool:
    """Whether sums of such weights, none greater than `most`, are exact in single precision, in any order."""
    steps = [g for w in weights if (g := grid(w)) > 0]
    return not steps or most / min(steps) <= 2.0**24


def distance(group: Group, wires: list[Wire], k: int) -> float | None:
    """How far [unit of the membrane] the sums of receptor k may lie apart in the membrane; None where the neuron is not linear."""
    system = group.system
    if system.method != "exact" or not any(s.name == MEMBRANE for s in system.states):
        return None
    most, terms = _reach(group, wires, k)
    error = 2 * terms * UNIT / (1 - terms * UNIT) * most
    return error * _gain(group, k)


def far(group: Group, wires: list[Wire]) -> float | None:
    """How near to threshold a membrane may not come, so that spikes are the engine's [its unit]; 0: all sums are alike; None: not known."""
    parts: list[float | None] = []
    for k in range(len(group.of)):
        here = [w for w in wires if w.receptor == k]
        if any(w.kind != IN_ORDER for w in here) and not sums_exact([w.found.weights for w in here], _reach(group, wires, k)[0]):
            parts.append(distance(group, wires, k))
    known = [part for part in parts if part is not None and np.isfinite(part)]
    return float(sum(known)) if len(known) == len(parts) else None


def _reach(group: Group, wires: list[Wire], k: int) -> tuple[float, int]:
    """The greatest sum of absolute weights onto one neuron's receptor k, and how many terms it has."""
    total, count = np.zeros(group.population.size), np.zeros(group.population.size, np.int64)
    for wire in wires:
        if wire.p.target == group.population.path and wire.receptor == k:
            np.add.at(total, wire.found.targets, np.abs(wire.found.weights))
            np.add.at(count, wire.found.targets, 1)
    return float(total.max(initial=0.0)), int(count.max(initial=0))


def _gain(group: Group, k: int) -> float:
    """What an error of one in every step's sum makes of the membrane at most: the sum over the absolute responses to one."""
    system, values = group.system, group.numbers.values
    flow = structure(system)
    index = {s: i for i, s in enumerate(flow.states)}
    matrix = np.zeros((len(index), len(index)))
    for s in flow.states:
        for t in flow.rows[s]:
            matrix[index[s], index[t]] = float(np.max(np.abs(values[f"P_{s}_{t}"])))
    jumped = {a.target: a for a in system.jumps[k]}
    start = np.zeros(len(index))
    for name in jumped:
        start[index[name]] = _factor(group, k, name)
    if float(np.max(np.abs(np.linalg.eigvals(matrix)), initial=0.0)) >= 1.0:
        return float("inf")
    return float(np.linalg.solve(np.eye(len(index)) - matrix, start)[index[MEMBRANE]])


def _factor(group: Group, k: int, name: str) -> float:
    """What one unit of weight adds to a state."""
    from studio.models.language.evaluate import evaluate

    tree = next(a.value for a in group.system.jumps[k] if a.target == name)
    values = {n: float(np.max(np.abs(v))) for n, v in group.numbers.values.items()}
    zero = dict.fromkeys((s.name for s in group.system.states), 0.0)
    at = [evaluate(tree, {**values, **zero, WEIGHT: w}) for w in (0.0, 1.0)]
    return abs(float(at[1]) - float(at[0]))


def findings(flat: FlatNetwork, groups: Mapping[str, Group], wires: list[Wire]) -> list[Finding]:
    """One sentence for each population about what its spikes can be relied on for."""
    out = []
    for path, group in groups.items():
        text, severity = _sentence(group, [w for w in wires if w.p.target == path])
        if text:
            out.append(Finding("exact.sums", severity, path, text, _fix(severity)))  # type: ignore[arg-type]
    return out


def _fix(severity: str) -> str:
    return "Write it with ordered=True to keep the engine's order." if severity == "warning" else ""


def _sentence(group: Group, wires: list[Wire]) -> tuple[str, str]:
    far_off = far(group, wires)
    if far_off == 0.0:
        return "The sums of its weights are exact, or added in the engine's order: they come out as in the engine, bit for bit.", "info"
    if far_off is None:
        return (
            "Its weights' sums are rounded in another order than the engine's, and no bound is known for how far that carries.",
            "warning",
        )
    unit = next(s.unit for s in group.system.states if s.name == MEMBRANE)
    return (
        f"Its weights' sums are rounded in another order than the engine's: spikes are equal as long as no membrane comes nearer to threshold than {far_off:.2g} {unit}.",
        "warning",
    )
