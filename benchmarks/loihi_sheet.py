"""A million locally connected neurons (fan-in 64) compiled for many chips of Loihi: `python -m benchmarks.loihi_sheet [loihi2|loihi] [side]`.

A sheet of side x side neurons, each with an 8 x 8 window on another sheet that is 7 wider: two million neurons and 64 million synapses.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import studio


def network(side: int) -> studio.Network:
    wide = side + 7
    net = studio.Network("Sheet")
    net.population("eye", wide * wide, "lif", shape=[wide, wide])
    net.population("sheet", side * side, "lif", shape=[side, side])
    kernel = np.random.default_rng(1).normal(size=(1, 1, 8, 8))
    net.connect("eye", "sheet", studio.convolution(kernel), weight=2.0, delay=2.0)
    return net


def main(target: str, side: int) -> None:
    started = time.perf_counter()
    compiled = studio.compile_network(network(side), target)
    with tempfile.TemporaryDirectory() as folder:
        written = compiled.emit(Path(folder)).report.files
    seconds = time.perf_counter() - started
    totals = {u.resource: u for u in compiled.report.totals}
    words = ", ".join(f"{totals[name].used:,.0f} {name}" for name in ("neurons", "cores", "chips", "synapse_words"))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{target}: {words}; {seconds:.1f} s, {memory} MiB; wrote {', '.join(written)}")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "loihi2", int(sys.argv[2]) if len(sys.argv) > 2 else 1000)
