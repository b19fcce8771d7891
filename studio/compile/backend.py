"""What a back end is: a target, passes, and ways to write, read and emulate what goes onto the machine."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from studio.compile.program import Part, Program
from studio.compile.target import Target
from studio.compile.wiring import Cut
from studio.models.spec import Model

if TYPE_CHECKING:
    from studio.compile.traffic import Traffic

Listed = tuple[np.ndarray, np.ndarray]


class Pass(Protocol):
    """A step of compilation: a frozen dataclass whose fields are its options.

    Its docstring says what it needs and what it guarantees. What it cannot do is a finding of severity error; compilation stops there.
    """

    @property
    def name(self) -> str: ...

    def __call__(self, program: Program, target: Target) -> Program: ...


@dataclass(frozen=True)
class Stimulus:
    """What the host gives a network, step by step of the program.

    `spikes` by key of an input: (steps, ids), int64, by step and id. A spike of step s is emitted at that step's end, as a neuron's of
    step s is: with a delay of d steps it is in its target's state at the end of step s + d (d = 0: of step s itself). -1 is the start.
    `currents` by key of an analog input: (starts, values (n, size)): from step `starts[k]` on element j gives `values[k, j]`.
    """

    steps: int
    spikes: Mapping[str, Listed] = field(default_factory=dict)
    currents: Mapping[str, Listed] = field(default_factory=dict)

    def first(self, steps: int) -> Stimulus:
        """Only the first steps of it."""
        spikes = {key: (at[at < steps], ids[at < steps]) for key, (at, ids) in self.spikes.items()}
        return Stimulus(min(steps, self.steps), spikes, self.currents)


@dataclass(frozen=True)
class Outcome:
    """What an emulated machine did: spikes by key of a layer as in a Stimulus, states where asked, and what was counted on the way.

    `counters` by path of the document: "saturated", "overflow", "merged", "dropped" ... `events`: what `compile.energy` counts.
    """

    steps: int
    dt: float
    spikes: Mapping[str, Listed]
    states: Mapping[tuple[str, str], np.ndarray] = field(default_factory=dict)
    counters: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    events: Mapping[str, float] = field(default_factory=dict)

    def differs(self, other: Outcome) -> str:
        """What is not the same in another outcome, in a sentence; empty where spikes, and the states that both give, agree exactly."""
        if self.steps != other.steps:
            return f"One has {self.steps:,} steps, the other {other.steps:,}."
        if set(self.spikes) != set(other.spikes):
            return f"One has the layers {sorted(self.spikes)}, the other {sorted(other.spikes)}."
        for key, (steps, ids) in self.spikes.items():
            said = other.spikes[key]
            if len(steps) != len(said[0]) or not (np.array_equal(steps, said[0]) and np.array_equal(ids, said[1])):
                n = min(len(steps), len(said[0]))
                apart = np.flatnonzero((steps[:n] != said[0][:n]) | (ids[:n] != said[1][:n]))
                at = f" from step {int(min(steps[apart[0]], said[0][apart[0]]))} on" if len(apart) else ""
                return f"“{key}” spikes {len(steps)} times in one and {len(said[0])} times in the other{at}."
        for name in sorted(set(self.states) & set(other.states)):
            one, two = np.asarray(self.states[name]), np.asarray(other.states[name])
            if one.shape != two.shape:
                return f"{name[1]} of “{name[0]}” has the shape {one.shape} in one and {two.shape} in the other."
            if not np.array_equal(one, two, equal_nan=True):
                first = np.argwhere(one != two)[0].tolist()
                return f"{name[1]} of “{name[0]}” differs, first at {first}: {one[tuple(first)]} and {two[tuple(first)]}."
        return ""


def in_order(steps: np.ndarray, ids: np.ndarray) -> Listed:
    """Spikes by step and id, int64."""
    order = np.lexsort((ids, steps))
    return np.asarray(steps, np.int64)[order], np.asarray(ids, np.int64)[order]


Kind = Literal["", "truth", "whole", "number", "word"]


@dataclass(frozen=True)
class Option:
    """Something a person may choose: a word of `choices`, yes or no, a number from `low` to `high`; `default` None: decided by the compiler.

    `kind` need be said only where the default is None; else it is the default's. "" is not checked before the passes see it.
    """

    name: str
    default: Any
    doc: str
    choices: tuple[str, ...] = ()
    kind: Kind = ""
    low: float | None = None
    high: float | None = None

    @property
    def takes(self) -> Kind:
        """What kind of value it takes."""
        kinds: dict[type, Kind] = {bool: "truth", int: "whole", float: "number", str: "word"}
        return self.kind or kinds.get(type(self.default), "")

    def settled(self, value: Any) -> Any:
        """A value as the passes get it; raises ValueError with what it takes, as an ending of "Give ..."."""
        if value is None:
            return self.default
        if self.choices:
            if str(value) not in self.choices:
                raise ValueError(f"one of {', '.join(self.choices)}")
            return value
        if self.takes == "truth":
            if value not in (True, False, 0, 1):
                raise ValueError("true or false")
            return bool(value)
        if self.takes == "word" and not isinstance(value, str):
            raise ValueError("a word")
        return self._number(value) if self.takes in ("whole", "number") else value

    def _number(self, value: Any) -> float | int:
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        whole = self.takes == "whole"
        try:
            number = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError):
            number = math.nan
        if not (math.isfinite(number) and low <= number <= high) or (whole and number != int(number)):
            ends = f" from {low:g} to {high:g}" if math.isfinite(low) and math.isfinite(high) else ""
            ends = ends or (f" of at least {low:g}" if math.isfinite(low) else f" of at most {high:g}" if math.isfinite(high) else "")
            raise ValueError(f"a {'whole ' * whole}number{ends}")
        return int(number) if whole else number


@dataclass(frozen=True)
class Backend:
    """A row of `studio.backends`.

    `reach(model)`: None where the machine has nothing like a model, an empty text where it goes as it is, else what is lost.
    `passes(options)`: from the lowered program to one that `emit` can write; `usage(program, layer, cut)`: how much of each resource of
    one core (named as in `target.limits`) these neurons take, counted from rules, quickly.
    `emit(program, folder)` writes the artefact and returns its files, the same bytes every time. `emulate(program, stimulus)` computes
    what the machine would do; `replay(folder, stimulus)` reads the artefact back and executes it: both must agree exactly.
    None for these two: no part of that machine's arithmetic is public.
    `tune(target, options)`: the target that the options ask for (more chips, another dialect).
    `replay_steps`: executing more steps of an artefact would take too long (a simulated circuit): a twin run then compares the first so many.
    `held(program, part)`: what one part takes of its core, where that is not `usage` of its neurons (parts that overlap, as tiles do).
    `traffic(program, target, spikes=None, steps=None)`: the machine's own way to count events, in place of `compile.traffic.traffic_of`.
    """

    target: Target
    reach: Callable[[Model], str | None]
    passes: Callable[[Mapping[str, Any]], tuple[Pass, ...]]
    usage: Callable[[Program, str, Cut], Mapping[str, float]]
    emit: Callable[[Program, Path], tuple[str, ...]]
    emulate: Callable[[Program, Stimulus], Outcome] | None = None
    replay: Callable[[Path, Stimulus], Outcome] | None = None
    tune: Callable[[Target, Mapping[str, Any]], Target] | None = None
    held: Callable[[Program, Part], Mapping[str, float]] | None = None
    traffic: Callable[..., Traffic | None] | None = None
    replay_steps: int | None = None
    options: tuple[Option, ...] = ()

    @property
    def key(self) -> str:
        return self.target.key
