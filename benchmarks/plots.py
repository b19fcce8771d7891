"""The plots of docs/benchmarks.md: bars for the networks, lines for the scaling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.svg import COLOURS, Drawing, Scale, around, label

NAMES = {"engine": "Spike Studio", "nest": "NEST 3.10", "brian2": "Brian2 2.9 (C++)"}


@dataclass(frozen=True)
class Bar:
    """One bar: who (a key of COLOURS), what stands before it, and its value."""

    who: str
    said: str
    value: float


def bars(groups: Sequence[tuple[str, Sequence[Bar]]]) -> str:
    """Wall seconds per biological second, a group for each network; the dashed line is real time."""
    left, right, top, row, gap = 285.0, 60.0, 52.0, 21.0, 44.0
    height = top + sum(len(b) * row + gap for _, b in groups) + 40
    drawing = Drawing(860, height)
    x = Scale(*around([b.value for _, many in groups for b in many] + [1.0]), left, 860 - right)
    drawing.text(
        20, 24, "Wall seconds per biological second, least of all repeats (shorter is faster; every line is a factor of ten)", "title"
    )
    for tick in x.ticks():
        drawing.text(x(tick), height - 22, label(tick) + (" (real time)" if tick == 1 else ""), "small", "middle")
    y = top
    for title, many in groups:
        drawing.text(20, y + 6, title, "title")
        y += 16
        for tick in x.ticks():
            drawing.line([(x(tick), y), (x(tick), y + row * len(many) + 2)], "real" if tick == 1 else "grid")
        for bar in many:
            drawing.text(left - 8, y + 13, bar.said, "small", "end")
            drawing.bar(left, y + 2, max(2.0, x(bar.value) - left), row - 6, COLOURS[bar.who])
            drawing.text(max(left + 2, x(bar.value)) + 6, y + 13, f"{bar.value:.3g}", "small")
            y += row
        y += gap - 16
    return drawing.written("Wall seconds per biological second of each network and simulator")


SERIES = (
    ("size, 1,000 synapses each", "neurons", True),
    ("size, 100 synapses each", "neurons", True),
    ("rate", "rate [Hz]", True),
    ("threads", "threads", False),
    ("shortest delay", "shortest delay [ms]", True),
    ("spread of delays", "longest minus shortest delay [ms]", False),
)


def scaling(points: Sequence[dict[str, Any]]) -> str:
    """A panel for each series, wall seconds per biological second upwards."""
    drawing = Drawing(860, 610)
    for k, (who, name) in enumerate((w, NAMES[w]) for w in ("engine", "nest")):
        drawing.dot(30 + 150 * k, 20, COLOURS[who])
        drawing.text(40 + 150 * k, 24, name)
    for k, (series, said, log) in enumerate(SERIES):
        mine = [p for p in points if p["series"] == series and "engine" in p]
        if mine:
            _panel(drawing, mine, series, said, log, 62 + 275 * (k % 3), 70 + 290 * (k // 3))
    drawing.text(16, 320, "wall seconds per biological second", "small", "middle", -90)
    return drawing.written("Wall seconds per biological second against size, rate, threads and delays")


def _panel(drawing: Drawing, mine: Sequence[dict[str, Any]], title: str, said: str, log: bool, left: float, top: float) -> None:
    xs = [p["x"] for p in mine]
    span = (min(xs) / 1.3, max(xs) * 1.3) if log else (min(xs) - 0.1 * max(xs), 1.1 * max(xs))
    x = Scale(*span, left, left + 215, log)
    y = Scale(*around([p[w]["rtf"] for p in mine for w in ("engine", "nest") if w in p]), top + 190, top)
    drawing.text(left, top - 14, title, "title")
    for tick in y.ticks():
        drawing.line([(left, y(tick)), (left + 215, y(tick))], "grid")
        drawing.text(left - 6, y(tick) + 4, label(tick), "small", "end")
    wanted = sorted(set(xs)) if len(set(xs)) < 5 and not _crowded(xs, log) else x.ticks()
    for tick in wanted:
        drawing.line([(x(tick), top + 190), (x(tick), top + 194)])
        drawing.text(x(tick), top + 208, label(tick, log), "small", "middle")
    drawing.line([(left, top), (left, top + 190), (left + 215, top + 190)])
    drawing.text(left + 107, top + 226, said, "small", "middle")
    for who in ("nest", "engine"):
        places = [(x(p["x"]), y(p[who]["rtf"])) for p in mine if who in p]
        if len(places) > 1:
            drawing.line(places, colour=COLOURS[who])
        for place in places:
            drawing.dot(*place, COLOURS[who])


def _crowded(xs: Sequence[float], log: bool) -> bool:
    """Whether labels at the points themselves would touch."""
    place = Scale(min(xs), max(xs), 0, 195, log)
    at = sorted(place(x) for x in set(xs))
    return any(b - a < 24 for a, b in zip(at, at[1:], strict=False))
