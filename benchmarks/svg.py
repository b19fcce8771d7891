"""A small writer of plots as SVG: text and axes are readable on light and on dark pages. Nothing else is needed to look at them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

# one grey for all text: it has contrast enough on white and on dark pages, whichever theme a reader's page has chosen
STYLE = """<style>
text{font:13px system-ui,sans-serif;fill:#757e88}.small{font-size:12px}.title{font-weight:600}
.axis{stroke:#757e88;fill:none}.grid{stroke:#808a94;stroke-opacity:.3}.real{stroke:#757e88;stroke-dasharray:4 3}
</style>"""
COLOURS = {"engine": "#2f81f7", "nest": "#e8590c", "brian2": "#8a63d2", "other": "#2da44e"}


@dataclass
class Drawing:
    """A picture of a given size, filled piece by piece."""

    width: float
    height: float
    parts: list[str] = field(default_factory=list)

    def text(self, x: float, y: float, said: str, kind: str = "", anchor: str = "start", turn: float = 0) -> None:
        turned = f' transform="rotate({turn} {x:.1f} {y:.1f})"' if turn else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" class="{kind}" text-anchor="{anchor}"{turned}>{escape(said)}</text>')

    def line(self, points: Iterable[tuple[float, float]], kind: str = "axis", colour: str = "", width: float = 2) -> None:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        drawn = f'style="stroke:{colour};stroke-width:{width};fill:none"' if colour else f'class="{kind}"'
        self.parts.append(f'<polyline points="{path}" {drawn}/>')

    def bar(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="2" fill="{colour}"/>')

    def dot(self, x: float, y: float, colour: str) -> None:
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>')

    def written(self, about: str) -> str:
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width:g} {self.height:g}" width="{self.width:g}" height="{self.height:g}" role="img">'
        return "\n".join([head, f"<title>{escape(about)}</title>", STYLE, *self.parts, "</svg>", ""])


@dataclass(frozen=True)
class Scale:
    """From numbers to places, logarithmic or not."""

    low: float
    high: float
    start: float
    end: float
    log: bool = True

    def __call__(self, value: float) -> float:
        a, b, v = (math.log10(z) for z in (self.low, self.high, max(value, 1e-12))) if self.log else (self.low, self.high, value)
        return self.start + (v - a) / (b - a) * (self.end - self.start)

    def ticks(self) -> list[float]:
        """Powers of ten inside, or some four round numbers."""
        if self.log:
            return [10.0**k for k in range(math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9) + 1)]
        rough = (self.high - self.low) / 4
        unit = 10.0 ** math.floor(math.log10(rough))
        step = next(m * unit for m in (1, 2, 5, 10) if m * unit >= rough)
        return [k * step for k in range(math.ceil(self.low / step), math.floor(self.high / step + 1e-9) + 1)]


def around(values: Sequence[float]) -> tuple[float, float]:
    """The powers of ten that hold all values."""
    return 10.0 ** math.floor(math.log10(min(values))), 10.0 ** math.ceil(math.log10(max(values)))


def label(value: float, log: bool = True) -> str:
    """A tick's text: 0.01, 1, 1,000, 30 k, 1 M."""
    if log and value >= 1e4:
        return f"{value / 1e6:g} M" if value >= 1e6 else f"{value / 1e3:g} k"
    return f"{value:,.10g}"
