"""What the readers of NIR make of a graph, and graphs written so that each of them runs the network that is meant.

NIR holds no time step, and its readers do not agree about resistance, rest and reset. A dialect changes the units of the voltage, never the spikes:
rest is moved to 0, and the gain of a step becomes what the reader takes it to be. What a reader cannot do at all is a finding.
Run on such files: norse 1.1.0, snntorch 1.0.0, sinabs 3.1.3, Rockpool 3.1.0, and the front end of snn-mlir 1.0.0 (docs/measurements.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

CURRENT = ("LIF", "LI")
SYNAPTIC = ("CubaLIF", "CubaLI")
FIRING = ("LIF", "CubaLIF", "IF")
NOTHING = 1e-8  # what single precision does not see beside 1
Tell = Callable[..., None]


@dataclass(frozen=True)
class Dialect:
    """One reader: which nodes it takes, the step it assumes [s] (0: it is told), how it takes a resistance, and what it does otherwise.

    `gain` "unit": a step adds the input as it is, v = (1 - dt/tau) v + i, so that r is tau/dt (and w_in tau_syn/dt); "one": r is taken for 1;
    "late": as "unit", but a current decays in the step in which it comes; "": r is read. `decay` "steps": time constants are in steps, for a decay
    of exp(-1/tau); "seconds": for one of exp(-dt/tau); "": for one of 1 - dt/tau.
    """

    key: str
    title: str
    nodes: tuple[str, ...]
    gain: str = ""
    dt: float = 0.0
    decay: str = ""
    alike: tuple[str, ...] = ()  # parameters that it wants to be the same for all neurons of a node
    affine: bool = False  # whether it knows no matrix without a bias
    subtracts: bool = False  # whether it takes the threshold off a voltage, as often as it fits, where NIR resets
    grouped: bool = True  # whether it reads convolutions with groups
    compatible: str | None = None
    says: tuple[str, ...] = ()


PLAIN = ("Input", "Output", "Affine", "Linear", "Conv2d", "Flatten")
DIALECTS = {
    d.key: d
    for d in (
        Dialect(
            "norse", "norse", (*PLAIN, "IF", "LIF", "CubaLIF", "SumPool2d"), "one",
            says=("Read it with norse.torch.from_nir(graph, dt={dt:g}).",),
        ),
        Dialect(
            "snntorch", "snnTorch", (*PLAIN, "LIF", "CubaLIF", "SumPool2d", "AvgPool2d"), "unit", dt=1e-4, alike=("v_threshold",),
            says=("snnTorch takes every step for 0.1 ms: time constants are written in its steps of that length.",),
        ),
        Dialect(
            "sinabs", "sinabs", ("Input", "Output", "Affine", "Conv2d", "Flatten", "IF", "LIF", "LI", "SumPool2d"), "unit",
            decay="steps", affine=True, subtracts=True, grouped=False, compatible="1.0.4",
            says=("sinabs takes time constants for steps: they are written as such.",),
        ),
        Dialect(
            "rockpool", "Rockpool", ("Input", "Output", "Affine", "Linear", "CubaLIF"), "late", decay="seconds", subtracts=True, compatible="1.0.4",
            says=("Rockpool finds the step as tau_mem / (1 + r): r is written for a step of {dt:g} s.",),
        ),
        Dialect(
            "snn-mlir", "snn-mlir", (*PLAIN, "IF", "LIF", "LI", "CubaLIF", "CubaLI", "SumPool2d", "AvgPool2d"), "unit",
            alike=("tau", "tau_mem", "tau_syn", "r", "v_threshold"), says=("snn-mlir takes chains only, and finds the step as tau / r.",),
        ),
    )
}  # fmt: skip


def adapt(nodes: dict[str, Any], dialect: Dialect, dt: float, tell: Tell) -> None:
    """Change the nodes of a graph in place for one reader; `dt` [s]. What that reader misreads is told."""
    for text in dialect.says:
        tell("lossy.dialect", "", text.format(dt=dt), "info")
    for name, node in list(nodes.items()):
        nodes[name] = node = _current(_leaky(_linear(node, dialect), dialect, dt), dialect, dt)
        kind = type(node).__name__
        if kind in (*CURRENT, *SYNAPTIC, "IF"):
            _units(name, node, kind, dialect, dt, tell)
        if kind in FIRING:
            _fires(name, node, kind, dialect, tell)
        if kind not in dialect.nodes:
            tell("lossy.dialect", name, f"{dialect.title} does not read NIR's {kind}: “{name}” is missing there.")
        elif (kind in ("Conv1d", "Conv2d") and not dialect.grouped and node.groups > 1) or (
            kind in CURRENT and dialect.decay == "steps" and np.ndim(node.tau) > 1
        ):
            what = "convolutions with groups" if kind.startswith("Conv") else f"a {kind} with the shape of a grid"
            tell("lossy.dialect", name, f"{dialect.title} does not read {what}: it refuses “{name}”.")


def _linear(node: Any, dialect: Dialect) -> Any:
    """Factors as a matrix where the reader has no factors, a matrix with a bias where it has no other."""
    import nir

    kind = type(node).__name__
    if kind == "Scale" and "Scale" not in dialect.nodes and node.scale.ndim == 1:
        node, kind = nir.Linear(np.diag(node.scale).astype(np.float32)), "Linear"
    if kind == "Linear" and dialect.affine:
        return nir.Affine(node.weight, np.zeros(node.weight.shape[0], np.float32))
    return node


def _leaky(node: Any, dialect: Dialect, dt: float) -> Any:
    """An integrate-and-fire neuron, where the reader has none, as a leaky one whose leak no single precision number shows."""
    import nir

    if type(node).__name__ != "IF" or "IF" in dialect.nodes:
        return node
    shape = np.shape(node.v_threshold)
    gain = np.asarray(node.r, np.float64)
    return nir.LIF(
        tau=np.full(shape, dt * 1e9), r=np.full(shape, 1e9), v_leak=np.zeros(shape), v_threshold=node.v_threshold / gain, v_reset=node.v_reset / gain
    )  # fmt: skip


def _current(node: Any, dialect: Dialect, dt: float) -> Any:
    """A neuron without a synapse, where the reader has none, as one whose current decays to nothing within a step."""
    import nir

    if type(node).__name__ != "LIF" or "LIF" in dialect.nodes or "CubaLIF" not in dialect.nodes:
        return node
    given: dict[str, Any] = {k: np.asarray(getattr(node, k)) for k in ("r", "v_leak", "v_threshold", "v_reset")}
    tau = np.asarray(node.tau, np.float64)
    return nir.CubaLIF(tau_mem=tau, tau_syn=np.full(tau.shape, dt / (1.0 - NOTHING)), w_in=np.ones(tau.shape), **given)


def _units(name: str, node: Any, kind: str, dialect: Dialect, dt: float, tell: Tell) -> None:
    """Rest at 0, the gain that the reader takes, its time constants."""
    levels = [level for level in ("v_threshold", "v_reset", "v_leak") if hasattr(node, level)]
    rest = 0.0 if kind == "IF" else np.asarray(node.v_leak, np.float64)
    factor = _gain(node, kind, dialect, dt)
    for level in levels:
        setattr(node, level, np.asarray((getattr(node, level) - rest) * factor, np.float32))
    if kind in ("LI", "CubaLI") and np.any(np.abs(factor - 1.0) > 1e-6):
        text = f"What {dialect.title} gives as the voltage of “{name}” is {np.max(factor):.4g} times what is meant."
        tell("lossy.dialect", name, text, "info")


def _fires(name: str, node: Any, kind: str, dialect: Dialect, tell: Tell) -> None:
    """What the reader makes of a neuron that fires."""
    if np.any(np.asarray(node.v_reset)):
        tell("lossy.reset", name, f"{dialect.title} resets to rest: “{name}” has a reset voltage of its own, which is not read.")
    if dialect.subtracts:
        text = f"{dialect.title} takes the threshold off the voltage of “{name}” as often as it fits, each time with a spike, where NIR resets: it fires more."
        tell("lossy.reset", name, text)
    if kind == "IF" and dialect.decay == "steps":
        tell("lossy.dialect", name, f"{dialect.title} lets the voltage of “{name}” not fall below minus its threshold.")
    for param in dialect.alike:
        values = np.asarray(getattr(node, param, 0.0))
        if np.ptp(values) > 1e-6 * np.max(np.abs(values), initial=0.0):
            tell("lossy.dialect", name, f"{dialect.title} refuses “{name}”: its {param} (in its units) is not the same for all neurons.")


def _gain(node: Any, kind: str, dialect: Dialect, dt: float) -> np.ndarray:
    """By how much voltages grow when r, w_in and the time constants become what the reader takes them for; sets them."""
    r = np.asarray(node.r, np.float64)
    if kind == "IF" or dialect.gain == "one":
        node.r = np.ones_like(r, np.float32)
        return 1.0 / r
    factor = 1.0 / r
    taus = ("tau",) if kind in CURRENT else ("tau_mem", "tau_syn")
    for time in taus:
        part = dt / np.asarray(getattr(node, time), np.float64)  # of a state that decays in a step
        tau, left = _decay(part, dialect, dt)
        setattr(node, time, np.asarray(tau, np.float32))
        factor = factor / part * (left if time == "tau_syn" and dialect.gain == "late" else 1.0)
    if kind in SYNAPTIC:
        factor = factor / np.asarray(node.w_in, np.float64)
        node.w_in = np.asarray(node.tau_syn / (dialect.dt or dt), np.float32)
    mean = np.asarray(getattr(node, taus[0]), np.float64) / (dialect.dt or dt)
    node.r = np.asarray(np.ones_like(mean) if kind == "LI" and dialect.decay == "steps" else mean - (dialect.gain == "late"), np.float32)
    return factor


def _decay(part: np.ndarray, dialect: Dialect, dt: float) -> tuple[np.ndarray, np.ndarray]:
    """The reader's time constant of a state of which `part` decays in a step, and how much is left of it there."""
    if not dialect.decay:
        return (dialect.dt or dt) / part, 1.0 - part
    unit = 1.0 if dialect.decay == "steps" else dt
    tau = np.asarray(-unit / np.log1p(-np.minimum(part, 1.0 - 1e-12)), np.float32).astype(np.float64)
    return tau, np.exp(-unit / tau)
