"""Write a network in another program's format, and say what that format cannot hold."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from studio.cli import documents
from studio.cli.exits import DOCUMENT, DONE, UsageError
from studio.cli.say import print_findings
from studio.findings import errors


def arguments(parser: ArgumentParser) -> None:
    documents.add_document(parser, nargs="?")
    parser.add_argument("--format", default="nir", metavar="FORMAT", help="which format (default: nir); --format list names them all")
    parser.add_argument(
        "--out",
        type=documents.named,
        metavar="FILE",
        help="the file to write (default: the template's or file's name, with the format's suffix, here)",
    )

    parser.add_argument(
        "--dialect", metavar="READER", help="NIR: the one tool whose conventions are followed (norse, snntorch, sinabs, ...)"
    )
    parser.add_argument("--nested", action="store_true", help="NIR: write circuits as graphs in the graph, where it can say them")
    parser.add_argument("--ordered", action="store_true", help="ONNX: keep the engine's order of sums, so that every bit is the engine's")
    parser.add_argument("--inline", action="store_true", help="ONNX: no functions, for runtimes that know none")


OPTIONS = {"dialect": "nir", "nested": "nir", "ordered": "onnx", "inline": "onnx"}  # option -> the format that has it


def _stem(name: str) -> str:
    file = Path(name).name
    return next((file.removesuffix(suffix) for suffix in (documents.SUFFIX, ".nir", ".onnx") if file.endswith(suffix)), file)


def _options(args: Namespace) -> dict[str, Any]:
    """The options that were given; raises UsageError for one that the format does not have."""
    given = {name: getattr(args, name) for name in OPTIONS if getattr(args, name)}
    for name in given:
        if OPTIONS[name] != args.format:
            raise UsageError(f"--{name} belongs to --format {OPTIONS[name]}, not {args.format}.")
    return given


def main(args: Namespace) -> int:
    from studio.exchange import formats

    known = {form["key"]: form for form in formats()}
    if args.format == "list":
        print("\n".join(f"{key}  {form['title']}" for key, form in known.items()))
        return DONE
    if args.format not in known:
        raise UsageError(f"--format {args.format}: the formats are {', '.join(known)}.")
    if args.document is None:
        raise UsageError("Name a file or a template.")
    options = _options(args)
    document, findings = documents.read(args.document)
    form = known[args.format]
    out = args.out or Path(_stem(args.document) + form["suffix"])
    findings += tuple(form["write"](document, out, **options))
    print_findings(findings)
    if errors(findings):
        return DOCUMENT
    print(out)
    return DONE
