"""The fit meter's questions and compilations, as a canvas asks for them; and the process that computes both, called without one."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
from ui.test_questions import NoPreviews
from ui.test_session import Canvas, NoWorker

import studio
from studio.findings import Finding
from studio.ui import compiler
from studio.ui.compiler import Server, answer, compiled
from studio.ui.exports import content
from studio.ui.fixes import setting, with_settings
from studio.ui.orders import Done, Order
from studio.ui.session import Session


class NoCompiler(NoWorker):
    """Keeps what it is told; `say` answers as the process would."""

    made: ClassVar[list[NoCompiler]] = []

    def __init__(self, told: Callable[[tuple[Any, ...]], None], ended: Callable[[str], None]) -> None:
        super().__init__()
        self.say, self.end, self.alive, self.closed = told, ended, True, False
        NoCompiler.made.append(self)

    def close(self) -> None:
        self.closed = True


def net(n: int = 20) -> studio.Network:
    made = studio.Network("small")
    exc = made.population("exc", n, "lif")
    made.connect(made.source("drive", 10, "poisson", rate=50.0), exc, studio.all_to_all(), weight=1.0, delay=1.0)
    return made


@pytest.fixture
def canvas() -> Iterator[Canvas]:
    NoCompiler.made.clear()
    session = Session(net(), start_worker=NoWorker, start_previews=NoPreviews, start_compiler=NoCompiler)
    yield Canvas(session)
    session.close()


def order(folder: Path, **more: Any) -> Order:
    return Order("mock", more.pop("options", {}), more.pop("verify", False), str(folder / "made"), str(folder / "made.zip"))


# --- fixes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fix", "expected"),
    [
        ("Set exc.size to 1024.", {"where": "exc.size", "value": 1024, "unit": ""}),
        ("Set p1.delay to 6.2 ms. Or use a longer step.", {"where": "p1.delay", "value": 6.2, "unit": "ms"}),
        ("Set cols[1].p1.connector.k to 204.", {"where": "cols[1].p1.connector.k", "value": 204, "unit": ""}),
        ("Set exc.model to lif. It takes lif, lif_euler.", {"where": "exc.model", "value": "lif", "unit": ""}),
        ("Set constraints.0.limit to 15. Or connect more sparsely.", {"where": "constraints.0.limit", "value": 15, "unit": ""}),
        ("Set p2.delay to 51.1 ms, or run.dt to a longer step.", {"where": "p2.delay", "value": 51.1, "unit": "ms"}),
        ("Set exc.tau_m to 1e-3 s.", {"where": "exc.tau_m", "value": 1e-3, "unit": "s"}),
        ("Use more chips.", None),
        ("Set p2.delay to one number.", None),
        ("Then set exc.size to 4.", None),
        ("Set exc.size to 1,024.", None),
        ("", None),
    ],
)
def test_a_fix_is_a_value_or_for_people(fix: str, expected: dict[str, Any] | None) -> None:
    assert setting(fix) == expected


def test_a_finding_on_a_constraint_says_whom_it_concerns() -> None:
    from studio.network.flat import Constraint

    finding = Finding("fit.constraint", "error", "constraints.1.limit", "Too few.", "Set constraints.1.limit to 4.").to_json()
    constraints = (Constraint("region", "constraints.0", (("inh",),)), Constraint("fan_in", "constraints.1", (("exc", "out"),), limit=2))
    (told,) = with_settings({"paths": {}, "findings": [finding]}, constraints)["findings"]
    assert told["about"] == ["exc", "out"] and told["apply"]["value"] == 4


# --- questions -------------------------------------------------------------------------------------------------------


def test_the_machines_come_with_their_options(canvas: Canvas) -> None:
    canvas.say("ask", id="q1", what="chips", given={})
    chips = canvas.wait("answer")["value"]["chips"]
    assert {"loihi", "truenorth", "spinnaker"} <= {chip["key"] for chip in chips}
    assert chips[-1]["key"] == "mock", "the example comes last"
    assert chips[-1]["options"][0]["name"] == "annealed"


def test_whether_it_fits_is_asked_of_a_process_of_its_own(canvas: Canvas) -> None:
    canvas.say("ask", id="q1", what="fit", given={"targets": ["mock"], "loads": ""})
    (process,) = NoCompiler.made
    ((said, number, document, targets, loads, recording),) = process.heard
    assert (said, number, targets, loads, recording) == ("fit", "q1", ("mock",), False, None)
    assert document == content(canvas.session.document)
    process.say(("fit", "q1", {"reports": {}, "why": "x"}))
    assert canvas.last("answer") == {"type": "answer", "id": "q1", "value": {"reports": {}, "why": "x"}}
    canvas.say("ask", id="q2", what="fit", given={"targets": ["mock"]})
    process.end("It was killed.")
    assert canvas.last("answer")["value"] == {"reports": {}, "why": "It was killed."}
    canvas.say("ask", id="q3", what="fit", given={"targets": ["mock"]})
    assert len(NoCompiler.made) == 2


def test_counting_what_links_carry_is_given_up_for_a_newer_network(canvas: Canvas) -> None:
    canvas.say("ask", id="q1", what="fit", given={"targets": ["mock"], "loads": "stated"})
    canvas.say("ask", id="q2", what="fit", given={"targets": ["mock"], "loads": ""})
    canvas.say("ask", id="q3", what="fit", given={"targets": ["mock"], "loads": "stated"})
    loads, marks, again = NoCompiler.made
    assert loads.closed and not marks.closed and [message[1] for message in again.heard] == ["q3"]
    assert canvas.last("answer") == {"type": "answer", "id": "q1", "value": None}


def test_of_questions_that_wait_the_newest_is_computed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Line:
        sent: ClassVar[list[tuple[Any, ...]]] = []

        def send(self, message: tuple[Any, ...]) -> None:
            self.sent.append(message)

    server = Server(Line())  # type: ignore[arg-type]
    for k in range(3):
        server._asked.put(("fit", str(k), b"document", ("mock",), False, None))
    assert server._newest()[1] == "2"
    assert Line.sent == [("fit", "0", None), ("fit", "1", None)]
    computed: list[bytes] = []
    monkeypatch.setattr(compiler, "answer", lambda document, *_: computed.append(document) or {"reports": {}, "why": ""})
    for _ in range(2):
        server._answer(b"document", ("mock",), False, None)
    assert computed == [b"document"], "what was computed is remembered"


def test_an_answer_holds_a_report_for_each_target() -> None:
    said = answer(content(net().document), ("mock", "loihi"))
    assert said["why"] == "" and list(said["reports"]) == ["mock", "loihi"]
    report = said["reports"]["mock"]
    assert report["fits"] and report["estimate"] and report["paths"]["exc"]["cores"] == 1 and report["traffic"] is None
    assert report["floor"]["parts"] == [[[0, 20]]]


def test_what_stands_in_the_way_of_an_answer_is_said() -> None:
    broken = net().json
    broken["circuits"]["main"]["nodes"]["exc"]["model"] = "nobody"
    assert "no errors" in answer(json.dumps(broken).encode(), ("mock",))["why"]
    assert "nothing_like_it" in answer(content(net().document), ("nothing_like_it",))["why"]


def test_the_links_are_told_of_when_somebody_looks() -> None:
    report = answer(content(net(200).document), ("mock",), loads=True)["reports"]["mock"]
    assert not report["traffic"]["measured"] and report["traffic"]["events_per_s"]["synaptic"] > 0


def test_after_a_run_the_links_carry_what_it_recorded() -> None:
    """A recording in steps of 0.1 ms, a program in steps of 1 ms: every neuron fires 40 times in a second."""
    from studio.backends import backend
    from studio.compile.pipeline import compile_flat
    from studio.network.flatten import flatten
    from studio.ui.loads import _of_run, _retimed

    flat = flatten(net(200).document)
    found = compile_flat(replace(flat, run=replace(flat.run, dt=1.0)), backend("mock"), {"estimate": True})
    at, ids = np.meshgrid(1 + 250 * np.arange(40), np.arange(200), indexing="ij")
    spikes = {"exc": SimpleNamespace(steps=at.ravel(), ids=ids.ravel()), "drive": SimpleNamespace(steps=np.array([]), ids=np.array([]))}
    run: Any = SimpleNamespace(spikes=spikes, populations={"exc": SimpleNamespace(size=200)}, dt=0.1, duration=1000.0)
    traffic = _of_run(found, run)
    assert traffic is not None and traffic.measured
    assert traffic.rates == {"exc": 40.0, "drive": 0.0}
    retimed = _retimed(found.program, run)
    assert retimed is not None and sorted(set(retimed["exc"][0])) == [25 * k for k in range(40)]
    run.populations["exc"].size = 100
    assert _retimed(found.program, run) is None, "another network's"


# --- compilations ----------------------------------------------------------------------------------------------------


def test_a_compilation_says_how_far_it_is_and_what_became_of_it(canvas: Canvas) -> None:
    canvas.say("compile", target="mock", options={"annealed": True}, verify=True)
    (process,) = NoCompiler.made
    ((said, number, _, given),) = process.heard
    assert said == "compile" and number == 1 and given.options == {"annealed": True} and given.verify
    process.say(("step", 1, "Place", 0.4))
    told = canvas.last("compile")
    assert (told["state"], told["step"], told["share"]) == ("running", "Place", 0.4)
    process.say(("compiled", 1, Done({"fits": True})))
    told = canvas.last("compile")
    assert told["state"] == "done" and told["report"] == {"fits": True} and process.closed
    canvas.messages.clear()
    canvas.say("ready")
    assert canvas.last("compile")["state"] == "done", "a new view hears of it"


def test_a_compilation_is_cancelled_and_the_next_one_does_not_hear_of_it(canvas: Canvas) -> None:
    canvas.say("compile", target="mock", options={}, verify=False)
    canvas.say("cancel_compile")
    first = NoCompiler.made[0]
    assert first.closed and canvas.last("compile")["state"] == "cancelled"
    canvas.say("compile", target="mock", options={}, verify=False)
    first.say(("compiled", 1, Done({"fits": True})))
    assert canvas.last("compile")["state"] == "running"
    NoCompiler.made[1].end("It was killed.")
    assert canvas.last("compile")["state"] == "failed" and canvas.last("compile")["text"] == "It was killed."


def test_nothing_compiled_nothing_to_take_away(canvas: Canvas) -> None:
    canvas.say("export", format="compiled")
    assert "Compile the network first" in canvas.last("notice")["text"]
    canvas.say("ask", id="q1", what="report", given={})
    assert canvas.last("answer")["value"] is None


def test_artefact_and_report_come_in_one_archive_the_same_every_time(tmp_path: Path) -> None:
    steps: list[tuple[str, float]] = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        steps.clear()
        done = compiled(content(net().document), order(tmp_path / name), lambda *said: steps.append(said))
        assert done.report is not None and done.report["fits"], done.text
        assert [share for _, share in steps] == sorted(share for _, share in steps) and steps[-1] == ("Packing", 1.0)
    assert (tmp_path / "one" / "made.zip").read_bytes() == (tmp_path / "two" / "made.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one" / "made.zip") as archive:
        assert archive.namelist() == ["program.txt", "report.html", "report.json"]
        assert b"timings_ms" not in archive.read("report.json")


def test_a_network_that_does_not_fit_leaves_a_report_and_no_artefact(tmp_path: Path) -> None:
    done = compiled(content(net(5000).document), order(tmp_path), lambda *_: None)
    assert done.report is not None and not done.report["fits"]
    with zipfile.ZipFile(tmp_path / "made.zip") as archive:
        assert archive.namelist() == ["report.html", "report.json"]


def test_a_verification_goes_on_where_the_artefact_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from studio.backends import verify

    def tried(made: Any, folder: str, *, watch: Callable[[str, float], None]) -> Any:
        assert (Path(folder) / "program.txt").exists()
        for stage in ("ideal run", "emulator", "artefact"):
            watch(stage, 0.0)
            watch(stage, 1.0)
        return made

    monkeypatch.setattr(verify, "verify", tried)
    steps: list[tuple[str, float]] = []
    assert compiled(content(net().document), order(tmp_path, verify=True), lambda *said: steps.append(said)).report is not None
    shares = [share for _, share in steps]
    assert shares == sorted(shares) and "Verifying: emulator" in {name for name, _ in steps}


def test_an_option_that_there_is_not_is_said(tmp_path: Path) -> None:
    done = compiled(content(net().document), order(tmp_path, options={"colour": "red"}), lambda *_: None)
    assert done.report is None and "colour" in done.text and done.findings[0].code == "fit.option"
