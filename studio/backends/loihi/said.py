"""What does not fit a compartment, and what rounding leaves of a population: the sentences of Loihi's compiler."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.backends.loihi import learning
from studio.backends.loihi.compartment import LIMIT
from studio.compile.leaky import Leaky, Receptor
from studio.compile.program import Connection, Layer, Program
from studio.compile.report import Loss
from studio.compile.target import Target
from studio.findings import Finding

if TYPE_CHECKING:
    from studio.backends.loihi.legalise import Chip

HELD = 62  # steps: the refractory register holds 63, of which the first is the step after the spike
WORST_DECAY = 0.1  # share of a time constant by which a decay register may miss it


@dataclass(frozen=True)
class Merged:
    findings: tuple[Finding, ...] = ()
    losses: tuple[Loss, ...] = ()


def one_receptor(program: Program, leaky: Leaky, merge: bool) -> tuple[Leaky, Merged]:
    """The population with one decay of its current: as it is, or merged into that which brings most charge, or refused."""
    kinds = {np.asarray(r.decay, float).tobytes() for r in leaky.receptors}
    if len(kinds) < 2:
        return leaky, Merged()
    ranked = sorted(leaky.receptors, key=lambda r: -_charge(program, r))
    main, others = ranked[0], ranked[1:]
    if not merge:
        return leaky, Merged(tuple(_refused(program, main, r) for r in others))
    receptors, losses = [main], []
    for r in others:
        shrink = (1.0 - np.asarray(main.decay)) / (1.0 - np.asarray(r.decay))
        receptors.append(replace(r, decay=main.decay, tau=main.tau, gain=np.asarray(r.gain) * shrink, lag=main.lag))
        for c in r.connections:
            path = program.connection(c).path
            text = f"{_named(r)} became {_named(main)} with the same charge: a compartment has one decay for its current."
            worst = float(np.max(np.abs(np.asarray(r.tau) - np.asarray(main.tau))))
            n = round(program.connection(c).wiring.count())
            losses.append(Loss(path, "time constant", "replaced", n, n, worst, "ms", text))
    found = tuple(Finding("lossy.kinetics", "warning", x.path, x.text) for x in losses)
    return replace(leaky, receptors=tuple(receptors)), Merged(found, tuple(losses))


def _charge(program: Program, r: Receptor) -> float:
    total = 0.0
    for c in map(program.connection, r.connections):
        total += max(abs(w) for w in c.wiring.weights()) * c.wiring.fan_in()[0]
    return total * float(np.mean(np.abs(r.gain) / (1.0 - np.asarray(r.decay))))


def _named(r: Receptor) -> str:
    tau = float(np.mean(r.tau))
    return f"a current of {tau:g} ms" if tau else "a jump"


def _refused(program: Program, main: Receptor, r: Receptor) -> Finding:
    c = program.connection(r.connections[0])
    text = f"spikes arrive as {_named(r)} here and as {_named(main)} elsewhere at the same neurons; a compartment has one decay for its current."
    tau = float(np.mean(main.tau))
    fix = (
        f"Set {c.path}.kinetics.tau to {tau:g} ms." if tau and r.kinetics == "exponential" else f"Set {c.path}.kinetics to {main.kinetics}."
    )
    fix += " Or compile with time_constants=merge, which keeps the charge of every spike."
    return Finding("fit.model", "error", f"{c.path}.kinetics", text, fix)


def crossbars(program: Program) -> Iterator[Finding]:
    """Projections whose weights lie on a crossbar in the document: here they are as they were meant."""
    for c in program.connections:
        if c.crossbar is not None:
            text = "in the document these weights lie on a crossbar; here they are whole numbers in a memory, without its losses."
            yield Finding("lossy.crossbar", "info", c.path, text)


def registers(layer: Layer) -> Iterator[Finding]:
    """Numbers of integer neurons that the catalogue takes and a chip's register does not hold."""
    for name, low, high in (("dv", 0, 4095), ("bias_exp", 0, 7)):
        least, most = (int(f(np.asarray(layer.neuron.params[name], float))) for f in (np.min, np.max))
        if least < low or most > high:
            text = f"{name} is {most if most > high else least}; the register holds {low} to {high}."
            fix = f"Set {layer.path}.{name} to {high if most > high else low}."
            yield Finding("fit.model", "error", f"{layer.path}.{name}", text, fix)


def learns(program: Program, layer: Layer) -> Iterator[Finding]:
    """Why synapses onto a layer cannot learn on the chip."""
    taught = [c for c in program.into(layer.key) if learning.plastic(c)]
    whole = layer.neuron.model.key == "loihi"
    wrong = [f for c in taught if (f := learning.unfit(c) or (learning.unfit_unit(c) if whole else None)) is not None]
    yield from wrong
    if taught and not wrong and any(c.kinetics is None for c in program.into(layer.key)):
        text = "its synapses learn while the host writes its bias; that is not emulated."
        yield Finding("fit.plasticity", "error", layer.path, text, "Drive it by spikes.")
    if len(taught) > 1 and not wrong:
        reach = {learning.largest_weight(c): c for c in taught}
        if len(reach) > 1:
            least, most = min(reach), max(reach)
            text = f"the largest weight here is {least:g}, and {most:g} of other synapses at the same neurons that learn; on the chip both are 255."
            yield Finding(
                "fit.plasticity", "error", f"{reach[least].path}.plasticity", text, f"Set {reach[least].path}.plasticity.w_max to {most:g}."
            )


def unfit(program: Program, layer: Layer, leaky: Leaky, chip: Chip, target: Target) -> Iterator[Finding]:
    """What a compartment cannot hold, whatever the scale."""
    held = float(np.max(leaky.hold))
    if held > HELD:
        text = f"the refractory time of {held * program.dt:g} ms is {held:g} steps of {program.dt:g} ms; a compartment counts to {HELD}."
        fix = f"Set {layer.path}.t_ref to {HELD * program.dt:g} ms. Or lengthen the step: --option dt={held * program.dt / HELD:.2g}."
        yield Finding("fit.model", "error", f"{layer.path}.t_ref", text, fix)
    if leaky.subtract or leaky.floor is not None:
        text = "a compartment resets to zero and has no floor."
        yield Finding("fit.model", "error", f"{layer.path}.model", text, f"Set {layer.path}.model to lif.")
    yield from _decay(f"{layer.path}.{_named_tau(layer)}", leaky.decay, chip.voltage, program.dt, layer.neuron.model.key.endswith("_euler"))
    for r in leaky.receptors[:1]:
        path = program.connection(r.connections[0]).path
        euler = r.kinetics != "exponential"
        where = f"{layer.path}.tau_syn" if euler else f"{path}.kinetics.tau"
        yield from _decay(where, r.decay, chip.current, program.dt, euler)
    profiles = _different(leaky.hold, chip.du, chip.dv)
    if profiles > target.limit("profiles"):
        text = (
            f"the neurons have {profiles} different combinations of decay and refractory time; a core holds {target.limit('profiles'):g}."
        )
        yield Finding("fit.model", "error", layer.path, text, "Give all neurons the same time constants, or a few.")


def _different(*columns: Any) -> int:
    return len(np.unique(np.column_stack([c.ravel() for c in np.broadcast_arrays(*(np.atleast_1d(c) for c in columns))]), axis=0))


def _named_tau(layer: Layer) -> str:
    """What a model calls the time constant of its membrane."""
    names = [p.name for p in layer.neuron.model.params]
    return next((name for name in ("tau_m", "tau_mem", "tau") if name in names), names[0])


def _decay(where: str, exact: Any, chip: np.ndarray, dt: float, euler: bool) -> Iterator[Finding]:
    exact = np.asarray(exact, float)
    if np.any((exact < 0.0) | (exact > 1.0)):
        yield Finding("fit.model", "error", where, f"a step of {dt:g} ms is too long for this time constant.", "Use a shorter dt.")
        return
    with np.errstate(divide="ignore", invalid="ignore"):
        miss = np.where((exact > 0.0) & (exact < 1.0), np.abs((1.0 - chip) / (1.0 - exact) - 1.0), 0.0)
    if np.max(miss) > WORST_DECAY:
        lost = 4096.0 * (1.0 - float(np.broadcast_to(exact, miss.shape).ravel()[int(np.argmax(miss))]))
        near = max(1.0, float(np.rint(lost))) / 4096.0
        tau = dt / near if euler else -dt / np.log1p(-near)
        text = f"the decay is {lost:.3g}/4096 in a step of {dt:g} ms; the register holds whole numbers and misses it by {100 * float(np.max(miss)):.0f} %."
        longer = dt * max(1.0, 5.0 / lost)
        fix = f"Set {where} to {tau:.4g} ms." + (f" Or set run.dt to {longer:.2g} ms." if longer <= 10.0 else "")
        yield Finding("fit.step", "error", where, text, fix)


def left(
    layer: Layer, leaky: Leaky, chip: Chip, params: Mapping[str, Any], scale: np.ndarray, settings: Mapping[str, Any]
) -> tuple[tuple[Loss, ...], tuple[Finding, ...]]:
    """What rounding registers costs a population."""
    n, out = layer.size, []
    unit = float(np.min(scale))
    for what, exact, made in (
        ("membrane decay", leaky.decay, chip.voltage),
        *(("current decay", r.decay, chip.current) for r in leaky.receptors[:1]),
    ):
        lost = float(np.max(np.abs(np.asarray(exact) - made)))
        if lost > 0.0 and np.any(np.asarray(exact) > 0.0):
            with np.errstate(divide="ignore"):
                share = float(np.max(np.abs((1.0 - made) / (1.0 - np.asarray(exact)) - 1.0)))
            out.append(
                Loss(
                    layer.path,
                    what,
                    "rounded",
                    n,
                    n,
                    100 * share,
                    "%",
                    f"The {what} is held in 4096ths: its rate is off by {100 * share:.2g} %.",
                )
            )
    if leaky.threshold is not None:
        miss = float(np.max(np.abs(64.0 * params["vth"] / scale - np.asarray(leaky.threshold))))
        out.append(
            Loss(
                layer.path,
                "threshold",
                "rounded",
                n,
                n,
                miss,
                leaky.unit,
                f"The threshold is held in steps of {64 / unit:.2g} {leaky.unit}.",
            )
        )
    beyond = np.broadcast_to(np.abs(np.asarray(leaky.start) * scale) - LIMIT, (n,))
    if np.any(beyond > 0.0):
        text = f"A voltage register holds {LIMIT / unit:.3g} {leaky.unit} from the reset: starts beyond that begin there."
        out.append(Loss(layer.path, "start", "saturated", int((beyond > 0.0).sum()), n, float(beyond.max()) / unit, leaky.unit, text))
    step = 2.0 ** params["bias_exp"] / unit
    if np.any(np.asarray(leaky.drive)) or settings["numbers"]["exponent"]:
        text = f"The constant drive of a step is held in steps of {step:.2g} {leaky.unit}."
        out.append(Loss(layer.path, "bias", "rounded", n, n, step / 2, leaky.unit, text))
    drift = 1.0 / max(1.0 - float(np.max(chip.voltage)), 1.0 / 4096) / unit
    text = f"The chip rounds towards zero in every step: at worst {drift:.2g} {leaky.unit} of a steady voltage."
    out.append(Loss(layer.path, "voltage", "rounded", n, n, drift, leaky.unit, text))
    out += [Loss(layer.path, "input", "replaced", n, n, 0.0, leaky.unit, f"{note[0].upper()}{note[1:]}.") for note in leaky.notes]
    return tuple(out), ()


def weight_sign(c: Connection) -> str:
    """How a quantised connection's mantissas are signed."""
    q = c.quantised
    assert q is not None
    return "excitatory" if q.low >= 0 else "inhibitory" if q.high <= 0 else "mixed"
