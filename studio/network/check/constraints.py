"""Routing constraints that the network itself breaks, or that contradict one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from studio.findings import Finding
from studio.network.check.context import Context
from studio.network.check.sizes import synapses
from studio.network.flat import Constraint, Drawn, FlatNetwork, FlatProjection


def rule(context: Context) -> Iterable[Finding]:
    """`fit.constraint`: degrees above a limit and delays off every class (warnings), things that are kept together and apart (error)."""
    flat = context.flat
    if flat is None or not flat.constraints:
        return
    sizes = {n.path: n.size for n in (*flat.populations, *flat.sources)}
    for one in flat.constraints:
        if one.kind in ("fan_in", "fan_out"):
            yield from _degree(one, flat, sizes)
        elif one.kind == "delay_class":
            yield from _delays(one, flat)
    yield from _contradictions(flat)


def _degree(one: Constraint, flat: FlatNetwork, sizes: Mapping[str, int]) -> Iterator[Finding]:
    """A mean degree above the limit: then some neuron certainly has more."""
    assert one.limit is not None
    end, word = ("target", "onto it") if one.kind == "fan_in" else ("source", "onto others")
    for path in one.paths:
        own = [p for p in flat.projections if p.kinetics is not None and path in (p.key, getattr(p, end))]
        n = sizes.get(path) or next((sizes[getattr(p, end)] for p in own), 0)
        mean = sum(synapses(p, dict(sizes)) for p in own) / n if n else 0.0
        if mean > one.limit:
            text = f"A neuron of “{path}” has {mean:.6g} synapses {word} on average; {one.place} allows {one.limit}."
            if path not in sizes:
                text = f"A neuron at the {end} of “{path}” has {mean:.6g} of its synapses on average; {one.place} allows {one.limit}."
            yield Finding("fit.constraint", "warning", path, text, f"Connect more sparsely, or raise the limit to {int(np.ceil(mean))}.")


def _delays(one: Constraint, flat: FlatNetwork) -> Iterator[Finding]:
    """Delays that rounding to the class moves by half a step or more."""
    for p in flat.projections:
        if p.key in one.paths and p.kinetics is not None and (moved := furthest(p, one.delays)) >= flat.run.dt / 2:
            allowed = ", ".join(f"{d:g}" for d in one.delays)
            text = f"Delays of “{p.path}” lie up to {moved:.6g} ms from the nearest of {one.place} ({allowed} ms)."
            yield Finding("fit.constraint", "warning", f"{p.path}.delay", text, "Add a delay to the class, or change the delays.")


def furthest(projection: FlatProjection, classes: tuple[float, ...]) -> float:
    """The longest way [ms] from a delay of the projection to the nearest of `classes`; of drawn ones, of mean and limits."""
    delay = projection.delay
    if isinstance(delay, Drawn):
        ends = (delay.a, delay.b) if delay.shape == "uniform" else (float(np.exp(delay.a)) if delay.shape == "lognormal" else delay.a,)
        values = np.clip(np.asarray(ends, float), delay.low, delay.high)
    else:
        values = np.atleast_1d(np.asarray(delay, float))
    return float(np.abs(values[:, None] - np.asarray(classes)[None, :]).min(axis=1).max(initial=0.0))


def _contradictions(flat: FlatNetwork) -> Iterator[Finding]:
    """Two paths that one constraint keeps in one place and another keeps in two."""
    together = [c for c in flat.constraints if c.kind == "keep_together"]
    for apart in (c for c in flat.constraints if c.kind == "keep_apart"):
        for one in together:
            if one.scope == "chip" and apart.scope == "core":
                continue  # one chip has many cores
            both = sorted(p for p in one.paths if any(p in group for group in apart.groups))
            groups = {k for p in both for k, group in enumerate(apart.groups) if p in group}
            if len(groups) > 1:
                text = f"{one.place} keeps {_listed(both)} on one {one.scope}, and {apart.place} keeps them on different {apart.scope}s."
                yield Finding("fit.constraint", "error", apart.place, text, "Remove one of the two.")
    for apart in (c for c in flat.constraints if c.kind == "keep_apart"):
        shared = [p for p in apart.paths if sum(p in group for group in apart.groups) > 1]
        if shared:
            text = f"{apart.place} keeps {_listed(shared)} apart from itself: two of its paths name it."
            yield Finding("fit.constraint", "error", apart.place, text, "Name each population once.")
    yield from _regions(flat)


def _regions(flat: FlatNetwork) -> Iterator[Finding]:
    """Regions of one path that have no place in common, also through keep_together."""
    regions = [c for c in flat.constraints if c.kind == "region"]
    joined = [set(c.paths) for c in flat.constraints if c.kind == "keep_together"]
    for k, a in enumerate(regions):
        for b in regions[k + 1 :]:
            same = sorted(set(a.paths) & set(b.paths))
            linked = not same and any(group & set(a.paths) and group & set(b.paths) for group in joined)
            chips = a.chip is not None and b.chip is not None and a.chip != b.chip
            cores = a.cores is not None and b.cores is not None and (a.cores[1] <= b.cores[0] or b.cores[1] <= a.cores[0])
            if (same and (chips or cores)) or (linked and chips):
                what = f"{_listed(same)} in two places" if same else "what is kept together on two chips"
                yield Finding("fit.constraint", "error", b.place, f"{a.place} and {b.place} put {what}.", "Make the regions overlap.")


def _listed(paths: list[str]) -> str:
    shown = ", ".join(f"“{p}”" for p in paths[:4])
    return shown + (f" and {len(paths) - 4} more" if len(paths) > 4 else "")
