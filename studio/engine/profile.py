"""Where the time of a run went: by kind of work, by population and projection, by event.

The loop reads the processor's time-stamp counter at each change of work; the sum over a thread is its time in the loop. Times are means over
the threads: what one of them does in a second is a second of the run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.engine.simulation import Simulation

KINDS = {
    "update": "neurons advance",
    "delivery": "spikes cross synapses",
    "plasticity": "synapses learn",
    "input": "sources emit",
    "recording": "spikes and traces are collected",
    "waiting": "threads wait for each other",
    "exchange": "processes exchange spikes",
    "other": "everything else, such as taking over what was recorded",
}
SHOWN = 12  # rows by path in the table; the rest is one row


def profile(simulation: Simulation, counters: Mapping[str, Mapping[str, int]], wall_s: float) -> dict[str, Any]:
    """The profile of a run, ready for JSON: seconds by kind; rows by path with their count and nanoseconds for each; totals."""
    measured = simulation.profile()
    kinds = dict.fromkeys(KINDS, 0.0)
    for kind, _, s in measured:
        kinds[kind] += s
    kinds["other"] = max(wall_s - sum(kinds.values()), 0.0)
    rows = [row(kind, path, s, _count(simulation, counters, kind, path)) for kind, path, s in measured if path]
    rows.sort(key=lambda r: -r["s"])
    events, updates = sum(counters["events"].values()), sum(counters["updates"].values())
    crossing = kinds["delivery"] + kinds["plasticity"]
    return {
        "wall_s": wall_s,
        "threads": simulation.plan.threads,
        "seconds": kinds,
        "rows": rows,
        "events": events,
        "events_per_s": events / wall_s if wall_s else 0.0,
        "ns_per_event": 1e9 * crossing / events if events else None,
        "updates": updates,
        "ns_per_update": 1e9 * kinds["update"] / updates if updates else None,
        "weight_updates": sum(counters["weight_updates"].values()),
    }


def row(kind: str, path: str, seconds: float, count: int) -> dict[str, Any]:
    """One node or projection. `ns`: wall time for each of what was counted, all threads at work together."""
    return {"kind": kind, "path": path, "s": seconds, "count": count, "ns": 1e9 * seconds / count if count else None}


def _count(simulation: Simulation, counters: Mapping[str, Mapping[str, int]], kind: str, path: str) -> int:
    if kind == "update":
        return counters["updates"][path]
    if kind == "input":
        return simulation.drives[path].size * simulation.step
    return counters["events"][path]


def table(said: Mapping[str, Any]) -> str:
    """The profile for people."""
    total = said["wall_s"] or 1.0
    lines = [f"{total:.3g} s on {said['threads']} thread{'' if said['threads'] == 1 else 's'}"]
    seconds = sorted(said["seconds"].items(), key=lambda kv: -kv[1])
    lines += [f"  {s:9.3f} s {100 * s / total:5.1f} %  {kind:<11} {KINDS[kind]}" for kind, s in seconds if s >= 0.0005 * total]
    lines += _rows(said["rows"], total)
    if said["events"]:
        lines.append(f"{said['events']:,} synaptic events, {said['events_per_s']:.3g} a second, {said['ns_per_event']:.3g} ns each")
    if said["updates"]:
        lines.append(f"{said['updates']:,} neuron updates, {said['ns_per_update']:.3g} ns each")
    if said["weight_updates"]:
        lines.append(f"{said['weight_updates']:,} weight updates")
    return "\n".join(lines)


def _rows(rows: Iterable[Mapping[str, Any]], total: float) -> list[str]:
    """The largest by path; what they are too many for is one line."""
    rows = [r for r in rows if r["s"] > 0.0]
    shown, rest = rows[:SHOWN], rows[SHOWN:]
    width = max((len(r["path"]) for r in shown), default=0)
    lines = [
        f"  {r['s']:9.3f} s {100 * r['s'] / total:5.1f} %  {r['path']:<{width}}  {r['kind']}"
        + (f", {r['count']:.3g} x {r['ns']:.3g} ns" if r["count"] else "")
        for r in shown
    ]
    if rest:
        s = sum(r["s"] for r in rest)
        lines.append(f"  {s:9.3f} s {100 * s / total:5.1f} %  {len(rest)} more")
    return lines
