"""Train the small convolutional network whose weights the `crossbar_conv` template carries.

    python templates/scripts/train_crossbar_conv.py        # writes templates/data/crossbar_conv.npz, about a minute

8 x 8 pixels, 8 kernels of 3 x 3 (padded), the mean of 2 x 2, 16 kernels of 3 x 3 over all channels, ten classes; rectified, without biases.
Trained by Adam on Poisson counts of a 100 ms presentation, then scaled so that each layer's 99.9th percentile of activity is one
(Diehl et al. 2015, doi:10.1109/IJCNN.2015.7280696). Images and split: `train_digits.py`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from train_digits import SPIKES_PER_FULL_PIXEL, images, split

OUT = Path(__file__).resolve().parents[1] / "data" / "crossbar_conv.npz"
SEED, EPOCHS, BATCH, KERNEL = 4, 80, 32, 3
CHANNELS = (8, 16)
Arrays = list[np.ndarray]


def patches(x: np.ndarray) -> np.ndarray:
    """Every 3 x 3 window of (n, channels, height, width) as a row: (n, out height, out width, channels * 9)."""
    windows = np.lib.stride_tricks.sliding_window_view(x, (KERNEL, KERNEL), axis=(2, 3))
    return windows.transpose(0, 2, 3, 1, 4, 5).reshape(*windows.shape[:1], *windows.shape[2:4], -1)


def unpatch(rows: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The gradient of `patches`: windows added back where they came from."""
    out = np.zeros(shape)
    n, height, width = rows.shape[:3]
    back = rows.reshape(n, height, width, shape[1], KERNEL, KERNEL)
    for i in range(KERNEL):
        for j in range(KERNEL):
            out[:, :, i : i + height, j : j + width] += back[..., i, j].transpose(0, 3, 1, 2)
    return out


def forward(weights: Arrays, x: np.ndarray) -> Arrays:
    """What each layer gives for images (n, 8, 8) in [0, 1]: patches, activity; patches, activity; scores."""
    first = patches(np.pad(x[:, None], ((0, 0), (0, 0), (1, 1), (1, 1))))
    a = np.maximum(first @ weights[0], 0)  # (n, 8, 8, 8)
    pooled = a.reshape(len(x), 4, 2, 4, 2, -1).mean(axis=(2, 4))
    second = patches(pooled.transpose(0, 3, 1, 2))
    b = np.maximum(second @ weights[1], 0)  # (n, 2, 2, 16)
    return [first, a, second, b, b.reshape(len(x), -1) @ weights[2]]


def gradients(weights: Arrays, x: np.ndarray, truth: np.ndarray) -> Arrays:
    """Of the cross-entropy, with weight decay 1e-4."""
    first, a, second, b, scores = forward(weights, x)
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    error = (odds / odds.sum(axis=1, keepdims=True) - truth) / len(x)
    to_b = (error @ weights[2].T).reshape(b.shape) * (b > 0)
    to_pooled = unpatch(to_b @ weights[1].T, (len(x), CHANNELS[0], 4, 4)).transpose(0, 2, 3, 1)
    to_a = np.repeat(np.repeat(to_pooled, 2, axis=1), 2, axis=2) / 4 * (a > 0)
    flat = [(first, to_a), (second, to_b), (b.reshape(len(x), -1), error)]
    return [np.tensordot(p, g, axes=(range(p.ndim - 1), range(p.ndim - 1))) + 1e-4 * w for (p, g), w in zip(flat, weights, strict=True)]


def train(x: np.ndarray, labels: np.ndarray, sparsity: float = 0.0) -> Arrays:
    """Weights (9, 8), (72, 16), (64, 10) from images (n, 8, 8) seen through Poisson noise.

    The smallest weights of each layer are set to 0 and kept there, more and more from epoch 30 to epoch 50 until their share is `sparsity`
    (Zhu and Gupta 2017, arXiv:1710.01878).
    """
    rng = np.random.default_rng(SEED)
    shapes = ((KERNEL**2, CHANNELS[0]), (CHANNELS[0] * KERNEL**2, CHANNELS[1]), (4 * CHANNELS[1], 10))
    weights = [rng.normal(0, np.sqrt(2 / s[0]), s) for s in shapes]
    first, second = [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights]
    truth, step = np.eye(10)[labels], 0
    for epoch in range(EPOCHS):
        rate = 2e-3 * (1 + np.cos(np.pi * epoch / EPOCHS))
        gone = sparsity * (1 - (1 - min(1.0, max(0.0, (epoch - 30) / 20))) ** 3)
        kept = [np.abs(w) > np.quantile(np.abs(w), gone) if gone else np.ones_like(w) for w in weights]
        for batch in np.array_split(rng.permutation(len(x)), len(x) // BATCH):
            step += 1
            seen = rng.poisson(x[batch] * SPIKES_PER_FULL_PIXEL) / SPIKES_PER_FULL_PIXEL
            for w, g, m, v, mask in zip(weights, gradients(weights, seen, truth[batch]), first, second, kept, strict=True):
                m[:], v[:] = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
                w -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
                w *= mask
    return weights


def normalise(weights: Arrays, x: np.ndarray) -> Arrays:
    """Scale each layer so that the 99.9th percentile of its activity on the training images is one."""
    _, a, _, b, scores = forward(weights, x)
    tops = [np.percentile(np.maximum(layer, 0), 99.9) for layer in (a, b, scores)]
    return [weights[0] / tops[0], weights[1] * tops[0] / tops[1], weights[2] * tops[1] / tops[2]]


def trained(sparsity: float = 0.0) -> tuple[dict[str, np.ndarray], float]:
    """The arrays that the template's connectors take, and the accuracy of the rectified network on the held-out images."""
    pixels, labels = images()
    training, held_out = split(len(pixels))
    x = pixels[training] / 16
    weights = normalise(train(x, labels[training], sparsity), x)
    one, two = (w.reshape(-1, KERNEL, KERNEL, w.shape[1]).transpose(3, 0, 1, 2).astype(np.float32) for w in weights[:2])
    dense = weights[2].reshape(2, 2, CHANNELS[1], 10).transpose(3, 2, 0, 1).reshape(10, -1).astype(np.float32)
    right = float(np.mean(forward(weights, pixels[held_out] / 16)[-1].argmax(axis=1) == labels[held_out]))
    return {"kernels1": one, "kernels2": two, "dense": dense}, right


def main() -> None:
    arrays, right = trained()
    OUT.parent.mkdir(exist_ok=True)
    np.savez_compressed(OUT, **arrays)
    print(f"wrote {OUT.name}: the rectified network classifies {right:.1%} of the held-out images")


if __name__ == "__main__":
    main()
