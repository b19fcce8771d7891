"""Handwritten digits as rate codes into a trained spiking network; see `train_digits.py` for its weights."""

from pathlib import Path

import numpy as np

from studio.network.build import Network, all_to_all

DATA = Path(__file__).resolve().parents[1] / "data" / "digits.npz"
PRESENT, GAP, RATE = 100.0, 50.0, 200.0
LAYOUT = {"images": (0, 60), "hidden": (300, 60), "digits": (600, 60)}


def _description(n: int) -> str:
    return (
        f"{n} held-out images of handwritten digits, 8 x 8 pixels, each shown for {PRESENT:g} ms as Poisson spikes of up to {RATE:g} Hz and followed by {GAP:g} ms of silence. "
        "The output neuron with most spikes names the digit. Weights were trained as a rectified network on other images and scaled to spikes (Diehl et al. 2015, "
        "doi:10.1109/IJCNN.2015.7280696). Images: UCI optical recognition of handwritten digits, Alpaydin and Kaynak 1998, doi:10.24432/C50P49, CC BY 4.0."
    )


DESCRIPTION = _description(400)


def build() -> Network:
    held = np.load(DATA)
    net = Network("Handwritten digits")
    pixels = net.data("images", held["images"].reshape(-1, 64))
    labels = net.data("labels", held["labels"])
    images = net.source("Images", 64, "image_rate", shape=(8, 8), images=pixels, white=16.0, rate_max=RATE, present=PRESENT, gap=GAP)
    lif = {"tau_m": 20.0, "c_m": 1.0, "v_rest": 0.0, "v_reset": 0.0, "v_th": 1.0, "t_ref": 0.0}
    hidden = net.population("Hidden", held["w1"].shape[1], "lif", **lif)
    digits = net.population("Digits", 10, "lif", **lif)
    net.connect(images, hidden, all_to_all(), weight=2.0 * held["w1"], delay=1.0)
    net.connect(hidden, digits, all_to_all(), weight=2.0 * held["w2"], delay=1.0)
    net.run(duration=len(held["labels"]) * (PRESENT + GAP), dt=1.0)
    task = {"source": str(images), "labels": labels, "present": PRESENT, "gap": GAP, "readout": str(digits), "decode": "count_argmax"}
    net.apply({"command": "set", "path": "/task", "value": task, "label": "Set the task"})
    return net
