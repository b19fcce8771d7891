"""Writes a program as Verilog: a module for each kind of neuron and each core, the network, its memories, a test bench, and what the host must know."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from studio.backends.fpga import boards, host, memories
from studio.backends.fpga.core_text import core
from studio.backends.fpga.design import Design, design
from studio.backends.fpga.link_text import bench_link, link
from studio.backends.fpga.neuron_text import neuron
from studio.backends.fpga.target import DEVICES, USUAL
from studio.backends.fpga.top_text import bench, top
from studio.compile.program import Program

GIVEN = Path(__file__).parent / "verilog"  # what is the same for every network
BENCHES = ("bench.v", "bench_link.v")


def emit(program: Program, folder: Path) -> tuple[str, ...]:
    """Write the design into a folder and return the names of its files."""
    made = design(program)
    files = {f"{name}.v": text for name, text in modules(program, made).items()}
    sources = tuple(sorted(set(files) - set(BENCHES)))
    device = DEVICES[str(program.settings.get("device", USUAL))]
    files |= boards.files(device.key, float(program.settings.get("clock", device.clock)), sources)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    stored = [name for c in made.cores for name in memories.write(c, folder)]
    host.write(host.host_of(made), folder)
    return (*files, *stored, host.FILE)


def modules(program: Program, d: Design) -> dict[str, str]:
    """Every module's text by its name."""
    title = f"{plain(d.name)}: {sum(c.size for c in d.cores)} neurons on {len(d.cores)} cores, steps of {d.dt:g} ms"
    out = {"network": top(d, title), "link": link(d), **{file.stem: file.read_text(encoding="utf-8") for file in sorted(GIVEN.glob("*.v"))}}
    kinds = module_names([c.layer for c in d.cores])
    for c in d.cores:
        kind = kinds[c.layer]
        if kind not in out:
            model = program.layer(c.layer).neuron.model
            out[kind] = neuron(kind, f'{plain(model.title)}, population "{c.path}": one step of one neuron', c.datapath)
        out[f"core_{c.number}"] = core(d, c, kind)
    return {**out, "bench": bench(d), "bench_link": bench_link()}


def plain(text: str) -> str:
    """A title as it may stand in a comment: one line of ASCII."""
    return " ".join(text.split()).encode("ascii", "replace").decode("ascii")


def module_names(layers: Iterable[str]) -> dict[str, str]:
    """A name of its own for every layer: `neuron_columns_0_exc` for `columns[0].exc`, with a number where another layer has it already."""
    names: dict[str, str] = {}
    for layer in dict.fromkeys(layers):
        usual = "neuron_" + re.sub(r"_+", "_", re.sub(r"[^A-Za-z0-9]", "_", layer)).strip("_").lower()
        taken, n = set(names.values()), 2
        name = usual
        while name in taken:
            name, n = f"{usual}__{n}", n + 1
        names[layer] = name
    return names
