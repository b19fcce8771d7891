"""The canvas's raster redraws a million spikes well within a tenth of a second, in a real browser without a GPU."""

from __future__ import annotations

from pathlib import Path

import pytest
from ensure_browser import find

MODULE = Path(__file__).parents[2] / "studio" / "labextension" / "static" / "canvas.js"
LIMIT_MS = 100


def test_a_million_spikes_redraw_in_time() -> None:
    sync_api = pytest.importorskip("playwright.sync_api")
    browser_path = find()
    if browser_path is None or not MODULE.exists():
        pytest.skip("needs Chromium and the built front end")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(browser_path), args=["--no-sandbox"])
        page = browser.new_page()
        page.route("http://studio.test/", lambda route: route.fulfill(content_type="text/html", body="<!doctype html><body></body>"))
        page.route("http://studio.test/canvas.js", lambda route: route.fulfill(content_type="text/javascript", path=str(MODULE)))
        page.goto("http://studio.test/")
        measured = page.evaluate("async () => (await import('/canvas.js')).benchRaster(1_000_000, 1100, 400)")
        browser.close()
    assert measured["spikes"] == 1_000_000
    assert 0 < measured["whole_ms"] < LIMIT_MS, measured
    assert measured["hundredth_ms"] < LIMIT_MS, measured
