"""Write a network in another program's format, and say what that format cannot hold."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from studio.cli import documents
from studio.cli.exits import DOCUMENT, DONE, UsageError
from studio.cli.say import print_findings
from studio.findings import errors


def arguments(parser: ArgumentParser) -> None:
    documents.add_document(parser)
    parser.add_argument("--format", default="nir", metavar="FORMAT", help="which format (default: nir); --format list names them all")
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FILE",
        help="the file to write (default: the template's or file's name, with the format's suffix, here)",
    )


def main(args: Namespace) -> int:
    from studio.exchange import formats

    known = {form["key"]: form for form in formats()}
    if args.format == "list":
        print("\n".join(f"{key}  {form['title']}" for key, form in known.items()))
        return DONE
    if args.format not in known:
        raise UsageError(f"--format {args.format}: the formats are {', '.join(known)}.")
    document, findings = documents.read(args.document)
    form = known[args.format]
    out = args.out or Path(Path(args.document).name.removesuffix(documents.SUFFIX) + form["suffix"])
    findings += tuple(form["write"](document, out))
    print_findings(findings)
    if errors(findings):
        return DOCUMENT
    print(out)
    return DONE
