"""Learning rules as kernels: rendered from the language, applied lazily when a presynaptic spike crosses, exact as if applied at once.

Each part keeps, per plastic projection, a short history of its targets' spikes with the post traces just before each, and per source
the step and traces of its last spike. When a source fires, each of its synapses first takes the post spikes that reached it since,
oldest first, then the pre spike. A history about to overflow is flushed: the same operations in the same order, only earlier.
Exponentials are computed from stored event times, so a flush changes no bit. The whole delay is dendritic; below one step it counts as one.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from studio.engine import loop as L
from studio.engine import store
from studio.engine.connectivity import Rows
from studio.engine.kernels import FUNCTION_NAMES, PRELUDE, called, literal
from studio.engine.native import address
from studio.findings import Finding, FindingError
from studio.models.language.check import scope
from studio.models.language.functions import DRAWS
from studio.models.language.read import read_block, sure
from studio.models.language.render import Style, render
from studio.models.language.symbolic import draws, free_names
from studio.models.language.tree import Block
from studio.models.spec import Device, Plasticity
from studio.network.flat import FlatProjection

NEVER = -(1 << 40)  # the step of a spike that never was
# the pointer table; then pre traces (per source), then post traces (per target and place in its history)
(
    STARTS,
    TARGETS,
    DELAYS,
    DELAY,
    WEIGHTS,
    RING,
    SLOTS,
    STRIDE,
    LAST,
    HISTORY,
    COUNT,
    LENGTH,
    FLUSHED,
    LONGEST,
    MARGIN,
    N_SOURCE,
    N_TARGET,
    UPDATES,
    HEADER,
) = range(19)


@dataclass(frozen=True)
class RuleText:
    """A rule's kernels as text, and the names of the numbers in their table (`rule.x`, `device.x`, `dt`)."""

    source: str
    numbers: tuple[str, ...]


def rule_block(rule: Plasticity, hook: str) -> Block:
    """A hook of a rule (`on_pre`, `on_post`), as assignments to `w`."""
    names = {p.name for p in rule.params} | {t.name for t in rule.traces} | {"dt"}
    return sure(read_block(getattr(rule, hook), scope(names, {"w"}, draws=True, where=f"{rule.key}.{hook}")))


def write_block(device: Device) -> Block:
    """What a device makes of the requested change `dw` of its `w`."""
    return sure(
        read_block(device.write, scope({p.name for p in device.params} | {"dw", "dt"}, {"w"}, draws=True, where=f"{device.key}.write"))
    )


class _Text:
    """Collects the numbers that a rule's text uses while it is rendered."""

    def __init__(self, rule: Plasticity, device: Device) -> None:
        self.rule, self.device = rule, device
        self.used: dict[str, None] = {"dt": None}

    def number(self, owner: str, name: str) -> str:
        key = "dt" if name == "dt" else f"{owner}.{name}"
        self.used[key] = None
        return "c_" + key.replace(".", "_")

    def block(self, block: Block, owner: str, names: Mapping[str, str]) -> Iterator[str]:
        local: set[str] = set()
        for a in block:
            own = {n: names[n] if n in names else self.number(owner, n) for n in sorted(free_names(a.value) - local)}
            yield f"{names.get(a.target, 'l_' + a.target)} = {render(called(a.value), Style(names=own, functions=FUNCTION_NAMES, prefix='l_', number=literal))}"
            local |= {a.target} - names.keys()

    def hook(self, name: str) -> list[str]:
        """A rule's hook, then the device that stores what it asks for."""
        block = rule_block(self.rule, name)
        if not block:
            return []
        lines = ["w_old = w", *self.block(block, "rule", {"w": "w"} | {t.name: f"t_{t.name}" for t in self.rule.traces})]
        if self.device.write.strip():
            lines += ["dw = F(w - w_old)", "w = w_old", *self.block(write_block(self.device), "device", {"w": "w", "dw": "dw"})]
        return [*lines, "updates += 1"]


def render_rule(rule: Plasticity, device: Device, precision: str, target_width: int, delay_width: int) -> RuleText:
    """The three kernels of a rule on a device: `row` (a source fires), `post` (a target fires), `flush`. `delay_width` 0: one delay for all."""
    text = _Text(rule, device)
    pre = [t for t in rule.traces if t.side == "pre"]
    post = [t for t in rule.traces if t.side == "post"]
    on_post, on_pre = text.hook("on_post"), text.hook("on_pre")
    for t in rule.traces:
        text.number("rule", t.tau)
    views = _views(pre, post, precision, target_width, delay_width)
    tau = {t.name: "c_rule_" + t.tau for t in rule.traces}

    def synapse(until: str) -> Iterator[str]:
        yield "t, w = np.int64(targets[s]), weights[s]"
        yield f"d = {'np.int64(delays[s])' if delay_width else 'p[DELAY]'}"
        yield "late = max(d, 1)"
        yield f"low, high = since - late, {until} - late"
        yield "first = t * length"
        yield "oldest = max(0, counts[t] - length)"
        yield "j = counts[t] - 1"
        yield "while j >= oldest and history[first + (j & wrap)] > high:"
        yield "    j -= 1"
        yield "newest = j"
        yield "while j >= oldest and history[first + (j & wrap)] > low:"
        yield "    j -= 1"
        yield "for m in range(j + 1, newest + 1):"
        yield "    place = first + (m & wrap)"
        for t in pre:
            yield f"    t_{t.name} = F(b_{t.name} * math.exp(-((history[place] + late - last) * dt) / {tau[t.name]}))"
        for t in post:
            yield f"    t_{t.name} = F(h_{t.name}[place])"
        yield from (f"    {line}" for line in on_post or ["pass"])

    def arrival() -> Iterator[str]:
        yield "if newest >= oldest and history[first + (newest & wrap)] == high:"
        yield "    newest -= 1"
        for t in post:
            yield f"t_{t.name} = F(0.0)"
        yield "if newest >= oldest:"
        yield "    place = first + (newest & wrap)"
        for t in post:
            yield f"    t_{t.name} = F((h_{t.name}[place] + 1.0) * math.exp(-((high - history[place]) * dt) / {tau[t.name]}))"
        yield "    pass"
        for t in pre:
            yield f"t_{t.name} = F(b_{t.name} * math.exp(-((step - last) * dt) / {tau[t.name]}))"
        yield from on_pre
        yield "weights[s] = w"
        yield "ring[(step + d) % p[SLOTS] * p[STRIDE] + t] += w"

    lines = [f"F = np.{'float64' if precision == 'double' else 'float32'}", PRELUDE, _CONSTANTS]
    lines += ["@cfunc(KERNEL_SIGNATURE, cache=True, error_model='numpy')", "def deliver(p_, n_, ids_, counts_, n, step, unused):", *views]
    lines += [
        "    ids, many = view(ids_, n, np.uint32), view(counts_, n, np.int32)",
        "    updates, events = 0, 0",
        "    for e in range(n):",
    ]
    lines += ["        source, count = np.int64(ids[e]), np.int64(many[e]) if counts_ != 0 else 1"]
    lines += ["        events += (starts[source + 1] - starts[source]) * count"]
    lines += ["        last, since = lasts[source], max(lasts[source], flushed[0])"]
    lines += [f"        b_{t.name} = x_{t.name}[source]" for t in pre]
    lines += ["        for again in range(count):", "            for s in range(starts[source], starts[source + 1]):"]
    lines += [f"                {line}" for line in (*synapse("step"), *arrival())]
    lines += [f"            b_{t.name} = b_{t.name} * math.exp(-((step - last) * dt) / {tau[t.name]}) + 1.0" for t in pre]
    lines += ["            last, since = step, step"]
    lines += [f"        x_{t.name}[source] = b_{t.name}" for t in pre]
    lines += ["        lasts[source] = last", "    updated[0] += updates", "    return events", ""]
    lines += ["@cfunc(KERNEL_SIGNATURE, cache=True, error_model='numpy')", "def flush(p_, n_, until, a_, b_, c_, d_):", *views]
    lines += [
        "    updates = 0",
        "    for source in range(p[N_SOURCE]):",
        "        last, since = lasts[source], max(lasts[source], flushed[0])",
    ]
    lines += [f"        b_{t.name} = x_{t.name}[source]" for t in pre]
    lines += ["        for s in range(starts[source], starts[source + 1]):"]
    lines += [f"            {line}" for line in (*synapse("until"), "weights[s] = w")]
    lines += ["    flushed[0] = until", "    updated[0] += updates", "    return updates", ""]
    lines += [
        "@cfunc(KERNEL_SIGNATURE, cache=True, error_model='numpy')",
        "def post(p_, n_, ids_, n_fired, step, low, unused):",
        *views,
        *_post(post, tau),
    ]
    numbers = tuple(text.used)
    return RuleText("\n".join(lines).replace("#NUMBERS", _numbers(numbers)) + "\n", numbers)


_CONSTANTS = "\n".join(
    f"{name} = {globals()[name]}"
    for name in (
        "STARTS",
        "TARGETS",
        "DELAYS",
        "DELAY",
        "WEIGHTS",
        "RING",
        "SLOTS",
        "STRIDE",
        "LAST",
        "HISTORY",
        "COUNT",
        "LENGTH",
        "FLUSHED",
        "LONGEST",
        "MARGIN",
        "N_SOURCE",
        "N_TARGET",
        "UPDATES",
    )
)


def _numbers(names: tuple[str, ...]) -> str:
    """Trace times stay double; the rule's own numbers take the run's precision."""
    return f"    c = carray(n_, ({len(names)},))\n    dt = c[0]\n" + "\n".join(
        f"    c_{n.replace('.', '_')} = {'c' if n == 'dt' or '.tau' in n else 'F(c'}[{k}]{'' if n == 'dt' or '.tau' in n else ')'}"
        for k, n in enumerate(names)
    )


def _views(pre: list, post: list, precision: str, target_width: int, delay_width: int) -> list[str]:  # type: ignore[type-arg]
    places = [(f"x_{t.name}", "p[N_SOURCE]") for t in pre] + [(f"h_{t.name}", "p[N_TARGET] * p[LENGTH]") for t in post]
    return [
        f"    p = carray(p_, ({HEADER + len(places)},))",
        "#NUMBERS",
        "    starts = view(p[STARTS], p[N_SOURCE] + 1, np.int64)",
        "    n_synapses = starts[p[N_SOURCE]]",
        f"    targets = view(p[TARGETS], n_synapses, np.uint{8 * target_width})",
        *([f"    delays = view(p[DELAYS], n_synapses, np.uint{8 * delay_width})"] if delay_width else []),
        "    weights = view(p[WEIGHTS], n_synapses, F)",
        "    ring = view(p[RING], p[SLOTS] * p[STRIDE], F)",
        "    lasts = view(p[LAST], p[N_SOURCE], np.int64)",
        "    length, wrap = p[LENGTH], p[LENGTH] - 1",
        "    history = view(p[HISTORY], p[N_TARGET] * length, np.int64)",
        "    counts = view(p[COUNT], p[N_TARGET], np.int64)",
        "    flushed, updated = view(p[FLUSHED], 1, np.int64), view(p[UPDATES], 1, np.int64)",
        *[f"    {name} = view(p[{HEADER + k}], {size}, np.float64)" for k, (name, size) in enumerate(places)],
    ]


def _post(post: list, tau: Mapping[str, str]) -> Iterator[str]:  # type: ignore[type-arg]
    """Append to the histories of the targets that fired; returns 1 when what is still needed could soon be overwritten."""
    yield "    ids, crowded = view(ids_, n_fired, np.uint32), 0"
    yield "    for e in range(n_fired):"
    yield "        t = np.int64(ids[e]) - low"
    yield "        n = counts[t]"
    yield "        here, before = t * length + (n & wrap), t * length + ((n - 1) & wrap)"
    yield "        history[here] = step"
    for trace in post:
        yield f"        h_{trace.name}[here] = (h_{trace.name}[before] + 1.0) * math.exp(-((step - history[before]) * dt) / {tau[trace.name]}) if n > 0 else 0.0"
    yield "        counts[t] = n + 1"
    yield "        soon = n + 2 - length + p[MARGIN]"
    yield "        crowded |= 1 if soon >= 0 and history[t * length + (soon & wrap)] >= flushed[0] - p[LONGEST] else 0"
    yield "    return crowded"


class Learning:
    """One plastic projection at work: weights, histories and traces of every part."""

    def __init__(self, projection: FlatProjection, rows: list[Rows], n_source: int, dt: float, precision: str) -> None:
        rule, device = projection.plasticity.model, projection.device.model
        _refuse(projection.path, rule, device)
        self.rule, self.rows, self.n_source = rule, rows, n_source
        self._pointers: dict[int, np.ndarray] = {}
        self.dtype = np.dtype(np.float64 if precision == "double" else np.float32)
        widths = rows[0].targets.dtype.itemsize, 0 if rows[0].delays is None else rows[0].delays.dtype.itemsize
        self.text = render_rule(rule, device, precision, *widths)
        self.weights = [np.full(r.n, r.weight, self.dtype) if r.weights is None else np.array(r.weights, self.dtype) for r in rows]
        self._scalars = np.array([dt if n == "dt" else _scalar(projection, *n.split(".", 1)) for n in self.text.numbers])

    def compile(self) -> tuple[int, int, int]:
        """The addresses of the three kernels."""
        module = store.load(self.text.source)
        return module.deliver.address, module.post.address, module.flush.address

    def allocate(self, slice_steps: int, longest: int) -> None:
        """Histories long enough that one flush always makes room for a slice in which every neuron fires every step."""
        margin = 2 * slice_steps + 4
        self.longest, self.margin = max(longest, 1), margin
        self.length = 1 << int(np.ceil(np.log2(max(32, 2 * (self.longest + 2 * margin)))))
        n_pre = sum(t.side == "pre" for t in self.rule.traces)
        n_post = len(self.rule.traces) - n_pre
        sizes = [r.high - r.low for r in self.rows]
        self.lasts = [np.full(self.n_source, NEVER, np.int64) for _ in sizes]
        self.history = [np.zeros(n * self.length, np.int64) for n in sizes]
        self.counts = [np.zeros(n, np.int64) for n in sizes]
        self.flushed = [np.full(1, NEVER, np.int64) for _ in sizes]
        self.pre = [[np.zeros(self.n_source) for _ in range(n_pre)] for _ in sizes]
        self.post = [[np.zeros(n * self.length) for _ in range(n_post)] for n in sizes]

    def flush(self, part: int, until: int) -> int:
        """Apply the post spikes that reached the synapses up to step `until`; returns how many updates that were."""
        kernel = store.load(self.text.source).flush.ctypes
        as_long, as_double = ctypes.POINTER(ctypes.c_int64), ctypes.POINTER(ctypes.c_double)
        tables = self._pointers[part].ctypes.data_as(as_long), self._scalars.ctypes.data_as(as_double)
        return int(kernel(*tables, until, 0, 0, 0, 0))

    def write(
        self, row: np.ndarray, part: int, kernels: tuple[int, int, int], ring: np.ndarray, updates: np.ndarray, keep: list[np.ndarray]
    ) -> None:
        """Fill the rule's columns of a projection's row, and its pointer table."""
        r = self.rows[part]
        p = np.zeros(HEADER + len(self.rule.traces), np.int64)
        p[STARTS], p[TARGETS], p[DELAYS], p[DELAY] = address(r.starts), address(r.targets), address(r.delays), r.delay
        p[WEIGHTS], p[RING], p[SLOTS], p[STRIDE] = address(self.weights[part]), address(ring), ring.shape[0], ring.shape[1]
        p[LAST], p[HISTORY], p[COUNT], p[LENGTH] = (
            address(self.lasts[part]),
            address(self.history[part]),
            address(self.counts[part]),
            self.length,
        )
        p[UPDATES] = address(updates)
        p[FLUSHED], p[LONGEST], p[MARGIN] = address(self.flushed[part]), self.longest, self.margin
        p[N_SOURCE], p[N_TARGET] = self.n_source, r.high - r.low
        p[HEADER:] = [address(a) for a in (*self.pre[part], *self.post[part])]
        keep.append(p)
        self._pointers[part] = p
        row[L.FORM], row[L.ROW_POINTERS], row[L.ROW_NUMBERS] = L.LISTED_SPIKES, address(p), address(self._scalars)
        row[L.ROW_KERNEL], row[L.POST_KERNEL], row[L.FLUSH_KERNEL] = kernels


def _refuse(where: str, rule: Plasticity, device: Device) -> None:
    """Raise FindingError for what a model may say but the kernels here do not do."""
    found = []
    if rule.every.strip():
        text = f"“{rule.title}” asks for updates at intervals, which the engine does not apply yet."
        found.append(Finding("text.every", "error", f"{where}.plasticity", text, "Choose a rule that acts at spikes."))
    blocks = {"plasticity": (rule, [*rule_block(rule, "on_pre"), *rule_block(rule, "on_post")]), "device": (device, write_block(device))}
    for part, (model, block) in blocks.items():
        if used := sorted({name for a in block for name in draws(a.value) & DRAWS.keys()}):
            text = f"“{model.title}” draws random numbers ({', '.join(used)}) when a weight changes, which the engine does not do yet."
            found.append(Finding("text.draw", "error", f"{where}.{part}", text, "Choose a model without draws."))
    if found:
        raise FindingError(found)


def _scalar(projection: FlatProjection, owner: str, name: str) -> float:
    params = (projection.plasticity if owner == "rule" else projection.device).params
    value = params[name]
    if not isinstance(value, (int, float)):
        raise FindingError(
            [
                Finding(
                    "bounds.shared", "error", f"{projection.path}.{name}", "one value for all synapses is needed here, not one per synapse."
                )
            ]
        )
    return float(value)
