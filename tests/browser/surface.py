"""The studio surface as a person meets it: what the browser tests do with mouse and keys, and what they see."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import Any

from playwright.sync_api import FrameLocator, Locator, Page

Inside = Page | FrameLocator | Locator


class Surface:
    """One surface on a page; `inside` is where to look for it."""

    def __init__(self, page: Page, inside: Inside | None = None) -> None:
        self.page = page
        self.inside = page if inside is None else inside

    def get(self, testid: str) -> Locator:
        return self.inside.get_by_test_id(testid)

    def ready(self, timeout: float = 20_000) -> Surface:
        """Waits until it stands and has the models and the document of its host."""
        self.get("canvas").wait_for(timeout=timeout)
        self.get("studio").locator("[data-testid='empty-canvas'], .react-flow__node").first.wait_for(timeout=timeout)
        return self

    # --- drawing -----------------------------------------------------------------------------------------------------

    def drag_in(self, kind: str, key: str, dx: float, dy: float) -> None:
        """Drags an entry of the palette onto the canvas, (dx, dy) from its middle."""
        if not self.get(f"palette-{kind}-{key}").is_visible():
            self.get("rail-add").click()  # where there is little room the palette is folded away
        x, y = middle(self.get("canvas"))
        self._drag(middle(self.get(f"palette-{kind}-{key}")), (x + dx, y + dy))

    def connect(self, source: str, target: str) -> None:
        """Drags from the output port of one node to the input port of another."""
        self._drag(middle(self.get(f"handle-out-{source}")), middle(self.get(f"handle-in-{target}")))

    def select(self, node: str) -> None:
        self.node(node).locator(".words").click()

    def node(self, key: str) -> Locator:
        return self.inside.locator(f".react-flow__node[data-id='{key}']")

    def nodes(self) -> list[str]:
        """The keys of the nodes on the canvas."""
        return sorted(self.inside.locator(".react-flow__node").evaluate_all("nodes => nodes.map((node) => node.dataset.id)"))

    def edges(self) -> int:
        return self.inside.locator(".react-flow__edge").count()

    def set(self, field: str, text: str, where: str = "inspector") -> None:
        """Types a value and presses Enter."""
        self.fill(self.get(where).get_by_test_id(f"field-{field}"), text)

    def fill(self, box: Locator, text: str) -> None:
        box.click()
        box.fill(text)
        box.press("Enter")

    def _drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move(start[0] + 8, start[1] + 4, steps=2)
        mouse.move(*end, steps=8)
        mouse.up()

    # --- running -----------------------------------------------------------------------------------------------------

    def run(self, until: str = "done", timeout: float = 60_000) -> None:
        self.get("run").click()
        self.wait_state(until, timeout)

    def wait_state(self, state: str, timeout: float = 60_000) -> None:
        self.inside.locator(f"[data-testid='progress'][data-state='{state}']").first.wait_for(timeout=timeout, state="attached")

    def said(self) -> str:
        """What stands beside the run button."""
        return self.get("progress").first.inner_text()

    def spikes(self) -> int:
        """The number of spikes that the surface says it has."""
        word = re.sub(r"[\s,]|spikes", "", self.said().rsplit("·", 1)[1])
        factor = {"k": 1e3, "M": 1e6}.get(word[-1:], 1)
        return int(float(word.rstrip("kM")) * factor)

    def raster_ink(self) -> int:
        """How many pixels of the raster are not its background."""
        return self.get("raster").evaluate(
            """host => {
              let ink = 0;
              for (const canvas of host.querySelectorAll("canvas")) {
                if (!canvas.width || !canvas.height) continue;
                const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer);
                const counts = new Map();
                for (const pixel of pixels) counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
                ink += pixels.length - Math.max(...counts.values());
              }
              return ink;
            }"""
        )


def middle(locator: Locator) -> tuple[float, float]:
    locator.scroll_into_view_if_needed()
    box = locator.bounding_box()
    assert box is not None, f"{locator} is not on the screen"
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def until(true: Callable[[], Any], seconds: float = 10.0, what: str = "what was waited for") -> Any:
    """The first true value of `true`."""
    end = time.monotonic() + seconds
    while not (value := true()):
        assert time.monotonic() < end, f"{what} did not come in {seconds:g} s"
        time.sleep(0.05)
    return value
