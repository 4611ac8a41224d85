"""Voila, in real Chromium: the page of a notebook shows the view, and conducts what still plays."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from ..browser.conftest import chromium
from .gate import COMPOSE, TEAM, Gate
from .surroundings import TALE, write_notebook
from .voila import Voila

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Page

pytestmark = pytest.mark.browser

PATIENCE = 60_000  # ms: Voila runs the whole notebook before its page is there


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def voila(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Voila]:
    voila = Voila(tmp_path_factory.mktemp("voila"))
    yield voila
    voila.close()


@pytest.fixture
def page(browser: Browser, voila: Voila) -> Iterator[Page]:
    """A page that reaches nothing but this server, and must not complain."""
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        if message.type == "error" and (not address or address.startswith(voila.url)):
            complaints.append(f"{message.text} ({address})")

    page = browser.new_page(viewport={"width": 1280, "height": 1200}, reduced_motion="reduce")
    # its icons come from the network
    page.route(lambda url: not url.startswith(voila.url), lambda route: route.abort())
    page.on("console", heard)
    page.on("pageerror", lambda error: complaints.append(f"uncaught: {error.message}\n{error.stack}"))
    page.set_default_timeout(PATIENCE)
    yield page
    page.close()
    assert not complaints, "the page complained:\n" + "\n".join(complaints)


def test_a_performance_is_shown_and_scrubbed(voila: Voila, page: Page) -> None:
    write_notebook(voila.root / "tale.ipynb", TALE)
    page.goto(voila.page("tale.ipynb"), timeout=PATIENCE)
    bar = page.get_by_role("option", name=re.compile("^teller, .*played"))
    expect(bar).to_have_count(1, timeout=PATIENCE)
    bar.click()
    expect(page.get_by_role("region", name="Inspector")).to_contain_text("Tell a tale.")
    expect(page.get_by_text("Once upon a time.", exact=True).last).to_be_visible()
    page.get_by_role("button", name="Back to start").click()
    expect(page.get_by_role("slider", name="Playhead")).to_have_attribute(
        "aria-valuetext", re.compile(r"^0\.0 s")
    )


CODE_TALE = [
    r"""%load_ext score_kernel
lines = {'coder': [{'wait': 0.3, 'text': 'So:\n\n```python\ndef one():\n    return 1\n```'}]}""",
    "%%compose One\nWrite it.",
    "%%orchestrate\nparts:\n  coder: {player: script:lines}",
    "%%conduct",
]


def test_code_is_coloured(voila: Voila, page: Page) -> None:
    loaded: list[str] = []
    page.on("request", lambda asked: loaded.append(asked.url.partition("?")[0]))
    write_notebook(voila.root / "code.ipynb", CODE_TALE)
    page.goto(voila.page("code.ipynb"), timeout=PATIENCE)
    page.get_by_role("option", name=re.compile("^coder, .*played")).click(timeout=PATIENCE)
    code = page.get_by_role("region", name="Text", exact=True).locator("pre code")
    expect(code.locator("span")).to_have_text(["def", "one", "return", "1"])
    expect(code).to_have_text("def one():\n    return 1\n")
    assert len([url for url in loaded if url.endswith("/score-kernel/static/code.js")]) == 1


def test_a_performance_in_the_background_is_conducted_from_the_page(voila: Voila, page: Page) -> None:
    gate = Gate()
    try:
        cells = ["%load_ext score_kernel", gate.plays, COMPOSE, TEAM, "%conduct -b"]
        write_notebook(voila.root / "background.ipynb", cells)
        page.goto(voila.page("background.ipynb"), timeout=PATIENCE)
        assert gate.entered() == "first"
        page.get_by_role("button", name="Pause performance").click()
        expect(page.get_by_role("button", name="Resume performance")).to_be_visible()
        gate.let_go()
        expect(page.get_by_role("option", name=re.compile("^first, played"))).to_have_count(1)
        page.get_by_role("button", name="Resume performance").click()
        for part in ("second", "third"):
            assert gate.entered() == part
            gate.let_go()
        expect(page.get_by_role("option", name=re.compile("^third, played"))).to_have_count(1)
    finally:
        gate.close()
