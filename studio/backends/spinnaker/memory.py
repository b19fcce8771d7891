"""Memory of one core: SDRAM as sPyNNaker 7.4.1 reserves it region by region, and an estimate of what lies in the core's own DTCM.

The SDRAM formulas were read in PopulationVertex, MasterPopTableAsBinarySearch, synapse_io and bit_field_utilities of sPyNNaker 7.4.1 and give its
numbers to the byte for static synapses that are loaded as lists (tests/golden/spinnaker); with STDP the tables of the exponentials are those
for 20 ms. Those of spike sources were measured.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from studio.backends.spinnaker.keys import bits_for

WORD = 4
ROW_LIMIT = 256  # words of a row (POP_TABLE_MAX_ROW_LENGTH)
ROW_HEADER = 3
RING_BITS = 14  # entries of the ring buffers of a core (MAX_RING_BUFFER_BITS)
TYPES = 2  # synapse types of a cell: excitatory, inhibitory
# numbers per neuron of each cell type, and structs they lie in (neuron_models, synapse_types, input_types, threshold_types)
CELL_WORDS = {"IF_curr_exp": (15, 3), "IF_cond_exp": (17, 3), "IF_curr_delta": (13, 3), "Izhikevich": (15, 3)}
_FIXED = 412 + 112 + 4 + 124 + 4 + (28 + WORD * TYPES)  # system, provenance, profile, recording, no current source, synapse parameters
_STDP_TABLES = 660
_CURRENT_SOURCE = 6 * WORD
_SPIKES_IN = 256  # incoming_spike_buffer_size
_STACK = 8 * 1024  # stack, spin1_api and the image's own variables: an estimate
_HISTORY = 4 + 16 * (4 + 4)  # STDP: 16 postsynaptic events of a neuron with their traces


@dataclass(frozen=True)
class Matrix:
    """Synapses from one population onto one slice: so many sources, and of each the longest row there is, in synapses."""

    source: str
    sources: int
    slice_sources: int
    row: int
    plastic: bool = False

    @property
    def words(self) -> int:
        """Words of a row without its header."""
        if not self.plastic:
            return self.row
        return -(-self.row // 2) + -(-(8 + 2 * self.row) // WORD)

    @property
    def most(self) -> int:
        """The most synapses that a row can have."""
        return ROW_LIMIT if not self.plastic else (ROW_LIMIT - 2) // 2 - 1


def neurons_sdram(kind: str, n: int) -> int:
    """Bytes of n neurons of a cell type, without synapses."""
    numbers, structs = CELL_WORDS[kind]
    parameters = WORD * numbers * n + WORD
    builder = 48 + 16 * structs + 8 * numbers + 24 * numbers * n + 32 * n + 108
    core = 20 + WORD * TYPES + WORD * n
    return _FIXED + core + 2 * parameters + (8 * n + 52) + builder


def synapses_sdram(matrices: Iterable[Matrix]) -> int:
    """Bytes of the rows of one slice and of the tables that find them."""
    found = list(matrices)
    address = 2 * WORD
    for m in found:
        slices = -(-m.sources // m.slice_sources) if m.row else 0
        size = min(m.sources, m.slice_sources) * (m.words + ROW_HEADER) * WORD
        for _ in range(slices):
            address = -(-address // 16) * 16 + size
    populations = {m.source: m.sources for m in found}
    table = 8 + 20 * len(populations) + WORD * len(found)
    builder = 92 + WORD * len(populations)
    filters = 8 + sum((4 + -(-n // 32)) * WORD + 4 * WORD for n in populations.values())
    return address + table + builder + filters + (_STDP_TABLES if any(m.plastic for m in found) else 0)


def recorded_sdram(n: int, steps: int) -> int:
    """Bytes of the recorded spikes of n neurons."""
    return 8 + WORD * (1 + -(-n // 32)) * steps


def slice_sdram(kind: str, n: int, matrices: Iterable[Matrix], steps: int = 0) -> int:
    """Bytes of one slice of a population whose spikes are recorded for so many steps."""
    return neurons_sdram(kind, n) + synapses_sdram(matrices) + (recorded_sdram(n, steps) if steps else 0)


def source_sdram(poisson: bool, n: int) -> int:
    """Bytes of a slice of spike sources, as measured in virtual-board mode: exact for Poisson sources, within 20 % for lists of spikes."""
    return 548 + 74 * n if poisson else 578 + 44 * n


def ring_entries(n: int, delay: int) -> int:
    """Entries of the ring buffers of n neurons with delays of up to so many steps."""
    return 1 << (bits_for(n) + bits_for(TYPES) + bits_for(delay + 1))


def most_neurons(delay: int) -> int:
    """How many neurons of a core the ring buffers allow."""
    return 1 << max(0, RING_BITS - bits_for(TYPES) - bits_for(delay + 1))


def slice_dtcm(kind: str, n: int, delay: int, matrices: Iterable[Matrix]) -> int:
    """An estimate of the bytes of a slice in its core's own memory: ring buffers, states, tables, two rows on their way, spikes that wait."""
    found = list(matrices)
    populations = {m.source: m.sources for m in found}
    longest = max((m.words for m in found), default=0) + ROW_HEADER
    filters = sum(WORD * (4 + -(-s // 32)) for s in populations.values())
    history = _HISTORY * n + _STDP_TABLES if any(m.plastic for m in found) else 0
    states = WORD * (CELL_WORDS[kind][0] + 1) * n
    tables = 20 * len(populations) + WORD * len(found) + filters
    return 2 * ring_entries(n, delay) + states + tables + 2 * WORD * longest + WORD * _SPIKES_IN + history + _STACK
