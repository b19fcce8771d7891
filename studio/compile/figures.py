"""Published figures of machines that traffic and energy are counted with: what links carry, how long and how much energy events take.

Targets put them among their limits and energies (`limits={**own, **LOIHI_SPEED}`). Times are of one event on one core, in ns:
`time_neuron` (each neuron in each step), `time_spike` (a neuron that fires), `time_axon` (a spike that arrives at a core), `time_synapse`
(a synaptic event), `time_sync` (once a step). `link` and `chip_link` are events per second that a link between routers, or between chips, carries.
The sentence of an energy says its boundary after the word "boundary:": the operation, the core, the chip or the board.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from studio.compile.target import Limit

Figures = Mapping[str, Limit]

DAVIES = "Davies M et al. (2018) Loihi: a neuromorphic manycore processor with on-chip learning. doi:10.1109/MM.2018.112130359, table 2 (before silicon: SDF and SPICE)"
SANAFE = "SANA-FE 2.2.9, loihi.yaml: fitted to doi:10.1109/MM.2018.112130359"
LOIHI2 = "Intel (2021) Taking neuromorphic computing to the next level with Loihi 2, technology brief: factors against Loihi"
DUGAN = "250 Mbit/s self-timed links (Dugan K et al. 2013, doi:10.1049/iet-cdt.2012.0139) by 40 bits of a packet without payload"
SPINNAKER_POWER = "SpiNNMachine 1!7.4.1 (version_spin1.py), after Painkras E et al. (2013) SpiNNaker: a 1-W 18-core system-on-chip. doi:10.1109/JSSC.2013.2259038"
MEROLLA = "Merolla PA et al. (2014) A million spiking-neuron integrated circuit. doi:10.1126/science.1254642"

LOIHI_SPEED: Figures = MappingProxyType(
    {
        "link": Limit(3.44e9, "1/s", "Spikes that cross a tile of the mesh.", DAVIES, "page"),
        "time_neuron": Limit(6.0 + 3.7, "ns", "A compartment in a step: access and update.", SANAFE, "source"),
        "time_spike": Limit(30.0, "ns", "A compartment that fires.", SANAFE, "source"),
        "time_axon": Limit(16.0, "ns", "A spike message that arrives at a core.", SANAFE, "source"),
        "time_synapse": Limit(4.7, "ns", "A synaptic event, sparse format.", SANAFE, "source"),
        "time_sync": Limit(1800.0, "ns", "The end of a step on a whole chip.", SANAFE, "source"),
    }
)
LOIHI2_SPEED: Figures = MappingProxyType(
    {
        "time_neuron": Limit((6.0 + 3.7) / 2, "ns", "A neuron in a step: Loihi's by 2.", LOIHI2, "derived"),
        "time_spike": Limit(30.0 / 10, "ns", "A neuron that fires: Loihi's by 10.", LOIHI2, "derived"),
        "time_synapse": Limit(4.7 / 5, "ns", "A synaptic event: Loihi's by 5.", LOIHI2, "derived"),
        "time_sync": Limit(200.0, "ns", "The shortest step of a whole chip.", LOIHI2, "page"),
    }
)
LOIHI_ENERGY: Figures = MappingProxyType(
    {
        "access": Limit(51.2, "pJ", "A compartment's access in a step. boundary: core", SANAFE, "source"),
        "update": Limit(21.6, "pJ", "A compartment's update in a step. boundary: core", SANAFE, "source"),
        "fire": Limit(69.3, "pJ", "A compartment that fires. boundary: core", SANAFE, "source"),
        "synapse": Limit(33.6, "pJ", "A synaptic event, sparse format. boundary: core", SANAFE, "source"),
        "message": Limit(111.0, "pJ", "A spike message that leaves a core. boundary: core", SANAFE, "source"),
        "hop_x": Limit(3.0, "pJ", "A message over one link, east or west. boundary: chip (mesh)", SANAFE, "source"),
        "hop_y": Limit(4.2, "pJ", "A message over one link, north or south. boundary: chip (mesh)", SANAFE, "source"),
    }
)
SPINNAKER_SPEED: Figures = MappingProxyType(
    {
        "link": Limit(250e6 / 40, "1/s", "Packets that a link between chips carries.", DUGAN, "derived"),
    }
)
SPINNAKER_ENERGY: Figures = MappingProxyType(
    {
        "packet": Limit(1000.0, "pJ", "A packet of 40 bits through one router. boundary: chip", SPINNAKER_POWER, "source"),
        "core": Limit(0.034e12, "pJ/s", "An active core, above the idle board. boundary: board", SPINNAKER_POWER, "source"),
        "chip": Limit(0.35e12, "pJ/s", "An idle chip. boundary: board", SPINNAKER_POWER, "source"),
    }
)
TRUENORTH_ENERGY: Figures = MappingProxyType(
    {"synapse": Limit(26.0, "pJ", "A synaptic event, everything on the chip included. boundary: chip", MEROLLA, "page")}
)
