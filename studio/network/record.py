"""The `run` section as settings in ms, and its `record` list as populations, neurons and states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

import numpy as np

from studio.findings import Finding, FindingError
from studio.models.spec import Param
from studio.network.document import Document, Recorded
from studio.network.faults import faults
from studio.network.flat import FlatPopulation, FlatProjection, FlatSource, Record, RunSettings, Wait
from studio.network.paths import Index, Slice, did_you_mean, parse
from studio.network.resolve import Given, resolve
from studio.network.unfold import Scope

Nodes = Mapping[str, FlatPopulation | FlatSource]
DURATION = Param("duration", 1000.0, "ms", "", low=0.0, high=1e12)
DT = Param("dt", 0.1, "ms", "", low=0.0, high=1000.0, low_open=True)
AT = Param("at", 0.0, "ms", "", low=0.0, high=1e12)
WAIT = Param("wait", 1.0, "s", "", low=0.0, high=1e12)
EVERY = Param("every", 0.1, "ms", "", low=0.0, low_open=True, high=1e12)
# settings of a run that are one word of a few
WORDS = {"precision": ("single", "double"), "weights": ("float32", "table256"), "connectivity": ("stored", "procedural")}


def run_settings(
    document: Document, main: Scope | None, nodes: Nodes, projections: tuple[FlatProjection, ...]
) -> tuple[RunSettings, list[Finding]]:
    """Settings with every path of `record` resolved; and what is wrong with them."""
    run, findings = document.run, []
    numbers: dict[str, float] = {}
    for param in (DURATION, DT):
        value, found = resolve(param, Given(getattr(run, param.name), f"run.{param.name}"), _no_array, None)
        findings += found
        numbers[param.name] = value if isinstance(value, float) else float(param.default or 0.0)
        if value is not None and not isinstance(value, float):
            findings.append(Finding("bounds.shared", "error", f"run.{param.name}", f"{param.name} is one number.", "Give a single number."))
    events, found = _events(document)
    findings += found
    broken, found = faults(run.faults, nodes, projections)
    findings += found
    for name, words in WORDS.items():
        if (said := getattr(run, name)) not in words:
            findings.append(Finding(f"text.{name}", "error", f"run.{name}", f"{name} cannot be “{said}”.", f"Use {' or '.join(words)}."))
    if run.record is None:
        records = [Record(path, "spikes", None, 0.0) for path, node in nodes.items() if isinstance(node, FlatPopulation)]
    else:
        records = []
        for k, one in enumerate(run.record):
            made, found = _records(one, f"run.record.{k}", main, nodes, projections, numbers["dt"])
            records += made
            findings += found
    chosen: dict[str, Any] = {name: said if (said := getattr(run, name)) in words else words[0] for name, words in WORDS.items()}
    settings = RunSettings(**numbers, seed=run.seed, method=run.method, record=tuple(records), events=events, faults=broken, **chosen)
    return settings, findings


def _events(document: Document) -> tuple[tuple[Wait, ...], list[Finding]]:
    """The waits of a run."""
    out, findings = [], []
    for k, event in enumerate(document.run.events):
        values = []
        for param, given in ((AT, event.at), (WAIT, event.wait)):
            where = f"run.events.{k}.{param.name}"
            value, found = resolve(param, Given(given, where), _no_array, None)
            findings += found
            if not found and not isinstance(value, float):
                findings.append(Finding("bounds.shared", "error", where, f"“{param.name}” is one number.", "Give a single number."))
            values += [value] if isinstance(value, float) else []
        out += [Wait(*values)] if len(values) == 2 else []
    return tuple(out), findings


def _records(
    one: Recorded, where: str, main: Scope | None, nodes: Nodes, projections: tuple[FlatProjection, ...], dt: float
) -> tuple[list[Record], list[Finding]]:
    every = dt
    findings: list[Finding] = []
    if one.every is not None:
        value, findings = resolve(EVERY, Given(one.every, f"{where}.every"), _no_array, None)
        every = value if isinstance(value, float) else dt
    try:
        return _chosen(one, where, main, nodes, projections, every), findings
    except FindingError as wrong:
        return [], [*findings, *(Finding(f.code, "error", f.where or where, f.text, f.fix) for f in wrong.findings)]


def _chosen(
    one: Recorded, where: str, main: Scope | None, nodes: Nodes, projections: tuple[FlatProjection, ...], every: float
) -> list[Record]:
    try:
        path = parse(one.path)
    except FindingError as wrong:
        raise FindingError([Finding(f.code, "error", where, f.text, f.fix) for f in wrong.findings]) from None
    found = main.select(path) if main else []
    out: list[Record] = []
    for scope, key, index in found:
        if key in scope.links:
            out += _weights(scope.links[key].path, one, where, projections, every)
            continue
        leaves = [scope.leaves[key]] if key else [leaf for leaf in scope.every_leaf() if leaf.node.kind == "population"]
        out += [_record(nodes[leaf.path], one, where, index, every) for leaf in leaves if leaf.path in nodes]
    if main and not found:
        known = [*main.leaves, *main.instances, *main.links]
        _fail(
            "path.unknown",
            where,
            f"“{one.path}” names nothing that could be recorded.",
            did_you_mean(path.steps[0].key, known) if path.steps[0].key not in known else "",
        )
    return out


def _weights(path: str, one: Recorded, where: str, projections: tuple[FlatProjection, ...], every: float) -> list[Record]:
    found = [p for p in projections if p.path == path]
    known = ["weight", *dict.fromkeys(name for p in found for name in p.remembered)]
    if one.what not in known:
        fix = did_you_mean(one.what, known) or f"Record {', '.join(known)}."
        _fail("path.state", where, f"“{one.path}” is a projection, of which “{one.what}” cannot be recorded.", fix)
    return [Record(p.key, one.what, None, every) for p in found]


def _record(node: FlatPopulation | FlatSource, one: Recorded, where: str, index: tuple[Index, ...], every: float) -> Record:
    if one.what != "spikes":
        _recordable(node, one, where)
    ids = neurons(index, node.size, node.shape, where) if index else None
    return Record(node.path, one.what, ids, 0.0 if one.what == "spikes" else every)


def _recordable(node: FlatPopulation | FlatSource, one: Recorded, where: str) -> None:
    states = [s.name for s in node.model.states] if isinstance(node, FlatPopulation) else []
    if one.what not in states and "." not in one.what:
        _fail(
            "path.state",
            where,
            f"“{node.path}” ({node.model.key}) has no “{one.what}” to record.",
            did_you_mean(one.what, ["spikes", *states]),
        )


def neurons(index: tuple[Index, ...], size: int, shape: tuple[int, ...] | None, where: str) -> np.ndarray:
    """The chosen neurons, row-major: one index counts all of them, as many as there are dimensions choose on the grid."""
    sizes: tuple[int, ...] = (size,) if len(index) == 1 else shape or (size,)
    if len(index) != len(sizes):
        _fail(
            "path.selection",
            where,
            f"{len(index)} indices do not fit {'the shape ' + str(list(shape)) if shape else f'{size} neurons without a shape'}.",
        )
    grid = np.arange(size, dtype=np.int64).reshape(sizes)
    ids = np.atleast_1d(grid[tuple(_indices(i, n, where) for i, n in zip(index, sizes, strict=True))]).ravel()
    if not ids.size:
        _fail("path.selection", where, f"No neuron is chosen of {size}.")
    ids = np.ascontiguousarray(ids)
    ids.setflags(write=False)
    return ids


def _indices(index: Index, n: int, where: str) -> int | slice:
    if isinstance(index, Slice):
        return index.to_slice()
    if isinstance(index, str):
        return slice(None)
    if index >= n:
        _fail("path.selection", where, f"Neuron {index} does not exist; they are numbered from 0 to {n - 1}.")
    return index


def _no_array(name: str) -> np.ndarray:
    raise FindingError([Finding("text.value", "error", "", f"The array “{name}” cannot stand here.", "Give a single number.")])


def _fail(code: str, where: str, text: str, fix: str = "") -> NoReturn:
    raise FindingError([Finding(code, "error", where, text, fix)])
