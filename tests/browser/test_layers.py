"""A convolutional network on the canvas: shapes on the boxes, arrays by name and shape, and the findings of shapes that do not fit."""

from __future__ import annotations

import secrets
from pathlib import Path

import numpy as np
from browser.surface import Surface, until
from playwright.sync_api import Page

from studio.network.build import Network, convolution, dense, pooling


def layers(folder: Path) -> Path:
    net = Network("Layers")
    net.run(dt=1.0, duration=50.0)
    rng = np.random.default_rng(0)
    retina = net.source("retina", 288, "poisson", shape=[2, 12, 12], rate=50.0)
    edges = net.population("edges", 576, "if_euler", shape=[4, 12, 12])
    coarse = net.population("coarse", 144, "if_euler", shape=[4, 6, 6])
    out = net.population("out", 10, "if_euler")
    net.connect(retina, edges, convolution(rng.normal(size=(4, 2, 3, 3)), padding=1), kinetics="pulse", weight=1.0)
    net.connect(edges, coarse, pooling(), kinetics="pulse", weight=1.0)
    net.connect(coarse, out, dense(rng.normal(size=(10, 144))), kinetics="pulse", weight=0.5)
    net.data("another", rng.normal(size=(4, 2, 5, 5)))
    net.save(folder / "layers.snn.json")
    return folder / "layers.snn.json"


def test_shapes_and_arrays_are_seen_and_chosen(page: Page, app_url: str, tmp_path: Path) -> None:
    page.goto(f"{app_url}studio?page={secrets.token_hex(6)}")
    surface = Surface(page).ready()
    surface.get("file-menu").click()
    with page.expect_file_chooser() as choosing:
        surface.get("menu-open").click()
    choosing.value.set_files(layers(tmp_path))
    until(lambda: surface.nodes() == ["coarse", "edges", "out", "retina"], what="the file")
    sizes = {key: surface.node(key).locator(".size").inner_text().replace("\u202f", " ") for key in surface.nodes()}
    assert sizes == {"coarse": "4 × 6 × 6", "edges": "4 × 12 × 12", "out": "10", "retina": "2 × 12 × 12"}
    surface.select("edges")
    assert surface.get("inspector").get_by_test_id("field-shape").input_value() == "4 × 12 × 12"
    page.locator(".react-flow__edge[data-id='p1']").locator("path").first.click(force=True)
    kernel = surface.get("inspector").get_by_test_id("field-kernel")
    kernel.wait_for()
    assert kernel.locator("option:checked").inner_text() == "retina_edges, 4 × 2 × 3 × 3"
    assert surface.get("inspector").get_by_test_id("field-padding_y").input_value() == "1"
    page.screenshot(path=str(tmp_path / "layers.png"))
    kernel.select_option("another")
    problem = surface.get("inspector").get_by_text("[4, 10, 10]").first
    problem.wait_for()
    page.screenshot(path=str(tmp_path / "problem.png"))
