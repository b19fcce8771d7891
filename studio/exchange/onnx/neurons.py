"""A population's neuron with its receptors as one function: a step of the joined system, as the engine's kernels take it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from studio.engine.kernels import REFRACTORY_STEPS
from studio.engine.propagator import structure
from studio.exchange.onnx.body import DOUBLE, SINGLE, Body, Call, Library
from studio.exchange.onnx.draws import drawn_in
from studio.exchange.onnx.language import Words
from studio.models.dynamics import HELD, LAST, MEMBRANE, WEIGHT
from studio.models.language.symbolic import free_names, rename
from studio.models.language.tree import Binary, Block, Expr, Name
from studio.models.spec import Kinetics
from studio.models.system import EXTERNAL, System

HELD_STEPS = "refractory"  # the steps that a neuron is still to be held
SPIKES, MARGIN, DRAW = "spikes", "margin", "draw"
FAR = 3.4028234663852886e38  # the margin of a neuron that cannot fire


@dataclass(frozen=True)
class Shape:
    """What a function's text depends on besides the system: which numbers are inputs (one per neuron), and whether analog input exists."""

    arrays: frozenset[str] = frozenset()
    analog: bool = False
    margin: bool = False


def function(library: Library, system: System, shape: Shape) -> Call:
    """The function that advances a population by one step; made once for each system and shape."""
    key = (system.neuron, system.receptors, system.method, system.step, system.threshold, system.reset, shape)
    if key in library.calls:
        return library.calls[key]
    return _Step(library, system, shape).run(key)


def arrival(library: Library, model: Kinetics, block: Block, dtype: Any) -> Call:
    """The function of a kinetics: what the summed weights `w` of a step's spikes do to its states."""
    block = rename(block, {name: _plain(name) for a in block for name in (a.target, *free_names(a.value))})
    key = ("arrive", model.key, block, dtype)
    if key not in library.calls:
        body = Body()
        read = sorted({*unbound(block), WEIGHT})
        inputs = {name: f"in_{name}" for name in read}
        body.nodes[:], outputs = _named(body, Words(body, lambda name: inputs[name], dtype).block(block))
        library.add(key, model.key, body, inputs, outputs, (), f"{model.title}: arriving spikes of summed weight w.\n{model.jump.strip()}")
    return library.calls[key]


def unbound(block: Block) -> set[str]:
    """The names that a block reads before it assigns them."""
    out: set[str] = set()
    assigned: set[str] = set()
    for a in block:
        out |= free_names(a.value) - assigned
        assigned.add(a.target)
    return out


def _plain(name: str) -> str:
    """A receptor's own name of what the system calls r0_name."""
    head, _, rest = name.partition("_")
    return rest if head[:1] == "r" and head[1:].isdigit() and rest else name


def _named(body: Body, outputs: dict[str, str]) -> tuple[list[Any], dict[str, str]]:
    """The outputs under their own names, `out_` before them, so that none is an input or given twice."""
    from onnx import helper

    nodes = list(body.nodes) + [helper.make_node("Identity", [value], [f"out_{name}"]) for name, value in outputs.items()]
    return nodes, {name: f"out_{name}" for name in outputs}


@dataclass
class _Step:
    library: Library
    system: System
    shape: Shape
    body: Body = field(default_factory=Body)
    inputs: dict[str, str] = field(default_factory=dict)
    now: dict[str, str] = field(default_factory=dict)  # states
    used: dict[str, str] = field(default_factory=dict)  # numbers: attributes
    before: dict[str, str] = field(default_factory=dict)  # last_ states, and coupled sums
    still: str | None = None
    drawn: int = 0

    def run(self, key: Any) -> Call:
        system, body = self.system, self.body
        self._begin()
        self._jumps("before")
        self._advance()
        for s in system.states:
            if s.transient:
                self.now[s.name] = body.number(0.0, self.dtype)
        self.unarrived = {s.name: self.now[s.name] for s in system.states if s.owner >= 0}
        self._jumps("after")
        held = {HELD: self.body.cast(self.still, self.dtype) if self.still else body.number(0.0, self.dtype)}
        self.now |= self.words.block(system.closing, {**self.now, **held})
        outputs = self._fire()
        return self._finish(key, outputs)

    @property
    def dtype(self) -> Any:
        return DOUBLE if self.system.whole else SINGLE

    def _input(self, name: str) -> str:
        self.inputs[name] = f"in_{name}"
        return self.body.cast(self.inputs[name], DOUBLE) if self.dtype == DOUBLE else self.inputs[name]

    def _begin(self) -> None:
        system = self.system
        self.words = Words(self.body, self._lookup, self.dtype, self._draw)
        for s in system.states:
            self.now[s.name] = self._input(s.name)
        self.clamped = {s.name for s in system.states if s.clamped} if system.refractory else set()
        if system.refractory:
            self.inputs[HELD_STEPS] = f"in_{HELD_STEPS}"
            self.still = self.body.op("Greater", self.inputs[HELD_STEPS], self.body.number(0.0))
        coupled = {k: name for name, k in system.coupled.items()}
        for k in range(len(system.receptors)):
            self.before[coupled.get(k, f"w{k}")] = self._input(f"w{k}")
        if self.shape.analog:
            self.before[EXTERNAL] = self._input(EXTERNAL)
        for name in sorted(self.shape.arrays):
            self.inputs[name] = f"in_{name}"
        self.before |= {LAST + name: self.now[name] for name in system.remembered}

    def _lookup(self, name: str) -> str:
        if name in self.now:
            return self.now[name]
        if name in self.before:
            return self.before[name]
        return self.body.number(0.0, self.dtype) if name == EXTERNAL else self.number(name)

    def _draw(self, _: str) -> str:
        """The next random number of the step, one for each neuron: an input."""
        self.drawn += 1
        return self._input(f"{DRAW}{self.drawn - 1}")

    def number(self, name: str) -> str:
        """A parameter, derived value or entry of the propagator."""
        if name not in self.used:
            if name in self.shape.arrays:
                given = self.inputs[name]
                self.used[name] = self.body.cast(given, DOUBLE) if self.dtype == DOUBLE and name != REFRACTORY_STEPS else given
            else:
                self.used[name] = self.body.attribute(name, SINGLE if name == REFRACTORY_STEPS else self.dtype)
                self.body.scalars.add(self.used[name])
        return self.used[name]

    def _where(self, test: str, yes: str, no: str) -> str:
        return yes if yes == no else self.body.op("Where", test, yes, no)

    def _hold(self, state: str, value: str) -> str:
        """A clamped state of a neuron that is held keeps its value."""
        return self._where(self.still, self.now[state], value) if self.still and state in self.clamped else value

    def _jumps(self, when: str) -> None:
        system = self.system
        for k, block in enumerate(system.jumps):
            if system.arrivals[k] != when or not block:
                continue
            self._save(k, block)
            call = arrival(self.library, system.receptors[k], block, self.dtype)
            full = {_plain(name): name for a in block for name in (a.target, *free_names(a.value))}
            given = {name: self.before[f"w{k}"] if name == WEIGHT else self._lookup(full[name]) for name in call.inputs}
            done = call.into(self.body, given, {})
            self.now |= {full[name]: self._hold(full[name], value) for name, value in done.items() if full[name] in self.now}

    def _save(self, k: int, block: Block) -> None:
        """A jump on a voltage that is held acts on another state, where the neuron names one."""
        saved = self.system.saved
        if saved and self.still and MEMBRANE in block.targets:
            tree = next(a.value for a in block if a.target == MEMBRANE)
            value = self.words.value(tree, {MEMBRANE: self.now[saved], WEIGHT: self.before[f"w{k}"]})
            self.now[saved] = self._where(self.still, value, self.now[saved])

    def _advance(self) -> None:
        if self.system.method == "rk4":
            for _ in range(self.system.substeps):
                self._runge_kutta()
            return
        if self.system.step is not None:
            done = self.words.block(self.system.step, self.now)
            self.now |= {s: self._hold(s, value) for s, value in done.items() if s in self.now}
        if self.system.flowing:
            self._exact()

    def _exact(self) -> None:
        """x = P x + q + b i_ext (+ b wx), row by row, then all at once."""
        flow = structure(self.system)
        new = {}
        for s in flow.states:
            value = self._row(flow, s, "")
            if self.still and s in self.clamped:
                value = self._where(self.still, self.now[s], value)
            elif self.still and s in flow.held:
                value = self._where(self.still, self._row(flow, s, "H"), value)
            new[s] = value
        self.now |= new

    def _row(self, flow: Any, s: str, mark: str) -> str:
        op, number = self.body.op, self.number
        terms = [op("Mul", number(f"P{mark}_{s}_{t}"), self.now[t]) for t in flow.rows[s]]
        terms += [number(f"q{mark}_{s}")] if s in flow.offset else []
        if s in flow.driven and self.shape.analog:
            terms.append(op("Mul", number(f"b{mark}_{s}"), self.before[EXTERNAL]))
        terms += [op("Mul", number(f"b{mark}_{s}_{u}"), self.before[u]) for u, driven in flow.coupled.items() if s in driven]
        return self._sum(terms)

    def _sum(self, terms: list[str]) -> str:
        total = terms[0]
        for term in terms[1:]:
            total = self.body.op("Add", total, term)
        return total

    def _slopes(self, at: dict[str, str]) -> dict[str, str]:
        zero = self.body.number(0.0, self.dtype)
        out = {}
        for s, tree in self.system.derivatives.items():
            value = self.words.value(tree, {**self.now, **at})
            out[s] = self._where(self.still, zero, value) if self.still and s in self.clamped else value
        return out

    def _runge_kutta(self) -> None:
        op, f = self.body.op, lambda x: self.body.number(x, self.dtype)
        h, states = self.number("dt_sub"), self.system.flowing
        k = [self._slopes({})]
        for part in (0.5, 0.5, 1.0):
            width = op("Mul", f(part), h)
            k.append(self._slopes({s: op("Add", self.now[s], op("Mul", width, k[-1][s])) for s in states}))
        sixth = op("Div", h, f(6.0))
        new = {}
        for s in states:
            inner = op("Add", op("Add", op("Add", k[0][s], op("Mul", f(2.0), k[1][s])), op("Mul", f(2.0), k[2][s])), k[3][s])
            new[s] = op("Add", self.now[s], op("Mul", sixth, inner))
        self.now |= new

    def _fire(self) -> dict[str, str]:
        """Threshold, reset by selects, counting the steps of being held."""
        system, op = self.system, self.body.op
        if system.threshold is None:
            return {HELD_STEPS: self._counted()} if system.refractory else {}
        fires = self.words.value(system.threshold)
        if self.still:
            fires = op("And", fires, op("Not", self.still))
        fires = self.body.like(fires, self.inputs[system.states[0].name])
        out = {MARGIN: self._margin()} if self.shape.margin else {}
        self._rest()
        after = self.words.block(system.reset, self.now)
        self.now |= {s: self._where(fires, value, self.now[s]) for s, value in after.items() if s in self.now}
        self._resume(fires)
        sent = fires if system.emits is None else op("And", fires, self.words.value(system.emits))
        out[SPIKES] = self.body.cast(sent, SINGLE)
        if system.refractory:
            out[HELD_STEPS] = self._where(fires, self.number(REFRACTORY_STEPS), self._counted())
        return out

    def _counted(self) -> str:
        left = self.inputs[HELD_STEPS]
        assert self.still is not None
        return self._where(self.still, self.body.op("Sub", left, self.body.number(1.0)), left)

    def _rest(self) -> None:
        """What is left of the step after the crossing, and the slopes as they are before the reset."""
        system, op = self.system, self.body.op
        if not system.overwritten or system.crossing is None:
            return
        dt, zero, old = self.number("dt"), self.body.number(0.0, self.dtype), {**self.now, **self.unarrived}
        crossed = self.words.value(system.crossing, old)
        crossed = op("Where", op("Greater", crossed, zero), crossed, zero)
        self.rest = op("Sub", dt, op("Where", op("Less", crossed, dt), crossed, dt))
        self.slopes = {s: self.words.value(system.derivatives[s], old) for s in system.bent}

    def _resume(self, fires: str) -> None:
        """After the reset: for the rest of the step what it has overwritten flows on, and the others as it bends them."""
        system, op = self.system, self.body.op
        if not system.overwritten:
            return
        now = {**self.now, **self.unarrived}
        slopes = {s: self.words.value(system.derivatives[s], now) for s in (*system.overwritten, *system.bent)}
        for s in system.overwritten:
            free = fires
            if s in self.clamped:
                free = op("And", fires, op("Equal", self.number(REFRACTORY_STEPS), self.body.number(0.0)))
            self.now[s] = self._where(free, op("Add", self.now[s], op("Mul", self.rest, slopes[s])), self.now[s])
        for s in system.bent:
            bent = op("Mul", self.rest, op("Sub", slopes[s], self.slopes[s]))
            self.now[s] = self._where(fires, op("Add", self.now[s], bent), self.now[s])

    def _margin(self) -> str:
        """How far each neuron that may fire is from its threshold."""
        op, far = self.body.op, self.body.number(FAR, self.dtype)
        self.drawn -= len(drawn_in([self.system.threshold] if self.system.threshold is not None else []))  # the same numbers once more
        gaps = [op("Abs", op("Sub", self.words.value(a), self.words.value(b))) for a, b in compared(self.system.threshold)]
        least = far
        for gap in gaps:
            least = op("Where", op("Less", gap, least), gap, least)
        least = self._where(self.still, far, least) if self.still else least
        return self.body.like(self.body.cast(least, SINGLE) if self.dtype == DOUBLE else least, self.inputs[self.system.states[0].name])

    def _finish(self, key: Any, outputs: dict[str, str]) -> Call:
        system, body = self.system, self.body
        first = self.inputs[system.states[0].name]
        made = {s.name: body.like(self.now[s.name], first) for s in system.states}
        made = {name: body.cast(value, SINGLE) if self.dtype == DOUBLE else value for name, value in made.items()}
        body.nodes[:], done = _named(body, {**made, **{name: body.like(value, first) for name, value in outputs.items()}})
        params = [p for p in system.params if p not in self.shape.arrays and _spoken(system, p)]
        attributes = [*params, *(n for n in self.used if n not in self.shape.arrays and n not in params)]
        name = "__".join((system.neuron.key, *(m.key for m in system.receptors)))
        return self.library.add(key, name, body, self.inputs, done, attributes, _doc(system))


def _spoken(system: System, name: str) -> bool:
    """Whether a parameter of the system is a number."""
    for k, model in enumerate(system.receptors):
        if name.startswith(f"r{k}_"):
            own = model.param(name.removeprefix(f"r{k}_"))
            return own is not None and own.kind == "number"
    own = system.neuron.param(name)
    return own is None or own.kind == "number"


def compared(tree: Expr | None) -> list[tuple[Expr, Expr]]:
    """The two sides of every comparison of states and numbers that a condition is made of."""
    if isinstance(tree, Binary) and tree.op in ("and", "or"):
        return [*compared(tree.a), *compared(tree.b)]
    if isinstance(tree, Binary) and tree.op in ("<", "<=", ">", ">=", "==", "!="):
        return [] if isinstance(tree.a, Name) and tree.a == tree.b else [(tree.a, tree.b)]
    return []


def _doc(system: System) -> str:
    neuron = system.neuron
    parts = [f"{neuron.title}, one step.", neuron.equations.strip() or neuron.step.strip()]
    parts += [f"threshold: {neuron.threshold.strip()}", f"reset: {neuron.reset.strip()}"] if neuron.threshold else []
    parts += [f"receptor {k}: {m.title}" for k, m in enumerate(system.receptors)]
    return "\n".join(p for p in (*parts, f"source: {neuron.source}") if p)
