"""NEST's golden files as networks of the studio."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from engine.networks import network, pairs, population, projection, source

from studio.network.flat import FlatNetwork, FlatPopulation, FlatProjection, FlatSource, Record

DATA = Path(__file__).parent / "data"


def golden(name: str) -> dict[str, Any]:
    """One golden file."""
    return json.loads((DATA / f"{name}.json").read_text())


def cell(model: str, p: dict[str, Any], n: int = 1, **start: Any) -> FlatPopulation:
    """NEST's neuron model as a population “cell”."""
    own = {"v": p["V_m"], **start} if "V_m" in p else start
    lif = {
        "v_rest": p.get("E_L"),
        "v_reset": p.get("V_reset"),
        "v_th": p.get("V_th"),
        "t_ref": p.get("t_ref"),
        "i_offset": p.get("I_e", 0.0) / 1000.0,
    }
    if model == "iaf_psc_delta" and p["refractory_input"]:
        return population("cell", n, "lif_refractory_input", own, tau_m=p["tau_m"], c_m=p["C_m"] / 1000.0, **lif)
    if model.startswith("iaf_psc"):
        return population("cell", n, "lif", own, tau_m=p["tau_m"], c_m=p["C_m"] / 1000.0, **lif)
    if model.startswith("iaf_cond"):
        return population("cell", n, "lif", own, tau_m=p["C_m"] / p["g_L"], c_m=p["C_m"] / 1000.0, **lif)
    if model.startswith("aeif"):
        extra = {
            "c_m": p["C_m"] / 1000.0,
            "g_l": p["g_L"] / 1000.0,
            "delta_t": p["Delta_T"],
            "v_peak": p["V_peak"],
            "a": p["a"] / 1000.0,
            "b": p["b"] / 1000.0,
            "tau_w": p["tau_w"],
        }
        return population("cell", n, "adex", {**own, "w_adapt": p["w"] / 1000.0}, **lif, **extra)
    if model == "hh_psc_alpha":
        return hodgkin_huxley(p, n, own)
    if model == "gif_psc_exp":
        return generalised(p, n, own)
    assert model == "izhikevich", model
    numbers = {k: p[k] for k in "abcd"} | {
        "v_th": p["V_th"],
        "i_offset": p["I_e"] / 1000.0,
        "original": 0 if p["consistent_integration"] else 1,
    }
    return population("cell", n, "izhikevich", {**own, "u": p["U_m"]}, **numbers)


def hodgkin_huxley(p: dict[str, Any], n: int, start: dict[str, Any]) -> FlatPopulation:
    gates = {"m": p["Act_m"], "h": p["Inact_h"], "n": p["Act_n"]}
    numbers = {"g_na": p["g_Na"], "g_k": p["g_K"], "g_l": p["g_L"], "c_m": p["C_m"], "i_offset": p["I_e"]}
    others = {"e_na": p["E_Na"], "e_k": p["E_K"], "v_rest": p["E_L"], "t_ref": p["t_ref"]}
    return population("cell", n, "hodgkin_huxley", start | gates, **{k: v / 1000.0 for k, v in numbers.items()}, **others)


def generalised(p: dict[str, Any], n: int, start: dict[str, Any], dt: float = 0.1) -> FlatPopulation:
    """NEST holds the spike-triggered current over a step, and its threshold is that of the step's beginning.

    Ours flow through the step. The same voltages follow from a current larger by the ratio of what a held and what a decaying current
    leave behind after a step, and from a threshold larger by one step of its decay.
    """
    tau_m, numbers = p["C_m"] / p["g_L"], {}
    for k, (q, tau) in enumerate(zip(p["q_stc"], p["tau_stc"], strict=True), 1):
        held = tau_m * -np.expm1(-dt / tau_m)
        flowing = (np.exp(-dt / tau) - np.exp(-dt / tau_m)) / (1 / tau_m - 1 / tau)
        numbers |= {f"q_stc_{k}": q / 1000.0 * held / flowing, f"tau_stc_{k}": tau}
    for k, (q, tau) in enumerate(zip(p["q_sfa"], p["tau_sfa"], strict=True), 1):
        numbers |= {f"q_sfa_{k}": q * np.exp(dt / tau), f"tau_sfa_{k}": tau}
    numbers |= {"c_m": p["C_m"] / 1000.0, "g_l": p["g_L"] / 1000.0, "i_offset": p["I_e"] / 1000.0, "lambda_0": p["lambda_0"] / 1000.0}
    others = {"v_rest": p["E_L"], "v_reset": p["V_reset"], "v_th": p["V_T_star"], "delta_v": p["Delta_V"], "t_ref": p["t_ref"]}
    return population("cell", n, "gif_psc_exp", start, **numbers, **others)


def kinetics(model: str, p: dict[str, Any], inhibitory: bool) -> tuple[str, dict[str, float]]:
    """The receptor that a spike of this sign reaches."""
    side = "in" if inhibitory else "ex"
    if "psc_delta" in model:
        return "delta", {}
    if model == "izhikevich":
        return "delta" if p["consistent_integration"] else "pulse", {}
    if "cond" in model:
        shape = "alpha" if "alpha" in model else "exponential"
        return f"conductance_{shape}", {"tau": p[f"tau_syn_{side}"], "e_rev": p[f"E_{side}"]}
    return "alpha" if "alpha" in model else "exponential", {"tau": p[f"tau_syn_{side}"]}


def weight(model: str, p: dict[str, Any], w: Any) -> Any:
    """NEST's weight in the studio's unit and sign."""
    if "psc_delta" in model or (model == "izhikevich" and p["consistent_integration"]):
        return w
    return np.abs(w) / 1000.0 if "cond" in model else np.asarray(w) / 1000.0


def plain(value: Any) -> Any:
    return float(value) if np.ndim(value) == 0 else np.asarray(value, float)


def single(g: dict[str, Any], method: str | None = None, record: list[Record] | None = None) -> FlatNetwork:
    """A `single_neuron` file: one cell, a step current, spike inputs."""
    p, model = g["params"], g["model"]
    sources: list[FlatSource] = []
    projections: list[FlatProjection] = []
    if g["step_current"]["times_ms"]:
        current = g["step_current"]
        sources.append(
            source(
                "step",
                1,
                "step_current",
                times=np.array(current["times_ms"]),
                amplitudes=np.array(current["amplitudes_pA"])[:, None] / 1000.0,
            )
        )
        projections.append(projection("step", "step", "cell", weight=1.0, delay=current["delay_ms"], kinetics=None))
    for k, given in enumerate(g["input_spikes"]):
        sources.append(source(f"in{k}", 1, "spike_list", times=np.array(given["times_ms"])))
        own = plain(weight(model, p, given["weight"]))
        projections.append(
            projection(f"in{k}", f"in{k}", "cell", weight=own, delay=given["delay_ms"], kinetics=kinetics(model, p, given["weight"] < 0))
        )
    return network(
        [cell(model, p)], sources, projections, record, duration=g["simulated_ms"], dt=g["dt_ms"], precision="double", method=method
    )


def recurrent(
    model: str,
    p: dict[str, Any],
    n: int,
    inputs: tuple[np.ndarray, np.ndarray, int],
    lists: dict[str, tuple[np.ndarray, ...]],
    record: list[Record],
    duration: float,
    **start: Any,
) -> FlatNetwork:
    """A circuit: lists “in” and “rec” of (source, target, weight, delay), split by the sign of the weight."""
    times, ids, n_inputs = inputs
    projections = []
    for origin, name in (("input", "in"), ("cell", "rec")):
        s, t, w, d = (np.asarray(x) for x in lists[name])
        for side, mask in (("ex", w >= 0), ("in", w < 0)):
            if mask.any():
                projections.append(
                    projection(
                        f"{name}_{side}",
                        origin,
                        "cell",
                        pairs(s[mask].astype(int), t[mask].astype(int)),
                        plain(weight(model, p, w[mask])),
                        plain(d[mask]),
                        kinetics(model, p, side == "in"),
                    )
                )
    sources = [source("input", n_inputs, "spike_list", times=times, ids=ids)]
    return network([cell(model, p, n, **start)], sources, projections, record, duration=duration, dt=0.1, precision="double")
