"""Faults of a run, written into the models of the flat network: the engine knows nothing of them, and a network without any is as it was.

A neuron that may not be heard gets a condition on what it sends; its state goes on as if it had fired. A shifted threshold is a number
added wherever the threshold is read. A faulty synapse is a device that was programmed to its value and stays there. Sources lose rate, given spikes,
or elements. All draws come from the run's seed, the path, and which of several equal faults it is: they are the same for any number of
threads and processes, and the neurons and synapses of a smaller fraction are among those of a larger one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from studio.engine.parameters import per_element
from studio.findings import Finding, FindingError
from studio.models.spec import Currents, Device, Events, LowerSource, Neuron, Param, Rates, SourceForm, State
from studio.network.faults import WORDS, faults, threshold
from studio.network.flat import Chosen, Drawn, Fault, FlatNetwork, FlatPopulation, FlatProjection, FlatSource

LOSS, SHIFT, FAULTY = "fault_loss", "fault_shift", "fault"
TEXTS = ("equations", "step", "derived", "threshold", "reset", "closing", "crossing", "emits")  # of a neuron, where a threshold may stand
FIX = 'Write (kind, path, fraction, value), or {"kind": …, "path": …, "fraction": …}.'


def with_faults(flat: FlatNetwork, given: Iterable[Any]) -> FlatNetwork:
    """The network with the faults that `simulate(faults=...)` was given, in place of the document's; raise FindingError for what is none."""
    said = [(one if isinstance(one, Fault) else _said(one, f"run.faults.{k}")) for k, one in enumerate(given)]
    nodes = {n.path: n for n in (*flat.populations, *flat.sources)}
    made, findings = faults([one for one in said if not isinstance(one, Fault)], nodes, flat.projections)
    if findings:
        raise FindingError(findings)
    return replace(flat, run=replace(flat.run, faults=(*(one for one in said if isinstance(one, Fault)), *made)))


def _said(given: Any, where: str) -> Any:
    """One fault in any of its forms, as the document has it."""
    from studio.engine.steered import spoken
    from studio.network.handles import Handle

    said: dict[str, Any]
    if isinstance(given, Mapping):
        said = {str(k): v for k, v in given.items()}
    else:
        words = list(given) if isinstance(given, Iterable) and not isinstance(given, str) else []
        said = dict(zip(WORDS, words, strict=False)) if len(words) <= len(WORDS) else {}
        if said.get("kind") == "threshold_noise" and len(words) == 3:
            said["value"] = said.pop("fraction")
    if isinstance(said.get("path"), Handle):
        said["path"] = str(said["path"])
    if not {"kind", "path"} <= said.keys() <= set(WORDS) or not all(isinstance(said[w], str) for w in ("kind", "path")):
        raise FindingError([Finding("text.fault", "error", where, f"{given!r:.80} says no fault.", FIX)])
    numbers = {w: spoken(said[w], f"{where}.{w}")[0] if said.get(w) is not None else None for w in ("fraction", "value")}
    return SimpleNamespace(**{**said, **numbers})


def told(flat: FlatNetwork) -> list[dict[str, Any]]:
    """The faults for the provenance; of chosen neurons also how many it hit."""
    sizes = {n.path: n.size for n in (*flat.populations, *flat.sources)}
    out = []
    for f in flat.run.faults:
        said: dict[str, Any] = {"kind": f.kind, "path": f.path, "fraction": f.fraction, "value": f.value}
        if f.kind == "dead_neurons":
            said["hit"] = _hit(f, sizes[f.path])
        out.append(said | ({} if f.ids is None else {"of": len(f.ids)}))
    return out


def faulty(flat: FlatNetwork) -> FlatNetwork:
    """The network with its faults in its models; without faults as it is."""
    if all(f.applied for f in flat.run.faults):
        return flat
    by: dict[str, list[tuple[int, Fault]]] = {}
    for f in flat.run.faults:
        same = [g for _, g in by.get(f.path, []) if g.kind == f.kind]
        by.setdefault(f.path, []).append((len(same), f))
    seed = flat.run.seed
    return replace(
        flat,
        populations=tuple(_population(p, by[p.path], seed) if p.path in by else p for p in flat.populations),
        sources=tuple(_source(s, by[s.path], seed) if s.path in by else s for s in flat.sources),
        projections=tuple(_projection(p, [f for _, f in by[p.key]]) if p.key in by else p for p in flat.projections),
        run=replace(flat.run, faults=tuple(replace(f, applied=True) for f in flat.run.faults)),
    )


def _drawn(shape: str, a: float, b: float, n: int, seed: int, path: str, kind: str, k: int) -> np.ndarray:
    return np.array(np.broadcast_to(per_element(Drawn(shape, a, b), n, seed, path, "fault", kind, k), n))


def _hit(f: Fault, size: int) -> int:
    return int(np.floor(f.fraction * (size if f.ids is None else len(f.ids)) + 0.5))


def _loss(path: str, size: int, found: list[tuple[int, Fault]], seed: int) -> np.ndarray:
    """The chance of each element's spikes to be lost; 1 for the dead."""
    heard = np.ones(size)
    for k, f in found:
        ids = np.arange(size) if f.ids is None else f.ids
        if f.kind == "lost_spikes":
            heard[ids] *= 1.0 - f.fraction
        elif f.kind == "dead_neurons":
            order = np.argsort(_drawn("uniform", 0.0, 1.0, size, seed, path, f.kind, k)[ids], kind="stable")
            heard[ids[order[: _hit(f, size)]]] = 0.0
    return 1.0 - heard


def _population(p: FlatPopulation, found: list[tuple[int, Fault]], seed: int) -> FlatPopulation:
    model, params = p.model, dict(p.neuron.params)
    loss = _loss(p.path, p.size, found, seed)
    if loss.any():
        condition = f"{LOSS} < 1" + (f" and uniform() >= {LOSS}" if np.any((loss > 0) & (loss < 1)) else "")
        model = _more(model, LOSS, "Chance of a spike to be lost.", emits=f"({model.emits}) and {condition}" if model.emits else condition)
        params[LOSS] = loss
    shift, own = np.zeros(p.size), threshold(p)
    for k, f in found:
        if f.kind == "threshold_noise":
            ids = slice(None) if f.ids is None else f.ids
            shift[ids] += _drawn("normal", 0.0, f.value, p.size, seed, p.path, f.kind, k)[ids]
    if own and shift.any():
        name = re.compile(rf"(?<!\w){own.name}(?!\w)")
        texts = {text: name.sub(f"({own.name} + {SHIFT})", getattr(model, text)) for text in TEXTS if getattr(model, text, "")}
        model = _more(model, SHIFT, "Shift of the threshold.", own.unit, **texts)
        params[SHIFT] = np.rint(shift) if model.whole else shift
    return replace(p, neuron=Chosen(model, params))


def _more(model: Neuron, name: str, doc: str, unit: str = "", **texts: str) -> Neuron:
    return replace(model, params=(*model.params, Param(name, 0.0, unit, doc)), **texts)  # type: ignore[arg-type]


@dataclass(frozen=True)
class _Lossy:
    """What a source lowers to, less what is lost."""

    lower: LowerSource
    loss: np.ndarray
    draw: Any  # (n) -> uniform draws, one for each given spike

    def __call__(self, params: Mapping[str, Any], size: int, dt: float) -> SourceForm:
        form, kept = self.lower(params, size, dt), 1.0 - self.loss
        if isinstance(form, Rates):
            return replace(form, hz=form.hz * (kept[:1] if np.all(kept == kept[:1]) else kept))
        if isinstance(form, Currents):
            return replace(form, values=form.values * kept)
        keep = self.draw(len(form.ids)) >= self.loss[form.ids]
        assert isinstance(form, Events)
        return replace(form, steps=form.steps[keep], ids=form.ids[keep])


def _source(s: FlatSource, found: list[tuple[int, Fault]], seed: int) -> FlatSource:
    loss = _loss(s.path, s.size, found, seed)
    draw = partial(_events_drawn, seed, s.path)
    return replace(s, source=Chosen(replace(s.model, lower=_Lossy(s.model.lower, loss, draw)), s.source.params))


def _events_drawn(seed: int, path: str, n: int) -> np.ndarray:
    return _drawn("uniform", 0.0, 1.0, n, seed, path, "given", 0)


def _projection(p: FlatProjection, found: list[Fault]) -> FlatProjection:
    model, params = p.device.model, dict(p.device.params)
    for k, f in enumerate(found):
        model = _faulty_device(model, k, bool(p.plasticity.model.plastic))
        params |= {f"{FAULTY}_{k}_share": f.fraction, f"{FAULTY}_{k}_value": f.value if f.kind == "stuck_synapses" else 0.0}
    return replace(p, device=Chosen(model, params))


def _faulty_device(model: Device, k: int, learns: bool) -> Device:
    """The device with a state that says whether it is stuck; what it draws itself stays as it was."""
    state, share, value = f"{FAULTY}_{k}", f"{FAULTY}_{k}_share", f"{FAULTY}_{k}_value"
    stays = f"w = {value} if {state} > 0.5 else w"
    changed: dict[str, str] = {"program": "\n".join(_lines(model.program, f"{state} = 1 if uniform() < {share} else 0", stays))}
    if learns:
        changed["write"] = "\n".join(_lines(model.write or "w = w + dw", stays))
    if model.read.strip():
        changed["read"] = f"{value} if {state} > 0.5 else ({model.read.strip()})"
    return replace(
        model,
        params=(
            *model.params,
            Param(share, 0.0, "", "Share of faulty synapses."),
            Param(value, 0.0, "", "Weight of a faulty synapse.", role="weight"),
        ),
        states=(*model.states, State(state, "0", "", "Whether the synapse is faulty.")),
        **changed,  # type: ignore[arg-type]
    )


def _lines(*texts: str) -> Iterator[str]:
    return (text.strip("\n") for text in texts if text.strip())
