"""Neurons and their receptors as NIR nodes, and how a weight of ours becomes a weight there."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.network.flat import FlatPopulation, FlatProjection

Tell = Callable[..., None]
EULER = {
    "lif_euler": "LIF",
    "li_euler": "LI",
    "cubalif_euler": "CubaLIF",
    "cubali_euler": "CubaLI",
    "if_euler": "IF",
    "integrator_euler": "I",
    "threshold_euler": "Threshold",
}
EXACT = {"lif": "LIF", "leaky_integrator": "LI"}
# kinetics that a NIR neuron has itself, and those that become them: the charge [nA ms] of a spike of weight 1, from what the node says and tau
OWN = ("pulse", "exponential")
Charge = Callable[["Neuron", float], "np.ndarray | float"]
CHARGES: dict[str, Charge] = {
    "pulse": lambda node, tau: node.dt,
    "exponential": lambda node, tau: tau,
    "delta": lambda node, tau: node.charge_of_delta,
    "alpha": lambda node, tau: math.e * tau,
}


@dataclass(frozen=True)
class Neuron:
    """A NIR node and what its input must be multiplied with.

    `tau_syn` [ms] is None for a node that takes one step's current (LIF, LI), else the decay of a CubaLIF or CubaLI.
    `current` is what a constant current is multiplied with; `resistance` moves one into `v_leak` (None where there is none).
    """

    node: Any
    path: str
    dt: float
    charge_of_delta: np.ndarray  # charge [nA ms] that moves v by 1 mV
    tau_syn: float | None
    current: float
    resistance: np.ndarray | None

    def scale(self, projection: FlatProjection, tell: Tell) -> np.ndarray | None:
        """What a weight is multiplied with, (n_target,); None (and a finding) where NIR has nothing like it.

        Kinetics that NIR does not have are replaced by the node's own, with the same charge per spike.
        """
        kinetics = projection.kinetics
        assert kinetics is not None
        key, ours = kinetics.model.key, _tau(projection)
        ones = np.ones(len(self.charge_of_delta))
        if (key == "pulse" and self.tau_syn is None) or (key == "exponential" and self.tau_syn == ours):
            return ones
        if key not in CHARGES:
            tell("lossy.kinetics", projection.path, f"NIR has no “{kinetics.model.title}”; the connection is left out.")
            return None
        own = self.dt if self.tau_syn is None else self.tau_syn
        shape = "a pulse of one step" if self.tau_syn is None else f"an exponential current of {self.tau_syn:g} ms"
        tell(
            "lossy.kinetics",
            projection.path,
            f"“{kinetics.model.title}” is written as {shape} with the same charge.",
            *(("info",) if key == "delta" and self.tau_syn is None else ()),
        )
        return np.asarray(CHARGES[key](self, ours or 0.0)) / own * ones


def neuron(
    population: FlatPopulation,
    values: Mapping[str, np.ndarray],
    incoming: Sequence[FlatProjection],
    dt: float,
    shape: tuple[int, ...],
    tell: Tell,
) -> Neuron | None:
    """The NIR node of a population, its parameters in a shape, or None and a finding."""
    key, path = population.model.key, population.path
    if key not in EULER and key not in EXACT:
        tell("lossy.neuron", path, f"NIR has no “{population.model.title}”; the population and its connections are left out.")
        return None
    if population.start:
        tell("lossy.start", path, "NIR has no start values; other tools start at v_leak.")
    given = _numbers(values) if key in EXACT else {k: np.asarray(v) for k, v in values.items()}
    if key in EXACT:
        tell(
            "lossy.exact",
            path,
            f"“{population.model.title}” is integrated exactly here; NIR's tools step its equation by forward Euler, so spikes may shift.",
            "info",
        )
        if np.any(values.get("t_ref", 0.0)):
            tell(
                "lossy.refractory",
                path,
                f"NIR has no refractory time; {np.max(values['t_ref']):g} ms are left out, so other tools fire more.",
            )
    if EULER.get(key, "LIF") not in ("LIF", "LI"):
        return _own(EULER[key], given, path, dt, shape, tell)
    tau_syn = _tau_syn(incoming)
    made = _node((EULER | EXACT)[key], {k: np.reshape(v, shape) for k, v in given.items()}, tau_syn, dt)
    return Neuron(made, path, dt, given["tau"] / given["r"], tau_syn, 1.0 if tau_syn is None else dt / tau_syn, given["r"])


def _own(kind: str, given: Mapping[str, np.ndarray], path: str, dt: float, shape: tuple[int, ...], tell: Tell) -> Neuron | None:
    """Neurons that NIR steps as we do and that take a sum each step: CubaLIF, CubaLI, IF, I, Threshold."""
    import nir

    f: dict[str, Any] = {k: np.asarray(np.reshape(v / 1e3 if k.startswith("tau") else v, shape), np.float32) for k, v in given.items()}
    del f["i_offset"]
    r = given["r"]
    if kind == "Threshold":
        if (r <= 0).any():
            tell(
                "lossy.neuron", path, "a NIR Threshold has no resistance, so a negative one cannot be written; the population is left out."
            )
            return None
        node: Any = nir.Threshold(np.asarray(np.reshape(given["v_threshold"] / r, shape), np.float32))
    else:
        node = getattr(nir, kind)(**f)
    with np.errstate(divide="ignore"):
        charge = given["tau_mem"] / (r * given["w_in"]) if "tau_mem" in given else dt / r
    return Neuron(node, path, dt, charge, None, 1.0, r * given["w_in"] if "tau_mem" in given else None)


def _numbers(values: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The exact neurons' parameters under NIR's names (times still in ms)."""
    out = {"tau": values["tau_m"], "r": values["tau_m"] / values["c_m"], "v_leak": values["v_rest"]}
    return out | ({"v_threshold": values["v_th"], "v_reset": values["v_reset"]} if "v_th" in values else {})


def _tau_syn(incoming: Sequence[FlatProjection]) -> float | None:
    """The decay [ms] that the node's one synapse gets: of the first exponential or alpha connection, None without any."""
    slow = [p for p in incoming if p.kinetics is not None and p.kinetics.model.key in ("exponential", "alpha")]
    exponential = [p for p in slow if p.kinetics is not None and p.kinetics.model.key == "exponential"]
    return _tau((exponential or slow)[0]) if slow else None


def _tau(projection: FlatProjection) -> float | None:
    given = projection.kinetics.params.get("tau") if projection.kinetics is not None else None
    return float(np.mean(given)) if isinstance(given, (int, float, np.ndarray)) else None


def _node(kind: str, given: Mapping[str, np.ndarray], tau_syn: float | None, dt: float) -> Any:
    import nir

    f: dict[str, Any] = {k: np.asarray(v, np.float32) for k, v in given.items() if k not in ("tau", "i_offset")}
    tau = np.asarray(given["tau"] / 1e3, np.float32)
    if tau_syn is None:
        return nir.LIF(tau=tau, **f) if kind == "LIF" else nir.LI(tau=tau, **f)
    synapse: dict[str, Any] = {
        "tau_mem": tau,
        "tau_syn": np.full(tau.shape, tau_syn / 1e3, np.float32),
        "w_in": np.full(tau.shape, tau_syn / dt, np.float32),
    }
    return nir.CubaLIF(**synapse, **f) if kind == "LIF" else nir.CubaLI(**synapse, **f)
