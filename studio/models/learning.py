"""The texts of one plasticity rule or one device, read: trees for every part. What each part may use is said by `Plasticity` and `Device`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache

from studio.findings import Finding, FindingError
from studio.models.language.check import Scope, scope
from studio.models.language.read import read_block, read_expression
from studio.models.language.symbolic import free_names
from studio.models.language.tree import Block, Expr
from studio.models.spec import Device, Plasticity, State

WEIGHT, CHANGE, STEP, AGE, GAP, FIRST = "w", "dw", "dt", "age", "gap", "first"
PROVIDED = {"plasticity": frozenset({GAP, FIRST}), "device": frozenset({AGE})}  # names with a meaning of their own there
HOOKS = ("on_pre", "on_post", "every")
POST = re.compile(r"\bpost_([A-Za-z]\w*)")


@dataclass(frozen=True)
class RuleForm:
    """A rule's texts as trees. `post`: the states of the target that `every` reads."""

    starts: Mapping[str, Expr]
    source_starts: Mapping[str, Expr]
    at_source: Block
    on_pre: Block
    on_post: Block
    every: Block
    transmit: Expr | None
    post: tuple[str, ...]


@dataclass(frozen=True)
class DeviceForm:
    """A device's texts as trees."""

    starts: Mapping[str, Expr]
    program: Block
    write: Block
    read: Expr | None


@dataclass
class _Reading:
    """Collects findings over the parts of one model; a part that cannot be read stands as empty."""

    where: str
    truths: frozenset[str] = frozenset()
    findings: list[Finding] = field(default_factory=list)

    def at(self, part: str) -> str:
        return f"{self.where}.{part}" if self.where else part

    def scope(self, part: str, names: set[str], assignable: set[str] | None = None, draws: bool = True) -> Scope:
        return replace(scope(names, assignable or (), draws=draws, where=self.at(part)), truths=self.truths)

    def block(self, text: str, part: str, names: set[str], assignable: set[str]) -> Block:
        block, found = read_block(text, self.scope(part, names, assignable))
        self.findings += found
        return block or Block()

    def value(self, text: str, part: str, names: set[str], draws: bool = True) -> Expr | None:
        if not text.strip():
            return None
        tree, found = read_expression(text, self.scope(part, names, draws=draws))
        self.findings += found
        return tree

    def starts(self, states: tuple[State, ...], part: str, names: set[str], draws: bool) -> Mapping[str, Expr]:
        out = {}
        for state in states:
            place = f"{part}.{state.name}"
            tree = self.value(state.start, place, names, draws)
            if not state.start.strip():
                fix = "Write a number or an expression in the parameters."
                self.findings.append(Finding("text.empty", "error", self.at(place), f"The start of “{state.name}” is empty.", fix))
            if tree is not None:
                out[state.name] = tree
        return out


def post_names(model: Plasticity) -> tuple[str, ...]:
    """The target's states that `every` reads: `v` for `post_v`, unless the rule itself declares that name."""
    own = {row.name for row in (*model.params, *model.states, *model.source_states, *model.traces, *model.signals)}
    return tuple(dict.fromkeys(name for name in POST.findall(model.every) if f"post_{name}" not in own))


def read_plasticity(model: Plasticity, where: str = "") -> tuple[RuleForm, tuple[Finding, ...]]:
    """The rule's trees, and what is wrong with its texts (with errors, the trees are not to be used)."""
    reading = _Reading(where)
    params, states, sources = ({row.name for row in rows} for rows in (model.params, model.states, model.source_states))
    stored = params | states | sources | {STEP}
    hooks = stored | {t.name for t in model.traces}
    post = post_names(model)
    timed = hooks | {s.name for s in model.signals} | {f"post_{name}" for name in post}
    assigned = states | {WEIGHT}
    form = RuleForm(
        starts=reading.starts(model.states, "states", params | {WEIGHT}, True),
        source_starts=reading.starts(model.source_states, "source_states", params, False),
        at_source=reading.block(model.at_source, "at_source", params | {GAP, FIRST, STEP}, sources),
        on_pre=reading.block(model.on_pre, "on_pre", hooks, assigned),
        on_post=reading.block(model.on_post, "on_post", hooks, assigned),
        every=reading.block(model.every, "every", timed, assigned),
        transmit=reading.value(model.transmit, "transmit", stored | {WEIGHT}),
        post=post,
    )
    return form, tuple(reading.findings)


def choices(model: Device) -> frozenset[str]:
    """The tests that a device's texts may use on its words: `pulses_nearest` is true where the parameter `pulses` is "nearest"."""
    return frozenset(f"{p.name}_{choice}" for p in model.params if p.kind == "word" for choice in p.choices)


def read_device(model: Device, where: str = "") -> tuple[DeviceForm, tuple[Finding, ...]]:
    """The device's trees, and what is wrong with its texts."""
    reading = _Reading(where, choices(model))
    params, states = {p.name for p in model.params}, {s.name for s in model.states}
    assigned, timed = states | {WEIGHT}, params | states | {AGE, STEP}
    form = DeviceForm(
        starts=reading.starts(model.states, "states", params | {WEIGHT}, True),
        program=reading.block(model.program, "program", params, assigned),
        write=reading.block(model.write, "write", timed | {CHANGE}, assigned),
        read=reading.value(model.read, "read", timed | {WEIGHT}),
    )
    return form, tuple(reading.findings)


@lru_cache(maxsize=512)
def rule_form(model: Plasticity) -> RuleForm:
    """The rule's trees; raise FindingError where its texts are wrong."""
    form, findings = read_plasticity(model, model.key)
    if findings:
        raise FindingError(findings)
    return form


@lru_cache(maxsize=512)
def device_form(model: Device) -> DeviceForm:
    """The device's trees; raise FindingError where its texts are wrong."""
    form, findings = read_device(model, model.key)
    if findings:
        raise FindingError(findings)
    return form


def reads(block: Block) -> frozenset[str]:
    """Every name that a block reads."""
    return frozenset(name for assign in block for name in free_names(assign.value))
