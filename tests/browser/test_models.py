"""Models in a real browser: choosing among many, presets, pages and responses, and one of one's own."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from browser.conftest import snap
from browser.surface import Surface, until
from playwright.sync_api import Page, expect

RESPONSE_MS = 180_000  # a kernel may have to be compiled first


@pytest.fixture
def surface(page: Page, app_url: str) -> Surface:
    """A page with one population of Izhikevich neurons, which is selected."""
    page.goto(f"{app_url}studio?page={secrets.token_hex(6)}")
    surface = Surface(page).ready()
    surface.drag_in("neuron", "izhikevich", 0, 0)
    surface.select(until(surface.nodes)[0])
    return surface


def document(surface: Surface, folder: Path) -> dict[str, Any]:
    with surface.page.expect_download() as waiting:
        surface.page.keyboard.press("Control+s")
    file = folder / waiting.value.suggested_filename
    waiting.value.save_as(file)
    return json.loads(file.read_text())


def node(surface: Surface, folder: Path) -> dict[str, Any]:
    ((_, found),) = document(surface, folder)["circuits"]["main"]["nodes"].items()
    return found


def test_a_model_is_chosen_by_a_few_letters_and_enter(surface: Surface, tmp_path: Path) -> None:
    surface.get("model-neuron").focus()
    surface.page.keyboard.press("ArrowDown")
    expect(surface.get("model-search")).to_be_focused()
    assert surface.inside.locator(".choices [role=option]").count() >= 6
    assert surface.inside.locator(".choices .family").count() >= 3, "the list has headings"
    surface.page.keyboard.type("adaptive expo")
    expect(surface.get("option-neuron-adex")).to_have_attribute("data-active", "true")
    surface.page.keyboard.press("Enter")
    expect(surface.get("model-neuron")).to_be_focused()
    assert node(surface, tmp_path)["model"] == "adex"


def test_the_list_walks_with_arrows_opens_with_a_letter_and_closes_with_escape(surface: Surface) -> None:
    surface.get("model-neuron").focus()
    surface.page.keyboard.press("l")
    assert surface.get("model-search").input_value() == "l"
    active = surface.inside.locator(".choices [data-active=true]")
    first = active.get_attribute("data-testid")
    surface.page.keyboard.press("ArrowDown")
    second = active.get_attribute("data-testid")
    surface.page.keyboard.press("ArrowUp")
    assert active.get_attribute("data-testid") == first != second
    surface.page.keyboard.press("ArrowUp")
    assert active.get_attribute("data-testid") != first, "from the first one comes to the last"
    surface.get("model-search").fill("no such model")
    expect(surface.inside.locator(".choices .none")).to_be_visible()
    surface.page.keyboard.press("Escape")
    expect(surface.inside.locator(".choices")).to_have_count(0)
    expect(surface.get("model-neuron")).to_be_focused()


@pytest.mark.parametrize("height", [900, 520])
def test_the_list_stays_inside_the_surface(surface: Surface, height: int) -> None:
    surface.page.set_viewport_size({"width": 1280, "height": height})
    surface.get("model-neuron").click()
    box, home = surface.inside.locator(".choices").bounding_box(), surface.get("studio").bounding_box()
    assert box is not None and home is not None
    assert box["x"] >= home["x"] and box["x"] + box["width"] <= home["x"] + home["width"]
    assert box["y"] >= home["y"] and box["y"] + box["height"] <= home["y"] + home["height"]


def with_presets(surface: Surface) -> list[str]:
    """Chooses a neuron that has presets; the names of its presets."""
    surface.get("preset-neuron").click()
    names = surface.inside.locator("[data-testid^='option-preset-']").all_inner_texts()
    surface.page.keyboard.press("Escape")
    return [name.split("\n")[0] for name in names]


def test_a_preset_fills_parameters_in_as_one_step_and_is_recognised(surface: Surface, tmp_path: Path) -> None:
    names = with_presets(surface)
    assert len(names) >= 2
    surface.set("v_th", "31")
    before = node(surface, tmp_path)
    other = next(k for k in range(len(names)) if names[k] not in surface.get("preset-neuron").inner_text())
    surface.get("preset-neuron").click()
    surface.inside.locator("[data-testid^='option-preset-']").nth(other).click()
    expect(surface.get("preset-neuron")).to_contain_text(names[other])
    taken = node(surface, tmp_path)["params"]
    assert len(taken) >= 2 and taken["v_th"] == before["params"]["v_th"]
    surface.set("a", "0.033")
    expect(surface.get("preset-neuron")).to_contain_text("Own values")
    surface.get("undo").click()
    expect(surface.get("preset-neuron")).to_contain_text(names[other])
    surface.get("undo").click()
    until(lambda: node(surface, tmp_path) == before, what="everything as it was before the preset")


def test_a_preset_is_found_in_the_list_of_models(surface: Surface, tmp_path: Path) -> None:
    name = with_presets(surface)[-1]
    surface.get("model-neuron").click()
    surface.page.keyboard.type(name.lower())
    option = surface.inside.locator(".choices [data-testid^='option-neuron-izhikevich-']", has_text=name).first
    option.click()
    expect(surface.get("preset-neuron")).to_contain_text(name)


def test_the_response_follows_the_parameters(surface: Surface) -> None:
    surface.get("response-neuron").wait_for(timeout=RESPONSE_MS)
    plots = surface.get("response-neuron")
    texts = plots.locator("text").all_text_contents()
    assert "time (ms)" in texts and "current (nA)" in texts and any("mV" in text for text in texts)
    line = plots.locator("figure").first.locator("path.front0").last  # the first is the legend's
    drawn = line.get_attribute("d")
    surface.set("a", "0.1")
    until(lambda: line.get_attribute("d") != drawn, 60.0, "another curve")


def test_the_page_of_a_model_says_everything(surface: Surface) -> None:
    surface.get("about-neuron").click()
    facts = surface.get("facts").first
    assert facts.locator("math").count() >= 2
    link = facts.locator("a").first
    assert link.get_attribute("href") == "https://doi.org/10.1109/TNN.2003.820440" and link.get_attribute("target") == "_blank"
    surface.get("page-neuron").click()
    page = surface.inside.get_by_role("dialog", name="Izhikevich")
    expect(page).to_contain_text("Left out")
    expect(page).to_contain_text("Goes to")
    assert page.locator("table").first.locator("tbody tr").count() >= 10
    snap(surface.page, "a model's page")
    surface.page.keyboard.press("Escape")
    expect(page).to_have_count(0)


def test_a_model_of_ones_own_is_written_judged_kept_chosen_run_and_undone(surface: Surface, tmp_path: Path) -> None:
    surface.get("model-neuron").click()
    surface.page.keyboard.type("leaky integrate")
    surface.get("own-from").click()
    expect(surface.get("own-key")).to_have_value("my_lif")
    surface.get("code-threshold").fill("v >= v_thh")
    expect(surface.get("fault-threshold")).to_contain_text("Line 1, column 6")
    expect(surface.get("fault-threshold")).to_contain_text("v_th")
    assert surface.get("own-save").get_attribute("aria-disabled") == "true"
    snap(surface.page, "an own model with an error")
    surface.get("code-threshold").fill("v >= v_th")
    surface.get("code-equations").fill("dv/dt = (v_rest - v)/tau_m + (i + 2*i_offset)/c_m")
    surface.get("own-title").fill("Twice driven")
    expect(surface.get("own-verdict")).to_contain_text("No errors")
    surface.get("own-save").click()
    expect(surface.get("own-save")).to_have_count(0)
    surface.get("model-neuron").click()
    surface.page.keyboard.type("twice")
    surface.page.keyboard.press("Enter")
    expect(surface.get("model-neuron")).to_contain_text("Twice driven")
    surface.set("i_offset", "0.2")
    kept = document(surface, tmp_path)
    assert kept["models"]["my_lif"]["equations"].endswith("2*i_offset)/c_m")
    assert next(iter(kept["circuits"]["main"]["nodes"].values()))["model"] == "my_lif"
    surface.run()
    assert surface.spikes() > 100, "0.2 nA would not be enough for a plain one"
    for _ in range(3):
        surface.get("undo").click()
    until(lambda: "models" not in document(surface, tmp_path) or not document(surface, tmp_path)["models"], what="the model gone")
    surface.get("model-neuron").click()
    surface.page.keyboard.type("twice")
    expect(surface.inside.locator(".choices [role=option]")).to_have_count(0)


def test_an_own_model_is_gone_on_with_from_the_document(surface: Surface, tmp_path: Path) -> None:
    surface.page.keyboard.press("Escape")
    surface.get("canvas").click(position={"x": 30, "y": 300})
    surface.inside.get_by_role("button", name="Models of this document").click()
    surface.get("own-new-device").click()
    surface.get("own-save").click()
    item = surface.inside.locator("[data-testid^='own-model-']")
    item.wait_for()
    item.click()
    surface.get("code-write").fill("w = w + dw/2")
    expect(surface.get("own-verdict")).to_contain_text("No errors")
    surface.page.keyboard.press("Control+Enter")
    expect(surface.get("own-save")).to_have_count(0)
    ((_, body),) = document(surface, tmp_path)["models"].items()
    assert body["write"] == "w = w + dw/2" and body["kind"] == "device"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_strip_and_surface_follow_the_system_together(page: Page, app_url: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.goto(f"{app_url}studio?page={secrets.token_hex(6)}")
    Surface(page).ready()
    lightness = """element => { const [r, g, b] = getComputedStyle(element).backgroundColor.match(/[0-9.]+/g).map(Number); return (r + g + b) / 3; }"""
    strip = page.locator(".strip").evaluate(lightness)
    bar = page.get_by_test_id("studio").evaluate(lightness)
    assert (strip > 128) == (bar > 128) == (scheme == "light")


def test_faults_and_waits_of_a_run_are_set_beside_it(surface: Surface, tmp_path: Path) -> None:
    surface.get("canvas").click(position={"x": 30, "y": 300})
    surface.inside.get_by_role("button", name="Faults and waits").click()
    surface.get("add-fault").click()
    surface.get("fault-0-kind").select_option("threshold_noise")
    surface.set("fault 1 value", "2")
    surface.fill(surface.get("fault-0-path"), "population[0:10]")
    surface.get("add-wait").click()
    surface.set("wait 1 at", "200")
    surface.set("wait 1 for", "2")
    run = document(surface, tmp_path)["run"]
    assert run["faults"] == [{"kind": "threshold_noise", "path": "population[0:10]", "value": {"value": 2, "unit": "mV"}}]
    assert run["events"] == [{"at": {"value": 200, "unit": "ms"}, "wait": {"value": 2, "unit": "h"}}]
    for _ in range(7):
        surface.get("undo").click()
    until(lambda: not {"faults", "events"} & document(surface, tmp_path).get("run", {}).keys(), what="no faults")


def test_weights_lie_on_a_crossbar_with_one_effect_after_the_other(surface: Surface, tmp_path: Path) -> None:
    surface.drag_in("source", "poisson", -300, 0)
    until(lambda: len(surface.nodes()) == 2, what="a source")
    surface.connect("poisson", "population")
    until(lambda: surface.edges() == 1, what="a projection")
    surface.get("edge-label-p1").click(force=True)
    surface.inside.get_by_role("button", name="Crossbar", exact=True).click()
    surface.get("crossbar").click()
    surface.set("adc_bits", "6")
    surface.set("wire_resistance", "2 Ohm")
    assert document(surface, tmp_path)["circuits"]["main"]["projections"]["p1"]["crossbar"] == {
        "adc_bits": 6,
        "wire_resistance": {"value": 2, "unit": "Ohm"},
    }
    surface.get("crossbar").click()
    until(lambda: "crossbar" not in document(surface, tmp_path)["circuits"]["main"]["projections"]["p1"], what="no crossbar")
