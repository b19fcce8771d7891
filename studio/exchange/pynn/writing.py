"""A network as a PyNN script that runs on NEST and on sPyNNaker."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from studio.exchange.pynn.cells import Cell, cell_of, start_of
from studio.exchange.pynn.literals import drawn, number, value
from studio.exchange.pynn.names import Names
from studio.exchange.pynn.projections import Projections, span
from studio.exchange.pynn.sources import injected, spiking
from studio.findings import Finding, errors
from studio.network.document import Document
from studio.network.flat import Drawn, FlatNetwork, FlatPopulation

HEAD = '''"""{name}, for PyNN 0.13. Written by Spike Studio.

    python {file} nest                 on NEST, or any other simulator of PyNN
    python {file} spinnaker            on SpiNNaker, by sPyNNaker
    python {file} nest --save out.npz  and keep the spikes: times [ms] and neurons of every population
"""

import base64
import importlib
import sys
import zlib

import numpy as np
from pyNN.random import NumpyRNG, RandomDistribution

WHERE = sys.argv[1] if len(sys.argv) > 1 else "nest"
ON_CHIP = WHERE == "spinnaker"
if ON_CHIP:
    import pyNN.spiNNaker as sim
    from pyNN.spiNNaker import RandomDistribution  # noqa: F811
else:
    sim = importlib.import_module("pyNN." + WHERE)

DT = {dt}  # ms
DURATION = {duration}  # ms
SEED = {seed}
RNG = {rng}
# A cell of sPyNNaker takes a current in the step in which it arrives, NEST's from the next step on.
LATER = DT if ON_CHIP else 0.0  # ms
# PyNN takes a step off the times of spikes for NEST, which rounds what is left up to the next step.
EARLIER = 1e-7 if WHERE == "nest" else 0.0  # ms
{helpers}

EXTRA = dict({slower}) if ON_CHIP else dict(spike_precision="on_grid") if WHERE == "nest" else dict()
sim.setup(timestep=DT, min_delay=DT, **EXTRA)
'''

HELPERS = {
    "unpacked": '''def unpacked(kind, shape, *lines):
    """An array out of packed text."""
    return np.frombuffer(zlib.decompress(base64.b64decode("".join(lines))), kind).reshape(shape)''',
    "by_source": '''def by_source(times, ids, n):
    """Times [ms] as one list for each source."""
    order = np.argsort(ids, kind="stable")
    return [part.tolist() for part in np.split(np.asarray(times)[order] - EARLIER, np.searchsorted(np.asarray(ids)[order], np.arange(1, n)))]''',
    "poisson_trains": '''def poisson_trains(starts, rates, n):
    """Spike times [ms] of n sources whose rates [Hz] change at `starts` [ms]."""
    rng = np.random.default_rng(SEED)
    trains = [[] for _ in range(n)]
    for k, start in enumerate(starts):
        steps = int(round(((starts[k + 1] if k + 1 < len(starts) else DURATION) - start) / DT))
        fired = rng.random((max(0, steps), n)) < np.broadcast_to(rates[k], n) * DT / 1000.0
        for step, source in zip(*np.nonzero(fired)):
            trains[source].append(round(start + (step + 1) * DT, 6) - EARLIER)
    return trains''',
    "per_core": '''def per_core(n):
    """The neurons of one core, which only SpiNNaker asks for."""
    return {"neurons_per_core": n} if ON_CHIP else {}''',
}  # by name; a script has those that it calls

TAIL = """
sim.run(DURATION)
spikes = {{}}
for name, population in {recorded}.items():
    trains = population.get_data("spikes").segments[0].spiketrains
    times = [np.asarray(train.rescale("ms").magnitude, float) for train in trains]
    ids = [np.full(len(t), k) for k, t in enumerate(times)]
    spikes[name] = np.concatenate([np.zeros(0), *times]), np.concatenate([np.zeros(0, int), *ids])
    print(f"{{name}}: {{len(spikes[name][0])}} spikes, {{1000.0 * len(spikes[name][0]) / population.size / DURATION:.4g}} Hz")
if "--save" in sys.argv:
    np.savez(sys.argv[sys.argv.index("--save") + 1], **{{f"{{name}}.{{what}}": a for name, pair in spikes.items() for what, a in zip(("times", "ids"), pair)}})
sim.end()
"""


_ELSEWHERE = {  # what sPyNNaker 7.4.1 makes of cells that PyNN has
    "IF_curr_alpha": "on sPyNNaker currents that overlap come out smaller, by up to a half where some arrive in every step.",
    "IF_cond_alpha": "sPyNNaker has no such cell.",
}


def write(document: Document, path: str | Path, exact: bool = False) -> tuple[Finding, ...]:
    """Write the script to a file, whole or not at all; see `script` for `exact`."""
    from studio.network.flatten import flatten

    file = Path(path)
    text, findings = script(flatten(document), exact, file=file.name)
    if errors(findings):
        return findings
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, file)
    except OSError as why:
        return (Finding("path.file", "error", "", f"“{file}” cannot be written: {why.strerror or why}."),)
    return findings


@dataclass(frozen=True)
class _Chosen:
    """How a script is to be written; `per_core` and `slower` matter to SpiNNaker only."""

    exact: bool
    per_core: Mapping[str, int]
    slower: int | None
    file: str
    chip: bool = False


def script(
    flat: FlatNetwork,
    exact: bool = False,
    neurons_per_core: Mapping[str, int] | None = None,
    slower: int | None = None,
    file: str = "network.pynn.py",
    chip: bool = False,
) -> tuple[str, tuple[Finding, ...]]:
    """The script and what PyNN does not carry. `exact`: synapses of random rules as the engine draws them, in lists.

    `neurons_per_core` by path and `slower` (times slower than real time) are for SpiNNaker. `chip`: for sPyNNaker
    alone, whose Izhikevich cell counts currents in other units than PyNN's for NEST.
    """
    chosen = _Chosen(exact, neurons_per_core or {}, slower, file, chip)
    findings: list[Finding] = []
    lines: list[str] = []
    names = Names()
    for node in (*flat.populations, *flat.sources):
        names.node(node.path)
    for line in _statements(flat, chosen, names):
        if isinstance(line, Finding):
            findings.append(line)
        else:
            lines.append(line)
    recorded = "{" + ", ".join(f"{p.path!r}: {names.of[p.path]}" for p in flat.populations) + "}"
    body = "\n".join(lines)
    return _head(flat, chosen, body) + body + TAIL.format(recorded=recorded), tuple(dict.fromkeys(findings))


def too_long(flat: FlatNetwork) -> Iterator[Finding]:
    """Projections of which a script for sPyNNaker would have to list too many synapses; nothing is drawn."""
    writer = Projections(flat, Names())
    spans = {p.key: span(flat, p) for p in flat.projections if p.kinetics is not None}
    for p in flat.populations:
        into = [q for q in flat.projections if q.target == p.path]
        cell, _ = cell_of(p, into, spans.__getitem__, flat.run.seed, flat.run.dt, True)
        if cell is not None:
            yield from (said for q in into if q.kinetics is not None and (said := writer.too_long(q, cell)) is not None)


def _head(flat: FlatNetwork, chosen: _Chosen, body: str) -> str:
    slower = "" if chosen.slower is None else f"time_scale_factor={chosen.slower}"
    return HEAD.format(
        name=_said(flat.name),
        file=_said(chosen.file),
        dt=number(flat.run.dt),
        duration=number(flat.run.duration),
        seed=flat.run.seed,
        helpers="".join(f"\n\n{text}\n" for name, text in HELPERS.items() if f"{name}(" in body),
        rng="None if ON_CHIP else NumpyRNG(seed=SEED)",
        slower=slower,
    )


def _said(name: str) -> str:
    """A name as it may stand in the script's docstring: on one line, and nothing in it ends the docstring."""
    return "".join(x if x.isprintable() else " " for x in name).replace('"', "'").replace("\\", "/")


def _statements(flat: FlatNetwork, chosen: _Chosen, names: Names) -> Iterator[str | Finding]:
    spans = {p.key: span(flat, p) for p in flat.projections if p.kinetics is not None}
    cells: dict[str, Cell] = {}
    yield "\n# populations"
    for p in flat.populations:
        into = [q for q in flat.projections if q.target == p.path]
        cell, findings = cell_of(p, into, spans.__getitem__, flat.run.seed, flat.run.dt, chosen.chip)
        yield from findings
        if cell is not None:
            cells[p.path] = cell
            if cell.kind in _ELSEWHERE:
                yield Finding(
                    "lossy.pynn", "info", p.path, f"{cell.kind}: {_ELSEWHERE[cell.kind]}", "For SpiNNaker use exponential synapses."
                )
            yield from _population(p, cell, names.of[p.path], chosen.per_core.get(p.path), chosen.exact, flat.run.seed)
    if len(cells) < len(flat.populations):
        return
    yield "\n# sources"
    for s in flat.sources:
        if s.model.signal == "spiking":
            yield from spiking(flat, s, names, chosen.per_core.get(s.path))
    yield "\n# projections"
    writer = Projections(flat, names, chosen.exact)
    for p in flat.projections:
        if p.kinetics is None:
            yield from injected(flat, p, cells[p.target], names)
        else:
            yield from writer.lines(p, cells[p.target])
    yield from _left_out(flat, names)


def _population(p: FlatPopulation, cell: Cell, name: str, per_core: int | None, exact: bool, seed: int) -> Iterator[str]:
    numbers = ", ".join(f"{key}={value(np.asarray(v)) if np.ndim(v) else number(float(v))}" for key, v in cell.params.items())
    more = f", **per_core({per_core})" if per_core is not None else ""
    yield f"{name} = sim.Population({p.size}, sim.{cell.kind}(\n    {numbers},\n), label={p.path!r}{more})"
    start = p.start.get("v")
    v = (
        drawn(start)
        if isinstance(start, Drawn) and not exact
        else value(np.asarray(v0))
        if np.ndim(v0 := start_of(p, cell, seed))
        else number(float(v0))
    )
    yield f"{name}.initialize(v={v})"
    yield f'{name}.record("spikes")'


def _left_out(flat: FlatNetwork, names: Names) -> Iterator[Finding]:
    for record in flat.traced:
        text = f"the trace of {record.what} is not recorded; the script records spikes."
        yield Finding("lossy.pynn", "info", record.path, text, f"Add {names.of.get(record.path, record.path)}.record(...) to the script.")
    for wait in flat.run.events:
        yield Finding("lossy.pynn", "warning", "run.events", f"the wait at {wait.at:g} ms is left out.", "Take it away.")
    for fault in flat.run.faults:
        yield Finding("lossy.pynn", "warning", fault.path, f"the fault “{fault.kind}” is left out.", "Take it away.")
