"""The artefact: RANC's two files, a map of what lies where, and what reads them back and runs them.

Large networks are written as `cores.json`: every different core once, and a table of where each lies. Both forms say the same.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from studio.backends.truenorth import ranc
from studio.backends.truenorth.cores import Machine
from studio.backends.truenorth.drive import driven
from studio.backends.truenorth.fabric import Bus, Fabric, Packets
from studio.backends.truenorth.machine import target_of
from studio.backends.truenorth.mapping import Mapped, mapped
from studio.compile.backend import Listed, Outcome, Stimulus, in_order
from studio.compile.program import Part, Program
from studio.compile.wiring import Cut
from studio.findings import Finding, FindingError

MAP, CORES = "map.json", "cores.json"
FORMAT = "spike-studio-truenorth/1"
LARGE = 256  # cores beyond which the compact form is chosen


def emit(program: Program, folder: Path) -> tuple[str, ...]:
    """Write the artefact; the same bytes every time."""
    made = mapped(program, target_of(program))
    form = program.settings.get("form", "auto")
    compact = form == "compact" or (form == "auto" and len(made.fabric.which) > LARGE)
    if compact:
        files = (_compact(made.fabric, folder),)
    else:
        ticks = min(program.steps, int(program.settings.get("ticks", 0)))
        files = ranc.write(made.fabric, packets_of(program, made, ticks), folder)
    (folder / MAP).write_text(_lines(_map(program, made)), encoding="utf-8")
    return (*files, MAP)


def packets_of(program: Program, made: Mapped, ticks: int) -> Packets:
    """The packets of the network's own inputs in the first `ticks` ticks."""
    from studio.backends.truenorth.own_inputs import own_stimulus

    if not ticks or not program.inputs:
        nothing = np.zeros(0, np.int64)
        return Packets(nothing, nothing, nothing)
    spikes, _ = driven(own_stimulus(program, ticks), program.settings["levels"])
    return packets(spikes, made.inputs, ticks)


def packets(spikes: dict[str, Listed], inputs: dict[str, np.ndarray], ticks: int) -> Packets:
    """Spikes of inputs at the axons that they reach."""
    rows = [np.zeros((3, 0), np.int64)]
    for key, table in inputs.items():
        if key not in spikes or not len(table):
            continue
        steps, ids = spikes[key]
        first, last = np.searchsorted(table[:, 0], ids), np.searchsorted(table[:, 0], ids, side="right")
        many = last - first
        at = np.repeat(first, many) + np.arange(int(many.sum())) - np.repeat(np.cumsum(many) - many, many)
        rows.append(np.stack([np.repeat(steps, many) + table[at, 3], table[at, 1], table[at, 2]]).astype(np.int64))
    all_ = np.concatenate(rows, axis=1)
    all_ = all_[:, (all_[0] >= 0) & (all_[0] < ticks)]
    all_ = all_[:, np.lexsort((all_[2], all_[1], all_[0]))]
    return Packets(all_[0], all_[1], all_[2])


def _map(program: Program, made: Mapped) -> dict[str, Any]:
    """What the places of the fabric mean."""
    places = made.fabric.places
    parts: dict[str, list[dict[str, Any]]] = {}
    for k, p in enumerate(program.parts):
        parts.setdefault(p.layer, []).append({"core": places[made.order[k]].tolist(), **_cut(p)})
    layers = [{"key": x.key, "path": x.path, "size": x.size, "parts": parts.get(x.key, [])} for x in program.layers]
    inputs = []
    for x in program.inputs:
        table = made.inputs[x.key]
        at = places[table[:, 1]]
        rows = np.stack([table[:, 0], at[:, 0], at[:, 1], table[:, 2], table[:, 3]], axis=1).tolist()
        inputs.append({"key": x.key, "path": x.path, "size": x.size, "levels": program.settings["levels"].get(x.key), "axons": rows})
    return {"format": FORMAT, "name": program.name, "tick_ms": program.dt, "layers": layers, "inputs": inputs, "lines": made.lines.tolist()}


def _cut(part: Part) -> dict[str, Any]:
    cut = part.cut
    return {"neurons": [cut.low, cut.high]} if cut.box is None else {"box": [list(b) for b in cut.box], "shape": list(cut.shape or ())}


def _lines(value: dict[str, Any]) -> str:
    """JSON with a line for each layer, input and simple member."""
    out = []
    for key, item in value.items():
        if isinstance(item, list) and item and isinstance(item[0], dict):
            rows = ",\n".join(json.dumps(x, ensure_ascii=False, separators=(",", ":")) for x in item)
            out.append(f'"{key}":[\n{rows}]')
        else:
            out.append(f'"{key}":{json.dumps(item, ensure_ascii=False, separators=(",", ":"))}')
    return "{" + ",\n".join(out) + "}\n"


def _compact(fabric: Fabric, folder: Path) -> str:
    """Different cores once, then [column, row, core] of every placed one."""
    table = np.concatenate([fabric.places, fabric.which[:, None]], axis=1)
    with (folder / CORES).open("w", encoding="utf-8", newline="\n") as file:
        file.write('{"config":' + json.dumps(ranc.config(fabric), separators=(",", ":")) + ',\n"output_bus":')
        file.write(json.dumps({"coordinates": [fabric.bus.x, fabric.bus.y], "num_outputs": fabric.bus.n}, separators=(",", ":")))
        file.write(',\n"cores":[\n')
        file.write(",\n".join(ranc.core_text(core, {}) for core in fabric.cores))
        file.write('],\n"places":[\n' + ",\n".join("[" + ",".join(map(str, row)) + "]" for row in table.tolist()) + "]}\n")
    return CORES


# reading


def read(folder: Path) -> tuple[Fabric, dict[str, Any]]:
    """The fabric and the map of an artefact, in either form; raise FindingError where a file is missing or is none."""
    try:
        said = json.loads((folder / MAP).read_text(encoding="utf-8"))
        if said["format"] != FORMAT:
            raise ValueError(f"its format is {said['format']!r}")
        if (folder / CORES).exists():
            given = json.loads((folder / CORES).read_text(encoding="utf-8"))
            return _expanded(given), said
    except (OSError, KeyError, ValueError) as problem:
        raise FindingError(
            [Finding("text.map", "error", "", f"{MAP} or {CORES} cannot be read: {problem}.", "Compile again.")]
        ) from problem
    return ranc.read(folder)[0], said


def _expanded(given: dict[str, Any]) -> Fabric:
    config, bus = given["config"], given["output_bus"]
    table = np.array(given["places"], np.int64).reshape(-1, 3)
    return Fabric(
        tuple(ranc.core(c) for c in given["cores"]),
        table[:, 2],
        table[:, :2],
        Bus(bus["coordinates"][0], bus["coordinates"][1], bus["num_outputs"]),
        config["num_axons"],
        config["num_neurons"],
        config["max_tick_offset"],
        config["neuron_reset_type"],
        config.get("potential_limit", 0),
    )


def replay(folder: Path, stimulus: Stimulus) -> Outcome:
    """The artefact read back and executed core by core."""
    fabric, said = read(folder)
    levels = {x["key"]: x["levels"] or [] for x in said["inputs"]}
    spikes, counted = driven(stimulus, levels)
    counters = {x["path"]: dict(counted.get(x["key"], {})) for x in said["inputs"]}
    machine = Machine(fabric)
    names = _Names(fabric, said)
    given = packets(spikes, {x["key"]: _table(x, fabric) for x in said["inputs"]}, stimulus.steps)
    ran = machine.run(given, stimulus.steps)
    tally = machine.tally
    counters[""] = {"overflow": tally.overflow, "saturated": tally.saturated, "merged on axons": tally.merged, "dropped": tally.dropped}
    return Outcome(stimulus.steps, said["tick_ms"], names.listed(*ran.spikes), {}, counters, dict(tally.events))


def _table(given: dict[str, Any], fabric: Fabric) -> np.ndarray:
    """An input's axons as in `Mapped.inputs`."""
    rows = np.array(given["axons"], np.int64).reshape(-1, 5)
    columns, _ = fabric.size
    order = np.argsort(fabric.places[:, 1] * columns + fabric.places[:, 0])
    flat = (fabric.places[:, 1] * columns + fabric.places[:, 0])[order]
    core = order[np.searchsorted(flat, rows[:, 2] * columns + rows[:, 1])] if len(rows) else rows[:, 0]
    return np.stack([rows[:, 0], core, rows[:, 3], rows[:, 4]], axis=1)


class _Names:
    """Which neuron of which layer every place of the fabric is."""

    def __init__(self, fabric: Fabric, said: dict[str, Any]) -> None:
        width = max((c.n_neurons for c in fabric.cores), default=0)
        self.layer = np.full((len(fabric.which), width), -1, np.int32)
        self.neuron = np.zeros((len(fabric.which), width), np.int32)
        self.keys = [x["key"] for x in said["layers"]]
        for k, x in enumerate(said["layers"]):
            for p in x["parts"]:
                core = fabric.at[tuple(p["core"])]  # type: ignore[index]
                ids = _ids(p)
                self.layer[core, : len(ids)], self.neuron[core, : len(ids)] = k, ids

    def listed(self, ticks: np.ndarray, cores: np.ndarray, neurons: np.ndarray) -> dict[str, Listed]:
        """Spikes of places as spikes of layers."""
        layer, neuron = self.layer[cores, neurons], self.neuron[cores, neurons].astype(np.int64)
        return {key: in_order(ticks[layer == k], neuron[layer == k]) for k, key in enumerate(self.keys)}


def _ids(part: dict[str, Any]) -> np.ndarray:
    if "neurons" in part:
        return np.arange(*part["neurons"])
    return Cut.of_box(tuple(part["shape"]), tuple((a, b) for a, b in part["box"])).ids
