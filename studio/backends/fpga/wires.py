"""Integers on wires: the straight-line arithmetic of one step of a neuron, each value with its fraction bits and its exact range.

A wire holds an integer; its value is the integer over 2**fraction. Ranges are worked out as the graph is built (interval arithmetic), so every
wire is as wide as it must be and no operation can overflow: a value is lost only in `round` (half up) and in `clamp`, which counts.
What is known before the run is computed in double precision and becomes a constant, shared or one per neuron.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, log2

import numpy as np

from studio.backends.fpga.wire import BITS, WIDEST, Constant, Known, Operand, UnfitError, Wire, exact_fraction, magnitude, width

__all__ = ["BITS", "WIDEST", "Constant", "Graph", "Known", "Operand", "UnfitError", "Wire", "exact_fraction", "magnitude", "width"]


@dataclass
class Graph:
    """Builds wires. `word`: bits of what goes into a multiplier beside a constant; `coefficient`: bits of a constant that multiplies."""

    word: int = 32
    coefficient: int = 25
    wires: list[Wire] = field(default_factory=list)
    constants: dict[str, Constant] = field(default_factory=dict)
    _made: dict[tuple[object, ...], Operand] = field(default_factory=dict)

    # leaves

    def given(self, op: str, name: str, fraction: int, low: int, high: int, amount: int = 0) -> Wire:
        """What comes from outside the graph: a state, what arrived, a current, a draw's register."""
        wire = self._new(op, (), fraction, low, high, amount, name)
        assert isinstance(wire, Wire)
        return wire

    def constant(self, known: Known, fraction: int) -> Wire:
        """A known number with the given fraction bits, rounded to the nearest."""
        scaled = np.rint(np.asarray(known.value, np.float64) * 2.0**fraction)
        if not bool(np.all(np.isfinite(scaled))):
            raise UnfitError(f"{known.text or 'a constant'} is not a finite number")
        most = int(np.max(np.abs(scaled), initial=0.0))
        if most >= 2**WIDEST:
            raise UnfitError(f"the constant {known.text or known.value} needs more than {WIDEST} bits")
        whole = scaled.astype(np.int64)
        values: int | np.ndarray = int(whole) if whole.ndim == 0 else whole
        key = ("constant", whole.tobytes(), whole.ndim, fraction)
        if key not in self._made:
            bits = max(width(int(whole.min()), int(whole.max())), 2)
            error = magnitude(np.asarray(known.value) - scaled / 2.0**fraction)
            name = self._named(known.text)
            self.constants[name] = Constant(
                name, values, fraction, bits, known.text or (f"{known.value:.9g}" if known.shared else "numbers of the document"), error
            )
            low, high = (int(whole), int(whole)) if whole.ndim == 0 else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
            self._made[key] = self._append("constant", (), fraction, low, high, 0, name)
        found = self._made[key]
        assert isinstance(found, Wire)
        return found

    def _named(self, text: str) -> str:
        plain = {"0": "zero", "1": "one", "2": "two"}.get(text.removesuffix(".0"), text if text.isidentifier() else "")
        name = plain.lower() or f"k{len(self.constants)}"
        return name if name not in self.constants else f"{name}_{len(self.constants)}"

    def _append(self, op: str, args: tuple[int, ...], fraction: int, low: int, high: int, amount: int, name: str) -> Wire:
        if width(low, high) > WIDEST + 2:
            raise UnfitError(f"an intermediate value needs {width(low, high)} bits, more than {WIDEST + 2}")
        self.wires.append(Wire(len(self.wires), op, args, fraction, low, high, amount, name))
        return self.wires[-1]

    def _new(self, op: str, args: tuple[Wire, ...], fraction: int, low: int, high: int, amount: int = 0, name: str = "") -> Operand:
        """A wire, the one that there is already, or a number where the range leaves only one."""
        places = tuple(a.place for a in args)
        key = (op, places, fraction, amount, name)
        if key not in self._made:
            single = low == high and op not in ("state", "constant")
            self._made[key] = Known(low / 2.0**fraction) if single else self._append(op, places, fraction, low, high, amount, name)
        return self._made[key]

    # formats

    def wired(self, a: Operand, fraction: int) -> Wire:
        """A wire, its fraction bits being those given where it is a number."""
        return a if isinstance(a, Wire) else self.constant(a, fraction)

    def align(self, a: Wire, fraction: int) -> Operand:
        """The same value with other fraction bits: shifted up, or rounded."""
        n = fraction - a.fraction
        if n == 0:
            return a
        if n > 0:
            return self._new("up", (a,), fraction, a.low << n, a.high << n, n)
        half = 1 << (-n - 1)
        return self._new("round", (a,), fraction, (a.low + half) >> -n, (a.high + half) >> -n, -n)

    def narrowed(self, a: Wire, bits: int) -> Operand:
        """With so few fraction bits less that it has at most `bits` bits."""
        out: Operand = a
        while isinstance(out, Wire) and out.bits > bits:
            out = self.align(a, out.fraction - (out.bits - bits))
        return out

    def clamp(self, a: Operand, fraction: int, bits: int, name: str) -> Operand:
        """A value brought to a state's format: rounded, and saturated where it does not fit (counted under the state's name)."""
        low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
        if isinstance(a, Known):
            largest = magnitude(a.value) * 2.0**fraction
            if largest > high:
                raise UnfitError(f"{name} is set to {a.text or a.value}, more than its {bits} bits with {fraction} behind the point hold")
            return a
        rounded = self.align(a, fraction)
        if isinstance(rounded, Known) or (rounded.low >= low and rounded.high <= high):
            return rounded
        return self._new("clamp", (rounded,), fraction, max(low, rounded.low), min(high, rounded.high), bits, name)

    def _shared_format(self, a: Operand, b: Operand) -> tuple[Wire, Wire]:
        """Both as wires with the same fraction bits, and so that their sum fits."""
        if isinstance(a, Known) and isinstance(b, Known):
            exact = [exact_fraction(k.value, 30) for k in (a, b)]
            fraction = max(30 if e is None else e for e in exact)
            return self.constant(a, fraction), self.constant(b, fraction)
        fraction = max(self._fraction(a, b), self._fraction(b, a))
        whole = max(self._whole_bits(a), self._whole_bits(b))
        fraction = min(fraction, WIDEST - 1 - whole)
        wires = [self.wired(x, fraction) for x in (a, b)]
        made = [self.align(w, fraction) for w in wires]
        return self.wired(made[0], fraction), self.wired(made[1], fraction)

    def _fraction(self, a: Operand, other: Operand) -> int:
        if isinstance(a, Wire):
            return a.fraction
        assert isinstance(other, Wire)
        if other.fraction > 0:
            return other.fraction
        exact = exact_fraction(a.value, 16)
        return max(16 if exact is None else exact, other.fraction)

    def _whole_bits(self, a: Operand) -> int:
        if isinstance(a, Wire):
            return a.bits - a.fraction
        largest = magnitude(a.value)
        return 2 + max(0, ceil(log2(largest))) if largest > 0 else 2

    # arithmetic

    def add(self, a: Operand, b: Operand) -> Operand:
        if isinstance(a, Known) and isinstance(b, Known):
            return Known(a.value + b.value, _text("({} + {})", a, b))
        for x, y in ((a, b), (b, a)):
            if isinstance(x, Known) and x.is_all(0.0):
                return y
        x, y = self._shared_format(a, b)
        return self._new("add", (x, y), x.fraction, x.low + y.low, x.high + y.high)

    def subtract(self, a: Operand, b: Operand) -> Operand:
        if isinstance(a, Known) and isinstance(b, Known):
            return Known(a.value - b.value, _text("({} - {})", a, b))
        if isinstance(b, Known) and b.is_all(0.0):
            return a
        if isinstance(a, Known) and a.is_all(0.0):
            return self.negate(b)
        x, y = self._shared_format(a, b)
        return self._new("subtract", (x, y), x.fraction, x.low - y.high, x.high - y.low)

    def negate(self, a: Operand) -> Operand:
        if isinstance(a, Known):
            return Known(-np.asarray(a.value)[()], f"-{a.text}" if a.text else "")
        return self._new("negate", (a,), a.fraction, -a.high, -a.low)

    def multiply(self, a: Operand, b: Operand) -> Operand:
        if isinstance(a, Known) and isinstance(b, Known):
            return Known(a.value * b.value, _text("{}*{}", a, b))
        if isinstance(a, Known):
            assert isinstance(b, Wire)
            return self._scaled(b, a)
        if isinstance(b, Known):
            return self._scaled(a, b)
        return self._product(*self._fitting(a, b))

    def _fitting(self, a: Wire, b: Wire) -> tuple[Operand, Operand]:
        """Both so narrow that their product fits; the wider gives way first."""
        x: Operand = a
        y: Operand = b
        if a.bits + b.bits > WIDEST:
            x = self.narrowed(a, max(WIDEST // 2, WIDEST - b.bits))
            y = self.narrowed(b, WIDEST - (x.bits if isinstance(x, Wire) else 0))
        return x, y

    def _product(self, a: Operand, b: Operand) -> Operand:
        if isinstance(a, Known) or isinstance(b, Known):
            return self.multiply(a, b)
        ends = [p * q for p in (a.low, a.high) for q in (b.low, b.high)]
        return self._new("multiply", (a, b), a.fraction + b.fraction, min(ends), max(ends))

    def _scaled(self, a: Wire, by: Known) -> Operand:
        """A wire times a known number; powers of two only move the point."""
        if by.is_all(0.0):
            return Known(0.0)
        if by.shared and not np.isfinite(float(by.value)):
            raise UnfitError(f"the factor {by.text or by.value} is not a number")
        if by.shared:
            size = abs(float(by.value))
            power = round(log2(size)) if size else 0
            if size == 2.0**power:
                moved = self._moved(a, power)
                return moved if float(by.value) > 0 else self.negate(moved)
        fraction = self._coefficient_fraction(by.value)
        factor = self.constant(by, fraction)
        narrow = self.narrowed(a, min(max(self.word, 2), WIDEST - factor.bits)) if a.bits + factor.bits > WIDEST else a
        return self._product(narrow, factor)

    def _moved(self, a: Wire, power: int) -> Operand:
        """Times a power of two: the point moves, and below it is kept at zero or more fraction bits."""
        if power == 0:
            return a
        if a.fraction - power < 0:
            n = power - a.fraction
            return self._new("up", (a,), 0, a.low << n, a.high << n, n)
        return self._new("same", (a,), a.fraction - power, a.low, a.high)

    def _coefficient_fraction(self, value: float | np.ndarray) -> int:
        whole = max(ceil(log2(magnitude(value) * (1 + 2.0**-self.coefficient))), -40)
        room = self.coefficient - 1 - whole
        exact = exact_fraction(value, max(room, 0))
        return room if exact is None else exact

    def divide(self, a: Operand, b: Operand) -> Operand:
        if isinstance(b, Wire):
            raise UnfitError("it divides by a number that changes in the run")
        with np.errstate(all="ignore"):
            inverse = Known(np.asarray(1.0 / np.asarray(b.value, np.float64))[()], f"1/{b.text}" if b.text else "")
            if isinstance(a, Known):
                return Known(np.asarray(a.value / np.asarray(b.value, np.float64))[()], _text("{}/{}", a, b))
        return self.multiply(a, inverse)

    # comparisons and choices

    def compare(self, op: str, a: Operand, b: Operand) -> Operand:
        """`op` is one of lt, le, eq; the answer is a truth."""
        if isinstance(a, Known) and isinstance(b, Known):
            told = {"lt": np.less, "le": np.less_equal, "eq": np.equal}[op](a.value, b.value)
            return Known(np.asarray(told, np.float64)[()])
        x, y = self._shared_format(a, b)
        if op in ("lt", "le"):
            sure, never = (x.high < y.low, x.low >= y.high) if op == "lt" else (x.high <= y.low, x.low > y.high)
            if sure or never:
                return Known(float(sure))
        return self._new(op, (x, y), 0, 0, 1)

    def truth(self, a: Operand) -> Operand:
        """A number as a truth: whether it is above zero (only truths of 0 and 1 are asked this)."""
        if isinstance(a, Known):
            return Known((np.asarray(a.value) != 0).astype(np.float64)[()])
        return a if a.op in BITS else self._new("positive", (a,), 0, 0, 1)

    def both(self, a: Operand, b: Operand) -> Operand:
        return self._logic("and", self.truth(a), self.truth(b), 0.0)

    def either(self, a: Operand, b: Operand) -> Operand:
        return self._logic("or", self.truth(a), self.truth(b), 1.0)

    def _logic(self, op: str, a: Operand, b: Operand, decides: float) -> Operand:
        if isinstance(a, Known) and isinstance(b, Known):
            told = np.logical_and(a.value, b.value) if op == "and" else np.logical_or(a.value, b.value)
            return Known(np.asarray(told, np.float64)[()])
        for x, y in ((a, b), (b, a)):
            if isinstance(x, Known) and x.shared:
                return x if float(x.value) == decides else y
        return self._new(op, (self._bit(a), self._bit(b)), 0, 0, 1)

    def _bit(self, a: Operand) -> Wire:
        if isinstance(a, Wire):
            return a
        bit = self._new("positive", (self.constant(a, 0),), 0, 0, 1)
        assert isinstance(bit, Wire)
        return bit

    def invert(self, a: Operand) -> Operand:
        a = self.truth(a)
        if isinstance(a, Known):
            return Known(1.0 - np.asarray(a.value)[()])
        return self._new("not", (a,), 0, 0, 1)

    def select(self, test: Operand, yes: Operand, no: Operand) -> Operand:
        test = self.truth(test)
        if isinstance(test, Known) and test.shared:
            return yes if float(test.value) else no
        if isinstance(yes, Known) and isinstance(no, Known):
            if bool(np.all(yes.value == no.value)):
                return yes
            if isinstance(test, Known):
                return Known(np.where(test.value, yes.value, no.value))
        if yes == no if isinstance(yes, Wire) and isinstance(no, Wire) else False:
            return yes
        x, y = self._shared_format(yes, no)
        if x.place == y.place:
            return x
        return self._new("select", (self._bit(test), x, y), x.fraction, min(x.low, y.low), max(x.high, y.high))

    # functions

    def floor(self, a: Operand) -> Operand:
        if isinstance(a, Known):
            return Known(np.floor(a.value), f"floor({a.text})" if a.text else "")
        if a.fraction <= 0:
            return a
        return self._new("floor", (a,), 0, a.low >> a.fraction, a.high >> a.fraction, a.fraction)

    def least(self, a: Operand, b: Operand, most: bool = False) -> Operand:
        """The smaller of two, or the greater."""
        if isinstance(a, Known) and isinstance(b, Known):
            return Known((np.maximum if most else np.minimum)(a.value, b.value))
        x, y = self._shared_format(a, b)
        if most:
            return self._new("max", (x, y), x.fraction, max(x.low, y.low), max(x.high, y.high))
        return self._new("min", (x, y), x.fraction, min(x.low, y.low), min(x.high, y.high))

    def absolute(self, a: Operand) -> Operand:
        if isinstance(a, Known):
            return Known(np.abs(a.value))
        low = 0 if a.low <= 0 <= a.high else min(abs(a.low), abs(a.high))
        return a if a.low >= 0 else self._new("abs", (a,), a.fraction, low, max(abs(a.low), abs(a.high)))

    def sign(self, a: Operand) -> Operand:
        zero = Known(0.0)
        return self.select(self.compare("lt", zero, a), Known(1.0), self.select(self.compare("lt", a, zero), Known(-1.0), zero))

    def shift(self, a: Operand, by: Operand, left: bool) -> Operand:
        """A whole number shifted by a known number of bits."""
        if not isinstance(by, Known) or not by.shared:
            raise UnfitError("it shifts by a number that is not the same for all neurons")
        n = int(by.value)
        if isinstance(a, Known):
            return Known(np.floor(np.asarray(a.value) * 2.0 ** (n if left else -n))[()])
        if n < 0 or a.fraction != 0:
            raise UnfitError("it shifts a number that is not whole")
        if n == 0:
            return a
        if left:
            return self._new("up", (a,), 0, a.low << n, a.high << n, n)
        return self._new("floor", (a,), 0, a.low >> n, a.high >> n, n)

    def bitwise(self, op: str, a: Operand, b: Operand) -> Operand:
        if isinstance(a, Known) and isinstance(b, Known):
            x, y = (np.asarray(k.value).astype(np.int64) for k in (a, b))
            return Known(np.asarray(x & y if op == "&" else x | y, np.float64)[()])
        x, y = self.wired(a, 0), self.wired(b, 0)
        if x.fraction or y.fraction:
            raise UnfitError("it masks a number that is not whole")
        bits = max(x.bits, y.bits)
        low = 0 if x.low >= 0 and y.low >= 0 else -(2 ** (bits - 1))
        return self._new("mask" if op == "&" else "join", (x, y), 0, low, 2 ** (bits - 1) - 1)


def _text(form: str, a: Known, b: Known) -> str:
    return form.format(a.text, b.text) if a.text and b.text else ""
