"""How much of a core some neurons take: compartments, axons, and synapse memory as nengo-loihi packs it. Counted from rules."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from studio.compile.program import Connection, Program
from studio.compile.wiring import Cut

INDEX = 10  # bits that name one of 1,024 compartments
HEAD = 4 + 6  # bits of a block of synapses: which format, how many (nengo-loihi 1.1.0, SynapseConfig.bits_per_axon)
BLOCK = 64  # synapses in a block, at most
WORD = 64  # bits
WEIGHT = 8
UNIFORM = {"dense", "one_to_one", "bernoulli", "in_degree", "out_degree", "total", "regular"}  # only the size of a cut counts
DRAWN = UNIFORM - {"dense", "one_to_one"}
ONCE = {"dense", "one_to_one", "bernoulli", "window", "matrix"}  # rules that give a pair one synapse at most
DEVIATIONS = 5.0


def delay_bits(longest: int) -> int:
    """Bits of a delay register of 0 to `longest` steps."""
    return max(0, int(longest)).bit_length()


def layer_bits(program: Program, layer: str) -> int:
    """Bits of the delays of all synapses onto a layer: one width for all, so that they share formats."""
    known = longest_delays(program)
    return delay_bits(max((known[c.key] for c in program.into(layer) if c.key in known), default=0))


def formats(program: Program, layer: str) -> int:
    """How many ways of writing synapses a layer needs: exponents, signs, rules."""
    return len(
        {(c.quantised.exponent, c.quantised.low, c.key if c.plasticity.model.plastic else "") for c in program.into(layer) if c.quantised}
    )


def different(program: Program, layer: str, names: tuple[str, ...]) -> int:
    """How many different combinations of some registers a layer's neurons have."""
    import numpy as np

    columns = [np.atleast_1d(np.asarray(program.layer(layer).neuron.params.get(name, 0.0), object)) for name in names]
    if all(len(c) == 1 for c in columns):
        return 1
    if any(c.dtype == object and not np.issubdtype(np.array(c.tolist()).dtype, np.number) for c in columns):
        return 1  # (drawn: not known before they are)
    table = np.column_stack(np.broadcast_arrays(*(c.astype(float) for c in columns)))
    return len(np.unique(table, axis=0))


def accumulators(longest: int) -> float:
    """Sums that wait for later steps, of one compartment: 2^bits, of which 2^bits - 2 are steps of delay."""
    return 2.0 ** max(1, (int(longest) + 1).bit_length())


def words(synapses: float, bits: int) -> float:
    """64-bit words of a list: blocks of at most 64 synapses with a head of 10 bits, each rounded up to words."""
    whole, rest = divmod(synapses, BLOCK)
    out = whole * math.ceil((BLOCK * bits + HEAD) / WORD)
    return out + (math.ceil((rest * bits + HEAD) / WORD) if rest > 0 else 0)


def _kept(program: Program, name: str, make: Callable[[], Any]) -> Any:
    """A value that a program keeps, since it never changes."""
    if name not in program.__dict__:
        program.__dict__[name] = make()
    return program.__dict__[name]


def longest_delays(program: Program) -> dict[str, int]:
    """The longest delay register of every spiking connection."""
    return _kept(
        program, "_loihi_delays", lambda: {c.key: longest_delay(program, c) for c in program.connections if c.kinetics is not None}
    )


def longest_delay(program: Program, c: Connection) -> int:
    """The longest delay register of a connection onto a layer: a delay of d steps is d - 1 there."""
    lag = program.settings.get("loihi", {}).get(c.target, {}).get("lags", {}).get(c.key, 0)
    return max(1, c.wiring.delays()[1]) + lag - 1


def spread(c: Connection, mean: float, most: float) -> float:
    """How many more than the mean there may be where synapses are drawn: five standard deviations of independent draws."""
    if c.wiring.kind not in DRAWN or most <= 0.0:
        return 0.0
    return min(DEVIATIONS * math.sqrt(max(mean * (1.0 - mean / most), 0.0)), max(most - mean, 0.0))


def list_words(program: Program, c: Connection, lists: float, synapses: float, size: int) -> float:
    """Words of `lists` lists with so many synapses in all onto `size` compartments: sparse, or dense where that is smaller and no pair
    has two synapses.

    Lists are equally long; where synapses are drawn they differ, and each begins within a word: half a word more than what they hold.
    """
    if lists <= 0.0:
        return 0.0
    bits = WEIGHT + layer_bits(program, c.target)
    synapses += spread(c, synapses, c.wiring.n_source * size)
    each = max(1.0, synapses / lists)
    sparse = words(each, bits + INDEX)
    if c.wiring.kind in DRAWN:
        held = bits + INDEX
        full = max(0.0, each / BLOCK - 0.5) * (words(BLOCK, held) - BLOCK * held / WORD)  # what whole blocks leave empty
        rounding = 0.5 + DEVIATIONS * math.sqrt(1.0 / (12.0 * lists))  # of the last, which is uniform
        sparse = max(sparse, (each * held + HEAD) / WORD + full + rounding)
    return lists * (min(sparse, words(size, bits)) if once(program, c) else sparse)


def once(program: Program, c: Connection) -> bool:
    """Whether no source has two synapses onto one neuron, so that a list may do without the names of compartments."""
    if c.wiring.kind not in ("pairs", "stored"):
        return c.wiring.kind in ONCE
    known = _kept(program, "_loihi_once", dict)
    if c.key not in known:
        pairs = c.wiring.form
        ends = pairs.targets.astype("int64") * c.wiring.n_source + pairs.sources  # type: ignore[union-attr]
        ends.sort()
        known[c.key] = bool((ends[1:] != ends[:-1]).all())
    return known[c.key]


def usage(program: Program, layer: str, cut: Cut) -> dict[str, float]:
    """What neurons of a layer take of a core. Where synapses are drawn, means and five standard deviations.

    An out-axon is counted for each neuron and core that it reaches, with the cores that its targets will need when they are filled one
    layer at a time.
    """
    plain = _kept(program, "_loihi_uniform", dict)
    if layer not in plain:
        plain[layer] = all(c.wiring.kind in UNIFORM for c in (*program.into(layer), *program.out_of(layer)))
    if cut.box is not None or not plain[layer]:
        return _usage(program, layer, cut)
    known = _kept(program, "_loihi_usage", dict)
    if (layer, cut.size) not in known:
        known[layer, cut.size] = _usage(program, layer, Cut(0, cut.size))
    return known[layer, cut.size]


def _usage(program: Program, layer: str, cut: Cut) -> dict[str, float]:
    sources: dict[str, float] = {}
    size_of = {x.key: x.size for x in (*program.layers, *program.inputs)}
    held, longest = 0.0, max(longest_delays(program).values(), default=0)
    for c in program.into(layer):
        if c.kinetics is None:
            continue
        axons, each = c.wiring.axons(None, cut), 2.0 if c.plasticity.model.plastic else 1.0  # (nengo-loihi: idxs_per_synapse)
        axons += spread(c, axons, c.wiring.n_source)
        sources[c.source] = min(each * size_of[c.source], sources.get(c.source, 0.0) + each * axons)
        held += list_words(program, c, axons, c.wiring.count(None, cut), cut.size)
    out = {
        "neurons": float(cut.size),
        "in_axons": sum(sources.values()),
        "out_axons": sum(_reached(program, c, cut) for c in program.out_of(layer)),
        "synapse_words": held,
    }
    out["formats"] = formats(program, layer)
    out["thresholds"] = different(program, layer, ("vth",))
    out["profiles"] = different(program, layer, ("du", "dv", "refractory"))
    if program.target == "loihi":
        out["accumulators"] = cut.size * accumulators(longest)
    return out


def _reached(program: Program, c: Connection, cut: Cut) -> float:
    """(source, core) pairs of some sources: how many cores of the target layer each reaches."""
    n, per_core = c.wiring.n_target, fill(program, c.target)
    cores = math.ceil(n / per_core)
    if cores == 1:
        return c.wiring.axons(cut, None)
    reach = c.wiring.fan_out()[0]
    if c.wiring.kind == "window":
        form = c.wiring.form
        side = math.sqrt(per_core / max(1, min(form.out[0], per_core)))  # type: ignore[union-attr]
        places = [math.ceil(w / s) for w, s in zip(form.window, form.stride, strict=True)]  # type: ignore[union-attr]
        return cut.size * min(float(cores), math.prod(1.0 + (r - 1) / max(side, 1.0) for r in places))
    if c.wiring.kind in ("dense", "matrix"):
        return float(cut.size * cores)
    mean = cut.size * min(reach, cores * -math.expm1(reach * math.log1p(-1.0 / cores)))
    return mean + (spread(c, mean, cut.size * cores) if c.wiring.kind in DRAWN else 0.0)


def fill(program: Program, layer: str) -> int:
    """How many neurons of a layer one core holds, as far as what reaches them decides (kept for a program)."""
    known = _kept(program, "_loihi_fill", dict)
    if layer not in known:
        known[layer] = _fill(program, layer)
    return known[layer]


def _fill(program: Program, layer: str) -> int:
    from studio.backends.loihi.target import LOIHI, LOIHI_2

    limits = (LOIHI if program.target == "loihi" else LOIHI_2).limits
    size = program.layer(layer).size
    low, high = 1, min(size, int(limits["neurons"].value))
    while low < high:
        middle = (low + high + 1) // 2
        fits = _incoming(program, layer, Cut(0, middle))
        if all(fits[name] <= limits[name].value for name in fits if name in limits):
            low = middle
        else:
            high = middle - 1
    return low


def _incoming(program: Program, layer: str, cut: Cut) -> dict[str, float]:
    axons, held = 0.0, 0.0
    longest = max(longest_delays(program).values(), default=0)
    for c in program.into(layer):
        if c.kinetics is not None:
            if c.wiring.kind == "window":  # a box of the grid, not rows of it
                form = c.wiring.form
                count = cut.size * c.wiring.fan_in()[0]
                mine = (math.sqrt(cut.size) + max(form.window)) ** 2 * form.grid[0]  # type: ignore[union-attr]
            else:
                count, mine = c.wiring.count(None, cut), c.wiring.axons(None, cut)
            mine += spread(c, mine, c.wiring.n_source)
            axons += mine
            held += list_words(program, c, mine, count, cut.size)
    return {"in_axons": axons, "synapse_words": held, "accumulators": cut.size * accumulators(longest)}
