"""A response as a small SVG that is legible on light and on dark paper, and as a thumbnail for lists."""

from __future__ import annotations

from xml.sax.saxutils import escape

import numpy as np

from studio.views.response.axes import path, ranges, simplified, tick_text, ticks
from studio.views.response.picture import Curve, Panel, Response

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM, GAP = 336, 216, 52, 12, 42, 40, 8
THUMB = (40, 16)  # px
STYLE = """
text{font:11px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","DejaVu Sans",sans-serif;fill:#565964}
.h{font-weight:600;font-size:12px;fill:#1b1c22}.g{stroke:#e4e4e8}.a{stroke:#c9c9d1}.c{fill:none;stroke-width:1.5;stroke-linejoin:round}
.c0{stroke:#1763b8}.c1{stroke:#c2440c;stroke-dasharray:5 2}.c2{stroke:#0b7a63;stroke-dasharray:2 2}.c3{stroke:#7546bd;stroke-dasharray:7 2 2 2}
.q{stroke:#8f929d;stroke-width:1.2}.k{stroke:#1b1c22;stroke-width:1.2}.d{fill:#1763b8;stroke:none}
@media (prefers-color-scheme:dark){text{fill:#aeb0ba}.h{fill:#eeeef2}.g{stroke:#2e3035}.a{stroke:#474a52}
.c0{stroke:#64acf5}.c1{stroke:#ff9159}.c2{stroke:#3cc6a5}.c3{stroke:#b598f2}.q{stroke:#8f929d}.k{stroke:#eeeef2}.d{fill:#64acf5}}
""".replace("\n", "")


def svg(response: Response, title: str, note: str = "") -> str:
    """The panels side by side; `note` stands in a comment at the beginning."""
    width = len(response.panels) * (WIDTH + GAP) - GAP
    inside = "\n".join(f'<g transform="translate({k * (WIDTH + GAP)} 0)">{_panel(p)}</g>' for k, p in enumerate(response.panels))
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}" viewBox="0 0 {width} {HEIGHT}" role="img">'
    return f"<!-- {note} -->\n{head}<title>{escape(title)}</title><style>{STYLE}</style>\n{inside}\n</svg>\n"


class _Frame:
    """Where a panel's values lie in pixels."""

    def __init__(self, panel: Panel, left: float, top: float, right: float, bottom: float) -> None:
        self.panel, self.box = panel, (left, top, right, bottom)
        self.x_range, self.y_range = ranges(panel)

    def x(self, value: np.ndarray | float) -> np.ndarray | float:
        low, high = self.x_range
        value = np.log10(value) if self.panel.log_x else value
        return self.box[0] + (value - low) / (high - low) * (self.box[2] - self.box[0])

    def y(self, value: np.ndarray | float) -> np.ndarray | float:
        low, high = self.y_range
        return self.box[3] - (value - low) / (high - low) * (self.box[3] - self.box[1])

    def points(self, curve: Curve, tolerance: float) -> np.ndarray:
        return simplified(np.column_stack([self.x(curve.x), self.y(curve.y)]), tolerance)

    def strokes(self, curve: Curve) -> str:
        low, high = self.y(curve.y[0]), self.y(curve.y[1])
        return "".join(f"M{x:.1f} {low:.1f}V{high:.1f}" for x in np.asarray(self.x(curve.x)))


def _panel(panel: Panel) -> str:
    frame = _Frame(panel, LEFT, TOP, WIDTH - RIGHT, HEIGHT - BOTTOM)
    return "".join((f'<text class="h" x="{LEFT}" y="14">{escape(panel.title)}</text>', _grid(frame), *_curves(frame), _words(frame)))


def _grid(frame: _Frame) -> str:
    left, _, right, bottom = frame.box
    out = []
    for value in ticks(*frame.y_range):
        y = frame.y(value)
        out.append(
            f'<path class="g" d="M{left} {y:.1f}H{right}"/><text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{tick_text(value)}</text>'
        )
    for value in _x_ticks(frame):
        x = float(frame.x(value))
        anchor = "end" if x > right - RIGHT / 2 else "middle"
        out.append(
            f'<path class="a" d="M{x:.1f} {bottom}v4"/><text x="{x:.1f}" y="{bottom + 16}" text-anchor="{anchor}">{tick_text(value)}</text>'
        )
    low, high = frame.y_range
    zero = f'<path class="a" d="M{left} {frame.y(0.0):.1f}H{right}"/>' if low < 0 < high else ""
    return "".join(out) + zero + f'<path class="a" d="M{left} {bottom}H{right}"/>'


def _x_ticks(frame: _Frame) -> list[float]:
    low, high = frame.x_range
    if not frame.panel.log_x:
        return ticks(low, high, 5)
    decades = range(int(np.ceil(low - 1e-9)), int(np.floor(high + 1e-9)) + 1)
    return [10.0**k for k in decades if not (k - decades[0]) % (1 + len(decades) // 5)]


def tones(curves: tuple[Curve, ...]) -> list[str]:
    """The look of every curve: a colour and a dash for those in front, grey for the others."""
    front = 0
    out = []
    for curve in curves:
        if curve.form == "ticks":
            out.append("k")
        elif curve.form == "dots":
            out.append("d")
        elif curve.quiet:
            out.append("q")
        else:
            out.append(f"c{front % 4}")
            front += bool(curve.label)
    return out


def _curves(frame: _Frame) -> list[str]:
    out = []
    for curve, tone in zip(frame.panel.curves, tones(frame.panel.curves), strict=True):
        if not len(curve.x):
            continue
        if curve.form == "ticks":
            out.append(f'<path class="c {tone}" d="{frame.strokes(curve)}"/>')
        elif curve.form == "dots":
            points = zip(np.asarray(frame.x(curve.x)), np.asarray(frame.y(curve.y)), strict=True)
            out.append(f'<path class="{tone}" d="{"".join(f"M{x - 1.5:.0f} {y - 1.5:.0f}h3v3h-3z" for x, y in points)}"/>')
        else:
            out.append(f'<path class="c {tone}" d="{path(frame.points(curve, 0.2))}"/>')
    return out


def _words(frame: _Frame) -> str:
    """Names of axes, and of the curves where there are several."""
    panel, (left, _, right, bottom) = frame.panel, frame.box
    out = [f'<text x="{(left + right) / 2:.0f}" y="{bottom + 33}" text-anchor="middle">{escape(_axis(panel.x, panel.x_unit))}</text>']
    name = _axis(panel.y, panel.y_unit)
    out.append(f'<text x="{left}" y="32">{escape(name)}</text>')
    x, named = left + 20 + 6.2 * len(name), [(c, t) for c, t in zip(panel.curves, tones(panel.curves), strict=True) if c.label]
    for curve, tone in named:
        out.append(
            f'<path class="c {tone}" d="M{x:.0f} 28h16"/><text x="{x + 20:.0f}" y="32">{escape(curve.label.replace("-", "−"))}</text>'
        )
        x += 32 + 6.2 * len(curve.label)
    return "".join(out)


def _axis(name: str, unit: str) -> str:
    return f"{name} ({unit})" if unit else name


def thumbnail(response: Response) -> str:
    """The first panel as one path in a box of THUMB pixels; empty where there is none."""
    if not response.panels:
        return ""
    panel = response.panels[0]
    frame = _Frame(panel, 0.5, 0.5, THUMB[0] - 0.5, THUMB[1] - 0.5)
    dots = [c for c in panel.curves if c.form == "dots"]
    if dots:
        x, y = np.asarray(frame.x(dots[0].x)), np.asarray(frame.y(dots[0].y))
        return "".join(f"M{a:.0f} {b:.0f}h.8" for a, b in sorted({(round(float(a)), round(float(b))) for a, b in zip(x, y, strict=True)}))
    lines = [c for c in panel.curves if c.form == "line" and len(c.x)]
    shown = [c for c in lines if not c.quiet] or lines
    labelled = [c for c in shown if c.label]
    shown = labelled[-1:] or shown
    strokes = "".join(frame.strokes(c) for c in panel.curves if c.form == "ticks" and len(c.x))
    return "".join(path(frame.points(c, 0.35)) for c in shown) + (strokes if len(strokes) < 600 else "")
