"""What the readers of NIR make of a graph, and graphs written so that each of them runs the network that is meant.

NIR holds no time step, and its readers do not agree about resistance, rest and reset. A dialect changes the units of the voltage, never the spikes:
rest is moved to 0, and the gain of a step becomes what the reader takes it to be. What a reader cannot do at all is a finding.
Read in the sources of norse 1.1.0, snntorch 1.0.0, sinabs 3.1.3 and snn-mlir 1.0.0; norse and snntorch were also run (docs/measurements.md).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

CURRENT = ("LIF", "LI")
SYNAPTIC = ("CubaLIF", "CubaLI")
FIRING = ("LIF", "CubaLIF", "IF")
Tell = Callable[..., None]


@dataclass(frozen=True)
class Dialect:
    """One reader: which nodes it takes, the step it assumes [s] (0: it is told), how it takes a resistance, and what it does otherwise.

    `gain` "unit": a step adds the input as it is, v = (1 - dt/tau) v + i, so that r is tau/dt (and w_in tau_syn/dt); "one": r is taken for 1;
    "": r is read. `steps`: time constants are in steps, for a decay of exp(-1/tau).
    """

    key: str
    title: str
    nodes: tuple[str, ...]
    gain: str = ""
    dt: float = 0.0
    steps: bool = False
    one_threshold: bool = False
    affine: bool = False
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
            "snntorch", "snnTorch", (*PLAIN, "LIF", "CubaLIF", "AvgPool2d"), "unit", dt=1e-4, one_threshold=True,
            says=("snnTorch takes every step for 0.1 ms: time constants are written in its steps of that length.",),
        ),
        Dialect(
            "sinabs", "sinabs", ("Input", "Output", "Affine", "Conv1d", "Conv2d", "Flatten", "IF", "LIF", "LI", "SumPool2d"), "unit",
            steps=True, affine=True, compatible="1.0.4",
            says=(
                "sinabs takes time constants for steps: they are written as such.",
                "sinabs resets by subtracting the threshold and may fire more than once in a step: it fires more than NIR says.",
            ),
        ),
        Dialect(
            "rockpool", "Rockpool", ("Input", "Output", "Affine", "Linear", "CubaLIF", "CubaLI"), "one", compatible="1.0.4",
            says=("Rockpool chooses its step from the time constants; set dt={dt:g} on its modules.",),
        ),
        Dialect(
            "snn-mlir", "snn-mlir", (*PLAIN, "IF", "LIF", "LI", "CubaLIF", "CubaLI", "SumPool2d", "AvgPool2d"), "unit",
            says=("snn-mlir takes chains only, and finds the step as tau / r.",),
        ),
    )
}  # fmt: skip


def adapt(nodes: dict[str, Any], dialect: Dialect, dt: float, tell: Tell) -> None:
    """Change the nodes of a graph in place for one reader; `dt` [s]. What that reader misreads is told."""
    for text in dialect.says:
        tell("lossy.dialect", "", text.format(dt=dt), "info")
    for name, node in list(nodes.items()):
        nodes[name] = node = _linear(node, dialect)
        kind = type(node).__name__
        if kind == "IF" and "IF" not in dialect.nodes and "LIF" in dialect.nodes:
            nodes[name] = node = _leakless(node, dt)
            kind = "LIF"
        if kind in (*CURRENT, *SYNAPTIC, "IF"):
            _units(name, node, kind, dialect, dt, tell)
        if kind not in dialect.nodes:
            tell("lossy.dialect", name, f"{dialect.title} does not read NIR's {kind}: “{name}” is missing there.")


def _linear(node: Any, dialect: Dialect) -> Any:
    """Factors as a matrix where the reader has no factors, a matrix with a bias where it has no other."""
    import nir

    kind = type(node).__name__
    if kind == "Scale" and "Scale" not in dialect.nodes and node.scale.ndim == 1:
        node, kind = nir.Linear(np.diag(node.scale).astype(np.float32)), "Linear"
    if kind == "Linear" and dialect.affine:
        return nir.Affine(node.weight, np.zeros(node.weight.shape[0], np.float32))
    return node


def _leakless(node: Any, dt: float) -> Any:
    """An integrate-and-fire neuron as a leaky one whose leak no single precision number shows."""
    import nir

    shape = np.shape(node.v_threshold)
    tau = np.full(shape, dt * 1e9, np.float32)
    gain = np.asarray(node.r, np.float64)
    return nir.LIF(
        tau=tau, r=tau / np.float32(dt), v_leak=np.zeros(shape, np.float32),
        v_threshold=np.asarray(node.v_threshold / gain, np.float32), v_reset=np.asarray(node.v_reset / gain, np.float32),
    )  # fmt: skip


def _units(name: str, node: Any, kind: str, dialect: Dialect, dt: float, tell: Tell) -> None:
    """Rest at 0, the gain that the reader takes, its time constants."""
    if kind != "IF":
        _rest(node, kind)
    factor = _gain(node, kind, dialect.gain, dt)
    for level in ("v_threshold", "v_reset", "v_leak"):
        if hasattr(node, level):
            setattr(node, level, np.asarray(getattr(node, level) * factor, np.float32))
    _times(node, dialect, dt)
    if kind in FIRING and np.any(np.asarray(node.v_reset)):
        tell("lossy.reset", name, f"{dialect.title} resets to rest: “{name}” has a reset voltage of its own, which is not read.")
    if kind in FIRING and dialect.one_threshold and np.ptp(np.asarray(node.v_threshold)) > 1e-6 * np.max(np.abs(node.v_threshold)):
        tell("lossy.dialect", name, f"{dialect.title} refuses “{name}”: its thresholds (in its units of input) are not all the same.")
    if kind in ("LI", "CubaLI") and np.any(np.abs(factor - 1.0) > 1e-6):
        tell(
            "lossy.dialect",
            name,
            f"What {dialect.title} gives as the voltage of “{name}” is {np.max(factor):.4g} times what is meant.",
            "info",
        )


def _rest(node: Any, kind: str) -> None:
    rest = np.asarray(node.v_leak, np.float64)
    for level in ("v_threshold", "v_reset", "v_leak"):
        if hasattr(node, level):
            setattr(node, level, np.asarray(np.asarray(getattr(node, level), np.float64) - rest, np.float32))


def _gain(node: Any, kind: str, gain: str, dt: float) -> np.ndarray:
    """By how much voltages grow when r (and w_in) become what the reader takes them for; sets them."""
    r = np.asarray(node.r, np.float64)
    if not gain:
        return np.ones_like(r)
    if kind == "IF" or gain == "one":
        node.r = np.ones_like(r, np.float32)
        return 1.0 / r
    tau = np.asarray(node.tau if kind in CURRENT else node.tau_mem, np.float64)
    factor = tau / dt / r
    node.r = np.asarray(tau / dt, np.float32)
    if kind in SYNAPTIC:
        factor = factor * np.asarray(node.tau_syn, np.float64) / dt / np.asarray(node.w_in, np.float64)
        node.w_in = np.asarray(node.tau_syn / dt, np.float32)
    return factor


def _times(node: Any, dialect: Dialect, dt: float) -> None:
    for time in ("tau", "tau_mem", "tau_syn"):
        if hasattr(node, time):
            tau = np.asarray(getattr(node, time), np.float64)
            if dialect.steps:
                tau = -1.0 / np.log1p(-np.minimum(dt / tau, 1.0 - 1e-12))
            elif dialect.dt:
                tau = tau * (dialect.dt / dt)
            setattr(node, time, np.asarray(tau, np.float32))
    if dialect.dt and hasattr(node, "r") and dialect.gain == "unit" and hasattr(node, "tau_mem"):
        node.r, node.w_in = (np.asarray(x / dialect.dt, np.float32) for x in (node.tau_mem, node.tau_syn))
    elif dialect.dt and hasattr(node, "tau") and dialect.gain == "unit":
        node.r = np.asarray(node.tau / dialect.dt, np.float32)
