"""Images as firing rates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from studio.models.sources.timing import finite, refuse, step_of
from studio.models.spec import Param, Rates, Source


def lower(params: Mapping[str, Any], size: int, dt: float) -> Rates:
    """A frame for each image, then a frame of silence where there is a gap; silence after the last."""
    if params["images"] is None:
        raise refuse("bounds.missing", "“images” is empty.", "Put an array of images into the document's data and name it here.")
    images = finite("images", params["images"])
    images = images.reshape(len(images), -1) if images.ndim > 1 else images.reshape(1, -1)
    if images.shape[1] != size:
        raise refuse(
            "size.mismatch",
            f"An image has {images.shape[1]} pixels and the source {size} elements.",
            f"Give the source the size {images.shape[1]}.",
        )
    if images.size and images.min() < 0:
        raise refuse("bounds.low", f"“images” holds {images.min():g}; a pixel is not negative.")
    present, gap = float(params["present"]), float(params["gap"])
    hz = images / float(params["white"]) * np.asarray(params["rate_max"], float)
    onsets = np.arange(len(images)) * (present + gap)
    starts = np.stack([step_of(onsets, dt), step_of(onsets + present, dt)], axis=1).ravel()
    rows = np.zeros((2 * len(images), size))
    rows[0::2] = hz
    keep = np.append(np.diff(starts) > 0, True)  # without a gap the frame of silence has no length
    return Rates(starts[keep], rows[keep])


MODEL = Source(
    key="image_rate",
    title="Images as rates",
    family="Spikes",
    doc="Shows images one after the other: each pixel is an element that fires at a rate in proportion to its value, with silence between images.",
    source="Rate coding with Poisson statistics; Diehl PU, Cook M (2015) Unsupervised learning of digit recognition using spike-timing-dependent plasticity. doi:10.3389/fncom.2015.00099.",
    limits="Rate code only: no latency code, no adaptation, no saccades.",
    params=(
        Param("images", None, "", "Pixel values, (n_images, size) or (n_images, height, width), not negative.", kind="array"),
        Param("white", 255.0, "", "The pixel value that means rate_max.", low=0.0, low_open=True, shared=True),
        Param("rate_max", 100.0, "Hz", "Rate of a white pixel.", low=0.0, high=1e6, role="rate", shared=True),
        Param("present", 100.0, "ms", "How long an image is shown.", low=0.0, low_open=True, shared=True),
        Param("gap", 0.0, "ms", "Silence after each image.", low=0.0, shared=True),
    ),
    lower=lower,
    formulas=(
        r"\mathrm{rate}_j = \mathrm{rate}_\mathrm{max} \, \frac{\mathrm{pixel}_j}{\mathrm{white}}, \quad n_j \sim \mathcal{P}(\mathrm{rate}_j \, dt)",
    ),
)
