"""The page of `%score save x.html`, from a disk and with no network: it works, and runs nothing else."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from score_kernel import Score, Take
from score_kernel.view.page import STATIC
from tests.cases import CASES, needs_cases

from .axe import violations

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Dialog, Locator, Page

pytestmark = pytest.mark.browser

LISTEN = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`refused: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


class Saved:
    """A page from a disk, in a browser with no network, and all that it tried or complained of."""

    def __init__(self, page: Page, file: Path) -> None:
        self.page, self.file = page, file
        self.complaints: list[str] = []
        page.on("console", lambda message: self._heard(message.type, message.text))
        page.on("pageerror", lambda error: self._heard("error", str(error)))
        page.on("dialog", self._asked_something)
        page.on("popup", lambda popup: self._heard("error", f"it opened {popup.url}"))
        page.on("request", lambda request: self._asked(request.url))
        page.add_init_script(LISTEN)

    def _heard(self, kind: str, told: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(told)

    def _asked_something(self, dialog: Dialog) -> None:
        self._heard("error", f"it asks: {dialog.message}")
        dialog.dismiss()

    def _asked(self, url: str) -> None:
        if url != self.file.as_uri():
            self.complaints.append(f"it asked for {url[:200]}")

    def open(self) -> Saved:
        self.page.goto(self.file.as_uri())
        self.playhead.wait_for()
        return self

    def reload(self) -> None:
        self.page.reload()
        self.playhead.wait_for()

    @property
    def playhead(self) -> Locator:
        return self.page.get_by_role("slider", name="Playhead")

    @property
    def bars(self) -> Locator:
        return self.page.get_by_role("listbox", name="Contributions").get_by_role("option")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def shot(self, name: str) -> None:
        """A picture of the page in the folder `$SCORE_SHOTS`, if that is set."""
        if folder := os.environ.get("SCORE_SHOTS"):
            self.page.screenshot(path=Path(folder) / f"{name}.png")


class Opener:
    """Opens saved pages. They are to be quiet to the end."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self.opened: list[Saved] = []

    def __call__(self, file: Path, width: int = 1280, **options: Any) -> Saved:
        context = self._browser.new_context(
            viewport={"width": width, "height": 900}, offline=True, reduced_motion="reduce", **options
        )
        self.opened.append(Saved(context.new_page(), file))
        return self.opened[-1]


@pytest.fixture
def saved(browser: Browser) -> Iterator[Opener]:
    if not (STATIC / "page.js").exists():
        pytest.fail("the front end is not built: run `make build`")
    opener = Opener(browser)
    yield opener
    for one in opener.opened:
        one.page.context.close()
    assert [told for one in opener.opened for told in one.complaints] == []


def width(of: Locator) -> float:
    box = of.bounding_box()
    assert box is not None
    return box["width"]


def played(texts: dict[str, Any], title: str = "Adding", note: str = "", again: bool = False) -> Score:
    """A score in which each of these parts has played its text, one after the other."""
    score = Score()
    score.compose("A function that adds.\n\n## Criteria\n- it adds", title=title)
    parts: dict[str, Any] = {}
    for name in texts:
        parts[name] = {"player": "script:lines", "task": f"Play {name}", "after": list(parts)}
    score.orchestrate({"parts": parts}, namespace={"lines": texts})
    assert isinstance(score.conduct(note), Take)
    if again:
        score.conduct(fresh_all=True)
    return score


@pytest.fixture
def piece(tmp_path: Path) -> Path:
    code = [{"wait": 0.3, "text": "Here is the code:\n\n"}, {"wait": 0.3, "text": "```python\nx = 1\n```"}]
    tests = [{"wait": 0.2, "text": "assert x == 1, **for sure**"}]
    score = played({"coder": code, "tester": tests}, note="Keep it small.", again=True)
    return score.save(tmp_path / "piece.html")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("wide", [500, 1400])
def test_it_opens_in_both_themes_at_any_width(saved: Opener, piece: Path, scheme: str, wide: int) -> None:
    found = saved(piece, wide, color_scheme=scheme).open()
    expect(found.page).to_have_title("Adding · Score")
    expect(found.bars).to_have_count(2)
    expect(found.page.locator("footer")).to_contain_text("%score load piece.html")
    assert found.page.evaluate("document.documentElement.scrollWidth") <= wide
    assert width(found.page.locator(".score-kernel")) > wide * 0.9
    paper = found.page.evaluate("getComputedStyle(document.querySelector('.sk-body')).backgroundColor")
    assert paper == ("rgb(255, 255, 255)" if scheme == "light" else "rgb(22, 24, 28)")
    found.shot(f"page-{scheme}-{wide}")


def test_it_plays_is_scrubbed_zoomed_and_inspected(saved: Opener, piece: Path) -> None:
    found = saved(piece).open()
    end = str(found.playhead.get_attribute("aria-valuetext"))
    found.button("Back to start").click()
    expect(found.playhead).to_have_attribute("aria-valuetext", re.compile(r"^0\.0 s"))
    found.page.get_by_role("combobox", name="Speed").select_option("0.25")
    found.button("Play").click()
    expect(found.button("Pause")).to_be_visible()
    expect(found.playhead).to_have_attribute("aria-valuetext", end, timeout=30_000)
    expect(found.button("Play")).to_be_visible()
    found.playhead.fill("300")
    expect(found.playhead).to_have_attribute("aria-valuetext", re.compile(r"^0\.3 s, .*coder"))
    found.button("To end").click()
    tester = found.page.get_by_role("option", name=re.compile("^tester, "))
    before, place = width(tester), tester.get_attribute("style") or ""
    found.button("Zoom in").click()
    expect(tester).not_to_have_attribute("style", place)
    assert width(tester) > before
    found.button("Zoom to fit").click()
    found.bars.first.click()
    inspector = found.page.get_by_role("region", name="Inspector")
    expect(inspector).to_contain_text("x = 1")
    expect(inspector).to_contain_text("A function that adds.")
    found.shot("page-inspector")


def test_its_code_is_coloured_by_a_script_that_sleeps_until_then(saved: Opener, piece: Path) -> None:
    found = saved(piece).open()
    scripts = "[...document.scripts].map(({ id, type }) => [id, type])"
    before = found.page.evaluate(scripts)
    assert before == [["recording", "application/gzip"], ["code", "text/plain"], ["", ""]]
    assert found.page.evaluate("Symbol.for('score-kernel.code.1') in window") is False
    found.bars.last.click()  # it played no code
    assert found.page.evaluate(scripts) == before
    found.bars.first.click()
    code = found.page.get_by_role("region", name="Text", exact=True).locator("pre code")
    expect(code.locator("span")).to_have_text(["1"])
    expect(code).to_have_text("x = 1\n")
    assert found.page.evaluate(scripts) == [["recording", "application/gzip"], ["", ""], ["", ""]]
    found.shot("page-code")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_it(saved: Opener, piece: Path, scheme: str) -> None:
    # axe is no script of the page's
    found = saved(piece, color_scheme=scheme, bypass_csp=True).open()
    found.bars.first.click()
    expect(found.page.locator(".sk-code-number")).to_have_text("1")
    assert violations(found.page.locator("html")) == []


def test_its_keys_work_and_a_reload_shows_it_again(saved: Opener, piece: Path) -> None:
    found = saved(piece).open()
    timeline = found.page.get_by_role("listbox", name="Contributions")
    timeline.focus()
    timeline.press("Home")
    expect(found.playhead).to_have_attribute("aria-valuetext", re.compile(r"^0\.0 s"))
    for _ in range(6):
        timeline.press("ArrowRight")
    expect(found.playhead).not_to_have_attribute("aria-valuetext", re.compile(r"^0\.0 s"))
    timeline.press("Home")
    timeline.press("Space")
    expect(found.button("Pause")).to_be_visible()
    timeline.press("End")
    timeline.press("+")
    timeline.press("?")
    expect(found.page.get_by_role("dialog")).to_be_visible()
    found.reload()
    expect(found.bars).to_have_count(2)


def test_all_takes_are_in_it_and_the_latest_is_shown(saved: Opener, piece: Path) -> None:
    found = saved(piece).open()
    expect(found.page.locator(".sk-header")).to_contain_text("take2")
    loaded = Score.load(piece)
    assert [take.id for take in loaded.takes] == ["take1", "take2"]


def test_without_scripts_it_is_a_picture(saved: Opener, piece: Path) -> None:
    found = saved(piece, java_script_enabled=False)
    found.page.goto(piece.as_uri())
    picture = found.page.get_by_role("img", name="Take: 2 of 2 parts, 0 failed")
    expect(picture).to_be_visible()
    expect(found.page.locator("noscript p")).to_be_visible()
    assert width(picture) > 400
    found.shot("page-no-script")


def test_a_broken_page_shows_its_picture_and_one_line(saved: Opener, piece: Path) -> None:
    text = piece.read_text("utf-8")
    at = text.index('id="recording"') + 400
    piece.write_text(text[:at] + ("A" if text[at] != "A" else "B") * 8 + text[at + 8 :], "utf-8")
    found = saved(piece)
    found.page.goto(piece.as_uri())
    expect(found.page.get_by_text("The recording in this page cannot be read")).to_be_visible()
    expect(found.page.get_by_role("img", name="Take: 2 of 2 parts, 0 failed")).to_be_visible()


# What a score may hold ------------------------------------------------------------------------------

RUN = "window.ran=1"
HOSTILE = [
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"<!--<script>{RUN}</script>",
    f"--><script>{RUN}</script><!--",
    f"</noscript></title></style><img src=x onerror={RUN}>",
    f"<svg onload={RUN}><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<meta http-equiv=refresh content='0;url=javascript:{RUN}'>",
    f"<base href='https://x.invalid/'><form action=javascript:{RUN}><button autofocus>go</button></form>",
    f'[a link](javascript:{RUN}) <a href="javascript:{RUN}" onfocus={RUN} autofocus>b</a>',
    "![an image](https://x.invalid/a.png) <img src='https://x.invalid/b.png'>",
    "<link rel=stylesheet href=https://x.invalid/c.css><style>@import 'https://x.invalid/d.css'</style>",
    f'<p style="background:url(https://x.invalid/e.png)" onmouseover={RUN}>over</p>',
    "\u2028\u2029\u202e\x00\x0b\ufeff \ud800 \udfff \U000e0001",
    f"```html\n</code></pre><script>{RUN}</script>\n```",
    f"```js\n`${{{RUN}}}` <script>{RUN}</script> <!--<script>\n```\n```php\n<?php {RUN} ?><img src=x onerror={RUN}>\n```",
    f"{{{{constructor.constructor('{RUN}')()}}}} ${{{RUN}}} `{RUN}`",
]


def walk(found: Saved) -> None:
    """Look at all there is: every bar in the inspector, with the view as it plays and at its end."""
    for bar in found.bars.all():
        bar.click()
        expect(found.page.get_by_role("region", name="Inspector")).to_be_visible()
    found.button("Back to start").click()
    found.button("To end").click()
    assert found.page.evaluate("window.ran") is None
    assert found.page.locator("script:not(body > script), iframe, object, link:not(head > link)").count() == 0


def test_no_text_of_a_score_runs_or_asks_for_anything(saved: Opener, tmp_path: Path) -> None:
    texts = {f"p{number}": f"{text}\n\n    {text}" for number, text in enumerate(HOSTILE)}
    all_of_it = " ".join(HOSTILE)
    score = played(texts, title=all_of_it, note=all_of_it)
    found = saved(score.save(tmp_path / "a%23 '<b>&.html")).open()
    expect(found.bars).to_have_count(len(texts))
    walk(found)
    found.shot("page-hostile")


@needs_cases
def test_no_naughty_string_runs_or_asks_for_anything(saved: Opener, tmp_path: Path) -> None:
    assert CASES is not None
    strings: list[str] = json.loads((CASES / "hostile" / "blns" / "blns.json").read_text("utf-8"))
    texts = {f"p{at}": "\n\n".join(strings[at : at + 40]) for at in range(0, len(strings), 40)}
    score = played(texts)
    found = saved(score.save(tmp_path / "naughty.html")).open()
    walk(found)
