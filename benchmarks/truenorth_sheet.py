"""A sheet of neurons that hear 64 neighbours each, for TrueNorth: compiled, written, read back and executed.

`python -m benchmarks.truenorth_sheet [side] [ticks]`; a million neurons by default.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import studio
from studio.backends.compiling import compile_network
from studio.compile.backend import Stimulus


def sheet(side: int) -> studio.Network:
    """Excitation from the nearest 16, inhibition from 48 around them; a constant current drives all."""
    kernel = np.zeros((1, 1, 9, 9))  # 8 x 8, with one row and column of nothing so that both ends have the same shape
    kernel[0, 0, :8, :8] = -0.5
    kernel[0, 0, 2:6, 2:6] = 1.0
    net = studio.Network("Sheet")
    numbers = {"tau_m": 20.0, "c_m": 1.0, "v_rest": 0.0, "v_reset": 0.0, "v_th": 20.0, "t_ref": 0.0, "i_offset": 1.1}
    cells = net.population("sheet", side * side, "lif", shape=(side, side), **numbers)
    net.connect(cells, cells, studio.convolution(kernel, padding=4), weight=0.2, delay=2.0)
    return net


def main(side: int, ticks: int) -> None:
    started = time.perf_counter()
    compiled = compile_network(sheet(side), "truenorth", chips=16)
    report = compiled.report
    said("compile", started, ", ".join(f"{u.used:,.0f} {u.resource}" for u in report.totals))
    print("  " + ", ".join(f"{name} {ms / 1000:.1f} s" for name, ms in report.timings_ms.items()))
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        compiled = compiled.emit(folder)
        size = sum((Path(folder) / f).stat().st_size for f in compiled.report.files)
        said("write", started, f"{size / 1e6:.1f} MB in {', '.join(compiled.report.files)}")
        b, stimulus = compiled.backend, Stimulus(ticks)
        assert b.emulate is not None and b.replay is not None
        started = time.perf_counter()
        emulated = b.emulate(compiled.program, stimulus)
        said("emulate", started, f"{len(emulated.spikes['sheet'][0]):,} spikes in {ticks} ticks")
        started = time.perf_counter()
        replayed = b.replay(Path(folder), stimulus)
        said(
            "read back and execute",
            started,
            emulated.differs(replayed) or f"exactly the same; {replayed.events['synaptic_events']:,.0f} synaptic events",
        )


def said(name: str, started: float, what: str) -> None:
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"{name}: {time.perf_counter() - started:.1f} s, {memory:.2f} GB; {what}", flush=True)


if __name__ == "__main__":
    numbers = [int(x) for x in sys.argv[1:]]
    main(*(numbers + [1000, 60][len(numbers) :]))
