"""The neuron's arithmetic as a Verilog module: one line a wire, each exactly as wide as it must be."""

from __future__ import annotations

from collections.abc import Iterator

from studio.backends.fpga.datapath import Datapath, Register
from studio.backends.fpga.wires import BITS, Constant, Wire

GENERATOR = """  // one step of a 32-bit xorshift generator, shifts 13, 17, 5 (Marsaglia 2003)
  function [31:0] xorshift(input [31:0] x);
    reg [31:0] a, b;
    begin
      a = x ^ (x << 13);
      b = a ^ (a >> 17);
      xorshift = b ^ (b << 5);
    end
  endfunction
"""


def neuron(name: str, title: str, path: Datapath) -> str:
    """The module `name`: from a neuron's state and what arrived in a step to its next state and whether it fires."""
    ports = [f"input  [{register_bits(path) - 1}:0] state", f"input  [{max(arrival_bits(path), 1) - 1}:0] arrived"]
    if path.current is not None:
        ports.append(f"input  signed [{path.current.bits - 1}:0] current")
    if path.own_constants:
        ports.append(f"input  [{own_bits(path) - 1}:0] own")
    ports += [f"output [{register_bits(path) - 1}:0] next", "output spike", "output saturated"]
    lines = [f"// {title}", f"module {name}(", "  " + ",\n  ".join(ports), ");"]
    lines += [*_constants(path), *([GENERATOR.rstrip("\n")] if any(w.op == "xorshift" for w in path.wires) else [])]
    lines += [*_wires(path), *_outputs(path), "endmodule", ""]
    return "\n".join(lines)


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
    return f"{w.name}_q" if w.op == "state" else f"{w.name}_q" if w.op in ("arrived", "current") else f"w{w.place}"


def _wires(path: Datapath) -> Iterator[str]:
    for w in path.wires:
        if w.op == "constant" and path.constants[w.name].shared:
            continue
        kind = "wire" if w.op in BITS else f"wire signed [{w.bits - 1}:0]"
        yield f"  {kind} {label(w)} = {_expression(path, w)};{_remark(path, w)}"


def _remark(path: Datapath, w: Wire) -> str:
    if w.op == "constant":
        return f"  // {path.constants[w.name].text}, a value for each neuron"
    if w.op in ("state", "arrived", "current"):
        return f"  // {w.fraction} of {w.bits} bits behind the point"
    if w.op == "clamp":
        return f"  // {w.name}, saturated to {w.amount} bits"
    return ""


def _expression(path: Datapath, w: Wire) -> str:
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
    return _computed(path, w, [_operand(path, path.wires[a]) for a in w.args])


def _operand(path: Datapath, w: Wire) -> str:
    if w.op == "constant" and path.constants[w.name].shared:
        return local(path.constants[w.name])
    return label(w)


TWO = {"add": "+", "subtract": "-", "multiply": "*", "mask": "&", "join": "|", "lt": "<", "le": "<=", "eq": "==", "and": "&", "or": "|"}


def _computed(path: Datapath, w: Wire, args: list[str]) -> str:
    a = args[0]
    given = path.wires[w.args[0]]
    if w.op in TWO:
        return f"{a} {TWO[w.op]} {args[1]}"
    if w.op == "round":
        return f"({a} + {literal(1 << (w.amount - 1), max(given.bits, w.amount) + 1)}) >>> {w.amount}"
    if w.op == "clamp":
        low, high = clamp_ends(w)
        bits = max(given.bits, w.amount) + 1
        return f"({a} > {literal(high, bits)}) ? {literal(high, bits)} : ({a} < {literal(low, bits)}) ? {literal(low, bits)} : {a}"
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
    if w.op in ("min", "max"):
        return f"({a} {'<' if w.op == 'min' else '>'} {args[1]}) ? {a} : {args[1]}"
    if w.op == "select":
        return f"{a} ? {args[1]} : {args[2]}"
    return table[w.op]


def clamp_ends(w: Wire) -> tuple[int, int]:
    return -(1 << (w.amount - 1)), (1 << (w.amount - 1)) - 1


def _outputs(path: Datapath) -> Iterator[str]:
    for r in path.registers:
        yield f"  wire signed [{r.bits - 1}:0] next_{r.name} = {_operand(path, path.wires[path.following[r.name]])};{_unit(r)}"
    words = ", ".join(f"next_{r.name}" for r in reversed(path.registers))
    yield f"  assign next = {{{words}}};" if words else "  assign next = 1'b0;"
    yield f"  assign spike = {'1' + chr(39) + 'b0' if path.spike is None else _truth(path, path.wires[path.spike])};"
    checks = []
    for w in path.wires:
        if w.op == "clamp":
            given = path.wires[w.args[0]]
            low, high = clamp_ends(w)
            bits = max(given.bits, w.amount) + 1
            a = _operand(path, given)
            checks.append(f"({a} > {literal(high, bits)}) | ({a} < {literal(low, bits)})")
    yield f"  assign saturated = {' | '.join(checks) if checks else chr(49) + chr(39) + 'b0'};"


def _truth(path: Datapath, w: Wire) -> str:
    return _operand(path, w) if w.op in BITS else f"({_operand(path, w)} != 0)"


def _unit(r: Register) -> str:
    return f"  // {r.name} [{r.unit}] = next_{r.name} / 2^{r.fraction}" if r.unit else ""
