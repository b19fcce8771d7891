"""The bar tells how far a run is; Ctrl-C asks once and then insists."""

from __future__ import annotations

import os
import signal
from types import SimpleNamespace

import pytest

from studio.cli.progress import CLEAR, Bar, CtrlC, Stages


def frame(t_ms: float, wall_s: float = 0.5, built: float = 1.0) -> SimpleNamespace:
    return SimpleNamespace(t_ms=t_ms, wall_s=wall_s, built=built)


def test_the_bar_shows_simulated_time_and_speed(capsys: pytest.CaptureFixture[str]) -> None:
    bar = Bar("Small", 2000.0, quiet=False)
    for t in (0.0, 500.0, 2000.0):
        bar.show(frame(t))  # type: ignore[arg-type]
    bar.close()
    said = capsys.readouterr()
    last = said.err.split("\r")[-1]
    assert said.out == ""
    assert "Small 100%" in last and "2000 of 2000 ms" in last and "4 x real time" in last


def test_the_bar_says_how_far_the_network_is_built(capsys: pytest.CaptureFixture[str]) -> None:
    bar = Bar("Large", 2000.0, quiet=False)
    bar.show(frame(0.0, built=0.4))  # type: ignore[arg-type]
    bar.show(frame(2000.0))  # type: ignore[arg-type]
    bar.close()
    said = capsys.readouterr().err
    assert "Large: building the network, 40%" in said and "building" not in said.split("\r")[-1]


def test_a_quiet_bar_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    bar = Bar("Small", 2000.0, quiet=True)
    bar.show(frame(500.0))  # type: ignore[arg-type]
    bar.close()
    assert capsys.readouterr().err == ""


def test_the_first_ctrl_c_asks_and_the_second_insists() -> None:
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt), CtrlC() as stop:
        assert not stop.asked.is_set()
        os.kill(os.getpid(), signal.SIGINT)
        assert stop.asked.is_set()
        os.kill(os.getpid(), signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize(
    ("terminal", "said"),
    [
        (False, "split …\nideal run …\n"),
        (True, f"{CLEAR}split …{CLEAR}ideal run … 0%{CLEAR}ideal run … 50%{CLEAR}"),
    ],
)
def test_stages_are_a_line_each_or_one_line_that_changes(
    terminal: bool, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal)
    for quiet in (False, True):
        stages = Stages(quiet=quiet)
        stages.show("split")
        stages.show("ideal run", 0.0)
        stages.show("ideal run", 0.5)
        stages.close()
        assert capsys.readouterr().err == ("" if quiet else said)
