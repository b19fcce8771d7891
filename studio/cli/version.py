"""Print the version, and with --all those of what it computes with."""

from __future__ import annotations

import platform
from argparse import ArgumentParser, Namespace
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed

from studio.cli.exits import DONE
from studio.version import __version__

COMPUTES_WITH = ("numpy", "numba", "llvmlite", "h5py", "nir", "panel", "holoviews", "anywidget", "jupyterlab")


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--all", action="store_true", help="Python and the main packages as well")


def main(args: Namespace) -> int:
    print(f"spike-studio {__version__}")
    if args.all:
        print(f"python {platform.python_version()}")
        for name in COMPUTES_WITH:
            print(f"{name} {_installed(name)}")
    return DONE


def _installed(name: str) -> str:
    try:
        return installed(name)
    except PackageNotFoundError:
        return "not installed"
