"""Both runs of a twin run in one drawing: what both fired, what only one did, spike by spike and over the whole run (`studio.backends.overlay`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from studio.views.compiled.parts import number
from studio.views.response.axes import ticks

Json = Mapping[str, Any]
WIDE, LEFT, RIGHT = 960.0, 16.0, 32.0
ROW, AXIS = 7.0, 20.0  # px of a neuron, and below for the time
HIGH = 44.0  # px of the columns over the whole run
KINDS = ("both", "ideal", "chip")
# Where in its row a mark stands (part of the row's height): what both fired all of it, the ideal alone the upper half, the chip alone the lower.
SPAN = ((0.06, 0.94), (0.06, 0.5), (0.5, 0.94))


def raster(comparison: Json) -> str:
    """The drawings with their legend; nothing where nothing fired."""
    given = comparison.get("raster") or {}
    drawn = "".join(_population(path, one, given) for path, one in (given.get("populations") or {}).items())
    return f"<h3>Spike by spike</h3>\n{_legend(given)}{drawn}" if drawn else ""


def _legend(given: Json) -> str:
    within = number(given["within_ms"])
    words = ("both runs, within {} ms", "the ideal network alone", "the chip alone")
    signs = (
        f'<span><svg viewBox="0 0 10 12" width="10" height="12" aria-hidden="true">'
        f'<rect class="by-{kind}" x="4" width="2.5" y="{12 * low:.1f}" height="{12 * (high - low):.1f}"/></svg> {word.format(within)}</span>'
        for kind, word, (low, high) in zip(KINDS, words, SPAN, strict=True)
    )
    n, of = len(given["populations"]), given["of"]
    few = f'<p class="quiet">{n} of {of} populations: those that agree least, and the readout.</p>\n' if n < of else ""
    return f'<p class="legend">{"".join(signs)}</p>\n{few}'


def _population(path: str, one: Json, given: Json) -> str:
    shown, fired = len(one["neurons"]), one["fired"]
    whole = given["to_ms"] >= 0.999 * given["bin_ms"] * len(one["bins"]["both"])
    which = "all neurons that fired" if shown == fired else f"{shown} of the {fired:,} neurons that fired, evenly chosen"
    when = "" if whole else ", from the start of the run"
    marks = f'<p><code>{escape(path)}</code> <span class="quiet">{which}{when}</span></p>\n<div class="wide">{_marks(path, one, given["to_ms"])}</div>\n'
    if whole and shown == fired:  # columns would say nothing new
        return marks
    return f'{marks}<div class="wide">{_columns(path, one["bins"], given["bin_ms"])}</div>\n'


def _marks(path: str, one: Json, to: float) -> str:
    high = ROW * len(one["neurons"])
    inner = WIDE - LEFT - RIGHT
    lines = {kind: [] for kind in KINDS}
    for row, ms, kind in zip(one["row"], one["ms"], one["kind"], strict=True):
        low, end = SPAN[kind]
        lines[KINDS[kind]].append(f"M{LEFT + inner * ms / to:.1f} {ROW * (row + low):.1f}v{ROW * (end - low):.1f}")
    paths = "".join(f'<path class="by-{kind}" d="{"".join(found)}"/>' for kind, found in lines.items() if found)
    counts = ", ".join(f"{len(found)} {kind}" for kind, found in lines.items())
    base = f'<path class="axis" d="M{LEFT} {high + 1:.1f}h{inner}"/>'
    return svg(high + AXIS, f"Spikes of {path}: {counts}", base + paths + times(to, high))


def _columns(path: str, bins: Json, width: float) -> str:
    """Spikes of all neurons in each bin: of both, above them of the ideal alone, then of the chip alone."""
    n = len(bins["both"])
    most = max((sum(bins[kind][k] for kind in KINDS) for k in range(n)), default=0) or 1
    inner, out = WIDE - LEFT - RIGHT, []
    for k in range(n):
        top = HIGH
        for kind in KINDS:
            tall = HIGH * bins[kind][k] / most
            if tall:
                top -= tall
                out.append(
                    f'<rect class="by-{kind}" x="{LEFT + inner * k / n:.1f}" y="{top:.2f}" width="{inner / n - 1:.1f}" height="{tall:.2f}"/>'
                )
    base = f'<path class="axis" d="M{LEFT} {HIGH + 1}h{inner}"/>'
    said = f'<text x="{LEFT}" y="{HIGH + AXIS + 12}">spikes of all neurons in the whole run, columns of {number(width)} ms, the highest {most:,}</text>'
    return svg(HIGH + AXIS + 18, f"Spikes of {path} in the whole run", "".join(out) + base + times(width * n, HIGH) + said)


def times(to: float, top: float) -> str:
    """A time axis from 0 to `to` ms below `top`."""
    return "".join(_tick(at, to, top) for at in _places(to))


def _places(to: float) -> Iterator[float]:
    yield from (at for at in ticks(0.0, to, 8) if 0.0 <= at <= to * 1.000001)


def _tick(at: float, to: float, top: float) -> str:
    x = LEFT + (WIDE - LEFT - RIGHT) * at / to
    return (
        f'<path class="axis" d="M{x:.1f} {top + 1:.1f}v4"/><text x="{x:.1f}" y="{top + 16:.1f}" text-anchor="middle">{number(at)} ms</text>'
    )


def svg(high: float, label: str, body: str) -> str:
    """A drawing as wide as the page."""
    return f'<svg class="raster" role="img" aria-label="{escape(label)}" viewBox="0 0 {WIDE:g} {high:g}" width="{WIDE:g}" height="{high:g}">{body}</svg>'
