"""b7: how long until something happens: import, a first simulation with nothing compiled, the same in a second process."""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import results
from benchmarks.process import measure
from benchmarks.running import Asked

TEMPLATES = ("first_spike", "cuba", "brunel", "brunel_stdp")
SPAN_MS = 10.0
IMPORT = """import json, time; t = time.perf_counter(); import studio; print(json.dumps({"s": time.perf_counter() - t}))"""
SIMULATE = """import json, sys, time
at = [time.perf_counter()]
import studio
at.append(time.perf_counter())
import studio.engine.run
net = studio.load(sys.argv[1])
at.append(time.perf_counter())
r = studio.simulate(net, float(sys.argv[2]))
at.append(time.perf_counter())
studio.simulate(net, float(sys.argv[2]))
at.append(time.perf_counter())
names = ("import_s", "packages_s", "call_s", "again_s")
spent = {"build_s": r.build_s, "compile_s": r.compile_s, "wall_s": r.wall_s}
print(json.dumps({**{n: b - a for n, a, b in zip(names, at, at[1:])}, **spent}))"""


def run(asked: Asked) -> Path:
    """Import, cold and warm, each in processes of their own with caches of their own; medians."""
    repeats = asked.repeats or 3
    found: dict[str, Any] = {"case": "b7", "title": "Start", "span_ms": SPAN_MS, "repeats": repeats}
    found["import_s"] = [measure([sys.executable, "-c", IMPORT]).answer["s"] for _ in range(repeats)]
    found["templates"] = {}
    for name in TEMPLATES:
        found["templates"][name] = one = {"cold": [], "warm": []}
        for _ in range(repeats):
            with tempfile.TemporaryDirectory() as fresh:
                caches = {"STUDIO_CACHE": f"{fresh}/studio", "NUMBA_CACHE_DIR": f"{fresh}/numba"}
                for kind in ("cold", "warm"):
                    done = measure([sys.executable, "-c", SIMULATE, _file(name), f"{SPAN_MS:g}"], caches)
                    one[kind].append({**done.answer, "process_s": done.elapsed_s, "wait_share": done.wait_share})
        print(
            f"{name:14}",
            {
                kind: {k: round(statistics.median(r[k] for r in one[kind]), 3) for k in ("compile_s", "packages_s", "call_s", "again_s")}
                for kind in one
            },
            flush=True,
        )
    return results.save("b7", found, asked.out)


def _file(name: str) -> str:
    from benchmarks.documents import TEMPLATES as folder

    return str(folder / f"{name}.snn.json")
