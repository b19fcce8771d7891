"""How a model behaves, as a few curves: a tiny network of it, run by the engine.

    respond("neuron", "lif", {"tau_m": 20}).panels[0].curves[0].y

neuron      the membrane and its spikes under a current step; firing rate against current
kinetics    the current and the potential that spikes leave in a plain leaky neuron
plasticity  change of a weight against the times of two spikes, and against the rate of both sides
device      the stored weight over pulses up and down; what is read as time passes
source      what it sends; connector: who is connected with whom

The curves are those of one typical element: a distribution stands for its middle. What cannot be pictured gives no panels and says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Any

from studio.findings import FindingError
from studio.views.response.picture import Curve, Panel, Response

if TYPE_CHECKING:
    from studio.views.response.bench import Bench

__all__ = ["Curve", "Panel", "Response", "respond"]

_KINDS = ("neuron", "kinetics", "plasticity", "device", "source", "connector")


def respond(
    kind: str,
    key: str,
    params: Mapping[str, Any] | None = None,
    *,
    models: Mapping[str, Any] | None = None,
    dt: float = 0.1,
    method: str | None = None,
    catalogue: Any = None,
) -> Response:
    """The response of a model with these parameters (JSON values of a document); `models` are a document's own, `dt` in ms.

    Never raises for a model that cannot be run: the response then has no panels, and its `note` says why.
    """
    from studio.views.response.bench import Bench

    try:
        if kind not in _KINDS:
            return Response((), f"A {kind} has no picture.")
        bench = Bench.of(kind, key, params or {}, models, dt, method, catalogue)
        panels: Callable[[Bench], tuple[Panel, ...]] = import_module(f"studio.views.response.{kind}").panels
        made = tuple(panel for panel in panels(bench) if panel.curves)
    except FindingError as error:
        return Response((), error.findings[0].text if error.findings else str(error))
    return Response(made, "" if made else "There is nothing to see: it does not answer to what was tried.")
