"""The same network as a program for Lava, layer by layer, for people who go on there; and what its input looks like."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from studio.backends.loihi.drives import drives_of
from studio.backends.loihi.host import writes
from studio.backends.loihi.lava_text import HEAD, TAIL
from studio.backends.loihi.said import weight_sign
from studio.backends.loihi.text import small
from studio.compile.backend import Stimulus
from studio.compile.program import Connection, Layer, Program
from studio.engine.parameters import per_element

FILE, ARRAYS = "lava_network.py", "lava_weights.npz"
LARGEST = 4_000_000  # weights of a connection, times its delays: Lava keeps them as a matrix
NAMES = ("du", "dv", "vth", "bias_mant", "bias_exp", "refractory")


def small_enough(program: Program) -> bool:
    """Whether Lava's matrices would fit: they hold every pair, for every delay. (Its learning processes are not bit-accurate: none is written.)"""
    if any(c.plasticity.model.plastic for c in program.connections):
        return False
    spiking = [c.wiring for c in program.connections if c.kinetics is not None]
    return sum(w.n_source * w.n_target * max(1, w.delays()[1]) for w in spiking) <= LARGEST


def write(program: Program, folder: Path) -> tuple[str, ...]:
    """Write the program and its matrices; nothing where they would be too large."""
    if not small_enough(program):
        return ()
    arrays: dict[str, np.ndarray] = {}
    lines = [*_layers(program, arrays), *_connections(program, arrays)]
    np.savez_compressed(folder / ARRAYS, **{k: small(v) for k, v in sorted(arrays.items())})  # pyright: ignore[reportArgumentType]
    layers = {x.key: x.size for x in program.layers}
    body = ["", f"LAYERS = {layers!r}", "", "", "def network(given, steps):", "    nodes = {}", *lines, "    return nodes"]
    text = HEAD.format(name=_quoted(program.name), arrays=ARRAYS) + "\n".join(body) + "\n" + TAIL
    (folder / FILE).write_text(text, encoding="utf-8", newline="\n")
    return (FILE, ARRAYS)


def _quoted(name: str) -> str:
    return "".join(c if c.isprintable() and c != "\\" else " " for c in name).replace('"', "'")


def own(program: Program, layer: Layer) -> bool:
    """Whether a layer needs the program's own compartments: Lava's integer LIF has no refractory time, and rounds negative exponents."""
    numbers = [layer.neuron.params[name] for name in ("du", "dv", "vth", "refractory")]
    plain = all(isinstance(v, float | int) for v in numbers) and numbers[3] == 1.0
    return not plain or any(_exponent(c) < 0 for c in program.into(layer.key) if c.kinetics is not None)


def _exponent(c: Connection) -> int:
    return c.quantised.exponent if c.quantised is not None else 0


def _layers(program: Program, arrays: dict[str, np.ndarray]) -> Iterator[str]:
    for x in program.inputs:
        if not x.analog:
            yield f"    nodes[{x.key!r}] = spikes(given, {x.key!r}, {x.size}, steps)"
    for layer in program.layers:
        said = {name: _number(program, layer, name, layer.neuron.params[name], arrays) for name in NAMES}
        said["bias_mant"] = f"bias(given, {layer.key!r}, {said['bias_mant']})"
        said["v"] = _number(program, layer, "v", layer.start.get("v", 0.0), arrays)
        kind = "Compartments" if own(program, layer) else "LIF"
        if kind == "LIF":
            del said["refractory"]
        yield f"    nodes[{layer.key!r}] = {kind}(shape=({layer.size},), {', '.join(f'{k}={v}' for k, v in said.items())})"


def _number(program: Program, layer: Layer, name: str, value: Any, arrays: dict[str, np.ndarray]) -> str:
    path = ("start", name) if name == "v" else (name,)
    made = per_element(value, layer.size, program.seed, layer.key, *path)
    if isinstance(made, np.ndarray):
        arrays[f"{layer.key}.{name}"] = np.rint(made).astype(np.int64)
        return f"WEIGHTS[{f'{layer.key}.{name}'!r}]"
    return str(round(made))


def _connections(program: Program, arrays: dict[str, np.ndarray]) -> Iterator[str]:
    """One join for each connection; synapses of one pair are matrices of their own, as a matrix holds one."""
    outside = {x.key for x in program.inputs}
    for c in program.connections:
        if c.kinetics is None:
            continue
        w, block = c.wiring, c.wiring.onto()
        mantissas = np.rint(block.weights * 2.0 ** -_exponent(c)).astype(np.int64)
        pair = block.targets * w.n_source + block.sources
        order = np.argsort(pair, kind="stable")
        again = np.zeros(len(pair), np.int64)
        new = np.flatnonzero(np.append(True, np.diff(pair[order]) != 0)) if len(pair) else order
        again[order] = np.arange(len(pair)) - np.repeat(new, np.diff(np.append(new, len(pair))))
        exponent = _exponent(c) + (6 if own(program, program.layer(c.target)) else 0)
        for k in range(int(again.max(initial=0)) + 1):
            key, here = c.key if k == 0 else f"{c.key}/{k}", again == k
            matrix, delays = np.zeros((2, w.n_target, w.n_source), np.int64)
            matrix[block.targets[here], block.sources[here]] = mantissas[here]
            delays[block.targets[here], block.sources[here]] = block.delays[here] - 1
            arrays[key] = matrix
            if delays.any():
                arrays[f"{key}.delays"] = delays
            counts = ", counts=True" if c.source in outside else ""
            yield f"    join(nodes[{c.source!r}], nodes[{c.target!r}], {key!r}, {exponent}, {weight_sign(c)!r}{counts})"


def stimulus_arrays(program: Program, stimulus: Stimulus) -> dict[str, np.ndarray]:
    """What the program reads: spikes of inputs from step 0 on, and the biases that the host writes."""
    out: dict[str, np.ndarray] = {"steps": np.array(stimulus.steps)}
    for key, (steps, ids) in stimulus.spikes.items():
        kept = (steps >= 0) & (steps < stimulus.steps)
        out[f"{key}.steps"], out[f"{key}.ids"] = steps[kept], ids[kept]
    for drive in drives_of(program):
        made = writes(drive, stimulus, program.layer(drive.layer).size)
        out[f"{drive.layer}.bias_steps"] = np.array([step for step, _ in made])
        out[f"{drive.layer}.bias_mant"] = np.array([m for _, m in made])
    return out
