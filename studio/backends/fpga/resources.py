"""What Yosys makes of an emitted design: cells of the device, beside what the compiler had estimated.

`python -m studio.backends.fpga.resources FOLDER [--device ecp5_85] [--json]` synthesises the folder's Verilog; nothing is placed or routed, so that no
clock is known.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.backends.fpga.replay import sources
from studio.backends.fpga.target import DEVICES, USUAL, Device
from studio.findings import Finding, FindingError

CELL = re.compile(r"^\s+([A-Z][A-Z0-9_]*)\s+(\d+)\s*$")
TOTAL = "=== design hierarchy ==="
# what a cell takes of a device: tables, registers, multipliers, blocks of memory (as `Device.blocks` counts them)
CELLS: Mapping[str, Mapping[str, int]] = {
    **{name: {"tables": 1} for name in ("SB_LUT4", "LUT4", "LUT1", "LUT2", "LUT3", "LUT5", "LUT6", "RAM32X1D", "RAM64X1D")},
    "CCU2C": {"tables": 2},
    "TRELLIS_DPR16X4": {"tables": 4},
    "RAM32M": {"tables": 4},
    "RAM64M": {"tables": 4},
    "RAM128X1D": {"tables": 4},
    "RAM128X1S": {"tables": 2},
    "SB_MAC16": {"multipliers": 1},
    "MULT18X18D": {"multipliers": 1},
    "DSP48E1": {"multipliers": 1},
    "SB_RAM40_4K": {"memory_blocks": 1},
    "DP16KD": {"memory_blocks": 1},
    "PDPW16KD": {"memory_blocks": 1},
    "RAMB18E1": {"memory_blocks": 1},
    "RAMB36E1": {"memory_blocks": 2},
    "TRELLIS_FF": {"registers": 1},
    **{name: {"registers": 1} for name in ("FDRE", "FDSE", "FDCE", "FDPE")},
}


@dataclass(frozen=True)
class Synthesis:
    """Cells by name, and what they add up to: tables, registers, multipliers, blocks of memory."""

    device: str
    cells: Mapping[str, int]

    @property
    def sums(self) -> dict[str, int]:
        out: dict[str, int] = {"memory_blocks": 0, "multipliers": 0, "tables": 0, "registers": 0}
        for cell, count in self.cells.items():
            known = {"registers": 1} if cell.startswith("SB_DFF") else CELLS.get(cell, {})
            for what, each in known.items():
                out[what] += each * count
        return out

    def over(self) -> list[str]:
        """Of what there is more than the device has, in sentences."""
        d = DEVICES[self.device]
        there = {"memory_blocks": d.blocks, "multipliers": d.multipliers, "tables": d.luts}
        return [f"{name.replace('_', ' ')}: {self.sums[name]:,} of {n:,} on {d.title}." for name, n in there.items() if self.sums[name] > n]


def synthesise(folder: Path, device: str = USUAL, seconds: float = 1800.0) -> Synthesis:
    """Synthesise the Verilog in a folder with Yosys. Raises FindingError where Yosys is missing, refuses the design, or takes longer than `seconds`."""
    if shutil.which("yosys") is None:
        raise FindingError([Finding("fit.tool", "error", "", "Yosys was not found.", "Install yosys (apt install yosys).")])
    chosen = DEVICES[device]
    with tempfile.TemporaryDirectory(prefix="studio-yosys-") as place:
        work = Path(place)
        for file in sources(folder, bench=""):
            shutil.copy(file, work)
        try:
            done = subprocess.run(command(chosen, work), cwd=work, capture_output=True, text=True, timeout=seconds)
        except subprocess.TimeoutExpired:
            text = f"Yosys did not finish within {seconds:g} s."
            raise FindingError([Finding("fit.tool", "error", "", text, "Give it more time, or a smaller network.")]) from None
        if done.returncode != 0:
            said = (done.stderr or done.stdout).strip()[-600:]
            text = f"Yosys refused the design: {said.rstrip('.')}."
            raise FindingError([Finding("fit.tool", "error", "", text, "Run it again; where it says the same, look up its message.")])
        return Synthesis(device, cells_of((work / "stat.txt").read_text(encoding="utf-8")))


def command(device: Device, work: Path) -> list[str]:
    """How Yosys is called."""
    names = " ".join(sorted(p.name for p in work.glob("*.v")))
    return ["yosys", "-q", "-p", f"read_verilog {names}; {device.synth} -top network; tee -o stat.txt stat"]


def cells_of(text: str) -> dict[str, int]:
    """The cells in what Yosys' `stat` prints: of the whole hierarchy where there is one."""
    lines = text.split(TOTAL)[-1].splitlines()
    found = [m for line in lines if (m := CELL.match(line))]
    return {m.group(1): int(m.group(2)) for m in found}


def estimated(folder: Path) -> dict[str, float]:
    """What the compiler's report in a folder says that the design takes; empty where there is none."""
    file = folder / "report.json"
    if not file.exists():
        return {}
    totals = json.loads(file.read_text(encoding="utf-8"))["totals"]
    return {u["resource"]: u["used"] for u in totals}


def main(words: Sequence[str] | None = None) -> int:
    """0: it fits the device; 1: it does not; raises FindingError without Yosys."""
    parser = ArgumentParser(description="Synthesise an emitted design with Yosys.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--device", default=USUAL, choices=tuple(DEVICES))
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(words)
    made, before = synthesise(args.folder, args.device), estimated(args.folder)
    if args.json:
        print(json.dumps({"device": args.device, "sums": made.sums, "estimated": before, "cells": made.cells}, indent=2))
    else:
        for name, count in made.sums.items():
            print(f"{name.replace('_', ' ')}: {count:,}" + (f" (estimated {before[name]:,.0f})" if name in before else ""))
        print("\n".join(made.over()))
    return 1 if made.over() else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except FindingError as problem:
        sys.exit("\n".join(str(f) for f in problem.findings))
