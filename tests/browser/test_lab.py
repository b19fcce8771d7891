"""JupyterLab: a `*.snn.json` opens as a network, is edited and saved to disk; the launcher makes new ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from browser.conftest import Lab
from browser.surface import Surface, until
from playwright.sync_api import Page

import studio


@pytest.fixture
def file(lab: Lab) -> Path:
    net = studio.Network("ei")
    e = net.population("exc", 80, tau_m=20.0)
    net.connect(e, net.population("inh", 20), weight=0.4, delay=1.5)
    file = lab.folder / "ei.snn.json"
    net.save(file)
    return file


def opened(page: Page, lab: Lab, name: str) -> Surface:
    page.goto(f"{lab.url}/lab/tree/{name}?reset")
    return Surface(page, page.locator(".spike-studio-panel:visible")).ready(60_000)


def sizes(file: Path) -> dict[str, int]:
    """The size of each node in the file; JupyterLab writes in place, so a look in between may find it empty."""
    document = json.loads(file.read_text() or '{"circuits": {"main": {"nodes": {}}}}')
    return {key: node["size"] for key, node in document["circuits"]["main"]["nodes"].items()}


def test_a_document_opens_is_edited_and_saved_to_disk(page: Page, lab: Lab, file: Path):
    surface = opened(page, lab, file.name)
    assert surface.nodes() == ["exc", "inh"]
    surface.select("exc")
    surface.set("size", "90")
    surface.drag_in("neuron", "lif", 0, 120)
    until(lambda: len(surface.nodes()) == 3, what="the third node")
    assert sizes(file) == {"exc": 80, "inh": 20}
    page.keyboard.press("Control+s")
    until(lambda: sizes(file).get("exc") == 90, what="the file on disk")
    assert len(sizes(file)) == 3


def test_running_is_shown_disabled_with_the_reason(page: Page, lab: Lab, file: Path):
    surface = opened(page, lab, file.name)
    run = surface.get("run")
    assert run.get_attribute("aria-disabled") == "true"
    assert len(run.get_attribute("title") or "") > 20


def test_undo_works_without_a_kernel(page: Page, lab: Lab, file: Path):
    surface = opened(page, lab, file.name)
    surface.drag_in("neuron", "lif", 0, 120)
    until(lambda: len(surface.nodes()) == 3, what="the third node")
    surface.get("undo").click()
    until(lambda: len(surface.nodes()) == 2, what="two nodes")


def test_the_launcher_makes_a_network(page: Page, lab: Lab):
    page.goto(f"{lab.url}/lab?reset")
    page.locator(".jp-LauncherCard", has_text="Spiking Network").click(timeout=60_000)
    surface = Surface(page, page.locator(".spike-studio-panel:visible")).ready(30_000)
    surface.drag_in("neuron", "lif", 0, 0)
    until(lambda: len(surface.nodes()) == 1, what="a node")
    page.keyboard.press("Control+s")
    made = until(lambda: list(lab.folder.glob("untitled*.snn.json")), what="a file")
    until(lambda: list(sizes(made[0])), what="the node on disk")
