"""A model's texts as LaTeX, one formula a line."""

from __future__ import annotations

from studio.models.devices.storage import settled
from studio.models.dynamics import SUMMED, WEIGHTS, read_kinetics, read_neuron
from studio.models.language import typeset as tex
from studio.models.learning import read_device, read_plasticity
from studio.models.spec import Connector, Device, Kinetics, Model, Neuron, Plasticity, Signal, Source, Trace


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
    out += [rf"\text{{met after }} {tex.latex(form.crossing)}"] if form.crossing is not None else []
    out += [rf"\text{{at the end of a step}}: \quad {line}" for line in tex.block(form.closing)]
    if form.threshold is not None:
        out.append(rf"\text{{if }} {tex.latex(form.threshold)}: \quad " + r", \quad ".join(tex.block(form.reset)))
    out += [] if form.emits is None else [rf"\text{{a spike is sent if }} {tex.latex(form.emits)}"]
    return tuple(out)


def _kinetics(model: Kinetics) -> tuple[str, ...]:
    form, _ = read_kinetics(model)
    out = [*tex.block(form.derived), *tex.mapping(form.derivatives)]
    if model.coupled:
        x = rf"{tex.name(model.coupled)}_j(t)"
        out.append(
            rf"{tex.name(SUMMED)} = \sum_j w_j\, {x}, \quad {tex.name(WEIGHTS)} = \sum_j w_j, \quad t \text{{: the end of the previous step}}"
        )
    out += [rf"\text{{at a spike}}: \quad {line}" for line in tex.block(form.jump)]
    return (*out, *(() if form.current is None else (f"i = {tex.latex(form.current)}",)))


def _plasticity(model: Plasticity) -> tuple[str, ...]:
    form, _ = read_plasticity(model)
    out = [_trace(t) for t in model.traces] + [_signal(s) for s in model.signals]
    for block, words in (
        (form.at_source, "spike of a source"),
        (form.on_pre, "presynaptic spike"),
        (form.on_post, "postsynaptic spike"),
        (form.every, "every interval"),
    ):
        out += [rf"\text{{{words}}}: \quad {line}" for line in tex.block(block)]
    out += [] if form.transmit is None else [rf"\text{{transmitted}}: \quad {tex.latex(form.transmit)}"]
    return tuple(out) or (r"\frac{dw}{dt} = 0",)


def _trace(t: Trace) -> str:
    decay = rf"\frac{{d{tex.name(t.name)}}}{{dt}} = -\frac{{{tex.name(t.name)}}}{{{tex.name(t.tau)}}}"
    if t.nearest:
        return rf"{decay}, \quad \text{{{t.side}synaptic spike}}: \quad {tex.name(t.name)} \leftarrow 1"
    return rf"{decay} + \sum_{{\mathrm{{{t.side}}}}} \delta(t - t_k)"


def _signal(s: Signal) -> str:
    name, tau = tex.name(s.name), tex.name(s.tau)
    return rf"\frac{{d{name}}}{{dt}} = -\frac{{{name}}}{{{tau}}} + \frac{{1}}{{N}} \sum_{{\mathrm{{{s.name}}}}} \delta(t - t_k)"


def _device(model: Device) -> tuple[str, ...]:
    """With its words as they are by default: the formulas of all choices at once can hardly be read."""
    form, findings = read_device(model)
    words = {p.name: str(p.default) for p in model.params if p.kind == "word"}
    form = form if findings or not words else settled(model, words)
    out = [rf"\text{{programmed}}: \quad {line}" for line in tex.block(form.program)]
    written = tex.block(form.write) or (r"w \leftarrow w + dw",)
    out += [rf"\text{{written}}: \quad {line}" for line in written] if out or form.read is not None else written
    return (*out, *(() if form.read is None else (rf"\text{{read}}: \quad {tex.latex(form.read)}",)))
