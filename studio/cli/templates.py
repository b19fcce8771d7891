"""List the networks that come with the studio."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from studio.cli.exits import DONE
from studio.share import templates


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--names", action="store_true", help="names only")


def main(args: Namespace) -> int:
    found = templates()
    width = max((len(t.name) for t in found), default=0)
    for template in found:
        print(template.name if args.names else f"{template.name:{width}}  {template.description or template.title}")
    return DONE
