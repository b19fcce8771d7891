"""From a document to what exists: every population, source and projection with its path and all values in their own units."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import numpy as np

from studio.findings import Finding, FindingError, errors
from studio.models.crossbar import CROSSBAR
from studio.models.spec import Param
from studio.network.canonical import to_bytes
from studio.network.constraints import constrained
from studio.network.data import decode
from studio.network.document import Document
from studio.network.flat import Chosen, Drawn, FlatNetwork, FlatPopulation, FlatProjection, FlatSource
from studio.network.identity import model_hash
from studio.network.paths import did_you_mean
from studio.network.record import run_settings
from studio.network.resolve import Given, params, resolve
from studio.network.unfold import Leaf, Link, Unfolded, unfold

DEFAULTS = {"neuron": "lif", "source": "poisson", "connector": "all_to_all", "kinetics": "delta", "plasticity": "static", "device": "ideal"}
DELAY = Param("delay", 1.0, "ms", "Time from a spike to its effect.", low=0.0, high=1e6)


def flatten(document: Document, catalogue: Any = None, set: Mapping[str, Any] | None = None) -> FlatNetwork:
    """The flat network; `set` maps paths to values that win over the document. Raise FindingError where `check` finds errors."""
    from studio.network.check import examine

    context = examine(document, catalogue, set)
    wrong = errors(context.findings)
    if wrong or context.flat is None:
        raise FindingError(wrong)
    return context.flat


def build(
    document: Document, catalogue: Any, settings: Mapping[str, Any] | None = None, start: str | None = None
) -> tuple[FlatNetwork | None, Unfolded, list[Finding]]:
    """As much of the flat network as can be built (wrong values keep their defaults), and everything that is wrong."""
    unfolded = unfold(document, settings, start)
    builder = _Builder(document, catalogue)
    nodes = {leaf.path: flat for leaf in unfolded.leaves if (flat := builder.node(leaf)) is not None}
    projections = [p for link in unfolded.links for p in builder.projections(link, nodes)]
    populations = tuple(n for n in nodes.values() if isinstance(n, FlatPopulation))
    sources = tuple(n for n in nodes.values() if isinstance(n, FlatSource))
    run, found = run_settings(document, unfolded.main, nodes, tuple(projections))
    constraints, more = constrained(document.constraints, unfolded.main, nodes, tuple(projections))
    findings = list(dict.fromkeys([*unfolded.findings, *builder.findings, *found, *more]))
    if unfolded.main is None:
        return None, unfolded, findings
    task = _task(document)
    hashed = _hash(document, settings)
    flat = FlatNetwork(document.name, populations, sources, tuple(projections), run, hashed, task, constraints)
    return flat, unfolded, findings


def _task(document: Document) -> dict[str, Any] | None:
    """The document's task with its labels as an array, where they are there (`check` says where they are not)."""
    if document.task is None:
        return None
    task = dict(document.task)
    named = task.get("labels")
    name = named.get("data") if isinstance(named, Mapping) else named
    entry = document.data.get(name) if isinstance(name, str) else None
    if entry is not None and entry.values is not None:
        with suppress(FindingError):  # (`check` says what is wrong with an array)
            task["labels"] = decode(str(name), entry.model_dump())
    return task


def _hash(document: Document, settings: Mapping[str, Any] | None) -> str:
    own = model_hash(document)
    if not settings:
        return own
    plain = {k: v.model_dump(exclude_unset=True) if hasattr(v, "model_dump") else v for k, v in settings.items()}
    return hashlib.sha256(own.encode() + to_bytes(plain)).hexdigest()


class _Builder:
    """Turns leaves and links into flat nodes and projections, collecting findings; the same values are resolved once."""

    def __init__(self, document: Document, catalogue: Any) -> None:
        self.document, self.catalogue = document, catalogue
        self.findings: list[Finding] = []

    def array(self, name: str) -> np.ndarray:
        """An array of the document; raise FindingError when there is none of that name, or it is broken."""
        entry = self.document.data.get(name)
        if entry is None:
            raise FindingError(
                [
                    Finding(
                        "path.data",
                        "error",
                        "",
                        f"The document has no array “{name}” in its data.",
                        did_you_mean(name, sorted(self.document.data)),
                    )
                ]
            )
        return decode(name, entry.model_dump())

    def node(self, leaf: Leaf) -> FlatPopulation | FlatSource | None:
        node = leaf.node
        where = leaf.fields["size"].where.removesuffix(".size")
        kind = "source" if node.kind == "source" else "neuron"
        size = int(leaf.fields["size"].value)
        chosen = self.chosen(kind, node.model, leaf.params, where, size)
        if chosen is None:
            return None
        shape = node.shape if node.shape and int(np.prod(node.shape, dtype=object)) == size else None
        if kind == "source":
            return FlatSource(leaf.path, node.name or leaf.path, size, shape, chosen)
        return FlatPopulation(leaf.path, node.name or leaf.path, size, shape, chosen, self._start(chosen, leaf, size))

    def _start(self, chosen: Chosen, leaf: Leaf, size: int) -> dict[str, Any]:
        out: dict[str, Any] = {}
        states = {s.name: s for s in chosen.model.states}
        for name, given in leaf.start.items():
            if name not in states:
                self._say("path.state", given.where, f"“{chosen.model.key}” has no state “{name}”.", did_you_mean(name, list(states)))
            else:
                value = self._value(Param(name, 0.0, states[name].unit, ""), given, size)
                if value is not None:
                    out[name] = value
        return out

    def chosen(self, kind: str, key: str, given: Mapping[str, Given], where: str, size: int | None) -> Chosen | None:
        """A model of the catalogue with all its parameters."""
        model = self.catalogue.get(kind, key)
        if model is None:
            word = {"kinetics": "kinetics", "plasticity": "plasticity rule"}.get(
                kind, kind + " model" if kind in ("neuron", "source") else kind
            )
            self._say("path.model", where, f"There is no {word} “{key}”.", did_you_mean(key, [m.key for m in self.catalogue.all(kind)]))
            return None
        values, findings = params(model, given, self.array, size)
        self.findings += findings
        return Chosen(model, values)

    def projections(self, link: Link, nodes: Mapping[str, FlatPopulation | FlatSource]) -> list[FlatProjection]:
        pairs = [(a, b) for a, b in link.pairs if a in nodes and b in nodes]
        projection = link.projection
        parts = {
            p: self.chosen(p, getattr(projection, p).model, link.parts[p], f"{link.where}.{p}", None)
            for p in ("connector", "kinetics", "plasticity", "device")
        }
        connector, kinetics, plasticity, device = parts["connector"], parts["kinetics"], parts["plasticity"], parts["device"]
        if connector is None or kinetics is None or plasticity is None or device is None:
            return []
        weight = self._value(Param("weight", 1.0, kinetics.model.weight_unit, ""), link.fields["weight"], None)
        gain = self._value(Param("gain", 1.0, "", ""), link.fields["gain"], None)
        delay = self._value(DELAY, link.fields["delay"], None)
        crossbar = self._crossbar(link)
        out = []
        for source, target in pairs:
            start = nodes[source]
            analog = isinstance(start, FlatSource) and start.model.signal == "analog"
            key = link.path if len(pairs) == 1 else f"{link.path}[{source}->{target}]"
            value = gain if analog else weight
            out.append(
                FlatProjection(
                    key,
                    link.path,
                    source,
                    target,
                    _shaped(connector, start, nodes[target]),
                    None if analog else kinetics,
                    plasticity,
                    device,
                    1.0 if value is None else value,
                    _delay(delay, analog or bool(kinetics.model.coupled)),
                    not analog and not kinetics.model.coupled and not isinstance(delay, (Drawn, np.ndarray)),
                    crossbar=crossbar,
                    signals=link.signals,
                )
            )
        return out

    def _crossbar(self, link: Link) -> dict[str, Any] | None:
        """What the weights lie on, every number filled in; None where nothing is said."""
        if "crossbar" not in link.parts:
            return None
        values, findings = params(CROSSBAR, link.parts["crossbar"], self.array, None)
        self.findings += findings
        return values

    def _value(self, param: Param, given: Given, size: int | None) -> Any:
        value, findings = resolve(param, given, self.array, size)
        self.findings += findings
        return value

    def _say(self, code: str, where: str, text: str, fix: str = "") -> None:
        self.findings.append(Finding(code, "error", where, text, fix))


def _shaped(connector: Chosen, source: FlatPopulation | FlatSource, target: FlatPopulation | FlatSource) -> Chosen:
    """The connector with the shapes of its ends, where it asks for them."""
    if not connector.model.shaped:
        return connector
    return Chosen(connector.model, {**connector.params, "source_shape": source.shape, "target_shape": target.shape})


def _delay(given: Any, timeless: bool) -> Any:
    """The delay [ms]: none for a current, which acts from the step it begins in, and none for a coupled state; 1 ms where nothing is said."""
    if timeless:
        return 0.0
    return 1.0 if given is None else given
