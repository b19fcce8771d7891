"""Find the programs that simulate generated circuits; where one is missing and we may, install Debian's. Tests that need an absent one skip."""

from __future__ import annotations

import shutil
import sys

from debian import install

PROGRAMS = ("iverilog", "verilator", "yosys", "ngspice")  # each is also the name of Debian's package


def missing() -> list[str]:
    """The programs that are not on the path."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


def main() -> int:
    if wanted := missing():
        install(wanted)
    if still := missing():
        print(f"Without {', '.join(still)} the tests of generated circuits skip.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
