"""What a slice takes of a core, counted from rules, and the slices of sources."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from studio.backends.spinnaker import memory
from studio.backends.spinnaker.lowering import delays, kind_of
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
    if isinstance(node, Input):
        return {"neurons": cut.size, "sdram": memory.source_sdram(node.source.model.key in ("poisson", "image_rate"), cut.size)}
    listed = any(isinstance(c.wiring.form, (Block, Pairs)) for c in program.into(layer) if c.kinetics is not None)
    known = program.__dict__.setdefault("_spinnaker_usage", {})  # beside the cached properties: the same cut is asked for many times
    name = (layer, cut.low if listed else 0, cut.size)
    if name not in known:
        known[name] = _usage(program, layer, cut)
    return known[name]


def _usage(program: Program, layer: str, cut: Cut) -> Mapping[str, float]:
    found = matrices(program, layer, cut)
    kind, longest = kind_of(program, layer), longest_delay(program, layer)
    return {
        "neurons": max(cut.size, cut.size * memory.ring_entries(cut.size, longest) / 2**memory.RING_BITS),
        "dtcm": memory.slice_dtcm(kind, cut.size, longest, found),
        "sdram": memory.slice_sdram(kind, cut.size, found, program.steps),
        "row": max((m.words for m in found), default=0),
    }


def longest_delay(program: Program, layer: str) -> int:
    """The longest delay onto a layer, in steps of the machine."""
    return max((delays(program, c)[1] for c in program.into(layer) if c.kinetics is not None), default=0)


def matrices(program: Program, layer: str, cut: Cut) -> list[memory.Matrix]:
    """The synaptic matrices of a slice, one for each connection that has synapses there."""
    out = []
    for c in program.into(layer):
        if c.kinetics is None:
            continue
        row = row_length(c, cut)
        if row:
            n = c.wiring.n_source
            out.append(memory.Matrix(c.source, n, min(n, SOURCES), row, c.plasticity.model.plastic))
    return out


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
                size = self._size(program, x, min(SOURCES, int(target.limit("neurons"))))
                more += [Part(f"{x.key}/{k}", x.key, Cut(low, min(x.size, low + size))) for k, low in enumerate(range(0, x.size, size))]
        return replace(program, parts=(*program.parts, *more))

    def _size(self, program: Program, x: Input, most: int) -> int:
        """How many elements lie on a core: as many as the slices of a layer each of whose neurons hears one of them."""
        first = {p.layer: p.size for p in reversed(program.parts)}
        heard = [first[c.target] for c in program.out_of(x.key) if isinstance(c.wiring.form, OneToOne) and c.target in first]
        return min([most, *heard])
