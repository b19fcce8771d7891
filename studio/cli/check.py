"""Say what is wrong with a network, without running it."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, Namespace

from studio.cli import documents
from studio.cli.exits import DOCUMENT, DONE
from studio.cli.say import print_findings
from studio.findings import Finding, FindingError, errors


def arguments(parser: ArgumentParser) -> None:
    documents.add_document(parser)
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def main(args: Namespace) -> int:
    findings = _findings(args.document)
    if args.json:
        print(json.dumps([f.to_json() for f in findings], indent=2, ensure_ascii=False))
    elif findings:
        print_findings(findings, to=sys.stdout)
    else:
        print("Nothing to say: the network can run.")
    return DOCUMENT if errors(findings) else DONE


def _findings(name: str) -> tuple[Finding, ...]:
    from studio.models.catalogue import catalogue
    from studio.network.check import check

    try:
        document, findings = documents.read(name)
    except FindingError as wrong:
        return wrong.findings
    return findings + tuple(check(document, catalogue()))
