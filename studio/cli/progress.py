"""The progress bar of a run, the stages of a compilation, and Ctrl-C that asks it to stop."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType, TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from studio.engine.run import Frame

CLEAR = "\r\x1b[K"  # to the beginning of the line, and everything on it away


class Bar:
    """Simulated time on standard error, with the speed; `quiet` shows nothing."""

    def __init__(self, name: str, duration_ms: float, *, quiet: bool) -> None:
        from tqdm import tqdm

        self._name = name
        terminal = sys.stderr.isatty()
        layout = "{desc} {percentage:3.0f}% |{bar}| {n:.0f} of {total:.0f} ms [{elapsed}, {remaining} left]{postfix}"
        self._bar = tqdm(
            total=duration_ms,
            desc=name,
            file=sys.stderr,
            disable=quiet,
            bar_format=layout,
            mininterval=0.1 if terminal else 2.0,
            leave=True,
        )

    def show(self, frame: Frame) -> None:
        """Called by the engine while it builds the network and while it runs."""
        if self._bar.disable:
            return
        if frame.built < 1.0:
            self._bar.set_description_str(f"{self._name}: building the network, {frame.built:.0%}")
            return
        if self._bar.desc != self._name:
            self._bar.set_description_str(self._name, refresh=False)
        if frame.wall_s > 0:
            self._bar.set_postfix_str(f"{frame.t_ms / 1000 / frame.wall_s:.2g} x real time", refresh=False)
        self._bar.update(frame.t_ms - self._bar.n)

    def close(self) -> None:
        self._bar.close()


class Stages:
    """The stages of a compilation on standard error: one line each, or on a terminal one line that changes; `quiet` shows nothing."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet, self._terminal = quiet, sys.stderr.isatty()
        self._stage = ""

    def show(self, stage: str, done: float | None = None) -> None:
        """A stage begins, or goes on: `done` is the part of it that is done, where that is known."""
        if self._quiet or (stage == self._stage and not self._terminal):
            return
        self._stage = stage
        if self._terminal:
            part = "" if done is None else f" {done:.0%}"
            print(f"{CLEAR}{stage} …{part}", end="", file=sys.stderr, flush=True)
        else:
            print(f"{stage} …", file=sys.stderr, flush=True)

    def close(self) -> None:
        """Takes the line that changes away."""
        if self._terminal and self._stage:
            print(CLEAR, end="", file=sys.stderr, flush=True)
        self._stage = ""


class CtrlC:
    """Within this context the first Ctrl-C, or a system that wants the program to end, sets `asked`; a second one ends it at once."""

    def __init__(self) -> None:
        self.asked = threading.Event()

    def __enter__(self) -> CtrlC:
        self._before = {kind: signal.signal(kind, self._on_signal) for kind in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if self.asked.is_set():
            raise KeyboardInterrupt
        self.asked.set()
