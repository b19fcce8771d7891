"""A parameter changed while a long run goes on: the run bar says so, the rate moves, and the recording knows."""

from __future__ import annotations

import secrets

import pytest
from browser.surface import Surface, until
from playwright.sync_api import Page


@pytest.fixture
def surface(page: Page, app_url: str) -> Surface:
    page.goto(f"{app_url}studio?page={secrets.token_hex(6)}")
    return Surface(page).ready()


def test_editing_a_parameter_while_it_runs_changes_the_run(surface: Surface):
    surface.drag_in("neuron", "lif", 0, 0)
    until(lambda: len(surface.nodes()) == 1, what="a node")
    (node,) = surface.nodes()
    surface.select(node)
    surface.fill(surface.get("field-duration").first, "100000000")
    surface.get("run").click()
    surface.wait_state("running")
    surface.page.wait_for_timeout(400)
    quiet = surface.raster_ink()
    surface.set("i_offset", "1.5")
    until(lambda: "steered:" in surface.said(), what="the word of the run bar")
    said = surface.said()
    assert f"steered: {node}.i_offset = 1.5 nA at " in said
    until(lambda: surface.raster_ink() > quiet + 500, what="spikes of neurons that had been quiet")
    surface.set("i_offset", "0")
    until(lambda: f"{node}.i_offset = 0 nA" in surface.said(), what="the second change")
    surface.get("cancel").click()
    surface.wait_state("cancelled", 5_000)
