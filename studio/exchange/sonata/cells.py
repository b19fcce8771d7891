"""A population's neuron and receptors as one of NEST's cells, which SONATA names as `model_template`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from studio.engine.parameters import Receptor, per_element, receptors
from studio.findings import Finding, FindingError
from studio.network.flat import FlatNetwork, FlatPopulation

NANO_TO_PICO = 1000.0  # nA in pA, nF in pF, uS in nS
# kinetics -> (NEST's cell, factor on weights, the receptor parameters of each side: ours -> NEST's, with {} for ex or in)
CELLS: dict[str, tuple[str, float, dict[str, str]]] = {
    "delta": ("iaf_psc_delta", 1.0, {}),
    "exponential": ("iaf_psc_exp", NANO_TO_PICO, {"tau": "tau_syn_{}"}),
    "alpha": ("iaf_psc_alpha", NANO_TO_PICO, {"tau": "tau_syn_{}"}),
    "conductance_exponential": ("iaf_cond_exp", NANO_TO_PICO, {"tau": "tau_syn_{}", "e_rev": "E_{}"}),
    "conductance_alpha": ("iaf_cond_alpha", NANO_TO_PICO, {"tau": "tau_syn_{}", "e_rev": "E_{}"}),
}
NEURON = {"tau_m": ("tau_m", 1.0), "c_m": ("C_m", NANO_TO_PICO), "v_rest": ("E_L", 1.0), "v_reset": ("V_reset", 1.0), "v_th": ("V_th", 1.0)}
NEURON |= {"t_ref": ("t_ref", 1.0), "i_offset": ("I_e", NANO_TO_PICO)}


@dataclass(frozen=True)
class Cell:
    """NEST's cell with its parameters (numbers, or one per neuron), and the factor on each receptor's weights."""

    template: str
    params: Mapping[str, Any]
    factors: tuple[float, ...]


def cell(flat: FlatNetwork, population: FlatPopulation, signs: Mapping[str, frozenset[int]]) -> Cell:
    """The cell of a population; `signs`: those of the weights of each projection, by key. Raises FindingError where NEST has none."""
    if population.model.key != "lif":
        raise _refused(population, f"“{population.model.title}” has no counterpart among the cells that are written", "Use lif.")
    of = receptors(flat, population.path)
    keys = {r.kinetics.model.key for r in of} or {"delta"}
    if len(keys) > 1 or not keys <= CELLS.keys():
        raise _refused(population, f"NEST has no cell with {' and '.join(sorted(keys))}", f"Use one of {', '.join(CELLS)}.")
    (key,) = keys
    template, factor, names = CELLS[key]
    params = {theirs: _value(flat, population, ours, by) for ours, (theirs, by) in NEURON.items()}
    if template.startswith("iaf_cond"):
        params["g_L"] = _shared(np.asarray(params["C_m"]) / np.asarray(params.pop("tau_m")))
    params["V_m"] = _start(flat, population, params["E_L"])
    factors: list[float] = []
    for r in of:
        side = _side(population, r, frozenset(s for k in r.projections for s in signs[k]), params["E_L"])
        for ours, theirs in names.items():
            told = theirs.format(side)
            given = _number(population, r, ours)
            if params.setdefault(told, given) != given:
                raise _refused(
                    population,
                    f"NEST's {template} has one {told}, not {params[told]:g} and {given:g} {'mV' if ours == 'e_rev' else 'ms'}",
                    "Give these projections equal kinetics.",
                )
        factors.append(-factor if side == "in" and "e_rev" in names else factor)
    return Cell(f"nest:{template}", params, tuple(factors))


def _refused(population: FlatPopulation, text: str, fix: str) -> FindingError:
    return FindingError([Finding("lossy.neuron", "error", population.path, f"{text}.", fix)])


def _side(population: FlatPopulation, r: Receptor, signs: frozenset[int], rest: Any) -> str:
    """Whether a receptor is NEST's excitatory or inhibitory one."""
    if "e_rev" in r.kinetics.params:
        return "ex" if float(r.kinetics.params["e_rev"]) > float(np.mean(rest)) else "in"
    if r.kinetics.model.key == "delta" or not signs - {0}:
        return "ex"
    if len(signs - {0}) > 1:
        equal = "NEST tells receptors apart by the sign of weights; one receptor here has both"
        raise _refused(population, equal, "Give positive and negative weights projections of their own, with other kinetics.")
    return "ex" if 1 in signs else "in"


def _number(population: FlatPopulation, r: Receptor, name: str) -> float:
    value = r.kinetics.params[name]
    if not isinstance(value, (int, float)):
        raise _refused(population, f"{name} of “{r.kinetics.model.title}” differs from neuron to neuron", "Give one number.")
    return float(value)


def _value(flat: FlatNetwork, population: FlatPopulation, name: str, factor: float) -> Any:
    given = per_element(population.neuron.params[name], population.size, flat.run.seed, population.path, name)
    return _shared(np.asarray(given, float) * factor)


def _start(flat: FlatNetwork, population: FlatPopulation, rest: Any) -> Any:
    if "v" not in population.start:
        return rest
    return _shared(np.asarray(per_element(population.start["v"], population.size, flat.run.seed, population.path, "start", "v")))


def _shared(values: np.ndarray) -> Any:
    """One number where all are equal."""
    array = np.asarray(values, float)
    return float(array.ravel()[0]) if array.ndim == 0 or np.ptp(array) == 0 else array
