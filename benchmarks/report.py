"""The tables and plots of docs/benchmarks.md, written from the results between its marks."""

from __future__ import annotations

import math
import re
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import plots, results
from benchmarks.process import ROOT
from benchmarks.results import Row

PAGE = ROOT / "docs" / "benchmarks.md"
IMAGES = ROOT / "docs" / "images"
MARKED = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- /\2 -->)", re.DOTALL)
NETWORKS = ("b1", "b2", "b3", "b4")


def write(folder: Path) -> list[Path]:
    """Write the page anew, and the plots for which there are results."""
    PAGE.write_text(rendered(PAGE.read_text(encoding="utf-8"), folder), encoding="utf-8")
    return [PAGE, *_plots(folder)]


def rendered(page: str, folder: Path) -> str:
    """The page with every marked part replaced; a part without results says so."""

    def part(found: re.Match[str]) -> str:
        made = PARTS[found[2]](folder) if found[2] in PARTS else _case(found[2], folder)
        return f"{found[1]}{made or 'Not measured yet.'}\n{found[3]}"

    return MARKED.sub(part, page)


def _plots(folder: Path) -> list[Path]:
    made = []
    groups = [(f"{key.upper()}  {found['title']}", _bars(found)) for key in NETWORKS if (found := _measured(key, folder))]
    if groups:
        made.append(IMAGES / "benchmarks.svg")
        made[-1].write_text(plots.bars(groups), encoding="utf-8")
    if sized := results.load("b6", folder):
        made.append(IMAGES / "scaling.svg")
        made[-1].write_text(plots.scaling(sized["points"]), encoding="utf-8")
    return made


def _measured(key: str, folder: Path) -> dict[str, Any] | None:
    found = results.load(key, folder)
    return found if found and found.get("measurements") else None


def _bars(found: dict[str, Any]) -> list[plots.Bar]:
    return [plots.Bar(row.who.split()[0], name(row), row.least) for row in results.rows(found["measurements"])]


def name(row: Row) -> str:
    """Who, how and with how many threads, for a table."""
    who = plots.NAMES[row.who.split()[0]]
    return f"{who}{', ' + row.way if row.way and row.way != 'stored' else ''}, {row.threads}T"


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A table of the page."""
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *lines))


def _case(key: str, folder: Path) -> str:
    """Everything about one network."""
    found = _measured(key, folder)
    if not found:
        return ""
    head = ["", "fastest", "median", "build", "load or compile", "bytes per synapse", "process", "waited"]
    lines = [
        [
            name(row),
            digits(row.least),
            digits(row.median),
            f"{digits(row.build_s)} s",
            f"{digits(row.compile_s)} s",
            digits(row.bytes_per_synapse, 2),
            f"{row.peak_bytes / 2**30:.2f} GiB" if row.peak_bytes > 2**29 else f"{row.peak_bytes / 2**20:.0f} MiB",
            f"{100 * row.wait_share:.1f} %",
        ]
        for row in results.rows(found["measurements"])
    ]
    said = f"{found['title']}. Version {found['version']}, {found['date']}, {len(found['measurements'])} processes."
    return f"{said}\n\n{table(head, lines)}" + _problems(found)


def _problems(found: dict[str, Any]) -> str:
    left = [problem.splitlines()[0] for problem in found.get("problems", [])]
    return "".join(f"\n\nLeft out: {problem}" for problem in left)


def _summary(folder: Path) -> str:
    """The best of the engine beside NEST with two threads and the best of Brian2."""
    lines = []
    for key in NETWORKS:
        if not (found := _measured(key, folder)):
            continue
        rows = results.rows(found["measurements"])
        stored = [r for r in rows if r.who == "engine" and not r.way.startswith("procedural")]
        engine = min(stored, key=lambda r: r.least, default=None)
        if engine is None:
            continue
        cells = [f"{key.upper()}", f"{digits(engine.least)} / {digits(engine.median)} ({engine.threads}T)"]
        for who, threads in (("nest", 2), ("brian2", 0)):
            same = [r for r in rows if r.who.startswith(who) and r.way == "" and threads in (0, r.threads)]
            best = min(same, key=lambda r: r.least, default=None)
            cells += [f"{digits(best.least)} / {digits(best.median)} ({best.threads}T)", _times(best, engine)] if best else ["", ""]
        lines.append(cells)
    return table(["", "Spike Studio", "NEST", "times", "Brian2", "times"], lines) if lines else ""


def _times(peer: Row, engine: Row) -> str:
    least, median = results.ratio(peer, engine)
    return f"**{digits(least, 2)}** / {digits(median, 2)}"


def _machine(folder: Path) -> str:
    found = next((f for key in NETWORKS if (f := results.load(key, folder))), None)
    if not found:
        return ""
    m = found["machine"]
    versions = sorted({f"{x.who.split()[0]} {x.version}" for x in found.get("measurements", []) if x.who != "engine"})
    return f"{m['cores']} cores of an {m['cpu']} (family {m['family']}, {m['vector']}), {m['memory_gib']:g} GiB, {m['system']}, Python {m['python']}; {', '.join(versions)}."


def _agreement(folder: Path) -> str:
    lines = []
    for key in NETWORKS:
        found = results.load(f"agree_{key}", folder)
        for v in found["verdicts"] if found else ():
            mean = sum(v["engine"]) / len(v["engine"])
            nest = f"{digits(min(v['nest']), 4)} to {digits(max(v['nest']), 4)}"
            verdict = "agrees" if v["agrees"] else "**differs**"
            lines.append(
                [key.upper(), v["quantity"], v["place"], digits(mean, 4), nest, f"{digits(v['low'], 4)} to {digits(v['high'], 4)}", verdict]
            )
    return table(["", "quantity", "of", "Spike Studio, mean", "NEST, least to most", "allowed", ""], lines) if lines else ""


def _scaling(folder: Path) -> str:
    found = results.load("b6", folder)
    if not found:
        return ""
    lines = []
    for p in found["points"]:
        cells = [p["series"], f"{p['n']:,} x {p['k']:,}", f"{p['x']:,g}"]
        for who in ("engine", "nest"):
            one = p.get(who)
            cells += [digits(one["rtf"]), f"{digits(one['build_s'])} s", digits(one["bytes_per_synapse"], 2)] if one else ["", "", ""]
        lines.append(cells)
    head = [
        "series",
        "neurons x synapses each",
        "value",
        "Spike Studio",
        "build",
        "bytes per synapse",
        "NEST",
        "build",
        "bytes per synapse",
    ]
    return table(head, lines)


def _start(folder: Path) -> str:
    found = results.load("b7", folder)
    if not found:
        return ""
    said = f"`import studio`: {1000 * statistics.median(found['import_s']):.0f} ms."
    times = ("packages_s", "compile_s", "build_s", "call_s", "again_s", "process_s")
    lines = [
        [f"`{template}`", kind, *(_seconds(runs, k) for k in times)]
        for template, kinds in found["templates"].items()
        for kind, runs in kinds.items()
    ]
    head = [
        "",
        "",
        "packages",
        "kernels compiled or loaded",
        "build",
        f"whole call ({found['span_ms']:g} ms)",
        "second call",
        "whole process",
    ]
    return f"{said}\n\n{table(head, lines)}"


def _seconds(runs: Sequence[dict[str, float | None]], key: str) -> str:
    """The median of a time; empty where a simulator has none."""
    known = [one for r in runs if (one := r.get(key)) is not None]
    return f"{digits(statistics.median(known))} s" if known else ""


def _small(folder: Path) -> str:
    found = results.load("b8", folder)
    if not found:
        return ""
    names = {"engine": "Spike Studio", "nest": "NEST"}
    lines = [
        [names.get(who, who), *(_seconds(runs, k) for k in ("import_s", "work_s", "again_s", "process_s"))]
        for who, runs in found["runs"].items()
    ]
    return table(["", "import", "build, compile or load, run", "a second time in the same process", "whole process"], lines)


def digits(value: float, n: int = 3) -> str:
    """A number with n significant digits, without an exponent."""
    if math.isnan(value):
        return ""
    if value == 0:
        return "0"
    places = max(0, n - 1 - math.floor(math.log10(abs(value))))
    return f"{value:,.{min(places, 12)}f}"


PARTS: dict[str, Callable[[Path], str]] = {
    "summary": _summary,
    "machine": _machine,
    "agreement": _agreement,
    "scaling": _scaling,
    "start": _start,
    "small": _small,
}
