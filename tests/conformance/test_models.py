"""Every entry of the catalogue keeps the promises that every other room builds on."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from studio import units
from studio.findings import FindingError
from studio.models.catalogue import KINDS, ROWS, builtin
from studio.models.check import allowed, check_model
from studio.models.consistency import check_units
from studio.models.dynamics import HELD, LAST, WEIGHTS
from studio.models.formulas import formulas
from studio.models.language import evaluate, evaluate_block
from studio.models.spec import Connector, Currents, Events, Kinetics, Model, Neuron, Rates, Source
from studio.models.system import System, join

MODELS = builtin().models
every = pytest.mark.parametrize("model", MODELS, ids=lambda m: f"{m.kind}-{m.key}")


def test_every_row_was_found() -> None:
    assert len(MODELS) == len(ROWS) >= 26
    assert {m.kind for m in MODELS} == set(KINDS)
    assert len({(m.kind, m.key) for m in MODELS}) == len(MODELS)
    assert all(row.endswith(f".{m.key}") for row, m in zip(ROWS, MODELS, strict=True))


@every
def test_it_is_sound(model: Model) -> None:
    assert check_model(model) == ()


@every
def test_it_is_documented_and_says_where_it_comes_from_and_what_it_leaves_out(model: Model) -> None:
    for text in (model.doc, model.source, model.limits):
        assert (len(text) > 10 and text.rstrip().endswith((".", ")"))) or "doi:" in text
    for row in (*model.params, *getattr(model, "states", ())):
        assert (row.doc and row.doc[0].isupper()) or row.doc[0].isdigit(), row.name
        assert row.doc.endswith("."), row.name


@every
def test_its_numbers_have_units_and_bounds(model: Model) -> None:
    for param in model.params:
        units.parse(param.unit)
        if param.kind == "number":
            assert param.low is not None, f"{param.name} has no lower bound"


@every
def test_its_presets_are_complete_and_mean_kinetics_that_exist(model: Model) -> None:
    for preset in model.presets:
        assert preset.params and len(preset.title) > 2 and len(preset.source) > 10, preset.key
        kinetics = builtin().get("kinetics", preset.kinetics) if preset.kinetics else None
        assert bool(kinetics) == bool(preset.kinetics)
        for name, value in preset.kinetics_params.items():
            assert allowed(kinetics.param(name), value), f"{preset.key}: {name}"


@every
def test_its_equations_are_consistent_in_their_units(model: Model) -> None:
    assert check_units(model) == ()


@every
def test_it_has_formulas(model: Model) -> None:
    lines = formulas(model)
    assert lines and all(line.strip() for line in lines)


@every
def test_it_is_frozen(model: Model) -> None:
    with pytest.raises(AttributeError):
        model.title = "other"  # type: ignore[misc]
    hash(model)


def luck(name: str, args: tuple[Any, ...]) -> float:
    """A draw that makes nothing happen: the largest uniform number, the mean of the others."""
    return 1.0 - 2.0**-53 if name == "uniform" else float(args[0]) if args else 0.0


def defaults(system: System) -> dict[str, float]:
    values = {p.name: p.default for p in system.neuron.params} | {"dt": 0.1, "i_ext": 0.0}
    for k, receptor in enumerate(system.receptors):
        values |= {f"r{k}_{p.name}": p.default for p in receptor.params} | ({f"r{k}_{WEIGHTS}": 0.0} if receptor.coupled else {})
    values |= dict.fromkeys(system.inputs, 0.0)
    values = evaluate_block(system.derived, values)
    values |= {s.name: float(evaluate(s.start, values)) for s in system.states}
    return values | {LAST + s.name: values[s.name] for s in system.states} | {HELD: 0.0}


@pytest.mark.parametrize("neuron", builtin().all("neuron"), ids=lambda m: m.key)
@pytest.mark.parametrize("kinetics", [None, *builtin().all("kinetics")], ids=lambda m: m.key if m else "none")
def test_every_neuron_joins_every_kinetics_and_starts_finite_and_silent(neuron: Neuron, kinetics: Kinetics | None) -> None:
    try:
        system = join(neuron, (kinetics,) if kinetics else ())
    except FindingError as refused:  # in words, and for one reason only
        assert "acts on a state" in str(refused) and all(s.name != "v" for s in neuron.states)
        return
    values = defaults(system)
    assert all(math.isfinite(evaluate(d, values)) for d in system.derivatives.values())
    if system.step is not None:
        assert all(np.isfinite(evaluate_block(system.step, values, luck)[s.name]) for s in system.states)
    if system.linear:
        a, c, b = system.matrix()
        assert all(math.isfinite(evaluate(e, values)) for part in (a, c, b) for e in part.values())
    if system.threshold is not None:
        assert not evaluate(system.threshold, values, luck)
        after = evaluate_block(system.reset, values | {"v": 1e3}, luck)
        after |= {LAST + s.name: after[s.name] for s in system.states}
        if "v" in system.reset.targets:
            assert not evaluate(system.threshold, after, luck), "the reset does not end the spike"
    for jump in system.jumps:
        assert evaluate_block(jump, values | {"w": 0.0}) == values | {"w": 0.0}, "a weight of zero changes something"


@pytest.mark.parametrize("source", builtin().all("source"), ids=lambda m: m.key)
def test_every_source_lowers_its_defaults(source: Source) -> None:
    params = {p.name: p.default for p in source.params}
    params |= {"images": np.full((2, 3), 255.0)} if "images" in params else {}
    form = source.lower(params, 3, 0.1)
    assert isinstance(form, Currents if source.signal == "analog" else Rates | Events)
    if not isinstance(form, Events):
        values = form.hz if isinstance(form, Rates) else form.values
        assert form.starts[0] == 0 and (np.diff(form.starts) > 0).all()
        assert values.shape[0] == form.starts.size and values.shape[1] in (1, 3)


@pytest.mark.parametrize("connector", builtin().all("connector"), ids=lambda m: m.key)
def test_every_connector_lowers_its_defaults_and_counts_its_synapses(connector: Connector) -> None:
    arrays = {"kernel": np.ones((1, 1, 1, 1)), "weights": np.ones((4, 4))}
    params = {p.name: arrays.get(p.name, p.default) for p in connector.params}
    params |= {"source_shape": (1, 2, 2), "target_shape": None} if connector.shaped else {}
    params |= {"size_y": 1, "size_x": 1} if "size_y" in params else {}
    assert connector.lower(params, 4, 4) is not None
    assert connector.expected(params, 4, 4) >= 0
