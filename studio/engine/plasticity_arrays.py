"""What the arrays of a learning rule's kernels are called, how long they are, and what they hold."""

from __future__ import annotations

from dataclasses import dataclass

from studio.engine.plasticity_text import Hooks


@dataclass(frozen=True)
class Form:
    """What a text depends on besides the models: precision, bytes of a target and of a delay (0: one delay for all), and the kinds of
    the target's states that the rule reads.
    """

    precision: str
    targets: int
    delays: int
    post: tuple[str, ...] = ()


def trace_arrays(hooks: Hooks) -> list[str]:
    """The arrays that exist once per trace, in the order of the pointer table behind HEADER."""
    pre = [f"{a}_{t.name}" for t in hooks.pre for a in ("x", "tp", "table")]
    post = [f"{a}_{t.name}" for t in hooks.post for a in ("log", "h", "e", "l", "k", "th", "tq")]
    return [*pre, *post, *(f"exp_{t.name}" for t in hooks.rule.traces)]


def normals(hooks: Hooks) -> list[str]:
    """The scratch arrays for the normal numbers of what is sent."""
    hooks.sending()
    return [*(f"nz_{k}" for k in range(len(hooks.ahead))), *(["nu"] if hooks.ahead else [])]


def other_arrays(hooks: Hooks, form: Form) -> list[tuple[str, str, str]]:
    """The arrays behind those: what synapses, devices and sources keep, what is sent, the target's states; name, size and kind."""
    kept = [(k.array, "n_synapses", k.real) for k in hooks.kept]
    sources = [(f"xs_{s.name}", "n_source", "F") for s in hooks.rule.source_states]
    sent = [("sent", "BLOCK", "F")] if hooks.sending() else []
    sent += [(name, "BLOCK", "np.float64") for name in normals(hooks)]
    return [
        *kept,
        *sources,
        *sent,
        *((f"ps_{n}", "n_target", f"np.{kind}") for n, kind in zip(hooks.rule_form.post, form.post, strict=True)),
    ]
