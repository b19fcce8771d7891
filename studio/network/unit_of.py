"""The unit of what a path names, for axes and tables: `exc.tau_m` is in ms, `p1.weight` in what its kinetics says."""

from __future__ import annotations

from typing import Any

from studio.findings import FindingError
from studio.models.spec import Param
from studio.network.document import Document
from studio.network.locate import PARTS
from studio.network.paths import Path, parse
from studio.network.unfold import Leaf, Link, Scope, unfold

_RUN = {"run.duration": "ms", "run.dt": "ms"}


def unit_of(document: Document, catalogue: Any, path: str) -> str:
    """The unit that plain numbers at `path` are in; empty for pure numbers, words, and paths that name nothing."""
    if path in _RUN:
        return _RUN[path]
    try:
        steps = parse(path).steps
        scope = unfold(document).main
    except FindingError:
        return ""
    if scope is None:
        return ""
    models, _ = catalogue.with_models(dict(document.models))
    for cut in range(1, len(steps)):
        for inside, key, _ in scope.select(Path(steps[:cut])):
            rest = tuple(step.key for step in steps[cut:])
            param = _param(inside, key, rest, models)
            if param is not None:
                return param
    return ""


def _param(scope: Scope, key: str, rest: tuple[str, ...], models: Any) -> str | None:
    """The unit at `rest` of a leaf or link; None where that is not a value of it."""
    if key in scope.leaves:
        return _of_node(scope.leaves[key], rest, models)
    return _of_link(scope.links[key], rest, models) if key in scope.links else None


def _of_node(leaf: Leaf, rest: tuple[str, ...], models: Any) -> str | None:
    model = models.get("source" if leaf.node.kind == "source" else "neuron", leaf.node.model)
    if model is None:
        return None
    if len(rest) == 2 and rest[0] == "start":
        return next((s.unit for s in model.states if s.name == rest[1]), None)
    return _unit(model.param(rest[0])) if len(rest) == 1 else None


def _of_link(link: Link, rest: tuple[str, ...], models: Any) -> str | None:
    if rest == ("delay",):
        return "ms"
    if rest == ("weight",):
        kinetics = models.get("kinetics", link.projection.kinetics.model)
        return kinetics.weight_unit if kinetics is not None else None
    if len(rest) != 2 or rest[0] not in PARTS:
        return None
    model = models.get(rest[0], getattr(link.projection, rest[0]).model)
    return _unit(model.param(rest[1])) if model is not None else None


def _unit(param: Param | None) -> str | None:
    return param.unit if param is not None else None
