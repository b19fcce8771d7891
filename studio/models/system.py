"""A population's neuron joined with its receptors: one system of states that a single step advances together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from studio.findings import Finding, FindingError
from studio.models.dynamics import INPUT, LAST, MEMBRANE, SUMMED, WEIGHTS, KineticsForm, NeuronForm, kinetics_form, neuron_form
from studio.models.language.functions import DRAWS
from studio.models.language.symbolic import ZERO, affine, draws, free_names, rename, substitute, substitute_block
from studio.models.language.tree import Binary, Block, Expr, Name
from studio.models.spec import Kinetics, Neuron, State

EXTERNAL = "i_ext"
Matrix = tuple[dict[tuple[str, str], Expr], dict[str, Expr], dict[tuple[str, str], Expr]]


@dataclass(frozen=True)
class SystemState:
    """One state of the joined system. `owner` is -1 for the neuron, k for receptor k; `model` is its name in its own model."""

    name: str
    start: Expr
    unit: str
    owner: int
    clamped: bool
    transient: bool
    model: str
    doc: str = ""
    role: str = ""


@dataclass(frozen=True)
class System:
    """A neuron and its receptors as one system; this is what a step means, for every kernel and for the reference.

    **Names.** The neuron's states, parameters and derived values keep their names; those of receptor k are called `r{k}_name`.
    Besides them the trees read `dt` [ms] and `i_ext` [nA], the analog input of the step (held constant over it), and a jump reads `w`,
    the sum of the weights that arrived at its receptor in this step. All else is local to its block.
    A coupled receptor has no jump; the trees read `r{k}_wx`, the sum of weights times the sources' states at t, which is held constant over the
    step as `i_ext` is, and `r{k}_wsum`, the sum of the weights, a number known before the run.
    The neuron's `i` no longer occurs: it stands replaced by `current`, the sum of the receptors' currents and `i_ext`.
    In `step`, `threshold` and `reset` `last_v` (of any state of the neuron) is the state as it was before (1).

    **One step of one neuron**, from t to t + dt, with the spikes that arrive in this step (emitted at t + dt - delay):

    1. Receptors whose arrival is "before" apply their jump.
    2. All states advance by dt. A refractory neuron's clamped states keep still (their derivative is zero, also inside the right-hand side
       of the others); everything else, receptors included, goes on.
       With `method` "exact" x(t + dt) = P x(t) + q + b i_ext (+ b wx for each coupled receptor), with P the exponential of `matrix()`; with "rk4" `substeps` equal steps of the
       classical Runge-Kutta scheme over `derivatives`; with "adaptive" an embedded pair within tolerances, threshold and reset (5) being
       applied after every accepted sub-step, unless the threshold draws or compares the ends of the step (`last_`).
       With "step" the block `step` is run on the states as they are after (1), refractory or not if nothing is clamped (while refractory, what it
       assigns to clamped states is dropped), and the receptors' states then advance by their own exact linear flow.
    3. Transient states become 0.
    4. Receptors whose arrival is "after" apply their jump. In (1) and (4) a jump on a clamped state is dropped while the neuron is refractory,
       or acts on the state `saved` instead. Then the block `closing` is run, which may assign clamped states too.
    5. A refractory neuron counts down by one step. Any other whose `threshold` holds spikes: `reset` runs, and it becomes refractory
       for round(t_ref / dt) steps, t_ref being the parameter `refractory`. With t_ref = 0, or no `refractory`, it may spike in the next step.
       A spike of a step in which `emits` does not hold (read after the reset) is not sent.

       With "rk4" and a `crossing` a spike so acts at that moment of the step: for what is left of the step a state of `overwritten` moves on
       by its derivative (unless it is to be held now), and a state of `bent` by how much the reset has changed its derivative, receptors
       being as they were before (4).

    The spike's time is t + dt, the end of the step. A trace sampled at t + dt is the state after (5). Jumps of several receptors follow the order of
    `receptors`, and so do the terms of `current`, added pairwise.

    **Before the run** `derived` is computed once per parameter set and dt, in double precision; then every state gets its `start`.
    """

    neuron: Neuron
    receptors: tuple[Kinetics, ...]
    states: tuple[SystemState, ...]
    params: tuple[str, ...]
    derived: Block
    current: Expr
    derivatives: Mapping[str, Expr]
    linear: bool
    step: Block | None
    jumps: tuple[Block, ...]
    arrivals: tuple[str, ...]
    threshold: Expr | None
    reset: Block
    refractory: str | None
    method: str
    substeps: int
    whole: bool
    closing: Block
    saved: str
    crossing: Expr | None
    emits: Expr | None = None

    def state(self, name: str) -> SystemState:
        """The state of that name; KeyError if there is none."""
        for state in self.states:
            if state.name == name:
                return state
        raise KeyError(name)

    @property
    def flowing(self) -> tuple[str, ...]:
        """The states that `derivatives` advance: all of them, or the receptors' own beside a `step`."""
        return tuple(s.name for s in self.states if self.step is None or s.owner >= 0)

    @property
    def random(self) -> bool:
        """Whether a step, a threshold or a reset draws random numbers."""
        return any(draws(tree) & DRAWS.keys() for tree in self._spoken())

    @property
    def remembered(self) -> tuple[str, ...]:
        """The states whose values at the beginning of the step are read."""
        read = frozenset[str]().union(*(free_names(tree) for tree in self._spoken()))
        return tuple(s.name for s in self.states if s.owner < 0 and LAST + s.name in read)

    @property
    def overwritten(self) -> tuple[str, ...]:
        """The states to which the reset gives a value of its own, whatever they were, and which then flow on from the crossing."""
        if self.crossing is None:
            return ()
        own = {a.target: a.value for a in self.reset}
        return tuple(s for s in self.flowing if s in own and s not in free_names(own[s]) and self.derivatives[s] != ZERO)

    @property
    def bent(self) -> tuple[str, ...]:
        """The other states whose derivative reads what the reset assigns."""
        changed = set(self.reset.targets) if self.overwritten else set()
        return tuple(s for s in self.flowing if s not in self.overwritten and free_names(self.derivatives[s]) & changed)

    @property
    def within(self) -> bool:
        """Whether threshold and reset act within the step, after every sub-step."""
        if self.method != "adaptive" or self.threshold is None:
            return False
        last = {LAST + s.name for s in self.states}
        return not (draws(self.threshold) & DRAWS.keys() or free_names(self.threshold) & last)

    def _spoken(self) -> tuple[Expr, ...]:
        """The expressions of step, closing, threshold, reset and crossing."""
        blocks = [b for b in (self.step, self.closing, self.reset) if b]
        return (*(a.value for b in blocks for a in b), *(e for e in (self.threshold, self.crossing, self.emits) if e is not None))

    @property
    def inputs(self) -> tuple[str, ...]:
        """What comes from outside and is held constant over a step: `i_ext`, then `r{k}_wx` of each coupled receptor."""
        return (EXTERNAL, *self.coupled)

    @property
    def coupled(self) -> dict[str, int]:
        """The inputs of coupled receptors, and which receptor each belongs to."""
        return {f"r{k}_{SUMMED}": k for k, model in enumerate(self.receptors) if model.coupled}

    def matrix(self) -> Matrix:
        """A, c, b of x' = A x + c + sum(b u) over `flowing` and the `inputs` u, as trees in parameters and derived values; zero entries are left out.

        Raises FindingError where the system is not linear.
        """
        a: dict[tuple[str, str], Expr] = {}
        c: dict[str, Expr] = {}
        b: dict[tuple[str, str], Expr] = {}
        for row, derivative in self.derivatives.items():
            parts = affine(derivative, (*self.flowing, *self.inputs))
            if parts is None:
                raise FindingError(
                    [
                        Finding(
                            "text.linear", "error", self.neuron.key, f"d{row}/dt is not linear in the states; it has no exact propagator."
                        )
                    ]
                )
            coefficients, rest = parts
            b |= {(row, u): coefficients.pop(u) for u in self.inputs if u in coefficients}
            a |= {(row, col): e for col, e in coefficients.items()}
            if rest != ZERO:
                c[row] = rest
        return a, c, b


def join(neuron: Neuron, receptors: Sequence[Kinetics] = (), method: str | None = None) -> System:
    """The neuron with its receptors as one System; see there for what it means.

    `method` replaces the neuron's own where the neuron offers it in `methods`. "exact" becomes "rk4" where the joined system is not linear.
    Raises FindingError for wrong texts, and for receptors that this neuron cannot have.
    """
    own = neuron_form(neuron)
    receptors = tuple(receptors)
    parts = tuple(_qualified(k, model, kinetics_form(model)) for k, model in enumerate(receptors))
    _refuse_missing_membrane(neuron, receptors, parts)
    current = total([*(p.current for p in parts if p.current is not None), Name(EXTERNAL)])
    states = _states(neuron, own, receptors, parts)
    step = None if own.step is None else substitute_block(own.step, {INPUT: current})
    derivatives = _derivatives(states, own, parts, current, step is not None)
    flowing = tuple(derivatives)
    inputs = (EXTERNAL, *(f"r{k}_{SUMMED}" for k, model in enumerate(receptors) if model.coupled))
    linear = all(affine(d, (*flowing, *inputs)) is not None for d in derivatives.values())
    if step is not None and not _closed(derivatives, linear):
        raise FindingError(
            [
                Finding(
                    "text.linear",
                    "error",
                    neuron.key,
                    f"{neuron.title} advances by steps; only receptors that are linear in themselves can join it.",
                )
            ]
        )
    return System(
        neuron=neuron,
        receptors=receptors,
        states=states,
        params=(*(p.name for p in neuron.params), *(f"r{k}_{name}" for k, m in enumerate(receptors) for name in _numbers(m))),
        derived=Block((*own.derived, *(a for p in parts for a in p.derived))),
        current=current,
        derivatives=derivatives,
        linear=linear,
        step=step,
        jumps=tuple(p.jump for p in parts),
        arrivals=tuple(neuron.arrival or m.arrival for m in receptors),
        threshold=own.threshold,
        reset=own.reset,
        refractory=neuron.refractory or None,
        method=_method(neuron, method, linear),
        substeps=max(1, neuron.substeps),
        whole=neuron.whole,
        closing=own.closing,
        saved=neuron.saved,
        crossing=_crossing(own, current) if _method(neuron, method, linear) == "rk4" else None,
        emits=own.emits,
    )


def _numbers(model: Kinetics) -> tuple[str, ...]:
    return (*(p.name for p in model.params), *([WEIGHTS] if model.coupled else []))


def _crossing(own: NeuronForm, current: Expr) -> Expr | None:
    """The neuron's crossing, its input being that at the voltage of the step's beginning."""
    if own.crossing is None:
        return None
    return substitute(own.crossing, {INPUT: substitute(current, {MEMBRANE: Name(LAST + MEMBRANE)})})


def total(terms: Sequence[Expr]) -> Expr:
    """The terms added pairwise, so that many receptors do not make a deep tree."""
    if not terms:
        return ZERO
    if len(terms) == 1:
        return terms[0]
    middle = (len(terms) + 1) // 2
    return Binary("+", total(terms[:middle]), total(terms[middle:]))


def _qualified(k: int, model: Kinetics, form: KineticsForm) -> KineticsForm:
    """The kinetics' trees with its own names behind `r{k}_`; `v`, `w` and `dt` stay."""
    own = [*_numbers(model), *(s.name for s in model.states), *form.derived.targets, *([SUMMED] if model.coupled else [])]
    by = {name: f"r{k}_{name}" for name in own}
    names: dict[str, Expr] = {old: Name(new) for old, new in by.items()}
    return KineticsForm(
        starts={by[s]: substitute(e, names) for s, e in form.starts.items()},
        derived=rename(form.derived, by),
        derivatives={by[s]: substitute(e, names) for s, e in form.derivatives.items()},
        jump=rename(form.jump, by),
        current=None if form.current is None else substitute(form.current, names),
    )


def _states(neuron: Neuron, own: NeuronForm, receptors: Sequence[Kinetics], parts: Sequence[KineticsForm]) -> tuple[SystemState, ...]:
    def state(s: State, name: str, start: Expr, owner: int, clamped: bool, transient: bool) -> SystemState:
        return SystemState(name, start, s.unit, owner, clamped, transient, s.name, s.doc, s.role)

    out = [state(s, s.name, own.starts[s.name], -1, s.name in neuron.clamped, False) for s in neuron.states]
    for k, (model, part) in enumerate(zip(receptors, parts, strict=True)):
        out += [state(s, f"r{k}_{s.name}", part.starts[f"r{k}_{s.name}"], k, False, s.name in model.transient) for s in model.states]
    return tuple(out)


def _derivatives(
    states: Iterable[SystemState], own: NeuronForm, parts: Sequence[KineticsForm], current: Expr, stepped: bool
) -> dict[str, Expr]:
    given = {s: substitute(e, {INPUT: current}) for s, e in own.derivatives.items()}
    for part in parts:
        given |= part.derivatives
    return {s.name: given.get(s.name, ZERO) for s in states if not stepped or s.owner >= 0}


def _closed(derivatives: Mapping[str, Expr], linear: bool) -> bool:
    """Whether the receptors' flow needs nothing of the neuron."""
    return linear and not any(MEMBRANE in free_names(d) or EXTERNAL in free_names(d) for d in derivatives.values())


def _method(neuron: Neuron, wanted: str | None, linear: bool) -> str:
    if neuron.step:
        return "step"
    method = wanted if wanted in neuron.methods else neuron.method
    return "rk4" if method == "exact" and not linear else method


def _refuse_missing_membrane(neuron: Neuron, receptors: Sequence[Kinetics], parts: Sequence[KineticsForm]) -> None:
    if any(s.name == MEMBRANE for s in neuron.states):
        return
    for model, part in zip(receptors, parts, strict=True):
        trees = [*part.derivatives.values(), *(a.value for a in part.jump), *([part.current] if part.current else [])]
        if MEMBRANE in part.jump.targets or any(MEMBRANE in free_names(t) for t in trees):
            raise FindingError(
                [Finding("text.name", "error", neuron.key, f"{model.title} acts on a state “v”, which {neuron.title} does not have.")]
            )
