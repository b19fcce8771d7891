"""Spike Studio: draw, run, understand and export spiking neural networks.

The names below are loaded when first used, so that `import studio` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from studio.version import __version__

if TYPE_CHECKING:
    from studio.analysis.sweep import Sweep as Sweep
    from studio.analysis.sweep import sweep as sweep
    from studio.backends.compiling import compile_network as compile_network
    from studio.engine.recording import Recording as Recording
    from studio.engine.run import simulate as simulate
    from studio.engine.steering import Steering as Steering
    from studio.models.catalogue import catalogue as catalogue
    from studio.network.build import Network as Network

# public name -> (module, name in it)
_PUBLIC = {
    "Network": ("studio.network.build", "Network"),
    "load": ("studio.exchange", "load"),
    "save": ("studio.network.build", "save"),
    "check": ("studio.network.build", "check"),
    "all_to_all": ("studio.network.build", "all_to_all"),
    "one_to_one": ("studio.network.build", "one_to_one"),
    "probability": ("studio.network.build", "probability"),
    "fixed_in_degree": ("studio.network.build", "fixed_in_degree"),
    "fixed_out_degree": ("studio.network.build", "fixed_out_degree"),
    "fixed_total_number": ("studio.network.build", "fixed_total_number"),
    "regular": ("studio.network.build", "regular"),
    "explicit": ("studio.network.build", "explicit"),
    "convolution": ("studio.network.build", "convolution"),
    "pooling": ("studio.network.build", "pooling"),
    "dense": ("studio.network.build", "dense"),
    "catalogue": ("studio.models.catalogue", "catalogue"),
    "simulate": ("studio.engine.run", "simulate"),
    "sweep": ("studio.analysis.sweep", "sweep"),
    "Sweep": ("studio.analysis.sweep", "Sweep"),
    "Steering": ("studio.engine.steering", "Steering"),
    "Recording": ("studio.engine.recording", "Recording"),
    "show": ("studio.ui.widget", "show"),
    "export": ("studio.exchange", "export"),
    "compile_network": ("studio.backends.compiling", "compile_network"),
}

__all__ = ["__version__", *_PUBLIC]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'studio' has no name {name!r}")
    module, attribute = _PUBLIC[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
