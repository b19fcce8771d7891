"""An emitted design placed and routed for its board by open tools: the clock that it reaches, and what it takes of the device.

`python -m studio.backends.fpga.placing FOLDER [--json]` runs the folder's own Makefile in a copy of it. nextpnr and its packer are looked for on the path,
under their own names and under those of the YoWASP packages; `--tools DIR` says where else.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.backends.fpga.boards import BOARDS, Board
from studio.backends.fpga.resources import CELLS, estimated
from studio.findings import Finding, FindingError

CALLED = {
    "TRELLIS_COMB": "tables",
    "ICESTORM_LC": "tables",
    "TRELLIS_FF": "registers",
    "ICESTORM_RAM": "memory_blocks",
    "ICESTORM_DSP": "multipliers",
}


@dataclass(frozen=True)
class Placed:
    """`clock`: what the design reaches [MHz], `asked`: what it was placed for; `used` and `there` by resource."""

    board: str
    clock: float
    asked: float
    used: Mapping[str, int]
    there: Mapping[str, int]


def board_of(folder: Path) -> Board:
    """The board that a folder's Makefile is for. Raises FindingError where there is none."""
    make = folder / "Makefile"
    said = make.read_text(encoding="utf-8") if make.exists() else ""
    for board in BOARDS.values():
        if f"board.{board.constraints}" in said:
            return board
    text = "There is no board in this folder: open tools build for the devices " + " and ".join(BOARDS) + "."
    raise FindingError([Finding("fit.tool", "error", "", text, "Compile for one of these.")])


def tool(name: str, where: str | None = None) -> str | None:
    """The path of nextpnr or a packer, or of its YoWASP package."""
    path = os.pathsep.join([*([where] if where else []), os.environ.get("PATH", "")])
    return shutil.which(name, path=path) or shutil.which(f"yowasp-{name}", path=path)


def place(folder: Path, where: str | None = None, seconds: float = 1800.0) -> Placed:
    """Build a folder's design. Raises FindingError where a tool is missing, refuses the design, or takes longer than `seconds`."""
    board = board_of(folder)
    found = {"PLACE": tool(board.place[0], where), "PACK": tool(board.pack[0], where), "YOSYS": tool("yosys", where)}
    named = {"PLACE": board.place[0], "PACK": board.pack[0], "YOSYS": "yosys"}
    if absent := [named[key] for key, path in found.items() if path is None] + ([] if shutil.which("make") else ["make"]):
        raise FindingError([Finding("fit.tool", "error", "", f"Not found: {', '.join(absent)}.", "Install it, or say where it is.")])
    with tempfile.TemporaryDirectory(prefix="studio-place-") as place_:
        work = Path(place_) / "design"
        shutil.copytree(folder, work)
        words = ["make", "-s", board.built, *(f"{key}={path}" for key, path in found.items())]
        try:
            done = subprocess.run(words, cwd=work, capture_output=True, text=True, timeout=seconds)
        except subprocess.TimeoutExpired:
            raise FindingError([Finding("fit.tool", "error", "", f"It was not done within {seconds:g} s.", "Give it more time.")]) from None
        if done.returncode != 0 or not (work / board.built).stat().st_size:
            said = (done.stderr or done.stdout).strip()[-600:]
            raise FindingError(
                [Finding("fit.tool", "error", "", f"The design was not built: {said}", "Try a slower clock (option clock).")]
            )
        return reported(board, json.loads((work / "timing.json").read_text(encoding="utf-8")))


def reported(board: Board, report: Mapping[str, Mapping[str, Mapping[str, float]]]) -> Placed:
    """What nextpnr's report says: the slowest of the clocks, cells as resources."""
    slowest = min(report["fmax"].values(), key=lambda c: c["achieved"] / c["constraint"])
    used: dict[str, int] = {}
    there: dict[str, int] = {}
    for cell, numbers in report["utilization"].items():
        name = CALLED.get(cell) or next(iter(CELLS.get(cell, {})), None)
        if name is not None:
            used[name] = used.get(name, 0) + int(numbers["used"])
            there[name] = there.get(name, 0) + int(numbers["available"])
    return Placed(board.title, float(slowest["achieved"]), float(slowest["constraint"]), used, there)


def main(words: Sequence[str] | None = None) -> int:
    """0: placed, and fast enough; 1: too slow; raises FindingError where it cannot be placed."""
    parser = ArgumentParser(description="Place and route an emitted design for its board with open tools.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--tools", default=None, help="a folder with nextpnr and its packer")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args(words)
    made, before = place(args.folder, args.tools), estimated(args.folder)
    if args.json:
        print(json.dumps({**vars(made), "estimated": before}, indent=2))
    else:
        print(f"{made.board}: {made.clock:.1f} MHz reached, {made.asked:g} MHz asked for.")
        for name, count in made.used.items():
            print(
                f"{name.replace('_', ' ')}: {count:,} of {made.there[name]:,}"
                + (f" (estimated {before[name]:,.0f})" if name in before else "")
            )
    return 0 if made.clock >= made.asked else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except FindingError as problem:
        sys.exit("\n".join(str(f) for f in problem.findings))
