"""What a model declares: one frozen value per neuron, kinetics, plasticity, device, source and connector.

Everything else (palette entry, form, checks, kernels, reference, LaTeX, docs) is made from these values.
Dynamics are text in the small language of `studio.models.language`; nothing here is ever executed as Python.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Union

import numpy as np

from studio.models.forms import (  # noqa: F401
    AllToAll,
    Bernoulli,
    ConnectorForm,
    InDegree,
    Matrix,
    OneToOne,
    OutDegree,
    Pairs,
    Regular,
    TotalNumber,
    Window,
)

Role = str  # "", "time_constant", "threshold", "reset", "rest", "refractory", "weight_max", "membrane", "adaptation", "current", "conductance", ...


@dataclass(frozen=True)
class Param:
    """A number the user may set: name, default, unit, one line of doc, bounds.

    `low`/`high` are inclusive unless `low_open`/`high_open`. `integer` values are whole. `choices` lists allowed words.
    `kind` is "number" (a value or distribution per element), "array" (a reference into the document's `data`), or "word".
    `shared` forbids per-element values. A `role` that begins with "weight" means the unit of the projection's weight (its kinetics' `weight_unit`)
    instead of `unit`, which is then empty. `default` None means "not given": allowed for arrays, and where the doc says what empty means.
    """

    name: str
    default: float | str | None
    unit: str
    doc: str
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    integer: bool = False
    role: Role = ""
    kind: Literal["number", "array", "word"] = "number"
    choices: tuple[str, ...] = ()
    shared: bool = False
    advanced: bool = False


@dataclass(frozen=True)
class State:
    """A variable that evolves: name, start (an expression in the parameters), unit, one line of doc, role."""

    name: str
    start: str
    unit: str
    doc: str
    role: Role = ""


@dataclass(frozen=True)
class Preset:
    """Parameter values that belong together, with their source: a published fit, another simulator's model, a measured device.

    Choosing one only fills the parameters in; a document keeps the values, not the name. A neuron's preset may name the `kinetics` that
    its source means, with parameters of theirs. The presets of a model speak of every parameter that one of them names: where a preset
    is silent about such a parameter it means the default (`Model.preset_values`).
    """

    key: str
    title: str
    source: str
    params: Mapping[str, float | str] = field(default_factory=dict, hash=False)
    kinetics: str = ""
    kinetics_params: Mapping[str, float | str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, kw_only=True)
class Model:
    """What every entry of the catalogue says about itself. `family`: the heading under which a long list shows it ("Adaptive")."""

    key: str
    title: str
    doc: str
    source: str
    limits: str = ""
    family: str = ""
    params: tuple[Param, ...] = ()
    presets: tuple[Preset, ...] = ()
    kind: str = ""

    def param(self, name: str) -> Param | None:
        return next((p for p in self.params if p.name == name), None)

    def preset(self, key: str) -> Preset | None:
        return next((p for p in self.presets if p.key == key), None)

    def preset_values(self, preset: Preset) -> dict[str, float | str | None]:
        """What a preset means for every parameter that one of this model's presets names."""
        named = {name for each in self.presets for name in each.params}
        return {p.name: preset.params.get(p.name, p.default) for p in self.params if p.name in named}


@dataclass(frozen=True, kw_only=True)
class Neuron(Model):
    """A neuron: `equations` (differential) or `step` (discrete), threshold, reset.

    Names in scope: parameters, states, `i` (summed input current [nA]), `dt` [ms]; in `step` and `reset` also `derived` names.
    `clamped` states hold still while the neuron is refractory (`refractory` names the parameter [ms]); delta input is then discarded.
    `method`: "exact" (affine-linear, by propagator), "rk4" (n `substeps`), "adaptive" (embedded Runge-Kutta with tolerances), "step".
    `methods` are those that a run may choose; empty: the method only.
    `threshold` empty: the neuron never fires (an integrator). With "adaptive" threshold and reset act within the step.
    `last_v` (of any state) is the state at the beginning of the step, readable in `step`, `threshold` and `reset`: a rising crossing is
    `v >= v_th and last_v < v_th`. `threshold`, like `step` and `reset`, may draw. `whole`: its numbers are whole and plain, computed in
    double whatever the precision of the run, so that a chip's integers are exact. `arrival` not empty: when arriving spikes act, whatever
    the receptor's kinetics says. `closing` assigns states at the end of every step, after all arrivals and before the threshold; beside the
    names of `reset` it reads `held`, 1 in a step in which the neuron is refractory and 0 in others. `saved` names a state on which
    jumps act in place of a clamped `v` that they cannot move. `crossing` estimates when within the step the threshold was met [ms from its
    beginning; it also reads `i`]: with "rk4" what the reset overwrites then flows for the rest of the step, instead of losing it.
    `emits`, a condition that may draw, is asked last in a step in which the neuron
    fires, after its reset: where it does not hold nobody hears of the spike, neither targets nor records nor the learning of its synapses.
    What a step means, exactly, is said by `studio.models.system.System`.
    """

    states: tuple[State, ...] = ()
    equations: str = ""
    step: str = ""
    derived: str = ""
    threshold: str = ""
    reset: str = ""
    refractory: str = ""
    clamped: tuple[str, ...] = ()
    method: Literal["exact", "rk4", "adaptive", "step"] = "exact"
    methods: tuple[str, ...] = ()
    substeps: int = 1
    whole: bool = False
    arrival: Literal["", "after", "before"] = ""
    closing: str = ""
    saved: str = ""
    crossing: str = ""
    emits: str = ""
    kind: str = "neuron"


@dataclass(frozen=True, kw_only=True)
class Kinetics(Model):
    """How an arriving spike becomes current.

    `jump` says what a spike of weight `w` does to the receptor's states (or, for delta, to the neuron's `v`);
    `current` is the receptor's current [nA] in its states, parameters and the neuron's `v`.
    `arrival`: "after" (the jump comes after the step's update, as NEST) or "before" (as NIR's pulse).
    A receptor state named in `transient` is cleared after each step (one step's current).
    `sign`: "signed" (negative weights inhibit) or "nonnegative" (`e_rev` decides).
    `coupled` names a state of the source: then no spikes travel and there is no jump and no delay. In each step `current` and `equations`
    read `wx`, the sum of w*x over the synapses, x being that state of each source at the end of the previous step (its start, in the first),
    and `wsum`, the sum of w. `wx` holds still during the step.
    """

    states: tuple[State, ...] = ()
    equations: str = ""
    derived: str = ""
    jump: str = ""
    current: str = ""
    transient: tuple[str, ...] = ()
    arrival: Literal["after", "before"] = "after"
    weight_unit: str = "nA"
    sign: Literal["signed", "nonnegative"] = "signed"
    coupled: str = ""
    kind: str = "kinetics"


@dataclass(frozen=True)
class Trace:
    """An exponential trace of spikes: decays with parameter `tau`, grows by one at each spike of its side (all-to-all).

    `nearest`: it becomes one at a spike instead, so that only the latest spike counts.
    """

    name: str
    tau: str
    side: Literal["pre", "post"]
    doc: str
    nearest: bool = False


@dataclass(frozen=True)
class Signal:
    """A number that all synapses of a projection share: reward, error, dopamine. The document says whose spikes make it.

    Each spike of that population or source adds one over its size; it decays exponentially with parameter `tau`. A spike counts from
    the step after its own, one step of decay included, as a presynaptic trace does.
    """

    name: str
    tau: str
    doc: str


@dataclass(frozen=True, kw_only=True)
class Plasticity(Model):
    """How a weight learns: `on_pre`, `on_post`, `every` assign `w` and the synapse's `states`, from these, traces and parameters.

    At a presynaptic arrival the order is: the postsynaptic spikes since the last one, oldest first (`on_post`), then `at_source`, then
    in every synapse of that source `on_pre` and `transmit`, then the presynaptic trace grows. In `on_post` a pre trace is its value at
    the postsynaptic spike; in `on_pre` a post trace is its value at the arrival, counting earlier spikes only. The whole delay is dendritic.

    `every` acts on all synapses at the beginning of each step that is a multiple of the parameter named by `interval` [ms, to whole steps],
    counted from the start of the run, not at step 0: after all that reached the synapse in earlier steps, with the traces as an arrival
    would find them. `post_v` there is the state `v` of the synapse's target at that moment; `signals` are numbers of the whole projection.

    `states` belong to each synapse and change in the three hooks only. `source_states` belong to each presynaptic neuron (once per
    projection) and change in `at_source` only, which is computed once for each spike that leaves the neuron, before any of its synapses.
    It also reads `gap`, the ms since that neuron's last spike (0 at its first), and `first`, 1 at its first spike and 0 later.
    `transmit` is the weight that arrives at the target; empty: `w` as `on_pre` left it. It changes nothing.

        part       reads                                                                  assigns
        start      parameters; of `states` also `w`, the first weight, and draws           (a value)
        at_source  parameters, source states, gap, first, dt, draws                        source states
        on_pre     parameters, w, states, source states, traces, dt, draws                 w, states
        on_post    the same, source states as the source's last spike left them            w, states
        every      the same, also signals and post_<state of the target>                   w, states
        transmit   parameters, w, states, source states, dt, draws                         (a value)

    A draw belongs to its synapse (in `at_source` to its source), step and hook. A line of a block sees what earlier lines assigned.
    """

    traces: tuple[Trace, ...] = ()
    states: tuple[State, ...] = ()
    source_states: tuple[State, ...] = ()
    signals: tuple[Signal, ...] = ()
    at_source: str = ""
    on_pre: str = ""
    on_post: str = ""
    every: str = ""
    interval: str = ""
    transmit: str = ""
    plastic: bool = True
    kind: str = "plasticity"


@dataclass(frozen=True, kw_only=True)
class Device(Model):
    """What stores a weight, one device for each synapse: `w` is what is stored, `states` whatever else the device remembers.

    `program` runs once for every device when the network is built, before the rule's states start: from the wanted weight `w` it makes
    the states and the `w` that is stored (empty: as wanted). `write` runs after every hook of the rule, with `w` as it was before and
    `dw`, the change that the rule asks for (it may be 0); empty: the requested value itself is stored, without going through the difference.
    `read` is the weight that comes out when a spike arrives, drawn for each spike and synapse; empty: `w`. Rules see the stored `w`;
    a rule's `transmit` finds what is read under the name `w`. Reading changes nothing.

    `age` [s] is the time on the device's clock since it was programmed, or since the last write that asked for a change other than 0
    (in `write`: the age just before it). The clock runs with the simulation, and a run's `wait` moves it alone.

        part     reads                                          assigns
        start    parameters, the wanted `w`, draws              (a value)
        program  parameters, w, states, draws                   w, states
        write    parameters, w, dw, states, age, dt, draws      w, states
        read     parameters, w, states, age, dt, draws          (a value)

    Times in these texts are in s, except dt [ms]. A draw belongs to its synapse, step and hook, and to the run's seed.
    """

    states: tuple[State, ...] = ()
    program: str = ""
    write: str = ""
    read: str = ""
    kind: str = "device"


# What a source lowers to: three forms are all the engine knows. Steps are whole numbers of dt.
@dataclass(frozen=True)
class Rates:
    """Poisson counts: frame f holds from step `starts[f]` on, at `hz[f, j]` for element j (one column: shared by all)."""

    starts: np.ndarray  # int64 (n_frames,), first 0
    hz: np.ndarray  # float64 (n_frames, 1 or size)


@dataclass(frozen=True)
class Events:
    """Given spikes: element `ids[k]` emits one in step `steps[k]` (spike time (step + 1) * dt; step -1 is time 0). Sorted by (step, id)."""

    steps: np.ndarray  # int64
    ids: np.ndarray  # int64


@dataclass(frozen=True)
class Currents:
    """Piecewise-constant analog signal: from step `starts[f]` on element j gives `values[f, j]`."""

    starts: np.ndarray
    values: np.ndarray


SourceForm = Union[Rates, Events, Currents]
LowerSource = Callable[[Mapping[str, Any], int, float], SourceForm]  # (params in own units, size, dt [ms]) -> form


@dataclass(frozen=True, kw_only=True)
class Source(Model):
    """Something outside the network. `signal`: "spiking" (attached by a projection) or "analog" (connector and gain only).

    `lower(params, size, dt)` turns parameters (numbers, arrays (size,), or the arrays they refer to) into one of the engine's forms.
    """

    signal: Literal["spiking", "analog"] = "spiking"
    formulas: tuple[str, ...] = ()  # LaTeX
    lower: LowerSource = field(repr=False, default=None)  # type: ignore[assignment]
    kind: str = "source"


LowerConnector = Callable[[Mapping[str, Any], int, int], ConnectorForm]  # (params, n_source, n_target) -> form


@dataclass(frozen=True, kw_only=True)
class Connector(Model):
    """Who is connected with whom. `expected(params, n_source, n_target)` is the (mean) number of synapses, for plans and checks.

    A `shaped` connector finds the shapes of both ends among its params, as `source_shape` and `target_shape` (tuples, or None).
    A `compact` one keeps what its synapses are made of once (a kernel, a matrix, a rule) and makes them when a source fires, whatever the run
    says about connectivity; its projection's weight is one number, with which its own weights are multiplied. They are stored one by one only where
    weights learn, delays are given one by one, or the source is analog.
    """

    shaped: bool = False
    compact: bool = False
    lower: LowerConnector = field(repr=False, default=None)  # type: ignore[assignment]
    expected: Callable[[Mapping[str, Any], int, int], float] = field(repr=False, default=None)  # type: ignore[assignment]
    random: bool = True
    formulas: tuple[str, ...] = ()  # LaTeX
    kind: str = "connector"
