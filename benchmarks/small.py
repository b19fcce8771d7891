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
        print(f"{name:18}", {k: round(min(r[k] or 0.0 for r in runs), 3) for k in ("import_s", "work_s", "again_s")})
    return results.save("b8", {"case": "b8", "title": "100 neurons, 1 s", "span_ms": SPAN_MS, "runs": found}, asked.out)


def _wanted(peer: str, asked: Asked) -> bool:
    return (asked.peers is None or peer in asked.peers) and not environments.missing(peer)


def once(name: str, document: Path) -> dict[str, Any]:
    """One process: `import_s` packages and document; `work_s` building, compiling or loading, and running; `again_s` a second time in the same process."""
    if name == "engine":
        from benchmarks.startup import SIMULATE

        done = measure([sys.executable, "-c", SIMULATE, str(document), f"{SPAN_MS:g}"])
        said = done.answer
        loading = {"import_s": said["import_s"] + said["packages_s"]}
        return {**loading, "work_s": said["call_s"], "again_s": said["again_s"], **_common(done, said["wall_s"])}
    peer, _, target = name.partition(" ")
    arguments = ["--threads=1", "--warm=0", f"--span={SPAN_MS:g}", *([] if target == "standalone" else ["--again"])]
    if target:
        arguments += [f"--target={target}", f"--folder={environments.home() / 'built' / 'small100'}"]
    done = environments.run(peer, document, *arguments)
    said = done.answer
    wall = sum(said["wall_s"])
    ran = float(said["notes"].split()[2]) if said["notes"] else wall  # of a program, the whole of it
    work = said["build_s"] + said["compile_s"] + ran
    return {"import_s": said["import_s"], "work_s": work, "again_s": said["again_s"] or None, **_common(done, wall)}


def _common(done: Finished, wall: float) -> dict[str, float]:
    return {"wall_s": wall, "process_s": done.elapsed_s, "wait_share": done.wait_share}
