"""The neuron's arithmetic as a Verilog module: a pipeline, one line a wire, each exactly as wide as it must be."""

from __future__ import annotations

from collections.abc import Iterator

from studio.backends.fpga.datapath import Datapath, Register
from studio.backends.fpga.stages import crossings
from studio.backends.fpga.wires import BITS, Constant, Wire

GENERATOR = """
  // one step of a 32-bit xorshift generator, shifts 13, 17, 5 (Marsaglia 2003)
  function [31:0] xorshift(input [31:0] x);
    reg [31:0] a, b;
    begin
      a = x ^ (x << 13);
      b = a ^ (a >> 17);
      xorshift = b ^ (b << 5);
    end
  endfunction"""

FALSE = "1'b0"
HEAD = """\
// {title}
//
// A pipeline: takes the words of a neuron in every clock cycle, and gives its next state {latency} later.
// A name that ends in _1, _2 ... is a value as it stands in that stage. What is lost is lost where it is said: a rounding adds a half and
// leaves bits out; "saturated" stays at the end of a state's range. Everywhere else a wire has room for every value.
// Signed operands grow to their result's width by the rules of the language, which is all that WIDTH warns of here, and UNUSED of those bits.
/* verilator lint_off WIDTH */
/* verilator lint_off UNUSED */
module {name}("""


def neuron(name: str, title: str, path: Datapath) -> str:
    """The module `name`: from a neuron's state and what arrived in a step to its next state and whether it fires."""
    cycles = f"{path.latency} cycle{'' if path.latency == 1 else 's'}"
    ports = ["input clk", f"input [{register_bits(path) - 1}:0] state"]
    if arrival_bits(path):
        ports.append(f"input [{arrival_bits(path) - 1}:0] arrived")
    if path.current is not None:
        ports.append(f"input signed [{path.current.bits - 1}:0] current")
    if path.own_constants:
        ports.append(f"input [{own_bits(path) - 1}:0] own")
    ports += [f"output [{register_bits(path) - 1}:0] next", "output spike", "output saturated"]
    lines = [HEAD.format(title=title, latency=cycles, name=name), "  " + ",\n  ".join(ports), ");"]
    lines += [*_constants(path), *([GENERATOR] if any(w.op == "xorshift" for w in path.wires) else [])]
    kept = list(crossings(_uses(path), path.stages))
    for stage in range(path.latency + 1):
        lines += [*_registers(path, stage, [p for p, s in kept if s == stage]), *_wires(path, stage)]
    return "\n".join([*lines, *_outputs(path), "endmodule", "/* verilator lint_on UNUSED */", "/* verilator lint_on WIDTH */", ""])


def register_bits(path: Datapath) -> int:
    """Bits of a state word."""
    return max(1, sum(r.bits for r in path.registers))


def arrival_bits(path: Datapath) -> int:
    """Bits of what arrives in one step: the sums of all receptors, side by side."""
    return sum(a.bits for a in path.arrivals)


def own_bits(path: Datapath) -> int:
    """Bits of the constants that each neuron has for itself."""
    return sum(c.bits for c in path.own_constants)


def places(bits: list[int]) -> list[int]:
    """Where fields begin that lie side by side from the lowest bit up."""
    return [sum(bits[:k]) for k in range(len(bits))]


def literal(value: int, bits: int) -> str:
    """A signed number of so many bits."""
    return f"-{bits}'sd{-value}" if value < 0 else f"{bits}'sd{value}"


def _constants(path: Datapath) -> Iterator[str]:
    for c in path.shared_constants:
        assert isinstance(c.values, int)
        yield f"  localparam signed [{c.bits - 1}:0] {local(c)} = {literal(c.values, c.bits)};  // {c.text} = {c.values} / 2^{c.fraction}"


def local(c: Constant) -> str:
    return f"K_{c.name.upper()}"


def label(w: Wire) -> str:
    """A wire's name: what the model calls it, or its number."""
    return f"{w.name}_q" if w.op in ("state", "arrived", "current") else f"w{w.place}"


def _shared(path: Datapath, w: Wire) -> bool:
    return w.op == "constant" and path.constants[w.name].shared


def _uses(path: Datapath) -> Iterator[tuple[int, int]]:
    """(place, stage) of every wire that a stage reads."""
    for w in path.wires:
        yield from ((a, path.stages[w.place]) for a in w.args if not _shared(path, path.wires[a]))
    outputs = [*path.following.values(), *([] if path.spike is None else [path.spike])]
    yield from ((p, path.latency) for p in outputs if not _shared(path, path.wires[p]))


def _named(path: Datapath, place: int, stage: int) -> str:
    """A value as it stands in a stage."""
    w = path.wires[place]
    if _shared(path, w):
        return local(path.constants[w.name])
    return label(w) if path.stages[place] == stage else f"{label(w)}_{stage}"


def _kind(w: Wire, what: str) -> str:
    return what if w.op in BITS else f"{what} signed [{w.bits - 1}:0]"


def _registers(path: Datapath, stage: int, places_: list[int]) -> Iterator[str]:
    if stage:
        yield "\n  // what comes out" if stage == path.latency else f"\n  // stage {stage}"
    flags = _flags(path, stage - 1) if stage else []
    if not places_ and not flags:
        return
    for p in places_:
        yield f"  {_kind(path.wires[p], 'reg')} {_named(path, p, stage)};"
    if flags:
        yield f"  reg saturated_{stage};"
    yield "  always @(posedge clk) begin"
    for p in places_:
        yield f"    {_named(path, p, stage)} <= {_named(path, p, stage - 1)};"
    if flags:
        yield f"    saturated_{stage} <= {' | '.join(flags)};"
    yield "  end"


def _flags(path: Datapath, stage: int) -> list[str]:
    """What says in a stage that a state was saturated there or before."""
    earlier = [f"saturated_{stage}"] if any(w.op == "clamp" and path.stages[w.place] < stage for w in path.wires) else []
    here = [w for w in path.wires if w.op == "clamp" and path.stages[w.place] == stage]
    return earlier + [f"w{w.place}_{end}" for w in here for end in _ends(path, w)]


def _ends(path: Datapath, w: Wire) -> list[str]:
    """The ends of a state's range that a value can pass."""
    given, (low, high) = path.wires[w.args[0]], clamp_ends(w)
    return (["above"] if given.high > high else []) + (["below"] if given.low < low else [])


def _wires(path: Datapath, stage: int) -> Iterator[str]:
    for w in path.wires:
        if path.stages[w.place] != stage or _shared(path, w):
            continue
        args = [_named(path, a, stage) for a in w.args]
        yield from _before(path, w, args)
        yield f"  {_kind(w, 'wire')} {label(w)} = {_expression(path, w, args)};{_remark(path, w)}"


def _remark(path: Datapath, w: Wire) -> str:
    if w.op == "constant":
        return f"  // {path.constants[w.name].text}, a value for each neuron"
    if w.op in ("state", "arrived", "current"):
        return f"  // {w.fraction} of {w.bits} bits behind the point"
    return f"  // {w.name}, saturated to {w.amount} bits" if w.op == "clamp" else ""


def _before(path: Datapath, w: Wire, args: list[str]) -> Iterator[str]:
    """Wires that an operation needs beside its own: a sum before bits of it are left out, tests of a range."""
    given = [path.wires[a] for a in w.args]
    if w.op == "round":
        bits = max(given[0].bits, w.amount, w.amount + w.bits - 1) + 1
        yield f"  wire signed [{bits - 1}:0] w{w.place}_sum = {args[0]} + {literal(1 << (w.amount - 1), bits)};"
    if w.op == "clamp":
        low, high = clamp_ends(w)
        bits = max(given[0].bits, w.amount) + 1
        for end in _ends(path, w):
            test = f"> {literal(high, bits)}" if end == "above" else f"< {literal(low, bits)}"
            yield f"  wire w{w.place}_{end} = {args[0]} {test};"


def _expression(path: Datapath, w: Wire, args: list[str]) -> str:
    if w.op == "state":
        at = places([r.bits for r in path.registers])
        k = next(i for i, r in enumerate(path.registers) if r.name == w.name)
        r = path.registers[k]
        word = f"state[{at[k] + r.bits - 1}:{at[k]}]"
        return f"$signed({word})" if r.signed else f"$signed({{1'b0, {word}}})"
    if w.op == "arrived":
        bits = [a.bits for a in path.arrivals]
        at = places(bits)[w.amount]
        return f"$signed(arrived[{at + bits[w.amount] - 1}:{at}])"
    if w.op == "current":
        return "current"
    if w.op == "constant":
        own = list(path.own_constants)
        k = next(i for i, c in enumerate(own) if c.name == w.name)
        at = places([c.bits for c in own])[k]
        return f"$signed(own[{at + own[k].bits - 1}:{at}])"
    return _computed(path, w, args)


TWO = {"add": "+", "subtract": "-", "multiply": "*", "mask": "&", "join": "|", "lt": "<", "le": "<=", "eq": "==", "and": "&", "or": "|"}


def _computed(path: Datapath, w: Wire, args: list[str]) -> str:
    a = args[0]
    given = path.wires[w.args[0]]
    if w.op in TWO:
        return f"{a} {TWO[w.op]} {args[1]}"
    if w.op == "round":
        return f"w{w.place}_sum[{w.amount + w.bits - 1}:{w.amount}]"
    if w.op == "clamp":
        return _clamped(path, w, a)
    if w.op == "floor" and w.amount + w.bits <= given.bits:
        return f"{a}[{w.amount + w.bits - 1}:{w.amount}]"
    if w.op in ("min", "max"):
        return f"({a} {'<' if w.op == 'min' else '>'} {args[1]}) ? {a} : {args[1]}"
    if w.op == "select":
        return f"{a} ? {args[1]} : {args[2]}"
    table = {
        "negate": f"-{a}",
        "up": f"{a} <<< {w.amount}",
        "floor": f"{a} >>> {w.amount}",
        "same": a,
        "abs": f"{a}[{given.bits - 1}] ? -{a} : {a}",
        "not": f"~{a}",
        "positive": f"{a} > 0",
        "xorshift": f"$signed({{1'b0, xorshift({a}[31:0])}})",
    }
    return table[w.op]


def _clamped(path: Datapath, w: Wire, a: str) -> str:
    low, high = clamp_ends(w)
    given = path.wires[w.args[0]]
    inside = f"{a}[{w.bits - 1}:0]" if given.bits > w.bits else a
    ends = {"above": literal(high, w.bits), "below": literal(low, w.bits)}
    return "".join(f"w{w.place}_{end} ? {ends[end]} : " for end in _ends(path, w)) + inside


def clamp_ends(w: Wire) -> tuple[int, int]:
    return -(1 << (w.amount - 1)), (1 << (w.amount - 1)) - 1


def _outputs(path: Datapath) -> Iterator[str]:
    yield ""
    for r in path.registers:
        yield f"  wire {'signed ' if r.signed else ''}[{r.bits - 1}:0] next_{r.name} = {_following(path, r)};{_unit(r)}"
    words = ", ".join(f"next_{r.name}" for r in reversed(path.registers))
    yield f"  assign next = {{{words}}};" if words else "  assign next = 1'b0;"
    yield f"  assign spike = {_spike(path)};"
    yield f"  assign saturated = {' | '.join(_flags(path, path.latency)) or FALSE};"


def _following(path: Datapath, r: Register) -> str:
    """A register's next value; one that is never negative has no sign to keep."""
    w = path.wires[path.following[r.name]]
    name = _named(path, w.place, path.latency)
    if w.bits <= r.bits:
        return name
    return f"{r.bits}'d{w.low}" if _shared(path, w) else f"{name}[{r.bits - 1}:0]"


def _spike(path: Datapath) -> str:
    if path.spike is None:
        return FALSE
    value = _named(path, path.spike, path.latency)
    return value if path.wires[path.spike].op in BITS else f"({value} != 0)"


def _unit(r: Register) -> str:
    return f"  // {r.name} [{r.unit}] = next_{r.name} / 2^{r.fraction}" if r.unit else ""
