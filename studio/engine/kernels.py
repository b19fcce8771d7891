"""One kernel per model system, rendered as Python text that numba compiles; no kernel knows a model by name.

The kernel advances `n` neurons by `steps` steps. Branches are selects, so that the pass over the neurons vectorises.
Parameters come as arguments: numbers where a population shares them, arrays where every neuron has its own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from studio.engine import schemes
from studio.engine.propagator import structure
from studio.models.dynamics import HELD, LAST, MEMBRANE
from studio.models.language.functions import DRAWS, FUNCTIONS
from studio.models.language.render import Style, render
from studio.models.language.symbolic import free_names
from studio.models.language.tree import Binary, Block, Call, Expr, Number, Select, Unary
from studio.models.system import EXTERNAL, System

# The first entries of a kernel's pointer table; then states, receptors' inputs, and arrays of parameters, in the order of `Kernel`.
FIRED, FIRED_STRIDE, REFRACTORY, ANALOG, SLOTS, RING_STRIDE, FIRST_ID, KEY, EPOCH, HEADER = range(10)


@dataclass(frozen=True)
class Variant:
    """What a kernel's text depends on besides the system: precision, which numbers are arrays, whether analog input exists."""

    precision: str = "single"
    arrays: frozenset[str] = frozenset()
    analog: bool = False
    deferred: frozenset[int] = frozenset()  # receptors with a second ring, for projections with a delay per synapse

    @property
    def dtype(self) -> str:
        """What states and inputs are stored in."""
        return "float64" if self.precision == "double" else "float32"


@dataclass(frozen=True)
class Kernel:
    """A kernel's text, and the names behind its two tables: `numbers` (doubles) and `arrays` (addresses, after states and inputs)."""

    source: str
    numbers: tuple[str, ...]
    arrays: tuple[str, ...]


class Writer:
    """Renders expressions of one system for one variant, and remembers which numbers they use and how many draws they make."""

    def __init__(self, system: System, variant: Variant) -> None:
        self.system, self.variant = system, variant
        self.states = {s.name: f"s_{s.name}" for s in system.states}
        self.arrived = {name: f"w{k}" for name, k in system.coupled.items()}
        self.last = {LAST + name: f"b_{name}" for name in system.remembered}
        self.used: dict[str, None] = {}
        self.draws = 0

    def number(self, name: str) -> str:
        """A parameter, derived value or propagator entry, as the kernel writes it."""
        self.used[name] = None
        if name not in self.variant.arrays:
            return f"c_{name}"
        return f"a_{name}[i]" if name == REFRACTORY_STEPS else f"F(a_{name}[i])"

    def expr(self, tree: Expr, names: Mapping[str, str] | None = None, local: Collection[str] = ()) -> str:
        """An expression; `names` replaces names of the tree, `local` are the block's own."""
        own = {**self.states, **self.last, **self.arrived, **(names or {})}
        for name in sorted(free_names(tree) - own.keys() - set(local)):
            own[name] = ("F(x_i[i])" if self.variant.analog else "F(0.0)") if name == EXTERNAL else self.number(name)
        return render(called(tree), Style(names=own, functions=FUNCTION_NAMES | self._draw_templates(), prefix="l_", number=literal))

    def block(self, block: Block, into: Callable[[str, str], str] | None = None, names: Mapping[str, str] | None = None) -> Iterator[str]:
        """The block's lines; `into(state, value)` may change what a state gets."""
        local = tuple(t for t in block.targets if t not in self.states)
        seen: list[str] = []
        for a in block:
            value = self.expr(a.value, names, seen)
            if a.target in local:
                seen.append(a.target)
                yield f"l_{a.target} = {value}"
            else:
                yield f"s_{a.target} = {into(a.target, value) if into else value}"

    def _draw_templates(self) -> dict[str, str]:
        return {d: _Draw(self, d) for d in DRAWS}  # type: ignore[dict-item]


class _Draw(str):
    """A template that numbers each draw as it is written."""

    def __new__(cls, writer: Writer, name: str) -> _Draw:
        out = super().__new__(cls, "{draw}")
        out.writer, out.draw = writer, name  # type: ignore[attr-defined]
        return out

    def format(self, *args: str) -> str:  # type: ignore[override]
        number = self.writer.draws  # type: ignore[attr-defined]
        self.writer.draws += 1  # type: ignore[attr-defined]
        rest = "".join(f", float({a})" for a in args)
        return f"F({self.draw}(d_{number}, U32(first + i){rest}))"  # type: ignore[attr-defined]


# operators that a kernel writes as a function: whole-number ones, whose sides are cast, and the power
_OPERATORS = {"<<": "shl", ">>": "shr", "&": "band", "|": "bor", "**": "power"}

FUNCTION_NAMES = {f: f"{f}_" for f in (*FUNCTIONS, *_OPERATORS.values())}


def called(tree: Expr) -> Expr:
    """The tree with those operators as calls."""
    if isinstance(tree, Binary):
        a, b = called(tree.a), called(tree.b)
        return Call(_OPERATORS[tree.op], (a, b)) if tree.op in _OPERATORS else Binary(tree.op, a, b)
    if isinstance(tree, Unary):
        return Unary(tree.op, called(tree.a))
    if isinstance(tree, Select):
        return Select(called(tree.test), called(tree.yes), called(tree.no))
    return Call(tree.fn, tuple(called(a) for a in tree.args)) if isinstance(tree, Call) else tree


def literal(number: Number) -> str:
    return f"F({float(number.value)!r})"


def render_kernel(system: System, variant: Variant) -> Kernel:
    """The kernel of a system, as text; see `System` for what one step means."""
    w = Writer(system, variant)
    body = list(_body(w))
    numbers = tuple(n for n in w.used if n not in variant.arrays)
    arrays = tuple(n for n in w.used if n in variant.arrays)
    return Kernel("\n".join(_frame(w, body, numbers, arrays)) + "\n", numbers, arrays)


def _frame(w: Writer, body: list[str], numbers: tuple[str, ...], arrays: tuple[str, ...]) -> Iterator[str]:
    """The kernel around its body: views of every array, the loop over steps, the loop over neurons."""
    system, dtype = w.system, w.variant.dtype
    size = 8 if dtype == "float64" else 4
    refractory, fires = system.refractory is not None, system.threshold is not None
    exact = system.method == "adaptive" or system.whole
    yield f"F, S = np.{'float64' if exact else dtype}, np.{dtype}  # computed in, stored in"
    yield PRELUDE
    yield "@cfunc(KERNEL_SIGNATURE, cache=True, error_model='numpy')"
    yield "def kernel(p_, n_, off, n, step, steps, row):"
    yield f"    p = carray(p_, ({HEADER + len(system.states) + len(system.receptors) + len(arrays) + len(w.variant.deferred)},))"
    yield f"    c = carray(n_, ({max(1, len(numbers))},))"
    for k, name in enumerate(numbers):
        yield f"    c_{name} = {'np.int32' if name == REFRACTORY_STEPS else 'F'}(c[{k}])"
    for k, s in enumerate(system.states):
        yield f"    x_{s.name} = view(p[{HEADER + k}] + off * {size}, n, S)"
    for k, name in enumerate(arrays):
        place = HEADER + len(system.states) + len(system.receptors) + k
        kind, width = ("np.int32", 4) if name == REFRACTORY_STEPS else ("S", size)
        yield f"    a_{name} = view(p[{place}] + off * {width}, n, {kind})"
    if refractory:
        yield f"    refractory = view(p[{REFRACTORY}] + off * 4, n, np.int32)"
    if w.variant.analog:
        yield f"    x_i = view(p[{ANALOG}] + off * {size}, n, S)"
    if w.draws:
        yield f"    first = p[{FIRST_ID}] + off"
    yield "    for k in range(steps):"
    yield f"        slot = (step + k) % p[{SLOTS}]"
    for k in range(len(system.receptors)):
        yield f"        in{k} = view(p[{HEADER + len(system.states) + k}] + (slot * p[{RING_STRIDE}] + off) * {size}, n, S)"
    first = HEADER + len(system.states) + len(system.receptors) + len(arrays)
    if w.variant.deferred:
        yield f"        late_slot = (step + k) % p[{EPOCH}]"
    for place, k in enumerate(sorted(w.variant.deferred)):
        yield f"        late{k} = view(p[{first + place}] + (late_slot * p[{RING_STRIDE}] + off) * {size}, n, S)"
    if fires:
        yield f"        fired = view(p[{FIRED}] + (row + k) * p[{FIRED_STRIDE}] + off, n, np.uint8)"
    for d in range(w.draws):
        yield f"        d_{d} = subkey(U64(p[{KEY}]), step + k, {d})"
    yield "        for i in range(n):"
    yield from (f"            {line}" for line in body)
    yield "    return 0"


REFRACTORY_STEPS = "refractory_steps"


def _body(w: Writer) -> Iterator[str]:
    """One neuron, one step."""
    system = w.system
    for s in system.states:
        yield f"s_{s.name} = F(x_{s.name}[i])"
    yield from (f"b_{name} = s_{name}" for name in system.remembered)
    if system.refractory:
        yield "r = refractory[i]"
        yield "still = r > np.int32(0)"
    for k in range(len(system.receptors)):
        yield f"w{k} = F(in{k}[i] + late{k}[i])" if k in w.variant.deferred else f"w{k} = F(in{k}[i])"
        yield f"in{k}[i] = S(0.0)"
        if k in w.variant.deferred:
            yield f"late{k}[i] = S(0.0)"
    if system.threshold is not None:
        yield "hit = False"
    yield from _jumps(w, "before")
    yield from _advance(w)
    for s in system.states:
        if s.transient:
            yield f"s_{s.name} = F(0.0)"
    yield from schemes.keep(w)
    yield from _jumps(w, "after")
    yield from w.block(system.closing, names={HELD: "(F(1.0) if still else F(0.0))" if system.refractory else "F(0.0)"})
    yield from _threshold(w)
    for s in system.states:
        yield f"x_{s.name}[i] = s_{s.name}"


def _hold(w: Writer) -> Callable[[str, str], str]:
    """What a state gets from a jump: nothing, where it is clamped and the neuron refractory."""
    clamped = {s.name for s in w.system.states if s.clamped} if w.system.refractory else set()
    return lambda state, value: f"(s_{state} if still else {value})" if state in clamped else value


def _jumps(w: Writer, arrival: str) -> Iterator[str]:
    for k, block in enumerate(w.system.jumps):
        if w.system.arrivals[k] == arrival:
            yield from _save(w, k, block)
            yield from w.block(block, _hold(w), {"w": f"w{k}"})


def _save(w: Writer, k: int, block: Block) -> Iterator[str]:
    """A jump on a voltage that is clamped acts on another state, where the neuron names one."""
    if w.system.saved and MEMBRANE in block.targets:
        instead = f"s_{w.system.saved}"
        value = w.expr(next(a.value for a in block if a.target == MEMBRANE), {MEMBRANE: instead, "w": f"w{k}"})
        yield f"{instead} = {value} if still else {instead}"


def _advance(w: Writer) -> Iterator[str]:
    method = w.system.method
    if method == "adaptive":
        yield from schemes.adaptive(w, REFRACTORY_STEPS)
        return
    if method == "rk4":
        yield from schemes.runge_kutta(w)
        return
    if w.system.step is not None:
        yield from _step(w, w.system.step)
    if w.system.flowing:
        yield from _exact(w)


def _step(w: Writer, block: Block) -> Iterator[str]:
    clamped = [s.name for s in w.system.states if s.clamped] if w.system.refractory else []
    for name in clamped:
        yield f"o_{name} = s_{name}"
    yield from w.block(block)
    for name in clamped:
        yield f"s_{name} = o_{name} if still else s_{name}"


def _exact(w: Writer) -> Iterator[str]:
    """x = P x + q + b i_ext, row by row into new names, then all at once."""
    flow = structure(w.system)
    clamped = {s.name for s in w.system.states if s.clamped} if w.system.refractory else set()

    def row(s: str, mark: str) -> str:
        terms = [f"{w.number(f'P{mark}_{s}_{t}')} * s_{t}" for t in flow.rows[s]]
        terms += [w.number(f"q{mark}_{s}")] if s in flow.offset else []
        terms += [f"{w.number(f'b{mark}_{s}')} * F(x_i[i])"] if s in flow.driven and w.variant.analog else []
        terms += [f"{w.number(f'b{mark}_{s}_{u}')} * {w.arrived[u]}" for u, driven in flow.coupled.items() if s in driven]
        return " + ".join(terms)

    for s in flow.states:
        held = f"s_{s}" if s in clamped else row(s, "H") if s in flow.held and clamped else ""
        yield f"y_{s} = {held} if still else {row(s, '')}" if held else f"y_{s} = {row(s, '')}"
    for s in flow.states:
        yield f"s_{s} = y_{s}"


def _threshold(w: Writer) -> Iterator[str]:
    """Fire where the threshold holds, reset by selects, count the refractory steps."""
    system = w.system
    if system.threshold is None:
        if system.refractory:
            yield "refractory[i] = r - np.int32(1) if still else r"
        return
    test = w.expr(system.threshold)
    again = system.method == "adaptive"  # there "still" may have changed inside the step
    yield f"now = ({test}){' & (not still)' if system.refractory else ''}"
    yield from schemes.rest(w)
    yield from w.block(system.reset, lambda state, value: f"{value} if now else s_{state}")
    yield from schemes.resume(w, REFRACTORY_STEPS)
    sent = "hit | now" if system.within else "now"
    if system.emits is not None:
        yield f"sent = {w.expr(system.emits)}"
        sent = f"({sent}) & sent"
    yield f"fired[i] = np.uint8(1) if {sent} else np.uint8(0)"
    if system.refractory:
        steps = w.number(REFRACTORY_STEPS)
        went = "(r - np.int32(1)) if was else r" if again else "(r - np.int32(1)) if still else r"
        yield f"refractory[i] = {steps} if now else ({went})"


PRELUDE = """
U32, U64, I64 = np.uint32, np.uint64, np.int64


@njit(inline="always")
def exp_(x):
    return F(math.exp(x))


@njit(inline="always")
def log_(x):
    return F(math.log(x))


@njit(inline="always")
def sqrt_(x):
    return F(math.sqrt(x))


@njit(inline="always")
def tanh_(x):
    return F(math.tanh(x))


@njit(inline="always")
def sigmoid_(x):
    return F(1.0) / (F(1.0) + F(math.exp(-x)))


@njit(inline="always")
def abs_(x):
    return x if x >= F(0.0) else -x


@njit(inline="always")
def floor_(x):
    return F(np.floor(x))


@njit(inline="always")
def sign_(x):
    return F(1.0) if x > F(0.0) else (F(-1.0) if x < F(0.0) else F(0.0))


@njit(inline="always")
def min_(x, y):
    return x if x < y else y


@njit(inline="always")
def max_(x, y):
    return x if x > y else y


@njit(inline="always")
def power_(x, y):
    return F(math.pow(x, y))


@njit(inline="always")
def shl_(x, y):
    return F(I64(x) << I64(y))


@njit(inline="always")
def shr_(x, y):
    return F(I64(x) >> I64(y))


@njit(inline="always")
def band_(x, y):
    return F(I64(x) & I64(y))


@njit(inline="always")
def bor_(x, y):
    return F(I64(x) | I64(y))

"""
