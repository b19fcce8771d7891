"""What goes onto the chip, as plain values: registers of compartments, synapse lists, axons, and what the host writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from studio.backends.loihi.learning import Rule


@dataclass(frozen=True)
class Profile:
    """Numbers that compartments of a core share."""

    du: int
    dv: int
    vth: int
    refractory: int


@dataclass(frozen=True)
class Format:
    """How synapses are written: weight = mantissa * 2^exponent (64 times that in the current), `sign` of all mantissas, bits of each field.

    `sparse`: each synapse names its compartment; else the list covers compartments one after the other, with a weight of 0 where it names none.
    """

    exponent: int
    sign: str  # "excitatory", "inhibitory", "mixed"
    delay_bits: int
    index_bits: int
    sparse: bool
    weight_bits: int = 8
    rule: int = -1  # which of the artefact's learning rules changes these weights; -1: none


@dataclass(frozen=True)
class Core:
    """One core. Axon k brings synapses [start[k], start[k+1]) of the lists; `out` says whom a compartment's spike is sent to.

    Lists are ordered by axon, format, compartment. `delay` D: a spike of step t reaches the current in step t + 1 + D.
    """

    number: int
    chip: int
    profiles: tuple[Profile, ...]
    formats: tuple[Format, ...]
    profile: np.ndarray  # (n,) which of the profiles a compartment has
    bias_mant: np.ndarray  # (n,)
    bias_exp: np.ndarray  # (n,)
    v: np.ndarray  # (n,) the voltage register at the start
    start: np.ndarray  # (n_axons + 1,)
    compartment: np.ndarray  # (n_synapses,)
    weight: np.ndarray  # (n_synapses,) mantissas
    delay: np.ndarray  # (n_synapses,)
    format: np.ndarray  # (n_synapses,)
    out: np.ndarray  # (n_out, 3): compartment, core, axon there; in order

    @property
    def size(self) -> int:
        return len(self.profile)

    @property
    def axons(self) -> int:
        return len(self.start) - 1


@dataclass(frozen=True)
class Port:
    """An input from outside: element `to[k, 0]` is sent to core `to[k, 1]`, axon `to[k, 2]`. Each of its spikes is a message of its own."""

    key: str
    path: str
    size: int
    to: np.ndarray  # (n, 3), in order


@dataclass(frozen=True)
class Population:
    """Where the neurons of a layer lie: neuron `ids[k]` is compartment `first + k` of `core`."""

    key: str
    path: str
    core: int
    first: int
    ids: np.ndarray


@dataclass(frozen=True)
class Drive:
    """A bias that the host writes anew when an analog input changes.

    With I the sum of `gain * input[element]` [nA] of its rows, the bias is that of `level = drive + analog * I` per ideal step: see
    `studio.backends.loihi.scaling.bias_for`. Rows of `sums`: neuron of the layer, input (an index into `inputs`), element; `gains` go with them.
    """

    layer: str
    inputs: tuple[str, ...]
    sums: np.ndarray  # (n, 3)
    gains: np.ndarray  # (n,)
    numbers: Mapping[str, np.ndarray | float]  # what `bias_for` reads


@dataclass(frozen=True)
class Registers:
    """A whole artefact. `sizes`: neurons of each layer, in the program's order."""

    target: str
    name: str
    hash: str
    dt: float
    steps: int
    sizes: Mapping[str, int]
    cores: tuple[Core, ...]
    ports: tuple[Port, ...]
    populations: tuple[Population, ...]
    drives: tuple[Drive, ...] = field(default=())
    rules: tuple[Rule, ...] = field(default=())
    seed: int = 1  # of what is rounded at random
