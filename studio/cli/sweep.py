"""Run a network again and again: with other parameters, with other seeds, on all processors.

With --out DIR the table goes to DIR/sweep.csv, its origin to DIR/sweep.json, and with --recordings every recording to DIR/recordings.
"""

from __future__ import annotations

import json
import re
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli import asked, documents
from studio.cli.exits import CANCELLED, DONE, FAILED, UsageError
from studio.cli.numbers import above, whole
from studio.cli.say import complain, counted, print_findings

if TYPE_CHECKING:
    from studio.analysis.sweep import Sweep, SweepFrame

_RANGE = re.compile(r"\s*([^:,\s]+):([^:,\s]+):(\d+)(:log)?\s*([A-Za-zµμΩ%].*)?\Z")
MOST_COMPLAINTS = 5  # failed runs that are told one by one
MOST_RATES = 6  # populations on one line


def arguments(parser: ArgumentParser) -> None:
    documents.add_document(parser)
    parser.add_argument(
        "--over",
        action="append",
        default=[],
        metavar="PATH=VALUES",
        help="vary one parameter: exc.tau_m=10,15,20, or p1.weight=0.1:0.5:5 (from, to, how many; :log for equal ratios); again for more",
    )
    parser.add_argument("--zip", action="store_true", help="take the values side by side, not in every combination")
    parser.add_argument("--random", type=whole(1), metavar="N", help="draw N settings; --over then gives distributions as JSON, or lists")
    parser.add_argument("--repeats", type=whole(1), default=1, metavar="N", help="runs of each setting, with seeds one after another")
    parser.add_argument("--seed", type=whole(0), metavar="N", help="the first seed (default: what the document says)")
    parser.add_argument("--duration", type=above(0.0), metavar="MS", help="how long to simulate, in ms (default: what the document says)")
    parser.add_argument("--dt", type=above(0.0), metavar="MS", help="the time step, in ms (default: what the document says)")
    parser.add_argument("--precision", choices=["single", "double"], help="of the state variables (default: what the document says)")
    parser.add_argument("--start", type=float, default=0.0, metavar="MS", help="rates and irregularity leave out what comes before")
    parser.add_argument(
        "--set", action="append", default=[], metavar="PATH=VALUE", dest="settings", help="change one parameter for all runs"
    )
    parser.add_argument("--record", action="append", default=[], metavar="PATH:WHAT", help="record this as well, e.g. 'exc[0:10]:v'")
    parser.add_argument("--workers", type=whole(1), metavar="N", help="runs at the same time (default: as many as there are cores)")
    parser.add_argument("--threads", type=whole(1), metavar="N", help="threads of each run (default: 1 where runs share a machine)")
    parser.add_argument("--cluster", metavar="ADDRESS", help="a dask scheduler, such as tcp://host:8786, in the place of this machine")
    parser.add_argument("--out", type=documents.named, metavar="DIR", help="where sweep.csv and sweep.json go")
    parser.add_argument("--recordings", action="store_true", help="keep the recording of every run in DIR/recordings")
    parser.add_argument("--json", action="store_true", help="print every run as JSON on standard output")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def main(args: Namespace) -> int:
    if args.recordings and args.out is None:
        raise UsageError("--recordings: say with --out DIR where they go.")
    if args.zip and args.random:
        raise UsageError("--zip and --random: take one of them.")
    over, fixed = varied(args.over), documents.settings(args.settings)
    document, findings = documents.read(args.document)
    print_findings(findings)
    documents.folder(args.out)
    from studio.analysis.sweep import sweep

    bar = SweepBar(document.name or args.document, quiet=args.quiet)
    try:
        done = sweep(
            document,
            over,
            mode="random" if args.random else "zip" if args.zip else "grid",
            samples=args.random,
            repeats=args.repeats,
            seed=args.seed,
            duration=args.duration,
            dt=args.dt,
            precision=args.precision,
            set=fixed,
            record=_records(document, args.record),
            start=args.start,
            cluster=args.cluster,
            workers=args.workers,
            threads=args.threads,
            out=args.out,
            recordings=args.recordings,
            watch=bar.show,
        )
    finally:
        bar.close()
    print(_as_json(done) if args.json else in_words(done, args.out))
    return _ended(done, args.out)


class SweepBar:
    """Runs done, on standard error; `quiet` shows nothing."""

    def __init__(self, name: str, *, quiet: bool) -> None:
        self._name, self._quiet = name, quiet
        self._bar: Any = None

    def show(self, frame: SweepFrame) -> None:
        """Called by the sweep while it goes on."""
        bar = self._bar = self._bar or self._made(frame.total)
        said = [counted(frame.workers, "worker")] + ([f"{frame.failed} failed"] if frame.failed else [])
        bar.set_postfix_str(", ".join(said), refresh=False)
        bar.update(frame.done - bar.n)

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()

    def _made(self, total: int) -> Any:
        from tqdm import tqdm

        layout = "{desc} {percentage:3.0f}% |{bar}| {n} of {total} runs [{elapsed}, {remaining} left]{postfix}"
        slow = 0.1 if sys.stderr.isatty() else 2.0
        return tqdm(total=total, desc=self._name, file=sys.stderr, disable=self._quiet, bar_format=layout, mininterval=slow, leave=True)


def varied(given: Iterable[str]) -> dict[str, Any]:
    """`["exc.tau_m=10,15,20", "p1.weight=0.1:0.5:5"]` as lists of values; raises UsageError for what has no path or no values."""
    out: dict[str, Any] = {}
    for text in given:
        path, equals, said = text.partition("=")
        if not equals or not path.strip() or not said.strip():
            raise UsageError(f"--over {text}: write PATH=VALUES, for example --over exc.tau_m=10,15,20 or --over p1.weight=0.1:0.5:5.")
        if path.strip() in out:
            raise UsageError(f"--over {text}: {path.strip()} is varied already.")
        out[path.strip()] = values(said, text)
    return out


def values(said: str, text: str) -> Any:
    """A list, a range, or JSON."""
    if said.strip()[:1] in ("[", "{"):
        try:
            return json.loads(said)
        except ValueError as wrong:
            raise UsageError(f"--over {text}: this is not JSON ({wrong}).") from None
    if between := _RANGE.match(said):
        return _spaced(between, text)
    each = [documents.value_of(part) for part in said.split(",")]
    unit = each[-1].get("unit") if isinstance(each[-1], dict) else None
    plain = all(isinstance(one, int | float) and not isinstance(one, bool) for one in each[:-1])
    return [*({"value": one, "unit": unit} for one in each[:-1]), each[-1]] if unit and plain else each


def _spaced(between: re.Match[str], text: str) -> list[Any]:
    import math

    low, high = (documents.value_of(between[k]) for k in (1, 2))
    n, log, unit = int(between[3]), between[4], between[5]
    if not all(isinstance(x, int | float) for x in (low, high)) or n < 1 or (log and not (low > 0 and high > 0)):
        raise UsageError(f"--over {text}: write FROM:TO:HOW_MANY with numbers, and above 0 with :log.")
    share = [k / (n - 1) for k in range(n)] if n > 1 else [0.0]
    points = [math.exp(math.log(low) + (math.log(high) - math.log(low)) * s) if log else low + (high - low) * s for s in share]
    rounded = [float(f"{x:.12g}") for x in points]  # 0.3, not 0.30000000000000004
    return [{"value": x, "unit": unit.strip()} for x in rounded] if unit else rounded


def _records(document: Any, wanted: Sequence[str]) -> list[Any] | None:
    """What the document records and what is asked for on top; None where nothing is asked for."""
    if not wanted:
        return None
    said = document.to_json().get("run", {}).get("record")
    own = said if said is not None else [{"path": key} for key, node in document.circuit.nodes.items() if node.kind != "source"]
    return [*own, *(asked.recorded(text) for text in wanted)]


def _as_json(done: Sweep) -> str:
    whole = {"name": done.name, "units": dict(done.units), "provenance": dict(done.provenance), "runs": done.lines()}
    return json.dumps(whole, indent=2, ensure_ascii=False)


def in_words(done: Sweep, out: Path | None) -> str:
    """One line a point: its settings, and mean and spread of each rate over the repeats."""
    table = done.to_pandas()
    ran = table[table["status"] == "done"]
    lines = [
        f"{counted(len(ran), 'run')} of {len(table):,} in {done.provenance['wall_s']:.3g} s, {counted(done.provenance['workers'], 'worker')}"
    ]
    rates = [name for name in table.columns if name.startswith("rate_hz.")]
    for _, of_point in ran.groupby("point"):
        first = of_point.iloc[0]
        settings = ", ".join(f"{path} {_short(first[path])}{' ' + unit if unit else ''}" for path, unit in done.units.items())
        means = ", ".join(f"{name.removeprefix('rate_hz.')} {_spread(of_point[name])} Hz" for name in rates[:MOST_RATES])
        more = f", and {len(rates) - MOST_RATES} more" if len(rates) > MOST_RATES else ""
        lines.append(f"  {settings or 'all'}: {means}{more}")
    return "\n".join([*lines, *([str(out / "sweep.csv")] if out else [])])


def _short(value: Any) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _spread(column: Any) -> str:
    return f"{column.mean():.4g}" + (f" ± {column.std():.2g}" if len(column) > 1 else "")


def _ended(done: Sweep, out: Path | None) -> int:
    """What went wrong, in sentences, and the exit code."""
    for row in done.failed[:MOST_COMPLAINTS]:
        complain(f"run {row.run} failed: {row.finding}", FAILED)
    if len(done.failed) > MOST_COMPLAINTS:
        complain(f"{len(done.failed) - MOST_COMPLAINTS} more runs failed.", FAILED)
    if done.complete:
        return FAILED if done.failed else DONE
    kept = f" {out / 'sweep.csv'} has the runs done until then." if out else ""
    return complain(f"Cancelled.{kept}", CANCELLED)
