"""Runs a document's own input on a design that was loaded onto a board, through its serial line, and compares with the simulated Verilog.

`python -m studio.backends.fpga.onboard FOLDER PORT DOCUMENT_OR_TEMPLATE [--steps 300] [--only-run]`: FOLDER is what was compiled and built, PORT such as
/dev/ttyUSB0. The neurons must be as they were configured: load the design anew before each run.
"""

from __future__ import annotations

import os
import select
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from studio.backends.fpga.boards import BAUD
from studio.backends.fpga.host import read
from studio.backends.fpga.line import talk
from studio.backends.fpga.replay import replay
from studio.compile.backend import Listed, Outcome, Stimulus
from studio.findings import Finding, FindingError

PATIENCE = 5.0  # seconds without an answer


def stimulus(document: str, dt: float, steps: int | None) -> Stimulus:
    """The first steps of what a document's sources give, in steps of `dt` [ms]."""
    from studio.backends.compiling import flat_of
    from studio.backends.fpga.target import TARGET
    from studio.backends.stimulus import stimulus_of
    from studio.backends.verify import ideally
    from studio.compile.program import lower
    from studio.engine.run import simulate
    from studio.network import files
    from studio.share import templates

    path = next((t.path for t in templates() if t.name == document), Path(document))
    made, findings = files.read(path)
    if made is None:
        raise FindingError(findings)
    flat = flat_of(made)
    if steps is not None:
        flat = replace(flat, run=replace(flat.run, duration=min(flat.run.duration, steps * dt)))
    return stimulus_of(replace(lower(flat, TARGET), dt=dt), simulate(ideally(flat)))


def connected(port: str) -> int:
    """An open descriptor of a serial port: 8 bits, no parity, one stop bit, nothing changed on the way."""
    import termios
    import tty

    line = os.open(port, os.O_RDWR | os.O_NOCTTY)
    tty.setraw(line)
    speed = getattr(termios, f"B{BAUD}", None)
    if speed is None:
        os.close(line)
        raise FindingError([Finding("fit.line", "error", "", f"This system's serial ports do not go at {BAUD:,} bits a second.")])
    mode = termios.tcgetattr(line)
    mode[4] = mode[5] = speed
    termios.tcsetattr(line, termios.TCSANOW, mode)
    termios.tcflush(line, termios.TCIOFLUSH)
    return line


def run(folder: Path, line: int, given: Stimulus) -> dict[str, Listed]:
    """Spikes by layer of a design at the other end of an open descriptor."""

    def receive() -> bytes:
        return os.read(line, 4096) if select.select([line], [], [], PATIENCE)[0] else b""

    def send(data: bytes) -> None:
        while data:
            data = data[os.write(line, data) :]

    return talk(send, receive, read(folder), given)


def main(words: Sequence[str] | None = None) -> int:
    """0: the board does what the simulated Verilog does (or that was not asked); 1: it does not."""
    parser = ArgumentParser(description="Run a document's input on a board.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("port")
    parser.add_argument("document")
    parser.add_argument("--steps", type=int, default=None)
    parser.add_argument("--only-run", action="store_true", help="do not compare with a simulator")
    args = parser.parse_args(words)
    host = read(args.folder)
    given = stimulus(args.document, host.dt, args.steps)
    line = connected(args.port)
    try:
        found = run(args.folder, line, given)
    finally:
        os.close(line)
    for layer, (steps, _) in found.items():
        print(f"{layer}: {len(steps):,} spikes in {given.steps:,} steps")
    if args.only_run:
        return 0
    wanted = replay(args.folder, given)
    said = replace(wanted, states={}).differs(Outcome(given.steps, host.dt, found))
    print(f"The board does otherwise than the simulated Verilog. {said}" if said else "Exactly the spikes of the simulated Verilog.")
    return 1 if said else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except FindingError as problem:
        sys.exit("\n".join(str(f) for f in problem.findings))
