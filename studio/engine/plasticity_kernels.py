"""The kernels of a learning rule, rendered for its hooks and for the storage at hand.

Every kernel walks rows in blocks of BLOCK synapses, each block in four simple passes:

1. *gather*: which post spike reached the synapse last since it was last seen, and the traces there (`tp_`, `th_`, `tq_`; `tp_` below zero: none);
2. *older*: the few synapses that more than one post spike reached take all but the newest, oldest first;
3. *rule*: the newest post spike, then the arrival, as arithmetic on neighbouring values that vectorises (branches are selects);
4. *scatter*: the weights, or what devices read and the rule transmits of them, are added to the input of their targets.

What synapses and devices keep beside the weight (`ys_`, `zs_`, `written`) is taken out of a block and put back by the passes that use it.
A source's states (`xs_`) change once for each of its spikes, before its row.

Exponentials come from a table of whole steps (`decay`), beyond it from `exp` itself: the same bits.

Post spikes are kept in one log per part, in order of time: step, target, how many entries back the same target's spike before lies, and
the post traces just before the spike. Per target, `recent` has the steps of the last two spikes that have arrived, `s3` that of
the third, and `n1` the log's number of the last. Where all synapses have one delay "arrived" means at this step (a cursor moves through the log); otherwise the
last three spikes of all, and a synapse that one of them has not reached yet looks in the log. Steps in the log are counted from `EPOCH`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from textwrap import dedent, indent

from studio.engine import plasticity_layout as layout
from studio.engine.kernels import PRELUDE
from studio.engine.plasticity_arrays import Form, normals, other_arrays, trace_arrays
from studio.engine.plasticity_passes import Passes, block, lines
from studio.engine.plasticity_text import Hooks
from studio.models.spec import Device, Plasticity, Trace


@dataclass(frozen=True)
class RuleText:
    """A rule's kernels as text, the names of the numbers in their table, and the names of the arrays per trace."""

    source: str
    numbers: tuple[str, ...]
    arrays: tuple[str, ...]


def render_rule(rule: Plasticity, device: Device, form: Form, hooks: Hooks | None = None) -> RuleText:
    """The kernels of a rule on a device: `deliver` (sources fire), `post` (targets fire), `flush`, and `every` where the rule has one."""
    hooks = hooks or Hooks(rule, device)
    w = _Writer(hooks, form)
    parts = [w.frame(), w.arrive(), w.post(), w.deliver(), w.flush()]
    if hooks.block("every"):
        parts.append(w.every())
    numbers = tuple(hooks.used)
    source = "\n\n".join(_with_views(part, w.views(numbers)) for part in parts)
    return RuleText(source, numbers, (*trace_arrays(hooks), *(name for name, *_ in other_arrays(hooks, form))))


def _with_views(part: str, views: list[str]) -> str:
    """Functions, each with those views that it uses: every other one would have to be compiled."""
    functions = part.split("@cfunc")
    return "@cfunc".join(f.replace("    #VIEWS\n", indent(lines(_used(f, views)), "    ") + "\n") for f in functions)


def _used(text: str, views: list[str]) -> list[str]:
    """The assignments among `views` that a text needs, and those that they need."""
    names, out = set(re.findall(r"\w+", text)), []
    for line in reversed(views):
        if names & set(re.findall(r"\w+", line.split(" = ")[0])):
            names |= set(re.findall(r"\w+", line))
            out.append(line)
    return out[::-1]


class _Writer:
    """Writes the kernels of one rule on one device for one form."""

    def __init__(self, hooks: Hooks, form: Form) -> None:
        self.hooks, self.form = hooks, form
        self.passes = Passes(hooks, form.delays > 0)
        self.own_delays = form.delays > 0

    def frame(self) -> str:
        """Names, constants, and the functions that every kernel uses."""
        real = f"F = np.float{64 if self.form.precision == 'double' else 32}"
        constants = "\n".join(f"{name} = {value}" for name, value in layout.constants().items())
        more = "from studio.engine.random import CENTRE, normal_quantile, quantile_centre\n" if normals(self.hooks) else ""
        return f"{more}{real}\n{PRELUDE}{constants}\n\n{_FUNCTIONS}"

    def views(self, numbers: tuple[str, ...]) -> list[str]:
        """Every array and number as the kernels name them. Trace times stay double; the rule's own numbers take the run's precision."""
        names = trace_arrays(self.hooks)
        real = {n for n in numbers if n in ("dt", "waited") or ".tau" in n}
        kinds = {"x": ("n_source", "np.float64"), "table": ("TABLE + 1", "F"), "log": ("capacity", "np.float64"), "k": ("n_target", "F"),
                 "exp": ("TABLE", "np.float64"), "tp": ("BLOCK", "F"), "th": ("BLOCK", "F"), "tq": ("BLOCK", "F")}  # fmt: skip
        per_trace = [(n, *kinds.get(n.split("_", 1)[0], ("n_target", "np.float64"))) for n in names] + other_arrays(self.hooks, self.form)
        return [
            f"p = carray(p_, ({layout.HEADER + len(per_trace)},))",
            f"c = carray(n_, ({len(numbers)},))",
            "dt = c[0]",
            *(f"c_{n.replace('.', '_')} = {f'c[{k}]' if n in real else f'F(c[{k}])'}" for k, n in enumerate(numbers)),
            *(f"{n} = p[{n.upper()}]" for n in ("n_source", "n_target", "capacity")),
            "starts = view(p[STARTS], n_source + 1, np.int64)",
            "n_synapses = starts[n_source]",
            f"targets = view(p[TARGETS], n_synapses, np.uint{8 * self.form.targets})",
            f"delays = view(p[DELAYS], n_synapses, np.uint{8 * self.form.delays})" if self.own_delays else "late = max(p[DELAY], 1)",
            "weights = view(p[WEIGHTS], n_synapses, F)",
            "times = view(p[TIMES], n_synapses, np.uint32)",
            "updated = view(p[UPDATED], 1, np.int64)",
            *(f"{n} = view(p[{n.upper()}], {size}, np.{kind})" for n, size, kind, _ in layout.ARRAYS),
            *(f"{n} = view(p[{layout.HEADER + k}], {size}, {kind})" for k, (n, size, kind) in enumerate(per_trace)),
        ]

    # time moves on

    def arrive(self) -> str:
        """Spikes that have arrived by `step` (`ARRIVED`), and those that came strictly earlier than any synapse hears now (`EARLIER`)."""
        post = self.hooks.post
        arrived = [
            "at = state[ARRIVED]",
            block(
                "while at < head and log_step[place(at, capacity)] <= high:",
                "here = place(at, capacity)",
                "t = np.int64(log_who[here])",
                "s3[t], recent[2 * t + 1], recent[2 * t], n1[t] = recent[2 * t + 1], recent[2 * t], log_step[here], at",
                (f"h_{t.name}[t] = log_{t.name}[here]" for t in post),
                "at += 1",
            ),
            "state[ARRIVED] = at",
        ]
        return lines(
            '@njit(error_model="numpy")',
            "def arrive(p_, n_, step):",
            "    #VIEWS",
            indent(
                lines(
                    "high, head = step - p[LONGEST] - state[EPOCH], state[HEAD]",
                    [] if self.own_delays else arrived,
                    "at = state[EARLIER]",
                    block(
                        "while at < head and log_step[place(at, capacity)] < high:",
                        "here = place(at, capacity)",
                        "t = np.int64(log_who[here])",
                        "e_step[t] = log_step[here] + state[EPOCH]",
                        (f"e_{t.name}[t] = log_{t.name}[here]" for t in post),
                        "at += 1",
                    ),
                    "state[EARLIER] = at",
                ),
                "    ",
            ),
            "",
        )

    def settle(self, traces: list[Trace]) -> str:
        """The post traces of all targets at one step: less work than synapse by synapse where many sources fire."""
        near = [
            "stop = min(begin + BLOCK, n_target)",
            "last = e_step[begin:stop]",
            block("for i in range(last.shape[0]):", "d = now - last[i]", "far += np.int64(d >= TABLE)", "busy[i] = min(d, TABLE - 1)"),
        ]
        for t in traces:
            near += [
                f"value, out = e_{t.name}[begin:stop], k_{t.name}[begin:stop]",
                block(
                    "for i in range(value.shape[0]):", f"out[i] = F({self.passes.after('value[i]', t)} * exp_{t.name}[np.uint32(busy[i])])"
                ),
            ]
        after = self.passes.after
        far = (f"k_{t.name}[t] = F({self.passes.decayed(after(f'e_{t.name}[t]', t), t, 'now - e_step[t]')})" for t in traces)
        return lines(
            '@njit(error_model="numpy")',
            "def settle(p_, n_, step):",
            "    #VIEWS",
            indent(
                lines(
                    "now, far = step - late, 0",
                    block("for begin in range(0, n_target, BLOCK):", near),
                    block("if far > 0:", block("for t in range(n_target):", block("if now - e_step[t] >= TABLE:", far))),
                    "state[SETTLED] = step",
                ),
                "    ",
            ),
            "",
        )

    def post(self) -> str:
        """Targets fire: append to the log; returns 1 when entries that a row still needs could soon be overwritten."""
        after = self.passes.after
        moved = ["s3[t], recent[2 * t + 1], recent[2 * t] = recent[2 * t + 1], recent[2 * t], np.int32(rel)"] if self.own_delays else []
        return self._kernel(
            "post(p_, n_, ids_, n, step, low_id, unused)",
            "ids, head, rel = view(ids_, n, np.uint32), state[HEAD], step - state[EPOCH]",
            block(
                "for e in range(n):",
                "t = np.int64(ids[e]) - low_id",
                "seq, before_ = head + e, l_seq[t]",
                "here = place(seq, capacity)",
                "log_step[here], log_who[here] = rel, t",
                "log_back[here] = seq - before_ if before_ >= 0 and seq - before_ < capacity else 0",
                (f"l_{t.name}[t] = {self.passes.decayed(after(f'l_{t.name}[t]', t), t, 'step - l_step[t]')}" for t in self.hooks.post),
                (f"log_{t.name}[here] = l_{t.name}[t]" for t in self.hooks.post),
                "l_step[t], l_seq[t] = step, seq",
                moved,
            ),
            "head += n",
            "state[HEAD] = head",
            "arrive(p_, n_, step - p[SLICE])",
            "oldest = head + 2 * p[SLICE] * n_target - capacity",
            block("if oldest >= 0:", "state[NEED] = log_step[place(oldest, capacity)] + state[EPOCH] + p[LONGEST]"),
            "return 1 if oldest >= 0 and state[NEED] > state[FLUSHED] else 0",
        )

    # rows

    def deliver(self) -> str:
        """Sources fire: their rows learn what reached them, then the arrival, and add their weights to the ring."""
        hooks, passes = self.hooks, self.passes
        at_pre = hooks.reads("on_pre")
        post_at_pre = [t for t in at_pre if t.side == "post"]
        pre = hooks.pre
        counted = [f"updates += {'end - first' if hooks.block('on_pre') else '0'}"]
        names = [s.name for s in hooks.rule.source_states]
        leaving = []
        if hooks.block("at_source"):
            leaving = [
                ["gap_, first_ = F((step - last) * dt) if last != NEVER else F(0.0), F(1.0) if last == NEVER else F(0.0)", "now = step"],
                [f"q_{name} = o_{name}" for name in names],
                hooks.leaving(),
            ]
        begin = [
            "ids, counts, until = view(ids_, n, np.uint32), view(counts_, n if counts_ != 0 else 0, np.int32), step",
            "events, updates, head, epoch = 0, 0, state[HEAD], state[EPOCH]",
        ]
        ring = ["slots, stride = p[SLOTS], p[STRIDE]", "base = step % slots", "ring = view(p[RING], slots * stride, F)"]
        if not self.own_delays:
            ring = [f"ring = view(p[RING] + (step + p[DELAY]) % p[SLOTS] * p[STRIDE] * {self._width()}, p[STRIDE], F)"]
        return self._kernel(
            "deliver(p_, n_, ids_, counts_, n, step, unused)",
            begin,
            ring,
            "arrive(p_, n_, step)",
            self._settling() if post_at_pre and not self.own_delays else [],
            block(
                "for e in range(n):",
                "source, count = np.int64(ids[e]), np.int64(counts[e]) if counts_ != 0 else 1",
                "first, end = starts[source], starts[source + 1]",
                "ahead = starts[ids[min(e + 1, n - 1)]]",
                f"prefetch_bytes(p[TARGETS] + ahead * {self.form.targets}, 1024)",
                f"prefetch_bytes(p[WEIGHTS] + ahead * {self._width()}, 2048)",
                "events += (end - first) * count",
                "last, since = lasts[source], sinces[source]",
                (f"b_{t.name} = x_{t.name}[source]" for t in pre),
                (f"o_{name} = xs_{name}[source]" for name in names),
                block(
                    "for again in range(count):",
                    leaving,
                    (f"g_{t.name} = {passes.decayed(f'b_{t.name}', t, 'step - last')}" for t in pre),
                    (f"r_{t.name} = F(g_{t.name})" for t in pre),
                    self._blocks(passes.gather(True, post_at_pre), passes.older(), passes.rule(True, "on_pre"), passes.scatter()),
                    counted,
                    (f"b_{t.name} = {'1.0' if t.nearest else f'g_{t.name} + 1.0'}" for t in pre),
                    "last, since = step, step",
                ),
                (f"x_{t.name}[source] = b_{t.name}" for t in pre),
                (f"xs_{name}[source] = o_{name}" for name in names),
                "lasts[source], sinces[source] = step, step",
            ),
            "updated[0] += updates",
            "return events",
            before=self.settle(post_at_pre) if post_at_pre and not self.own_delays else "",
        )

    def flush(self) -> str:
        """Rows take what reached them until step `until`: those that post spikes about to be overwritten concern, or all."""
        shift = ["state[EPOCH] = until", "shift = until - epoch"]
        shift += [
            block(f"for t in range({a}.shape[0]):", f"{a}[t] = max({a}[t] - shift, NEVER32 + 1) if {a}[t] > NEVER32 else NEVER32")
            for a in ("log_step", "recent", "s3")
        ]
        return self._kernel(
            "flush(p_, n_, until, everything, a_, b_, c_)",
            "arrive(p_, n_, until)",
            "updates, head, epoch = 0, state[HEAD], state[EPOCH]",
            "whole = everything != 0 or until - epoch > p[LIMIT]",
            "oldest = until",
            block(
                "for source in range(n_source):",
                block(
                    "if sinces[source] < until and (whole or sinces[source] < state[NEED]):",
                    "first, end = starts[source], starts[source + 1]",
                    "last, since = lasts[source], sinces[source]",
                    (f"b_{t.name} = x_{t.name}[source]" for t in self.hooks.pre),
                    (f"q_{s.name} = xs_{s.name}[source]" for s in self.hooks.rule.source_states),
                    self._blocks(self.passes.gather(True, []), self.passes.older(), self.passes.rule(True, "")),
                    "sinces[source] = until",
                ),
                "oldest = min(oldest, sinces[source])",
            ),
            "state[FLUSHED] = oldest",
            block("if until - epoch > p[LIMIT]:", shift),
            "updated[0] += updates",
            "return 0",
        )

    def every(self) -> str:
        """At the beginning of step `until`: the rule's `every` for all synapses. Everything up to the step before is flushed already."""
        hooks, passes = self.hooks, self.passes
        arrival = [t for t in hooks.reads("every") if t.side == "post"]
        pre = [t for t in hooks.reads("every") if t.side == "pre"]
        return self._kernel(
            "every(p_, n_, until, a_, b_, c_, d_)",
            "arrive(p_, n_, until)",
            "updates, head, epoch, settled = 0, state[HEAD], state[EPOCH], False",
            block(
                "for source in range(n_source):",
                "first, end = starts[source], starts[source + 1]",
                "since = sinces[source]",
                (f"r_{t.name} = F({passes.decayed(f'x_{t.name}[source]', t, 'until - lasts[source]')})" for t in pre),
                (f"o_{s.name} = xs_{s.name}[source]" for s in hooks.rule.source_states),
                self._blocks(passes.gather(False, arrival), passes.rule(False, "every"), table=False),
                "updates += end - first",
            ),
            "updated[0] += updates",
            "return 0",
        )

    def _settling(self) -> list[str]:
        """Whether the post traces of all targets are computed first: where the rows are as long as half the targets, or it was done for this step."""
        return [
            "crossed = 0",
            block("for e in range(n):", "crossed += starts[np.int64(ids[e]) + 1] - starts[np.int64(ids[e])]"),
            "settled = state[SETTLED] == step or 2 * crossed >= n_target",
            block("if settled and state[SETTLED] != step:", "settle(p_, n_, step)"),
        ]

    def _blocks(self, *passes: str, table: bool = True) -> list[str]:
        """The passes over a row, block by block."""
        low = "" if self.own_delays else "low = np.int32(max(since - epoch - late, NEVER32))"
        return [
            low,
            self.passes.row_table() if table else "",
            block(
                "for begin in range(first, end, BLOCK):",
                "stop = min(begin + BLOCK, end)",
                "to, own = targets[begin:stop], weights[begin:stop]",
                [f"{k.block} = {k.array}[begin:stop]" for k in self.hooks.kept if any(f"{k.block}[" in text for text in passes)],
                passes,
            ),
        ]

    def _kernel(self, signature: str, *body: str | Iterable[str], before: str = "") -> str:
        decorator = "@cfunc(KERNEL_SIGNATURE, cache=True, error_model='numpy')"
        return lines(f"{before}\n" if before else "", decorator, f"def {signature}:", "    #VIEWS", indent(lines(*body), "    ")) + "\n"

    def _width(self) -> int:
        return 8 if self.form.precision == "double" else 4


_FUNCTIONS = dedent(
    '''
    @njit(inline="always", error_model="numpy")
    def decay(table, n, dt, tau):
        """exp(-n dt / tau)."""
        return table[np.uint64(n)] if n < TABLE else math.exp(-(n * dt) / tau)


    @njit(inline="always", error_model="numpy")
    def place(seq, capacity):
        """Where the log keeps its entry number `seq`."""
        return np.int64(np.uint64(seq) % np.uint64(capacity))


    @njit(error_model="numpy")
    def before(log_back, seq, head, capacity):
        """The entry before `seq` of the same target, or -1 where there is none left."""
        back = np.int64(log_back[place(seq, capacity)])
        return seq - back if back > 0 and seq - back >= head - capacity else -1
    '''
)
