"""The choice of what is fitted to which curves."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from studio.analysis.fit.current import LAWS, fit_current
from studio.analysis.fit.measured import Curve, read
from studio.analysis.fit.pulses import fit_pulses
from studio.analysis.fit.result import Fit
from studio.findings import Finding, FindingError


def fit(measured: str | Path | Iterable[Curve], device: Any = "exp_step", fixed: dict[str, float] | None = None) -> Fit:
    """Fit a device model to measured curves (a CSV file, or curves).

    `device`: the key of a device in the catalogue (or a Device), for pulse curves; "polynomial" or "sinh" for currents and voltages.
    `fixed`: parameters that keep a value. Raises FindingError where curves and model do not go together.
    """
    curves = read(measured) if isinstance(measured, (str, Path)) else tuple(measured)
    currents = curves[0].voltages is not None
    if isinstance(device, str) and device in LAWS:
        if not currents:
            raise _wrong(
                f"“{device}” is a law of current and voltage, but these are pulse curves.", "Choose a device, for example exp_step."
            )
        return fit_current(curves, device)
    if currents:
        raise _wrong("these are currents and voltages, not pulses.", f"Choose {' or '.join(LAWS)}.")
    return fit_pulses(curves, _device(device), fixed or {})


def _device(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    from studio.models.catalogue import catalogue

    found = catalogue().get("device", given)
    if found is None:
        known = ", ".join(d.key for d in catalogue().all("device"))
        raise _wrong(f"there is no device “{given:.60}”.", f"Choose one of {known}; or {' or '.join(LAWS)} for currents.")
    return found


def _wrong(text: str, fix: str) -> FindingError:
    return FindingError([Finding("fit.device", "error", "", text[0].upper() + text[1:], fix)])
