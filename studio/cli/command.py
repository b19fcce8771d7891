"""Reads the command line, runs one command, and turns what happened into an exit code."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from collections.abc import Sequence
from types import ModuleType

from studio.cli import app, check, compile, export, fit, run, schema, sweep, templates, version
from studio.cli.exits import CANCELLED, DOCUMENT, FAILED, USAGE, UsageError
from studio.cli.say import complain, print_findings
from studio.findings import FindingError
from studio.version import __version__

# Each module is one command: its docstring is the help, `arguments` declares, `main` does it.
COMMANDS: tuple[ModuleType, ...] = (app, run, sweep, check, export, compile, fit, templates, schema, version)


def parser() -> argparse.ArgumentParser:
    """The whole command line."""
    top = argparse.ArgumentParser(prog="studio", description="Draw, run, understand and export spiking neural networks.")
    top.add_argument("--version", action="version", version=f"spike-studio {__version__}")
    top.add_argument("--traceback", action="store_true", help="on a failure, print where in the program it happened")
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for module in COMMANDS:
        said = (module.__doc__ or "").strip()
        one = commands.add_parser(module.__name__.rpartition(".")[2], help=said.splitlines()[0], description=said)
        module.arguments(one)
        one.set_defaults(main=module.main)
    return top


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; never a traceback for what a person can mend."""
    try:
        args = parser().parse_args(words)
    except SystemExit as stop:  # argparse has said why
        return int(stop.code or 0)
    try:
        code: int = args.main(args)
        sys.stdout.flush()  # here, where a reader that went away can be answered
        return code
    except UsageError as wrong:
        return complain(str(wrong), USAGE)
    except FindingError as wrong:
        print_findings(wrong.findings)
        return DOCUMENT
    except KeyboardInterrupt:
        return complain("Cancelled.", CANCELLED)
    except BrokenPipeError:  # the reader of our output went away, as `| head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as broken:
        if args.traceback:
            traceback.print_exc()
        return complain(f"The studio failed: {broken or type(broken).__name__} ({type(broken).__name__}; --traceback says where).", FAILED)
