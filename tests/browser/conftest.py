"""A real browser, and the hosts it visits: the Panel app and JupyterLab, each on a free port with folders of its own.

Every test fails on an error in the browser's console, and on any request that leaves this machine.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from browser.ports import free_port
from ensure_browser import find
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

RESULTS = Path(__file__).resolve().parents[2] / "test-results"
# Chromium in a container: no sandbox, no GPU, no shared memory of its own size.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
HARMLESS = re.compile(r"favicon|ResizeObserver loop|apple-touch-icon|Deprecat")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find()
    if path is None:
        pytest.fail("The browser tests need Chromium: run tests/ensure_browser.py, or set STUDIO_CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@dataclass
class Watched:
    """What went wrong on the pages of one test."""

    errors: list[str] = field(default_factory=list)
    abroad: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" and not HARMLESS.search(m.text) else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)) if not HARMLESS.search(str(error)) else None)
        page.on("request", lambda request: self.abroad.append(request.url) if leaves(request.url) else None)


def leaves(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in ("http", "https", "ws", "wss") and parts.hostname not in ("localhost", "127.0.0.1")


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page whose faults fail the test; its last picture lies in test-results/."""
    watched = Watched()
    context.on("page", watched.watch)
    page = context.new_page()
    yield page
    snap(page, request.node.name)
    assert watched.errors == [], "errors in the browser's console"
    assert watched.abroad == [], "requests that left this machine"


def snap(page: Page, name: str) -> None:
    RESULTS.mkdir(exist_ok=True)
    page.screenshot(path=RESULTS / f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}.png")


@pytest.fixture(scope="session")
def app_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The Panel app, as `studio app` starts it."""
    state = tmp_path_factory.mktemp("state")
    command = [sys.executable, "-m", "studio", "app", "--no-browser", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "SPIKE_STUDIO_STATE": str(state)})
    assert process.stdout is not None
    said = process.stdout.readline()
    assert "http://" in said, "the app did not start"
    yield said.split(": ", 1)[1].strip()
    process.terminate()
    process.wait(timeout=20)


@dataclass(frozen=True)
class Lab:
    """A JupyterLab: its address, and the folder it shows."""

    url: str
    folder: Path


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab with a home of its own and the studio's extension from this checkout."""
    home, folder = tmp_path_factory.mktemp("home"), tmp_path_factory.mktemp("work")
    extensions = home / "share" / "jupyter" / "labextensions"
    extensions.mkdir(parents=True)
    (extensions / "spike-studio").symlink_to(Path(__file__).resolve().parents[2] / "studio" / "labextension")
    quiet = home / "settings" / "@jupyterlab" / "apputils-extension"
    quiet.mkdir(parents=True)
    (quiet / "notification.jupyterlab-settings").write_text('{"fetchNews": "false", "checkForUpdates": false}')
    port = free_port()
    environment = {
        **os.environ,
        "HOME": str(home),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "share" / "jupyter"),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
    }
    flags = ["--no-browser", "--allow-root", f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=", "--LabApp.news_url=None",
             "--LabApp.expose_app_in_browser=True", f"--ServerApp.root_dir={folder}", "--ServerApp.log_level=ERROR"]  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", *flags], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    )
    url = f"http://localhost:{port}"
    _wait_for(url + "/api", process)
    yield Lab(url, folder)
    process.terminate()
    process.wait(timeout=20)


def _wait_for(url: str, process: subprocess.Popen[bytes], seconds: float = 60.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except OSError:
            time.sleep(0.1)
    pytest.fail("JupyterLab did not start.")
