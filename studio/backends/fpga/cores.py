"""Layers cut into cores, where the cores lie, and how fast the design runs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from studio.backends.fpga.cost import EVENT_CYCLES, STEP_CYCLES, SYNAPSE_CYCLES, memories, slots_of, update_cycles, usage
from studio.backends.fpga.target import DEVICES, device_of
from studio.compile.activity import stated_rate
from studio.compile.constraints import Rules
from studio.compile.passes.place import Place
from studio.compile.passes.split import pieces
from studio.compile.program import Layer, Part, Program
from studio.compile.target import Target
from studio.compile.wiring import Cut
from studio.findings import Finding

MEMORIES = {
    "state": "states",
    "ring": "sums of spikes on their way",
    "own": "constants of single neurons",
    "currents": "input currents",
    "queue": "queues of spikes",
    "row": "rows (where a source's synapses begin)",
    "synapse": "synapses",
}
UPDATES = 0.5  # of a step's cycles that updating neurons may take, if there are cores enough; the rest is for events


@dataclass(frozen=True)
class CutCores:
    """Cuts every layer into parts, one for each core of the design (`Program.parts`).

    Needs: `settings["arithmetic"]`. Guarantees: all cores together fit the device; or a finding (`fit.memory`, `fit.cores`) says what there is too much
    of, and where most of it lies. A layer is one core, or as many as it takes to update its neurons in half of a step's clock cycles, where the device
    has room for them.
    """

    name: str = "cut cores"

    def __call__(self, program: Program, target: Target) -> Program:
        counts = {layer.key: 1 for layer in program.layers}
        if not counts:
            return program.say(
                Finding("fit.neurons", "error", "", "There are no neurons: nothing that a core could update.", "Add a population.")
            )
        if len(counts) > target.topology.cores:
            return program.say(_too_many(program, target))
        if wrong := exceeding(program, target):
            return program.say(*wrong)
        for layer in program.layers:
            most = target.topology.cores - sum(counts.values()) + 1
            for n in range(min(_wanted(program, layer, target), most), 1, -1):
                if not over(needed(program, {**counts, layer.key: n}), target):
                    counts[layer.key] = n
                    break
        return replace(program, parts=tuple(p for layer in program.layers for p in _parts(layer, counts[layer.key])))


def _wanted(program: Program, layer: Layer, target: Target) -> int:
    cycles = _update(program, layer.key, layer.size)
    return max(1, math.ceil(cycles / (UPDATES * target.limit("clock") * 1e3 * program.dt)))


def _update(program: Program, layer: str, size: int) -> int:
    """Clock cycles in which a core updates so many neurons of a layer."""
    hears = any(c.kinetics is not None for c in program.into(layer))
    return update_cycles(size, program.settings["arithmetic"][layer]["latency"], hears)


def _parts(layer: Layer, count: int) -> list[Part]:
    return [Part(f"{layer.key}/{k}", layer.key, Cut(a, b)) for k, (a, b) in enumerate(pieces(layer.size, count)) if b > a]


def needed(program: Program, counts: Mapping[str, int]) -> dict[str, float]:
    """What so many cores for each layer take of the device, all together."""
    total: dict[str, float] = {}
    for layer in program.layers:
        first = Cut(0, math.ceil(layer.size / counts[layer.key]))
        for resource, amount in usage(program, layer.key, first).items():
            total[resource] = total.get(resource, 0.0) + amount * counts[layer.key]
    return total


def over(amounts: Mapping[str, float], target: Target) -> list[str]:
    """The resources of which there is not enough."""
    return [name for name, amount in amounts.items() if amount > target.limit(name)]


def exceeding(program: Program, target: Target) -> list[Finding]:
    """Findings on what is too much even with one core for each layer."""
    total = needed(program, {layer.key: 1 for layer in program.layers})
    return [_too_much(program, name, total[name], target) for name in over(total, target)]


def _too_much(program: Program, resource: str, amount: float, target: Target) -> Finding:
    device = device_of(target)
    shares = {x.key: usage(program, x.key, Cut(0, x.size))[resource] for x in program.layers}
    layer = max(program.layers, key=lambda x: shares[x.key])
    word = resource.replace("_", " ")
    text = f"The network takes {amount:,.0f} {word}; {device.title} has {target.limit(resource):,.0f}. “{layer.path}” takes {shares[layer.key]:,.0f}"
    larger = _larger(resource, amount)
    if resource != "memory_blocks":
        narrow = "Use narrower states and constants (options word=18 and coefficient=18)"
        return Finding("fit.memory", "error", layer.path, text + ".", f"{narrow}{f', or device={larger}' if larger else ''}.")
    name, bits, total = _fullest(program, layer)
    text += f", of which {bits / total:.0%} are {name}." if total else "."
    into = [c for c in program.into(layer.key) if c.kinetics is not None]
    most = max(into, key=lambda c: c.wiring.count(), default=None)
    fix = f"Use option device={larger}." if larger else "No device that is known here has room for it."
    if most is not None:
        fix += f" Or connect “{most.path}” more sparsely: it brings {most.wiring.count():,.0f} synapses."
    return Finding("fit.memory", "error", layer.path, text, fix)


def _fullest(program: Program, layer: Layer) -> tuple[str, float, float]:
    """(what, bits, bits of all) of the largest memory of a layer."""
    sizes = {name: float(words * bits) for name, words, bits in memories(program, layer.key, Cut(0, layer.size))}
    name = max(sizes, key=lambda k: sizes[k])
    return MEMORIES[name], sizes[name], sum(sizes.values())


def _larger(resource: str, amount: float) -> str:
    """A device that has so much of it, or an empty text."""
    have = {"memory_blocks": "blocks", "multipliers": "multipliers", "tables": "luts"}[resource]
    return next((d.key for d in DEVICES.values() if getattr(d, have) >= amount and d.key != "up5k"), "")


@dataclass(frozen=True)
class NumberCores:
    """Gives every part a core of its own, in order; with constraints of the document as these ask for it.

    Needs: parts that fit a core each. Guarantees: no two parts share a core; or an error (`fit.cores`) says how many there are too many.
    """

    name: str = "number cores"

    def __call__(self, program: Program, target: Target) -> Program:
        if len(program.parts) > target.topology.cores:
            return program.say(_too_many(program, target))
        if Rules(program, target).all:
            return Place(usage, share=False)(program, target)
        return replace(program, parts=tuple(replace(p, core=k) for k, p in enumerate(program.parts)))


def _too_many(program: Program, target: Target) -> Finding:
    text = f"Each of {len(program.layers):,} populations is a core of its own; the design has {target.topology.cores:,} cores at most."
    return Finding("fit.cores", "error", "", text, f"Use option cores={len(program.layers)}. Or join populations of the same model.")


@dataclass(frozen=True)
class PlanSpeed:
    """Says how fast the design runs (`settings["speed"]`: times real time), with sources at their own rates and neurons at `rate` [Hz].

    Needs: parts and the clock. A step takes the updates of the core with the most neurons, then every spike in turn, as long as the core with the most
    synapses for it takes. Slower than `asked` is an error (`fit.step`), slower than real time is said.
    """

    asked: float | None = None
    rate: float = 10.0
    name: str = "speed"

    def __call__(self, program: Program, target: Target) -> Program:
        updates = max(_update(program, p.layer, p.size) for p in program.parts)
        events = sum(
            self._events(program, x.key, stated_rate(x, program, self.rate) * x.size) for x in (*program.layers, *program.inputs) if x.size
        )
        cycles = 1 + STEP_CYCLES + updates + events * program.dt / 1e3
        there = target.limit("clock") * 1e3 * program.dt
        speed = float(f"{there / cycles:.3g}")
        program = program.choose(
            speed={"times_real_time": speed, "cycles_per_step": round(cycles), "updates": updates, "rate_hz": self.rate}
        )
        return program.say(*self._said(program, speed, updates, cycles, there))

    def _events(self, program: Program, key: str, per_second: float) -> float:
        """Cycles a second that the spikes of a layer or an input take: every core takes each, and asks all its connections whether they hear it."""
        most = max((self._event(program, part, key) for part in program.parts), default=1.0)
        return most * per_second

    def _event(self, program: Program, part: Part, key: str) -> float:
        cycles = 1.0
        for c in program.into(part.layer):
            if c.kinetics is not None:
                hears = c.source == key
                cycles += EVENT_CYCLES + SYNAPSE_CYCLES * c.wiring.count(None, part.cut) / max(1, c.wiring.n_source) if hears else 1.0
        return cycles

    def _said(self, program: Program, speed: float, updates: float, cycles: float, there: float) -> list[Finding]:
        many = f"A step takes about {cycles:,.0f} clock cycles ({updates:,.0f} for updates, the rest for spikes at {self.rate:g} Hz); {program.dt:g} ms are {there:,.0f}"
        if self.asked is not None and speed < float(self.asked):
            fix = f"Set run.dt to {_longer(program.dt, float(self.asked) / speed):g} ms. Or take more cores (option cores), a faster clock (option clock), or a larger device."
            return [Finding("fit.step", "error", "run.dt", f"{many}: {speed:g} times real time, {self.asked:g} is asked for.", fix)]
        if speed < 1.0:
            return [Finding("fit.speed", "info", "run.dt", f"It runs {1.0 / speed:.3g} times slower than real time. {many}.")]
        return []


def _longer(dt: float, factor: float) -> float:
    return float(f"{dt * factor * 1.1:.2g}")


@dataclass(frozen=True)
class ChooseDevice:
    """Keeps the device's name, the clock [MHz] and the length of the delay rings in the program's settings. Needs: delays in steps; changes nothing else."""

    name: str = "device"

    def __call__(self, program: Program, target: Target) -> Program:
        kept: dict[str, Any] = {"device": target.dialect, "clock": float(target.limit("clock")), "slots": slots_of(program)}
        return program.choose(**kept)
