"""What is estimated or measured of a run on the machine: energy and time with boundary and source of each, and what the links carry."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from studio.views.compiled.parts import bar, number, percent, table

Json = Mapping[str, Any]
BUSIEST = 12  # links and cores in a table
_MARK = {"source": "read in the source", "page": "published", "memory": "from memory, to be confirmed", "derived": "derived"}
_PREFIX = ((1e-12, "p"), (1e-9, "n"), (1e-6, "µ"), (1e-3, "m"), (1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "G"))


def energy(said: Json) -> str:
    """Joules by event, each with its boundary and source; and how long a step takes."""
    given = said.get("energy")
    if not given:
        return ""
    per = given.get("joules_per_synaptic_event")
    lead = f"{_scaled(given['joules'], 'J')} in {_scaled(given['seconds'], 's')}, {_scaled(given['watts'], 'W')}"
    lead += f", {_scaled(one, 'J')} an inference" if (one := given.get("joules_per_inference")) else ""
    lead += f", {_scaled(per, 'J')} a synaptic event" if per else ""
    bounds = ", ".join(escape(b) for b in given.get("boundaries", []))
    return (
        f"<p><b>{lead}</b>. {_how(given)} Boundary: {bounds}. Figures of other machines with other boundaries must not be compared with it.</p>\n"
        + _terms(given)
        + _missing(given)
        + _latency(given.get("latency") or {})
    )


def _terms(given: Json) -> str:
    most = max((t["joules"] for t in given["terms"]), default=0.0) or 1.0
    rows = [
        [
            _named(t["what"]),
            bar(t["joules"] / most, plain=True),
            _scaled(t["joules"], "J"),
            f"{_scaled(t['count'], '').strip()} × {_scaled(t['each'] * 1e-12, 'J')}",
            escape(t["boundary"]),
            f'<span class="quiet">{escape(t["source"])} ({escape(_MARK.get(t["mark"], str(t["mark"])))})</span>',
        ]
        for t in sorted(given["terms"], key=lambda t: -t["joules"])
        if t["count"]
    ]
    none = "; ".join(escape(str(t["what"]).partition(":")[0]) for t in given["terms"] if not t["count"])
    said = f'<p class="quiet">Counted, but there were none: {none}.</p>\n' if none else ""
    return table(("What", "", "takes", "counted", "boundary", "source"), rows, "energy") + said


def _named(what: str) -> str:
    """The name of a term, and under it what it is."""
    name, _, doc = what.partition(": ")
    return escape(name) + (f'<div class="quiet">{escape(doc)}</div>' if doc else "")


def _missing(given: Json) -> str:
    left = given.get("not_counted") or []
    return f'<p class="quiet">Not counted: {", ".join(escape(name) for name in left)}.</p>\n' if left else ""


def _latency(given: Json) -> str:
    busiest, free = given.get("busiest_share_of_a_step"), given.get("free_running_s")
    said = [f"The busiest core works {percent(busiest)} of a step."] if busiest is not None else []
    if free:
        said.append(f"Stepping as fast as the machine can, the run of {number(given.get('steps'))} steps would take {_scaled(free, 's')}.")
    return f"<p>{' '.join(said)}</p>\n" if said else ""


def traffic(said: Json) -> str:
    """Events per second, the fullest links and cores against what they can carry, and who binds."""
    given = said.get("traffic")
    if not given:
        return ""
    flows = [
        [escape(str(_FLOWS.get(name, name.replace("_", " ")))), _scaled(value, "/s")]
        for name, value in given["events_per_s"].items()
        if value
    ]
    return (
        f"<p>{_how(given)}{_binding(given.get('binding'))}</p>\n"
        + table(("Flow", ""), flows, "facts flows")
        + _links(given)
        + _cores(given)
    )


_FLOWS = {
    "spikes": "spikes of neurons",
    "from_host": "spikes from outside",
    "messages": "messages between cores",
    "synaptic": "synaptic events",
    "hops_x": "links crossed, east-west",
    "hops_y": "links crossed, north-south",
}


def _how(given: Json) -> str:
    return "From a run." if given["measured"] else "Estimated: neurons that nothing is known of fire at 10 Hz."


def _binding(one: Json | None) -> str:
    if not one:
        return ""
    who = f"<code>{escape(str(one['path']))}</code>"
    if one["kind"] == "link":
        return f" The link from {_corner(one['from'])} to {_corner(one['to'])} binds, most of it for {who}."
    return f" Core {one['core']} binds: it works {percent(max(one['busy'], one['busiest'] or 0.0))} of a step, most of it for {who}."


def _links(given: Json) -> str:
    links = given["links"]
    columns = zip(links["from"], links["to"], links["events"], links["capacity"], links["paths"], strict=True)
    rows = [
        [
            f"{_corner(a)} to {_corner(b)}",
            bar(events / capacity) if capacity else "",
            _scaled(events, "/s") + (f" of {_scaled(capacity, '/s')}" if capacity else ""),
            f"<code>{escape(path)}</code>",
        ]
        for a, b, events, capacity, path in list(columns)[:BUSIEST]
    ]
    known = any(capacity for capacity in links["capacity"])
    note = "" if known or not rows else '<p class="quiet">What one of these links can carry is not published.</p>\n'
    return _titled("The fullest links", table(("Link", "", "carries", "most of it for"), rows, "links") + note, given["n_links"])


def _cores(given: Json) -> str:
    cores = given["cores"]
    columns = zip(*(cores[name] for name in ("core", "synaptic", "busy", "busiest", "paths")), strict=True)
    rows = [
        [
            number(core),
            bar(_worst(busy, busiest)) if busy is not None else "",
            _scaled(synaptic, "/s"),
            percent(busy),
            percent(busiest),
            f"<code>{escape(path)}</code>",
        ]
        for core, synaptic, busy, busiest, path in list(columns)[:BUSIEST]
    ]
    head = ("Core", "", "synaptic events", "of a step", "in the busiest step", "most of it for")
    return _titled("The busiest cores", table(head, rows, "links"), given["n_cores"])


def _titled(title: str, body: str, of: int) -> str:
    more = f' <span class="quiet">({BUSIEST} of {of:,})</span>' if of > BUSIEST else ""
    return f"<h3>{title}{more}</h3>\n{body}" if body else ""


def _worst(busy: float, busiest: float | None) -> float:
    return max(busy, busiest or 0.0)


def _corner(at: list[int]) -> str:
    return f"chip {at[0]} ({at[1]}, {at[2]})"


def _scaled(value: float | None, unit: str) -> str:
    """Three digits and a prefix."""
    if value is None:
        return "–"
    scale, prefix = next(((s, p) for s, p in reversed(_PREFIX) if abs(value) >= s), (1.0, "") if value == 0 else _PREFIX[0])
    return f"{value / scale:.3g} {prefix}{unit}"
