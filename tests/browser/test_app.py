"""The Panel app in a real browser: draw, run, see, cancel, undo, save, come back."""

from __future__ import annotations

import json
import secrets
import time
from pathlib import Path

import pytest
from browser.conftest import snap
from browser.surface import Surface, until
from playwright.sync_api import Page, expect

from studio.share import templates

TEMPLATES = templates()


@pytest.fixture
def surface(page: Page, app_url: str) -> Surface:
    """A fresh page of the app."""
    page.goto(f"{app_url}studio?page={secrets.token_hex(6)}")
    return Surface(page).ready()


def draw_two_populations(surface: Surface) -> None:
    """A Poisson source drives one population, which drives another."""
    for n, (kind, key, dx, dy) in enumerate([("source", "poisson", -200, 0), ("neuron", "lif", 0, -140), ("neuron", "lif", 240, 120)]):
        surface.drag_in(kind, key, dx, dy)
        until(lambda n=n: len(surface.nodes()) == n + 1, what=f"node {n + 1}")


def keys(surface: Surface) -> tuple[str, str, str]:
    """The keys of the source and the two populations, in the order they were drawn."""
    found = surface.nodes()
    source = next(key for key in found if "poisson" in key)
    one, two = sorted((key for key in found if key != source), key=lambda key: (len(key), key))
    return source, one, two


def drawn_and_connected(surface: Surface) -> tuple[str, str, str]:
    draw_two_populations(surface)
    source, one, two = keys(surface)
    surface.connect(source, one)
    surface.connect(one, two)
    until(lambda: surface.edges() == 2, what="two connections")
    surface.select(source)
    surface.set("rate", "900")
    surface.inside.locator(".react-flow__edge").first.wait_for(state="attached")
    return source, one, two


def test_the_entrance_gives_each_visitor_a_page(page: Page, app_url: str):
    page.goto(app_url)
    Surface(page).ready()
    assert "page=" in page.url
    expect(page.get_by_test_id("empty-canvas")).to_be_visible()


def test_draw_connect_set_run_and_see_spikes(surface: Surface):
    _, one, _ = drawn_and_connected(surface)
    surface.select(one)
    surface.set("tau_m", "15")
    surface.get("edge-label-p2").click(force=True)
    surface.set("weight", "2")
    empty = surface.raster_ink()
    surface.run()
    assert surface.spikes() > 100
    until(lambda: surface.raster_ink() > empty + 200, what="ink on the raster")
    rows = surface.get("readouts").inner_text()
    assert "Hz" in rows or "/s" in rows


def test_undo_takes_back_and_redo_brings_again(surface: Surface):
    draw_two_populations(surface)
    surface.get("undo").click()
    until(lambda: len(surface.nodes()) == 2, what="one node less")
    surface.get("redo").click()
    until(lambda: len(surface.nodes()) == 3, what="the node again")


def test_a_long_run_is_cancelled_and_what_was_recorded_stays(surface: Surface):
    drawn_and_connected(surface)
    surface.fill(surface.get("field-duration").first, "100000000")
    surface.get("run").click()
    surface.wait_state("running")
    surface.page.wait_for_timeout(500)
    begin = time.monotonic()
    surface.get("cancel").click()
    surface.wait_state("cancelled")
    print(f"\ncancelled after {(time.monotonic() - begin) * 1000:.0f} ms as the browser sees it")
    assert "Cancelled" in surface.said()
    until(lambda: surface.raster_ink() > 200, what="ink on the raster")


def test_reload_loses_nothing(surface: Surface):
    drawn_and_connected(surface)
    surface.run()
    spikes, nodes = surface.spikes(), surface.nodes()
    surface.page.reload()
    surface.ready()
    until(lambda: surface.nodes() == nodes, what="the network")
    surface.wait_state("done", 10_000)
    assert surface.spikes() == spikes
    until(lambda: surface.raster_ink() > 200, what="the raster")
    surface.get("undo").click()
    surface.get("redo").wait_for()


def test_save_and_download_give_the_file(surface: Surface, tmp_path: Path):
    source, one, two = drawn_and_connected(surface)
    with surface.page.expect_download() as waiting:
        surface.page.keyboard.press("Control+s")
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    document = json.loads(file.read_text())
    assert set(document["circuits"]["main"]["nodes"]) == {source, one, two}
    assert file.name.endswith(".snn.json")


def test_an_export_says_what_it_is(surface: Surface, tmp_path: Path):
    drawn_and_connected(surface)
    surface.get("file-menu").click()
    with surface.page.expect_download() as waiting:
        surface.get("menu-export-python").click()
    file = tmp_path / waiting.value.suggested_filename
    waiting.value.save_as(file)
    assert "Network(" in file.read_text()


def test_a_bad_value_says_so_on_the_field_and_is_not_taken(surface: Surface):
    surface.drag_in("neuron", "lif", 0, 0)
    node = until(surface.nodes)[0]
    surface.select(node)
    box = surface.get("inspector").get_by_test_id("field-tau_m")
    box.click()
    box.fill("-1")
    expect(surface.get("fault-tau_m")).to_contain_text("above 0 ms")


@pytest.mark.parametrize("name", [template.name for template in TEMPLATES] or ["(no templates)"])
def test_a_template_opens_and_runs(surface: Surface, name: str):
    assert TEMPLATES, "there are no templates"
    surface.get("rail-templates").click()
    begin = time.monotonic()
    surface.get(f"template-{name}").click()
    until(surface.nodes, what="the template's nodes")
    print(f"\nfirst picture of {name} after {(time.monotonic() - begin) * 1000:.0f} ms")
    surface.fill(surface.get("field-duration").first, "200")
    surface.run(timeout=120_000)
    assert surface.spikes() > 0


def test_the_pages_around_the_surface(surface: Surface, app_url: str):
    drawn_and_connected(surface)
    surface.run()
    page = surface.page
    for name, word in {"analysis": "Spikes", "findings": "Findings", "library": "Library", "export": "Export"}.items():
        page.locator(f".strip a[href='#{name}']").click()
        frame = page.frame_locator(f"iframe[title='{name}']")
        frame.get_by_text(word).first.wait_for(timeout=60_000)  # plotting is loaded at the first look
        page.wait_for_timeout(300)
        snap(page, f"page-{name}")
    page.locator(".strip a[href='#analysis']").click()
    page.frame_locator("iframe[title='analysis']").locator(".bk-Figure").first.wait_for(timeout=60_000)
    page.wait_for_timeout(500)
    snap(page, "page-analysis")
    page.locator(".strip a[href='#export']").click()
    with page.expect_download() as waiting:
        page.frame_locator("iframe[title='export']").get_by_text("Download .nir").click()
    assert waiting.value.suggested_filename.endswith(".nir")
    page.locator(".strip a[href='#studio']").click()
    surface.get("canvas").wait_for()
