"""Fan-in that no core can take, divided among helper neurons ("dendrites") that add up and send on quanta."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from studio.compile.activity import stated_rate
from studio.compile.backend import Option
from studio.compile.leaky import TAKES, Leaky, normal_form
from studio.compile.passes.choose_step import moved
from studio.compile.passes.dendrite import Dendrite, numbered
from studio.compile.passes.quantise import receptor
from studio.compile.passes.split import WHOLE
from studio.compile.program import Connection, Input, Layer, Program, listed
from studio.compile.report import Loss
from studio.compile.target import Target
from studio.compile.wiring import Block, stored
from studio.findings import Finding
from studio.models.catalogue import builtin
from studio.network.flat import Chosen

SPLIT = "split"
KNOWN, USUAL = 1.5, 4.0  # how many times the mean charge of a step a quantum is: of sources with stated rates, of neurons taken at 10 Hz
MOST = 30_000_000  # synapses onto one layer that are listed
COARSE = 0.5  # of the threshold: a quantum beyond it is worth a warning
BEYOND = 1e-3  # how much more than a whole part of the threshold a quantum is, so that it is reached in spite of rounding
EXACT = 1e-9  # of a weight: nearer is the same


FAN_IN = (
    Option(
        "fan_in",
        WHOLE,
        "split: inputs that are too many for a core are added up by further neurons, which send on quanta; whole: they are refused.",
        (WHOLE, SPLIT),
    ),
    Option(
        "quantum",
        None,
        "The quantum of fan_in=split, in largest weights; empty: as small as the expected rates allow.",
        kind="number",
        low=1,
    ),
)


@dataclass(frozen=True)
class SplitFanIn:
    """Divides the inputs of neurons that hear more sources than a core can take among dendrites (`Program.layers` with a note).

    Needs: real weights, delays in the machine's range, the limit `resource`, of which a source of a connection takes `entries(connection)` on a
    core. Guarantees: where it adds no error, no neuron needs more than that; what a dendrite has sent never differs from what it has
    received by more than a quantum (and what the leak of the machine's integrator takes), as long as no more than a quantum arrives in a step; what
    is above that waits and is not lost. Excitatory and inhibitory synapses have dendrites of their own, so that what one holds only grows. The
    quanta go through the receptor that the synapses had: their kinetics act after the sum, which is the same for kinetics that are linear in
    what arrives. Connections that learn, lie on devices or carry currents stay whole.

    A dendrite takes a step (`Target.delay[0]`), which is taken from the synapses' delays where they are longer; where they are not, spikes are late, and a
    `Loss` of "delay" counts them. Weights become whole numbers (`Loss` of "weight"); a `Loss` of "fan-in" says the quantum. `quantum` sets it, in
    largest weights; else it is the largest weight, or more where a step's mean charge asks for it: 1.5 times it for sources, whose rates are known, four
    times for neurons, taken at 10 Hz. `host`: the shortest delay of spikes from outside. Without `enabled` nothing is divided.
    """

    dendrite: Dendrite
    resource: str
    enabled: bool = True
    quantum: float | None = None
    entries: Callable[[Connection], int] = lambda c: 1
    spare: float = 1.0  # the part of the resource that a dendrite's synapses may take
    host: int = 1
    name: str = "split fan-in"

    def __call__(self, program: Program, target: Target) -> Program:
        if not self.enabled:
            return program.choose(fan_in=WHOLE)
        said: dict[str, Any] = {}
        for layer in program.layers:
            room = int(target.limit(self.resource))
            if self._bound(program, layer) <= room:
                continue
            made = _Divided.of(self, program, target, layer, room)
            program = made.program
            if made.settings:
                said[layer.key] = made.settings
        return program.choose(fan_in=said or SPLIT)

    def _bound(self, program: Program, layer: Layer) -> float:
        """What one neuron of a layer takes at most, from the rules."""
        return sum(self._most(c) for c in program.into(layer.key))

    def _most(self, c: Connection) -> float:
        return float(self.entries(c)) * (min(c.wiring.fan_in()[1], c.wiring.n_source) if not _several(c) else c.wiring.fan_in()[1])


def _several(c: Connection) -> bool:
    """Whether a source may have synapses of several delays onto a neuron, each an entry of its own."""
    low, high = c.wiring.delays()
    return low != high


def _stays(c: Connection) -> str:
    """Why a connection cannot go through dendrites; empty where it can."""
    if c.kinetics is None:
        return "carries currents"
    if c.plasticity.model.plastic:
        return "learns"
    if c.device.model.key != "ideal" or c.crossbar is not None:
        return "lies on devices"
    return "is quantised already" if c.quantised is not None else ""


@dataclass(frozen=True)
class _Group:
    """Synapses of one receptor and one sign onto a layer, in a list by target, connection and source.

    `of` is the connection's place in `connections`; `into` the dendrite of each synapse.
    """

    connections: list[Connection]
    sign: int
    of: np.ndarray
    block: Block
    into: np.ndarray

    @property
    def count(self) -> int:
        return int(self.into.max(initial=-1)) + 1


@dataclass
class _Divided:
    """One layer while its inputs are divided."""

    options: SplitFanIn
    program: Program
    target: Target
    layer: Layer
    room: int
    before: Program
    settings: dict[str, Any] = field(default_factory=dict)
    layers: list[Layer] = field(default_factory=list)
    connections: list[Connection] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)

    @staticmethod
    def of(options: SplitFanIn, program: Program, target: Target, layer: Layer, room: int) -> _Divided:
        made = _Divided(options, program, target, layer, room, program)
        total = sum(c.wiring.count() for c in program.into(layer.key))
        if total > MOST:
            text = f"“{layer.path}” has {total:,.0f} synapses; inputs of up to {MOST:,} are divided among dendrites."
            made.program = program.say(Finding("fit.memory", "error", layer.path, text, "Use smaller populations, or sparser connections."))
        else:
            made.work()
        return made

    def work(self) -> None:
        into = self.program.into(self.layer.key)
        blocks = {c.key: c.wiring.onto() for c in into}
        needs = {c.key: self._need(c, blocks[c.key]) for c in into}
        direct = self._direct(into, needs)
        if direct is None:
            return
        rest = [c for c in into if c.key not in direct]
        made = {c.key: listed(c) for c in into if c.key in direct and c.kinetics is not None and not _stays(c) and not _counted(c)}
        groups = list(self._groups(rest, blocks))
        if sum(g.count for g in groups) + sum(needs[key] for key in direct) > self.room:
            self._too_many(sum(g.count for g in groups))
            return
        quanta = [self._put(group) for group in groups]
        if rest:
            self._delays(rest, blocks)
        kept = [made.get(c.key, c) for c in self.program.connections if c.key not in {x.key for x in rest}]
        at = [x.key for x in self.program.layers].index(self.layer.key)
        before, after = self.program.layers[:at], self.program.layers[at:]
        layers = (*before, *self.layers, *after)
        self.program = replace(self.program, layers=layers, connections=(*kept, *self.connections)).lose(*self.losses)
        if groups:
            self.program = self.program.say(self._said(groups, quanta))

    def _need(self, c: Connection, block: Block) -> int:
        """The entries of the neuron that hears the most of a connection."""
        return int(numbered(block, np.zeros(len(block), np.int64), np.array([self.options.entries(c)]))[1].max(initial=0))

    def _direct(self, into: tuple[Connection, ...], needs: Mapping[str, int]) -> set[str] | None:
        """The connections that stay: those that must, and the smallest others for which there is room; None where what must stay is too much."""
        must = {c.key for c in into if _stays(c)}
        taken = sum(needs[key] for key in must)
        if taken > self.room:
            c = max((c for c in into if c.key in must), key=lambda one: needs[one.key])
            text = f"“{c.path}” brings {needs[c.key]:,} sources to a neuron and {_stays(c)}; a core of {self.target.title} takes {self.room:,}, and dendrites take plain synapses only."
            self.program = self.program.say(Finding("fit.fan_in", "error", c.path, text, "Connect it more sparsely."))
            return None
        out = set(must)
        for c in sorted((c for c in into if c.key not in must), key=lambda one: needs[one.key]):
            rest = [x for x in into if x.key not in out and x.key != c.key]
            if taken + needs[c.key] + self._guess(rest, needs) > self.room:
                break
            out.add(c.key)
            taken += needs[c.key]
        return out

    def _guess(self, rest: list[Connection], needs: Mapping[str, int]) -> int:
        """At most so many dendrites for some connections."""
        size = self._size(rest) if rest else 1
        signs = {c.key: 2 if c.wiring.weights()[0] < 0.0 < c.wiring.weights()[1] else 1 for c in rest}
        return sum(signs[c.key] * -(-needs[c.key] // size) for c in rest)

    def _size(self, connections: list[Connection]) -> int:
        """How many entries a dendrite's synapses may take, so that none goes beyond."""
        largest = max(self.options.entries(c) for c in connections)
        return max(1, int(self.room * self.options.spare) - largest + 1)

    def _groups(self, rest: list[Connection], blocks: Mapping[str, Block]) -> Iterator[_Group]:
        kinds: dict[object, list[Connection]] = {}
        for c in rest:
            kinds.setdefault(receptor(c.kinetics), []).append(c)
        for same in kinds.values():
            joined = [blocks[c.key] for c in same]
            of = np.repeat(np.arange(len(same)), [len(b) for b in joined])
            block = Block(*(np.concatenate([getattr(b, n) for b in joined]) for n in ("sources", "targets", "weights", "delays")))
            for sign in (1, -1):
                mine = np.flatnonzero(np.sign(block.weights) == sign)
                if len(mine):
                    yield self._group(same, sign, of[mine], block.keep(mine))

    def _group(self, same: list[Connection], sign: int, of: np.ndarray, block: Block) -> _Group:
        """Every target's inputs, in order, in pieces of equal size: as few as there can be."""
        each = np.array([self.options.entries(c) for c in same])
        order, many, place = numbered(block, of, each)
        size = self._size(same)
        pieces = -(-int(many.max()) // size)
        size = -(-int(many.max()) // pieces)
        return _Group(same, sign, of[order], block.keep(order), place // size)

    def _put(self, group: _Group) -> float:
        """The dendrites of a group, what they hear and what they send; returns the quantum."""
        block, d = group.block, self.options.dendrite
        largest = float(np.abs(block.weights).max())
        asked = self.options.quantum
        wanted = self._dividing(group, max(largest, self._charge(group))) if asked is None else asked * largest
        unit = max(largest / d.finest(np.abs(block.weights)), wanted / d.most)
        quantum = d.quantum(wanted / unit)
        numbers = np.rint(np.abs(block.weights) / unit)
        self._rounded(group, numbers * unit)
        self._merged(group, quantum * unit)
        first = len(self.settings.setdefault("dendrites", []))
        self.settings.setdefault("quanta", []).extend([quantum * unit * group.sign] * group.count)
        for k in range(group.count):
            mine = np.flatnonzero(group.into == k)
            key = f"{self.layer.key}.dendrite{first + k}"
            self.settings["dendrites"].append(key)
            heard = np.unique(block.targets[mine])
            note = f"adds up a part of what reaches “{self.layer.path}” and sends it on in quanta"
            self.layers.append(d.layer(self.layer, key, len(heard), quantum, note))
            for j, c in enumerate(group.connections):
                own = mine[(group.of[mine] == j) & (numbers[mine] > 0)]
                if len(own):
                    self._onto(c, key, f"{c.key}.dendrite{first + k}", block.keep(own), numbers[own], heard)
            self._out(group.connections[int(group.of[mine[0]])], key, heard, quantum, unit * group.sign)
        return quantum * unit

    def _onto(self, c: Connection, key: str, name: str, block: Block, numbers: np.ndarray, heard: np.ndarray) -> None:
        """What a dendrite population hears of a connection: whole numbers, arriving a step earlier where they can."""
        least = self.options.host if isinstance(self.program.node(c.source), Input) else self.target.delay[0]
        early = np.maximum(block.delays - self.target.delay[0], least)
        inner = Block(block.sources, np.searchsorted(heard, block.targets), numbers, early)
        wiring = stored(c.wiring.n_source, len(heard), inner, self.program.dt)
        pulse = Chosen(builtin().get("kinetics", "pulse"), {})
        self.connections.append(replace(c, key=name, target=key, kinetics=pulse, wiring=wiring, connector=None))

    def _out(self, c: Connection, key: str, heard: np.ndarray, quantum: int, unit: float) -> None:
        """The quanta, through the receptor of the synapses they stand for; and what takes them off where the neuron's reset does not."""
        n, own = len(heard), np.arange(len(heard))
        hop = np.full(n, self.target.delay[0])
        sent = stored(n, self.layer.size, Block(own, heard, np.full(n, quantum * unit), hop), self.program.dt)
        self.connections.append(replace(c, key=f"{key}.out", source=key, wiring=sent, connector=None))
        if self.options.dendrite.itself:
            off = stored(n, n, Block(own, own, np.full(n, -float(quantum)), np.ones(n, np.int64)), self.program.dt, same=True)
            pulse = Chosen(builtin().get("kinetics", "pulse"), {})
            self.connections.append(replace(c, key=f"{key}.self", source=key, target=key, kinetics=pulse, wiring=off, connector=None))

    def _charge(self, group: _Group) -> float:
        """The largest mean charge of a dendrite in a step, with what is kept free for chance."""
        per_step = np.zeros(len(group.connections))
        for j, c in enumerate(group.connections):
            node = self.program.node(c.source)
            per_step[j] = stated_rate(node, self.program) * self.program.dt / 1000.0 * (KNOWN if isinstance(node, Input) else USUAL)
        charge = np.abs(group.block.weights) * per_step[group.of]
        return float(np.bincount(group.block.targets * group.count + group.into, charge).max())

    def _rounded(self, group: _Group, made: np.ndarray) -> None:
        """Losses of weights that became whole numbers."""
        error = np.abs(made - np.abs(group.block.weights))
        for j, c in enumerate(group.connections):
            mine = group.of == j
            changed = mine & (error > EXACT * np.abs(group.block.weights))
            if changed.any():
                worst, unit = float(error[changed].max()), _unit(c)
                text = f"Weights onto dendrites as whole numbers up to {self.options.dendrite.largest}: worst error {worst:.3g} {unit}."
                self.losses.append(Loss(c.path, "weight", "rounded", int(changed.sum()), int(mine.sum()), worst, unit, text))
            if gone := int((mine & (made == 0.0)).sum()):
                worst, unit = float(np.abs(group.block.weights[mine & (made == 0.0)]).max()), _unit(c)
                text = f"{gone:,} weights are less than half of the smallest whole number onto a dendrite and became 0."
                self.losses.append(Loss(c.path, "weight", "dropped", gone, int(mine.sum()), worst, unit, text))

    def _merged(self, group: _Group, quantum: float) -> None:
        """What waits in dendrites, said of every connection."""
        for j, c in enumerate(group.connections):
            n = int((group.of == j).sum())
            if n:
                kind = "excitatory" if group.sign > 0 else "inhibitory"
                text = f"{n:,} {kind} synapses go through {group.count} dendrite{'s' * (group.count > 1)} a neuron, which send on quanta of {quantum:.3g} {_unit(c)}: of each up to one waits."
                self.losses.append(Loss(c.path, "fan-in", "merged", n, round(c.wiring.count()), quantum, _unit(c), text))

    def _delays(self, rest: list[Connection], blocks: Mapping[str, Block]) -> None:
        """Losses of delays: what the step of a dendrite makes late, and what a list no longer says was rounded."""
        hop, dt = self.target.delay[0], self.program.dt
        for c in rest:
            given, total = blocks[c.key].delays, len(blocks[c.key])
            least = self.options.host if isinstance(self.program.node(c.source), Input) else hop
            late = np.maximum(given - hop, least) + hop - given
            if late.any():
                text = f"Dendrites take a step: {int((late > 0).sum()):,} of {total:,} spikes arrive up to {late.max() * dt:g} ms late."
                self.losses.append(Loss(c.path, "delay", "replaced", int((late > 0).sum()), total, float(late.max() * dt), "ms", text))
            before = self.program.flat.run.dt if self.program.flat is not None else dt
            known = any(x.path == c.path and x.what == "delay" and x.kind == "rounded" for x in self.program.losses)
            share, worst = (0.0, 0.0) if known or isinstance(c.wiring.form, Block) else moved(c.wiring.delay, dt, before)
            if share > 0.0 and worst > EXACT and total:
                text = f"Delays in steps of {dt:g} ms: {share:.0%} of them change, by up to {worst:.3g} ms."
                self.losses.append(Loss(c.path, "delay", "rounded", max(1, round(share * total)), total, worst, "ms", text))

    def _said(self, groups: list[_Group], quanta: list[float]) -> Finding:
        """How a population was divided, with the quantum beside its threshold."""
        unit, n = _unit(groups[0].connections[0]), sum(g.count for g in groups)
        share = max(q / self._reach(g) for g, q in zip(groups, quanta, strict=True))
        high = f", {share:.0%} of the threshold" if share else ""
        leak = self.options.dendrite.leak
        lost = f" Of what a dendrite holds 1/{1 / leak:,.0f} is lost in every step." if leak else ""
        text = (
            f"Neurons of “{self.layer.path}” hear more than the {self.room:,} sources of a core of {self.target.title}: each has {n:,} dendrite{'s' * (n > 1)}, "
            f"which send on quanta of up to {max(quanta):.3g} {unit}{high}, one a step at most.{lost}"
        )
        fix = "Set the option quantum to less for smaller ones, to more where dendrites fire in every step."
        return Finding("lossy.fan_in", "warning" if share > COARSE else "info", self.layer.path, text, fix)

    def _dividing(self, group: _Group, least: float) -> float:
        """A quantum that is not smaller and of which a whole number reaches the threshold: a neuron that is reset to a value loses what goes beyond."""
        reach = self._reach(group)
        many = np.floor(reach / least) if np.isfinite(reach) else 0
        return float(reach / many * (1.0 + BEYOND)) if many >= 1 and reach / many > least * (1.0 + BEYOND) else least

    def _reach(self, group: _Group) -> float:
        """The charge, in the weights' unit, that takes a neuron from its reset to its threshold; inf where that is not one number."""
        leaky = self._leaky
        if leaky is None or leaky.threshold is None:
            return np.inf
        r = leaky.receptor_of(group.connections[0].key)
        found = np.abs(np.asarray(leaky.threshold) * (1.0 - np.asarray(r.decay)) / np.asarray(r.gain))
        return float(found) if found.ndim == 0 else np.inf

    @cached_property
    def _leaky(self) -> Leaky | None:
        return normal_form(self.before, self.layer.key)[0] if self.layer.neuron.model.key in TAKES else None

    def _too_many(self, dendrites: int) -> None:
        text = (
            f"Neurons of “{self.layer.path}” would need {dendrites:,} dendrites; a core of {self.target.title} takes {self.room:,} sources."
        )
        self.program = self.program.say(Finding("fit.fan_in", "error", self.layer.path, text, "Connect it more sparsely."))


def _unit(c: Connection) -> str:
    return "" if c.kinetics is None else c.kinetics.model.weight_unit


def _counted(c: Connection) -> bool:
    """Whether a rule says exactly how many sources a neuron hears, so that it need not be listed."""
    return c.wiring.kind in ("dense", "one_to_one", "window", "matrix", "pairs", "stored")
