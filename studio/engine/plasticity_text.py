"""The hooks of a rule and the device that stores what they ask for, as lines of a kernel."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from studio.engine.kernels import FUNCTION_NAMES, called, literal
from studio.engine.plasticity_draw import AT_SOURCE, HOOKS, WHEN_BUILT, Draw, Place
from studio.models.language.functions import DRAWS
from studio.models.language.render import Style, render
from studio.models.language.symbolic import draws, free_names
from studio.models.language.tree import Binary, Block, Call, Expr, Name, Number, Select, Unary
from studio.models.learning import device_form, rule_form
from studio.models.spec import Device, Plasticity, Trace
from studio.network.flat import FlatProjection


def learns(p: FlatProjection) -> bool:
    """Whether the synapses of a projection do more than hand on a number: they learn, or their devices are read."""
    return bool(p.plasticity.model.plastic or p.device.model.read.strip())


@dataclass(frozen=True)
class Kept:
    """A variable of every synapse beside the weight: what the text calls it, and the array it lies in."""

    var: str
    array: str
    real: str = "F"

    @property
    def block(self) -> str:
        """The array's part for the synapses that go through the passes together."""
        return f"own_{self.var}"


WRITTEN = Kept("wr", "written", "np.float64")  # [s] on the clock of devices


class Hooks:
    """Renders a rule's hooks on a device, and collects the numbers they use (`rule.x`, `device.x`, `signal.x`, `dt`, `waited`).

    `params`: the values of the rule and of the device. A power whose exponent is a parameter of 0 or 1 is written without it,
    which changes no bit: `x**0` is 1 and `x**1` is x for every x. `twice`: whether a pair of neurons may have several synapses.

    In the text a rule's state x is `y_x`, a device's `z_x`, a source's `o_x` (`q_x` before its latest spike), a target's `pv_x`.
    """

    def __init__(self, rule: Plasticity, device: Device, params: Mapping[str, Mapping[str, Any]] | None = None, twice: bool = True) -> None:
        self.rule, self.device, self.params = rule, device, params or {}
        self.rule_form, self.device_form = rule_form(rule), device_form(device)
        self.place = Place() if twice else replace(Place(), times="0")
        self.used: dict[str, None] = {"dt": None}
        self._drawn = 0
        self._ahead: list[str] | None = None
        self.pre = [t for t in rule.traces if t.side == "pre"]
        self.post = [t for t in rule.traces if t.side == "post"]
        for t in rule.traces:
            self.number("rule", t.tau)
        self.aged = "age" in _read(self.device_form.write) | _read(self.device_form.read)
        self.clocked = self.aged and any(self.block(hook) for hook in HOOKS)  # devices differ in age

    def block(self, hook: str) -> Block:
        """A hook of the rule."""
        block: Block = getattr(self.rule_form, hook)
        return block

    def number(self, owner: str, name: str) -> str:
        """What a parameter is called in the kernel."""
        key = name if name == "dt" or not owner else f"{owner}.{name}"
        self.used[key] = None
        return "c_" + key.replace(".", "_")

    def tau(self, trace: Trace) -> str:
        return self.number("rule", trace.tau)

    def reads(self, hook: str) -> list[Trace]:
        """The traces that a hook reads."""
        names = _read(self.block(hook))
        return [t for t in self.rule.traces if t.name in names]

    @property
    def hears_targets(self) -> bool:
        """Whether spikes of targets matter."""
        return bool(self.block("on_post")) or any(t.side == "post" for hook in HOOKS for t in self.reads(hook))

    def draws(self, hook: str) -> bool:
        """Whether a hook, or what the device makes of it, draws random numbers."""
        block = self.block(hook)
        return bool(block) and any(draws(a.value) & DRAWS.keys() for a in (*block, *self.device_form.write))

    def timed(self, hook: str) -> bool:
        """Whether a hook needs to know its step."""
        return self.draws(hook) or (self.clocked and bool(self.block(hook)))

    @property
    def drawing(self) -> bool:
        """Whether anything is drawn synapse by synapse while the network runs."""
        sent = [tree for tree in (self.rule_form.transmit, self.device_form.read) if tree is not None]
        return any(self.draws(hook) for hook in HOOKS) or any(draws(tree) & DRAWS.keys() for tree in sent)

    # what synapses keep

    @property
    def kept(self) -> tuple[Kept, ...]:
        """Everything that every synapse keeps beside its weight."""
        own = [Kept(f"y_{s.name}", f"ys_{s.name}") for s in self.rule.states]
        own += [Kept(f"z_{s.name}", f"zs_{s.name}") for s in self.device.states]
        return (*own, WRITTEN) if self.clocked else tuple(own)

    def touched(self, lines: Iterable[str], assigned: bool = False) -> list[Kept]:
        """What of it some lines name, or assign."""
        lines = list(lines)
        words = {line.split(" = ")[0] for line in lines} if assigned else set(re.findall(r"\w+", "\n".join(lines)))
        return [k for k in self.kept if k.var in words]

    # texts

    def lines(self, hook: str) -> list[str]:
        """A hook, then what the device makes of the change it asks for; empty where the rule does nothing there."""
        block = self.block(hook)
        if not block:
            return []
        self._drawn = 0
        names = {"w": "w"} | {t.name: f"t_{t.name}" for t in self.rule.traces} | self._states("q" if hook == "on_post" else "o")
        names |= {s.name: self.number("signal", s.name) for s in self.rule.signals if s.name in _read(block)}
        names |= {f"post_{name}": f"pv_{name}" for name in self.rule_form.post}
        lines = list(self._block(block, "rule", names, hook, self.place))
        if self.device_form.write:
            names = {"w": "w", "dw": "dw", "age": "age"} | {s.name: f"z_{s.name}" for s in self.device.states}
            age = self._age() if "age" in _read(self.device_form.write) else []
            stored = self._block(self.device_form.write, "device", names, hook, self.place)
            lines = ["w_old = w", *lines, "dw = F(w - w_old)", "w = w_old", *age, *stored]
            return [*lines, f"{WRITTEN.var} = {self._clock()} if dw != F(0.0) else {WRITTEN.var}"] if self.clocked else lines
        return ["w_old = w", *lines, f"{WRITTEN.var} = {self._clock()} if w != w_old else {WRITTEN.var}"] if self.clocked else lines

    ahead: tuple[str, ...] = ()  # the uniform numbers that the normal ones of `sending` are made of, once it was written

    def sending(self) -> list[str]:
        """From what is stored, `w`, to what arrives: what the device reads, and what the rule transmits of it; empty where it is `w` itself."""
        out: list[str] = []
        self._ahead = []
        if self.device_form.read is not None:
            names = {"w": "w", "age": "age"} | {s.name: f"z_{s.name}" for s in self.device.states}
            out += self._age() if "age" in _read(self.device_form.read) else []
            out.append(f"w = F({self._value(self.device_form.read, 'device', names, 'read', self.place)})")
        if self.rule_form.transmit is not None:
            names = {"w": "w"} | self._states("o")
            out.append(f"w = F({self._value(self.rule_form.transmit, 'rule', names, 'transmit', self.place)})")
        self.ahead, self._ahead = tuple(self._ahead), None
        return out

    def leaving(self) -> list[str]:
        """What a spike does to its source's states."""
        self._drawn = 0
        names = {s.name: f"o_{s.name}" for s in self.rule.source_states} | {"gap": "gap_", "first": "first_"}
        return list(self._block(self.rule_form.at_source, "rule", names, "at_source", AT_SOURCE))

    def building(self) -> list[str]:
        """From the wanted weight `w` to what is stored, and to what devices and synapses remember at the start."""
        self._drawn = 0
        device = {"w": "w"} | {s.name: f"z_{s.name}" for s in self.device.states}
        rule = {"w": "w"}
        out = [f"z_{n} = {self._text(e, 'device', device, (), 'program', WHEN_BUILT)}" for n, e in self.device_form.starts.items()]
        out += self._block(self.device_form.program, "device", device, "program", WHEN_BUILT)
        out += ["weights[s] = w", "w = np.float64(weights[s])"]
        self._drawn = 0
        return out + [f"y_{n} = {self._text(e, 'rule', rule, (), 'start', WHEN_BUILT)}" for n, e in self.rule_form.starts.items()]

    def _states(self, source: str) -> dict[str, str]:
        own = {s.name: f"y_{s.name}" for s in self.rule.states}
        return own | {s.name: f"{source}_{s.name}" for s in self.rule.source_states}

    def _clock(self) -> str:
        return f"((now + 1) * dt * 0.001 + {self.number('', 'waited')})"

    def _age(self) -> list[str]:
        return [f"age = F({self._clock()}{f' - {WRITTEN.var}' if self.clocked else ''})"]

    def _value(self, tree: Expr, owner: str, names: Mapping[str, str], hook: str, place: Place) -> str:
        self._drawn = 0
        return self._text(tree, owner, names, (), hook, place)

    def _block(self, block: Block, owner: str, names: Mapping[str, str], hook: str, place: Place) -> Iterator[str]:
        local: set[str] = set()
        for a in block:
            text = self._text(a.value, owner, names, local, hook, place)
            own = names.get(a.target, "l_" + a.target)
            yield f"{own} = {text}" if own == "w" or a.target not in names else f"{own} = F({text})"
            local |= {a.target} - names.keys()

    def _text(self, tree: Expr, owner: str, names: Mapping[str, str], local: Iterable[str], hook: str, place: Place) -> str:
        shapes = {n: float(v) for n, v in self.params.get(owner, {}).items() if isinstance(v, (int, float)) and v in (0, 1)}
        functions = FUNCTION_NAMES | {d: Draw(self.next_draw, d, hook, place, self._ahead) for d in DRAWS}
        drawn = draws(tree) & DRAWS.keys()  # each draw has its number, so none may be left out
        value = tree if drawn else without_powers(tree, {n: v for n, v in shapes.items() if n not in local})
        own = {n: names[n] if n in names else self.number(owner, n) for n in sorted(free_names(value) - set(local))}
        return render(called(value), Style(names=own, functions=functions, prefix="l_", number=literal))

    def next_draw(self) -> int:
        """The number of the next draw of the hook being written."""
        self._drawn += 1
        return self._drawn - 1


def _read(text: Block | Expr | None) -> frozenset[str]:
    """The names that a block or an expression reads."""
    if text is None:
        return frozenset()
    return frozenset(n for a in text for n in free_names(a.value)) if isinstance(text, Block) else free_names(text)


def without_powers(tree: Expr, exponents: Mapping[str, float]) -> Expr:
    """The tree with `x**name` as 1 or x, where `exponents` says that the name is 0 or 1."""
    if isinstance(tree, Binary):
        if tree.op == "**" and isinstance(tree.b, Name) and tree.b.id in exponents:
            return without_powers(tree.a, exponents) if exponents[tree.b.id] else Number(1.0, tree.at)
        return Binary(tree.op, without_powers(tree.a, exponents), without_powers(tree.b, exponents), tree.at)
    if isinstance(tree, Unary):
        return Unary(tree.op, without_powers(tree.a, exponents), tree.at)
    if isinstance(tree, Select):
        test, yes, no = (without_powers(t, exponents) for t in (tree.test, tree.yes, tree.no))
        return Select(test, yes, no, tree.at)
    if isinstance(tree, Call):
        return Call(tree.fn, tuple(without_powers(a, exponents) for a in tree.args), tree.at)
    return tree
