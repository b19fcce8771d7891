"""Run by mpiexec from test_ranks_mpi: `ranks_script.py WHAT OUT`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[k]) for k in (1, 2)]

from engine.networks import mixed  # noqa: E402

from studio.engine.ranks import world  # noqa: E402
from studio.engine.run import simulate  # noqa: E402
from studio.network.flat import Record  # noqa: E402

RECORD = [
    Record("a", "spikes", None, 0.1), Record("b", "spikes", None, 0.1), Record("y", "spikes", None, 0.1),
    Record("a", "v", None, 0.7), Record("aa", "weight", None, 0.1),
]  # fmt: skip


def net(duration: float = 40.0) -> Any:
    return mixed(duration=duration, record=RECORD)


def main(what: str, out: str) -> None:
    group = world()
    if what == "break":

        def broken(frame: Any) -> None:
            raise OSError("no space left on device")

        simulate(net(60_000.0), group=group, threads=1, watch=broken if group.rank == 1 else None)
    recording = simulate(net(), group=group, threads=int(what), slice_steps=2)
    if group.rank == 0:
        recording.save(out)


if __name__ == "__main__":
    main(*sys.argv[1:])
