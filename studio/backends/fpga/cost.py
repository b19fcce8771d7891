"""What a core takes of a device, counted from the rules: blocks of memory, multipliers, look-up tables, and clock cycles."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import ceil
from typing import TYPE_CHECKING, Any

from studio.backends.fpga.target import DEVICES, USUAL, Device
from studio.compile.program import Connection, Program
from studio.compile.wiring import Cut

if TYPE_CHECKING:
    from studio.backends.fpga.shape import Datapath

SYNAPSE_CYCLES, EVENT_CYCLES = 1, 3  # of a connection that hears an event: both ends of its row, and that there are no more synapses
STEP_CYCLES = 4  # of a step beside its command, updates and events: its begin, the first spike, and the ends of updates and of events
READ_ONLY = frozenset({"own", "row", "synapse"})
TABLE_BITS = 16  # of a small memory in one look-up table
CONTROL, LINE = 400, 350  # tables of a core beside its arithmetic; of the network and the line that are there once: estimates
FREE = frozenset({"state", "arrived", "current", "constant", "same", "up", "floor", "multiply", "xorshift", "not"})


def device_of(program: Program) -> Device:
    """The device that a program was told, or the usual one."""
    return DEVICES[str(program.settings.get("device", USUAL))]


def address_bits(n: float) -> int:
    """Bits that tell n places apart, at least 1."""
    return max(1, (max(1, ceil(n)) - 1).bit_length())


def usage(program: Program, layer: str, cut: Cut) -> dict[str, float]:
    """What a core that computes these neurons takes of each resource of a device; nothing where compilation stopped before its arithmetic was known."""
    a = program.settings.get("arithmetic", {}).get(layer)
    if a is None:
        return {}
    device = device_of(program)
    sizes = [(words, bits, blocks_of(words, bits, device, name in READ_ONLY)) for name, words, bits in memories(program, layer, cut)]
    blocks = sum(count for _, _, count in sizes)
    small = sum(words * bits for words, bits, count in sizes if not count)
    once = LINE if layer == program.layers[0].key and cut.low == 0 else 0
    logic = tables(a, device) + ceil(small / TABLE_BITS) + once
    return {"memory_blocks": float(blocks), "multipliers": float(multipliers(a["factors"], device)), "tables": float(logic)}


def slots_of(program: Program) -> int:
    """Length of the delay rings: the longest delay of spikes in steps, and the step that is."""
    return 1 + max((c.wiring.delays()[1] for c in program.connections if c.kinetics is not None), default=0)


def memories(program: Program, layer: str, cut: Cut) -> Iterator[tuple[str, int, int]]:
    """(name, words, bits) of every memory of a core."""
    a, n = program.settings["arithmetic"][layer], cut.size
    into = [c for c in program.into(layer) if c.kinetics is not None]
    slots = int(program.settings.get("slots", 2))
    yield "state", n, a["state_bits"]
    if a["arrival_bits"]:
        yield "ring", slots * n, a["arrival_bits"]
    if a["own_bits"]:
        yield "own", n, a["own_bits"]
    if a["current_bits"]:
        yield "currents", n, a["current_bits"]
    yield "queue", n, address_bits(n)
    if into:
        count = ceil(sum(c.wiring.count(None, cut) for c in into))
        yield "row", sum(c.wiring.n_source + 1 for c in into), address_bits(count + 1)
        yield "synapse", max(1, count), address_bits(n) + delay_bits(into, slots) + weight_bits(into)


def delay_bits(into: list[Connection], slots: int) -> int:
    """Bits of a delay in a synapse word; none where each connection has one delay only."""
    return address_bits(slots) if any(low != high for low, high in (c.wiring.delays() for c in into)) else 0


def weight_bits(into: list[Connection]) -> int:
    """Bits of a weight in a synapse word; none where each connection has one weight only."""
    bits = 0
    for c in into:
        low, high = c.wiring.real().weights()
        if low != high:
            q = c.quantised
            scale = float(q.scale) if q is not None else 1.0
            bits = max(bits, *(max(1, abs(round(w / scale))).bit_length() + 1 for w in (low, high)))
    return bits


def blocks_of(words: int, bits: int, device: Device, read_only: bool = False) -> int:
    """Blocks of memory that hold so many words, by the shape that takes the fewest; 0 where it is too small for them."""
    count = min(ceil(words / depth) * ceil(bits / width) for depth, width in device.shapes)
    return count if words * bits >= device.least[read_only] * count else 0


def multipliers(factors: list[list[int]], device: Device) -> int:
    """Hard multipliers for products of factors so wide."""
    return sum(_products(big, small, device) for big, small in factors)


def _products(big: int, small: int, device: Device) -> int:
    """How many multipliers one product takes: as many as its factors have pieces."""
    return _pieces(big, max(device.factors), device.sign) * _pieces(small, min(device.factors), device.sign)


def _pieces(bits: int, width: int, sign: int) -> int:
    return 1 if bits <= width else 1 + ceil((bits - width) / (width - sign))


def tables(a: Mapping[str, Any], device: Device) -> int:
    """Look-up tables, an estimate: one a bit of every sum, comparison and choice, and what joins the pieces of a product."""
    joins = sum((_products(b, s, device) - 1) * (b + s) for b, s in a["factors"])
    return int(CONTROL + a["operation_bits"] + joins)


def simple_bits(path: Datapath) -> int:
    """Bits of all operations that take look-up tables."""
    bits = 0
    for w in path.wires:
        if w.op in FREE:
            continue
        widest = max((path.wires[k].bits for k in w.args), default=w.bits)
        bits += (3 if w.op == "clamp" else 2 if w.op in ("min", "max") else 1) * max(w.bits, widest)
    return bits


def update_cycles(size: int, latency: int, hears: bool) -> int:
    """Clock cycles of a step's update of so many neurons: one each, and as long as the last takes; and one in which synapses may end."""
    return size + latency + 1 + hears
