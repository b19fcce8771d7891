"""The artefact: tables as JSON and synaptic rows as words, written and read back.

    machine.json         boards, time step, what the program chose
    partition.json       every slice: neurons, chip, core, key and mask; every layer: cell type, its numbers in fixed point, shifts
    routing_tables.json  every chip's table: key, mask, route, links, cores
    sdram.json           bytes of every core by what they hold, words of the longest row
    rows.npz             for every core and source slice the rows of its matrix; words of 32 bits as a core reads them
    connectors.json      in place of rows.npz where there are too many: the rule of each projection, from which cores make their rows
    rules.json           how synapses learn, where some do
    currents.json        gains of injected currents, where there are any
    network.pynn.py      the same network for sPyNNaker (and NEST)

A word of a row is weight << 16 | delay << (types + neurons) | type << neurons | neuron, with as many bits for the type and the neuron as
the slice needs (synapse_row.h of sPyNNaker).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

FORMAT = "spike-studio-spinnaker/1"
MOST_ROWS = 20_000_000  # synapses that are written one by one, and listed at once; beyond, cores are told the rules
MACHINE, PARTITION, TABLES, SDRAM, ROWS, CURRENTS, RULES, CONNECTORS, SCRIPT = (
    "machine.json",
    "partition.json",
    "routing_tables.json",
    "sdram.json",
    "rows.npz",
    "currents.json",
    "rules.json",
    "connectors.json",
    "network.pynn.py",
)


def dump(folder: Path, name: str, value: Any) -> str:
    """Write JSON with sorted keys, one element of a list a line where that reads better."""
    (folder / name).write_text(json.dumps(value, sort_keys=True, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return name


def load(folder: Path, name: str) -> Any:
    """Read a JSON file; raises ValueError where it is of another format."""
    found = json.loads((folder / name).read_text(encoding="utf-8"))
    if isinstance(found, dict) and found.get("format") not in (None, FORMAT):
        raise ValueError(f"{name} has the format {found['format']!r}, not {FORMAT!r}")
    return found


def write_arrays(folder: Path, name: str, arrays: Mapping[str, np.ndarray]) -> str:
    """Write arrays into one file, the same bytes every time."""
    np.savez_compressed(folder / name, allow_pickle=False, **dict(sorted(arrays.items())))
    return name


def packed(
    neurons: np.ndarray, types: np.ndarray, delays: np.ndarray, weights: np.ndarray, neuron_bits: int, type_bits: int = 1
) -> np.ndarray:
    """Words of a row."""
    return ((weights << 16) | (delays << (neuron_bits + type_bits)) | (types << neuron_bits) | neurons).astype(np.uint32)


def unpacked(words: np.ndarray, neuron_bits: int, type_bits: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """(neurons, types, delays, weights) of words."""
    w = words.astype(np.int64)
    low = w & 0xFFFF
    return low & ((1 << neuron_bits) - 1), (low >> neuron_bits) & ((1 << type_bits) - 1), low >> (neuron_bits + type_bits), w >> 16
