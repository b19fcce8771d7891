"""RANC's open JSON, read and written: `ranc_input.json` (packets, output bus, cores) and `ranc_config.json`.

The format is that of the RANC simulator (Mack et al. 2021, doi:10.1109/TCAD.2020.3038151; github.com/UA-RCL/RANC, MIT). Written text is the same for
equal fabrics. IBM's dialect adds `leak_reversal` and `floor_mode` to a neuron and `potential_limit` to the configuration, which RANC does not know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from studio.backends.truenorth.fabric import EXTRAS, NUMBERS, TYPES, Bus, Core, Fabric, Packets, shared
from studio.findings import Finding, FindingError

INPUT, CONFIG = "ranc_input.json", "ranc_config.json"
LONGEST = 15  # a packet this many ticks ahead meets the row that is being read, and is dropped


def write(fabric: Fabric, packets: Packets, folder: Path) -> tuple[str, ...]:
    """Write both files; return their names."""
    with (folder / INPUT).open("w", encoding="utf-8", newline="\n") as file:
        write_input(fabric, packets, file)
    (folder / CONFIG).write_text(json.dumps(config(fabric), indent=1) + "\n", encoding="utf-8")
    return (INPUT, CONFIG)


def config(fabric: Fabric) -> dict[str, int]:
    """RANC's configuration for a fabric."""
    columns, rows = fabric.size
    head = {"num_neurons": fabric.n_neurons, "num_axons": fabric.n_axons, "num_cores_x": columns, "num_cores_y": rows}
    head |= {"max_tick_offset": fabric.ticks, "num_weights": TYPES}
    head |= {f"{part}_trace_verbosity": 0 for part in ("neuron_block", "core_controller", "scheduler")}
    head |= {"neuron_reset_type": fabric.reset_type}
    return head | ({"potential_limit": fabric.limit} if fabric.limit else {})


def write_input(fabric: Fabric, packets: Packets, file: TextIO) -> None:
    """One line for each tick's packets and one for each neuron and each row of the crossbar, core after core."""
    bus = fabric.bus
    file.write('{"packets":[')
    for k, line in enumerate(_packet_lines(fabric, packets)):
        file.write(("" if k == 0 else ",") + "\n" + line)
    file.write('\n],\n"output_bus":')
    file.write(_text({"coordinates": [bus.x, bus.y], "num_outputs": bus.n}))
    file.write(',\n"cores":[')
    for k, (x, y) in enumerate(fabric.places.tolist()):
        file.write(("" if k == 0 else ",") + "\n")
        file.write(core_text(fabric.cores[fabric.which[k]], {"coordinates": [x, y]}))
    file.write("\n]}\n")


def core_text(core: Core, more: Mapping[str, Any]) -> str:
    """A core as JSON, with further members."""
    neurons = ",\n".join(_text(n) for n in _neurons(core))
    rows = ",\n".join("[" + ",".join(map(str, row)) + "]" for row in core.connections.astype(np.int8).tolist())
    rest = "".join(f',"{name}":{_text(value)}' for name, value in more.items())
    return f'{{"axons":{_text(core.types.tolist())},\n"neurons":[\n{neurons}],\n"connections":[\n{rows}]{rest}}}'


def _neurons(core: Core) -> Iterator[dict[str, Any]]:
    names = (*NUMBERS, *EXTRAS)[: core.numbers.shape[1]]
    columns = (core.numbers.tolist(), core.weights.tolist(), core.offsets.tolist(), core.axons.tolist(), core.ticks.tolist())
    for numbers, weights, offset, axon, tick in zip(*columns, strict=True):
        goal = {"destination_core_offset": offset, "destination_axon": axon, "destination_tick": tick}
        yield {**dict(zip(names, numbers, strict=True)), "weights": weights, **goal}


def _packet_lines(fabric: Fabric, packets: Packets) -> Iterator[str]:
    """The list of every tick up to the last that has a packet; all act in the tick of their list."""
    last = int(packets.ticks.max(initial=0))
    first = np.searchsorted(packets.ticks, np.arange(last + 2))
    places, cores, axons = fabric.places.tolist(), packets.cores.tolist(), packets.axons.tolist()
    for tick in range(last + 1):
        row = (
            f'{{"destination_core":{_text(places[cores[k]])},"destination_axon":{axons[k]},"destination_tick":0}}'
            for k in range(first[tick], first[tick + 1])
        )
        yield "[" + ",".join(row) + "]"


def _text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


# reading


def read(folder: Path) -> tuple[Fabric, Packets, int]:
    """A fabric, the packets that reach it, and how many packets are dropped (`destination_tick` 15); raise FindingError for a malformed file."""
    try:
        given = json.loads((folder / INPUT).read_text(encoding="utf-8"))
        settings = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
        return decode(given, settings)
    except (KeyError, TypeError, ValueError, IndexError) as problem:
        text = f"{INPUT} or {CONFIG} is not what RANC reads: {type(problem).__name__}: {problem}."
        raise FindingError([Finding("text.ranc", "error", "", text, "Write it again.")]) from problem


def decode(given: Mapping[str, Any], settings: Mapping[str, Any]) -> tuple[Fabric, Packets, int]:
    """The same from the two files' values."""
    entries = sorted(given["cores"], key=lambda c: (c["coordinates"][1], c["coordinates"][0]))
    cores, which = shared([core(c) for c in entries])
    bus = given["output_bus"]
    fabric = Fabric(
        cores,
        which,
        np.array([c["coordinates"] for c in entries], np.int64).reshape(-1, 2),
        Bus(bus["coordinates"][0], bus["coordinates"][1], bus["num_outputs"]),
        settings["num_axons"],
        settings["num_neurons"],
        settings["max_tick_offset"],
        settings["neuron_reset_type"],
        settings.get("potential_limit", 0),
    )
    packets, dropped = _packets(given["packets"], fabric)
    return fabric, packets, dropped


def core(given: Mapping[str, Any]) -> Core:
    """One core of the file."""
    neurons: Sequence[Mapping[str, Any]] = given["neurons"]
    names = (*NUMBERS, *EXTRAS) if neurons and EXTRAS[0] in neurons[0] else NUMBERS
    a = len(given["axons"])
    return Core(
        np.array(given["axons"], np.uint8),
        np.array(given["connections"], bool).reshape(len(neurons), a),
        np.array([[*n["weights"], *[0] * TYPES][:TYPES] for n in neurons], np.int32).reshape(-1, TYPES),
        np.array([[n[name] for name in names] for n in neurons], np.int32).reshape(-1, len(names)),
        np.array([n["destination_core_offset"] for n in neurons], np.int32).reshape(-1, 2),
        np.array([n["destination_axon"] for n in neurons], np.int32),
        np.array([n["destination_tick"] for n in neurons], np.int32),
    )


def _packets(lists: Sequence[Sequence[Mapping[str, Any]]], fabric: Fabric) -> tuple[Packets, int]:
    rows, dropped = [], 0
    for k, packets in enumerate(lists):
        for p in packets:
            if p["destination_tick"] >= fabric.ticks - 1:
                dropped += 1
            else:
                rows.append((k + p["destination_tick"], fabric.at[tuple(p["destination_core"])], p["destination_axon"]))  # type: ignore[index]
    found = np.array(sorted(rows), np.int64).reshape(-1, 3)
    return Packets(found[:, 0], found[:, 1], found[:, 2]), dropped
