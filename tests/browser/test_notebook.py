"""A notebook cell in a real JupyterLab: `studio.show(net)` in step with `net` both ways, and runs."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from browser.conftest import Lab
from browser.surface import Surface, until
from playwright.sync_api import Page

CELLS = [
    """import studio
net = studio.Network("ei")
drive = net.source("drive", 100, rate=900.0)
exc = net.population("exc", 80, tau_m=20.0)
net.connect(drive, exc, weight=0.5, delay=1.5)
net.run(duration=500)
view = studio.show(net, height=520)
view""",
    "print('sizes', {key: node.size for key, node in net.document.circuit.nodes.items()})",
    "net.population('inh', 20, tau_m=12.0); net.set('exc.size', 60); print('changed')",
    "print('spikes', sum(len(s) for s in view.recording.spikes.values()))",
]


@pytest.fixture
def notebook(lab: Lab) -> Path:
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    made.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    file = lab.folder / "show.ipynb"
    nbformat.write(made, file)
    return file


def shown(page: Page, lab: Lab, notebook: Path) -> Surface:
    """The notebook, open, its first cell run."""
    page.goto(f"{lab.url}/lab/tree/{notebook.name}?reset")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=60_000)
    page.wait_for_function("window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'", timeout=60_000)
    execute(page, 0)
    return Surface(page, page.locator(".jp-Notebook")).ready(60_000)


def execute(page: Page, cell: int) -> None:
    """Runs a cell by its number, wherever the focus is."""
    page.evaluate(
        """async (cell) => {
          const app = window.jupyterapp;
          const panel = app.shell.currentWidget;
          panel.content.activeCellIndex = cell;
          await app.commands.execute("notebook:run-cell");
        }""",
        cell,
    )


def printed(page: Page, cell: int, word: str) -> str:
    """What a cell printed after `word`."""
    output = page.locator(".jp-Notebook .jp-CodeCell").nth(cell).locator(".jp-OutputArea-output")
    found = until(lambda: next((t for t in output.all_inner_texts() if word in t), ""), 30, f"“{word}”")
    return found.split(word, 1)[1].strip()


def test_show_is_in_step_with_the_network_both_ways_and_runs(page: Page, lab: Lab, notebook: Path):
    surface = shown(page, lab, notebook)
    until(lambda: surface.nodes() == ["drive", "exc"], what="the network in the cell")

    surface.select("exc")
    surface.set("size", "50")
    execute(page, 1)
    assert "'exc': 50" in printed(page, 1, "sizes")

    execute(page, 2)
    printed(page, 2, "changed")
    until(lambda: surface.nodes() == ["drive", "exc", "inh"], what="what Python added")
    until(lambda: surface.get("inspector").get_by_test_id("field-size").input_value() == "60", what="the size that Python set")

    surface.get("run").click()
    surface.wait_state("done")
    assert surface.spikes() > 100
    until(lambda: surface.raster_ink() > 200, what="ink on the raster")
    execute(page, 3)
    assert int(re.sub(r"\D", "", printed(page, 3, "spikes"))) > 100

    surface.get("undo").click()
    until(lambda: surface.get("inspector").get_by_test_id("field-size").input_value() == "50", what="the size before, on the canvas")
    execute(page, 1)
    until(lambda: "'exc': 50" in printed(page, 1, "sizes"), what="the size before, in Python")


def test_the_keys_of_the_canvas_stay_in_it_and_the_saved_notebook_stays_small(page: Page, lab: Lab, notebook: Path):
    surface = shown(page, lab, notebook)
    until(lambda: surface.nodes() == ["drive", "exc"], what="the network in the cell")
    surface.select("exc")
    for key in ("x", "d", "d", "b", "a", "Escape", "m"):  # cut, delete, new cells, text cell: what these keys do to a notebook
        page.keyboard.press(key)
    assert page.locator(".jp-Notebook .jp-Cell").count() == len(CELLS)
    assert page.locator(".jp-Notebook .jp-CodeCell").count() == len(CELLS)
    page.wait_for_function("window.jupyterapp.shell.currentWidget.content.widgets[0].model.executionCount !== null", timeout=60_000)
    page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")
    until(lambda: re.search(r'execution_count": \d', notebook.read_text()), what="the saved notebook")
    assert notebook.stat().st_size < 10_000
