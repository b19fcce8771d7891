"""Pictures: from a recording to HoloViews elements (on Bokeh), light or dark, and density arrays for the live canvas.

HoloViews is loaded with the first picture; `palette` and `bins` need NumPy only.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from studio.views.activity import rates as rates
    from studio.views.activity import sparsity as sparsity
    from studio.views.fits import fit as fit
    from studio.views.spikes import raster as raster
    from studio.views.states import traces as traces
    from studio.views.sweeps import sweep as sweep
    from studio.views.weights import weight_histogram as weight_histogram
    from studio.views.weights import weight_matrix as weight_matrix

_PICTURES = {
    "raster": "studio.views.spikes",
    "traces": "studio.views.states",
    "rates": "studio.views.activity",
    "sparsity": "studio.views.activity",
    "sweep": "studio.views.sweeps",
    "fit": "studio.views.fits",
    "weight_matrix": "studio.views.weights",
    "weight_histogram": "studio.views.weights",
}

__all__ = ["fit", "raster", "rates", "sparsity", "sweep", "traces", "weight_histogram", "weight_matrix"]


def __getattr__(name: str) -> Any:
    if name not in _PICTURES:
        raise AttributeError(f"module 'studio.views' has no name {name!r}")
    return getattr(import_module(_PICTURES[name]), name)
