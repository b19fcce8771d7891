"""Compile a network for a chip, write what goes onto it, and say what was lost.

Exit code 0: it fits (and with --verify the artefact, read back and executed, agrees exactly with the emulator, and the task or --max-rate-error holds).
1: it does not fit; the findings say what, where and by how much. 3: verification failed. --target list names the targets and their options.
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.cli import asked, documents
from studio.cli.exits import CANCELLED, DOCUMENT, DONE, FAILED, UsageError
from studio.cli.numbers import above, whole
from studio.cli.progress import CtrlC, Stages
from studio.cli.say import complain, print_findings

if TYPE_CHECKING:
    from studio.compile.pipeline import Compiled
    from studio.compile.report import Report


def arguments(parser: ArgumentParser) -> None:
    documents.add_document(parser, nargs="?")
    parser.add_argument("--target", required=True, metavar="TARGET", help="which machine; --target list names them all")
    parser.add_argument("--out", type=documents.named, metavar="DIR", help="the folder for the artefact and the report")
    parser.add_argument("--verify", action="store_true", help="read the artefact back, execute it, and compare with the ideal network")
    parser.add_argument("--samples", type=whole(1), metavar="N", help="verify on the first N patterns of the document's task only")
    parser.add_argument(
        "--max-rate-error", type=above(0.0), metavar="X", help="verification fails where a population's rate is off by more (0.1 = 10 %%)"
    )
    parser.add_argument(
        "--option", action="append", default=[], metavar="NAME=VALUE", dest="options", help="an option of the target, e.g. chips=4"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="PATH=VALUE", dest="settings", help="change one parameter first, e.g. exc.tau_m=15"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON on standard output")
    parser.add_argument("--quiet", action="store_true", help="no progress")


def main(args: Namespace) -> int:
    from studio.backends import backend, backends
    from studio.compile.pipeline import compile_flat

    if args.target == "list":
        print("\n".join(_described(b) for b in backends().values()))
        return DONE
    if args.document is None:
        raise UsageError("Name a file or a template.")
    chosen = backend(args.target)
    options, settings = _options(args.options), documents.settings(args.settings)
    documents.folder(args.out)
    document, findings = documents.read(args.document)
    flat = asked.flat_network(document, findings, settings, [])
    stages = Stages(quiet=args.quiet or args.json)
    try:
        compiled = compile_flat(flat, chosen, options, watch=lambda name, _: stages.show(name))
        if compiled.fits and args.out is not None:
            stages.show("write the artefact")
            compiled = compiled.emit(args.out)
    finally:
        stages.close()
    if not compiled.fits:
        return _finish(args, compiled, DOCUMENT)
    return _verified(args, compiled, stages) if args.verify else _finish(args, compiled, DONE)


def _verified(args: Namespace, compiled: Compiled, stages: Stages) -> int:
    """The twin run, on the artefact in --out or in a folder of its own."""
    from tempfile import TemporaryDirectory

    from studio.backends.verify import verify
    from studio.compile.pipeline import Cancelled

    with TemporaryDirectory() as spare, CtrlC() as stop:
        folder = args.out
        if folder is None:
            folder = Path(spare)
            compiled = compiled.emit(folder)
        try:
            compiled = verify(
                compiled,
                folder=folder,
                samples=args.samples,
                max_rate_error=args.max_rate_error,
                watch=stages.show,
                cancel=stop.asked,
            )
        except Cancelled:
            return complain("Cancelled; the artefact is complete, the comparison is not.", CANCELLED)
        finally:
            stages.close()
    said = compiled.report.comparison
    return _finish(args, compiled, DONE if said is None or said["passed"] else FAILED)


def _finish(args: Namespace, compiled: Compiled, code: int) -> int:
    report = compiled.report
    text = json.dumps(report.to_json(), indent=2, ensure_ascii=False)
    if args.out is not None:
        from studio.views.compiled import write

        report = write(report, args.out)
    print_findings(report.findings)
    print(text if args.json else _in_words(report, args.out))
    return code


def _in_words(report: Report, out: Path | None) -> str:
    """The report for people."""
    lines = [f"{report.name} {'fits' if report.fits else 'does not fit'} {report.title}."]
    lines += [f"  {u.resource.replace('_', ' ')}: {u.used:,.0f} of {u.available:,.0f} {u.unit}".rstrip() for u in report.totals]
    for path, p in report.paths.items():
        if p.kind == "population" and p.binding is not None:
            b = p.binding
            lines.append(
                f"  {path}: {p.cores} core{'s' * (p.cores != 1)}, fullest in {b.resource.replace('_', ' ')} ({b.used / b.available:.0%})"
            )
    lines += [f"  {x.path}: {x.text}" for x in report.losses]
    said = report.comparison
    if said is not None:
        lines += _compared(said, report.title)
    if said is not None and (energy := report.energy):
        lines.append(_joules(energy))
    if report.unverified:
        lines.append(f"Not verified without the chip: {report.unverified}")
    if out is not None:
        lines += [str(out / name) for name in report.files]
    return "\n".join(lines)


def _compared(said: Mapping[str, Any], title: str) -> list[str]:
    """The twin run for people."""
    exact, difference = said["replayed"]["exact"], said["replayed"]["difference"]
    for_steps = (
        f" (the first {said['replayed']['steps']:,} steps)"
        if said["replayed"]["steps"] < said["duration_ms"] / said["dt_ms"]["chip"] - 0.5
        else ""
    )
    agrees = f"The artefact, read back and executed{for_steps}, agrees exactly with the emulator."
    lines = [] if exact is None else [agrees if exact else difference]
    for path, p in said["populations"].items():
        lines.append(f"  {path}: {p['rate'][0]:.4g} Hz ideal, {p['rate'][1]:.4g} Hz on {title}")
    for path, o in said["outputs"].items():
        if o["rms"] is not None:
            lines.append(f"  {path}: off by {o['rms']:.3g} {o['unit']} (root mean square), at most {o['largest']:.3g} {o['unit']}")
    if task := said.get("task"):
        lines.append(f"accuracy {100 * task['ideal']:.1f} % ideal, {100 * task['chip']:.1f} % on {title}, {task['n']:,} patterns")
    return [*lines, *said["failures"]]


def _joules(energy: Mapping[str, Any]) -> str:
    """The energy of the run on the machine, with its boundary."""
    one = energy["joules_per_inference"]
    each = f", {one:.3g} J an inference" if one else ""
    return f"energy {energy['joules']:.3g} J in {energy['seconds']:.4g} s{each} (boundary: {', '.join(energy['boundaries'])})"


def _options(given: list[str]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for text in given:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UsageError(f"--option {text}: write NAME=VALUE, for example --option chips=4.")
        out[name.strip()] = documents.value_of(value)
    return out


def _described(b: Any) -> str:
    options = "".join(f"\n    --option {o.name}={o.default}  {o.doc}" for o in b.options)
    return f"{b.key}  {b.target.title}{options}"
