"""Populations that nothing drives."""

from __future__ import annotations

from collections.abc import Iterable

from studio.findings import Finding
from studio.network.check.context import Context
from studio.network.flat import FlatPopulation


def rule(context: Context) -> Iterable[Finding]:
    """`path.unreached` (info): no projection leads, over however many others, from a source or a population with a current of its own."""
    if context.flat is None or any(f.severity == "error" for f in context.building):
        return
    onward: dict[str, set[str]] = {}
    for projection in context.flat.projections:
        onward.setdefault(projection.source, set()).add(projection.target)
    waiting = [s.path for s in context.flat.sources] + [p.path for p in context.flat.populations if drives_itself(p)]
    reached: set[str] = set()
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            waiting += onward.get(path, ())
    for population in context.flat.populations:
        if population.path not in reached:
            yield Finding(
                "path.unreached",
                "info",
                population.path,
                f"Nothing drives “{population.path}”.",
                "Connect a source to it, or give it a current of its own.",
            )


def drives_itself(population: FlatPopulation) -> bool:
    """Whether it has a bias, a start value of its own, or a threshold below its rest."""
    params = population.neuron.params
    biased = any(p.role == "bias" and not _is_zero(params.get(p.name)) for p in population.model.params)
    return biased or bool(population.start) or _fires_at_rest(population)


def _fires_at_rest(population: FlatPopulation) -> bool:
    by_role = {p.role: population.neuron.params.get(p.name) for p in population.model.params}
    rest, threshold = by_role.get("rest"), by_role.get("threshold")
    return not isinstance(rest, (int, float)) or not isinstance(threshold, (int, float)) or rest >= threshold


def _is_zero(value: object) -> bool:
    return isinstance(value, (int, float)) and value == 0
