"""Writing the artefact of a compiled program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from studio.backends.spinnaker import files, memory
from studio.backends.spinnaker.connectors import connector
from studio.backends.spinnaker.keys import Keys
from studio.backends.spinnaker.load import gains, neurons, rows_onto, rule
from studio.backends.spinnaker.machine import Machine
from studio.backends.spinnaker.placing import chip_core, machine_used
from studio.backends.spinnaker.relays import Relay, cells_of, relays, synapses_of
from studio.backends.spinnaker.routing import index_of, keys_of, tables_of
from studio.backends.spinnaker.slicing import matrices, usage
from studio.backends.spinnaker.tables import cores_of, links_of
from studio.compile.program import Connection, Input, Layer, Part, Program
from studio.compile.target import Target
from studio.findings import Finding, FindingError, errors


def emit(program: Program, folder: Path, target: Target) -> tuple[str, ...]:
    """Write the artefact; returns its files. Synapses are written as long as there are not more than files.MOST_ROWS."""
    machine = machine_used(program, target)
    total = sum(c.wiring.count() for c in synapses_of(program))
    listed = total <= files.MOST_ROWS
    written = [
        files.dump(folder, files.MACHINE, _machine(program, machine, listed, total)),
        files.dump(folder, files.PARTITION, _partition(program, machine)),
        files.dump(folder, files.TABLES, {"format": files.FORMAT, "chips": _tables(program, machine)}),
        files.dump(folder, files.SDRAM, {"format": files.FORMAT, "cores": list(_memory(program, machine))}),
    ]
    if listed:
        written.append(files.write_arrays(folder, files.ROWS, dict(_rows(program))))
    else:
        written.append(
            files.dump(
                folder,
                files.CONNECTORS,
                {"format": files.FORMAT, "connectors": [connector(program, c) for c in synapses_of(program)]},
            )
        )
    learnt = [_rule(program, k, c) for k, c in enumerate(program.connections) if c.plasticity.model.plastic]
    if learnt:
        written.append(files.dump(folder, files.RULES, {"format": files.FORMAT, "rules": learnt}))
    found = gains(program)
    if found:
        lists = [
            {"input": g.input, "layer": g.layer, "sources": g.sources.tolist(), "targets": g.targets.tolist(), "gains": g.gains.tolist()}
            for g in found
        ]
        written.append(files.dump(folder, files.CURRENTS, {"format": files.FORMAT, "gains": lists}))
    if program.flat is not None:
        written += [name for name in [_script(program, folder)] if name]
    return tuple(written)


def _script(program: Program, folder: Path) -> str:
    from studio.exchange.pynn.writing import script

    assert program.flat is not None
    flat = replace(program.flat, run=replace(program.flat.run, dt=program.dt))
    per_core = {p.layer: p.size for p in reversed(program.parts)}
    text, findings = script(flat, neurons_per_core=per_core, slower=int(program.settings["time_scale_factor"]), chip=True)
    if errors(findings):
        return ""  # (a list too long for a script; the tables are complete without it)
    (folder / files.SCRIPT).write_text(text, encoding="utf-8")
    return files.SCRIPT


def _rule(program: Program, number: int, c: Connection) -> dict[str, Any]:
    made = {k: v for k, v in vars(rule(program, c, np.zeros(0, np.int64))).items() if k != "places"}
    return {"connection": number, "path": c.path, **made}


def _machine(program: Program, machine: Machine, listed: bool, total: float) -> dict[str, Any]:
    return {
        "format": files.FORMAT,
        "target": program.target,
        "name": program.name,
        "hash": program.hash,
        "seed": program.seed,
        "boards": machine.physical_boards,
        "cores_per_chip": machine.cores,
        "monitors": machine.monitors,
        "less": sorted(map(list, machine.less)),
        "dt": program.dt,
        "steps": program.steps,
        "time_scale_factor": program.settings["time_scale_factor"],
        "rows": "listed" if listed else "made on the cores from rules",
        "synapses": total,
        "inputs": [{"key": x.key, "size": x.size} for x in program.inputs if not x.analog],
    }


def _partition(program: Program, machine: Machine) -> dict[str, Any]:
    keys, delayed = keys_of(program), relays(program)
    slices = []
    for part in program.parts:
        assert part.core is not None
        chip, core = chip_core(machine, part.core)
        block, held = keys[part.layer], delayed.get(part.layer)
        slices.append(
            {
                "label": part.key,
                "of": part.layer,
                "path": program.node(part.layer).path,
                "low": part.cut.low,
                "high": part.cut.high,
                "x": chip[0],
                "y": chip[1],
                "p": core,
                "key": block.of_slice(index_of(part)),
                "mask": block.slice_mask,
                **({} if held is None else _held(part, held, keys)),
            }
        )
    layers = []
    for layer in cells_of(program):
        found = neurons(program, layer.key)
        numbers = {name: value.tolist() for name, value in sorted(found.registers.items())}
        layers.append(
            {
                "key": found.key,
                "path": found.path,
                "size": found.size,
                "cell": found.kind,
                "shifts": list(found.shift),
                "registers": numbers,
            }
        )
    blocks = [{"of": k.name, "key": k.key, "mask": k.mask, "slice_bits": k.slice_bits} for k in keys.values()]
    return {"format": files.FORMAT, "layers": layers, "slices": slices, "keys": blocks}


def _held(part: Part, held: Relay, keys: Mapping[str, Keys]) -> dict[str, Any]:
    """What a core of a delay extension is told: whose packets it holds, for how many stages of how many steps."""
    block = keys[held.of]
    return {
        "incoming_key": block.of_slice(index_of(part)),
        "incoming_mask": block.slice_mask,
        "stages": held.stages,
        "steps": held.steps,
    }


def _tables(program: Program, machine: Machine) -> list[dict[str, Any]]:
    def entry(e: Any) -> dict[str, Any]:
        return {"key": e.key, "mask": e.mask, "route": e.route, "links": links_of(e.route), "cores": cores_of(e.route)}

    return [{"x": x, "y": y, "entries": [entry(e) for e in table]} for (x, y), table in sorted(tables_of(program, machine).items())]


def _memory(program: Program, machine: Machine) -> Iterator[dict[str, Any]]:
    delayed = relays(program)
    for part in program.parts:
        assert part.core is not None
        (x, y), core = chip_core(machine, part.core)
        used = usage(program, part.layer, part.cut)
        here: dict[str, Any] = {"slice": part.key, "x": x, "y": y, "p": core, "sdram": int(used["sdram"])}
        if isinstance(program.node(part.layer), Layer) and part.layer not in delayed:
            found = matrices(program, part.layer, part.cut)
            here |= {"synapses": memory.synapses_sdram(found), "dtcm_estimate": int(used["dtcm"]), "longest_row_words": int(used["row"])}
        yield here


def _rows(program: Program) -> Iterator[tuple[str, np.ndarray]]:
    """For every slice and connection: words of its rows, and how many each source slice's elements have."""
    place, delayed = {part.key: k for k, part in enumerate(program.parts)}, relays(program)
    sources: dict[str, list[Part]] = {}
    for part in program.parts:
        sources.setdefault(part.layer, []).append(part)
    for part in program.parts:
        if isinstance(program.node(part.layer), Input) or part.layer in delayed:
            continue
        bits = memory.bits(sources[part.layer][0].size)
        for number, c in enumerate(program.connections):
            if c.target != part.layer or c.kinetics is None:
                continue
            _, (source, target, types, weights, delays) = rows_onto(program, c, part.cut)
            order = np.lexsort((target, source))
            words = files.packed(target[order] - part.cut.low, types[order], delays[order], weights[order], bits)
            counts = np.bincount(source, minlength=c.wiring.n_source)
            _fits_row(c, int(counts.max(initial=0)))
            ends = np.concatenate(([0], np.cumsum(counts)))
            for s in sources[c.source]:
                first, last = ends[s.cut.low], ends[s.cut.high]
                if last > first:
                    name = f"{place[part.key]}.{place[s.key]}.{number}"
                    yield f"{name}.words", words[first:last]
                    yield f"{name}.counts", counts[s.cut.low : s.cut.high].astype(np.uint16)


def _fits_row(c: Connection, longest: int) -> None:
    """Raise FindingError where a row that was drawn is longer than a core can read; slices are cut for the mean and five deviations."""
    words = memory.Matrix(c.source, 1, 1, longest, c.plasticity.model.plastic).words
    if words > memory.ROW_LIMIT:
        text = f"A row of “{c.path}” has {words} words onto one core; {memory.ROW_LIMIT} is the most."
        raise FindingError([Finding("fit.memory", "error", c.path, text, "Put fewer neurons on a core (option neurons_per_core).")])
