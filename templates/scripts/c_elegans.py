"""The worm's nervous system: every neuron and muscle by name, chemical synapses and gap junctions; see `read_connectome.py` for the wiring."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from studio.network.build import Network, explicit

DATA = Path(__file__).resolve().parents[1] / "data" / "c_elegans.npz"
GROUPS = ("Sensory", "Inter", "Motor", "Muscle")
GABA = 4  # the bit of read_connectome.TRANSMITTERS
SECTION = 2.5e-5  # uS for each section of electron microscopy, chemical or gap: about the published 100 pS for a synapse of four sections
LEAK, CAPACITY, REST = 1e-5, 1e-3, -35.0  # uS, nF, mV
E_REV = {"excitatory": 0.0, "inhibitory": -48.0}  # mV
RISE, DECAY = 1e-3, 5e-3  # 1/ms
TOUCHED = {"tail": ("PLML", "PLMR"), "head": ("ALML", "ALMR", "AVM"), "nose": ("ASHL", "ASHR")}
TOUCH, FIRST, LONG, PAUSE = 0.02, 100.0, 2000.0, 1000.0  # nA, ms
LAYOUT = {
    "tail": (0, 40),
    "head": (0, 200),
    "nose": (0, 360),
    "sensory": (320, 200),
    "inter": (760, 0),
    "motor": (760, 400),
    "muscle": (1200, 200),
}
KUNERT = "Kunert J, Shlizerman E, Kutz JN (2014) Low-dimensional functionality of complex network dynamics: neurosensory integration in the Caenorhabditis elegans connectome. doi:10.1103/PhysRevE.89.052805"
DESCRIPTION = (
    "The 302 neurons and 135 muscles of the adult hermaphrodite of Caenorhabditis elegans, each by its name (in a population's metadata), with 4,760 chemical connections and 1,267 pairs "
    "joined by gap junctions, as counted in electron micrographs. Voltages are graded: no cell fires; a mark in the raster says that its voltage rose 2 mV above rest. The touch neurons of the tail (PLM), then of the "
    "head (ALM, AVM), then the neurons of the nose that sense pain (ASH) are driven for two seconds each. Look at the voltages of the command interneurons: a touch at the tail moves PVC most, one at the head AVD, as the reflexes that "
    "make the worm run forwards and backwards ask. Set the weights of the gap junctions to 0, and neither arrives. "
    "Unknown, and assumed: how strong a section of synapse is, that all cells are alike, that resting voltages lie in the middle of each synapse's range, and the signs (a synapse inhibits where GABA is its neuron's only "
    "transmitter; glutamate, which excites and inhibits, and the 20 neurons without a known transmitter excite here). No peptides, no monoamines acting at a distance, no body. "
    "Source: wiring Cook et al. 2019, doi:10.1038/s41586-019-1352-7; transmitters Wang et al. 2024, doi:10.7554/eLife.95402; dynamics Kunert et al. 2014, doi:10.1103/PhysRevE.89.052805; both data sets through cect 0.3.5, MIT."
)
CELL = {
    "kind": "neuron",
    "title": "Graded neuron",
    "doc": "A passive membrane whose synapses open gradually with its voltage; it does not fire. A spike in a recording marks that the voltage rose `mark` above v_mid.",
    "source": KUNERT,
    "limits": "No voltage-gated channels, no action potentials, all cells alike, one compartment.",
    "params": {
        "tau_m": {"default": CAPACITY / LEAK, "unit": "ms", "low": 0, "low_open": True, "doc": "Membrane time constant without synapses."},
        "c_m": {"default": CAPACITY, "unit": "nF", "low": 0, "low_open": True, "doc": "Membrane capacitance."},
        "v_rest": {"default": REST, "unit": "mV", "doc": "Voltage to which the membrane decays without synapses."},
        "v_mid": {
            "default": -20,
            "unit": "mV",
            "doc": "Voltage at which synapses are activated by half: here the voltage of the resting network.",
        },
        "width": {"default": 8, "unit": "mV", "low": 0, "low_open": True, "doc": "Width of the activation curve."},
        "rise": {"default": RISE, "unit": "1/ms", "low": 0, "doc": "Rate at which synapses open."},
        "decay": {"default": DECAY, "unit": "1/ms", "low": 0, "low_open": True, "doc": "Rate at which synapses close."},
        "mark": {"default": 2, "unit": "mV", "doc": "How far above v_mid a rising voltage is marked."},
    },
    "states": {"v": {"start": "v_mid", "unit": "mV", "role": "membrane"}, "s": {"start": "0.5*rise/(0.5*rise + decay)", "unit": ""}},
    "equations": "dv/dt = (v_rest - v)/tau_m + i/c_m\nds/dt = rise*sigmoid((v - v_mid)/width)*(1 - s) - decay*s",
    "method": "rk4",
    "substeps": 16,
    "threshold": "v >= v_mid + mark and last_v < v_mid + mark",
}
SYNAPSE = {
    "kind": "kinetics",
    "title": "Graded synapse",
    "doc": "A conductance that follows how far the synapses of the source are open.",
    "source": KUNERT,
    "coupled": "s",
    "weight_unit": "uS",
    "sign": "nonnegative",
    "params": {"e_rev": {"default": 0, "unit": "mV", "doc": "Reversal potential: above rest it excites, below it inhibits."}},
    "current": "wx*(e_rev - v)",
}


@cache
def wiring() -> dict[str, Any]:
    """Names, group and sign of each cell, and the connections: chemical (3, n) and gap (3, n) as from, to, sections."""
    with np.load(DATA) as data:
        found = {key: data[key] for key in data.files}
    return {
        "names": [str(n) for n in found["names"]],
        "group": found["group"].astype(int),
        "inhibits": found["transmitters"] == GABA,
        "chemical": found["chemical"].astype(int),
        "gap": found["gap"].astype(int),
    }


def cells(group: int) -> list[str]:
    """The names of a group's cells, in the order of its population."""
    w = wiring()
    return [name for name, g in zip(w["names"], w["group"], strict=True) if g == group]


def place(name: str) -> tuple[int, int]:
    """The group of a cell and its number there."""
    group = int(wiring()["group"][wiring()["names"].index(name)])
    return group, cells(group).index(name)


def resting() -> np.ndarray:
    """The voltage of every cell [mV] where no current is injected and all synapses are activated by half (Kunert et al. 2014, equation 6)."""
    w = wiring()
    n, open_ = len(w["names"]), 0.5 * RISE / (0.5 * RISE + DECAY)
    balance, pull = np.diag(np.full(n, LEAK)), np.full(n, LEAK * REST)
    for pre, post, sections in w["chemical"].T:
        g = SECTION * sections * open_
        balance[post, post] += g
        pull[post] += g * E_REV["inhibitory" if w["inhibits"][pre] else "excitatory"]
    for one, other, sections in w["gap"].T:
        for a, b in ((one, other), (other, one)):
            balance[a, a] += SECTION * sections
            balance[a, b] -= SECTION * sections
    return np.linalg.solve(balance, pull)


def _within(connections: np.ndarray, pre: int, post: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of connections (3, n), those from one group to another: sources and targets as numbers there, and conductances [uS]."""
    group = wiring()["group"]
    number = np.concatenate([np.arange((group == k).sum()) for k in range(4)])  # cells are ordered by group
    here = (group[connections[0]] == pre) & (group[connections[1]] == post)
    return number[connections[0, here]], number[connections[1, here]], SECTION * connections[2, here]


def _chemical(net: Network, nodes: list[Any]) -> None:
    w = wiring()
    for pre in range(3):
        for post in range(4):
            for kind, e_rev in E_REV.items():
                chosen = w["chemical"][:, w["inhibits"][w["chemical"][0]] == (kind == "inhibitory")]
                sources, targets, weights = _within(chosen, pre, post)
                if len(sources):
                    kinetics = ("graded_synapse", {"e_rev": e_rev})
                    net.connect(
                        nodes[pre], nodes[post], explicit(sources, targets), weight=weights, kinetics=kinetics, name=kind.capitalize()
                    )


def _gaps(net: Network, nodes: list[Any]) -> None:
    gap = wiring()["gap"]
    both = np.concatenate([gap, gap[[1, 0, 2]]], axis=1)
    for pre in range(4):
        for post in range(4):
            sources, targets, weights = _within(both, pre, post)
            if len(sources):
                net.connect(
                    nodes[pre], nodes[post], explicit(sources, targets), weight=weights, kinetics="gap_junction", name="Gap junctions"
                )


def build() -> Network:
    net = Network("C. elegans")
    net.apply({"command": "set", "path": "/models", "value": {"graded": CELL, "graded_synapse": SYNAPSE}})
    group, rest = wiring()["group"], resting()
    nodes = [net.population(name, int((group == k).sum()), "graded", v_mid=rest[group == k].round(3)) for k, name in enumerate(GROUPS)]
    for k, node in enumerate(nodes):
        net.apply({"command": "set", "path": f"/circuits/{net.document.main}/nodes/{node}/metadata", "value": {"cells": cells(k)}})
    _chemical(net, nodes)
    _gaps(net, nodes)
    for k, (where, touched) in enumerate(TOUCHED.items()):
        start = FIRST + k * (LONG + PAUSE)
        touch = net.source(where.capitalize(), len(touched), "step_current", amplitude=TOUCH, start=start, stop=start + LONG)
        net.connect(touch, nodes[0], explicit(np.arange(len(touched)), np.array([place(name)[1] for name in touched])))
    net.run(duration=FIRST + 3 * (LONG + PAUSE), dt=0.5)
    for node in nodes:
        net.record(node)
    for name in ("AVAL", "AVBL", "AVDL", "AVEL", "PVCL", "DA5", "DB5", "VA8", "VB8"):
        of, number = place(name)
        net.record(f"{nodes[of]}[{number}]", "v", every=10.0)
    return net
