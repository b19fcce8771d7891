"""The inspector in a real browser: limits of a distribution, descriptions that can be read whole, arrow moves as one step of undo."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from browser.surface import Surface, until
from playwright.sync_api import Page


@pytest.fixture
def surface(page: Page, app_url: str) -> Surface:
    """A page with one population, which is selected."""
    page.goto(f"{app_url}studio?page={secrets.token_hex(6)}")
    surface = Surface(page).ready()
    surface.drag_in("neuron", "lif", 0, 0)
    surface.select(until(surface.nodes)[0])
    return surface


def node(surface: Surface, folder: Path) -> dict[str, Any]:
    """The population as the saved document has it, with its place."""
    with surface.page.expect_download() as waiting:
        surface.page.keyboard.press("Control+s")
    file = folder / waiting.value.suggested_filename
    waiting.value.save_as(file)
    document = json.loads(file.read_text())
    ((key, found),) = document["circuits"]["main"]["nodes"].items()
    return {**found, "at": document["layout"]["main"][key]}


def test_limits_are_typed_in_any_unit_and_taken_away_again(surface: Surface, tmp_path: Path) -> None:
    surface.get("spread-tau_m").click(force=True)
    surface.page.get_by_role("radio", name="Normal").click()
    surface.get("field-tau_m max").wait_for()
    assert surface.get("field-tau_m max").input_value() == ""
    surface.set("tau_m mean", "15")
    surface.set("tau_m min", "12")
    surface.set("tau_m max", "30")
    assert node(surface, tmp_path)["params"]["tau_m"] == {"normal": [15, 1], "unit": "ms", "min": 12, "max": 30}
    surface.set("tau_m max", "0.04 s")
    assert node(surface, tmp_path)["params"]["tau_m"] == {"normal": [0.015, 0.001], "unit": "s", "min": 0.012, "max": 0.04}
    surface.set("tau_m min", "")
    assert node(surface, tmp_path)["params"]["tau_m"] == {"normal": [0.015, 0.001], "unit": "s", "max": 0.04}


def test_a_long_description_is_read_whole_at_its_field(surface: Surface) -> None:
    hidden = "row => { const doc = row.querySelector('.doc'); return doc.scrollHeight - doc.clientHeight; }"
    row = surface.inside.locator(".param", has=surface.get("field-c_m"))
    assert row.evaluate(hidden) > 0, "in the narrow inspector it does not fit at first"
    surface.get("field-c_m").click()
    assert row.evaluate(hidden) <= 1
    assert row.locator(".label").get_attribute("title"), "and the mouse finds it as a tip"


def test_arrow_presses_in_a_row_are_one_undo(surface: Surface, tmp_path: Path) -> None:
    before = node(surface, tmp_path)["at"]
    surface.get("canvas").focus()
    for _ in range(4):
        surface.page.keyboard.press("ArrowRight")
    assert node(surface, tmp_path)["at"]["x"] == before["x"] + 4 * 8
    surface.get("undo").click()
    until(lambda: node(surface, tmp_path)["at"] == before, what="the place before all four")
