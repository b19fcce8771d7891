"""Handwritten digits learnt without labels by memristive synapses; `memristive_digits_table.py` compares devices and rules."""

from __future__ import annotations

from typing import Any

import numpy as np
import train_digits

from studio.network.build import Network, all_to_all

NEURONS, SEED, SPLIT_SEED = 100, 1, 20
PRESENT, GAP, RATE = 100.0, 10.0, 500.0
ASSIGN = 1000  # patterns that give neurons their classes
W_MAX, LOSER = 0.24, -6.0  # mV
NEURON = {"tau_m": 40.0, "v_rest": -65.0, "v_reset": -65.0, "v_th": -55.0, "theta_plus": 1.6, "tau_theta": 30_000.0, "t_ref": 2.0}
RULE = {"w_max": W_MAX, "gain": 0.015, "loss": 0.05, "window": 5.0}
PATIENCE = 0.1
DEVICE = ("exp_step", {"preset": "gong_2018", "w_max": W_MAX, "most_pulses": 100})
LAYOUT = {"images": (0, 60), "features": (400, 60)}
DESCRIPTION = (
    f"{NEURONS} neurons compete for {1797 - train_digits.HELD_OUT:,} images of handwritten digits, 8 x 8 pixels, each shown once for {PRESENT:g} ms as Poisson spikes. A spike of a neuron silences the others for a while, "
    "makes its own threshold rise, strengthens its synapses from pixels that are bright at that moment and weakens the rest; so each becomes a detector of one way to write a digit. Nobody tells it which: its class is read "
    f"off from the last {ASSIGN:,} images it learnt from, and the {train_digits.HELD_OUT} held-out images at the end are named by those classes (see the task). Synapses are HfO2 cells that vary from device to device and from pulse to pulse; "
    "the rule is patient: a synapse saves up what it wants to change, where ups and downs cancel, and has its device written once that is a tenth of its range. Set “patience” to 0, or take the device “Ideal”, and compare. "
    "Source: Querlioz et al. 2013, doi:10.1109/TNANO.2013.2250995; Diehl and Cook 2015, doi:10.3389/fncom.2015.00099; devices Gong et al. 2018, doi:10.1038/s41467-018-04485-1. "
    "Images: UCI optical recognition of handwritten digits, Alpaydin and Kaynak 1998, doi:10.24432/C50P49, CC BY 4.0."
)


def split(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices to learn from and to be judged on. The parameters above were chosen on what `train_digits` holds out, so those images are learnt here and others judge."""
    learnt, chosen_on = train_digits.split(n)
    order = np.random.default_rng(SPLIT_SEED).permutation(learnt)
    return np.concatenate([order[train_digits.HELD_OUT :], chosen_on]), np.sort(order[: train_digits.HELD_OUT])


def build(
    neurons: int = NEURONS,
    device: Any = DEVICE,
    patience: float = PATIENCE,
    seed: int = SEED,
    learn: int | None = None,
    test: int | None = None,
) -> Network:
    """The network and its images, in an order that `seed` draws; `learn` and `test`: with so many of them only."""
    pixels, labels = train_digits.images()
    training, held_out = split(len(pixels))
    training = np.random.default_rng(seed).permutation(training)[:learn]
    order = np.concatenate([training, held_out[:test]])
    net = Network("Digits without labels")
    shown = net.data("images", pixels[order].reshape(-1, 64))
    classes = net.data("labels", labels[order])
    images = net.source("Images", 64, "image_rate", shape=(8, 8), images=shown, white=16.0, rate_max=RATE, present=PRESENT, gap=GAP)
    shape = (neurons // 10, 10) if neurons % 10 == 0 else None
    features = net.population("Features", neurons, "lif_homeostatic", shape=shape, **NEURON)
    weight = {"uniform": [0.3 * W_MAX, 0.7 * W_MAX]}
    net.connect(
        images, features, all_to_all(), weight=weight, delay=1.0, plasticity=("stdp_window", {**RULE, "patience": patience}), device=device
    )
    net.connect(features, features, all_to_all(autapses=False), weight=LOSER, delay=1.0)
    net.run(duration=len(order) * (PRESENT + GAP), dt=1.0, seed=seed)
    task: dict[str, Any] = {"source": str(images), "labels": classes, "present": PRESENT, "gap": GAP, "readout": str(features)}
    task |= {"decode": "count_assigned", "learn": len(training), "assign": min(ASSIGN, len(training))}
    net.apply({"command": "set", "path": "/task", "value": task, "label": "Set the task"})
    return net
