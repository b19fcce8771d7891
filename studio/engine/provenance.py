"""What made a recording: enough to make it again."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from studio.engine.connectivity import storage
from studio.engine.faults import told
from studio.version import __version__

if TYPE_CHECKING:
    from studio.engine.simulation import Simulation
    from studio.engine.steering import Steering


def provenance(simulation: Simulation, handle: Steering) -> dict[str, Any]:
    """What made a recording: enough to make it again."""
    plan, flat = simulation.plan, simulation.flat
    return {
        "network": flat.name,
        "hash": flat.hash,
        "seed": plan.seed,
        "dt": plan.dt,
        "precision": plan.precision,
        "method": plan.method or "",
        "methods": {path: c.system.method for path, c in simulation.cells.items()},
        **storage(flat, plan.precision, {link.projection.key: link.rows[0] for link in simulation.links}),
        "threads": plan.threads,
        "slice_steps": simulation.slice_steps,
        **({"events": [vars(event) for event in flat.run.events]} if flat.run.events else {}),
        **({"faults": told(flat)} if flat.run.faults else {}),
        "steering": [dict(entry) for entry in handle.log],
        "versions": versions(),
    }


def versions() -> dict[str, str]:
    """Of everything that could change a bit."""
    own = {"python": platform.python_version(), "spike-studio": __version__}
    return {**own, **{name: _version(name) for name in ("numpy", "numba", "h5py")}}


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return ""
