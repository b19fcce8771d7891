"""Delays beyond the ring buffers: which layers have how many slots, and the cores that hold spikes back for the rest.

As sPyNNaker 7.4.1 does it: a ring buffer of 2^14 entries leaves a layer 2^13 / (neurons of a core, a power of two) slots. What is later comes by
a delay extension, of which a source has one: for each of its slices a core that repeats every spike after 1, 2, ... 8 times so many steps, each
stage under keys of its own (delay_extension.c, DelayExtensionVertex), and the row of a stage holds what is left of the delay.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from studio.backends.spinnaker import memory
from studio.backends.spinnaker.lowering import delays, kind_of, later
from studio.backends.spinnaker.relays import LATE, place, relays
from studio.backends.spinnaker.slicing import SliceSources, longest_delay, usage
from studio.compile.passes.split import Split
from studio.compile.program import Connection, Layer, Part, Program
from studio.compile.target import Target
from studio.compile.wiring import Block, Cut, stored
from studio.findings import Finding
from studio.models.catalogue import builtin
from studio.network.flat import Chosen

STAGES = 8  # DelayExtensionVertex.MAX_SLOTS of sPyNNaker 7.4.1
ROOMY = 64  # neurons that a core keeps before delays are taken out of it
MOST_LATE = 10_000_000  # synapses that are listed to tell late ones from others
FLOORS = {"auto": ROOMY, "always": memory.MOST_ATOMS, "never": 1}


@dataclass
class _Plan:
    """Slots by layer, the most that a layer has (a power of two), and what each source's extension is."""

    most: dict[str, int]
    slots: dict[str, int] = field(default_factory=dict)
    relays: dict[str, tuple[int, int]] = field(default_factory=dict)  # source -> stages, steps


@dataclass(frozen=True)
class SliceLayers:
    """Cuts layers into slices (`Split`), and gives late synapses delay extensions (`settings["slots"]`, `settings["delay_extensions"]`).

    Needs: cells. Guarantees: as `Split`; every synapse's delay fits its ring buffer; a source has one extension whose stages are as long as the
    ring buffers of all that hear it, which sPyNNaker asks for; or a finding (`fit.delay`). A connection with early and late synapses becomes
    two, with lists. `extensions`: "auto" where a core would hold fewer than 64 neurons, "always" as soon as a full core's slots are too few,
    "never". `quick`: cores are counted, no synapse is listed.
    """

    extensions: str = "auto"
    quick: bool = False
    name: str = "split"

    def __call__(self, program: Program, target: Target) -> Program:
        atoms = min(int(target.limit("neurons")), FLOORS[self.extensions])
        plan = _Plan({x.key: memory.slots(min(x.size, atoms)) for x in program.layers})
        while True:
            plan = _planned(program, plan, STAGES if self.extensions != "never" else 0)
            short = _short(program, plan, target)
            made = Split(usage, boxes=False)(program.say(*short).choose(slots=plan.slots, stages=_stages(plan)), target)
            if made.stopped or not _grown(made, plan):
                break
        made = SliceSources()(made, target)
        if made.stopped or not plan.relays:
            return _plain(made)
        late = sum(c.wiring.count() for c in _late(made, plan))
        if late > MOST_LATE and not self.quick:
            worst = max(_late(made, plan), key=lambda c: c.wiring.count())
            text = (
                f"{late:,.0f} synapses come from sources some of whose delays need a delay extension; at most {MOST_LATE:,} are told apart."
            )
            fix = f"Set {worst.path}.delay to at most {plan.slots[worst.target] * program.dt:g} ms."
            return made.say(Finding("fit.delay", "error", f"{worst.path}.delay", text, fix))
        return _extended(_plain(made), plan, self.quick)


def _short(program: Program, plan: _Plan, target: Target) -> list[Finding]:
    """Delays that no ring buffer and no extension holds."""
    out = []
    for c in _late(program, plan):
        pair = plan.relays.get(c.source)
        there = (pair[0] + 1) * pair[1] if pair is not None else plan.slots[c.target]
        need, more = delays(program, c)[1], later(kind_of(program, c.target))
        if need > there:
            text = f"The longest delay is {need - more} steps of {program.dt:g} ms; without delay extensions {target.title} holds {there - more}."
            fix = f"Set {c.path}.delay to {(there - more) * program.dt:g} ms, or allow extensions."
            out.append(Finding("fit.delay", "error", f"{c.path}.delay", text, fix))
    return out


def _stages(plan: _Plan) -> dict[str, list[int]]:
    return {source: list(pair) for source, pair in plan.relays.items()}


def _plain(program: Program) -> Program:
    """Without what only `Split` had to know."""
    return replace(program, settings={k: v for k, v in program.settings.items() if k != "stages"})


def _late(program: Program, plan: _Plan) -> list[Connection]:
    return [c for c in program.connections if c.kinetics is not None and delays(program, c)[1] > plan.slots[c.target]]


def _planned(program: Program, plan: _Plan, stages: int) -> _Plan:
    """Slots for every layer, and extensions, with equal stages for all that hear one source."""
    most = dict(plan.most)
    longest = {x.key: longest_delay(program, x.key) for x in program.layers}
    while True:
        for key, delay in longest.items():
            while delay > (stages + 1) * most[key] and most[key] < memory.slots(1):
                most[key] *= 2
        slots = {key: min(1 << memory.bits(delay), most[key]) for key, delay in longest.items()}
        made = _Plan(most, slots)
        heard: dict[str, list[Connection]] = {}
        for c in _late(program, made):
            heard.setdefault(c.source, []).append(c)
        uneven = False
        for source, found in heard.items():
            steps = max(slots[c.target] for c in found)
            for c in found:
                uneven = uneven or most[c.target] < steps
                most[c.target] = max(most[c.target], steps)
            if stages:
                made.relays[source] = min(stages, max(-(-delays(program, c)[1] // steps) - 1 for c in found)), steps
        if not uneven:
            return made


def _grown(program: Program, plan: _Plan) -> bool:
    """Whether cores hold so few neurons that sPyNNaker would give their late synapses more slots: then these count."""
    grown = False
    for key in {c.target for c in _late(program, plan)}:
        real = memory.slots(max(p.size for p in program.parts_of(key)))
        grown = grown or real > plan.most[key]
        plan.most[key] = max(plan.most[key], real)
    return grown


def _extended(program: Program, plan: _Plan, quick: bool) -> Program:
    """With a layer for each extension, what leads to it, and late synapses coming from it."""
    late = {c.key for c in _late(program, plan)}
    layers, said, made = [], {}, []
    for source, (stages, steps) in plan.relays.items():
        node = program.node(source)
        key = f"{source} delayed"
        note = f"repeats spikes of “{source}” after 1 to {stages} times {steps} steps"
        lif = builtin().get("neuron", "lif")
        usual = Chosen(lif, {p.name: p.default for p in lif.params if p.default is not None})
        layers.append(Layer(key, node.path, node.size * stages, None, usual, origin=None, note=note))
        said[key] = {"of": source, "stages": stages, "steps": steps}
    parts = list(program.parts)
    program = replace(program.choose(delay_extensions=said), layers=(*program.layers, *layers))
    for key, relay in relays(program).items():
        cuts = [p.cut for p in program.parts_of(relay.of)]
        parts += [Part(f"{key}/{k}", key, Cut(cut.low * relay.stages, cut.high * relay.stages)) for k, cut in enumerate(cuts)]
    for c in program.connections:
        made += [c] if c.key not in late or quick else _parted(program, c, plan.slots[c.target])
    made += [_towards(program, key, next(c for c in program.connections if c.key in late)) for key in said]
    return replace(program, connections=tuple(made), parts=tuple(parts))


def _parted(program: Program, c: Connection, slots: int) -> list[Connection]:
    """A connection's early synapses as they are, and its late ones from the extension of its source."""
    block = c.wiring.onto()
    more = later(kind_of(program, c.target))
    stage = (block.delays + more - 1) // slots
    relay = next(r for r in relays(program).values() if r.of == c.source)
    early, late = block.keep(stage == 0), block.keep(stage > 0)
    held = stage[stage > 0]
    moved = Block(place(program, relay.key, late.sources, held), late.targets, late.weights, late.delays - held * slots)
    n, dt = c.wiring.n_target, program.dt
    after = stored(program.layer(relay.key).size, n, moved, dt)
    out = [replace(c, wiring=replace(stored(c.wiring.n_source, n, early, dt, c.wiring.same), seed=c.wiring.seed), connector=None)]
    more_of_it = replace(c, key=c.key + LATE, source=relay.key, wiring=replace(after, seed=c.wiring.seed), connector=None)
    return [x for x in (*out, more_of_it) if x.wiring.count()] or [c]


def _towards(program: Program, key: str, like: Connection) -> Connection:
    """From a source to its extension: every element to all its stages, the stage's steps later."""
    relay = relays(program)[key]
    n = program.node(relay.of).size
    sources, stage = np.tile(np.arange(n), relay.stages), np.repeat(np.arange(1, relay.stages + 1), n)
    block = Block(sources, place(program, key, sources, stage), np.ones(len(sources)), stage * relay.steps)
    wiring = stored(n, program.layer(key).size, block, program.dt)
    pulse, static = (Chosen(builtin().get(kind, name), {}) for kind, name in (("kinetics", "delta"), ("plasticity", "static")))
    ideal = Chosen(builtin().get("device", "ideal"), {})
    return Connection(key, program.node(relay.of).path, relay.of, key, pulse, static, ideal, wiring)
