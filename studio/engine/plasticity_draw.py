"""What the hooks of rules and devices draw: keyed by synapse, step and hook, so that nothing of it depends on threads, batches or flushes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

HOOKS = ("on_pre", "on_post", "every")
OTHERS = ("at_source", "transmit", "read", "program", "start")  # what else draws: at spikes, at reading, and when the network is built
AT_SPIKES = ("on_pre", "at_source", "transmit", "read")  # a source may spike several times in one step
MOST_DRAWS = 1024  # draws of one hook and its device


def draw_code(hook: str, draw: int, again: int = 0) -> int:
    """What tells the draws of one synapse in one step apart: the hook, which spike of a source's several, and the draw's number."""
    if hook in OTHERS:
        return (1 << 40) + OTHERS.index(hook) + len(OTHERS) * (draw + MOST_DRAWS * again)
    return HOOKS.index(hook) + len(HOOKS) * (draw + MOST_DRAWS * again)


@dataclass(frozen=True)
class Place:
    """Which synapse a text draws for: how it names the key, the source, which of equal pairs it is, and the target."""

    key: str = "U64(p[KEY])"
    source: str = "source"
    times: str = "times[begin + i]"
    target: str = "U32(p[LOW] + np.int64(to[i]))"


AT_SOURCE = Place(times="0", target="U32(0)")
WHEN_BUILT = Place("key", "source", "times[s]", "U32(low + np.int64(targets[s]))")


class Draw(str):
    """The template of a draw, keyed by (projection, step of the event, hook and draw, source, which of equal pairs) and by target.

    Synapses with the same ends are told apart by their order in the row. `ahead`: normal numbers are made before, for a whole block
    (`nz_0`, `nz_1` ...), of these uniform ones.
    """

    place: Place
    number: Callable[[], int]
    draw: str
    hook: str
    ahead: list[str] | None

    def __new__(cls, number: Callable[[], int], name: str, hook: str, place: Place, ahead: list[str] | None = None) -> Draw:
        out = super().__new__(cls, "{draw}")
        out.number, out.draw, out.hook, out.place, out.ahead = number, name, hook, place, ahead
        return out

    def format(self, *args: str) -> str:  # type: ignore[override]
        code = str(draw_code(self.hook, self.number()))
        if self.hook in AT_SPIKES:
            code += f" + {draw_code(self.hook, 0, 1) - draw_code(self.hook, 0)} * again"
        key = f"subkey(subkey({self.place.key}, now, {code}), {self.place.source}, {self.place.times})"
        if self.draw == "normal" and self.ahead is not None:
            self.ahead.append(f"uniform({key}, {self.place.target})")
            return f"F(nz_{len(self.ahead) - 1}[i])"
        return f"F({self.draw}({key}, {self.place.target}{''.join(f', float({a})' for a in args)}))"
