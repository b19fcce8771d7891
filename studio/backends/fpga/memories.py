"""What the memories of a design begin with: hexadecimal words, one a line, as $readmemh reads them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from studio.backends.fpga.design import Core
from studio.backends.fpga.neuron_text import own_bits, places, register_bits


def write(core: Core, folder: Path) -> tuple[str, ...]:
    """Write the memories of a core: state, and where it has some, rows, synapses and constants of its neurons."""
    made = {"state": (states(core), register_bits(core.datapath))}
    if core.rows:
        made["row"] = (rows(core), max(1, core.synapses.bit_length()))
        made["synapse"] = (synapses(core), core.synapse_bits)
    if own_bits(core.datapath):
        made["own"] = (constants(core), own_bits(core.datapath))
    for name, (words, bits) in made.items():
        digits = -(-bits // 4)
        text = "\n".join(f"{word:0{digits}x}" for word in words)
        (folder / f"core_{core.number}_{name}.hex").write_text(text + "\n", encoding="ascii")
    return tuple(f"core_{core.number}_{name}.hex" for name in made)


def packed(fields: list[tuple[np.ndarray, int, int]], n: int) -> list[int]:
    """Words out of (values, lowest bit, bits): negative values as two's complement."""
    out = [0] * n
    for values, at, bits in fields:
        mask = (1 << bits) - 1
        for k, value in enumerate(values.tolist()):
            out[k] |= (value & mask) << at
    return out


def states(core: Core) -> list[int]:
    registers = core.datapath.registers
    at = places([r.bits for r in registers])
    return packed([(core.start[r.name], at[k], r.bits) for k, r in enumerate(registers)], core.size)


def constants(core: Core) -> list[int]:
    own = core.datapath.own_constants
    at = places([c.bits for c in own])
    return packed([(core.own[c.name], at[k], c.bits) for k, c in enumerate(own)], core.size)


def rows(core: Core) -> list[int]:
    """Where each element's synapses begin, connection after connection."""
    first, out = 0, []
    for r in core.rows:
        out += [first + int(s) for s in r.starts]
        first += len(r)
    return out


def synapses(core: Core) -> list[int]:
    """{weight, delay, target}; what is equal for a whole connection stands in the core's text."""
    f, out = core.fields, []
    for r in core.rows:
        fields = [(r.targets, f["target"].at, f["target"].bits)]
        fields += [(r.delays, f["delay"].at, f["delay"].bits)] if isinstance(r.delays, np.ndarray) else []
        fields += [(r.weights, f["weight"].at, f["weight"].bits)] if isinstance(r.weights, np.ndarray) else []
        out += packed(fields, len(r))
    return out or [0]
