"""What a canvas asks about models: text, judgement, response; and the document's own models in the catalogue."""

from __future__ import annotations

import queue
import time
from collections.abc import Callable
from typing import Any, ClassVar

import pytest
from ui.test_session import Canvas, NoWorker

import studio
from studio.models.catalogue import builtin
from studio.models.written import body_of
from studio.ui import previews
from studio.ui.session import Session


class NoPreviews(NoWorker):
    """Keeps what it is told to draw; `say` answers as the process would."""

    made: ClassVar[list[NoPreviews]] = []

    def __init__(self, told: Callable[[tuple[Any, ...]], None], ended: Callable[[str], None]) -> None:
        super().__init__()
        self.say, self.end, self.alive = told, ended, True
        NoPreviews.made.append(self)


@pytest.fixture
def canvas() -> Any:
    NoPreviews.made.clear()
    net = studio.Network("asked")
    net.population("cell", 3)
    session = Session(net, start_worker=NoWorker, start_previews=NoPreviews)
    yield Canvas(session)
    session.close()


def ask(canvas: Canvas, what: str, **given: Any) -> Any:
    canvas.say("ask", id="q1", what=what, given=given)
    return canvas.last("answer")["value"]


def test_a_model_as_text_is_what_one_begins_from(canvas: Canvas) -> None:
    body = ask(canvas, "model_text", kind="neuron", key="lif")["body"]
    assert body["equations"].startswith("dv/dt") and body["params"]["tau_m"]["unit"] == "ms"
    assert ask(canvas, "model_text", kind="source", key="poisson") is None
    assert ask(canvas, "model_text", kind="neuron", key="nobody") is None


def test_a_model_in_the_making_is_judged_with_line_and_column(canvas: Canvas) -> None:
    body = body_of(builtin().get("neuron", "lif"))
    good = ask(canvas, "judge_model", key="my_lif", body=body, fresh=True)
    assert good["findings"] == [] and good["entry"]["own"] and good["entry"]["latex"]
    bad = ask(canvas, "judge_model", key="my_lif", body={**body, "equations": "dv/dt = (v_rest - v)/tau_mm"}, fresh=True)
    assert bad["entry"] is None
    (finding,) = bad["findings"]
    assert finding["where"] == "models.my_lif.equations" and finding["text"].startswith("Line 1, column 22:")
    taken = ask(canvas, "judge_model", key="adex", body=body, fresh=True)
    assert [f["code"] for f in taken["findings"]] == ["path.duplicate"]


def test_own_models_join_the_catalogue_when_they_are_kept_and_leave_it_with_undo(canvas: Canvas) -> None:
    canvas.say("ready")
    canvas.do("set", path="/models", value={"my_lif": body_of(builtin().get("neuron", "lif"))})
    assert [e["key"] for e in canvas.last("own_models")["entries"]] == ["my_lif"]
    assert canvas.messages[-2]["type"] == "own_models", "the catalogue knows a model before the document names it"
    assert ask(canvas, "model_text", kind="neuron", key="my_lif")["body"]["kind"] == "neuron"
    canvas.say("ready")
    assert [e["key"] for e in canvas.last("hello")["catalogue"]["entries"] if e.get("own")] == ["my_lif"]
    canvas.say("undo")
    assert canvas.last("own_models")["entries"] == []


def test_a_broken_own_model_is_no_entry_and_breaks_nothing(canvas: Canvas) -> None:
    canvas.say("ready")
    canvas.do("set", path="/models", value={"broken": {"kind": "neuron", "equations": "dv/dt ="}, "worse": 3})
    assert canvas.last("own_models")["entries"] == []


def test_a_response_comes_from_a_process_of_its_own(canvas: Canvas) -> None:
    canvas.say("ask", id="q7", what="response", given={"kind": "neuron", "key": "lif", "params": {"tau_m": 20}})
    (process,) = NoPreviews.made
    ((said, number, request),) = process.heard
    assert said == "respond"
    assert (number, request["kind"], request["key"], request["params"], request["dt"]) == ("q7", "neuron", "lif", {"tau_m": 20}, 0.1)
    process.say(("response", "q7", {"panels": [], "note": "x"}))
    assert canvas.last("answer") == {"type": "answer", "id": "q7", "value": {"panels": [], "note": "x"}}


def test_a_response_process_that_dies_says_so_and_the_next_question_starts_another(canvas: Canvas) -> None:
    canvas.say("ask", id="q1", what="response", given={"kind": "neuron", "key": "lif"})
    NoPreviews.made[0].end("It was killed.")
    assert canvas.last("answer")["value"] == {"panels": [], "note": "It was killed."}
    canvas.say("ask", id="q2", what="response", given={"kind": "neuron", "key": "lif", "body": {"kind": "neuron"}})
    assert len(NoPreviews.made) == 2
    request = NoPreviews.made[1].heard[0][2]
    assert request["models"][request["key"]] == {"kind": "neuron"}


def test_of_several_that_wait_the_newest_of_a_kind_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    class Line:
        def __init__(self) -> None:
            self.sent: list[tuple[Any, ...]] = []

        def send(self, message: tuple[Any, ...]) -> None:
            self.sent.append(message)

    line = Line()
    server = previews.Server(line)  # type: ignore[arg-type]
    drawn: list[str] = []
    monkeypatch.setattr(previews, "answer", lambda request: drawn.append(request["key"]) or {"panels": [], "note": request["key"]})
    for number, (kind, key) in enumerate([("neuron", "a"), ("device", "d"), ("neuron", "b"), ("neuron", "c")]):
        server._asked.put((str(number), {"kind": kind, "key": key}))
    for _ in range(2):
        number, request = server._newest()
        line.send(("response", number, server._answer(request)))
    with pytest.raises(queue.Empty):
        server._asked.get_nowait()
    answers = {message[1]: message[2] for message in line.sent}
    assert answers["0"] is None and answers["2"] is None
    assert answers["3"]["note"] == "c" and answers["1"]["note"] == "d" and sorted(drawn) == ["c", "d"]
    server._answer({"kind": "neuron", "key": "c"})
    assert sorted(drawn) == ["c", "d"], "what was drawn is remembered"


def test_the_process_answers(canvas: Canvas) -> None:
    """The real one, once."""
    from studio.ui.questions import start_previews

    heard: list[tuple[Any, ...]] = []
    process = start_previews(heard.append, lambda why: heard.append(("ended", why)))
    try:
        request = {"kind": "neuron", "key": "lif", "params": {}, "models": {}, "dt": 0.1, "method": None}
        process.tell("respond", "one", request)
        process.tell("respond", "two", {**request, "kind": "flavour"})
        end = time.monotonic() + 120
        while len(heard) < 2 and time.monotonic() < end:
            time.sleep(0.05)
    finally:
        process.close()
    answers = {number: value for _, number, value in heard}
    assert [panel["title"] for panel in answers["one"]["panels"]] == ["Current step", "Firing rate"]
    assert answers["two"]["panels"] == [] and answers["two"]["note"]
