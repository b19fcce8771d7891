"""Memory of one core: SDRAM as sPyNNaker 7.4.1 reserves it region by region, and an estimate of what lies in the core's own DTCM.

The SDRAM formulas were read in PopulationVertex, MasterPopTableAsBinarySearch, synapse_io and bit_field_utilities of sPyNNaker 7.4.1 and give its
numbers to the byte for static synapses that are loaded as lists (tests/golden/spinnaker); with STDP the tables of the exponentials are those
for 20 ms. Those of spike sources were measured.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

WORD = 4
ROW_LIMIT = 256  # words of a row (POP_TABLE_MAX_ROW_LENGTH)
ROW_HEADER = 3
RING_BITS = 14  # entries of the ring buffers of a core (MAX_RING_BUFFER_BITS)
MOST_ATOMS = 256  # neurons of a core
TYPES = 2  # synapse types of a cell: excitatory, inhibitory
# numbers per neuron of each cell type, and structs they lie in (neuron_models, synapse_types, input_types, threshold_types)
CELL_WORDS = {"IF_curr_exp": (15, 3), "IF_curr_alpha": (19, 3), "IF_cond_exp": (17, 3), "IF_curr_delta": (13, 3), "Izhikevich": (15, 3)}
_FIXED = 412 + 112 + 4 + 124 + 4 + (28 + WORD * TYPES)  # system, provenance, profile, recording, no current source, synapse parameters
_STDP_TABLES = 660
_CURRENT_SOURCE = 6 * WORD
_SPIKES_IN = 256  # incoming_spike_buffer_size
_STACK = 8 * 1024  # stack, spin1_api and the image's own variables: an estimate
_HISTORY = 4 + 16 * (4 + 4)  # STDP: 16 postsynaptic events of a neuron with their traces


@dataclass(frozen=True)
class Matrix:
    """Synapses from one population onto one slice: so many sources, and of each the longest row there is, in synapses.

    `late`: the longest row of those that come from the source's delay extension of so many `stages`.
    """

    source: str
    sources: int
    slice_sources: int
    row: int
    plastic: bool = False
    late: int = 0
    stages: int = 0

    @property
    def words(self) -> int:
        """Words of the longest row without its header."""
        return max(self.words_of(self.row), self.words_of(self.late))

    def words_of(self, row: int) -> int:
        """Words of a row of so many synapses, without its header."""
        return row if not self.plastic or not row else -(-row // 2) + -(-(8 + 2 * row) // WORD)

    @property
    def block(self) -> tuple[tuple[int, int], ...]:
        """(rows of a source slice, bytes of each) of the early and of the late synapses."""
        n = min(self.sources, self.slice_sources)
        both = ((n, self.row), (n * self.stages, self.late))
        return tuple((rows, (self.words_of(row) + ROW_HEADER) * WORD) for rows, row in both if row)

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
        for rows, size in m.block:
            for _ in range(-(-m.sources // m.slice_sources)):
                address = -(-address // 16) * 16 + rows * size
    populations = {m.source: m.sources for m in found}
    stages = {m.source: m.stages for m in found if m.stages}
    table = 8 + 20 * (len(populations) + len(stages)) + WORD * (len(found) + sum(m.source in stages for m in found))
    builder = 92 + WORD * (len(populations) + len(stages))
    filters = 8 + sum((8 + -(-n // 32) + -(-n * stages.get(name, 0) // 32)) * WORD for name, n in populations.items())
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


def relay_sdram() -> int:
    """Bytes of a slice of a delay extension: system, nine words, provenance."""
    return 412 + 9 * WORD + (6 + 12) * WORD


def relay_dtcm(n: int, stages: int, steps: int) -> int:
    """An estimate of the bytes of a delay extension of n sources: a counter of each for every step that it looks back (delay_extension.c)."""
    slots = 1 << bits(stages * steps + 1)
    return slots * (-(-n // WORD) * WORD + 2 * WORD) + WORD * _SPIKES_IN + _STACK


def bits(n: int) -> int:
    """Bits for n values, one for a single one (get_n_bits of sPyNNaker 7.4.1)."""
    return 0 if n <= 0 else max(1, (n - 1).bit_length())


def slots(n: int) -> int:
    """Slots of the ring buffers of n neurons: the longest delay without an extension, in steps."""
    return 1 << max(0, RING_BITS - bits(TYPES) - bits(n))


def ring_entries(n: int, slots: int) -> int:
    """Entries of the ring buffers of n neurons with so many slots, a power of two."""
    return slots << (bits(n) + bits(TYPES))


def slice_dtcm(kind: str, n: int, slots: int, matrices: Iterable[Matrix]) -> int:
    """An estimate of the bytes of a slice in its core's own memory: ring buffers, states, tables, two rows on their way, spikes that wait."""
    found = list(matrices)
    populations = {m.source: m.sources for m in found}
    longest = max((m.words for m in found), default=0) + ROW_HEADER
    late = {m.source: m.sources * m.stages for m in found if m.stages}
    filters = sum(WORD * (4 + -(-s // 32)) for s in (*populations.values(), *late.values()))
    history = _HISTORY * n + _STDP_TABLES if any(m.plastic for m in found) else 0
    states = WORD * (CELL_WORDS[kind][0] + 1) * n
    tables = 20 * (len(populations) + len(late)) + WORD * (len(found) + len(late)) + filters
    return 2 * ring_entries(n, slots) + states + tables + 2 * WORD * longest + WORD * _SPIKES_IN + history + _STACK
