"""A few letters, shown over and over in noise, write themselves into memristive synapses."""

from __future__ import annotations

from typing import Any

import numpy as np

from studio.network.build import Network, all_to_all

LETTERS = {
    "S": "........ .#####.. .#...... .#...... ..####.. ......#. ......#. .#####..",
    "P": "........ .#####.. .#....#. .#....#. .#####.. .#...... .#...... .#......",
    "I": "........ ..#####. ....#... ....#... ....#... ....#... ....#... ..#####.",
    "K": "........ .#...#.. .#..#... .#.#.... .##..... .#.#.... .#..#... .#...#..",
    "E": "........ .######. .#...... .#...... .####... .#...... .#...... .######.",
}
NEURONS, SHOWN, LEARN, ASSIGN, SEED, FLIPPED = 5, 200, 150, 50, 5, 0.08
PRESENT, GAP, RATE = 100.0, 20.0, 300.0
W_MAX, LOSER = 0.8, -40.0  # mV
NEURON = {"tau_m": 20.0, "v_rest": -65.0, "v_reset": -65.0, "v_th": -55.0, "theta_plus": 0.4, "tau_theta": 10_000.0, "t_ref": 2.0}
RULE = {"w_max": W_MAX, "gain": 0.03, "loss": 0.03, "window": 10.0, "patience": 0.1}
DEVICE = ("exp_step", {"preset": "gong_2018", "w_max": W_MAX, "most_pulses": 100})
LAYOUT = {"letters": (0, 60), "readers": (400, 60)}
DESCRIPTION = (
    f"Five letters of 8 x 8 pixels are shown in random order, each time with about {FLIPPED:.0%} of the pixels turned over, to {NEURONS} neurons with memristive synapses that begin at random. "
    "Only a spike of a neuron changes its synapses: those from pixels that were just active grow, all others shrink. It also silences the other neurons and lifts its own threshold a little, so that each neuron "
    "ends up with a letter of its own. Look at the weights of the synapses after the run, as images: each neuron's 64 conductances are its letter. The last 50 images are named by the class that each neuron had before them (see the task). "
    "The devices are HfO2 cells that vary from one to the next and from pulse to pulse; the rule's “patience” saves changes up and spares them writes. Set it to 0, or take “RRAM array, optimised material” among the presets of the "
    "device “Linear step”, and letters blur; with the device “Ideal” they are as clean as noise allows. "
    "Source: Querlioz et al. 2013, doi:10.1109/TNANO.2013.2250995; devices Gong et al. 2018, doi:10.1038/s41467-018-04485-1."
)


def letters() -> np.ndarray:
    """The letters as 0 and 1, (5, 64)."""
    return np.array([[float(c == "#") for c in rows.replace(" ", "")] for rows in LETTERS.values()])


def shown(n: int) -> tuple[np.ndarray, np.ndarray]:
    """`n` images (n, 64) as uint8 and which letter each is: every letter once in each round, some pixels turned over."""
    rng = np.random.default_rng(SEED)
    order = np.concatenate([rng.permutation(len(LETTERS)) for _ in range(-(-n // len(LETTERS)))])[:n]
    clean = letters()[order] > 0.5
    return (clean ^ (rng.random(clean.shape) < FLIPPED)).astype(np.uint8), order.astype(np.uint8)


def build(device: Any = DEVICE) -> Network:
    images, order = shown(SHOWN)
    net = Network("Letters in memristors")
    pixels, classes = net.data("images", images), net.data("labels", order)
    source = net.source("Letters", 64, "image_rate", shape=(8, 8), images=pixels, white=1.0, rate_max=RATE, present=PRESENT, gap=GAP)
    readers = net.population("Readers", NEURONS, "lif_homeostatic", **NEURON)
    weight = {"uniform": [0.3 * W_MAX, 0.7 * W_MAX]}
    net.connect(source, readers, all_to_all(), weight=weight, delay=1.0, plasticity=("stdp_window", RULE), device=device)
    net.connect(readers, readers, all_to_all(autapses=False), weight=LOSER, delay=1.0)
    net.run(duration=SHOWN * (PRESENT + GAP), dt=1.0)
    task: dict[str, Any] = {"source": str(source), "labels": classes, "present": PRESENT, "gap": GAP, "readout": str(readers)}
    task |= {"decode": "count_assigned", "learn": LEARN, "assign": ASSIGN}
    net.apply({"command": "set", "path": "/task", "value": task, "label": "Set the task"})
    return net
