"""A session and its canvas: edits, refusals, undo, edits from outside, files."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import studio
from studio.network.document import Document
from studio.network.edit import apply, resolve
from studio.network.files import read, write
from studio.ui.autosave import Autosave
from studio.ui.session import Session


class NoWorker:
    """Hears and does nothing."""

    def __init__(self, *_: Any) -> None:
        self.heard: list[tuple[Any, ...]] = []

    def tell(self, *message: Any) -> None:
        self.heard.append(message)

    def close(self) -> None:
        pass


class Canvas:
    """The other end: keeps the document as the messages say it is."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.messages: list[dict[str, Any]] = []
        self.buffers: list[list[bytes]] = []
        self.document: dict[str, Any] = {}
        session.attach(self.hear)

    def hear(self, message: dict[str, Any], buffers: list[bytes]) -> None:
        message = json.loads(json.dumps(message, allow_nan=False))  # as it would travel
        self.messages.append(message)
        self.buffers.append(buffers)
        if "document" in message:
            self.document = message["document"]
        if message["type"] == "patch":
            self.document = apply(self.document, message["patch"])

    def say(self, type_: str, **more: Any) -> None:
        self.session.receive({"type": type_, **more})

    def do(self, command: str, *, id_: str = "a:1", **more: Any) -> dict[str, Any]:
        edit = resolve(self.document, {"command": command, **more})
        self.say("patch", base_rev=self.session.rev, patch=edit.patch, inverse=edit.inverse, label=edit.label, id=id_)
        return self.last("patch")

    def last(self, type_: str) -> dict[str, Any]:
        return [m for m in self.messages if m["type"] == type_][-1]

    def wait(self, type_: str, seconds: float = 60.0) -> dict[str, Any]:
        end = time.monotonic() + seconds
        while not any(m["type"] == type_ for m in self.messages):
            assert time.monotonic() < end, f"no {type_} came"
            time.sleep(0.01)
        return self.last(type_)


@pytest.fixture
def net() -> studio.Network:
    net = studio.Network("ei")
    e = net.population("exc", 80, "lif", tau_m=20.0)
    i = net.population("inh", 20, "lif")
    net.connect(e, i, studio.probability(0.1), weight=0.4, delay=1.5)
    return net


@pytest.fixture
def canvas(net: studio.Network) -> Iterator[Canvas]:
    session = Session(net, start_worker=NoWorker)
    canvas = Canvas(session)
    canvas.say("ready")
    yield canvas
    session.close()


SIZE = "/circuits/main/nodes/exc/size"


def test_hello_says_all_a_view_needs(canvas: Canvas, net: studio.Network):
    hello = canvas.last("hello")
    assert hello["document"] == net.json
    assert hello["catalogue"]["format"] == "spike-studio-catalogue/1"
    assert hello["can"]["export"][0]["key"] == "document"
    assert hello["can"]["run"] is True and hello["dirty"] is False
    assert hello["undo"] == net.undo_label


def test_a_canvas_edit_reaches_the_network_and_is_answered_by_its_id(canvas: Canvas, net: studio.Network):
    answer = canvas.do("set", path=SIZE, value=90, id_="view:7")
    assert net.document.circuit.nodes["exc"].size == 90
    assert (answer["rev"], answer["by"], answer["id"], answer["dirty"]) == (1, "canvas", "view:7", True)
    assert answer["synapses"] == {"p1": pytest.approx(180)} or canvas.wait("findings")["synapses"] == {"p1": pytest.approx(180)}
    assert canvas.document == net.json


def test_a_python_edit_reaches_the_canvas(canvas: Canvas, net: studio.Network):
    net.set("exc.tau_m", 15.0)
    answer = canvas.last("patch")
    assert answer["by"] == "python" and "id" not in answer
    assert canvas.document == net.json


def test_undo_and_redo_cover_both_sides(canvas: Canvas, net: studio.Network):
    before = net.json
    net.set("exc.tau_m", 15.0)
    canvas.do("set", path=SIZE, value=90)
    after = net.json
    canvas.say("undo")
    canvas.say("undo")
    assert net.json == before == canvas.document
    assert canvas.last("patch")["by"] == "undo"
    canvas.say("redo")
    canvas.say("redo")
    assert net.json == after == canvas.document


def test_an_edit_on_an_older_revision_counts_where_it_still_fits(canvas: Canvas, net: studio.Network):
    edit = resolve(canvas.document, {"command": "set", "path": SIZE, "value": 90})
    net.set("inh.size", 30)
    canvas.say("patch", base_rev=0, patch=edit.patch, inverse=edit.inverse, label=edit.label)
    assert (net.document.circuit.nodes["exc"].size, net.document.circuit.nodes["inh"].size) == (90, 30)


def test_an_edit_that_does_not_fit_is_refused_with_the_reason_and_the_document(canvas: Canvas, net: studio.Network):
    before = net.json
    canvas.say("patch", base_rev=0, patch=[{"op": "replace", "path": "/circuits/main/nodes/ghost/size", "value": 3}], label="x", id="v:1")
    refused = canvas.last("refused")
    assert refused["document"] == before == net.json
    assert refused["id"] == "v:1" and "does not fit" in refused["reason"]


def test_an_edit_that_makes_no_document_is_refused(canvas: Canvas, net: studio.Network):
    canvas.say("patch", base_rev=0, patch=[{"op": "replace", "path": SIZE, "value": "many"}], label="x")
    assert "size" in canvas.last("refused")["reason"]
    assert net.document.circuit.nodes["exc"].size == 80


def test_findings_come_with_the_patch_or_right_after(canvas: Canvas):
    canvas.do("set", path="/circuits/main/nodes/exc/params/tau_m", value=-1)
    end = time.monotonic() + 60
    while not canvas.session.findings and time.monotonic() < end:
        time.sleep(0.01)
    found = [f for m in canvas.messages if m["type"] in ("patch", "findings") for f in m["findings"]]
    assert any(f["where"] == "exc.tau_m" and f["severity"] == "error" for f in found)


def test_a_network_with_errors_does_not_run_and_says_why(canvas: Canvas):
    canvas.do("set", path="/circuits/main/nodes/exc/params/tau_m", value=-1)
    canvas.wait("patch")
    end = time.monotonic() + 60
    while canvas.session._verdict.rev != canvas.session.rev and time.monotonic() < end:
        time.sleep(0.01)
    canvas.say("run", duration_ms=100, seed=1)
    run = canvas.last("run")
    assert run["state"] == "failed" and "tau_m" in str(run["findings"]) and "error" in run["text"]


@pytest.mark.parametrize(
    "nonsense",
    [None, [], {}, {"type": "explode"}, {"type": "run", "duration_ms": "x", "seed": 1}, {"type": "run", "duration_ms": 1e400, "seed": 1},
     {"type": "patch", "base_rev": 0, "patch": [{"op": "test", "path": "/name", "value": 1}]}, {"type": "open", "name": "x", "text": "{"},
     {"type": "open_template", "name": "../../etc/passwd"}, {"type": "export", "format": "exe"}],
)  # fmt: skip
def test_nonsense_is_answered_in_words_and_changes_nothing(canvas: Canvas, net: studio.Network, nonsense: Any):
    before = net.json
    canvas.session.receive(nonsense)
    assert canvas.messages[-1]["type"] in ("notice", "refused")
    assert net.json == before


def test_opening_is_one_step_of_undo_and_brings_back_the_file(canvas: Canvas, net: studio.Network, tmp_path: Path):
    file = tmp_path / "mine.snn.json"
    write(net.document, file)
    canvas.session.file = file
    before = net.json
    other = Document.empty("Other")
    canvas.say("open", name="other.snn.json", text=json.dumps(other.to_json()))
    whole = canvas.last("document")
    assert whole["document"]["name"] == "Other" and whole["file"] is None and whole["dirty"] is False
    canvas.say("undo")
    assert net.json == before
    assert canvas.last("document")["file"] == str(file)


def test_new_gives_an_empty_network(canvas: Canvas):
    canvas.say("new")
    assert canvas.document["circuits"]["main"]["nodes"] == {}


def test_save_writes_the_file_and_says_so(canvas: Canvas, net: studio.Network, tmp_path: Path):
    canvas.session.file = tmp_path / "net.snn.json"
    canvas.do("set", path=SIZE, value=90)
    canvas.say("save")
    saved, _ = read(tmp_path / "net.snn.json")
    assert saved == net.document
    assert canvas.last("saved")["file"].endswith("net.snn.json")
    canvas.say("ready")
    assert canvas.last("hello")["dirty"] is False


def test_save_without_a_file_is_a_download(canvas: Canvas, net: studio.Network):
    canvas.say("save")
    exported = canvas.last("exported")
    at = canvas.messages.index(exported)
    assert exported["name"] == "ei.snn.json"
    assert json.loads(canvas.buffers[at][0]) == net.json
    assert canvas.last("saved")["file"] is None


def test_a_file_that_cannot_be_written_is_said(canvas: Canvas, tmp_path: Path):
    canvas.session.file = tmp_path / "no" / "such" / "folder.snn.json"
    canvas.say("save")
    assert canvas.last("notice")["severity"] == "error"


def test_a_recording_cannot_be_exported_before_a_run(canvas: Canvas):
    canvas.say("export", format="recording")
    assert "Run the network first" in canvas.last("notice")["text"]


def test_arrays_stay_in_python(canvas: Canvas, net: studio.Network):
    import numpy as np

    ref = net.data("weights", np.arange(80 * 20, dtype=float).reshape(80, 20))
    assert "values" not in canvas.document["data"]["weights"]
    assert canvas.document["data"]["weights"]["shape"] == [80, 20]
    net.set("p1.weight", ref)
    canvas.say("ready")
    assert "values" not in canvas.last("hello")["document"]["data"]["weights"]
    canvas.do("set", path=SIZE, value=80)
    canvas.say("undo")
    assert "values" in net.json["data"]["weights"]


def test_two_canvases_of_one_network_stay_in_step(net: studio.Network):
    one, two = (Canvas(Session(net, start_worker=NoWorker)) for _ in range(2))
    try:
        for canvas in (one, two):
            canvas.say("ready")
        one.do("set", path=SIZE, value=90, id_="one:1")
        assert one.document == two.document == net.json
        assert one.last("patch")["id"] == "one:1" and "id" not in two.last("patch")
    finally:
        one.session.close()
        two.session.close()


def test_what_nobody_saved_is_kept(net: studio.Network, tmp_path: Path):
    kept = Autosave("page1", tmp_path)
    session = Session(net, autosave=kept, start_worker=NoWorker)
    net.set("exc.tau_m", 15.0)
    end = time.monotonic() + 60
    while kept.load()[0] != net.document and time.monotonic() < end:
        time.sleep(0.02)
    assert kept.load()[0] == net.document
    net.set("exc.tau_m", 16.0)
    session.close()
    assert kept.load()[0] == net.document


def test_a_page_is_a_plain_word(tmp_path: Path):
    for name in ("..", "a/b", "", "A", "x" * 65):
        with pytest.raises(ValueError):
            Autosave(name, tmp_path)


def test_the_worker_compiles_in_the_background_of_an_edit(net: studio.Network):
    workers: list[NoWorker] = []

    def start(*_: Any) -> NoWorker:
        workers.append(NoWorker())
        return workers[-1]

    session = Session(net, start_worker=start)
    end = time.monotonic() + 60
    while not (workers and workers[0].heard) and time.monotonic() < end:
        time.sleep(0.02)
    assert workers[0].heard[0][0] == "prepare"
    net.set("exc.tau_m", 15.0)
    while len(workers[0].heard) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    assert json.loads(workers[0].heard[1][1]) == net.json
    session.close()


def test_edits_of_one_gesture_are_one_step_of_undo(canvas: Canvas) -> None:
    def nudge(x: int, gesture: str | None) -> None:
        edit = resolve(canvas.document, {"command": "move", "circuit": "main", "positions": {"exc": {"x": x, "y": 0}}})
        canvas.say("patch", base_rev=canvas.session.rev, patch=edit.patch, label=edit.label, id="a:1", gesture=gesture)

    assert "layout" not in canvas.document
    before = canvas.document
    for x, gesture in ((8, "one"), (16, "one"), (24, "two"), (32, None), (40, None)):
        nudge(x, gesture)
    seen = []
    while canvas.document != before:
        canvas.say("undo")
        seen.append(canvas.document.get("layout", {}).get("main", {}).get("exc", {}).get("x"))
    assert seen == [32, 24, 16, None]
    canvas.say("redo")
    assert canvas.document["layout"]["main"]["exc"]["x"] == 16
    nudge(20, "one")
    canvas.say("undo")
    assert canvas.document["layout"]["main"]["exc"]["x"] == 16, "a redo ends the gesture"
