"""A page of the model reference, made from the declaration alone: Markdown with LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable

from studio.models.check import interval
from studio.models.formulas import formulas
from studio.models.learning import post_names
from studio.models.spec import Kinetics, Model, Neuron, Param, Plasticity, Signal, Source, State, Trace

_METHODS = {
    "exact": "exact (a propagator, where the receptors are linear too; Runge-Kutta 4 otherwise)",
    "rk4": "Runge-Kutta 4",
    "adaptive": "adaptive Runge-Kutta",
    "step": "one step at a time",
}


DOI = re.compile(r"doi:\s?(10\.\d{4,9}/[^\s;,|)]*[^\s;:,|).])")


def page(model: Model, picture: str = "", exports: Iterable[tuple[str, str]] | None = None) -> str:
    """The whole page of one entry. `picture` is the path of its response; `exports` are formats and what is lost in each (None: not known)."""
    parts = [
        f"# {_plain(model.title)}",
        f"`{model.key}`, {model.kind}. {_plain(model.doc)}",
        *([f"![How it responds]({picture})"] if picture else []),
        *_meaning(model),
        *_notes(model),
        *_parameters(model),
        *_states(model),
        *_presets(model),
    ]
    parts += [f"## Source\n\n{linked(_plain(model.source))}"]
    if model.limits:
        parts.append(f"## What it does not model\n\n{_plain(model.limits)}")
    return "\n\n".join([*parts, *([] if exports is None else [_exports(exports)])]) + "\n"


def contents(models: tuple[Model, ...]) -> str:
    """A table of models with links to their pages, one heading a kind."""
    out = ["# Models"]
    for kind in dict.fromkeys(m.kind for m in models):
        of_kind = [m for m in models if m.kind == kind]
        families = list(dict.fromkeys(m.family for m in of_kind))
        rows = [
            f"| {_cell(family) if k == 0 else ''} | [{_cell(m.title)}]({m.kind}_{m.key}.md) | `{m.key}` | {_cell(m.doc)} |"
            for family in families
            for k, m in enumerate(m for m in of_kind if m.family == family)
        ]
        out.append("\n".join([f"## {kind.capitalize()}", "", "| | model | key | |", "|---|---|---|---|", *rows]))
    return "\n\n".join(out) + "\n"


def _meaning(model: Model) -> list[str]:
    lines = formulas(model)
    return ["## Meaning\n\n" + "\n\n".join(f"$$\n{line}\n$$" for line in lines)] if lines else []


def _parameters(model: Model) -> list[str]:
    if not model.params:
        return []
    rows = [f"| `{p.name}` | {_default(p)} | {p.unit} | {_allowed(p)} | {_cell(p.doc)} |" for p in model.params]
    return ["## Parameters\n\n" + "\n".join(["| name | default | unit | allowed | |", "|---|---|---|---|---|", *rows])]


def _states(model: Model) -> list[str]:
    """Tables of what changes: states, those of sources, traces and signals."""
    of = {"plasticity": " of a synapse", "device": " of a device"}.get(model.kind, "")
    out = [_table(f"States{of}", getattr(model, "states", ())), _table("States of a source", getattr(model, "source_states", ()))]
    if isinstance(model, Plasticity):
        out.append(_fading("Traces", model.traces))
        out.append(_fading("Signals", model.signals))
    return [text for text in out if text]


def _table(title: str, states: tuple[State, ...]) -> str:
    rows = [f"| `{s.name}` | `{s.start}` | {s.unit} | {_cell(s.doc)} |" for s in states]
    return f"## {title}\n\n" + "\n".join(["| name | start | unit | |", "|---|---|---|---|", *rows]) if rows else ""


def _fading(title: str, fading: tuple[Trace | Signal, ...]) -> str:
    rows = [f"| `{t.name}` | `{t.tau}` | {_grows(t)} | {_cell(t.doc)} |" for t in fading]
    return f"## {title}\n\n" + "\n".join(["| name | decays with | a spike | |", "|---|---|---|---|", *rows]) if rows else ""


def _grows(t: Trace | Signal) -> str:
    if isinstance(t, Signal):
        return "adds one over the size of its population"
    return f"of the {t.side}synaptic side {'sets it to 1' if t.nearest else 'adds 1'}"


def _presets(model: Model) -> list[str]:
    if not model.presets:
        return []
    rows = []
    for preset in model.presets:
        units = {p.name: p.unit for p in model.params}
        said = [f"`{name}` = {_number(value)} {units[name]}".rstrip() for name, value in preset.params.items()]
        if preset.kinetics:
            own = ", ".join(f"`{name}` = {_number(value)}" for name, value in preset.kinetics_params.items())
            said.append(f"with `{preset.kinetics}` kinetics" + (f" ({own})" if own else ""))
        rows.append(
            f"| {_cell(preset.title)} | `{preset.key}` | {_cell(', '.join(said) or 'the defaults')} | {linked(_cell(preset.source))} |"
        )
    head = ["A parameter that one preset names and another does not has its default there.", "", "| preset | key | values | source |"]
    return ["## Presets\n\n" + "\n".join([*head, "|---|---|---|---|", *rows])]


def _exports(exports: Iterable[tuple[str, str]]) -> str:
    ways = [f"- {_plain(title)}" + (f": {_plain(loss[:1].lower() + loss[1:])}" if loss else ", as it is.") for title, loss in exports]
    every = "The studio's own document and Python code hold every model"
    return "## Where it can be exported to\n\n" + (
        f"{every}. Beside these:\n\n" + "\n".join(ways) if ways else f"{every}; no other format has this one."
    )


def linked(text: str) -> str:
    """Text with every DOI as a link."""
    return DOI.sub(lambda m: f"[doi:{m[1]}](https://doi.org/{m[1]})", text)


def _notes(model: Model) -> list[str]:
    """What only this kind of model says."""
    if isinstance(model, Neuron):
        also = [_METHODS[m] for m in model.methods if m != model.method]
        return [f"Integrated: {_METHODS[model.method]}" + (f"; on request {', '.join(also)}." if also else ".")]
    if isinstance(model, Kinetics):
        when = "after" if model.arrival == "after" else "before"
        sign = "A negative weight inhibits." if model.sign == "signed" else "Weights are not negative."
        if model.coupled:
            how = f"No spikes travel and there is no delay: it acts through the source's `{model.coupled}` of the previous step."
            return [f"Weights are in {model.weight_unit}. {sign} {how} A network with it runs in slices of one step."]
        return [f"Weights are in {model.weight_unit}. {sign} A spike acts {when} the update of the step in which it arrives."]
    if isinstance(model, Plasticity):
        return _needs(model)
    if isinstance(model, Source):
        how = "a projection with kinetics" if model.signal == "spiking" else "a connector and a gain, without kinetics or plasticity"
        return [f"A {model.signal} source: it is attached with {how}."]
    return []


def _needs(model: Plasticity) -> list[str]:
    """What a rule needs around it."""
    post, signals = post_names(model), [f"`{s.name}`" for s in model.signals]
    out = (
        [
            f"It reads {' and '.join(f'`{n}`' for n in post)} of its target, so it needs a neuron that has {'it' if len(post) == 1 else 'them'}."
        ]
        if post
        else []
    )
    return out + ([f"The projection says whose spikes are {' and '.join(signals)}: `signals={{...}}`."] if signals else [])


def _default(p: Param) -> str:
    return "" if p.default is None else _number(p.default)


def _number(value: float | str) -> str:
    return f"{value:g}" if isinstance(value, int | float) else value


def _allowed(p: Param) -> str:
    if p.kind == "word":
        return ", ".join(p.choices)
    return "an array" if p.kind == "array" else interval(p)


def _plain(text: str) -> str:
    """Text that stays text where Markdown allows HTML: a document's own model may say anything."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|").replace("\n", " ")
