"""Train the digit classifier whose weights the `digits` template carries.

    python templates/scripts/train_digits.py        # writes templates/data/digits.npz, about 20 s

A rectified network of 64-128-10 units without biases is trained by Adam on the rate codes that the spiking network will see (Poisson counts of a
100 ms presentation), then its weights are scaled so that a unit's 99.9th percentile of activity equals one threshold per input spike train
(data-based normalisation, Diehl et al. 2015, doi:10.1109/IJCNN.2015.7280696). Data: the 1,797 real 8 x 8 digits of the UCI machine learning
repository (Alpaydin and Kaynak 1998, doi:10.24432/C50P49, CC BY 4.0) as scikit-learn ships them. The split is fixed: HELD_OUT images by seed SPLIT_SEED, never trained on.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

OUT = Path(__file__).resolve().parents[1] / "data" / "digits.npz"
HELD_OUT, SPLIT_SEED, TRAIN_SEED = 400, 1, 2
HIDDEN, EPOCHS, BATCH = 128, 120, 64
SPIKES_PER_FULL_PIXEL = 20  # 200 Hz for 100 ms


def images() -> tuple[np.ndarray, np.ndarray]:
    """All digits as uint8 (1797, 8, 8), 0 to 16, and their labels."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    return digits.images.astype(np.uint8), digits.target.astype(np.uint8)


def split(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Indices to train on and to hold out; the same on every machine."""
    order = np.random.default_rng(SPLIT_SEED).permutation(n)
    return np.sort(order[HELD_OUT:]), np.sort(order[:HELD_OUT])


def train(x: np.ndarray, labels: np.ndarray) -> list[np.ndarray]:
    """Weights (64, 128) and (128, 10) of a rectified network, from pixels in [0, 1] seen through Poisson noise."""
    rng = np.random.default_rng(TRAIN_SEED)
    weights = [rng.normal(0, np.sqrt(2 / 64), (64, HIDDEN)), rng.normal(0, np.sqrt(2 / HIDDEN), (HIDDEN, 10))]
    first, second = [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights]
    truth, step = np.eye(10)[labels], 0
    for epoch in range(EPOCHS):
        rate = 1e-3 * (1 + np.cos(np.pi * epoch / EPOCHS))
        for batch in np.array_split(rng.permutation(len(x)), len(x) // BATCH):
            step += 1
            gradients = _gradients(weights, rng.poisson(x[batch] * SPIKES_PER_FULL_PIXEL) / SPIKES_PER_FULL_PIXEL, truth[batch], rng)
            for w, g, m, v in zip(weights, gradients, first, second, strict=True):
                m[:], v[:] = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
                w -= rate * (m / (1 - 0.9**step)) / (np.sqrt(v / (1 - 0.999**step)) + 1e-8)
    return weights


def _gradients(weights: list[np.ndarray], x: np.ndarray, truth: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Cross-entropy gradients with dropout of a fifth of the hidden units and weight decay 1e-4."""
    hidden = np.maximum(x @ weights[0], 0)
    kept = (rng.random(hidden.shape) > 0.2) / 0.8
    scores = (hidden * kept) @ weights[1]
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    error = (odds / odds.sum(axis=1, keepdims=True) - truth) / len(x)
    back = (error @ weights[1].T) * kept * (hidden > 0)
    return x.T @ back + 1e-4 * weights[0], (hidden * kept).T @ error + 1e-4 * weights[1]


def normalise(weights: list[np.ndarray], x: np.ndarray) -> list[np.ndarray]:
    """Scale each layer so that the 99.9th percentile of its activity on the training images is one."""
    hidden = np.maximum(x @ weights[0], 0)
    output = np.maximum(hidden @ weights[1], 0)
    a, b = np.percentile(hidden, 99.9), np.percentile(output, 99.9)
    return [weights[0] / a, weights[1] * a / b]


def main() -> None:
    pixels, labels = images()
    training, held_out = split(len(pixels))
    x = pixels[training].reshape(-1, 64) / 16
    w1, w2 = normalise(train(x, labels[training]), x)
    OUT.parent.mkdir(exist_ok=True)
    np.savez_compressed(OUT, w1=w1.astype(np.float32), w2=w2.astype(np.float32), images=pixels[held_out], labels=labels[held_out])
    test = pixels[held_out].reshape(-1, 64) / 16
    right = np.mean(np.argmax(np.maximum(test @ w1, 0) @ w2, axis=1) == labels[held_out])
    print(f"wrote {OUT.name}: {len(held_out)} held-out images; the rectified network classifies {right:.1%} of them")


if __name__ == "__main__":
    main()
