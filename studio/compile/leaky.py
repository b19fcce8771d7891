"""The normal form of a leaky integrate-and-fire population in discrete steps: what every integer machine lowers from.

`normal_form(program, key)` reads it off the models of a layer and of the synapses that reach it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.compile.program import Connection, Layer, Program
from studio.findings import Finding

Number = float | np.ndarray
TAKES = ("lif", "lif_euler", "if_euler", "cubalif_euler", "leaky_integrator", "li_euler", "loihi", "truenorth")
EXACT = ("lif", "leaky_integrator")  # advanced by their propagator


@dataclass(frozen=True)
class Receptor:
    """What the synapses of some connections do to a neuron: `c[n] = decay c[n-1] + w[n]`, of which `gain c[n - lag]` reaches the membrane.

    `w[n]` is the sum of the weights that arrive in step n, in the connections' unit. `decay` 0: nothing is left after the step. `gain` is
    in the membrane's unit per unit of weight. `lag` 1: an arrival moves the membrane from the next step on (an exponential current).
    While the neuron is held, c goes on, but nothing reaches the membrane.
    """

    connections: tuple[str, ...]
    kinetics: str
    decay: Number
    gain: Number
    lag: int
    tau: Number = 0.0  # ms, of the decay; 0 where there is none


@dataclass(frozen=True)
class Leaky:
    """One step of every neuron of a layer. Numbers are plain floats, or float64 arrays with one entry per neuron.

        c_k[n] = decay_k c_k[n-1] + w_k[n]                                                 for every receptor k
        x[n]   = decay x[n-1] + drive + analog I[n] + sum over k of gain_k c_k[n - lag_k]  unless held; then max(x, floor)
        spike  where x[n] >= threshold (`strict`: >); then x[n] = 0, or x[n] - threshold (`subtract`), and x is held for `hold` steps

    x is the voltage counted from the reset, v = x + zero, in `unit`; `I[n]` is the sum of analog inputs [nA]. `threshold` None: never fires.
    A spike of step n arrives in step n + delay. `hold` is the refractory time in steps: after a spike in step n the next may come in step
    n + hold + 1.

    For `lif` and `leaky_integrator` with dt the step, R = tau_m/c_m and P = exp(-dt/tau_m) this is the exact propagator (Rotter and
    Diesmann 1999, doi:10.1007/s004220050570): decay = P, drive = (1 - P)(v_rest + R i_offset - v_reset), analog = (1 - P) R, gain of a jump
    1, gain of an exponential current R tau/(tau - tau_m) (exp(-dt/tau) - P) at lag 1. Nothing is lost here for those models; the forward
    Euler neurons are exact too, their step being their definition. What a machine makes of these numbers is its own loss.
    `notes` are sentences on what is not exact.
    """

    layer: str
    unit: str
    decay: Number
    threshold: Number | None
    drive: Number
    analog: Number
    start: Number
    hold: Number
    receptors: tuple[Receptor, ...]
    zero: Number = 0.0
    strict: bool = False
    subtract: bool = False
    floor: Number | None = None
    tau: Number = np.inf  # ms; inf: no leak
    notes: tuple[str, ...] = ()

    def receptor_of(self, connection: str) -> Receptor:
        """The receptor at which a connection arrives; raises StopIteration for none."""
        return next(r for r in self.receptors if connection in r.connections)


def per_element(value: Any, n: int, seed: int, *path: object) -> Number:
    """A value as one number, or one per neuron, drawn as a run draws it. (The engine's, loaded when it is needed.)"""
    from studio.engine.parameters import per_element

    return per_element(value, n, seed, *path)


def collapsed(values: Any) -> Number:
    """One number where all are equal."""
    array = np.asarray(values, float)
    if array.ndim == 0:
        return float(array)
    return float(array[0]) if array.size and bool(np.all(array == array[0])) else array


Result = tuple[Leaky | None, tuple[Finding, ...]]


def normal_form(program: Program, key: str) -> Result:
    """The normal form of a layer, or None with findings (`fit.model`) that say what does not fit and what would."""
    layer = program.layer(key)
    make = FORMS.get(layer.neuron.model.key)
    if make is None:
        text = f"“{layer.neuron.model.title}” has no form as a leaky integrate-and-fire neuron in steps."
        return None, (Finding("fit.model", "error", layer.path, text, f"Use one of {', '.join(TAKES[:-2])}."),)
    made = make(_Numbers(program, layer))
    groups, wrong = _groups(program, layer)
    receptors = []
    for group in groups:
        receptor, problem = _receptor(program, layer, made, group)
        receptors += [receptor] if receptor is not None else []
        wrong += [problem] if problem is not None else []
    if wrong:
        return None, tuple(wrong)
    leaky = Leaky(layer=key, receptors=tuple(receptors), **{k: v for k, v in made.items() if k not in ("resistance", "own")})
    problem = _judged(layer, leaky)
    return (None, (problem,)) if problem is not None else (leaky, ())


def _judged(layer: Layer, leaky: Leaky) -> Finding | None:
    if leaky.threshold is None or np.min(leaky.threshold) > 0.0:
        return None
    text = f"the threshold lies {-float(np.min(leaky.threshold)):g} {leaky.unit} below the reset, or on it: the neuron would fire in every step."
    return Finding("fit.model", "error", layer.path, text, "Raise the threshold, or lower the reset.")


@dataclass(frozen=True)
class _Numbers:
    """The parameters of a layer as numbers, drawn as a run draws them."""

    program: Program
    layer: Layer

    @property
    def dt(self) -> float:
        return self.program.dt

    def __getitem__(self, name: str) -> Any:
        return self._number(self.layer.neuron.params[name], name)

    def start(self, state: str, otherwise: Number) -> Number:
        given = self.layer.start.get(state)
        return otherwise if given is None else self._number(given, "start", state)

    def _number(self, value: Any, *path: str) -> Number:
        low, high = self.layer.origin or (0, self.layer.size)
        if isinstance(value, np.ndarray) and value.size == self.layer.size:
            low, high = 0, self.layer.size
        made = per_element(value, high, self.program.seed, self.layer.path, *path)
        return collapsed(made[low:high]) if isinstance(made, np.ndarray) else made


def _exact(n: _Numbers, threshold: bool = True) -> dict[str, Any]:
    """`lif` and `leaky_integrator`."""
    tau, resistance = n["tau_m"], n["tau_m"] / n["c_m"]
    left, gone = np.exp(-n.dt / tau), -np.expm1(-n.dt / tau)
    zero = n["v_reset"] if threshold else n["v_rest"]
    return {
        "unit": "mV",
        "decay": collapsed(left),
        "threshold": collapsed(n["v_th"] - zero) if threshold else None,
        "drive": collapsed(gone * (n["v_rest"] + resistance * n["i_offset"] - zero)),
        "analog": collapsed(gone * resistance),
        "start": collapsed(n.start("v", n["v_rest"]) - zero),
        "hold": collapsed(np.rint(n["t_ref"] / n.dt)) if threshold else 0.0,
        "zero": zero,
        "tau": tau,
        "resistance": resistance,
    }


def _euler(n: _Numbers, threshold: bool = True) -> dict[str, Any]:
    """`lif_euler` and `li_euler`: x moves by dt/tau of what it lacks."""
    share, r = n.dt / n["tau"], n["r"]
    zero = n["v_reset"] if threshold else n["v_leak"]
    offset = n["i_offset"] if "i_offset" in n.layer.neuron.params else 0.0
    return {
        "unit": "mV",
        "decay": collapsed(1.0 - share),
        "threshold": collapsed(n["v_threshold"] - zero) if threshold else None,
        "drive": collapsed(share * (n["v_leak"] - zero + r * offset)),
        "analog": collapsed(share * r),
        "start": collapsed(n.start("v", n["v_leak"]) - zero),
        "hold": 0.0,
        "zero": zero,
        "strict": True,
        "tau": n["tau"],
        "resistance": r,
    }


def _sum(n: _Numbers) -> dict[str, Any]:
    """`if_euler`: adds r times the current of the step, whatever dt is."""
    r, zero = n["r"], n["v_reset"]
    return {
        "unit": "mV",
        "decay": 1.0,
        "threshold": collapsed(n["v_threshold"] - zero),
        "drive": collapsed(r * n["i_offset"]),
        "analog": r,
        "start": collapsed(n.start("v", 0.0) - zero),
        "hold": 0.0,
        "zero": zero,
        "strict": True,
        "resistance": r,
    }


def _cuba(n: _Numbers) -> dict[str, Any]:
    """`cubalif_euler`: all input goes through the neuron's own current, which moves first."""
    share, into, r = n.dt / n["tau_mem"], n.dt / n["tau_syn"] * n["w_in"], n["r"]
    zero, offset = n["v_reset"], n["i_offset"]
    held = np.any(offset) or any(c.kinetics is None for c in n.program.into(n.layer.key))
    notes = ("a constant or analog current acts at once, not through the neuron's synaptic current",) if held else ()
    return {
        "unit": "mV",
        "decay": collapsed(1.0 - share),
        "threshold": collapsed(n["v_threshold"] - zero),
        "drive": collapsed(share * (n["v_leak"] - zero + r * n["w_in"] * offset)),
        "analog": collapsed(share * r * n["w_in"]),
        "start": collapsed(n.start("v", n["v_leak"]) - zero),
        "hold": 0.0,
        "zero": zero,
        "strict": True,
        "tau": n["tau_mem"],
        "own": (collapsed(1.0 - n.dt / n["tau_syn"]), collapsed(share * r * into), n["tau_syn"]),
        "notes": notes,
    }


def _loihi(n: _Numbers) -> dict[str, Any]:
    """Loihi's integers as real numbers: its rounding towards zero is not in this form."""
    return {
        "unit": "",
        "decay": collapsed(1.0 - n["dv"] / 4096.0),
        "threshold": collapsed(64.0 * n["vth"]),
        "drive": collapsed(np.floor(n["bias_mant"] * 2.0 ** n["bias_exp"])),
        "analog": 64.0,
        "start": n.start("v", 0.0),
        "hold": collapsed(n["refractory"] - 1.0),
        "strict": True,
        "own": (collapsed((4095.0 - n["du"]) / 4096.0), 64.0, 0.0),
        "notes": ("the chip's rounding towards zero in every step is not in the form",),
    }


def _truenorth(n: _Numbers) -> dict[str, Any]:
    """TrueNorth's deterministic neuron without leak reversal: a sum with a leak that is added, not multiplied."""
    subtract, zero = bool(np.any(n["reset_mode"] == 1)), n["v_reset"]
    floor = -n["beta"] - zero if np.all(n["beta"] < 524287) else None
    return {
        "unit": "",
        "decay": 1.0,
        "threshold": collapsed(n["alpha"] - (0.0 if subtract else zero)),
        "drive": n["leak"],
        "analog": 1.0,
        "start": collapsed(n.start("v", n["v_start"]) - (0.0 if subtract else zero)),
        "hold": 0.0,
        "zero": 0.0 if subtract else zero,
        "subtract": subtract,
        "floor": None if floor is None else collapsed(floor + (zero if subtract else 0.0)),
        "resistance": 1.0,
    }


FORMS: Mapping[str, Callable[[_Numbers], dict[str, Any]]] = {
    "lif": _exact,
    "leaky_integrator": lambda n: _exact(n, False),
    "lif_euler": _euler,
    "li_euler": lambda n: _euler(n, False),
    "if_euler": _sum,
    "cubalif_euler": _cuba,
    "loihi": _loihi,
    "truenorth": _truenorth,
}


# receptors


def _groups(program: Program, layer: Layer) -> tuple[list[list[Connection]], list[Finding]]:
    """The connections that spike onto a layer, those of equal kinetics together, as in a run; and what the neuron itself forbids."""
    groups: dict[Any, list[Connection]] = {}
    for c in program.into(layer.key):
        if c.kinetics is not None:
            params = c.kinetics.params
            plain = all(isinstance(v, (int, float, str)) for v in params.values())
            groups.setdefault((c.kinetics.model.key, tuple(sorted(params.items())) if plain else c.key), []).append(c)
    return list(groups.values()), [*_forbidden(layer)]


def _forbidden(layer: Layer) -> tuple[Finding, ...]:
    if layer.neuron.model.key != "truenorth":
        return ()
    p = layer.neuron.params
    for name, why in (
        ("leak_reversal", "a leak that follows the sign"),
        ("leak_stochastic", "a leak by chance"),
        ("threshold_bits", "a threshold by chance"),
    ):
        if np.any(np.asarray(p[name]) != 0):
            text = f"{why} ({name}) has no form as a leaky integrate-and-fire neuron."
            return (Finding("fit.model", "error", f"{layer.path}.{name}", text, f"Set {name} to 0, or use the truenorth target."),)
    modes = np.unique(np.asarray(p["reset_mode"]))
    floors = np.all(np.asarray(p["floor_mode"]) == 1) or (np.all(np.asarray(p["beta"]) == 0) and np.all(np.asarray(p["v_reset"]) == 0))
    if len(modes) > 1 or modes[0] == 2 or not (floors or np.all(np.asarray(p["beta"]) >= 524287)):
        text = "this way of resetting has no form as a leaky integrate-and-fire neuron: it takes a reset to a value or by subtraction, and a potential that stays at its floor."
        return (Finding("fit.model", "error", f"{layer.path}.reset_mode", text, "Use reset_mode 0 or 1 with floor_mode 1."),)
    return ()


def _receptor(program: Program, layer: Layer, made: Mapping[str, Any], group: list[Connection]) -> tuple[Receptor | None, Finding | None]:
    kinetics = group[0].kinetics
    assert kinetics is not None
    word, keys, neuron = kinetics.model.key, tuple(c.key for c in group), layer.neuron.model.key
    if word == "pulse":
        own = made.get("own")
        if own is not None:
            return Receptor(keys, word, own[0], own[1], 0, own[2]), None
        return Receptor(keys, word, 0.0, made["analog"], 0), None
    if word == "delta" and made["unit"] == "mV":
        return Receptor(keys, word, 0.0, 1.0, 0), None
    if word == "exponential" and neuron in (*EXACT, "lif_euler", "li_euler"):
        tau = per_element(kinetics.params["tau"], layer.size, program.seed, group[0].key, "tau")
        decay = collapsed(np.exp(-program.dt / np.asarray(tau)))
        gain = made["analog"] if neuron not in EXACT else propagated(made["resistance"], made["tau"], tau, program.dt)
        return Receptor(keys, word, decay, gain, 1, tau), None
    text = f"synapses of kinetics “{kinetics.model.title}” have no form as a jump or an exponential current of {layer.neuron.model.title}."
    fix = "Use exponential or delta kinetics." if neuron in EXACT else "Use pulse kinetics."
    return None, Finding("fit.model", "error", group[0].path, text, fix)


def propagated(resistance: Number, tau_m: Number, tau: Number, dt: float) -> Number:
    """How far an exponential current of 1 at the beginning of a step has moved the voltage at its end: R times the propagator's entry.

    Written so that nothing is lost where both time constants are nearly the same, R dt/tau_m exp(-dt/tau) phi(d) with
    d = dt (1/tau - 1/tau_m) and phi(d) = (exp(d) - 1)/d, and nothing overflows where one is far shorter than a step.
    """
    first, second = dt / np.asarray(tau), dt / np.asarray(tau_m)
    d = np.asarray(first - second)
    near = np.where(np.abs(d) < 1e-9, 1.0, np.clip(d, -1.0, 1.0))
    phi = np.where(np.abs(d) < 1e-9, 1.0 + d / 2.0, np.expm1(near) / near)
    apart = np.where(np.abs(d) > 1.0, d, 1.0)
    moved = np.where(np.abs(d) > 1.0, (np.exp(-second) - np.exp(-first)) / apart, np.exp(-first) * phi)
    return collapsed(np.asarray(resistance) * second * moved)
