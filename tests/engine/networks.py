"""Flat networks for the engine's tests, written by hand so that they need nothing of the rooms above."""

from __future__ import annotations

from typing import Any

from studio.models.catalogue import catalogue
from studio.network.flat import Chosen, Drawn, FlatNetwork, FlatPopulation, FlatProjection, FlatSource, Record, RunSettings, Value

CATALOGUE = catalogue()
Named = tuple[str, dict[str, Any]]


def chosen(kind: str, key: str, **params: Any) -> Chosen:
    """A model of the catalogue with its defaults and these parameters."""
    model = CATALOGUE.get(kind, key)
    assert model is not None, (kind, key)
    shapes = {"source_shape", "target_shape"} if getattr(model, "shaped", False) else set()
    unknown = params.keys() - {p.name for p in model.params} - shapes
    assert not unknown, unknown
    return Chosen(model, {**{p.name: p.default for p in model.params}, **params})


def population(path: str, size: int, neuron: str = "lif", start: dict[str, Value] | None = None, **params: Any) -> FlatPopulation:
    return FlatPopulation(path, path, size, None, chosen("neuron", neuron, **params), start or {})


def source(path: str, size: int, model: str = "poisson", **params: Any) -> FlatSource:
    return FlatSource(path, path, size, None, chosen("source", model, **params))


def projection(
    key: str,
    origin: str,
    target: str,
    connector: Named = ("all_to_all", {}),
    weight: Value = 1.0,
    delay: Value = 1.0,
    kinetics: Named | None = ("delta", {}),
    plasticity: Named = ("static", {}),
    device: Named = ("ideal", {}),
) -> FlatProjection:
    """`kinetics` None: analog."""
    return FlatProjection(
        key,
        key,
        origin,
        target,
        chosen("connector", connector[0], **connector[1]),
        chosen("kinetics", kinetics[0], **kinetics[1]) if kinetics else None,
        chosen("plasticity", plasticity[0], **plasticity[1]),
        chosen("device", device[0], **device[1]),
        weight,
        delay,
    )


def network(
    populations: list[FlatPopulation],
    sources: list[FlatSource],
    projections: list[FlatProjection],
    record: list[Record] | None = None,
    **run: Any,
) -> FlatNetwork:
    return FlatNetwork(
        "test", tuple(populations), tuple(sources), tuple(projections), RunSettings(record=tuple(record or ()), **run), "hash"
    )


def pairs(sources: Any, targets: Any) -> Named:
    return ("explicit", {"sources": sources, "targets": targets})


def mixed(n: int = 211, **run: Any) -> FlatNetwork:
    """A prime number of neurons, drawn parameters, weights and delays, four kinetics, learning on two devices, shared and own rates."""
    m = n // 3
    cells = {"t_ref": 1.0, "tau_m": Drawn("normal", 12.0, 1.0, 5.0, 20.0)}
    populations = [population("a", n, **cells), population("b", m, v_th=-56.0)]
    sources = [source("x", n, rate=6000.0), source("y", 11, rate=Drawn("uniform", 200.0, 900.0))]
    share = 11.0 / n
    projections = [
        projection("px", "x", "a", ("one_to_one", {}), 0.9, 1.0),
        projection("py", "y", "b", ("probability", {"p": 0.5}), Drawn("normal", 0.6, 0.2), Drawn("uniform", 0.3, 2.0), ("exponential", {"tau": 2.0})),
        projection("ab", "a", "b", ("probability", {"p": share}), 0.4, Drawn("uniform", 0.3, 3.0), ("exponential", {"tau": 2.0}), ("stdp_pair", {"w_max": 1.0})),
        projection("aa", "a", "a", ("fixed_in_degree", {"k": 5}), Drawn("normal", 0.5, 0.1), Drawn("uniform", 0.5, 2.0)),
        projection(
            "ba", "b", "a", ("probability", {"p": share}), -0.3, 1.5, ("alpha", {"tau": 1.0}),
            ("stdp_pair", {"w_max": -1.0}), ("soft_bounds", {"w_min": -1.0, "w_max": 0.0}),
        ),
    ]  # fmt: skip
    return network(populations, sources, projections, **run)


def fired(recording: Any, path: str) -> list[tuple[int, int]]:
    """Spikes as (step, id)."""
    spikes = recording.spikes[path]
    return list(zip(spikes.steps.tolist(), spikes.ids.tolist(), strict=True))
