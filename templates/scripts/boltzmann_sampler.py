"""Stochastic units that sample a Boltzmann distribution, logistic ones and noisy devices; and a map that colours itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.network.build import Network, Node, explicit

UNITS, SEED, WEIGHT, BIAS = 10, 7, 0.8, 0.6
TAU, DT, SAMPLE, DURATION = 10.0, 1.0, 5.0, 20_000.0  # ms
KINETICS = "state_coupling"
BORDERS = {
    "Argentina": "Chile Bolivia Paraguay Brazil Uruguay",
    "Bolivia": "Peru Chile Paraguay Brazil",
    "Brazil": "Uruguay Paraguay Peru Colombia Venezuela Guyana Suriname French_Guiana",
    "Chile": "Peru",
    "Colombia": "Venezuela Peru Ecuador",
    "Ecuador": "Peru",
    "Guyana": "Venezuela Suriname",
    "Suriname": "French_Guiana",
}
COLOURS = 4
ONE_COLOUR, OTHER_COLOUR, WISH = -8.0, -5.0, 4.0  # weights within a country, between neighbours of one colour, and bias
PROBIT = 1.702  # a normal of this spread is closest to the logistic function (Camilli 1994, doi:10.3102/10769986019003293)
LAYOUT = {"known_logistic": (0, 0), "known_noisy": (0, 200), "map_logistic": (340, 0), "map_noisy": (340, 200)}
DESCRIPTION = (
    f"Units that are on or off and decide by chance sample a Boltzmann distribution. Two machines of {UNITS} units have weights and biases drawn once: their distribution over 1,024 states is known by "
    "enumeration (studio.analysis.boltzmann), and a long run comes as close as chance allows, with logistic units and nearly so with noisy comparators, which a noisy device gives for nothing. "
    "Two machines of 52 units colour the thirteen countries of South America: a unit for each country and colour, one colour a country, neighbours apart. Their likeliest states are the proper colourings, "
    "and after some hundred milliseconds they are met about half of the time, ever new ones. Each unit is asked once in "
    f"{TAU:g} ms on average; set tau to {DT:g} ms, so that all decide at once, and the distribution is wrong. "
    "Source: Ackley, Hinton and Sejnowski 1985, doi:10.1207/s15516709cog0901_7; neurons as samplers: Buesing et al. 2011, doi:10.1371/journal.pcbi.1002211."
)


def machine() -> tuple[np.ndarray, np.ndarray]:
    """Weights (10, 10) and biases (10,) of the machine whose distribution is known."""
    rng = np.random.default_rng(SEED)
    upper = np.triu(rng.normal(0.0, WEIGHT, (UNITS, UNITS)), 1)
    return np.round(upper + upper.T, 3), np.round(rng.normal(0.0, BIAS, UNITS), 3)


def countries() -> list[str]:
    """The countries of the map, in order of name."""
    return sorted({*BORDERS, *(name for row in BORDERS.values() for name in row.split())})


def borders() -> list[tuple[int, int]]:
    """Pairs of neighbours, by number."""
    names = countries()
    return [(names.index(a), names.index(b)) for a, row in BORDERS.items() for b in row.split()]


def colouring() -> tuple[np.ndarray, np.ndarray]:
    """Weights and biases of a machine with a unit for each country and colour, whose likeliest states are the map's proper colourings."""
    n = len(countries())
    weights = np.zeros((n, COLOURS, n, COLOURS))
    for one in range(n):
        weights[one, :, one, :] = ONE_COLOUR * (1 - np.eye(COLOURS))
    for a, b in borders():
        weights[a, :, b, :] = weights[b, :, a, :] = OTHER_COLOUR * np.eye(COLOURS)
    return weights.reshape(n * COLOURS, -1), np.full(n * COLOURS, WISH)


def proper(states: np.ndarray) -> np.ndarray:
    """Which states (k, 52) give each country one colour and no two neighbours the same, (k,)."""
    on = np.asarray(states).reshape(len(states), -1, COLOURS) > 0.5
    colour = on.argmax(axis=2)
    return (on.sum(axis=2) == 1).all(axis=1) & np.all([colour[:, a] != colour[:, b] for a, b in borders()], axis=0)


def _machine(net: Network, name: str, coupled: dict[str, Any], model: str, **params: float) -> Node:
    units = net.population(name, coupled["size"], model, i_offset=coupled["bias"], tau=TAU, **params)
    net.connect(units, units, explicit(coupled["from"], coupled["to"]), weight=coupled["weights"], kinetics=KINETICS)
    return units


def _kept(net: Network, name: str, weights: np.ndarray, bias: np.ndarray) -> dict[str, Any]:
    """A machine's arrays in the document's data, for both kinds of unit."""
    pre, post = np.nonzero(weights)
    arrays = {"weights": weights[pre, post], "bias": bias, "from": pre, "to": post}
    return {"size": len(bias), **{key: net.data(f"{name}_{key}", array) for key, array in arrays.items()}}


def build() -> Network:
    net = Network("Boltzmann sampler")
    for name, (weights, bias) in (("Known", machine()), ("Map", colouring())):
        coupled = _kept(net, name.lower(), weights, bias)
        for kind, model, params in (("logistic", "boltzmann", {"temperature": 1.0}), ("noisy", "boltzmann_probit", {"noise": PROBIT})):
            units = _machine(net, f"{name} {kind}", coupled, model, **params)
            net.record(units)
            net.record(units, "z", every=SAMPLE)
    net.run(duration=DURATION, dt=DT)
    return net
