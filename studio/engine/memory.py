"""What a network will take, foreseen from its sizes before anything is drawn, and what there is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio.engine.connectivity import ends, has_devices, kept_once, kept_stored
from studio.engine.laws import law
from studio.engine.plasticity_text import Hooks, learns
from studio.findings import Finding, FindingError
from studio.models.devices.storage import stored
from studio.network.flat import Drawn, FlatNetwork, FlatProjection, Value

STEADY = 250 << 20  # bytes of the process itself: interpreter, NumPy, compiler
PER_NEURON = 64  # bytes of states, masks and lists, about
PLASTIC = 8  # bytes that a learning synapse takes beside its target and its delay, about


@dataclass(frozen=True)
class Foreseen:
    """The memory of one projection (or, with `synapses` 0, of a population's neurons and their input buffers)."""

    key: str
    path: str
    synapses: float  # in this process, expected
    bytes: float  # in this process
    storage: str  # in words, by synapse
    procedural: bool = False  # could be drawn again instead
    weight_bytes: int = 0  # by synapse, where a table of 256 would take one
    delay_bytes: int = 0


def foresee(flat: FlatNetwork, threads: int = 1, ranks: int = 1, precision: str | None = None) -> list[Foreseen]:
    """What each projection and population will take in one of `ranks` processes, in the order of the network."""
    real = 8 if (precision or flat.run.precision) == "double" else 4
    return [_projection(flat, p, threads, ranks, real) for p in flat.projections] + list(_populations(flat, ranks, real))


def check_memory(
    flat: FlatNetwork,
    threads: int = 1,
    ranks: int = 1,
    precision: str | None = None,
    there: float | None = None,
    neighbours: int = 1,
) -> None:
    """Raise FindingError where the network will not fit into `there` bytes (what is available, if not given), shared by `neighbours`."""
    room = available() if there is None else there
    if room is None:
        return
    room /= neighbours
    wanted = foresee(flat, threads, ranks, precision)
    total = STEADY + sum(f.bytes for f in wanted)
    if total > room:
        raise FindingError(list(_too_large(flat, wanted, total, room, ranks)))


def _too_large(flat: FlatNetwork, wanted: list[Foreseen], total: float, room: float, ranks: int) -> Iterator[Finding]:
    each = " in each process" if ranks > 1 else ""
    text = f"the network needs about {size(total)} of memory{each}; {size(room)} are available."
    yield Finding("fit.memory", "error", "", text, " ".join(_helps(flat, wanted, total, room, ranks)))
    largest = sorted((f for f in wanted if f.bytes >= 0.02 * total), key=lambda f: -f.bytes)[:20]
    for f in largest:
        what = f"{f.synapses:.4g} synapses: {f.storage}" if f.synapses else f.storage
        yield Finding("fit.memory", "info", f.path, f"{size(f.bytes)} for {what}.")


def _helps(flat: FlatNetwork, wanted: list[Foreseen], total: float, room: float, ranks: int) -> Iterator[str]:
    """What would save memory here, in words with the bytes saved."""
    tabled = sum(f.synapses * (f.weight_bytes - 1) for f in wanted if f.weight_bytes > 1)
    again = sum(f.bytes for f in wanted if f.procedural)
    delays = sum(f.synapses * f.delay_bytes for f in wanted)
    if flat.run.weights != "table256" and tabled > 0.01 * total:
        yield f"Weights of a distribution as 256 values (run.weights “table256”) save {size(tabled)}."
    if flat.run.connectivity != "procedural" and again > 0.01 * total:
        yield f"Synapses drawn again when a source fires (run.connectivity “procedural”) save {size(again)}."
    if delays > 0.01 * total:
        yield f"One delay for all synapses of a projection saves {size(delays)}."
    need = -(-total * ranks // max(room - STEADY, 1.0)) if room > STEADY else 0
    if need > 1:
        yield f"Or use fewer neurons, or {int(need) + 1} processes on machines of this size (mpiexec)."
    else:
        yield "Or use fewer neurons."


def _projection(flat: FlatNetwork, p: FlatProjection, threads: int, ranks: int, real: int) -> Foreseen:
    both = ends(flat, p)
    expected = float(p.connector.model.expected(p.connector.params, both.n_source, both.n_target)) / ranks
    again, once = kept_stored(p, both) is None, kept_once(p, both)
    if again and once is not None:
        return Foreseen(p.key, p.path, expected, float(once * real), f"made when a source fires, {once:,} weights kept once")
    if again and flat.run.connectivity == "procedural":
        return Foreseen(p.key, p.path, expected, 8.0 * both.n_source * threads, "drawn again, nothing stored")
    widest = -(-both.n_target // (threads * ranks)) + 16
    target = 2 if min(widest, both.n_target) <= 65_536 else 4
    weight, kind = _weight(p, flat.run.weights, real) if p.plasticity.model.plastic or not once else (real, f"weight {real} B")
    delay = _delay(p.delay, flat.run.dt)
    words = [f"target {target} B", kind, "one delay" if not delay else f"delay {delay} B"]
    taken = expected * (target + weight + delay) + 8.0 * (both.n_source + 1) * threads
    drawn = isinstance(p.weight, Drawn) and weight == real and not p.plasticity.model.plastic
    return Foreseen(p.key, p.path, expected, taken, ", ".join(words), again, real if drawn else 0, delay)


def _weight(p: FlatProjection, weights: str, real: int) -> tuple[int, str]:
    if learns(p):
        kept = sum(8 if k.real != "F" else real for k in Hooks(p.plasticity.model, stored(p.device.model, p.device.params)[0]).kept)
        more = f", {kept} B that it remembers" if kept else ""
        return (
            PLASTIC + kept,
            f"learning weight {PLASTIC} B{more}" if p.plasticity.model.plastic else f"weight on a device {PLASTIC} B{more}",
        )
    if has_devices(p):
        return real, f"weight on a device {real} B"
    if isinstance(p.weight, Drawn) and weights == "table256":
        return 1, "weight 1 B"
    if isinstance(p.weight, (Drawn, np.ndarray)):
        return real, f"weight {real} B"
    return 0, "one weight"


def _delay(delay: Value, dt: float) -> int:
    if isinstance(delay, Drawn):
        return 1 if law(delay).greatest / dt < 255.5 else 2
    if isinstance(delay, np.ndarray):
        return 1 if float(np.max(delay, initial=0.0)) / dt < 255.5 else 2
    return 0


def _longest(delay: Value) -> float:
    return law(delay).greatest if isinstance(delay, Drawn) else float(np.max(np.asarray(delay, float), initial=0.0))


def _populations(flat: FlatNetwork, ranks: int, real: int) -> Iterator[Foreseen]:
    """Neurons, and the buffers of what will arrive at them: one value per neuron, receptor and step of the longest delay."""
    for n in flat.populations:
        coming = [p for p in flat.projections if p.target == n.path and p.kinetics is not None]
        slots = int(max((_longest(p.delay) for p in coming), default=0.0) / flat.run.dt) + 2
        kinds = len({(p.kinetics.model.key, *sorted(map(str, p.kinetics.params.items()))) for p in coming if p.kinetics})
        taken = n.size * (PER_NEURON + kinds * slots * real) / ranks
        yield Foreseen(n.path, n.path, 0.0, taken, f"{n.size} neurons with input buffers of {slots} steps")


def size(n: float) -> str:
    """Bytes in words: 1.5 GiB."""
    for unit, scale in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if n >= scale:
            return f"{n / scale:.3g} {unit}"
    return f"{int(n)} B"


def available() -> float | None:
    """The bytes that this process may still take: the machine's, its control group's, its own limit; None where nothing says."""
    found = [n for n in (_machine(), *_groups(), _own_limit()) if n is not None]
    return min(found) if found else None


def _machine() -> float | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next((1024.0 * int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")), None)
    except OSError:
        return float(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")) if hasattr(os, "sysconf") else None


def _groups(root: Path = Path("/sys/fs/cgroup"), mine: Path = Path("/proc/self/cgroup")) -> Iterator[float]:
    """What is left in each control group that this process is in, and in those above it (versions 1 and 2)."""
    try:
        lines = mine.read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, names, path = line.split(":", 2)
        if names == "memory":
            yield from _left(root / "memory", path, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
        elif not names:
            for top in (root, root / "unified"):
                yield from _left(top, path, "memory.max", "memory.current", "inactive_file")


def _left(top: Path, path: str, limit: str, used: str, reclaimable: str) -> Iterator[float]:
    inner = [part for part in path.split("/") if part]
    for k in range(len(inner) + 1):
        folder = top.joinpath(*inner[:k])
        try:
            text = (folder / limit).read_text().strip()
            most = float("inf") if text == "max" else float(text)
            stat = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
            now = float((folder / used).read_text()) - float(stat.get(reclaimable, 0))
        except (OSError, ValueError):
            continue
        if most < 1 << 60:
            yield max(most - now, 0.0)


def _own_limit() -> float | None:
    """What a limit of this process's address space leaves."""
    try:
        import resource

        most = resource.getrlimit(resource.RLIMIT_AS)[0]
        if most == resource.RLIM_INFINITY:
            return None
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        return max(float(most - pages * resource.getpagesize()), 0.0)
    except (ImportError, OSError):
        return None
