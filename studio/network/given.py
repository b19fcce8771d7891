"""What people write in Python, as JSON of a document: numbers, `(20, "ms")`, arrays, choices of models."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from studio.findings import Finding, FindingError
from studio.models.spec import Model
from studio.network.connectors import ModelChoice
from studio.network.data import encode
from studio.network.values import Part

Keep = Callable[[dict[str, Any]], dict[str, Any]]  # takes an encoded array in, returns its reference


def value(given: Any, where: str, keep: Keep) -> Any:
    """The JSON of one value; arrays are kept in the document's data."""
    if isinstance(given, Part):
        return given.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if isinstance(given, (bool, str)):
        return given
    if isinstance(given, np.generic):
        return given.item()
    if isinstance(given, (int, float)):
        return given
    if isinstance(given, tuple) and len(given) == 2 and isinstance(given[1], str):
        return {"value": value(given[0], where, keep), "unit": given[1]}
    if isinstance(given, Mapping):
        return {str(k): v.item() if isinstance(v, np.generic) else v for k, v in given.items()}
    if isinstance(given, (np.ndarray, list, tuple, range)):
        return keep(encode(_array(given, where)))
    text = f"{given!r:.60} cannot stand for a parameter."
    raise FindingError(
        [
            Finding(
                "text.value", "error", where, text, 'Give a number, (number, "unit"), a dict such as {"normal": [-50, 1.5]}, or an array.'
            )
        ]
    )


def _array(given: Any, where: str) -> np.ndarray:
    try:
        return np.asarray(given)
    except ValueError:
        raise FindingError([Finding("text.value", "error", where, "The list is not an array: its rows have different lengths.")]) from None


def choice(given: Any, where: str, keep: Keep) -> dict[str, Any]:
    """The JSON of a model choice: a key, `(key, params)`, a ModelChoice, a model of the catalogue, or its JSON."""
    if isinstance(given, str):
        return {"model": given}
    if isinstance(given, Model):
        return {"model": given.key}
    if isinstance(given, ModelChoice):
        model, params = given.model, given.params
    elif isinstance(given, tuple) and len(given) == 2 and isinstance(given[0], str) and isinstance(given[1], Mapping):
        model, params = given[0], dict(given[1])
    elif isinstance(given, Mapping) and isinstance(given.get("model"), str):
        model, params = given["model"], dict(given.get("params", {}))
    else:
        text = f"{given!r:.60} does not choose a model."
        raise FindingError([Finding("text.value", "error", where, text, "Give its key, or (key, {parameter: value}).")])
    made = {name: value(one, f"{where}.{name}", keep) for name, one in params.items() if one is not None}
    return {"model": model, "params": made} if made else {"model": model}
