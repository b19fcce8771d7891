"""What a network would take, counted from its rules: for the fit meter."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from studio.backends.truenorth import blocks
from studio.backends.truenorth.fabric import TYPES
from studio.backends.truenorth.own import forms
from studio.backends.truenorth.shaping import prepared
from studio.compile.leaky import normal_form
from studio.compile.passes.split import Split, Usage
from studio.compile.program import Connection, Layer, Part, Program
from studio.compile.target import Target
from studio.compile.wiring import Cut

MANY = 64  # parts of a layer of which so many stand for all


@dataclass(frozen=True)
class Estimate:
    """Cuts layers as `Arrange` would, without listing a synapse, and counts copies and relays on average.

    Needs: a lowered program. Guarantees: `parts` that fit a core each, or a finding; `settings["per_source"]` says how many axons a source
    takes in each connection, `settings["copies"]` how many neurons of a core go to copies. Weights and neurons stay the document's.
    """

    usage: Usage
    axons_per_source: int = TYPES
    name: str = "estimate"

    def __call__(self, program: Program, target: Target) -> Program:
        limit = target.limit("axons")
        shaped = prepared(program)
        wrong = [f for _, found in forms(program, target.dialect).values() for f in found]
        program = program.lose(*shaped.losses[len(program.losses) :]).say(*shaped.findings, *wrong)
        if program.stopped:
            return program
        program, tiled = _tiled(program, {name: int(x.value) for name, x in target.limits.items()})
        rest = tuple(x for x in program.layers if x.key not in tiled)
        per = {c.key: n for layer in rest for c, n in self._per_source(program, layer, limit)}
        per |= {c.key: 1 for key in tiled for c in program.into(key)}
        cut = Split(self.usage)(replace(program.choose(per_source=per), layers=rest), target)
        program = replace(cut, layers=program.layers, parts=(*cut.parts, *(p for parts in tiled.values() for p in parts)))
        return program if program.stopped else with_copies(program, per, int(target.limit("neurons")))

    def _per_source(self, program: Program, layer: Layer, limit: float) -> Iterator[tuple[Connection, int]]:
        into = program.into(layer.key)
        values = [c.wiring.distinct(TYPES) for c in into]
        known = [v[v != 0] for v in values if v is not None]
        if len(known) == len(values) and sum(map(len, known)) <= TYPES:
            yield from ((c, max(1, len(v))) for c, v in zip(into, known, strict=True))
            return
        fan_in = sum(c.wiring.axons(None, Cut(0, 1)) for c in into)
        whole = sum(c.wiring.axons(None, Cut(0, min(layer.size, 256))) for c in into)
        most = max(1, min(self.axons_per_source, int(limit // max(fan_in, 1.0))))
        if whole * most > limit:  # as `shaping.coarser`
            most = max(min(most, 2), min(most, int(limit // max(whole, 1.0))))
        yield from ((c, most) for c in into)


def _tiled(program: Program, limits: dict[str, int]) -> tuple[Program, dict[str, list[Part]]]:
    """Layers that go as blocks, cut and with their connections by type, as `Arrange` does."""
    out: dict[str, list[Part]] = {}
    for layer in program.layers:
        leaky = normal_form(program, layer.key)[0] if layer.neuron.model.key != "truenorth" and _windows(program, layer) else None
        if leaky is None or blocks.refusal(program, layer, leaky) is not None:
            continue
        values = blocks.weights(program, layer.key, leaky)
        made = [c for c, _ in blocks.typed(program, layer.key, leaky, values, np.ones(TYPES))]
        parts = blocks.tiles(program, layer, made, limits)
        if not isinstance(parts, int):
            out[layer.key] = parts
            kept = tuple(c for c in program.connections if c.target != layer.key)
            program = replace(program, connections=(*kept, *made))
    return program, out


def _windows(program: Program, layer: Layer) -> bool:
    return any(blocks.simple(c.wiring.form) for c in program.into(layer.key))


def with_copies(program: Program, per: dict[str, int], most: int) -> Program:
    """With room for copies, or with relays where they do not fit."""
    copies: dict[str, dict[str, int]] = {}
    layers, parts = list(program.layers), list(program.parts)
    for layer in program.layers:
        feeds = sum(reached(program, c) * per[c.key] for c in program.out_of(layer.key))
        extra = max(feeds - 1.0, 0.0)
        mine = program.parts_of(layer.key)
        if any(p.size * (1.0 + extra) > most for p in mine):
            n = round(layer.size * feeds)
            key = f"{layer.key}/relay"
            layers.append(
                replace(
                    layer,
                    key=key,
                    size=n,
                    shape=None,
                    origin=None,
                    start={},
                    note=f"repeats spikes of “{layer.key}”, one neuron for each axon",
                )
            )
            parts += [Part(f"{key}/{k}", key, Cut(low, min(n, low + most))) for k, low in enumerate(range(0, n, most))]
        elif extra:
            copies[layer.key] = {str(p.cut.low): round(p.size * extra) for p in mine}
    return replace(program, layers=tuple(layers), parts=tuple(parts)).choose(copies=copies)


def reached(program: Program, c: Connection) -> float:
    """How many parts of its target a neuron reaches through a connection, on average."""
    parts = program.parts_of(c.target)
    some = parts[:: max(1, len(parts) // MANY)]
    return sum(c.wiring.axons(None, p.cut) for p in some) * (len(parts) / max(len(some), 1)) / max(c.wiring.n_source, 1)
