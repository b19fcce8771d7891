"""What was lost on the way to whole numbers, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from studio.backends.truenorth.heard import Heard
from studio.backends.truenorth.machine import SATURATED, WEIGHT
from studio.backends.truenorth.membrane import REFERENCE, Integers, Membrane
from studio.compile.leaky import Leaky
from studio.compile.program import Layer
from studio.compile.report import Loss
from studio.findings import Finding

NOTABLE = 0.02  # relative error of a rate that is worth a warning


def of_weights(
    one: Heard, rows: np.ndarray, neurons: np.ndarray, made: np.ndarray, scale: np.ndarray, leaky: Leaky | None
) -> Iterator[Loss]:
    """Errors of weights by connection. `made` is the whole weight of each synapse of a type, in units of `scale` of its neuron."""
    width = one.n_neurons
    sums: dict[int, float] = {}
    flat, back = np.unique(rows * width + neurons, return_inverse=True)
    total = np.bincount(back, made, len(flat)) * np.asarray(scale)[flat % width]
    columns = np.repeat(np.arange(width), np.diff(one.weights.indptr))
    place = one.weights.indices.astype(np.int64) * width + columns
    found = np.searchsorted(flat, place)
    there = (found < len(flat)) & (flat[np.minimum(found, max(len(flat) - 1, 0))] == place) if len(flat) else np.zeros(len(place), bool)
    now = np.where(there, total[np.minimum(found, max(len(flat) - 1, 0))] if len(flat) else 0.0, 0.0)
    of = one.of[one.weights.indices]
    unit = "mV" if leaky is not None and leaky.unit == "mV" else ""
    for k, c in enumerate(one.connections):
        mine = np.flatnonzero(of == k)
        real, error = one.weights.data[mine], np.abs(now - one.weights.data)[mine]
        sums[k] = float(np.sqrt((error**2).mean())) if len(mine) else 0.0
        size = float(np.sqrt((real**2).mean())) if len(mine) else 1.0
        changed = int((error > 1e-9 * np.abs(real)).sum())
        if changed:
            text = f"Weights by four axon types: root mean square error {sums[k]:.3g} {unit}, {100 * sums[k] / size:.2g} % of their size; worst {error.max():.3g} {unit}."
            yield Loss(c.path, "weight", "rounded", changed, len(mine), float(error.max()), unit, text)
        gone = int(((now[mine] == 0) & (real != 0)).sum())
        if gone:
            yield Loss(
                c.path,
                "weight",
                "dropped",
                gone,
                len(mine),
                float(np.abs(real[now[mine] == 0]).max()),
                unit,
                f"{gone} of {len(mine)} weights became 0.",
            )


def of_membrane(
    layer: Layer, leaky: Leaky, real: Membrane, numbers: Integers, paths: Mapping[str, str]
) -> tuple[list[Loss], list[Finding]]:
    """Decay, refractory time, leak and synaptic currents. `paths` of connections by their keys."""
    losses: list[Loss] = []
    findings: list[Finding] = []
    n, unit = layer.size, leaky.unit
    if np.any(np.asarray(leaky.decay) < 1.0):
        leak = float(np.median(np.abs(numbers.leak)))
        way = "towards rest" if real.reversal else "in every tick"
        text = (
            f"TrueNorth's neuron does not decay: a leak of {leak:g} {way} stands in for it. Under constant drives of 1.25 to 8 times the least that "
            f"fires, rates are off by {100 * real.mean_error:.0f} % on average and {100 * real.rate_error:+.0f} % at worst."
        )
        losses.append(Loss(layer.path, "leak", "replaced", n, n, 100.0 * abs(real.rate_error), "%", text))
        severity = "warning" if real.mean_error > NOTABLE else "info"
        findings.append(
            Finding("lossy.leak", severity, layer.path, text, "Choose another leak (option leak), or a longer membrane time constant.")
        )
    if real.held > 0:
        text = f"A refractory time of {real.held:g} ticks became a reset {float(np.median(-real.reset)):.3g} {unit} deeper, what a drive of {REFERENCE:g} times the least that fires adds in it."
        losses.append(Loss(layer.path, "t_ref", "replaced", n, n, real.held, "ticks", text))
    for receptor in leaky.receptors:
        if np.any(receptor.decay):
            tau = float(np.max(receptor.tau))
            text = f"Synaptic currents that decay within {tau:g} ms arrive at once, with their whole charge."
            losses += [Loss(paths.get(key, key), "kinetics", "replaced", 1, 1, tau, "ms", text) for key in receptor.connections]
    moved = np.abs(numbers.leak * numbers.scale - real.leak)
    if (moved > 1e-9 * np.abs(real.leak)).any():
        worst = float(moved.max())
        losses.append(
            Loss(
                layer.path,
                "leak",
                "rounded",
                int((moved > 1e-9 * np.abs(real.leak)).sum()),
                n,
                worst,
                unit,
                f"The leak was rounded to whole numbers: by at most {worst:.3g} {unit} a tick.",
            )
        )
    far = np.abs(real.start / numbers.scale) - SATURATED
    if (far > 0).any():
        text = "A potential has 20 bits: starts beyond that begin there."
        losses.append(Loss(layer.path, "start", "saturated", int((far > 0).sum()), n, float((far * numbers.scale).max()), unit, text))
    coarse = np.abs(numbers.weights).max(axis=1, initial=0)
    if (coarse < WEIGHT // 16).any() and (np.abs(numbers.leak) >= WEIGHT).any():
        text = f"Some neurons of “{layer.path}” have weights so much smaller than their leak that few of the {WEIGHT} steps of a weight are left."
        findings.append(Finding("lossy.weights", "warning", layer.path, text, "Let a tick be shorter (option tick), or weights larger."))
    return losses, findings
