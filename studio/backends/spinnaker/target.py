"""SpiNNaker 1 and 2: what a compiler may know of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from studio.backends.spinnaker.machine import Machine
from studio.compile.target import Limit, Target, Topology

_MACHINE = "SpiNNMachine 1!7.4.1 (version_spin1.py, version_5.py)"
_SPYNNAKER = "sPyNNaker 1!7.4.1 (utilities/constants.py)"
_SPIN2 = "SpiNNMachine 1!7.4.1 (version_spin2.py, version_248.py, whose authors call the chips of a board not yet real)"
_POWER = "SpiNNMachine 1!7.4.1, version_spin1.py, from Painkras et al. 2013 doi:10.1109/JSSC.2013.2259038"

ROWS = COLUMNS = 8  # a board is a hexagon inside this square
MOST_BOARDS = 1200  # the machine in Manchester: 57,600 chips


@dataclass(frozen=True)
class Boards(Topology):
    """Boards of 48 chips: a "chip" of the topology is a board, a router is a SpiNNaker chip; 16 of the 64 places of a board are empty."""

    usable: int = 0

    @property
    def cores(self) -> int:
        """Cores that a network may use, on all boards."""
        return self.usable * self.chips


def machine_of(target: Target) -> Machine:
    """The machine of a target, with as many boards as its topology has."""
    cores = target.topology.cores_per_router
    less = Machine().less if target.key == "spinnaker" else frozenset()
    return Machine(target.topology.chips, cores, int(target.limit("monitors")), less)


def tuned(target: Target, options: Mapping[str, Any]) -> Target:
    """The target with the boards that the options ask for, and the neurons of a core."""
    boards, per_core = options.get("boards"), options.get("neurons_per_core")
    limits = dict(target.limits)
    if per_core is not None:
        limits["neurons"] = replace(
            limits["neurons"], value=min(int(per_core), limits["neurons"].value), doc="Neurons of one core, as chosen."
        )
    topology = target.topology if boards is None else replace(target.topology, chips=Machine(int(boards)).physical_boards)
    return replace(target, limits=MappingProxyType(limits), topology=topology)


def _usable(machine: Machine) -> int:
    return machine.capacity // machine.physical_boards


_SPIN1 = Machine()
SPINNAKER = Target(
    key="spinnaker",
    title="SpiNNaker",
    doc="Boards of 48 chips with 18 ARM cores each and multicast routers; the software of a core decides what a neuron is.",
    topology=Boards("hexagonal", COLUMNS, ROWS, 18, MOST_BOARDS, 20, True, usable=_usable(_SPIN1)),
    limits=MappingProxyType(
        {
            "neurons": Limit(256, "", "Neurons of one core.", _SPYNNAKER, "source"),
            "dtcm": Limit(65_536, "B", "A core's own data memory.", _MACHINE, "source"),
            "sdram": Limit(
                123_469_792 // 16, "B", "A core's share of the chip's memory; the chip's whole is checked too.", _MACHINE, "derived"
            ),
            "row": Limit(256, "words", "The longest synaptic row.", _SPYNNAKER, "source"),
            "chip_sdram": Limit(123_469_792, "B", "Memory of one chip that a network may use.", _MACHINE, "source"),
            "router_entries": Limit(1023, "", "Entries of a chip's routing table.", _MACHINE, "source"),
            "monitors": Limit(
                2,
                "",
                "Cores of a chip that belong to the system (one more beside the Ethernet).",
                "placements of sPyNNaker 1!7.4.1 (tests/golden/spinnaker): the first core a network gets is 2, or 3",
                "source",
            ),
            "link": Limit(
                6e6,
                "packets/s",
                "What a link between chips carries.",
                "Navaridas et al. 2009 doi:10.1145/1542275.1542317: about 6 million packets a second",
                "memory",
            ),
            "synapses_per_second": Limit(
                13e6, "1/s", "Static synapses that a core works through.", "sPyNNaker 1!7.4.1 (synapse_dynamics_static.py)", "source"
            ),
            "plastic_per_second": Limit(
                10e6,
                "1/s",
                "Plastic synapses that a core works through.",
                "sPyNNaker 1!7.4.1 (synapse_dynamics_weight_changable.py)",
                "source",
            ),
        }
    ),
    delay=(1, 9 * 4096),  # eight stages of an extension and a ring buffer, of one neuron each
    weight_bits=17,
    energy=MappingProxyType(
        {
            "packet": Limit(1000, "pJ", "One spike packet through one router (40 bits at 25 pJ); boundary: chip.", _POWER, "source"),
            "core": Limit(0.034e12, "pJ/s", "One active core, over the idle board; boundary: board.", _POWER, "source"),
            "chip": Limit(0.35e12, "pJ/s", "One idle chip; boundary: board.", _POWER, "source"),
            "event": Limit(
                8000, "pJ", "One synaptic event; boundary: chip.", "Stromatias et al. 2013 doi:10.1109/IJCNN.2013.6706927: 8 nJ", "memory"
            ),
        }
    ),
    dialect="sPyNNaker 7.4.1",
    unverified="No open tool emulates the fixed point of sPyNNaker's neurons: ours follows its published C, and is held against the ideal engine and NEST within a tolerance, not against a chip.",
)

_TWO = Machine(1, 153, 1, frozenset())
SPINNAKER2 = replace(
    SPINNAKER,
    key="spinnaker2",
    title="SpiNNaker 2",
    doc="Chips with 152 processing elements of 128 kB each, and multicast routers with 16,384 entries.",
    topology=Boards("hexagonal", COLUMNS, ROWS, 153, MOST_BOARDS, 20, True, usable=48 * 152 - 1),
    limits=MappingProxyType(
        {
            **SPINNAKER.limits,
            "dtcm": Limit(131_072, "B", "Memory of one processing element, program and data.", "Mayr et al. 2019 arXiv:1911.02385", "page"),
            "sdram": Limit(1_073_741_824 // 152, "B", "A core's share of the chip's memory.", _SPIN2, "derived"),
            "chip_sdram": Limit(1_073_741_824, "B", "Memory of one chip.", _SPIN2, "source"),
            "router_entries": Limit(16_384, "", "Entries of a chip's routing table.", _SPIN2, "source"),
            "monitors": Limit(1, "", "Cores of a chip that belong to the system (one more beside the Ethernet).", _SPIN2, "source"),
        }
    ),
    energy=MappingProxyType({"event": Limit(10, "pJ", "One operation; boundary: chip.", "Mayr et al. 2019 arXiv:1911.02385", "page")}),
    dialect="constraints of SpiNNMachine 7.4.1, cells and rows of SpiNNaker 1",
    unverified="SpiNNaker 2 is checked against its constraints only: no open tool maps or emulates it here, cell types, rows and fixed point are taken from SpiNNaker 1, and boards are laid out as those of 48 chips.",
)
