"""The widget of a notebook cell, without a browser."""

from __future__ import annotations

from pathlib import Path

import pytest

import studio
from studio.ui import assets, widget
from studio.ui.assets import NotBuilt


@pytest.fixture(autouse=True)
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "canvas.js").write_text("export default { render() {} }")
    monkeypatch.setattr(assets, "STATIC", tmp_path)
    return tmp_path


def test_show_gives_a_widget_with_the_built_module_and_a_height():
    view = studio.show(studio.Network("ei"), height=400)
    assert view.height == 400 and "render" in view._esm
    assert view.recording is None
    view.close()


def test_a_cell_that_is_run_again_shows_the_same_session():
    net = studio.Network("ei")
    one, two = studio.show(net), studio.show(net)
    assert one.session is two.session
    assert studio.show(studio.Network("other")).session is not one.session
    one.close()
    assert not two.session.closed
    two.close()
    assert two.session.closed
    three = studio.show(net)
    assert three.session is not two.session
    three.close()


def test_show_takes_a_file(tmp_path: Path):
    net = studio.Network("mine")
    net.population("exc", 80)
    net.save(tmp_path / "mine.snn.json")
    view = studio.show(tmp_path / "mine.snn.json")
    assert view.network.document == net.document
    view.close()


def test_without_the_built_front_end_a_sentence_says_how_to_build_it(built: Path):
    (built / "canvas.js").unlink()
    with pytest.raises(NotBuilt, match="npm run build"):
        widget.show(studio.Network("ei"))


def test_messages_and_buffers_go_to_the_canvas(monkeypatch: pytest.MonkeyPatch):
    net = studio.Network("ei")
    view = studio.show(net)
    sent = []
    monkeypatch.setattr(view, "send", lambda message, buffers=None: sent.append(message["type"]))
    view._handle_custom_msg({"type": "ready"}, [])
    net.population("exc", 80)
    assert sent[0] == "hello" and "patch" in sent
    view.close()
