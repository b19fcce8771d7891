"""The hooks of a rule and the device that stores what they ask for, as lines of a kernel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from studio.engine.kernels import FUNCTION_NAMES, called, literal
from studio.models.language.functions import DRAWS
from studio.models.language.render import Style, render
from studio.models.language.symbolic import draws, free_names
from studio.models.language.tree import Binary, Block, Call, Expr, Name, Number, Select, Unary
from studio.models.learning import device_form, rule_form
from studio.models.spec import Device, Plasticity, Trace
from studio.network.flat import FlatProjection

HOOKS = ("on_pre", "on_post", "every")
OTHERS = ("at_source", "transmit", "read", "program", "start")  # what else draws: at spikes, at reading, and when the network is built
MOST_DRAWS = 1024  # draws of one hook and its device


def rule_block(rule: Plasticity, hook: str) -> Block:
    """A hook of a rule (`on_pre`, `on_post`, `every`), as assignments to `w` and states."""
    block: Block = getattr(rule_form(rule), hook)
    return block


def write_block(device: Device) -> Block:
    """What a device makes of the requested change `dw` of its `w`."""
    return device_form(device).write


def learns(p: FlatProjection) -> bool:
    """Whether the synapses of a projection do more than hand on a number: they learn, or their devices are read."""
    return bool(p.plasticity.model.plastic or p.device.model.read.strip())


def remembered(p: FlatProjection) -> dict[str, tuple[str, str]]:
    """What can be recorded of a projection's synapses beside the weight: its name there, whose it is (rule, source, device), and its name."""
    rule, device = p.plasticity.model, p.device.model
    own = {s.name: ("rule", s.name) for s in rule.states} | {s.name: ("source", s.name) for s in rule.source_states}
    return own | {(f"device.{s.name}" if s.name in own else s.name): ("device", s.name) for s in device.states}


def draw_code(hook: str, draw: int, again: int = 0) -> int:
    """What tells the draws of one synapse in one step apart: the hook, which spike of a source's several, and the draw's number."""
    if hook in OTHERS:
        return (1 << 40) + OTHERS.index(hook) + len(OTHERS) * (draw + MOST_DRAWS * again)
    return HOOKS.index(hook) + len(HOOKS) * (draw + MOST_DRAWS * again)


class Hooks:
    """Renders a rule's hooks on a device, and collects the numbers they use (`rule.x`, `device.x`, `dt`).

    `params`: the values of the rule and of the device. A power whose exponent is a parameter of 0 or 1 is written without it,
    which changes no bit: `x**0` is 1 and `x**1` is x for every x.
    """

    def __init__(self, rule: Plasticity, device: Device, params: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        self.rule, self.device, self.params = rule, device, params or {}
        self.used: dict[str, None] = {"dt": None}
        self._drawn = 0
        self.pre = [t for t in rule.traces if t.side == "pre"]
        self.post = [t for t in rule.traces if t.side == "post"]
        for t in rule.traces:
            self.number("rule", t.tau)

    def number(self, owner: str, name: str) -> str:
        """What a parameter is called in the kernel."""
        key = "dt" if name == "dt" else f"{owner}.{name}"
        self.used[key] = None
        return "c_" + key.replace(".", "_")

    def tau(self, trace: Trace) -> str:
        return self.number("rule", trace.tau)

    def reads(self, hook: str) -> list[Trace]:
        """The traces that a hook reads."""
        names = {n for a in rule_block(self.rule, hook) for n in free_names(a.value)}
        return [t for t in self.rule.traces if t.name in names]

    def draws(self, hook: str) -> bool:
        """Whether a hook, or what the device makes of it, draws random numbers."""
        block = rule_block(self.rule, hook)
        return bool(block) and any(draws(a.value) & DRAWS.keys() for a in (*block, *write_block(self.device)))

    def lines(self, hook: str) -> list[str]:
        """A hook, then what the device makes of the change it asks for; empty where the rule does nothing there."""
        block = rule_block(self.rule, hook)
        if not block:
            return []
        self._drawn = 0
        lines = list(self._block(block, "rule", {"w": "w"} | {t.name: f"t_{t.name}" for t in self.rule.traces}, hook))
        if self.device.write.strip():
            stored = self._block(write_block(self.device), "device", {"w": "w", "dw": "dw"}, hook)
            lines = ["w_old = w", *lines, "dw = F(w - w_old)", "w = w_old", *stored]
        return lines

    def _block(self, block: Block, owner: str, names: Mapping[str, str], hook: str) -> Iterator[str]:
        local: set[str] = set()
        shapes = {n: float(v) for n, v in self.params.get(owner, {}).items() if isinstance(v, (int, float)) and v in (0, 1)}
        functions = FUNCTION_NAMES | {d: _Draw(self, d, hook) for d in DRAWS}
        for a in block:
            drawn = draws(a.value) & DRAWS.keys()  # each draw has its number, so none may be left out
            value = a.value if drawn else without_powers(a.value, {n: v for n, v in shapes.items() if n not in local})
            own = {n: names[n] if n in names else self.number(owner, n) for n in sorted(free_names(value) - local)}
            text = render(called(value), Style(names=own, functions=functions, prefix="l_", number=literal))
            yield f"{names.get(a.target, 'l_' + a.target)} = {text}"
            local |= {a.target} - names.keys()

    def next_draw(self) -> int:
        """The number of the next draw of the hook being written."""
        self._drawn += 1
        return self._drawn - 1


class _Draw(str):
    """The template of a draw, keyed by (projection, step of the event, hook and draw, source, which of equal pairs) and by target.

    Nothing of it depends on threads, batches or on when a row is flushed. Synapses with the same ends are told apart by their order in the row.
    """

    hooks: Hooks
    draw: str
    hook: str

    def __new__(cls, hooks: Hooks, name: str, hook: str) -> _Draw:
        out = super().__new__(cls, "{draw}")
        out.hooks, out.draw, out.hook = hooks, name, hook
        return out

    def format(self, *args: str) -> str:  # type: ignore[override]
        code = str(draw_code(self.hook, self.hooks.next_draw()))
        if self.hook == "on_pre":
            code += f" + {draw_code('on_pre', 0, 1)} * again"
        key = f"subkey(subkey(U64(p[KEY]), now, {code}), source, times[begin + i])"
        return f"F({self.draw}({key}, U32(p[LOW] + np.int64(to[i])){''.join(f', float({a})' for a in args)}))"


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
