"""From a compiled program to what lies on its cores."""

from __future__ import annotations

import numpy as np

from studio.backends.spinnaker import files, memory
from studio.backends.spinnaker.image import Gain, Held, Image, Neurons, Rows, Rule, by_source, registers
from studio.backends.spinnaker.lowering import cell, later
from studio.backends.spinnaker.packed import Packed, sliced
from studio.backends.spinnaker.relays import cells_of, relays, synapses_of
from studio.compile.program import Connection, Program
from studio.compile.wiring import Block, Cut
from studio.exchange.pynn.cells import Cell, start_of
from studio.findings import Finding, FindingError

MOST = 500_000_000  # synapses that are emulated, at 4 to 6 bytes each


def image_of(program: Program) -> Image:
    """The machine as the program loads it: every synapse listed, or packed core by core. Raises FindingError where there are too many for that."""
    found = synapses_of(program)
    total = sum(c.wiring.count() for c in found)
    plastic = any(c.plasticity.model.plastic for c in found)
    if total > (files.MOST_ROWS if plastic else MOST):
        most = f"at most {files.MOST_ROWS if plastic else MOST:,}" + (" where some learn" if plastic else "")
        text = f"{total:,.0f} synapses are too many to emulate one by one ({most})."
        raise FindingError([Finding("fit.verify", "error", "", text, "Verify a smaller version of the network.")])
    layers = tuple(neurons(program, layer.key) for layer in cells_of(program))
    inputs = tuple((x.key, x.size) for x in program.inputs if not x.analog)
    offset = offsets(program)
    if total > files.MOST_ROWS:
        return Image(program.dt, layers, inputs, _packed(program, offset), gains(program), (), held(program))
    parts = [rows_onto(program, c, None) for c in found]
    joined = [
        np.concatenate(
            [np.zeros(0, np.int64), *(p[k] + (offset[c.source] if k == 0 else offset[c.target] if k == 1 else 0) for c, p in parts)]
        )
        for k in range(5)
    ]
    sources, targets, types, weights, delays = joined
    order = by_source(sources)
    number = np.concatenate([np.zeros(0, np.int64), *(np.full(len(p[0]), k) for k, (_, p) in enumerate(parts))])[order]
    n = sum(program.node(key).size for key in offset)
    starts = np.concatenate(([0], np.cumsum(np.bincount(sources, minlength=n))))
    rows = Rows(starts, targets[order], types[order].astype(np.uint8), weights[order], delays[order])
    rules = (rule(program, c, np.flatnonzero(number == k)) for k, (c, _) in enumerate(parts) if c.plasticity.model.plastic)
    return Image(program.dt, layers, inputs, rows, gains(program), tuple(rules), held(program))


def _packed(program: Program, offset: dict[str, int]) -> Packed:
    """Every slice's synapses, one slice after the other."""
    slices, longest, found = [], 0, {x.key for x in cells_of(program)}
    for part in (p for p in program.parts if p.layer in found):
        blocks = (rows_onto(program, c, part.cut) for c in synapses_of(program) if c.target == part.layer)
        shifted = ((s + offset[c.source], t - part.cut.low, kind, w, d) for c, (s, t, kind, w, d) in blocks)
        made, most = sliced(offset[part.layer] + part.cut.low, memory.bits(program.parts_of(part.layer)[0].size), shifted)
        slices, longest = [*slices, made], max(longest, most)
    return Packed(tuple(slices), sum(program.node(key).size for key in offset), longest)


def held(program: Program) -> tuple[Held, ...]:
    """The delay extensions: which source's spikes they repeat, and where their elements lie."""
    out = []
    for key, r in relays(program).items():
        block = program.connection(key).wiring.onto()
        order = np.lexsort((block.targets, block.sources))
        out.append(Held(key, r.of, program.layer(key).size, block.sources[order], block.targets[order], block.delays[order]))
    return tuple(out)


def rule(program: Program, c: Connection, places: np.ndarray) -> Rule:
    """The rule of a connection that learns, in steps of its weights."""
    p, q = c.plasticity.params, c.quantised
    assert q is not None
    most = abs(float(p["w_max"]) / float(q.scale))
    additive = p["mu_plus"] == 0.0
    unit = most if additive else 65_536.0
    rate = float(p["learning_rate"])
    up, down = round(rate * unit), round(rate * float(p["alpha"]) * unit)
    return Rule(places, additive, up, down, round(most), float(p["tau_plus"]), float(p["tau_minus"]), c.wiring.delays()[0])


def neurons(program: Program, key: str) -> Neurons:
    """The neurons of a layer."""
    layer, found = program.layer(key), cell(program, key)
    shift = program.settings["shifts"][key]
    return Neurons(
        key,
        layer.path,
        layer.size,
        found.kind,
        registers(found, program.dt, np.asarray(start_of(layer, found, program.seed))),
        (int(shift[0]), int(shift[1])),
    )


def offsets(program: Program) -> dict[str, int]:
    """Where each layer, each spiking input and each delay extension begins among all sources."""
    out, at = {}, 0
    for x in (*cells_of(program), *(x for x in program.inputs if not x.analog), *(program.layer(key) for key in relays(program))):
        out[x.key] = at
        at += x.size
    return out


Listed = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def rows_onto(program: Program, c: Connection, cut: Cut | None) -> tuple[Connection, Listed]:
    """(sources, targets, types, weights, delays) of a connection onto some targets, as the machine holds them."""
    found = cell(program, c.target)
    block = c.wiring.onto(cut)
    weights = np.rint(block.weights).astype(np.int64)
    return c, (block.sources, block.targets, types_of(found, c.key, block), np.abs(weights), block.delays + later(found.kind))


def types_of(found: Cell, key: str, block: Block) -> np.ndarray:
    """At which receptor each synapse arrives: that of its connection, or that of its sign."""
    place = found.receptor[key]
    return (block.weights < 0).astype(np.int64) if place is None else np.full(len(block), place, np.int64)


def gains(program: Program) -> tuple[Gain, ...]:
    """How injected currents reach neurons."""
    out = []
    for c in program.connections:
        if c.kinetics is None:
            block = c.wiring.onto()
            factor = np.broadcast_to(np.asarray(cell(program, c.target).current, np.float64), (c.wiring.n_target,))
            out.append(Gain(c.source, c.target, block.sources, block.targets, block.weights * factor[block.targets]))
    return tuple(out)
