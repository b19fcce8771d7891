"""Find the programs that simulate, place and route generated circuits; where one is missing and we may, install Debian's.

Tests that need an absent one skip.
"""

from __future__ import annotations

import shutil
import sys

from debian import install

PROGRAMS = ("iverilog", "verilator", "yosys", "ngspice", "nextpnr-ice40", "icepack")
PACKAGES = {"icepack": "fpga-icestorm"}  # the others are named as their program is


def missing() -> list[str]:
    """The programs that are not on the path."""
    return [name for name in PROGRAMS if shutil.which(name) is None]


def main() -> int:
    if wanted := missing():
        install(PACKAGES.get(name, name) for name in wanted)
    if still := missing():
        print(f"Without {', '.join(still)} the tests of generated circuits skip.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
