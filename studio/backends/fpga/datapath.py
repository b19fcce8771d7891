"""A population's neuron, joined with its receptors, as fixed-point arithmetic: what the neuron core computes in one step of one neuron.

The order within a step is that of `studio.models.system.System`. Linear systems go by their exact propagator, steps as they are written, Runge-Kutta
by its stages. After each part of a step every state is brought back to its own format.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from studio.backends.fpga.shape import LEFT, NOISE, NOISE_BITS, UNIFORM_BITS, Datapath, Formats, Register, assembled, drawn, settled
from studio.backends.fpga.wire import Known, Operand, UnfitError, Wire
from studio.backends.fpga.wires import Graph
from studio.engine.kernels import REFRACTORY_STEPS
from studio.engine.parameters import Numbers
from studio.engine.propagator import structure
from studio.models.dynamics import HELD, LAST, MEMBRANE
from studio.models.language.tree import Binary, Block, Call, Expr, Name, Number, Select, Unary
from studio.models.system import EXTERNAL, System


@dataclass
class _Step:
    """One step being written."""

    system: System
    numbers: Numbers
    formats: Formats
    graph: Graph = field(init=False)
    values: dict[str, Operand] = field(init=False)

    def __post_init__(self) -> None:
        f = self.formats
        self.graph = Graph(f.word, f.coefficient)
        self.known: dict[str, Operand] = {k: Known(np.asarray(v, np.float64)[()], k) for k, v in self.numbers.values.items()}
        self.values = {}
        for s in self.system.states:
            if s.transient:
                self.values[s.name] = Known(0.0)
                continue
            r = f.states[s.name]
            self.values[s.name] = self.graph.given("state", s.name, r.fraction, -(2 ** (r.bits - 1)), 2 ** (r.bits - 1) - 1)
        self.last = {LAST + s: self.values[s] for s in self.system.remembered}
        self.noise: Wire | None = None
        self.current: Operand = Known(0.0)
        if f.current is not None:
            self.current = self.graph.given("current", "i_ext", f.current.fraction, *_span(f.current.bits))
        self.arrived = [self._arrived(k) for k in range(len(self.system.receptors))]

    def _arrived(self, k: int) -> Operand:
        a = self.formats.arrivals[k]
        wire = self.graph.given("arrived", a.name, a.fraction, *_span(a.bits), amount=k)
        scale = self.formats.scales[k]
        return self.graph.multiply(wire, Known(np.asarray(scale, np.float64)[()], f"scale_{k}"))

    # expressions

    def names(self, **more: Operand) -> dict[str, Operand]:
        return {**self.known, **self.values, **self.last, EXTERNAL: self.current, **more}

    def value(self, tree: Expr, names: Mapping[str, Operand]) -> Operand:
        g = self.graph
        if isinstance(tree, Number):
            return Known(float(tree.value), f"{tree.value}")
        if isinstance(tree, Name):
            return names[tree.id]
        if isinstance(tree, Unary):
            inner = self.value(tree.a, names)
            return g.invert(inner) if tree.op == "not" else g.negate(inner)
        if isinstance(tree, Select):
            return g.select(self.value(tree.test, names), self.value(tree.yes, names), self.value(tree.no, names))
        if isinstance(tree, Binary):
            return self._binary(tree, names)
        return self._call(tree, names)

    def _binary(self, tree: Binary, names: Mapping[str, Operand]) -> Operand:
        g, a, b = self.graph, self.value(tree.a, names), self.value(tree.b, names)
        op = tree.op
        simple = {"+": g.add, "-": g.subtract, "*": g.multiply, "/": g.divide, "and": g.both, "or": g.either}
        if op in simple:
            return simple[op](a, b)
        if op == "**":
            return self._power(a, b)
        if op in ("<<", ">>"):
            return g.shift(a, b, op == "<<")
        if op in ("&", "|"):
            return g.bitwise(op, a, b)
        compared = {"<": ("lt", a, b), "<=": ("le", a, b), ">": ("lt", b, a), ">=": ("le", b, a), "==": ("eq", a, b), "!=": ("eq", a, b)}
        told = g.compare(*compared[op])
        return g.invert(told) if op == "!=" else told

    def _power(self, a: Operand, b: Operand) -> Operand:
        if isinstance(a, Known) and isinstance(b, Known):
            return Known(np.power(np.asarray(a.value, np.float64), b.value)[()])
        if isinstance(b, Known) and b.shared and float(b.value) in (1.0, 2.0, 3.0, 4.0):
            out = a
            for _ in range(int(b.value) - 1):
                out = self.graph.multiply(out, a)
            return out
        raise UnfitError("it raises to a power other than 1, 2, 3 or 4")

    def _call(self, tree: Call, names: Mapping[str, Operand]) -> Operand:
        from studio.models.language.functions import FUNCTIONS

        g, args = self.graph, [self.value(a, names) for a in tree.args]
        if tree.fn == "uniform":
            return self._uniform()
        if tree.fn not in FUNCTIONS:
            raise UnfitError(f"it draws {tree.fn} numbers in every step, and the design has uniform ones only")
        if all(isinstance(a, Known) for a in args):
            told = FUNCTIONS[tree.fn].numpy(*[a.value for a in args if isinstance(a, Known)])
            return Known(np.asarray(told, np.float64)[()])
        simple = {"abs": g.absolute, "floor": g.floor, "sign": g.sign}
        if tree.fn in simple:
            return simple[tree.fn](args[0])
        if tree.fn in ("min", "max"):
            return g.least(args[0], args[1], most=tree.fn == "max")
        raise UnfitError(f"it computes {tree.fn} of a number that changes in the run")

    def _uniform(self) -> Operand:
        """A draw: the register moves on by one step of a 32-bit xorshift, whose upper bits are the number."""
        g = self.graph
        if self.noise is None:
            self.noise = g.given("state", NOISE, 0, 0, 2**NOISE_BITS - 1)
        following = g._new("xorshift", (self.noise,), 0, 0, 2**NOISE_BITS - 1)
        assert isinstance(following, Wire)
        self.noise = following
        high = g._new("floor", (following,), 0, 0, 2**UNIFORM_BITS - 1, NOISE_BITS - UNIFORM_BITS)
        assert isinstance(high, Wire)
        return g._moved(high, -UNIFORM_BITS)

    def block(self, block: Block, names: Mapping[str, Operand]) -> dict[str, Operand]:
        """All names after a block; what is assigned to a state is brought to its format at once."""
        out = dict(names)
        for a in block:
            value = self.value(a.value, out)
            out[a.target] = self.fitted(a.target, value) if a.target in self.values else value
        return out

    def fitted(self, state: str, value: Operand) -> Operand:
        """A value in a state's format; transient states have none."""
        r = self.formats.states.get(state)
        return value if r is None else self.graph.clamp(value, r.fraction, r.bits, state)

    # the parts of a step

    def write(self) -> Operand:
        """All of a step; gives the truth of a spike."""
        left = self._left()
        still = self.graph.compare("lt", Known(0.0), left)
        self._jumps("before", still)
        if self.system.method == "rk4":
            for _ in range(self.system.substeps):
                self._runge_kutta(still)
        else:
            self._step_block(still)
            self._exact(still)
        self.values.update({s.name: Known(0.0) for s in self.system.states if s.transient})
        self._jumps("after", still)
        closed = self.block(self.system.closing, self.names(**{HELD: still}))
        self.values = {s: closed[s] for s in self.values}
        return self._fire(left, still)

    def _left(self) -> Operand:
        steps = self.known.get(REFRACTORY_STEPS) if self.system.refractory else None
        if not isinstance(steps, Known) or steps.is_all(0.0):
            return Known(0.0)
        r = self.formats.states[LEFT]
        return self.graph.given("state", LEFT, 0, 0, 2**r.bits - 1)

    def _held(self, still: Operand, state: str, new: Operand) -> Operand:
        """The new value of a state, or the old one where it is held: rounded before the choice, saturated after it."""
        if not any(s.name == state and s.clamped for s in self.system.states):
            return self.fitted(state, new)
        r = self.formats.states.get(state)
        rounded = self.graph.align(new, r.fraction) if r is not None and isinstance(new, Wire) else new
        return self.fitted(state, self.graph.select(still, self.values[state], rounded))

    def _jumps(self, arrival: str, still: Operand) -> None:
        for k, block in enumerate(self.system.jumps):
            if self.system.arrivals[k] != arrival or not block:
                continue
            after = self.block(block, self.names(w=self.arrived[k]))
            new = {s: self._held(still, s, after[s]) for s in self.values}
            if self.system.saved and MEMBRANE in block.targets:
                saved = self.system.saved
                value = next(a.value for a in block if a.target == MEMBRANE)
                instead = self.value(value, self.names(w=self.arrived[k], **{MEMBRANE: self.values[saved]}))
                new[saved] = self.fitted(saved, self.graph.select(still, instead, new[saved]))
            self.values = new

    def _step_block(self, still: Operand) -> None:
        if self.system.step is not None:
            after = self.block(self.system.step, self.names())
            self.values = {s: self._held(still, s, after[s]) for s in self.values}

    def _exact(self, still: Operand) -> None:
        if self.system.method not in ("exact", "step") or not self.system.flowing:
            return
        g, flow = self.graph, structure(self.system)
        new: dict[str, Operand] = {}
        for s in flow.states:
            free = self._row(flow, s, "")
            held = self._row(flow, s, "H") if s in flow.held else free
            new[s] = self._held(still, s, free if held is free else g.select(still, held, free))
        self.values.update(new)

    def _row(self, flow: object, s: str, mark: str) -> Operand:
        """One row of x = P x + q + b i_ext."""
        g = self.graph
        total: Operand = Known(0.0)
        for t in flow.rows[s]:  # type: ignore[attr-defined]
            total = g.add(total, g.multiply(self.values[t], self.known[f"P{mark}_{s}_{t}"]))
        if s in flow.driven:  # type: ignore[attr-defined]
            total = g.add(total, g.multiply(self.current, self.known[f"b{mark}_{s}"]))
        if s in flow.offset:  # type: ignore[attr-defined]
            total = g.add(total, self.known[f"q{mark}_{s}"])
        return total

    def _slopes(self, at: Mapping[str, Operand], still: Operand) -> dict[str, Operand]:
        """The right-hand sides times the length of a sub-step, so that what is added to a state is at hand."""
        names = self.names(**at)
        clamped = {s.name for s in self.system.states if s.clamped}
        h, out = self.known["dt_sub"], {}
        for s, tree in self.system.derivatives.items():
            slope = self.graph.multiply(self.value(tree, names), h)
            out[s] = self.graph.select(still, Known(0.0), slope) if s in clamped else slope
        return out

    def _runge_kutta(self, still: Operand) -> None:
        g, x = self.graph, {s: self.values[s] for s in self.system.flowing}
        k = [self._slopes(x, still)]
        for part in (0.5, 0.5, 1.0):
            at = {s: self.fitted(s, g.add(x[s], g.multiply(k[-1][s], Known(part)))) for s in x}
            k.append(self._slopes(at, still))
        for s in x:
            inner = g.multiply(g.add(k[1][s], k[2][s]), Known(2.0))
            total = g.multiply(g.add(g.add(k[0][s], inner), k[3][s]), Known(1.0 / 6.0, "1/6"))
            self.values[s] = self._held(still, s, g.add(x[s], total))

    def _fire(self, left: Operand, still: Operand) -> Operand:
        g = self.graph
        if self.system.threshold is None:
            self.left = left
            return Known(0.0)
        holds = self.value(self.system.threshold, self.names())
        fires = g.both(holds, g.invert(still))
        after = self.block(self.system.reset, self.names())
        self.values = {s: self.fitted(s, g.select(fires, after[s], self.values[s])) for s in self.values}
        self.left = left
        if isinstance(left, Wire):
            r = self.formats.states[LEFT]
            steps = self.known[REFRACTORY_STEPS]
            less = g.least(g.subtract(left, Known(1.0, "1")), Known(0.0, "0"), most=True)
            self.left = g.clamp(g.select(fires, steps, less), 0, r.bits + 1, LEFT)
        if self.system.emits is None:
            return fires
        return g.both(fires, self.value(self.system.emits, self.names()))


def _span(bits: int) -> tuple[int, int]:
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


def datapath(system: System, numbers: Numbers, formats: Formats) -> Datapath:
    """The arithmetic of one step; raises UnfitError where the model asks for what fixed point does not do."""
    refuse(system)
    step = _Step(system, numbers, formats)
    spike = step.write()
    g = step.graph
    outputs: dict[str, Wire] = {}
    registers: list[Register] = []
    for s in system.states:
        if s.transient:
            continue
        r = formats.states[s.name]
        outputs[s.name] = settled(g, step.values[s.name], r.fraction)
        registers.append(r)
    if isinstance(step.left, Wire):
        outputs[LEFT] = step.left
        registers.append(formats.states[LEFT])
    spike_wire = None if isinstance(spike, Known) and spike.is_all(0.0) else settled(g, spike, 0)
    if step.noise is not None and formats.noise is not None and drawn(g, [*outputs.values(), *([spike_wire] if spike_wire else [])]):
        outputs[NOISE] = step.noise
        registers.append(Register(NOISE, NOISE_BITS, 0, formats.noise, signed=False))
    return assembled(g, formats, registers, outputs, spike_wire)


def refuse(system: System) -> None:
    """Raise UnfitError for what has no place in a datapath at all."""
    if system.method == "adaptive":
        raise UnfitError("it is integrated by adaptive steps, whose number is not known before")
    if system.crossing is not None and system.overwritten:
        raise UnfitError("it resets within a step, at a time that takes a division")
    for k in system.receptors:
        if k.coupled:
            raise UnfitError(f"its receptor {k.title} reads states of other neurons, and the design sends spikes only")
