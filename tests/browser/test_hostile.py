"""Text that wants to be more than text, in a real browser: none of it runs, and nothing is fetched.

Each attack stands in every place of a recording that holds a text (`tests/fixtures/hostile`): what a
model wrote, names of parts, roles, tasks, notes, tools with arguments and results, titles, labels,
evidence, and the recording's own fields. A plain page mounts the bundle for each, as any host of
widgets does, and opens the inspector on every bar.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from score_kernel.view.page import STATIC

from ..cases import CASES, needs_cases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Route

pytestmark = pytest.mark.browser

HOSTILE = Path(__file__).parent.parent / "fixtures" / "hostile"
PLACES = (HOSTILE / "places.jsonl").read_text("utf-8")
ATTACKS = json.loads((HOSTILE / "attacks.json").read_text("utf-8"))
SITE = "http://score.test/"
AT_ONCE = 16
LANGUAGES = ("html", "js", "php", "markdown", "python")

# The part of a kernel: it answers the page's hello with the take so far, and gives what colours code.
MOUNT = """
async ({ recordings, source, code }) => {
  const { default: widget } = await (window.bundle ??= import(source));
  const settled = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const mounted = recordings.map((lines) => {
    const el = document.body.appendChild(document.createElement("div"));
    const hears = new Set();
    const model = {
      get: () => "key",
      on: (name, callback) => { if (name === "msg:custom") hears.add(callback); },
      off: (name, callback) => hears.delete(callback),
      send: (message) => {
        const snapshot = { type: "snapshot", n: 1, take: "take2", live: false };
        const answer = { hello: [snapshot, lines], code: [{ type: "code", n: 2 }, code] }[message.type];
        if (answer) setTimeout(() => hears.forEach((hear) => hear(answer[0], [new TextEncoder().encode(answer[1])])));
      },
    };
    return { el, end: widget.render({ model, el }) };
  });
  const root = (el) => el.shadowRoot ?? el;
  // all at once, for most of it is waiting for the next frame
  const seen = await Promise.all(mounted.map(async ({ el }) => {
    for (let i = 0; i < 200 && !root(el).querySelector('[role="option"]'); i++) await settled();
    const bars = root(el).querySelectorAll('[role="option"]').length;
    let [inspected, words, coloured] = [0, 0, 0];
    for (let i = 0; i < bars; i++) {
      root(el).querySelectorAll('[role="option"]')[i].click();
      await settled();
      const inspector = root(el).querySelector('[aria-label="Inspector"]');
      if (!inspector) continue;
      inspected += 1;
      const compare = inspector.querySelector('[aria-label="Compare with"]');
      if (compare) {
        compare.selectedIndex = compare.options.length - 1;
        compare.dispatchEvent(new Event("change", { bubbles: true }));
      }
      for (const details of inspector.querySelectorAll("details")) details.open = true;
      // what leads nowhere may be clicked; so may the evidence
      for (const link of inspector.querySelectorAll("a:not([href])")) link.click();
      await settled();
      words += inspector.textContent.length;
      coloured += inspector.querySelectorAll("pre code span").length;
      for (const flag of inspector.querySelectorAll("button.sk-flag")) flag.click();
    }
    return { bars, inspected, words, coloured };
  }));
  await new Promise((done) => setTimeout(done, 50));
  for (const { el, end } of mounted) { end(); el.remove(); }
  return seen;
}
"""


class Witness:
    """A page, and all that happened in it which no text may bring about."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.happened: list[str] = []
        page.route("**/*", self._serve)
        page.goto(SITE)
        page.on("request", lambda request: self.happened.append(f"fetched {request.url}"))
        page.on("dialog", self._asked)
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.happened.append(f"error {error}"))
        page.on("popup", lambda popup: self.happened.append(f"opened {popup.url}"))
        page.on("framenavigated", lambda frame: self.happened.append(f"went to {frame.url}"))
        bundle, self._code = ((STATIC / name).read_text("utf-8") for name in ("widget.js", "code.js"))
        make = "code => URL.createObjectURL(new Blob([code], { type: 'text/javascript' }))"
        self._source = page.evaluate(make, bundle)

    def _serve(self, route: Route) -> None:
        if route.request.url == SITE:
            route.fulfill(body="<!doctype html><title>Score</title>", content_type="text/html")
        else:
            route.abort()

    def _asked(self, dialog: Dialog) -> None:
        self.happened.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.happened.append(f"{message.type} {message.text}")

    def show(self, recordings: list[str]) -> list[dict[str, int]]:
        return self.page.evaluate(
            MOUNT, {"recordings": recordings, "source": self._source, "code": self._code}
        )

    def tells(self) -> list[str]:
        ran = self.page.evaluate("window.hacked")
        own = [f"fetched {self._source}"]
        # what the kernel gave for code is a Blob of the view's own, and there is one on a page
        own += [one for one in self.happened if one.startswith("fetched blob:") and one not in own][:1]
        return [one for one in self.happened if one not in own] + ([f"ran {ran} times"] if ran else [])


@pytest.fixture
def witness(browser: Browser) -> Iterator[Witness]:
    context = browser.new_context(viewport={"width": 1000, "height": 900}, reduced_motion="reduce")
    yield Witness(context.new_page())
    context.close()


def recording(text: str) -> str:
    """The recording with that text in all of its places."""
    return PLACES.replace("@@", json.dumps(text)[1:-1])


def show_all(witness: Witness, texts: list[str]) -> int:
    """Show them in all places. Gives how many pieces of code were in colours."""
    coloured = 0
    for first in range(0, len(texts), AT_ONCE):
        some = texts[first : first + AT_ONCE]
        seen = witness.show([recording(text) for text in some])
        assert witness.tells() == [], some
        for text, found in zip(some, seen, strict=True):
            assert found["bars"] >= 3, text
            assert found["inspected"] == found["bars"], text
            assert found["words"] > found["bars"] * len(text), text
            coloured += found["coloured"]
    return coloured


def test_it_would_be_noticed(witness: Witness) -> None:
    body = "document.body.innerHTML = `<img src=x onerror='window.hacked = 1; alert(1)'>`"
    witness.page.evaluate(body)
    witness.page.wait_for_function("window.hacked")
    assert {one.split()[0] for one in witness.tells()} >= {"fetched", "dialog", "error", "ran"}


def test_no_text_in_any_place_runs_or_fetches(witness: Witness) -> None:
    show_all(witness, ATTACKS["texts"])


def test_no_link_of_any_form_runs_or_fetches(witness: Witness) -> None:
    # all of one form in one text: a row of links is as good as a link
    lines = ["\n\n".join(link.replace("%", url) for url in ATTACKS["urls"]) for link in ATTACKS["links"]]
    show_all(witness, lines)


def test_no_code_runs_or_fetches(witness: Witness) -> None:
    blocks = [
        "\n\n".join(f"`````{language}\n{text}\n`````" for language in LANGUAGES) for text in ATTACKS["texts"]
    ]
    assert show_all(witness, blocks) > len(blocks) * len(LANGUAGES)


@needs_cases
def test_no_naughty_string_runs_or_fetches(witness: Witness) -> None:
    assert CASES
    naughty = json.loads((CASES / "hostile" / "blns" / "blns.json").read_text("utf-8"))
    assert len(naughty) > 400
    show_all(witness, naughty)
