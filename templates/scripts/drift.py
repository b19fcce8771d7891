"""A trained classifier on phase-change memory, asked again an hour, a day and a week later; `drift_table.py` compensates and measures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from digits import DATA, GAP, PRESENT, RATE

from studio.network.build import Network, all_to_all

BLOCK = 100  # images
WAITS = {"an hour": 3600.0, "a day": 86_400.0 - 3600.0, "a week": 604_800.0 - 86_400.0}  # s, from one block to the next
GAIN = 1.3  # few spikes: the trained network would do with more, and feel drift less
LIF = {"tau_m": 20.0, "c_m": 1.0, "v_rest": 0.0, "v_reset": 0.0, "v_th": 1.0, "t_ref": 0.0}
REFERENCES, REFERENCE = 64, 0.05  # devices read by the monitor, and their weight [mV]
LAYOUT = {"images": (0, 60), "hidden": (300, 60), "digits": (600, 60), "clock": (0, 260), "monitor": (300, 260)}
DESCRIPTION = (
    f"A classifier of handwritten digits whose weights lie on pairs of phase-change cells: programmed with errors, read with noise, and drifting. {BLOCK} held-out images are shown at once, {BLOCK} after an hour, {BLOCK} after a day and "
    f"{BLOCK} after a week (the run's events wait; only the clocks of devices move). Conductances fade by a power of time, spikes become rare and the accuracy falls. {REFERENCES} reference cells, read all the time, tell the "
    "monitor's voltage by how much: lower the thresholds (hidden.v_th, digits.v_th) in the same proportion, and most of the accuracy is back (templates/scripts/drift_table.py does so). "
    "Source: drift and its global compensation Joshi et al. 2020, doi:10.1038/s41467-020-16108-9; devices Nandakumar et al. 2019, doi:10.1109/ICECS46596.2019.8964852. "
    "Images: UCI optical recognition of handwritten digits, Alpaydin and Kaynak 1998, doi:10.24432/C50P49, CC BY 4.0."
)


def onsets() -> list[float]:
    """When each block of images begins [ms]."""
    return [k * BLOCK * (PRESENT + GAP) for k in range(1 + len(WAITS))]


def _pcm(weights: np.ndarray) -> tuple[str, dict[str, Any]]:
    return "pcm", {"storage": "pair", "w_max": math.ceil(1e3 * float(np.abs(weights).max())) / 1e3}


def build() -> Network:
    held = np.load(DATA)
    net = Network("Drift over a week")
    pixels, labels = net.data("images", held["images"].reshape(-1, 64)), net.data("labels", held["labels"])
    images = net.source("Images", 64, "image_rate", shape=(8, 8), images=pixels, white=16.0, rate_max=RATE, present=PRESENT, gap=GAP)
    hidden = net.population("Hidden", held["w1"].shape[1], "lif", **LIF)
    digits = net.population("Digits", 10, "lif", **LIF)
    for pre, post, w in ((images, hidden, GAIN * held["w1"]), (hidden, digits, GAIN * held["w2"])):
        net.connect(pre, post, all_to_all(), weight=w, delay=1.0, device=_pcm(w))
    _monitor(net)
    net.run(duration=4 * BLOCK * (PRESENT + GAP), dt=1.0)
    for at, seconds in zip(onsets()[1:], WAITS.values(), strict=True):
        net.wait(at, (seconds, "s"))
    task = {"source": str(images), "labels": labels, "present": PRESENT, "gap": GAP, "readout": str(digits), "decode": "count_argmax"}
    net.apply({"command": "set", "path": "/task", "value": task, "label": "Set the task"})
    return net


def _monitor(net: Network) -> None:
    """Reference cells at half their range, read by chance, 50 times a second each: the monitor's voltage is in proportion to what they have left."""
    clock = net.source("Clock", REFERENCES, "poisson", rate=50.0)
    monitor = net.population("Monitor", 1, "leaky_integrator", tau_m=200.0)
    net.connect(clock, monitor, all_to_all(), weight=REFERENCE, delay=1.0, device=("pcm", {"w_max": 2 * REFERENCE}))
    net.record(monitor, "v", every=50.0)
    for path in ("hidden", "digits"):
        net.record(path)
