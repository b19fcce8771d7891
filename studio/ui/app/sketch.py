"""A small picture of a document's main circuit, as SVG: boxes where the canvas has them, lines where things are connected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

WIDTH, HEIGHT, MARGIN = 320.0, 150.0, 34.0
_TONE = {"population": "var(--exc)", "source": "var(--src)", "instance": "var(--mix)"}
Place = tuple[float, float]


def sketch(document: Mapping[str, Any]) -> str:
    """The SVG; an empty field where the document says too little."""
    main = document.get("main")
    circuit = (document.get("circuits") or {}).get(main) or {}
    nodes = circuit.get("nodes") or {}
    places = _fitted(_places(nodes, (document.get("layout") or {}).get(main) or {}))
    lines = "".join(_line(projection, places) for projection in (circuit.get("projections") or {}).values())
    marks = "".join(_mark(node, places[key]) for key, node in nodes.items())
    return f'<svg viewBox="0 0 {WIDTH:g} {HEIGHT:g}" aria-hidden="true">{lines}{marks}</svg>'


def _places(nodes: Mapping[str, Any], layout: Mapping[str, Any]) -> dict[str, Place]:
    """Where the canvas has the nodes; those it does not say stand in a row."""
    said = {key: layout.get(key) or {} for key in nodes}
    return {key: (float(at.get("x", 200 * k)), float(at.get("y", 0))) for k, (key, at) in enumerate(said.items())}


def _fitted(places: dict[str, Place]) -> dict[str, Place]:
    """The places, scaled evenly into the picture."""
    if not places:
        return {}
    xs, ys = zip(*places.values(), strict=True)
    wide, high = max(xs) - min(xs), max(ys) - min(ys)
    scale = min((WIDTH - 2 * MARGIN) / (wide or 1), (HEIGHT - 2 * MARGIN) / (high or 1), 1.0)
    left, top = (WIDTH - wide * scale) / 2 - min(xs) * scale, (HEIGHT - high * scale) / 2 - min(ys) * scale
    return {key: (x * scale + left, y * scale + top) for key, (x, y) in places.items()}


def _line(projection: Mapping[str, Any], places: dict[str, Place]) -> str:
    a, b = (places.get(str(projection.get(end, "")).partition(".")[0].partition("[")[0]) for end in ("from", "to"))
    if a is None or b is None:
        return ""
    tone = "var(--inh)" if _negative(projection.get("weight")) else "var(--line-strong)"
    if a == b:
        return f'<circle cx="{a[0]:.1f}" cy="{a[1] - 16:.1f}" r="9" fill="none" stroke="{tone}" stroke-width="1.5"/>'
    bend = (a[0] + b[0]) / 2 - (b[1] - a[1]) * 0.15, (a[1] + b[1]) / 2 + (b[0] - a[0]) * 0.15
    return f'<path d="M{a[0]:.1f} {a[1]:.1f}Q{bend[0]:.1f} {bend[1]:.1f} {b[0]:.1f} {b[1]:.1f}" fill="none" stroke="{tone}" stroke-width="1.5"/>'


def _mark(node: Mapping[str, Any], place: Place) -> str:
    x, y = place
    kind = str(node.get("kind"))
    tone = _TONE.get(kind, "var(--mix)")
    look = f'fill="var(--surface)" stroke="{tone}" stroke-width="2"'
    if kind == "population":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="11" {look}/>'
    rx = 2 if kind == "source" else 6
    return f'<rect x="{x - 12:.1f}" y="{y - 9:.1f}" width="24" height="18" rx="{rx}" {look}/>'


def _negative(weight: Any) -> bool:
    if isinstance(weight, Mapping):
        weight = weight.get("value", (weight.get("normal") or weight.get("uniform") or [0])[0])
    return isinstance(weight, (int, float)) and weight < 0
