"""The passes over a block of synapses that a learning rule's kernels are made of; `plasticity_kernels` says what the names mean."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import indent

from studio.engine.plasticity_text import Hooks
from studio.models.spec import Trace

Lines = str | Iterable["Lines"]


def lines(*parts: Lines) -> str:
    """Lines, or lists of lines, put together; empty ones are left out."""
    texts = (part if isinstance(part, str) else lines(*part) for part in parts)
    return "\n".join(text for text in texts if text)


def block(head: str, *parts: Lines) -> str:
    """A compound statement and its indented body."""
    return head + "\n" + indent(lines(*parts), "    ")


class Passes:
    """Renders the passes for a rule's hooks; `own_delays`: every synapse has its delay, else one holds for all."""

    def __init__(self, hooks: Hooks, own_delays: bool) -> None:
        self.hooks, self.own_delays = hooks, own_delays
        self.at_post = hooks.reads("on_post")
        self.pre_at_post = [t for t in self.at_post if t.side == "pre"]
        self.post_at_post = [t for t in self.at_post if t.side == "post"]
        self.on_post = hooks.lines("on_post")
        self.drawing = hooks.draws("on_post")
        self.timed = hooks.timed("on_post")  # then each event's own step is kept

    def decayed(self, value: str, trace: Trace, steps: str) -> str:
        """A trace's value some whole steps later, in double precision."""
        return f"{value} * decay(exp_{trace.name}, {steps}, dt, {self.hooks.tau(trace)})"

    def after(self, value: str, trace: Trace) -> str:
        """A trace just after a spike, from its value just before; that is below zero where there was none yet."""
        return f"(1.0 if {value} >= 0.0 else 0.0)" if trace.nearest else f"({value} + 1.0)"

    # what a row needs before its blocks

    def row_table(self) -> str:
        """The pre traces at every step a post spike may have arrived at since the row was last seen, where that is less work than one by one."""
        if not self.pre_at_post:
            return "tabled = False"
        fill = (
            block(
                "for s in range(till.shape[0]):",
                f"till[s] = F(b_{t.name} * there[s])",
            )
            for t in self.pre_at_post
        )
        parts = []
        for t, loop in zip(self.pre_at_post, fill, strict=True):
            parts += [
                f"table_{t.name}[0] = F(-1.0)",  # not reached
                f"till, there = table_{t.name}[1 : until - since + 1], exp_{t.name}[since - last + 1 : until - last + 1]",
                loop,
            ]
        return lines("tabled = until - last < TABLE and until - since <= 4 * (end - first)", block("if tabled:", parts))

    def pre_traces(self, into: str) -> list[str]:
        """The pre traces at the post spike of step `s`; `into` with {0} for the trace's name."""
        if not self.pre_at_post:
            return []
        names = [t.name for t in self.pre_at_post]
        return [
            block("if tabled:", [f"{into.format(n)} = table_{n}[np.uint64(s - low)]" for n in names]),
            block(
                "else:",
                [f"{into.format(t.name)} = F({self.decayed('b_' + t.name, t, 's - low + since - last')})" for t in self.pre_at_post],
            ),
        ]

    # gather

    def gather(self, events: bool, arrival: list[Trace]) -> str:
        """What reached each synapse of the block, and the post traces (`arrival`) now."""
        if self.own_delays:
            return self._gather_each(events and bool(self.on_post), arrival)
        if not (events and self.on_post):
            return lines(self._arrival_pass(arrival))
        quick = "tabled and settled" if arrival else "tabled"
        return lines(
            "n_busy = 0",
            block(f"if {quick}:", self._quick_pass(arrival)),
            block("else:", self._event_pass(), self._arrival_pass(arrival)),
            (block("for i in range(to.shape[0]):", f"th_{t.name}[i] = F(h_{t.name}[to[i]])") for t in self.post_at_post),
        )

    def _quick_pass(self, arrival: list[Trace]) -> str:
        """Everything at hand: one loop without a branch."""
        return block(
            "for i in range(to.shape[0]):",
            "t = np.uint64(to[i])",
            "back = np.int64(recent[U64(2) * t]) - low",
            (f"tp_{t.name}[i] = table_{t.name}[np.uint64(max(back, 0))]" for t in self.pre_at_post),
            [] if self.pre_at_post else "ev[i] = np.int32(back > 0)",
            (f"tq_{t.name}[i] = k_{t.name}[t]" for t in arrival),
            self._when("np.int64(recent[U64(2) * t])"),
            "busy[np.uint64(n_busy)] = i",
            "n_busy += np.int64(recent[U64(2) * t + U64(1)] > low)",
        )

    def _event_pass(self) -> str:
        return block(
            "for i in range(to.shape[0]):",
            "t = np.uint64(to[i])",
            "s = np.int64(recent[U64(2) * t])",
            self.mark("s > low"),
            self._when("s"),
            block("if s > low:", self.pre_traces("tp_{0}[i]")) if self.pre_at_post else [],
            "busy[np.uint64(n_busy)] = i",
            "n_busy += np.int64(recent[U64(2) * t + U64(1)] > low)",
        )

    def mark(self, reached: str) -> str:
        """Note whether a post spike reached synapse i: a trace below zero says no, where a trace is read at all."""
        return f"tp_{self.pre_at_post[0].name}[i] = F(-1.0)" if self.pre_at_post else f"ev[i] = np.int32({reached})"

    def _when(self, step: str) -> list[str]:
        return [f"when[i] = {step} + epoch + late"] if self.timed else []

    @property
    def marked(self) -> str:
        return f"tp_{self.pre_at_post[0].name}[i] >= F(0.0)" if self.pre_at_post else "ev[i] > 0"

    def _arrival_pass(self, arrival: list[Trace]) -> str:
        if not arrival:
            return ""
        return block(
            "for i in range(to.shape[0]):",
            block("if settled:", (f"tq_{t.name}[i] = k_{t.name}[to[i]]" for t in arrival)),
            block(
                "else:",
                (
                    f"tq_{t.name}[i] = F({self.decayed(self.after(f'e_{t.name}[to[i]]', t), t, 'until - late - e_step[to[i]]')})"
                    for t in arrival
                ),
            ),
        )

    def _gather_each(self, events: bool, arrival: list[Trace]) -> str:
        """A delay per synapse: it may not have been reached yet by the last spikes of its target. Those are few (`odd`), and are looked at singly."""
        if not events and not arrival:
            return ""
        everyone = block("for i in range(to.shape[0]):", "odd[i] = i")
        quick = self._quick_each(events, arrival)
        if events and self.pre_at_post:
            quick = lines(block("if tabled:", quick), block("else:", "n_odd = to.shape[0]", everyone))
        find = [
            "i = odd[j]",
            "t, late = np.int64(to[i]), max(np.int64(delays[begin + i]), 1)",
            "high, low = until - epoch - late, max(since - epoch - late, NEVER32)",
            "s, at = np.int64(recent[2 * t]), n1[t]",
            block(
                "while s > high:",
                "at = before(log_back, at, head, capacity)",
                "s = np.int64(log_step[place(at, capacity)]) if at >= 0 else NEVER32",
            ),
        ]
        event = []
        if events:
            event = [
                self.mark("s > low"),
                self._when("s"),
                "from_[i] = at",
                block(
                    "if s > low:",
                    self.pre_traces("tp_{0}[i]"),
                    [f"th_{t.name}[i] = F(l_{t.name}[t] if at == n1[t] else log_{t.name}[place(at, capacity)])" for t in self.post_at_post],
                    "second = np.int64(recent[2 * t + 1])",
                    block(
                        "if at != n1[t]:",
                        "at2 = before(log_back, at, head, capacity)",
                        "second = np.int64(log_step[place(at2, capacity)]) if at2 >= 0 else NEVER32",
                    ),
                    "busy[n_busy] = i",
                    "n_busy += np.int64(second > low)",
                ),
            ]
        return lines("n_busy, n_odd = 0, 0", quick, block("for j in range(n_odd):", find, event, self._post_traces(arrival)))

    def _quick_each(self, events: bool, arrival: list[Trace]) -> str:
        """Without a branch, as if all had arrived; and a list of the synapses for which that is not so or a table is too short."""
        hidden = "(s >= high) | (d >= TABLE)" if arrival else "s >= high"
        event = [
            "back = min(max(s - low, 0), until - since)",
            (f"tp_{t.name}[i] = table_{t.name}[np.uint64(back)]" for t in self.pre_at_post),
            [] if self.pre_at_post else "ev[i] = np.int32(s > low)",
            (f"th_{t.name}[i] = F(l_{t.name}[t])" for t in self.post_at_post),
            self._when("s"),
            "from_[i] = n1[t]",
            "busy[np.uint64(n_busy)] = i",
            "n_busy += np.int64((not hidden) & (recent[U64(2) * t + U64(1)] > low))",
        ]
        now = [
            f"tq_{t.name}[i] = F({self.after(f'l_{t.name}[t]', t)} * exp_{t.name}[np.uint64(min(max(d, 0), TABLE - 1))])" for t in arrival
        ]
        return block(
            "for i in range(to.shape[0]):",
            "t, late = np.uint64(to[i]), max(np.int64(delays[begin + i]), 1)",
            "high, low = until - epoch - late, max(since - epoch - late, NEVER32)",
            "s = np.int64(recent[U64(2) * t])",
            ["d = until - late - l_step[t]", now] if arrival else [],
            f"hidden = {hidden}",
            "odd[np.uint64(n_odd)] = i",
            "n_odd += np.int64(hidden)",
            event if events else [],
        )

    def _post_traces(self, arrival: list[Trace]) -> list[str]:
        """The post traces at the synapse now: of the last spike that came strictly earlier."""
        if not arrival:
            return []

        def now(value: str, steps: str) -> list[str]:
            return [f"tq_{t.name}[i] = F({self.decayed(self.after(value.format(t.name), t), t, steps)})" for t in arrival]

        return [
            block("if at == n1[t] and s < high:", now("l_{0}[t]", "until - late - l_step[t]")),
            block(
                "else:",
                block(
                    "if s == high:",
                    "at = before(log_back, at, head, capacity)",
                    "s = np.int64(log_step[place(at, capacity)]) if at >= 0 else NEVER32",
                ),
                block("if at >= 0:", now("log_{0}[place(at, capacity)]", "high - s")),
                block("else:", now("e_{0}[t]", "until - late - e_step[t]")),
            ),
        ]

    # older, rule, scatter

    def older(self) -> str:
        """All but the newest post spike of the synapses that more than one reached, oldest first."""
        if not self.on_post:
            return ""
        delay = ["late = max(np.int64(delays[begin + i]), 1)", "low = max(since - epoch - late, NEVER32)"] if self.own_delays else []
        newest = "from_[i]" if self.own_delays else "n1[t]"
        now = ["now = s + epoch + late"] if self.timed else []
        load, store = self.carried(self.on_post)
        update = [*now, *self.pre_traces("t_{0}"), *(f"t_{t.name} = F(log_{t.name}[here])" for t in self.post_at_post), *self.on_post]
        walk = [
            "m, at = 0, before(log_back, newest, head, capacity)",
            block("while at >= 0 and log_step[place(at, capacity)] > low:", "m += 1", "at = before(log_back, at, head, capacity)"),
            "updates += m",
            block(
                "while m > 0:",
                "at = newest",
                block("for skipped in range(m - STACK):", "at -= np.int64(log_back[place(at, capacity)])"),
                "take = min(m, STACK)",
                block("for k in range(take):", "at -= np.int64(log_back[place(at, capacity)])", "stacked[k] = place(at, capacity)"),
                block("for k in range(take):", "here = stacked[take - 1 - k]", "s = np.int64(log_step[here])", update),
                "m -= take",
            ),
        ]
        if not self.post_at_post:  # most often there is just one more, whose step is at hand
            one = f"s3[t] <= low{' and newest == n1[t]' if self.own_delays else ''}"
            single = ["s = np.int64(recent[2 * t + 1])", now, self.pre_traces("t_{0}"), self.on_post, "updates += 1"]
            walk = [block(f"if {one}:", *single), block("else:", walk)]
        return block(
            "for j in range(n_busy):",
            "i = busy[j]",
            "t = np.int64(to[i])",
            delay,
            f"newest = {newest}",
            "w = own[i]",
            load,
            walk,
            "own[i] = w",
            store,
        )

    def carried(self, lines: list[str]) -> tuple[list[str], list[str]]:
        """What some lines need of what synapse i keeps, taken out of the block, and put back where they assign it."""
        taken = [f"{k.var} = {k.block}[i]" for k in self.hooks.touched(lines)]
        return taken, [f"{k.block}[i] = {k.var}" for k in self.hooks.touched(lines, assigned=True)]

    def rule(self, events: bool, hook: str) -> str:
        """The newest post spike where there is one, then `hook` (empty: nothing)."""
        event = self._newest() if events and self.on_post else []
        here = self.hooks.lines(hook) if hook else []
        if not event and not here:
            return ""
        now = [f"t_{t.name} = {f'r_{t.name}' if t.side == 'pre' else f'tq_{t.name}[i]'}" for t in self.hooks.reads(hook)] if here else []
        now += [f"pv_{name} = F(ps_{name}[to[i]])" for name in self.hooks.rule_form.post] if hook == "every" else []
        step = "now = until" if hook and self.hooks.timed(hook) else ""
        load, store = self.carried([*(self.on_post if event else []), *here])
        return block("for i in range(own.shape[0]):", "w = own[i]", load, event, now, step, here, "own[i] = w", store)

    def _newest(self) -> Lines:
        """The newest post spike: where something is drawn, a branch spares the others; else a select, which vectorises."""
        traces = [f"t_{t.name} = t{'p' if t.side == 'pre' else 'h'}_{t.name}[i]" for t in self.at_post]
        now = ["now = when[i]"] if self.timed else []
        if self.drawing:
            return [block(f"if {self.marked}:", now, traces, self.on_post, "updates += 1")]
        changed = ["w", *(k.var for k in self.hooks.touched(self.on_post, assigned=True))]
        return [
            [f"{v}_before = {v}" for v in changed],
            now,
            traces,
            self.on_post,
            f"reached = {self.marked}",
            "updates += np.int64(reached)",
            [f"{v} = {v} if reached else {v}_before" for v in changed],
        ]

    def _normal(self, k: int, uniform: str) -> Lines:
        """Normal numbers for a block: most by arithmetic that vectorises, then those of the tails."""
        return [
            block("for i in range(own.shape[0]):", f"nu[i] = {uniform}", f"nz_{k}[i] = quantile_centre(nu[i] - 0.5)"),
            block("for i in range(own.shape[0]):", block("if abs(nu[i] - 0.5) > CENTRE:", f"nz_{k}[i] = normal_quantile(nu[i])")),
        ]

    def scatter(self) -> str:
        sending = self.hooks.sending()
        value, send = "own[i]", ""
        if sending:
            now = ["now = step"] if any("now" in line for line in (*sending, *self.hooks.ahead)) else []
            loop = block("for i in range(own.shape[0]):", "w = own[i]", self.carried(sending)[0], now, sending, "sent[i] = w")
            send = lines(now, [self._normal(k, uniform) for k, uniform in enumerate(self.hooks.ahead)], loop)
            value = "sent[i]"
        if not self.own_delays:
            return lines(send, block("for i in range(to.shape[0]):", f"ring[to[i]] += {value}"))
        return lines(
            send,
            block(
                "for i in range(to.shape[0]):",
                "slot = base + np.int64(delays[begin + i])",
                "slot = slot - slots if slot >= slots else slot",
                f"ring[np.uint64(slot * stride + np.int64(to[i]))] += {value}",
            ),
        )
