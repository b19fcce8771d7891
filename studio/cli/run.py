"""Run a network and keep what happened.

Times are in ms. With --out DIR the recording goes to DIR/recording.h5 and its summary to DIR/summary.json. While it runs, what is
recorded lies in DIR/run; --checkpoint adds states from which --resume DIR goes on.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli import asked, documents, longrun, processes
from studio.cli.exits import CANCELLED, DONE, FAILED
from studio.cli.numbers import above, whole
from studio.cli.progress import Bar, CtrlC
from studio.cli.say import complain, counted, print_findings
from studio.findings import FindingError

if TYPE_CHECKING:
    from studio.engine.ranks import Group
    from studio.engine.recording import Recording
    from studio.network.document import Document
    from studio.network.flat import FlatNetwork


def arguments(parser: ArgumentParser) -> None:
    documents.add_document(parser, nargs="?")
    parser.add_argument("--duration", type=above(0.0), metavar="MS", help="how long to simulate, in ms (default: what the document says)")
    parser.add_argument("--dt", type=above(0.0), metavar="MS", help="the time step, in ms (default: what the document says)")
    parser.add_argument("--seed", type=whole(0), metavar="N", help="seed of every random draw (default: what the document says)")
    parser.add_argument("--threads", type=whole(1), metavar="N", help="how many threads compute; results do not depend on it")
    parser.add_argument("--precision", choices=["single", "double"], help="of the state variables (default: what the document says)")
    parser.add_argument("--weights", choices=["float32", "table256"], help="how drawn weights are kept (default: what the document says)")
    parser.add_argument("--connectivity", choices=["stored", "procedural"], help="synapses in memory, or drawn again at every spike")
    parser.add_argument("--method", choices=["adaptive"], help="solver for the neurons that offer it")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="PATH=VALUE",
        dest="settings",
        help="change one parameter for this run, e.g. exc.tau_m=15",
    )
    parser.add_argument("--record", action="append", default=[], metavar="PATH:WHAT", help="record this as well, e.g. 'exc[0:10]:v'")
    parser.add_argument(
        "--wait", action="append", default=[], metavar="MS:HOW_LONG", help="let devices wait at a moment of the run, e.g. '500:1 d'"
    )
    parser.add_argument(
        "--fault", action="append", default=[], metavar="KIND:PATH:FRACTION[:VALUE]", help="break something, e.g. dead_neurons:exc:0.1"
    )
    longrun.arguments(parser)
    parser.add_argument("--profile", action="store_true", help="measure where the time goes, and print it")
    parser.add_argument("--json", action="store_true", help="print the summary as JSON on standard output")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")


def main(args: Namespace) -> int:
    group = processes.mine()
    document, flat, how = processes.prepared(group, lambda: _prepared(args, group.rank == 0))
    recording, code = _simulate(args, flat, how, group)
    if group.rank > 0:  # the first one keeps and says
        return code if code != DONE or recording.complete else CANCELLED
    out = args.out
    summary = _summary(recording, document)
    try:
        _keep(recording, summary, out, as_json=args.json)
    except FindingError as full:
        print_findings(full.findings)
        return complain(f"What was recorded lies in {args.out / longrun.FOLDER}.", FAILED)
    if recording.complete or args.checkpoint is None:
        longrun.forget(args)
    if code == DONE and not recording.complete:
        kept = " What was recorded until then is kept." if out else ""
        again = f"{f'mpiexec -n {group.size} ' if group.size > 1 else ''}studio run --resume {out}"
        more = f" `{again}` goes on." if args.checkpoint is not None else ""
        return complain(f"Cancelled at {recording.duration:g} ms of simulated time.{kept}{more}", CANCELLED)
    return code


def _prepared(args: Namespace, first: bool) -> tuple[Document, FlatNetwork, dict[str, Any]]:
    """What will run, and how `simulate` is told to keep and steer it."""
    longrun.settle(args)
    settings = documents.settings(args.settings)
    document, findings = documents.read(args.document)
    document = asked.with_run(document, args)
    flat = asked.flat_network(document, findings, settings, args.record)
    documents.folder(args.out)
    return document, flat, {"profile": args.profile, "steer": longrun.steering(args), **longrun.keeping(args, first)}


def _simulate(args: Namespace, flat: FlatNetwork, how: dict[str, Any], group: Group) -> tuple[Recording, int]:
    """What was recorded, and the exit code: a run that broke gives what it had until then."""
    from studio.engine.run import RunError, simulate

    bar = Bar(flat.name or args.document, flat.run.duration, quiet=args.quiet or group.rank > 0)
    try:
        with CtrlC() as stop:
            return simulate(flat, threads=args.threads, watch=None if args.quiet else bar.show, cancel=stop.asked, group=group, **how), DONE
    except RunError as broken:
        print_findings(broken.findings)
        return broken.recording, FAILED
    finally:
        bar.close()


def _keep(recording: Recording, summary: dict[str, Any], out: Path | None, *, as_json: bool) -> None:
    """Files where they are wanted, and the summary for whoever reads standard output."""
    text = json.dumps(summary, indent=2, ensure_ascii=False)
    if out:
        recording.save(out / "recording.h5")
        (out / "summary.json").write_text(text + "\n", encoding="utf-8")
    print(text if as_json else _in_words(summary, out))


def _summary(recording: Recording, document: Document) -> dict[str, Any]:
    from studio.analysis.summary import summary

    spent = {"build_s": recording.build_s, "compile_s": recording.compile_s}
    return {"name": document.name, **summary(recording, _answer(recording, document)), **spent}


def _answer(recording: Recording, document: Document) -> Any:
    """How well the network did what it is for; None where the document has no task or no pattern was shown completely."""
    if document.task is None:
        return None
    from studio.analysis.task import accuracy

    return accuracy(recording, document.task, _labels(document))


def _labels(document: Document) -> Any:
    """The right answers: a list in the task itself, or an array of the document that it names."""
    from studio.network.data import decode

    said = (document.task or {}).get("labels", [])
    if not isinstance(said, dict):
        return said
    name = str(said.get("data"))
    return decode(name, document.to_json().get("data", {}).get(name, {}))


def _in_words(summary: dict[str, Any], out: Path | None) -> str:
    """The summary for people."""
    factor = summary.get("real_time_factor")
    lines = [
        f"{counted(summary['spikes'], 'spike')} in {summary['duration_ms']:g} ms"
        + (f", {factor:.3g} s of computing per biological second" if factor else "")
    ]
    lines += [f"  {path}: {rate:.4g} Hz" for path, rate in summary["rates_hz"].items() if rate is not None]
    if "accuracy" in summary:
        lines.append(f"accuracy {100 * summary['accuracy']:.1f} % of {counted(summary['n'], 'pattern')}")
    if profile := summary["provenance"].get("profile"):
        from studio.engine.profile import table

        lines.append(table(profile))
    if out:
        lines.append(f"{out / 'recording.h5'}\n{out / 'summary.json'}")
    return "\n".join(lines)
