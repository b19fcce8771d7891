"""b8: small networks: 100 neurons for a second, everything counted, in processes that find everything compiled."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import documents, environments, results
from benchmarks.process import Finished, measure
from benchmarks.running import Asked

SPAN_MS = 1000.0
WHO = ("engine", "nest", "brian2 standalone", "brian2 cython", "brian2 numpy")


def run(asked: Asked) -> Path:
    """Each simulator in turn, after one process that is thrown away (it compiles)."""
    repeats = asked.repeats or 5
    found: dict[str, list[dict[str, Any]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        document = documents.small(Path(folder) / "small100.snn.json")
        who = [w for w in WHO if w == "engine" or _wanted(w.split()[0], asked)]
        for name in who:
            once(name, document)
        for _ in range(repeats):
            for name in who:
                found.setdefault(name, []).append(once(name, document))
    for name, runs in found.items():
        print(f"{name:18}", {k: round(min(r[k] for r in runs), 3) for k in ("import_s", "work_s", "process_s")})
    return results.save("b8", {"case": "b8", "title": "100 neurons, 1 s", "span_ms": SPAN_MS, "runs": found}, asked.out)


def _wanted(peer: str, asked: Asked) -> bool:
    return (asked.peers is None or peer in asked.peers) and not environments.missing(peer)


def once(name: str, document: Path) -> dict[str, Any]:
    """One process. `work_s`: building, compiling or loading, and running; `process_s`: from the start of the process to its end."""
    if name == "engine":
        from benchmarks.startup import SIMULATE

        done = measure([sys.executable, "-c", SIMULATE, str(document), f"{SPAN_MS:g}"])
        return {"import_s": done.answer["import_s"], "work_s": done.answer["call_s"], **_common(done, done.answer["wall_s"])}
    peer, _, target = name.partition(" ")
    arguments = ["--threads=1", "--warm=0", f"--span={SPAN_MS:g}"]
    if target:
        arguments += [f"--target={target}", f"--folder={environments.home() / 'built' / 'small100'}"]
    done = environments.run(peer, document, *arguments)
    said = done.answer
    wall = sum(said["wall_s"])
    ran = float(said["notes"].split()[2]) if said["notes"] else wall  # of a program, the whole of it
    return {"import_s": said["import_s"], "work_s": said["build_s"] + said["compile_s"] + ran, **_common(done, wall)}


def _common(done: Finished, wall: float) -> dict[str, float]:
    return {"wall_s": wall, "process_s": done.elapsed_s, "wait_share": done.wait_share}
