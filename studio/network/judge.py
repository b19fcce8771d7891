"""Judges the values of one call before anything changes, so that an error names what was just written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic import TypeAdapter, ValidationError

from studio.findings import Finding, FindingError, errors
from studio.models.spec import Param
from studio.network.data import decode
from studio.network.flatten import DELAY
from studio.network.paths import did_you_mean
from studio.network.resolve import Given, params, resolve
from studio.network.values import Value

_VALUE: TypeAdapter[Any] = TypeAdapter(Value)


class Judge:
    """Collects what is wrong with values; `settle` raises it."""

    def __init__(self, catalogue: Any, data: Mapping[str, Any]) -> None:
        self.catalogue, self.data = catalogue, data
        self.findings: list[Finding] = []

    def model(self, kind: str, key: str, where: str) -> Any:
        """A model of the catalogue; raise FindingError for one that nobody knows."""
        found = self.catalogue.get(kind, key)
        if found is None:
            raise FindingError(
                [
                    Finding(
                        "path.model",
                        "error",
                        where,
                        f"There is no {kind} “{key}”.",
                        did_you_mean(key, [m.key for m in self.catalogue.all(kind)]),
                    )
                ]
            )
        return found

    def filled(self, model: Any, given: Mapping[str, Any], where: str, preset: str | None = None) -> dict[str, Any]:
        """The parameters given, on top of those of a preset (also where `given` names one); raise FindingError for one that nobody knows."""
        given = dict(given)
        if preset is None and model.param("preset") is None:
            preset = given.pop("preset", None)
        if preset is None:
            return given
        found = model.preset(preset) if isinstance(preset, str) else None
        if found is None:
            text = f"{model.title} has no preset “{preset!s:.60}”."
            fix = did_you_mean(str(preset), [p.key for p in model.presets]) or "It has no presets: give parameters."
            raise FindingError([Finding("path.preset", "error", where, text, fix)])
        return {**found.params, **given}

    def params(self, model: Any, given: Mapping[str, Any], where: str, size: int | None = None) -> None:
        """Parameters of a model, given as JSON."""
        read = {name: self._given(value, f"{where}.{name}") for name, value in given.items()}
        _, found = params(model, {k: v for k, v in read.items() if v is not None}, self._array, size)
        self.findings += found

    def value(self, param: Param, given: Any, where: str, size: int | None = None) -> None:
        """One value, given as JSON."""
        read = self._given(given, where)
        if read is not None:
            _, found = resolve(param, read, self._array, size)
            self.findings += found

    def delay(self, given: Any, where: str) -> None:
        self.value(DELAY, given, where)

    def sign(self, kinetics: Any, weight: Any, where: str) -> None:
        """A conductance is not negative (drawn ones are judged by `check`)."""
        number = weight.get("value") if isinstance(weight, dict) else weight
        if kinetics.sign == "nonnegative" and isinstance(number, (int, float)) and number < 0:
            self.findings.append(
                Finding(
                    "bounds.sign",
                    "error",
                    where,
                    f"The weight {number:g} is negative; a conductance cannot be negative.",
                    "Use a positive weight; to inhibit, lower the reversal potential e_rev.",
                )
            )

    def settle(self) -> None:
        """Raise what was found, if any of it is an error."""
        wrong = errors(self.findings)
        if wrong:
            raise FindingError(wrong)

    def _given(self, value: Any, where: str) -> Given | None:
        try:
            return Given(_VALUE.validate_python(value), where)
        except ValidationError as wrong:
            why = wrong.errors(include_url=False)[0]["msg"]
            self.findings.append(
                Finding(
                    "text.value",
                    "error",
                    where,
                    f"{value!r:.80} is not a value: {why[:1].lower()}{why[1:]}.",
                    "Give a number, a number with a unit, a distribution or an array.",
                )
            )
            return None

    def _array(self, name: str) -> np.ndarray:
        if name not in self.data:
            raise FindingError(
                [
                    Finding(
                        "path.data", "error", "", f"The document has no array “{name}” in its data.", did_you_mean(name, sorted(self.data))
                    )
                ]
            )
        return decode(name, self.data[name])
