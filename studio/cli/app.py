"""Open the studio in the browser.

With a file or a template it opens that; the studio runs until Ctrl-C.
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace

from studio.cli import documents
from studio.cli.exits import DONE


def arguments(parser: ArgumentParser) -> None:
    documents.add_document(parser, nargs="?")
    parser.add_argument(
        "--port", type=_port, default=5006, metavar="N", help="where the studio listens (default: 5006; 0 takes any free one)"
    )
    parser.add_argument("--no-browser", action="store_true", help="print the address, open nothing")


def main(args: Namespace) -> int:
    file = documents.find(args.document) if args.document else None
    from studio.ui.app import serve

    try:
        serve(file, port=args.port, open_browser=not args.no_browser)
    except KeyboardInterrupt:
        print()
    return DONE


def _port(text: str) -> int:
    value = int(text)
    if not 0 <= value <= 65535:
        raise ArgumentTypeError(f"{text} is not a port: give a whole number from 0 to 65535")
    return value
