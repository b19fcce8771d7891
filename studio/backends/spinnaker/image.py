"""What lies on the cores once a network is loaded: neurons' numbers in fixed point, synaptic rows by source, gains of injected currents.

A program and an artefact that was read back both become this, and `run.py` runs it; so the two can be compared exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from studio.backends.spinnaker import fixed
from studio.backends.spinnaker.packed import Packed
from studio.engine.parameters import collapsed
from studio.exchange.pynn.cells import Cell

CONDUCTANCE_BITS = 10  # weights of conductances are held times 2^10 (get_global_weight_scale of sPyNNaker 7.4.1)


@dataclass(frozen=True)
class Neurons:
    """The neurons of one layer. `registers` by name: one int64 for all or one per neuron; s16.15, decays and inits u0.32, `hold` in steps.

    `shift`: by how much a ring buffer's value is shifted left, for the excitatory and the inhibitory receptor.
    """

    key: str
    path: str
    size: int
    kind: str
    registers: Mapping[str, np.ndarray]
    shift: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Rows:
    """Synapses by source: those of source k are places starts[k] to starts[k + 1]. Sources are numbered through layers, then inputs, then extensions."""

    starts: np.ndarray  # int64
    targets: np.ndarray  # int64, numbered through layers
    types: np.ndarray  # uint8: 0 excitatory, 1 inhibitory
    weights: np.ndarray  # int64, 0 .. 65535
    delays: np.ndarray  # int64, steps

    @property
    def longest(self) -> int:
        """The longest delay, in steps."""
        return int(self.delays.max(initial=0))

    def deliver(self, ring: np.ndarray, sent: np.ndarray, step: int) -> int:
        """Add the rows of these sources to the ring (slots, receptors, neurons); how many synapses there were."""
        first, last = self.starts[sent], self.starts[sent + 1]
        counts = last - first
        total = int(counts.sum())
        if not total:
            return 0
        places = np.arange(total) + np.repeat(first - (np.cumsum(counts) - counts), counts)
        slots, _, n = ring.shape
        slot = (self.delays[places] + step) % slots
        np.add.at(ring.reshape(-1), (slot * 2 + self.types[places]) * n + self.targets[places], self.weights[places])
        return total


@dataclass(frozen=True)
class Rule:
    """How some synapses learn: their places in the rows, and the rule's numbers in steps of their weight.

    `up`, `down`: the largest step of a pair where it is additive, else 2^16 times the share that is missing, or there. `delay` [steps].
    """

    places: np.ndarray
    additive: bool
    up: int
    down: int
    most: int
    tau_plus: float  # ms
    tau_minus: float  # ms
    delay: int


def by_source(sources: np.ndarray) -> np.ndarray:
    """The order of synapses by source; what they add up to does not depend on the order within one."""
    small = np.uint16 if sources.max(initial=0) < 65_536 else np.uint32
    return np.argsort(sources.astype(small), kind="stable")


@dataclass(frozen=True)
class Gain:
    """Injected currents: input -> layer, current [nA] of target t = sum of gain * value of source s."""

    input: str
    layer: str
    sources: np.ndarray
    targets: np.ndarray
    gains: np.ndarray


@dataclass(frozen=True)
class Held:
    """A delay extension: a spike of element `sources[k]` of `of` is repeated by its own element `own[k]` so many steps later; by source."""

    key: str
    of: str
    size: int
    sources: np.ndarray
    own: np.ndarray
    delays: np.ndarray


@dataclass(frozen=True)
class Image:
    """A loaded machine: layers and the sizes of inputs, in the program's order; in rows the elements of extensions come behind them."""

    dt: float
    layers: tuple[Neurons, ...]
    inputs: tuple[tuple[str, int], ...]
    rows: Rows | Packed
    gains: tuple[Gain, ...] = ()
    rules: tuple[Rule, ...] = ()
    held: tuple[Held, ...] = ()


def registers(cell: Cell, dt: float, v: np.ndarray | float = 0.0) -> dict[str, np.ndarray]:
    """A cell's numbers as the core computes them when it starts: R = tau_m/cm, P = exp(-dt/tau_m), decays of the receptors. `v` [mV] is the start.

    Exponentials are taken to be rounded to nearest; on the chip the last bit may differ.
    """
    p = {name: np.asarray(value, np.float64) for name, value in cell.params.items()}
    step = fixed.s1615(dt)
    if cell.kind == "Izhikevich":
        own = {name: fixed.s1615(p[name]) for name in ("a", "b", "c", "d", "u", "i_offset")}
        out = {**own, "v": fixed.s1615(v), "h": step, "v_th": fixed.s1615(30.0)}
        return out | _receptors(p, step)
    tau = np.maximum(fixed.s1615(p["tau_m"]), 1)
    kept = fixed.s1615(np.exp(-step / tau))
    out = {
        "v": fixed.s1615(v),
        "v_rest": fixed.s1615(p["v_rest"]),
        "r": fixed.divided(tau, np.maximum(fixed.s1615(p["cm"]), 1)),
        "p": kept,
        "i_offset": fixed.s1615(p["i_offset"]),
        "v_reset": fixed.s1615(p["v_reset"]),
        "v_th": fixed.s1615(p["v_thresh"]),
        "hold": np.rint(p["tau_refrac"] / dt).astype(np.int64),
    }
    if cell.kind == "IF_curr_delta":
        out["scale"] = fixed.divided(np.int64(fixed.ONE), step)  # pyright: ignore[reportArgumentType]
        return out
    out |= _alphas(p, step) if cell.kind == "IF_curr_alpha" else _receptors(p, step)
    if cell.kind == "IF_cond_exp":
        out |= {"e_rev_e": fixed.s1615(p["e_rev_E"]), "e_rev_i": fixed.s1615(p["e_rev_I"])}
    return out


def _receptors(p: Mapping[str, np.ndarray], step: np.ndarray) -> dict[str, np.ndarray]:
    """What is left of a current after a step, and its mean over the first one."""
    out = {}
    for name, tau_syn in (("e", p["tau_syn_E"]), ("i", p["tau_syn_I"])):
        ratio = np.maximum(fixed.s1615(tau_syn), 1) / step
        out[f"decay_{name}"] = fixed.u032(np.exp(-1 / ratio))
        out[f"init_{name}"] = fixed.u032(-ratio * np.expm1(-1 / ratio))
    return out


def _alphas(p: Mapping[str, np.ndarray], step: np.ndarray) -> dict[str, np.ndarray]:
    """By how much the linear part of an alpha current grows in a step for each nA ms of a spike, and what is left of the exponential part."""
    out = {}
    for name, tau_syn in (("e", p["tau_syn_E"]), ("i", p["tau_syn_I"])):
        tau = np.maximum(fixed.s1615(tau_syn), 1)
        out[f"slope_{name}"] = fixed.divided(step, np.maximum(fixed.cut(tau, tau), 1))
        out[f"decay_{name}"] = fixed.u032(np.exp(-fixed.divided(step, tau) / fixed.ONE))
    return out


def jumping(cell: Cell, c_m: np.ndarray | float, dt: float) -> Cell:
    """IF_curr_delta with the capacitance at which a jump is as large as its weight for the exp(-dt/tau_m) that the core really has."""
    tau, step = np.maximum(fixed.s1615(cell.params["tau_m"]), 1), fixed.s1615(dt)
    cm = tau / fixed.ONE * (fixed.ONE - fixed.s1615(np.exp(-step / tau))) / step
    current = collapsed(cm / np.asarray(c_m, np.float64))
    offset = np.asarray(cell.params["i_offset"]) / np.asarray(cell.current) * np.asarray(current)
    return replace(cell, params={**cell.params, "cm": collapsed(cm), "i_offset": collapsed(offset)}, current=current)
