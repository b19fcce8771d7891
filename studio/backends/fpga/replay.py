"""Executes an emitted design: iverilog or verilator compiles it, the test bench plays the host, and its files are read back."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from studio.backends.fpga.host import Host, commands, read
from studio.compile.backend import Listed, Outcome, Stimulus, in_order
from studio.compile.watching import tick
from studio.findings import Finding, FindingError

SIMULATORS = ("iverilog", "verilator")
MANY = 1_000_000  # neuron updates from which compiling with verilator pays


def sources(folder: Path, bench: str = "bench.v") -> list[Path]:
    """The Verilog and the memories of an emitted design, with one of its test benches; without what only a board has."""
    aside = {"bench.v", "bench_link.v", "board.v"} - {bench}
    return [file for file in sorted(folder.iterdir()) if file.suffix in (".v", ".hex") and file.name not in aside]


def replay(folder: Path, stimulus: Stimulus, simulator: str | None = None) -> Outcome:
    """What the emitted Verilog does with a stimulus. Raises FindingError where there is no simulator, or it refuses the design."""
    host = read(folder)
    chosen = simulator or chosen_for(stimulus.steps * sum(ward.high - ward.low for ward in host.cores))
    with tempfile.TemporaryDirectory(prefix="studio-fpga-") as place:
        work = Path(place)
        for file in sources(folder):
            shutil.copy(file, work)
        _stimulus(work, host, stimulus)
        tick(0.05)
        run(_compile(work, chosen), work)
        tick(0.95)
        return _outcome(work, host, stimulus.steps)


def chosen_for(updates: int) -> str:
    """The simulator for so many neuron updates: verilator for many, else iverilog; whichever is there."""
    wanted = SIMULATORS[::-1] if updates >= MANY else SIMULATORS
    found = next((name for name in wanted if shutil.which(name)), None)
    if found is None:
        text = "No Verilog simulator was found, so the design was written but not executed."
        raise FindingError([Finding("fit.tool", "error", "", text, "Install iverilog or verilator.")])
    return found


def _stimulus(work: Path, host: Host, stimulus: Stimulus) -> None:
    with (work / "stimulus.txt").open("w", encoding="ascii") as out:
        for what, a, b, value in commands(host, stimulus):
            out.write(f"{what} {a} {b} {value}\n")


def _compile(work: Path, simulator: str) -> list[str]:
    """Make an executable of the design and say how to start it."""
    sources = sorted(p.name for p in work.glob("*.v"))
    if simulator == "iverilog":
        run(["iverilog", "-g2005", "-s", "bench", "-o", "bench.vvp", *sources], work)
        return ["vvp", "-n", "bench.vvp"]
    run(
        [
            "verilator",
            "--binary",
            "--timing",
            "-O3",
            "-Wno-fatal",
            "-Wno-lint",
            "-Wno-style",
            "--top-module",
            "bench",
            "-o",
            "bench",
            *sources,
        ],
        work,
    )
    return [str(work / "obj_dir" / "bench")]


def run(words: list[str], work: Path) -> None:
    """Run a tool; raise FindingError with its last words where it fails."""
    done = subprocess.run(words, cwd=work, capture_output=True, text=True)
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip()[-600:]
        raise FindingError([Finding("fit.tool", "error", "", f"{Path(words[0]).name} refused the design: {said}")])


def _outcome(work: Path, host: Host, steps: int) -> Outcome:
    layer = {number: key for key, number in host.layers.items()}
    found: dict[str, list[tuple[int, int]]] = {key: [] for key in host.layers}
    for line in (work / "spikes.txt").read_text(encoding="ascii").splitlines():
        step, population, ident = (int(word) for word in line.split())
        if population in layer:
            found[layer[population]].append((step, ident))
    spikes: dict[str, Listed] = {}
    for key, pairs in found.items():
        both = np.array(pairs, np.int64).reshape(-1, 2)
        spikes[key] = in_order(both[:, 0], both[:, 1])
    states, counters, cycles = _states(work, host)
    return Outcome(steps, host.dt, spikes, states, counters, {"clock_cycles": float(cycles)})


def _states(work: Path, host: Host) -> tuple[dict[tuple[str, str], np.ndarray], dict[str, dict[str, int]], int]:
    """Last states, saturations by path, and clock cycles."""
    cycles = 0
    words: dict[int, dict[int, int]] = defaultdict(dict)
    counters: dict[str, dict[str, int]] = {}
    for line in (work / "states.txt").read_text(encoding="ascii").splitlines():
        first, *rest = line.split()
        if first == "saturated":
            here = counters.setdefault(host.cores[int(rest[0])].path, {"saturated": 0})
            here["saturated"] += int(rest[1])
        elif first == "cycles":
            cycles = int(rest[0])
        else:
            words[int(first)][int(rest[0])] = int(rest[1], 16)
    parts: dict[tuple[str, str], list[np.ndarray]] = defaultdict(list)
    for number, ward in enumerate(host.cores):
        column = [words[number][k] for k in range(ward.high - ward.low)]
        for name, values in _fields(column, ward.registers):
            parts[(ward.layer, name)].append(values)
    return {k: np.concatenate(v)[None, :] for k, v in parts.items()}, counters, cycles


def _fields(words: list[int], registers: tuple[tuple[str, int, bool], ...]) -> Iterator[tuple[str, np.ndarray]]:
    at = 0
    for name, bits, signed in registers:
        raw = [(word >> at) & ((1 << bits) - 1) for word in words]
        yield name, np.array([v - (1 << bits) if signed and v >> (bits - 1) else v for v in raw], np.int64)
        at += bits
