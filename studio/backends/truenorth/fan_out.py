"""One axon per neuron: copies of a neuron beside it, or relays on cores of their own."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from studio.backends.truenorth.machine import LONGEST
from studio.backends.truenorth.shaping import feeds
from studio.compile.graph import owners
from studio.compile.program import Connection, Layer, Part, Program
from studio.compile.report import Loss
from studio.compile.target import Target
from studio.compile.wiring import Block, Cut, stored
from studio.findings import Finding
from studio.models.catalogue import builtin
from studio.network.flat import Chosen


@dataclass(frozen=True)
class FanOut:
    """Gives every axon a neuron of its own that reaches it.

    Needs: an arranged program. Guarantees: `settings["copies"]` says how many further neurons each part needs (by layer and the part's first
    neuron), one for each axon that a neuron reaches beyond the first; they hear the same and so do the same. Where they do not fit the core, the
    layer gets a relay layer: a neuron there for every axon, which repeats a spike one tick later (15 for delays beyond 16); the rest of the
    delay follows. Where a delay has no tick to spare it becomes one tick longer (`lossy.delay`).
    """

    name: str = "fan out"

    def __call__(self, program: Program, target: Target) -> Program:
        most = int(target.limit("neurons"))
        while True:
            made, over = _spread(program, most)
            if not over:
                return made
            single = next((p for p in over if p.size == 1 or not _listed(program, p.layer)), None)
            if single is not None:
                layer = program.layer(single.layer)
                return program.say(_too_many(layer, _needed(program, layer)[0], most))
            program = _halved(program, {p.key for p in over})


def _spread(program: Program, most: int) -> tuple[Program, list[Part]]:
    """With copies and relays; and the parts that do not fit a core with them."""
    copies: dict[str, dict[str, int]] = {}
    over: list[Part] = []
    for layer in program.layers:
        needed, longest = _needed(program, layer)
        if longest > LONGEST or any(_rows(needed, p) > most for p in program.parts_of(layer.key)):
            if not _listed(program, layer.key):
                return program, [p for p in program.parts_of(layer.key) if _rows(needed, p) > most] or [*program.parts_of(layer.key)[:1]]
            program = relayed(program, layer, needed, most)
            needed = _needed(program, layer)[0]
        parts = program.parts_of(layer.key)
        over += [p for p in parts if _rows(needed, p) > most]
        copies[layer.key] = {str(p.cut.low): extra for p in parts if (extra := _rows(needed, p) - p.size)}
    return program.choose(copies={key: value for key, value in copies.items() if value}), over


def _listed(program: Program, layer: str) -> bool:
    """Whether what leaves a layer is listed, so that relays may be put in."""
    return all(isinstance(c.wiring.form, Block) for c in program.out_of(layer))


def _halved(program: Program, keys: set[str]) -> Program:
    """With some parts in two."""
    parts: list[Part] = []
    for p in program.parts:
        cuts = _halves(p.cut) if p.key in keys else [p.cut]
        number = sum(q.layer == p.layer for q in parts)
        parts += [Part(f"{p.layer}/{number + k}", p.layer, cut) for k, cut in enumerate(cuts)]
    return replace(program, parts=tuple(parts))


def _halves(cut: Cut) -> list[Cut]:
    if cut.box is None or cut.shape is None:
        middle = (cut.low + cut.high) // 2
        return [Cut(cut.low, middle), Cut(middle, cut.high)]
    axis = max(range(len(cut.box)), key=lambda k: cut.box[k][1] - cut.box[k][0])  # type: ignore[index]
    low, high = cut.box[axis]
    middle = (low + high) // 2
    return [Cut.of_box(cut.shape, (*cut.box[:axis], ends, *cut.box[axis + 1 :])) for ends in ((low, middle), (middle, high))]


def _too_many(layer: Layer, needed: np.ndarray, most: int) -> Finding:
    text = f"Neurons of “{layer.path}” reach {needed.mean():.3g} axons each on average; copies beside them do not fit a core of {most} neurons."
    return Finding("fit.fan_out", "error", layer.path, text, "Connect it more sparsely, or to one population only.")


def _needed(program: Program, layer: Layer) -> tuple[np.ndarray, int]:
    """(axons that each neuron reaches, the longest delay)."""
    out, longest = np.zeros(layer.size, np.int64), 0
    for c in program.out_of(layer.key):
        sources, _, delays = feeds(c, list(program.parts_of(c.target)))
        out += np.bincount(sources, minlength=layer.size)
        longest = max(longest, int(delays.max(initial=0)))
    return out, longest


def _rows(needed: np.ndarray, part: Part) -> int:
    """Neurons of a core that a part takes with its copies."""
    return int(np.maximum(needed[part.cut.ids], 1).sum())


def relayed(program: Program, layer: Layer, needed: np.ndarray, most: int) -> Program:
    """The program with relays for a layer, in a layer of their own."""
    key = f"{layer.key}/relay"
    program = _with_time(program, layer)
    out = program.out_of(layer.key)
    parts = {c.key: list(program.parts_of(c.target)) for c in out}
    fed = [feeds(c, parts[c.key]) for c in out]
    of = np.concatenate([np.full(len(f[0]), k) for k, f in enumerate(fed)])
    source, part, delay = (np.concatenate([f[k] for f in fed]) for k in range(3))
    order = np.lexsort((delay, part, of, source))
    of, source, part, delay = of[order], source[order], part[order], delay[order]
    first = np.where(delay > LONGEST + 1, LONGEST, 1)
    ranges = _packed(source, most)
    made = _relay_layer(layer, key, len(source))
    program = replace(
        program,
        layers=(*program.layers, made),
        parts=(*program.parts, *(Part(f"{key}/{k}", key, Cut(a, b)) for k, (a, b) in enumerate(ranges))),
    )
    onward = [_onward(program, c, parts[c.key], key, np.flatnonzero(of == k), source, part, delay, first) for k, c in enumerate(out)]
    there = _there(program, layer, key, source, first, ranges)
    kept = tuple(c for c in program.connections if c.source != layer.key)
    types = {**{k: v for k, v in program.settings["types"].items() if program.connection(k).source != layer.key}, there.key: 0}
    types |= {c.key: program.settings["types"][old.key] for c, old in zip(onward, out, strict=True)}
    return replace(program, connections=(*kept, there, *onward)).choose(types=types)


def _packed(source: np.ndarray, most: int) -> list[tuple[int, int]]:
    """Ranges of relays that share a core: as many as fit; those of one source together where they are not more than that."""
    starts = np.flatnonzero(np.diff(source, prepend=-1))
    sizes = np.diff(np.append(starts, len(source)))
    out: list[tuple[int, int]] = []
    low = high = 0
    for start, size in zip(starts.tolist(), sizes.tolist(), strict=True):
        if start + size - low > most and high > low:
            out.append((low, high))
            low = high
        high = start + size
        while high - low > most:
            out.append((low, low + most))
            low += most
    return [*out, (low, high)] if high > low else out


def _relay_layer(layer: Layer, key: str, size: int) -> Layer:
    model = builtin().get("neuron", "truenorth")
    params = {p.name: p.default for p in model.params} | {"alpha": 1, "v_limit": layer.neuron.params["v_limit"]}
    return Layer(
        key, layer.path, size, None, Chosen(model, params), origin=None, note=f"repeats spikes of “{layer.key}”, one neuron for each axon"
    )


def _there(program: Program, layer: Layer, key: str, source: np.ndarray, first: np.ndarray, ranges: list[tuple[int, int]]) -> Connection:
    """From the layer to its relays."""
    n = len(source)
    old = program.out_of(layer.key)[0]
    block = Block(source, np.arange(n), np.ones(n), first)
    wiring = stored(layer.size, n, block, program.dt)
    pulse = Chosen(builtin().get("kinetics", "pulse"), {})
    return replace(old, key=key, target=key, kinetics=pulse, wiring=wiring, connector=None)


def _onward(program: Program, c: Connection, parts: list[Part], key: str, mine: np.ndarray, *feeds_: np.ndarray) -> Connection:
    """A connection that begins at relays: every synapse at the relay of its source, part and delay."""
    source, part, delay, first = feeds_
    block = c.wiring.onto()
    reach = int(delay.max(initial=0)) + 1
    names = (source[mine] * len(parts) + part[mine]) * reach + delay[mine]
    order = np.argsort(names)
    wanted = (block.sources * len(parts) + owners([p.cut for p in parts], c.wiring.n_target)[block.targets]) * reach + block.delays
    relay = mine[order][np.searchsorted(names[order], wanted)]
    moved = Block(relay, block.targets, block.weights, block.delays - first[relay])
    return replace(c, key=f"{c.key}/relay", source=key, wiring=stored(len(source), c.wiring.n_target, moved, program.dt))


def _with_time(program: Program, layer: Layer) -> Program:
    """With delays of at least two ticks from a layer."""
    for c in program.out_of(layer.key):
        block = c.wiring.onto()
        late = np.maximum(2 - block.delays, 0)
        if not late.any():
            continue
        count, worst = int((late > 0).sum()), float(late.max() * program.dt)
        text = f"“{c.path}” reaches more cores than its source has neurons for; a relay on the way makes {count} of {len(block)} delays up to {worst:g} ms longer."
        program = program.lose(Loss(c.path, "delay", "replaced", count, len(block), worst, "ms", text))
        program = program.say(
            Finding("lossy.delay", "warning", f"{c.path}.delay", text, f"Set the delay to {2 * program.dt:g} ms or more.")
        )
        moved = replace(block, delays=block.delays + late)
        program = program.with_connections(
            [replace(c, wiring=stored(c.wiring.n_source, c.wiring.n_target, moved, program.dt, c.wiring.same))]
        )
    return program
