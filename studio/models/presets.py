"""Presets: what is wrong with them, and which one a model's values equal."""

from __future__ import annotations

from collections.abc import Iterator

from studio.findings import Finding
from studio.models.spec import Model, Neuron, Preset


def check_presets(model: Model, where: str) -> Iterator[Finding]:
    """Keys once each, parameters that exist and lie within their bounds, a source, and kinetics for neurons only."""
    seen: set[str] = set()
    for preset in model.presets:
        place = f"{where}.presets.{preset.key}"
        if preset.key in seen:
            yield Finding("path.duplicate", "error", place, f"“{preset.key}” is the key of two presets.")
        seen.add(preset.key)
        if not preset.title.strip() or not preset.source.strip():
            yield Finding("text.empty", "warning", place, "A preset needs a title and a source.", "Say where its numbers come from.")
        if preset.kinetics and not isinstance(model, Neuron):
            yield Finding("text.form", "error", place, "Only a neuron's preset names kinetics.", "Leave `kinetics` out.")
        yield from _values(model, preset, place)


def _values(model: Model, preset: Preset, place: str) -> Iterator[Finding]:
    from studio.models.check import allowed, interval

    for name, value in preset.params.items():
        param = model.param(name)
        if param is None:
            yield Finding("path.param", "error", f"{place}.{name}", f"“{name:.64}” is not a parameter of {model.key}.")
        elif param.kind == "word":
            if value not in param.choices:
                yield Finding("bounds.choice", "error", f"{place}.{name}", f"“{value}” is not one of {', '.join(param.choices)}.")
        elif isinstance(value, str) or not allowed(param, float(value)):
            yield Finding("bounds.value", "error", f"{place}.{name}", f"{value} {param.unit} is outside {interval(param)}.")
