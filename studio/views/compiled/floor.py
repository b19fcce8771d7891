"""The floor plan as a drawing: cores by population, as full as they are. Chips lie in the machine's grid."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape
from typing import Any

Json = Mapping[str, Any]
SHADES = 8  # ways to fill; then they repeat
MARGIN, GAP = 0.7, 0.3  # round a chip, and between routers of several cores [cores]
STRIP = 6  # wider than so many times its height is a strip
WIDEST = 960.0  # px
LARGEST = 26.0  # px of a core
HIGHEST, SMALLEST = 420.0, 3.0  # px of the drawing; px that a core keeps
LEAST = 8  # routers that are drawn across and down at least
THIN = 0.12  # of a core's width, at least, for each who shares it
DETAIL = 3000  # cores beyond which each is one rectangle
NAMED = 12  # populations of the legend


def drawing(said: Json) -> str:
    """The floor plan with its legend; nothing where nothing is placed."""
    floor = said.get("floor")
    if not floor or not floor["core"]:
        return ""
    whole = floor["columns"] * floor["rows"]
    floor = _corner(floor)
    plan = _Plan(floor)
    fills = {path: k for k, path in enumerate(floor["paths"])}
    used = {(chip, x, y, core % plan.per) for core, chip, x, y in zip(floor["core"], floor["chip"], floor["x"], floor["y"], strict=True)}
    chips = (_chip(plan, chip) + _empty(plan, floor, chip, used) for chip in range(floor["chips"]))
    body = "".join([*chips, *_cores(plan, floor), *_links(plan, floor)])
    size = min(LARGEST, WIDEST / plan.width, max(HIGHEST / plan.height, SMALLEST))
    hidden = (whole - floor["columns"] * floor["rows"]) * plan.per * floor["chips"]
    rest = f" {hidden:,} empty cores beyond are not drawn." if hidden else ""
    label = f"{len(floor['core']):,} core{'s' * (len(floor['core']) != 1)} on {floor['chips']:,} chip{'s' * (floor['chips'] != 1)}"
    svg = (
        f'<svg class="floor" role="img" aria-label="{label}" viewBox="0 0 {plan.width:.4g} {plan.height:.4g}" '
        f'width="{plan.width * size:.0f}" height="{plan.height * size:.0f}">{body}</svg>'
    )
    return f'<p class="quiet">{label}. A core is filled as far as its fullest resource.{rest}</p>\n<div class="wide">{svg}</div>\n{_legend(fills)}'


def _corner(floor: Json) -> Json:
    """The part of each chip that is used on any of them, and a little more; routers and links are counted from there."""
    if floor["columns"] * floor["rows"] <= LEAST * LEAST:
        return floor
    left, wide = _stretch(floor["x"], floor["columns"])
    top, high = _stretch(floor["y"], floor["rows"])
    links = [[[c, x - left, y - top], [d, u - left, v - top], load] for (c, x, y), (d, u, v), load in floor["links"]]
    links = [one for one in links if all(0 <= x < wide and 0 <= y < high for _, x, y in one[:2])]
    moved = {"x": [x - left for x in floor["x"]], "y": [y - top for y in floor["y"]], "links": links}
    return {**floor, **moved, "columns": wide, "rows": high}


def _stretch(places: list[int], of: int) -> tuple[int, int]:
    """(first, how many) with one to spare on both sides, at least so many."""
    low, high = max(0, min(places) - 1), min(of, max(places) + 2)
    low = max(0, min(low, high - LEAST))
    return low, min(of, max(high, low + LEAST)) - low


class _Plan:
    """Where cores lie, in units of one core (the same geometry as the canvas's floor plan)."""

    def __init__(self, floor: Json) -> None:
        self.per = floor["cores_per_router"]
        self.columns = math.ceil(math.sqrt(self.per))
        rows = math.ceil(self.per / self.columns)
        gap = GAP if self.per > 1 else 0.0
        self.pitch = (self.columns + gap, rows + gap)
        self.rows = rows
        self.chip = (floor["columns"] * self.pitch[0] - gap + 2 * MARGIN, floor["rows"] * self.pitch[1] - gap + 2 * MARGIN)
        self.across = self._across(floor["chips"], floor["chip_columns"])
        self.width = self.across * self.chip[0]
        self.height = math.ceil(floor["chips"] / self.across) * self.chip[1]

    def _across(self, chips: int, columns: int) -> int:
        """Chips in a row: as the machine has them, or, where that is a long strip, in rows about twice as wide as high."""
        compact = max(1, min(chips, math.ceil(math.sqrt(2 * chips * self.chip[1] / self.chip[0]))))
        own = min(chips, columns)
        if own <= 1:
            return compact
        return compact if own * self.chip[0] > STRIP * math.ceil(chips / own) * self.chip[1] else own

    def beside(self, a: list[int], b: list[int]) -> bool:
        """Whether two routers lie beside each other on the drawing."""
        (ax, ay), (bx, by) = self.corner(*a), self.corner(*b)
        room = 0.0 if a[0] == b[0] else 2 * MARGIN
        return abs(ax - bx) <= 1.5 * self.pitch[0] + room and abs(ay - by) <= 1.5 * self.pitch[1] + room

    def corner(self, chip: int, x: int, y: int) -> tuple[float, float]:
        down, right = divmod(chip, self.across)
        return right * self.chip[0] + MARGIN + x * self.pitch[0], down * self.chip[1] + MARGIN + y * self.pitch[1]

    def core(self, core: int, chip: int, x: int, y: int) -> tuple[float, float]:
        left, top = self.corner(chip, x, y)
        return left + core % self.per % self.columns, top + core % self.per // self.columns


def _chip(plan: _Plan, chip: int) -> str:
    left, top = plan.corner(chip, 0, 0)
    wide, high = plan.chip[0] - MARGIN, plan.chip[1] - MARGIN
    return f'<rect class="chip" x="{left - MARGIN / 2:.4g}" y="{top - MARGIN / 2:.4g}" width="{wide:.4g}" height="{high:.4g}"/>'


def _empty(plan: _Plan, floor: Json, chip: int, used: set[tuple[int, int, int, int]]) -> str:
    """Cores that nothing lies on, as outlines, where they are few enough to be seen."""
    if floor["chips"] * floor["columns"] * floor["rows"] * plan.per > DETAIL:
        return ""
    places = ((x, y, k) for y in range(floor["rows"]) for x in range(floor["columns"]) for k in range(plan.per))
    free = (plan.core(k, chip, x, y) for x, y, k in places if (chip, x, y, k) not in used)
    return f'<path class="empty" d="{"".join(f"M{left + 0.08:.5g} {top + 0.08:.5g}h.84v.84h-.84z" for left, top in free)}"/>'


def _cores(plan: _Plan, floor: Json) -> list[str]:
    plain = len(floor["core"]) > DETAIL
    columns = zip(floor["core"], floor["chip"], floor["x"], floor["y"], floor["full"], floor["parts"], strict=True)
    out = []
    for core, chip, x, y, full, held in columns:
        left, top = plan.core(core, chip, x, y)
        out.append(_plain(left, top, held) if plain else _detailed(left, top, full, held, core, floor["paths"]))
    return out


def _plain(left: float, top: float, held: list[list[int]]) -> str:
    most = max(held, key=lambda pair: pair[1], default=[0, 0])
    return f'<rect class="f{most[0] % SHADES}" x="{left:.4g}" y="{top:.4g}" width="1" height="1"/>'


def _detailed(left: float, top: float, full: float, held: list[list[int]], core: int, paths: list[str]) -> str:
    all_ = sum(n for _, n in held) or 1
    shares = [max(n / all_, THIN) for _, n in held]
    high = 0.84 * min(1.0, full)
    out, x = [], left + 0.08
    for (place, _), share in zip(held, shares, strict=True):
        wide = 0.84 * share / sum(shares)
        out.append(f'<rect class="f{place % SHADES} pale" x="{x:.5g}" y="{top + 0.08:.5g}" width="{wide:.4g}" height=".84"/>')
        out.append(f'<rect class="f{place % SHADES}" x="{x:.5g}" y="{top + 0.92 - high:.5g}" width="{wide:.4g}" height="{high:.4g}"/>')
        x += wide
    if full > 1:
        out.append(f'<path class="cross" d="M{left + 0.08:.5g} {top + 0.08:.5g}l.84 .84m0 -.84l-.84 .84"/>')
    who = ", ".join(f"{paths[place]} {n:,}" for place, n in held)
    return f"<g><title>core {core}: {escape(who)}, {full:.0%} full</title>{''.join(out)}</g>"


def _links(plan: _Plan, floor: Json) -> list[str]:
    chips = floor["chips"]
    links = [one for one in floor["links"] if one[2] > 0 and max(one[0][0], one[1][0]) < chips and plan.beside(one[0], one[1])]
    most = max((load for *_, load in links), default=1.0)
    out = []
    for start, end, load in links[: 4 * DETAIL]:
        (ax, ay), (bx, by) = (_middle(plan, at) for at in (start, end))
        wide = 0.06 + 0.22 * math.sqrt(load / most)
        kind = "link most" if load == most else "link"
        line = f'<line class="{kind}" x1="{ax:.5g}" y1="{ay:.5g}" x2="{bx:.5g}" y2="{by:.5g}" stroke-width="{wide:.3g}">'
        out.append(f"{line}<title>{load:,.0f} events/s</title></line>")
    return out


def _middle(plan: _Plan, at: list[int]) -> tuple[float, float]:
    left, top = plan.corner(at[0], at[1], at[2])
    return left + plan.columns / 2, top + plan.rows / 2


def _legend(fills: Mapping[str, int]) -> str:
    one = '<span><svg viewBox="0 0 10 10" width="10" height="10" aria-hidden="true"><rect class="f{k}" width="10" height="10"/></svg> <code>{path}</code></span>'
    named = [one.format(k=k % SHADES, path=escape(path)) for path, k in list(fills.items())[:NAMED]]
    more = f'<span class="quiet">and {len(fills) - NAMED} more</span>' if len(fills) > NAMED else ""
    return f'<p class="legend">{"".join(named)}{more}</p>\n'
