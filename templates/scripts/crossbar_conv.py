"""A small convolutional network on crossbars; `train_crossbar_conv.py` trains its weights, `crossbar_conv_table.py` measures it."""

from __future__ import annotations

from typing import Any

import numpy as np
from digits import DATA as IMAGES
from train_crossbar_conv import OUT as DATA

from studio.network.build import Network, Node, all_to_all
from studio.network.connectors import ModelChoice

PRESENT, GAP, RATE = 100.0, 50.0, 200.0
GAINS = {"kernels1": 3.0, "pool": 2.0, "kernels2": 3.0, "dense": 3.0}  # mV for a weight of 1: trained activity to spikes
LIF = {"tau_m": 20.0, "c_m": 1.0, "v_rest": 0.0, "v_reset": 0.0, "v_th": 1.0, "t_ref": 0.0}
BITS = 4  # of a weight's size, beside its sign
CROSSBAR = {"rows": 64, "columns": 64, "wire_resistance": (1.0, "Ohm"), "adc_bits": 5}
LAYOUT = {"images": (0, 60), "edges": (260, 60), "pooled": (520, 60), "shapes": (780, 60), "digits": (1040, 60)}
DESCRIPTION = (
    "400 held-out images of handwritten digits, 8 x 8 pixels, as Poisson spikes through a small convolutional network: 8 kernels of 3 x 3, means of 2 x 2, 16 kernels of 3 x 3 over all channels, ten classes. "
    f"The weights, of {BITS} bits and a sign, lie on crossbars of memristive cells in tiles of {CROSSBAR['rows']} x {CROSSBAR['columns']}, kernels unrolled so that all places work at once; wires have a resistance of 1 Ohm from cell to cell, and converters of "
    f"{CROSSBAR['adc_bits']} bits read what arrives. Give the converters fewer bits, lengthen the tiles or raise the resistance of the wires, and watch the accuracy. "
    "Source: convolutional networks in spikes Diehl et al. 2015, doi:10.1109/IJCNN.2015.7280696; crossbars Shafiee et al. 2016, doi:10.1109/ISCA.2016.12. "
    "Images: UCI optical recognition of handwritten digits, Alpaydin and Kaynak 1998, doi:10.24432/C50P49, CC BY 4.0."
)


def weights() -> dict[str, np.ndarray]:
    """The trained arrays: kernels1 (8, 1, 3, 3), kernels2 (16, 8, 3, 3), dense (10, 64)."""
    with np.load(DATA) as data:
        return {key: data[key] for key in data.files}


def rounded(trained: dict[str, np.ndarray], bits: int) -> dict[str, np.ndarray]:
    """Each array with weights of a sign and `bits` bits of size."""
    out = {}
    for key, w in trained.items():
        step = np.abs(w).max() / (2**bits - 1)
        out[key] = (np.round(w / step) * step).astype(np.float32)
    return out


def build(trained: dict[str, np.ndarray] | None = None, crossbar: dict[str, Any] | None = CROSSBAR, images: int | None = None) -> Network:
    """The network; other weights than the template's, another crossbar or none, and fewer images."""
    with np.load(IMAGES) as data:
        pixels, labels = data["images"][:images], data["labels"][:images]
    net = Network("Convolution on crossbars")
    shown, classes = net.data("images", pixels.reshape(-1, 64)), net.data("labels", labels)
    source = net.source("Images", 64, "image_rate", shape=(1, 8, 8), images=shown, white=16.0, rate_max=RATE, present=PRESENT, gap=GAP)
    layers = [source]
    for name, shape in (("Edges", (8, 8, 8)), ("Pooled", (8, 4, 4)), ("Shapes", (16, 2, 2)), ("Digits", (10,))):
        layers.append(net.population(name, int(np.prod(shape)), "lif", shape=shape if len(shape) > 1 else None, **LIF))
    _connect(net, layers, trained or rounded(weights(), BITS), crossbar)
    net.run(duration=len(labels) * (PRESENT + GAP), dt=1.0)
    task = {"source": str(source), "labels": classes, "present": PRESENT, "gap": GAP, "readout": "digits", "decode": "count_argmax"}
    net.apply({"command": "set", "path": "/task", "value": task, "label": "Set the task"})
    return net


def unrolled(kernel: np.ndarray, rows: int, columns: int, padding: int = 0) -> np.ndarray:
    """A convolution as the matrix that lies on crossbars, (sources, targets): each place of the kernel has cells of its own."""
    n_out, n_in, height, width = kernel.shape
    down, across = rows + 2 * padding - height + 1, columns + 2 * padding - width + 1
    matrix = np.zeros((n_in, rows, columns, n_out, down, across), kernel.dtype)
    for y in range(down):
        for x in range(across):
            for i in range(max(0, padding - y), min(height, rows + padding - y)):
                for j in range(max(0, padding - x), min(width, columns + padding - x)):
                    matrix[:, y + i - padding, x + j - padding, :, y, x] = kernel[:, :, i, j].T
    return matrix.reshape(n_in * rows * columns, -1)


def _connect(net: Network, layers: list[Node], trained: dict[str, np.ndarray], crossbar: dict[str, Any] | None) -> None:
    images, edges, pooled, shapes, digits = layers
    first, second = unrolled(trained["kernels1"], 8, 8, padding=1), unrolled(trained["kernels2"], 4, 4)
    net.connect(images, edges, all_to_all(), weight=GAINS["kernels1"] * first, delay=1.0, crossbar=crossbar)
    net.connect(edges, pooled, ModelChoice("pooling", {"operation": "average"}), weight=GAINS["pool"], delay=1.0)
    net.connect(pooled, shapes, all_to_all(), weight=GAINS["kernels2"] * second, delay=1.0, crossbar=crossbar)
    net.connect(shapes, digits, all_to_all(), weight=GAINS["dense"] * trained["dense"].T, delay=1.0, crossbar=crossbar)
