"""Drawing leaves the view alone, and a recorded voltage is drawn after a run."""

from __future__ import annotations

import re
import secrets

import pytest
from browser.surface import Surface, middle, until
from playwright.sync_api import Page, expect


@pytest.fixture
def surface(page: Page, app_url: str) -> Surface:
    page.goto(f"{app_url}studio?page={secrets.token_hex(6)}")
    return Surface(page).ready()


def viewport(surface: Surface) -> str:
    return surface.inside.locator(".react-flow__viewport").evaluate("element => element.style.transform")


def test_what_is_dropped_lies_where_it_was_dropped_and_the_view_stays(surface: Surface):
    before = viewport(surface)
    x, y = middle(surface.get("canvas"))
    for n, (kind, key, dx, dy) in enumerate([("source", "poisson", -200, -60), ("neuron", "lif", 120, 80)]):
        known = set(surface.nodes())
        surface.drag_in(kind, key, dx, dy)
        until(lambda n=n: len(surface.nodes()) == n + 1, what="the node")
        (new,) = set(surface.nodes()) - known
        surface.page.wait_for_timeout(300)  # a late fit would move it
        at = middle(surface.node(new))
        assert abs(at[0] - x - dx) <= 8 and abs(at[1] - y - dy) <= 8
        assert viewport(surface) == before


def test_a_recorded_voltage_is_drawn_with_its_unit(surface: Surface):
    surface.drag_in("source", "poisson", -200, 0)
    surface.drag_in("neuron", "lif", 80, 0)
    until(lambda: len(surface.nodes()) == 2, what="two nodes")
    population = next(key for key in surface.nodes() if "poisson" not in key)
    surface.connect("poisson", population)
    until(lambda: surface.edges() == 1, what="the connection")
    surface.get("dock-traces").click()
    expect(surface.get("no-traces")).to_contain_text("No voltage is recorded")
    surface.get("record-first").click()
    expect(surface.get("no-traces")).to_contain_text(f"v of {population}[0:8]")
    surface.run()
    plot = surface.get(f"trace-{population}-v")
    expect(plot.get_by_role("img")).to_have_attribute("aria-label", re.compile("v 0 in mV.*v 7 in mV"))
    surface.select(population)
    switch = surface.get("record-v")
    expect(switch).to_have_attribute("aria-checked", "true")
    switch.click()
    expect(switch).to_have_attribute("aria-checked", "false")
