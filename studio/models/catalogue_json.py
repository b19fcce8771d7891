"""The catalogue as data: what the palette, the forms and the inspector are made from, and JSON Schema for the parameters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from studio import units
from studio.models.crossbar import CROSSBAR
from studio.models.formulas import formulas
from studio.models.learning import post_names
from studio.models.sparks import spark
from studio.models.spec import Connector, Device, Kinetics, Model, Neuron, Param, Plasticity, Preset, Source, State

if TYPE_CHECKING:
    from studio.models.catalogue import Catalogue

FORMAT = "spike-studio-catalogue/1"


def to_json(catalogue: Catalogue) -> dict[str, Any]:
    """Entries in the order of the catalogue, every unit they use with its dimension and scale, and the defaults."""
    from studio.models.catalogue import DEFAULTS

    return {
        "format": FORMAT,
        "entries": [entry(m) for m in catalogue.models],
        "units": _units(catalogue.models),
        "defaults": dict(DEFAULTS),
        "crossbar": entry(CROSSBAR),
    }


def entry(model: Model) -> dict[str, Any]:
    """One model as data."""
    return {
        "kind": model.kind,
        "key": model.key,
        "title": model.title,
        "doc": model.doc,
        "source": model.source,
        "limits": model.limits,
        "family": model.family,
        "params": [param(p) for p in model.params],
        "states": [state(s) for s in getattr(model, "states", ())],
        "spark": spark(model),
        "presets": [preset(model, p) for p in model.presets],
        "latex": list(formulas(model)),
        "schema": schema(model),
        **_specific(model),
    }


def state(s: State) -> dict[str, Any]:
    return asdict(s)


def param(p: Param) -> dict[str, Any]:
    return asdict(p) | {"choices": list(p.choices)}


def preset(model: Model, one: Preset) -> dict[str, Any]:
    """A preset; `params` holds what it means for every parameter that one of the model's presets names."""
    return {
        "key": one.key,
        "title": one.title,
        "source": one.source,
        "params": model.preset_values(one),
        "kinetics": one.kinetics,
        "kinetics_params": dict(one.kinetics_params),
    }


def _specific(model: Model) -> dict[str, Any]:
    """What only this kind of model says."""
    if isinstance(model, Neuron):
        return {
            "method": model.method,
            "methods": list(model.methods or (model.method,)),
            "spiking": bool(model.threshold.strip()),
            "refractory": model.refractory,
        }
    if isinstance(model, Kinetics):
        return {"weight_unit": model.weight_unit, "sign": model.sign, "arrival": model.arrival, "coupled": model.coupled}
    if isinstance(model, Plasticity):
        return {
            "plastic": model.plastic,
            "source_states": [state(s) for s in model.source_states],
            "traces": [asdict(t) for t in model.traces],
            "signals": [asdict(s) for s in model.signals],
            "post": list(post_names(model)),
        }
    if isinstance(model, Device):
        return {"programmed": bool(model.program.strip()), "read": bool(model.read.strip())}
    if isinstance(model, Source):
        return {"signal": model.signal}
    return {"random": model.random, **({"compact": True} if model.compact else {})} if isinstance(model, Connector) else {}


_PAIR = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
_DRAWN = {"unit": {"type": "string"}, "min": {"type": "number"}, "max": {"type": "number"}}
_DEFINITIONS: dict[str, Any] = {
    "quantity": {
        "type": "object",
        "properties": {"value": {"type": "number"}, "unit": {"type": "string"}},
        "required": ["value"],
        "additionalProperties": False,
    },
    "drawn": {
        "oneOf": [
            {"type": "object", "properties": {shape: _PAIR, **_DRAWN}, "required": [shape], "additionalProperties": False}
            for shape in ("normal", "uniform", "lognormal")
        ]
    },
    "data": {"type": "object", "properties": {"data": {"type": "string"}}, "required": ["data"]},
}


def schema(model: Model) -> dict[str, Any]:
    """JSON Schema of a document's `params` for this model: values in the parameter's own unit, quantities, distributions, data."""
    out: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": {p.name: _property(p) for p in model.params}}
    return out | ({"$defs": _DEFINITIONS} if model.params else {})


def _property(p: Param) -> dict[str, Any]:
    about: dict[str, Any] = (
        {"description": p.doc} | ({"default": p.default} if p.default is not None else {}) | ({"unit": p.unit} if p.unit else {})
    )
    if p.kind == "word":
        return about | {"type": "string", "enum": list(p.choices)}
    if p.kind == "array":
        return about | _definition("data")
    number: dict[str, Any] = {"type": "integer" if p.integer else "number"}
    number |= {("exclusiveMinimum" if p.low_open else "minimum"): p.low} if p.low is not None else {}
    number |= {("exclusiveMaximum" if p.high_open else "maximum"): p.high} if p.high is not None else {}
    forms = [number, _definition("quantity")]
    forms += [{"type": "null"}] if p.default is None else []
    forms += [] if p.shared else [_definition("drawn"), _definition("data")]
    return about | {"anyOf": forms}


def _definition(name: str) -> dict[str, Any]:
    return {"$ref": f"#/$defs/{name}"}


def _units(models: Iterable[Model]) -> dict[str, Any]:
    """Every unit one may type, and every one that the models use: what it measures and how many base units it is."""
    names = dict.fromkeys(units.names())
    for model in models:
        names |= dict.fromkeys(
            [p.unit for p in model.params] + [s.unit for s in (*getattr(model, "states", ()), *getattr(model, "source_states", ()))]
        )
    return {name: {"dimension": [list(d) for d in units.parse(name).dimension], "scale": units.parse(name).scale} for name in names}
