"""The catalogue of models with the ways out of the studio."""

from __future__ import annotations

from typing import Any

from studio.exchange.reach import ways
from studio.ui.said import Json


def with_ways(catalogue: Any) -> Json:
    """The catalogue as JSON, each entry with where its model can be exported to."""
    whole = catalogue.to_json()
    return whole | {"entries": [_entry(entry, model) for entry, model in zip(whole["entries"], catalogue.models, strict=True)]}


def _entry(entry: Json, model: Any) -> Json:
    return entry | {"exports": [{"title": way.title, "loss": way.loss} for way in ways(model)]}
