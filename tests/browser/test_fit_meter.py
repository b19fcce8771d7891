"""The fit meter on the real canvas: violations are flagged at their boxes, a press goes to the parameter, another mends it; and compiling."""

from __future__ import annotations

import re
import secrets
import zipfile
from pathlib import Path

import pytest
from browser.conftest import snap
from browser.surface import Surface, until
from compile.test_seeded_violations import pair, wide
from playwright.sync_api import Page, expect

from studio.network.files import write


@pytest.fixture
def surface(page: Page, app_url: str) -> Surface:
    page.goto(f"{app_url}studio?page={secrets.token_hex(6)}")
    return Surface(page).ready()


def opened(surface: Surface, folder: Path, net) -> None:
    """Opens a network from a file, as a person does."""
    file = folder / "seeded.snn.json"
    write(net.document, file)
    surface.get("file-menu").click()
    with surface.page.expect_file_chooser() as chooser:
        surface.get("menu-open").click()
    chooser.value.set_files(file)
    until(lambda: "exc" in surface.nodes(), what="the network")


def choose(surface: Surface, *targets: str) -> None:
    surface.get("targets").click()
    for target in targets:
        surface.get(f"target-{target}").click()
    surface.page.keyboard.press("Escape")


def state(surface: Surface, target: str, key: str, expected: str) -> None:
    """Waits until the mark of a box or line says so, of the network as it stands."""
    mark = surface.inside.locator(f"[data-testid='fit-{target}-{key}'][data-state='{expected}'][data-stale='false']")
    expect(mark).to_have_count(1, timeout=15_000)


def test_a_violation_is_flagged_while_drawing_and_mended_by_one_press(surface: Surface, tmp_path: Path) -> None:
    opened(surface, tmp_path, pair(delay=500.0))
    choose(surface, "loihi")
    state(surface, "loihi", "p2", "over")
    state(surface, "loihi", "exc", "fits")
    edge = surface.inside.locator(".react-flow__edge[data-id='p2']")
    assert re.search(r"Loihi: Delays of “p2” go up to 500 ms", edge.get_attribute("aria-label") or "")
    surface.get("fit-loihi-p2").click()
    field = surface.get("inspector").get_by_test_id("field-delay")
    expect(field).to_be_focused()
    expect(surface.get("row-fit")).to_contain_text("62 steps")
    surface.get("row-fit").get_by_test_id("apply-fix").click()
    state(surface, "loihi", "p2", "fits")
    expect(field).to_have_value("6.2")
    surface.get("undo").click()
    state(surface, "loihi", "p2", "over")


def test_each_machine_flags_the_node_that_it_cannot_hold_and_shows_its_floor(surface: Surface, tmp_path: Path) -> None:
    opened(surface, tmp_path, wide(6000))
    choose(surface, "loihi", "spinnaker")
    state(surface, "loihi", "exc", "over")
    state(surface, "spinnaker", "exc", "fits")
    expect(surface.get("fit-loihi-exc")).to_have_attribute("aria-label", re.compile(r"Loihi: does not fit.*6,000 in axons"))
    surface.get("dock-findings").click()
    expect(surface.get("finding-loihi-0")).to_contain_text("6,000")
    surface.get("dock-chip").click()
    surface.get("chip").get_by_role("radio", name="SpiNNaker").click()
    plan = surface.get("floor-plan")
    expect(plan).to_have_attribute("data-tiles", re.compile(r"^[1-9]"))
    surface.select("exc")
    expect(plan).to_have_attribute("data-chosen", "1")
    surface.page.keyboard.press("Escape")
    plan.locator("[role=application]").focus()
    surface.page.keyboard.press("ArrowRight")
    said = surface.get("core-said")
    expect(said).to_contain_text(re.compile(r"^Core \d+ .*full · (drive|exc) "))
    held = re.search(r"full · (drive|exc) ", said.inner_text())
    surface.page.keyboard.press("Enter")
    expect(surface.inside.locator(".react-flow__node.selected")).to_have_attribute("data-id", held[1] if held else "")
    snap(surface.page, "fit-meter-floor")


def test_a_network_is_compiled_cancelled_and_taken_away(surface: Surface, tmp_path: Path) -> None:
    opened(surface, tmp_path, pair())
    surface.get("file-menu").click()
    surface.get("menu-compile-mock").click()
    surface.get("compile-go").click()
    surface.get("compile-result").wait_for(timeout=60_000)
    assert surface.get("compile-result").get_attribute("data-fits") == "true"
    with surface.page.expect_download() as waiting:
        surface.get("compile-download").click()
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    assert zipfile.ZipFile(file).namelist() == ["program.txt", "report.html", "report.json"]
    surface.get("compile-report").click()
    page = surface.inside.frame_locator("iframe[title='Report']")
    expect(page.get_by_role("heading", name="What it takes")).to_be_visible()
    snap(surface.page, "compile-report")
    expect(surface.page.get_by_role("button", name="Back")).to_be_focused()
    surface.page.keyboard.press("Enter")
    expect(surface.get("compile-report")).to_be_focused()
    surface.get("compile-verify").click()
    surface.get("compile-go").click()
    surface.get("compile-cancel").press("Enter")
    until(lambda: "Cancelled" in surface.inside.locator(".compile-go").first.inner_text(), what="the cancelled compilation")
    expect(surface.get("compile-progress")).to_have_count(0)
    expect(surface.page.get_by_role("dialog")).to_be_focused()
    surface.page.keyboard.press("Escape")
    expect(surface.page.get_by_role("dialog")).to_have_count(0)
