"""The twin run: the network on the emulated chip beside the ideal one (`studio.backends.verify`)."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from studio.views.compiled.parts import number, percent, table
from studio.views.compiled.raster import raster
from studio.views.compiled.states import states

Json = Mapping[str, Any]


def comparison(said: Json) -> str:
    """Rates, distances, outputs and accuracy, before and after; nothing where nothing was run."""
    given = said.get("comparison")
    if not given:
        return ""
    return _verdict(given) + _task(given) + _populations(given) + raster(given) + states(given) + _counters(given)


def _verdict(given: Json) -> str:
    exact, difference = given["replayed"]["exact"], given["replayed"]["difference"]
    replayed = {
        True: "The artefact, read back and executed, agrees exactly with the emulator.",
        False: f"The artefact does not agree with the emulator: {difference}",
        None: "This back end has no artefact that could be read back: the emulator alone was run.",
    }[exact]
    dt = given.get("dt_ms", {})
    ran = f"{number(given['duration_ms'])} ms in steps of {number(dt.get('ideal'))} ms (ideal) and {number(dt.get('chip'))} ms (chip)."
    told = [replayed, ran, "" if given.get("complete", True) else "It was cancelled: the figures are of what was run.", *given["failures"]]
    kind = "ok" if given["passed"] and exact is not False else "bad"
    return f'<p class="{kind}">{escape(" ".join(filter(None, told)))}</p>\n'


def _task(given: Json) -> str:
    task = given.get("task")
    if not task:
        return ""
    within = task.get("interval") or {}
    rows = [
        [escape(name), f"<b>{percent(task[key])}</b>", _interval(within.get(key))]
        for key, name in (("ideal", "Ideal"), ("chip", "On the chip"))
    ]
    agree = f"{number(task['n'])} patterns, read from <code>{escape(str(task['readout']))}</code>"
    if task.get("agree") is not None:
        agree += f"; the same answer in {percent(task['agree'])} of them"
    return f"<h3>The task</h3>\n{table(('', 'right answers', '95 % interval'), rows, 'task')}<p class='quiet'>{agree}; chance is {percent(task.get('chance'))}.</p>\n"


def _interval(given: list[float] | None) -> str:
    return "" if not given else f"{percent(given[0])} to {percent(given[1])}"


def _populations(given: Json) -> str:
    head = (
        "Population",
        "Rate",
        "ideal",
        "on the chip",
        "off by",
        "Spikes, ideal",
        "on the chip",
        "at the same time",
        "van Rossum",
        "Victor-Purpura",
    )
    most = max((rate for p in given["populations"].values() for rate in p["rate"]), default=0.0) or 1.0
    rows = [
        [
            f"<code>{escape(path)}</code>",
            _pair(*(rate / most for rate in p["rate"])),
            *(f"{_measured(rate)} Hz" for rate in p["rate"]),
            percent(p.get("rate_error")),
            *(number(n) for n in p["spikes"]),
            percent(p.get("same")),
            _measured(p.get("van_rossum_spike")),
            _measured(p.get("victor_purpura_spike")),
        ]
        for path, p in given["populations"].items()
    ]
    said = "<h3>Rates and spikes</h3>\n" + table(head, rows, "twin") if rows else ""
    first = next(iter(given["populations"].values()), None)
    if not first or first.get("tau") is None:
        return said
    note = f"Distances are means over neurons for each spike: 0 where the runs are equal, 1 where they have nothing in common; van Rossum's with tau {number(first['tau'])} ms"
    cost = f", Victor and Purpura's with a cost of {number(first['cost'])} per ms" if first.get("cost") is not None else ""
    return f"{said}<p class='quiet'>{note}{cost}. Of the two bars the upper is the ideal network's rate, the lower the chip's.</p>\n"


def _pair(ideal: float, chip: float) -> str:
    bars = (
        f'<rect class="by-{kind}" y="{y}" width="{96 * share:.1f}" height="5"/>'
        for kind, y, share in (("ideal", 0, ideal), ("chip", 6, chip))
    )
    return f'<svg class="bar" viewBox="0 0 96 11" width="96" height="11" aria-hidden="true">{"".join(bars)}</svg>'


def _counters(given: Json) -> str:
    counted = given.get("counters") or {}
    rows = [[f"<code>{escape(path)}</code>", escape(what), number(n)] for path, c in counted.items() for what, n in c.items() if n]
    return table(("Where", "Counted on the chip", ""), rows, "facts")


def _measured(value: Any) -> str:
    return "–" if value is None else f"{value:.4g}" if isinstance(value, float) else number(value)
