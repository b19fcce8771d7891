"""The first passes: which cell each layer becomes, what its numbers lose in fixed point, and how weights lie in the ring buffers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from studio.backends.spinnaker import fixed
from studio.backends.spinnaker.image import jumping, registers
from studio.backends.spinnaker.memory import relay_dtcm
from studio.backends.spinnaker.relays import cells_of, relays
from studio.compile.passes.quantise import errors, said
from studio.compile.passes.weights import sampled
from studio.compile.program import Connection, Input, Layer, Program
from studio.compile.report import Loss
from studio.compile.target import Target
from studio.compile.wiring import Quantised
from studio.engine.parameters import per_element, source_form
from studio.exchange.pynn.cells import CELLS, EXCITATORY, INHIBITORY, Cell, cell_of
from studio.findings import Finding
from studio.models.spec import Rates
from studio.network.flat import FlatSource

CONDUCTANCE_SCALE = 1024.0  # get_global_weight_scale of InputTypeConductance, sPyNNaker 7.4.1
SIGMA = 5.0  # ring_buffer_sigma of sPyNNaker 7.4.1
USUAL = 10.0  # Hz: what neurons are taken to fire at where currents may overlap
OVERLAP = 0.05  # the share of steps with arrivals from which that is said
MOST_SHIFT = 15  # of 16 bits into the 32 of an s16.15
FINE = 512  # steps that the largest weight keeps before room is given up


def cell(program: Program, layer: str) -> Cell:
    """The cell of a layer that `CheckCells` let pass."""
    found, _ = _cell(program, program.layer(layer))
    assert found is not None, "the layer has a cell"
    return found


def _cell(program: Program, layer: Layer) -> tuple[Cell | None, tuple[Finding, ...]]:
    spans = {c.key: c.wiring.real().weights() for c in program.into(layer.key) if c.kinetics is not None}
    found, findings = cell_of(layer, program.into(layer.key), spans.__getitem__, program.seed, program.dt, chip=True)
    if found is None or found.kind != "IF_curr_delta":
        return found, findings
    c_m = per_element(layer.neuron.params["c_m"], layer.size, program.seed, layer.path, "c_m")
    return jumping(found, c_m, program.dt), findings


def later(kind: str) -> int:
    """Steps that are added to every delay, so that a spike moves the voltage in the step in which it would in the ideal network.

    A cell takes a current in the tick in which it arrives; an ideal current of that moment moves the voltage from the next step on.
    """
    return 0 if kind == "IF_curr_delta" else 1


def kind_of(program: Program, layer: str) -> str:
    """The cell type of a layer, from its synapses alone."""
    if program.layer(layer).neuron.model.key == "izhikevich":
        return "Izhikevich"
    kinds = (c.kinetics.model.key for c in program.into(layer) if c.kinetics is not None)
    return CELLS[next(kinds, "exponential")]


def delays(program: Program, connection: Connection) -> tuple[int, int]:
    """The (shortest, longest) delay of a connection on the machine, in steps."""
    more = later(kind_of(program, connection.target))
    low, high = connection.wiring.delays()
    return low + more, high + more


@dataclass(frozen=True)
class CheckCells:
    """Says which layers have no PyNN cell (`fit.model`), which delays (`fit.delay`) and rules (`fit.plasticity`) the machine does not have.

    Needs: the lowered program, `CheckModels` passed. Guarantees: `cell(program, layer)` for every layer; what fixed point makes of its
    numbers is said (`Loss`).
    """

    name: str = "cells"

    def __call__(self, program: Program, target: Target) -> Program:
        found = [f for layer in program.layers for f in _cell(program, layer)[1]]
        if found:
            return program.say(*found)
        program = program.lose(*(loss for layer in program.layers for loss in _rounded(program, layer)))
        return program.say(*_delays(program, target), *_rules(program), *_alphas(program))


@dataclass(frozen=True)
class CheckScript:
    """Says where no PyNN script will be written beside the tables, because it would have to list too many synapses (`lossy.pynn`, a warning)."""

    name: str = "script"

    def __call__(self, program: Program, target: Target) -> Program:
        from studio.exchange.pynn.writing import too_long

        if program.flat is None:
            return program
        flat = replace(program.flat, run=replace(program.flat.run, dt=program.dt))
        return program.say(*(replace(f, severity="warning", text=f"{f.text} The artefact has no script.") for f in too_long(flat)))


def _rounded(program: Program, layer: Layer) -> Iterator[Loss]:
    """What the numbers of a layer become."""
    c = cell(program, layer.key)
    made = registers(c, program.dt)
    if c.kind == "IF_curr_alpha":
        yield from _slopes(layer, c, made, program.dt)
    if c.kind == "Izhikevich":
        text = (
            "Solved by a midpoint step with a longer one after each spike, and 0.040008 in place of 0.04; values are multiples of 1/32768."
        )
        yield Loss(layer.path, "equations", "replaced", layer.size, layer.size, 0.0, "", text)
        return
    tau, kept = np.asarray(c.params["tau_m"], np.float64), np.asarray(made["p"], np.float64) / fixed.ONE
    acting = np.where(kept > 0, -program.dt / np.log(np.clip(kept, 1e-9, 1 - 1e-9)), 0.0)
    off = np.where(kept < 1, np.abs(acting - tau), tau)
    worst = float(np.max(off))
    if worst > 0:
        k = int(np.argmax(off)) if np.ndim(off) else 0
        was, now, forgets = (float(np.ravel(np.broadcast_to(x, np.shape(off)))[k]) for x in (tau, acting, kept < 1))
        acts = f"acts as {now:.5g} ms" if forgets else "becomes none, so that the membrane does not decay"
        text = f"tau_m {was:g} ms {acts}, exp(-dt/tau_m) being a multiple of 1/32768."
        yield Loss(layer.path, "tau_m", "rounded", layer.size, layer.size, worst, "ms", text)
    pairs = {"v_rest": "v_rest", "v_reset": "v_reset", "v_thresh": "v_th", "i_offset": "i_offset"}
    off = [float(np.max(np.abs(fixed.real(made[reg]) - np.asarray(c.params[name], np.float64)))) for name, reg in pairs.items()]
    if max(off) > 0:
        text = "Voltages and currents are multiples of 1/32768 mV and nA."
        yield Loss(layer.path, "parameters", "rounded", sum(x > 0 for x in off), len(off), max(off), "mV", text)


def _slopes(layer: Layer, c: Cell, made: Mapping[str, np.ndarray], dt: float) -> Iterator[Loss]:
    """What is lost of an alpha current, whose slope is a multiple of 1/32768 of dt/tau^2."""
    for name, place in (("tau_syn_E", "e"), ("tau_syn_I", "i")):
        tau = float(np.max(c.params[name]))
        off = abs(float(fixed.real(made[f"slope_{place}"])) * tau**2 / dt - 1.0)
        if off > 0:
            text = f"Alpha currents of {name} {tau:g} ms come out {100 * off:.2g} % off, dt/tau^2 being a multiple of 1/32768."
            yield Loss(layer.path, name, "rounded", layer.size, layer.size, off, "", text)
            return


def _alphas(program: Program) -> Iterator[Finding]:
    """Alpha currents that rise too fast or too slowly for s16.15, and those that overlap (synapse_types_alpha_impl.h of sPyNNaker)."""
    rates = {x.key: rate_of(x, program) for x in program.inputs}
    for layer in program.layers:
        into = [c for c in program.into(layer.key) if c.kinetics is not None and c.kinetics.model.key == "alpha"]
        for c in into:
            assert c.kinetics is not None
            tau = float(c.kinetics.params["tau"])
            low, high = math.sqrt(program.dt), math.sqrt(program.dt * fixed.ONE)
            if not low < tau < high:
                text = f"tau is {tau:g} ms; at steps of {program.dt:g} ms sPyNNaker's alpha current has one between {low:.3g} and {high:.4g} ms."
                yield Finding("fit.model", "error", f"{c.path}.tau", text, f"Set {c.path}.tau between them, or use exponential.")
        places = cell(program, layer.key).receptor if into else {}
        for place in dict.fromkeys(places[c.key] for c in into):
            mine = [c for c in into if places[c.key] == place]
            a_step = sum(c.wiring.fan_in()[0] * rates.get(c.source, USUAL) for c in mine) * program.dt / 1000.0
            share = 1.0 - math.exp(-a_step)
            if share > OVERLAP:
                text = (
                    f"Spikes arrive in about {100 * share:.2g} % of the steps; sPyNNaker's alpha current decays twice in such a step, "
                    f"so that about {100 / (1 + share):.3g} % of it flow."
                )
                yield Finding("lossy.kinetics", "warning", mine[0].path, text, "Use exponential synapses.")


def looked_back(target: Target) -> int:
    """The longest delay [steps] for which the delay extension of a single source fits the memory of a core."""
    steps = 1
    while relay_dtcm(1, 1, 2 * steps + 1) <= target.limit("dtcm"):
        steps = 2 * steps + 1
    return steps


def _delays(program: Program, target: Target) -> Iterator[Finding]:
    for c in program.connections:
        if c.kinetics is None:
            continue
        (low, high), (least, most) = delays(program, c), target.delay
        most = min(most, looked_back(target))
        more = later(kind_of(program, c.target))
        if low < least:
            text = f"The delay {(low - more) * program.dt:g} ms is {low - more} steps; {target.title} needs at least {least - more or 1}."
            yield Finding("fit.delay", "error", f"{c.path}.delay", text, f"Set {c.path}.delay to {least * program.dt:g} ms.")
        if high > most:
            text = f"The longest delay is {high - more} steps of {program.dt:g} ms; ring buffers and delay extensions hold {most - more}."
            yield Finding(
                "fit.delay",
                "error",
                f"{c.path}.delay",
                text,
                f"Set {c.path}.delay to {(most - more) * program.dt:g} ms, or run.dt to a longer step.",
            )


def _rules(program: Program) -> Iterator[Finding]:
    for layer in program.layers:
        plastic = [c for c in program.into(layer.key) if c.plasticity.model.plastic]
        for c in plastic:
            p = c.plasticity.params
            if (p["mu_plus"], p["mu_minus"]) not in ((0.0, 0.0), (1.0, 1.0)):
                text = f"Its exponents are mu_plus {p['mu_plus']:g} and mu_minus {p['mu_minus']:g}; sPyNNaker has 0 and 0 (additive), or 1 and 1 (multiplicative)."
                yield Finding("fit.plasticity", "error", f"{c.path}.plasticity", text, f"Set {c.path}.mu_plus and mu_minus to 0.")
            elif c.wiring.delays()[0] != c.wiring.delays()[1]:
                text = f"Its delays differ, from {c.wiring.delays()[0]} to {c.wiring.delays()[1]} steps; what learns has one delay here."
                yield Finding("fit.plasticity", "error", f"{c.path}.plasticity", text, f"Set {c.path}.delay to one number.")
            elif dict(p) != dict(plastic[0].plasticity.params):
                text = f"The rule differs from that of “{plastic[0].path}”; all that learns onto one population has one rule there."
                yield Finding("fit.plasticity", "error", f"{c.path}.plasticity", text, "Give both the same parameters.")


@dataclass(frozen=True)
class ChooseShifts:
    """Chooses how far each ring buffer's 16 bits are shifted, and with it the steps of weights (`Connection.quantised`).

    Needs: slices. Guarantees: `settings["shifts"]`: layer -> (excitatory, inhibitory); every spiking connection is quantised, no weight saturates.

    A shift is safe when all synapses of a receptor may fire at once without overflow. Where the largest weight would then keep fewer than
    512 steps it leaves as much room as those steps do, but never less than sPyNNaker: what a rate of `rate` Hz (of sources: their own)
    brings in a step, plus 5 standard deviations. Beyond that ring buffers saturate, which the emulator counts. `headroom` "always": safe whatever it costs. `quick`: what rounding costs is not said.
    """

    rate: float = 30.0
    headroom: str = "auto"
    quick: bool = False
    name: str = "weights"

    def __call__(self, program: Program, target: Target) -> Program:
        large = tuple(_too_large(program))
        if large:
            return program.say(*large)
        shifts: dict[str, tuple[int, int]] = {}
        made: list[Connection] = []
        rates = rates_of(program)
        for layer in cells_of(program):
            c = cell(program, layer.key)
            into = [x for x in program.into(layer.key) if x.kinetics is not None]
            both = [self._shift(into, c, place, rates, program.dt) for place in (EXCITATORY, INHIBITORY)]
            if any(c.receptor[x.key] is None for x in into):
                both = [max(both)] * 2
            shifts[layer.key] = (both[0], both[1])
            made += [_quantised(x, both[c.receptor[x.key] or 0], c.receptor[x.key], _scale(c, x.key)) for x in into]
        if self.quick:
            return program.with_connections(made).choose(shifts=shifts)
        made = [replace(x, wiring=replace(x.wiring, quantised=_costed(x))) for x in made]
        losses = [loss for x in made for loss in said(x, sampled(x))]
        program = program.with_connections(made).choose(shifts=shifts).lose(*sorted(losses, key=lambda x: x.path))
        return program.say(*_small_steps(program))

    def _shift(self, into: list[Connection], c: Cell, place: int, rates: dict[str, float], dt: float) -> int:
        """The left shift of one receptor's ring buffer."""
        largest = total = mean = variance = 0.0
        for x in into:
            weight = _largest(x, c.receptor[x.key], place) * _scale(c, x.key)
            if weight == 0.0:
                continue
            synapses = x.wiring.fan_in()[1]
            a_step = rates.get(x.source, self.rate) * dt / 1000.0
            largest = max(largest, weight)
            total += weight * synapses * max(1.0, math.ceil(a_step + 3 * math.sqrt(a_step)) if x.source in rates else 1.0)
            mean += weight * synapses * a_step
            variance += weight**2 * synapses * a_step
        safe = min(_bits(total), MOST_SHIFT)
        if self.headroom == "always" or not largest:
            return safe
        likely = _bits(max(largest, min(total, mean + SIGMA * math.sqrt(variance))))
        roomy = fixed.FRACTION - math.ceil(math.log2(FINE / largest))  # the most room at which the largest weight keeps its steps
        return min(safe, max(likely, roomy))


def _too_large(program: Program) -> Iterator[Finding]:
    """Weights beyond what a value of s16.15 holds, however far a ring buffer is shifted."""
    for layer in cells_of(program):
        c = cell(program, layer.key)
        for x in (x for x in program.into(layer.key) if x.kinetics is not None):
            scale, most = _scale(c, x.key), max(_largest(x, c.receptor[x.key], place) for place in (EXCITATORY, INHIBITORY))
            if most * scale >= 2.0 ** (MOST_SHIFT + 1):
                unit = x.kinetics.model.weight_unit if x.kinetics is not None else ""
                text = f"Its largest weight is {most:.4g} {unit}; SpiNNaker's ring buffers hold less than {2.0 ** (MOST_SHIFT + 1) / scale:.6g} {unit}."
                fix = f"Set {x.path}.weight to less than {2.0 ** (MOST_SHIFT + 1) / scale:.6g}."
                yield Finding("fit.weights", "error", f"{x.path}.weight", text, fix)


def _scale(c: Cell, key: str) -> float:
    """What a weight of a connection is multiplied by before it lies in a ring buffer."""
    return CONDUCTANCE_SCALE if c.kind == "IF_cond_exp" else c.factor(key)


def _largest(x: Connection, receptor: int | None, place: int) -> float:
    """The largest magnitude that a connection brings to a receptor."""
    low, high = x.wiring.real().weights()
    if receptor is None:
        return max(0.0, high if place == EXCITATORY else -low)
    most = max(abs(low), abs(high), abs(float(x.plasticity.params.get("w_max", 0.0))) if x.plasticity.model.plastic else 0.0)
    return most if receptor == place else 0.0


def _bits(weight: float) -> int:
    """The smallest shift at which 16 bits hold a weight: it is below 2 to the shift."""
    return 0 if weight < 1.0 else int(math.floor(math.log2(weight))) + 1


def _quantised(x: Connection, shift: int, receptor: int | None, scale: float) -> Connection:
    """With steps for weights. What is drawn for a receptor of one sign and falls on the other side of 0 is 0, and counts as saturated."""
    assert x.kinetics is not None
    positive = receptor == EXCITATORY or "e_rev" in x.kinetics.params
    low, high = (0 if positive else -fixed.FULL_WEIGHT), (fixed.FULL_WEIGHT if positive or receptor is None else 0)
    step = 2.0 ** (shift - fixed.FRACTION) / scale
    q = Quantised(fixed.WEIGHT_BITS + 1, low, high, step, shift)
    return replace(x, wiring=replace(x.wiring, quantised=q))


def _costed(x: Connection) -> Quantised:
    assert x.quantised is not None
    return replace(x.quantised, **errors(x.quantised, x, sampled(x)))


def _small_steps(program: Program) -> Iterator[Finding]:
    """Rules whose steps are smaller than what a weight can move by."""
    for c in program.connections:
        q = c.quantised
        if q is None or not c.plasticity.model.plastic:
            continue
        p = c.plasticity.params
        step = abs(float(p["learning_rate"]) * float(p["w_max"]))
        if step < float(q.scale):
            unit = c.kinetics.model.weight_unit if c.kinetics is not None else ""
            text = f"One pair of spikes moves a weight by at most {step:.3g} {unit}; a weight is a multiple of {float(q.scale):.3g} {unit} there, so that most pairs move nothing."
            yield Finding(
                "fit.plasticity",
                "warning",
                f"{c.path}.learning_rate",
                text,
                f"Set {c.path}.learning_rate to at least {float(q.scale) / abs(float(p['w_max'])):.2g}.",
            )


def rates_of(program: Program) -> dict[str, float]:
    """The highest rate of the elements of every spike source, and of delay extensions of such."""
    rates = {x.key: rate_of(x, program) for x in program.inputs}
    return rates | {key: rates[r.of] for key, r in relays(program).items() if r.of in rates}


def rate_of(x: Input, program: Program) -> float:
    """The highest rate of a spike source's elements [Hz]; 0 for currents. Given lists: their mean rate."""
    if x.analog:
        return 0.0
    form = source_form(FlatSource(x.path, x.path, x.size, x.shape, x.source), program.seed, program.dt)
    if isinstance(form, Rates):
        return float(np.max(form.hz, initial=0.0))
    seconds = program.steps * program.dt / 1000.0
    return len(getattr(form, "steps", ())) / max(1, x.size) / seconds
