"""The engine's side: `studio run`, as anyone would call it."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks.cases import Case, Way
from benchmarks.process import measure
from benchmarks.results import Measurement

STUDIO = (sys.executable, "-m", "studio", "run")
WARM_UP_MS = 5.0  # a first process compiles what is not in the cache yet


class Engine:
    """Runs cases through the command line. `baseline`: memory of a process that runs next to nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._baseline: int | None = None

    @property
    def baseline(self) -> int:
        """Peak memory [bytes] of a run of three neurons: interpreter, packages and compiled kernels."""
        if self._baseline is None:
            smallest = [*STUDIO, "first_spike", "--duration", "1", "--json", "--quiet"]
            self._baseline = min(measure(smallest).peak_bytes for _ in range(2))  # the first may have compiled
        return self._baseline

    def warm_up(self, case: Case, way: Way, threads: int) -> None:
        """Compile, so that what is measured loads its kernels from the cache."""
        self._run(case, way, threads, WARM_UP_MS)

    def run(self, case: Case, way: Way, threads: int, repeat: int, more: tuple[str, ...] = (), span: float | None = None) -> Measurement:
        """One process of the whole span."""
        baseline = self.baseline
        done = self._run(case, way, threads, span or case.span, more)
        said = done.answer
        return Measurement(
            who="engine",
            way=way.name,
            threads=threads,
            repeat=repeat,
            wall_s=[said["wall_s"]],
            span_ms=said["duration_ms"],
            build_s=said["build_s"],
            compile_s=said["compile_s"],
            synapses=said["synapses"],
            peak_bytes=done.peak_bytes,
            network_bytes=max(0, done.peak_bytes - baseline),
            rates=said["rates_hz"],
            elapsed_s=done.elapsed_s,
            cpu_s=done.cpu_s,
            wait_share=done.wait_share,
            load=done.load,
            version=said["versions"].get("spike-studio", ""),
            cv={k: v if v is not None else float("nan") for k, v in said["cv"].items()},
            more={"operations": said["synaptic_operations"]["effective"], "threads_used": said["provenance"].get("threads")},
        )

    def _run(self, case: Case, way: Way, threads: int, span: float, more: tuple[str, ...] = ()):  # type: ignore[no-untyped-def]
        arguments = case.engine_arguments(way, self.folder)
        return measure([*STUDIO, *arguments, "--duration", f"{span:g}", "--threads", str(threads), "--json", "--quiet", *more])
