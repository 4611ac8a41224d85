"""One JupyterLab and one Chromium for all browser tests; a page with a notebook for each.

Both end when the last test of this folder did: Playwright's event loop would be in the way of the
tests of other folders that run one themselves.
"""

from __future__ import annotations

import os
import shutil
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest
from playwright.sync_api import expect, sync_playwright

from .jupyter import PACKAGE, PATIENCE, Jupyter, Notebook

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from playwright.sync_api import Browser, BrowserContext

# What is expected comes at once, or on a busy machine later: the limit is only there against hanging.
expect.set_options(timeout=PATIENCE)

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")

# Quiet: a browser that starts asks a dozen addresses for things that no test needs.
ARGUMENTS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Opener(Protocol):
    """Opens a notebook under the root folder in a page of its own."""

    def __call__(self, path: str, *, app: str = "lab", kernel: bool = True) -> Notebook: ...


def find_chromium() -> str | None:
    """The system's Chromium or Chrome: `$CHROMIUM`, else the first that is found."""
    for name in (os.environ.get("CHROMIUM", ""), *CHROMIUM):
        found = shutil.which(name) if name else None
        if found:
            return found
    return str(MAC) if MAC.exists() else None


def _launch_options() -> dict[str, Any]:
    """How to start Chromium. Where there is none: in CI a failure, else skipped."""
    found = find_chromium()
    if found is None:
        remedy = "no Chromium: `apt-get install chromium`, or set CHROMIUM to the path of one"
        if os.environ.get("CI"):
            pytest.fail(remedy)
        pytest.skip(remedy)
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return {"executable_path": found, "args": [*ARGUMENTS, *(["--no-sandbox"] if root else [])]}


@contextmanager
def chromium() -> Generator[Browser]:
    """A browser, as long as the block lasts."""
    with sync_playwright() as playwright, playwright.chromium.launch(**_launch_options()) as browser:
        yield browser


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def person(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BrowserContext]:
    """A browser with a profile on disk, in which JupyterLab's scripts stay compiled from page to page."""
    with browser.browser_type.launch_persistent_context(
        tmp_path_factory.mktemp("profile"),
        viewport={"width": 1280, "height": 900},
        reduced_motion="reduce",
        **_launch_options(),
    ) as context:
        yield context


@pytest.fixture(scope="package")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    """A JupyterLab: `lab.url`, its root folder `lab.root`, `lab.write(path, cells)`."""
    if not (PACKAGE / "view" / "static" / "widget.js").exists():
        pytest.fail("the front end is not built: run `make build`")
    jupyter = Jupyter(tmp_path_factory.mktemp("jupyter"))
    yield jupyter
    jupyter.close()


@pytest.fixture
def notebook(person: BrowserContext, lab: Jupyter) -> Iterator[Opener]:
    """Opens notebooks. After the test their kernels are shut, what pages keep is forgotten, and no
    page may have complained."""
    opened: list[Notebook] = []

    def open_notebook(path: str, *, app: str = "lab", kernel: bool = True) -> Notebook:
        opened.append(Notebook(person.new_page(), lab, path, app=app))
        return opened[-1].open(kernel=kernel)

    yield open_notebook
    for one in opened:
        one.close()
    person.clear_permissions()
    devtools = person.new_cdp_session(person.pages[0])  # the empty page that it began with
    devtools.send("Storage.clearDataForOrigin", {"origin": lab.origin, "storageTypes": "all"})
    devtools.detach()
    complaints = [complaint for one in opened for complaint in one.complaints]
    assert not complaints, "the page complained:\n" + "\n".join(complaints)
