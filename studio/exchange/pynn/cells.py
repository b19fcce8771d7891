"""From a population and the synapses onto it to a PyNN cell type: which one, its parameters, and where each projection arrives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

import numpy as np

from studio.engine.parameters import Number, collapsed, per_element
from studio.findings import Finding
from studio.network.flat import Chosen, Value

EXCITATORY, INHIBITORY = 0, 1
RECEPTORS = ("excitatory", "inhibitory")
CELLS = {
    "delta": "IF_curr_delta",
    "exponential": "IF_curr_exp",
    "alpha": "IF_curr_alpha",
    "conductance_exponential": "IF_cond_exp",
    "conductance_alpha": "IF_cond_alpha",
}
_TAKES = "A PyNN cell of this export is lif with " + ", ".join(CELLS) + "."
Span = Callable[[str], tuple[float, float]]  # key of a projection -> (lowest, highest) weight


class Node(Protocol):
    """A population, or a layer of a program."""

    @property
    def path(self) -> str: ...
    @property
    def size(self) -> int: ...
    @property
    def neuron(self) -> Chosen: ...
    @property
    def start(self) -> Mapping[str, Value]: ...


class Into(Protocol):
    """A projection, or a connection of a program."""

    @property
    def key(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def kinetics(self) -> Chosen | None: ...


@dataclass(frozen=True)
class Cell:
    """A PyNN cell type; parameters have PyNN's names and units (ms, mV, nA, nF), one number or one per neuron.

    `receptor` by key of a projection: EXCITATORY or INHIBITORY, or None where the sign of each weight decides.
    `current` is what every injected current is multiplied by, `weight` what every weight is, see `cell_of`; `area` by key of a projection what
    its weights are multiplied by on SpiNNaker besides: a weight of sPyNNaker's IF_curr_alpha is the area of a current, not its peak.
    """

    kind: str
    params: Mapping[str, Number]
    receptor: Mapping[str, int | None]
    current: Number = 1.0
    weight: float = 1.0
    area: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def factor(self, key: str) -> float:
        """What the weights of a projection are multiplied by on SpiNNaker."""
        return self.weight * self.area.get(key, 1.0)


def _izhikevich(node: Node, into: Sequence[Into], span: Span, seed: int) -> tuple[Cell | None, tuple[Finding, ...]]:
    """sPyNNaker's Izhikevich: the published constants, a threshold of 30 mV, exponential currents."""
    number = {name: per_element(value, node.size, seed, node.path, name) for name, value in node.neuron.params.items()}
    fixed = {"k_2": 0.04, "k_1": 5.0, "k_0": 140.0, "v_th": 30.0}
    other = [name for name, value in fixed.items() if np.any(np.not_equal(number[name], value))]
    text = f"sPyNNaker's Izhikevich has {', '.join(f'{k} {v:g}' for k, v in fixed.items())}; {', '.join(other)} differ here."
    found = [Finding("fit.model", "error", node.path, text, "Use the published constants.")] if other else []
    if np.ndim(number["c_m"]):
        found.append(Finding("fit.model", "error", f"{node.path}.c_m", "c_m differs from neuron to neuron.", "Give one number."))
    for c in into:
        if c.kinetics is not None and c.kinetics.model.key != "exponential":
            text = f"sPyNNaker's Izhikevich has exponential currents, not “{c.kinetics.model.key}”."
            found.append(Finding("fit.model", "error", c.path, text, "Use exponential."))
    receptor, shapes, more = _receptors(node, into, span) if not found else ({}, [], [])
    if found or more:
        return None, (*found, *more)
    scale = 1.0 / float(number["c_m"])
    params = {name: number[name] for name in "abcd"} | {"i_offset": collapsed(np.asarray(number["i_offset"]) * scale)}
    v = start_of(node, Cell("Izhikevich", {"v_rest": number["v_start"]}, {}), seed)
    params |= {"u": collapsed(np.asarray(number["b"]) * np.asarray(v))} if "u" not in node.start else {"u": _started(node, "u", seed)}
    return Cell("Izhikevich", {**params, **_named("IF_curr_exp", shapes), "v": v}, receptor, scale, scale), ()


def _started(node: Node, state: str, seed: int) -> Number:
    return per_element(node.start[state], node.size, seed, node.path, "start", state)


def start_of(node: Node, cell: Cell, seed: int) -> Number:
    """The voltage at which each neuron starts [mV], drawn as the engine draws it."""
    return _started(node, "v", seed) if "v" in node.start else cell.params["v_rest" if "v_rest" in cell.params else "v"]


@dataclass(frozen=True)
class _Shape:
    """What a PyNN cell can give one of its two receptors."""

    tau: float
    e_rev: float | None


def cell_of(
    node: Node, into: Sequence[Into], span: Span, seed: int, dt: float, chip: bool = False
) -> tuple[Cell | None, tuple[Finding, ...]]:
    """The cell type of a population, or findings that say why there is none.

    IF_curr_delta: sPyNNaker makes a jump of w by a current that moves the voltage by (tau_m/cm) (1 - exp(-dt/tau_m)) w/dt, so cm is set to
    make that w, and currents are multiplied by the new cm over the old, which leaves what they do as it was. For NEST cm means nothing else.
    `chip`: for sPyNNaker alone, which has an Izhikevich cell with exponential currents, one nA of which counts as 1.
    """
    spiking = [c for c in into if c.kinetics is not None]
    if chip and node.neuron.model.key == "izhikevich":
        return _izhikevich(node, spiking, span, seed)
    found = _strangers(node, spiking)
    kinds = sorted({c.kinetics.model.key for c in spiking if c.kinetics is not None})
    if not found and len(kinds) > 1:
        text = f"it has synapses of the kinds {', '.join(kinds)}; a PyNN cell has one kind."
        found = [Finding("fit.model", "error", node.path, text, "Give all projections onto it the same kinetics.")]
    if found:
        return None, tuple(found)
    kind = CELLS[kinds[0] if kinds else "exponential"]
    receptor, shapes, found = _receptors(node, spiking, span)
    if found:
        return None, tuple(found)
    number = {name: per_element(value, node.size, seed, node.path, name) for name, value in node.neuron.params.items()}
    params: dict[str, Number] = {
        "tau_m": number["tau_m"],
        "cm": number["c_m"],
        "v_rest": number["v_rest"],
        "v_reset": number["v_reset"],
        "v_thresh": number["v_th"],
        "tau_refrac": collapsed(np.round(np.rint(np.asarray(number["t_ref"]) / dt) * dt, 9)),
        "i_offset": number["i_offset"],
    }
    current: Number = 1.0
    if kind == "IF_curr_delta":
        tau = np.asarray(number["tau_m"], np.float64)
        cm = tau / dt * -np.expm1(-dt / tau)
        current = collapsed(cm / np.asarray(number["c_m"]))
        params |= {"cm": collapsed(cm), "i_offset": collapsed(np.asarray(number["i_offset"]) * np.asarray(current))}
    area = {c.key: float(np.e) * _shape(c).tau for c in spiking} if kind == "IF_curr_alpha" else {}
    return Cell(kind, {**params, **_named(kind, shapes)}, receptor, current, area=area), ()


def _strangers(node: Node, into: Sequence[Into]) -> list[Finding]:
    out = []
    if node.neuron.model.key != "lif":
        text = f"“{node.neuron.model.key}” has no PyNN cell here."
        out.append(Finding("fit.model", "error", node.path, text, _TAKES))
    for c in into:
        if c.kinetics is not None and c.kinetics.model.key not in CELLS:
            text = f"“{c.kinetics.model.key}” synapses have no PyNN cell here."
            out.append(Finding("fit.model", "error", c.path, text, _TAKES))
    return out


def _receptors(node: Node, into: Sequence[Into], span: Span) -> tuple[dict[str, int | None], list[_Shape | None], list[Finding]]:
    """Where each projection arrives, and what the two receptors are."""
    if drawn := [(c.path, name) for c in into if c.kinetics for name, x in c.kinetics.params.items() if not isinstance(x, (int, float))]:
        text = "It differs from neuron to neuron; a receptor of a PyNN cell has one number."
        return {}, [], [Finding("fit.model", "error", f"{path}.kinetics.{name}", text, "Give one number.") for path, name in drawn]
    shapes: list[_Shape | None] = [None, None]
    receptor: dict[str, int | None] = {}
    # (what an inhibitory receptor is called is decided by the sign of weights, or among conductances by the lower reversal potential)
    reversals = {_shape(c).e_rev for c in into if _shape(c).e_rev is not None}
    lowest = min((e for e in reversals if e is not None), default=0.0)
    for c in into:
        shape = _shape(c)
        low, high = span(c.key)
        if shape.e_rev is not None:
            places = [INHIBITORY if shape.e_rev == lowest and (len(reversals) > 1 or lowest < _rest(node)) else EXCITATORY]
        else:
            places = [p for p, there in ((EXCITATORY, high > 0 or low == high == 0), (INHIBITORY, low < 0)) if there]
        receptor[c.key] = places[0] if len(places) == 1 else None
        for place in places:
            if shapes[place] not in (None, shape):
                text = f"a PyNN cell has one {RECEPTORS[place]} receptor; {_said(shapes[place])} and {_said(shape)} are asked for."
                return {}, [], [Finding("fit.model", "error", c.path, text, "Give both projections the same time constant.")]
            shapes[place] = shape
    return receptor, shapes, []


def _rest(node: Node) -> float:
    value = node.neuron.params["v_rest"]
    return float(np.mean(np.asarray(getattr(value, "a", value), float)))


def _shape(c: Into) -> _Shape:
    assert c.kinetics is not None
    p = c.kinetics.params
    e_rev = p.get("e_rev")
    return _Shape(float(p.get("tau", 0.0)), None if e_rev is None else float(e_rev))


def _said(shape: _Shape | None) -> str:
    if shape is None:
        return "none"
    return f"tau {shape.tau:g} ms" + ("" if shape.e_rev is None else f" with e_rev {shape.e_rev:g} mV")


def _named(kind: str, shapes: Sequence[_Shape | None]) -> dict[str, Number]:
    """The parameters of the receptors, those of an unused one being those of the other."""
    if kind == "IF_curr_delta":
        return {}
    first, second = (s or other or _Shape(5.0, None) for s, other in zip(shapes, shapes[::-1], strict=True))
    out: dict[str, Number] = {"tau_syn_E": first.tau, "tau_syn_I": second.tau}
    if kind.startswith("IF_cond"):
        return out | {"e_rev_E": first.e_rev or 0.0, "e_rev_I": second.e_rev or 0.0}
    return out
