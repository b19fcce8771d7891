"""A model's texts as LaTeX, one formula a line."""

from __future__ import annotations

from studio.models.dynamics import read_kinetics, read_neuron
from studio.models.language import typeset as tex
from studio.models.language.check import scope
from studio.models.language.read import read_block
from studio.models.language.tree import Block
from studio.models.spec import Connector, Device, Kinetics, Model, Neuron, Plasticity, Source


def formulas(model: Model) -> tuple[str, ...]:
    """The model's meaning in LaTeX; texts that cannot be read give nothing."""
    if isinstance(model, Neuron):
        return _neuron(model)
    if isinstance(model, Kinetics):
        return _kinetics(model)
    if isinstance(model, Plasticity):
        return _plasticity(model)
    if isinstance(model, Device):
        return _device(model)
    return tuple(model.formulas) if isinstance(model, Source | Connector) else ()


def _neuron(model: Neuron) -> tuple[str, ...]:
    form, _ = read_neuron(model)
    out = [*tex.block(form.derived), *tex.mapping(form.derivatives), *(tex.block(form.step) if form.step else ())]
    if form.threshold is not None:
        out.append(rf"\text{{if }} {tex.latex(form.threshold)}: \quad " + r", \quad ".join(tex.block(form.reset)))
    return tuple(out)


def _kinetics(model: Kinetics) -> tuple[str, ...]:
    form, _ = read_kinetics(model)
    out = [*tex.block(form.derived), *tex.mapping(form.derivatives)]
    out += [rf"\text{{at a spike}}: \quad {line}" for line in tex.block(form.jump)]
    return (*out, *(() if form.current is None else (f"i = {tex.latex(form.current)}",)))


def _plasticity(model: Plasticity) -> tuple[str, ...]:
    names = {p.name for p in model.params} | {t.name for t in model.traces}
    out = [
        rf"\frac{{d{tex.name(t.name)}}}{{dt}} = -\frac{{{tex.name(t.name)}}}{{{tex.name(t.tau)}}} + \sum_{{\mathrm{{{t.side}}}}} \delta(t - t_k)"
        for t in model.traces
    ]
    for part, words in (("on_pre", "presynaptic spike"), ("on_post", "postsynaptic spike"), ("every", "every interval")):
        block = read_block(getattr(model, part), scope(names, {"w"}, draws=True))[0] or Block()
        out += [rf"\text{{{words}}}: \quad {line}" for line in tex.block(block)]
    return tuple(out) or (r"\frac{dw}{dt} = 0",)


def _device(model: Device) -> tuple[str, ...]:
    block = read_block(model.write, scope({p.name for p in model.params} | {"dw"}, {"w"}, draws=True))[0]
    return tex.block(block) if block else (r"w \leftarrow w + dw",)
