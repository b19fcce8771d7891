"""Fit a device model to measured curves: pulses give its parameters, currents against voltages a conductance and its bend.

FILE is a CSV file whose header names each column and its unit: conductance [uS], direction (+1, -1, 0 where a curve begins), device; or
voltage [V], current [uA].
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path

from studio.cli.exits import DONE, UsageError


def arguments(parser: ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the measured curves, as CSV with units in the header")
    parser.add_argument(
        "--device",
        default="exp_step",
        metavar="MODEL",
        help="a device of the catalogue (exp_step, linear_step, pow_step ...), or polynomial, sinh",
    )
    parser.add_argument("--fix", action="append", default=[], metavar="NAME=VALUE", help="keep a parameter at a value; again for more")
    parser.add_argument("--picture", type=Path, metavar="HTML", help="draw measured points and the fit into this file")
    parser.add_argument("--json", action="store_true", help="print values, intervals and errors as JSON")


def main(args: Namespace) -> int:
    from studio.analysis.fit import fit

    found = fit(args.file, args.device, _fixed(args.fix))
    print(json.dumps(found.to_json(), indent=2) if args.json else found.text())
    if args.picture is not None:
        from studio.views.fits import save

        save(found, args.picture)
    return DONE


def _fixed(given: list[str]) -> dict[str, float]:
    out: dict[str, float] = {}
    for text in given:
        name, _, value = text.partition("=")
        try:
            out[name.strip()] = float(value)
        except ValueError:
            raise UsageError(f"--fix {text}: write NAME=VALUE with a number, for example --fix w_max=60.") from None
    return out
