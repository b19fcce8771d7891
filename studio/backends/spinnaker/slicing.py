"""What a slice takes of a core, counted from rules, and the slices of sources."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from studio.backends.spinnaker import memory
from studio.backends.spinnaker.lowering import delays, kind_of
from studio.backends.spinnaker.relays import LATE, element, relays
from studio.compile.program import Connection, Input, Part, Program
from studio.compile.target import Target
from studio.compile.wiring import Block, Cut
from studio.models.spec import AllToAll, Bernoulli, Matrix, OneToOne, Pairs, Window

DEVIATIONS = 5.0  # of a drawn row's length, above its mean
SOURCES = 256  # elements of a source on one core
_ROOM = 4  # synapses more than the mean of a rare row


def usage(program: Program, layer: str, cut: Cut) -> Mapping[str, float]:
    """What some neurons of a layer, or elements of an input, take of a core."""
    node = program.node(layer)
    held = program.settings.get("stages", {}).get(layer)
    relay = memory.relay_dtcm(cut.size, *held) if held else 0  # its delay extension is cut as it is
    if layer in relays(program):
        r = relays(program)[layer]
        n = cut.size // r.stages
        return {"neurons": n, "dtcm": memory.relay_dtcm(n, r.stages, r.steps), "sdram": memory.relay_sdram()}
    if isinstance(node, Input):
        sdram = memory.source_sdram(node.source.model.key in ("poisson", "image_rate"), cut.size)
        return {"neurons": cut.size, "sdram": sdram, **({"dtcm": relay} if relay else {})}
    listed = any(isinstance(c.wiring.form, (Block, Pairs)) for c in program.into(layer) if c.kinetics is not None)
    known = program.__dict__.setdefault("_spinnaker_usage", {})  # beside the cached properties: the same cut is asked for many times
    name = (layer, cut.low if listed else 0, cut.size)
    if name not in known:
        used = _usage(program, layer, cut)
        known[name] = {**used, "dtcm": max(used["dtcm"], relay)}
    return known[name]


def _usage(program: Program, layer: str, cut: Cut) -> Mapping[str, float]:
    found = matrices(program, layer, cut)
    kind, slots = kind_of(program, layer), slots_of(program, layer)
    full = memory.ring_entries(cut.size, slots) / 2**memory.RING_BITS
    return {
        "neurons": cut.size if full <= 1.0 else max(cut.size, full * memory.MOST_ATOMS),
        "dtcm": memory.slice_dtcm(kind, cut.size, slots, found),
        "sdram": memory.slice_sdram(kind, cut.size, found, program.steps),
        "row": max((m.words for m in found), default=0),
    }


def longest_delay(program: Program, layer: str) -> int:
    """The longest delay onto a layer, in steps of the machine."""
    return max((delays(program, c)[1] for c in program.into(layer) if c.kinetics is not None), default=0)


def slots_of(program: Program, layer: str) -> int:
    """Slots of the ring buffers of a layer, as chosen; else as many as its longest delay asks for."""
    chosen = program.settings.get("slots", {}).get(layer)
    return int(chosen) if chosen else 1 << memory.bits(longest_delay(program, layer))


def matrices(program: Program, layer: str, cut: Cut) -> list[memory.Matrix]:
    """The synaptic matrices of a slice, one for each connection that has synapses there."""
    found: dict[str, memory.Matrix] = {}
    slots, held = slots_of(program, layer), relays(program)
    size = {key: parts[0].size for key, parts in _parts(program).items()}
    for c in program.into(layer):
        row = row_length(c, cut) if c.kinetics is not None else 0
        if not row:
            continue
        relay, plastic = held.get(c.source), c.plasticity.model.plastic
        source = relay.of if relay is not None else c.source
        n, stages = program.node(source).size, -(-delays(program, c)[1] // slots) - 1  # (before late synapses are told apart)
        early = row if relay is None and delays(program, c)[0] <= slots else 0
        late, stages = (row if stages > 0 else 0, max(0, stages))
        if relay is not None:
            late, stages = _late_row(program, c, cut), relay.stages
        if c.key.removesuffix(LATE) in found:
            early = found[c.key.removesuffix(LATE)].row
        per = min(n, size.get(source, SOURCES))
        found[c.key.removesuffix(LATE)] = memory.Matrix(source, n, per, early, plastic, late, stages)
    return list(found.values())


def _late_row(program: Program, c: Connection, cut: Cut) -> int:
    """The most late synapses of one element of the source onto a cut, over all stages, which is what sPyNNaker reserves for each."""
    form = c.wiring.form
    assert isinstance(form, Block)
    inside = (form.targets >= cut.low) & (form.targets < cut.high)
    return int(np.bincount(element(program, c.source, form.sources[inside]), minlength=1).max())


def _parts(program: Program) -> dict[str, list[Part]]:
    """The parts of every layer and input; made once for a program."""
    known = program.__dict__.setdefault("_spinnaker_parts", {})
    if not known:
        for p in program.parts:
            known.setdefault(p.layer, []).append(p)
    return known


def row_length(c: Connection, cut: Cut) -> int:
    """The most synapses of one source onto a cut; of drawn rules the mean plus five standard deviations, as far as it goes."""
    w, form = c.wiring, c.wiring.form
    if isinstance(form, (Block, Pairs)):
        inside = (np.asarray(form.targets) >= cut.low) & (np.asarray(form.targets) < cut.high)
        return int(np.bincount(np.asarray(form.sources)[inside], minlength=1).max()) if inside.any() else 0
    if isinstance(form, OneToOne):
        return 1
    if isinstance(form, (AllToAll, Matrix)) or (isinstance(form, Bernoulli) and form.p >= 1.0):
        return cut.size
    if isinstance(form, Window):
        return min(cut.size, math.ceil(w.fan_out()[1]))
    mean = w.count(None, cut) / max(1, w.n_source)
    if not mean:
        return 0
    most = math.ceil(mean + DEVIATIONS * math.sqrt(mean)) + _ROOM
    return min(most, cut.size) if isinstance(form, Bernoulli) else most


@dataclass(frozen=True)
class SliceSources:
    """Cuts every spiking input into slices of up to 256 elements (`Program.parts`, after those of the layers), as the layer it drives
    one to one is cut.

    Needs: layers in parts. Guarantees: each element of each spiking input is in one part. Injected currents need no core.
    """

    name: str = "sources"

    def __call__(self, program: Program, target: Target) -> Program:
        more = []
        for x in program.inputs:
            if not x.analog:
                size = self._size(program, x, _most(program, x, target))
                more += [Part(f"{x.key}/{k}", x.key, Cut(low, min(x.size, low + size))) for k, low in enumerate(range(0, x.size, size))]
        return replace(program, parts=(*program.parts, *more))

    def _size(self, program: Program, x: Input, most: int) -> int:
        """How many elements lie on a core: as many as the slices of a layer each of whose neurons hears one of them."""
        first = {p.layer: p.size for p in reversed(program.parts)}
        heard = [first[c.target] for c in program.out_of(x.key) if isinstance(c.wiring.form, OneToOne) and c.target in first]
        return min([most, *heard])


def _most(program: Program, x: Input, target: Target) -> int:
    """The most elements of an input that a core holds; its delay extension is cut alike."""
    most = min(SOURCES, int(target.limit("neurons")))
    while most > 1 and usage(program, x.key, Cut(0, most)).get("dtcm", 0) > target.limit("dtcm"):
        most //= 2
    return most
