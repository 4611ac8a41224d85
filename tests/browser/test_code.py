"""Code in its colours: loaded when there is some to see, in place, and not a letter of it changed."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from score_kernel.score.codec import from_lines
from score_kernel.view.mime import recording_data

from .test_saved import FIXTURES, saved

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Route

    from .conftest import Opener
    from .jupyter import Jupyter

pytestmark = pytest.mark.browser

CODE = 'def add(a: int, b: int) -> int:  # the sum of two\n    """Adds."""\n    return a + b + 0\n' * 9
ANSWER = f"Here it is:\n\n```python\n{CODE}```\n\nThat is all."

# of all boxes; what is in a line may be wider by hundredths of a pixel, where it is cut into pieces
GEOMETRY = """(text) => [...text.querySelectorAll("*:not(span, code)")].map((node) => {
  const { x, y, width, height } = node.getBoundingClientRect();
  return [node.tagName, x, y, width, height, node.scrollWidth, node.scrollHeight];
})"""


def spans(view: Locator) -> Locator:
    """What has a colour in the text that the inspector shows."""
    return view.get_by_role("region", name="Text", exact=True).locator("code span")


def kinds(view: Locator) -> set[str]:
    return {str(span.get_attribute("class")).removeprefix("sk-code-") for span in spans(view).all()}


def colours(view: Locator) -> set[str]:
    return {str(span.evaluate("(node) => getComputedStyle(node).color")) for span in spans(view).all()}


class Held:
    """Requests for `code.js`, which wait until they are let go on."""

    def __init__(self, page: Page) -> None:
        self.asked: list[Route] = []
        page.route("**/code.js*", self._hold)

    def _hold(self, route: Route) -> None:
        self.asked.append(route)

    def let_go(self) -> None:
        for route in self.asked:
            route.continue_()


def cell() -> Any:
    """A cell with the output of a performance in which `coder` and `tester` played this code."""
    lines = (FIXTURES / "plain.jsonl").read_text("utf-8").splitlines()
    told = [json.loads(line) for line in lines]
    left = [1, 2]  # the numbers of their contributions
    for event in told:
        if event["type"] == "text" and event["c"] in (1, 2):
            event["text"] = ANSWER if event["c"] in left else ""
            left = [c for c in left if c != event["c"]]
    events = from_lines("".join(f"{json.dumps(event)}\n" for event in told).encode())
    return saved(recording_data(events, key="k1", take="take1", live=False))


@pytest.mark.parametrize("app", ["lab", "notebooks"])
def test_in_a_saved_notebook_with_no_kernel_it_is_coloured_where_it_stands(
    lab: Jupyter, notebook: Opener, app: str
) -> None:
    spec = {"name": "nowhere", "display_name": "Nowhere", "language": "python"}
    lab.write(f"code-{app}.ipynb", [cell()], kernelspec=spec)
    found = notebook(f"code-{app}.ipynb", app=app, kernel=False)
    found.dismiss_dialogs()
    held = Held(found.page)
    view = found.output(0)
    view.get_by_role("slider", name="Playhead").wait_for()
    found.page.wait_for_timeout(200)
    assert held.asked == []
    view.get_by_role("option", name=re.compile("^coder")).first.click()
    text = view.get_by_role("region", name="Text", exact=True)
    block = text.locator("pre").first
    expect(block).to_be_visible()
    block.focus()
    before, words = text.evaluate(GEOMETRY), text.text_content()
    assert spans(view).count() == 0
    assert len(held.asked) == 1
    held.let_go()
    expect(spans(view).first).to_be_visible()
    assert text.evaluate(GEOMETRY) == before
    assert text.text_content() == words
    assert block.evaluate("(node) => node === document.activeElement")
    assert {"keyword", "title"} <= kinds(view)
    view.get_by_role("option", name=re.compile("^tester")).first.click()
    expect(spans(view).first).to_be_visible()
    assert len(held.asked) == 1
    found.shot(f"code-{app}")


def test_it_has_other_colours_in_the_dark(lab: Jupyter, notebook: Opener) -> None:
    lab.write("code-themes.ipynb", [cell()])
    found = notebook("code-themes.ipynb", kernel=False)
    view = found.output(0)
    view.get_by_role("option", name=re.compile("^coder")).first.click()
    expect(spans(view).first).to_be_visible()
    seen = {}
    for theme in ("Dark", "Light"):  # it stays for the next test
        found.theme(f"JupyterLab {theme}")
        seen[theme] = colours(view)
        found.shot(f"code-{theme.lower()}", view)
    assert len(seen["Dark"]) > 2
    assert seen["Dark"].isdisjoint(seen["Light"])


LOAD = f"""%load_ext score_kernel
code = {CODE!r}
more = [{{"wait": 0.1, "text": line}} for line in code.splitlines(keepends=True)]
lines = {{"coder": [{{"wait": 0.1, "text": "Here:\\n\\n```python\\n"}}, *more, {{"wait": 0.1, "text": "```"}}]}}
"""
COMPOSE = "%%compose Adding\nA function that adds two numbers."
TEAM = "%%orchestrate\nparts:\n  coder: {player: script:lines}"


def test_it_is_coloured_as_it_streams_and_copied_as_it_was_written(lab: Jupyter, notebook: Opener) -> None:
    lab.write("code-live.ipynb", [LOAD, COMPOSE, TEAM, "%%conduct"])
    found = notebook("code-live.ipynb")
    found.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    for n in range(3):
        found.run(n)
    found.start(3)
    view = found.output(3)
    view.get_by_role("option", name=re.compile("^coder, playing")).click()
    expect(spans(view).first).to_be_visible()
    assert view.get_by_role("option", name=re.compile("^coder, playing")).count() == 1
    found.wait_idle()
    expect(view.get_by_role("option", name=re.compile("^coder, played"))).to_have_count(1)
    assert {"keyword", "title", "type", "comment", "string", "number"} <= kinds(view)
    for name, expected in (("Copy code", CODE), ("Copy text", f"Here:\n\n```python\n{CODE}```")):
        view.get_by_role("button", name=name).click()
        expect(view.get_by_role("button", name=name)).to_have_attribute("data-done", "copied")
        assert found.page.evaluate("navigator.clipboard.readText()") == expected
    found.shot("code-live", view)


@pytest.mark.parametrize(
    "body", ["", "nothing(", "globalThis[Symbol.for('score-kernel.code.1')].cut = () => 1"]
)
def test_what_is_no_such_script_leaves_code_plain(lab: Jupyter, notebook: Opener, body: str) -> None:
    lab.write("code-none.ipynb", [cell()])
    found = notebook("code-none.ipynb", kernel=False)
    answered: list[str] = []

    def answer(route: Route) -> None:
        answered.append(route.request.url)
        route.fulfill(body=body, content_type="text/javascript")

    found.page.route("**/code.js*", answer)
    view = found.output(0)
    view.get_by_role("option", name=re.compile("^coder")).first.click()
    text = view.get_by_role("region", name="Text", exact=True)
    expect(text.locator("pre code")).to_be_visible()
    found.page.wait_for_timeout(300)
    assert len(answered) == 1
    assert spans(view).count() == 0
    assert "def " in str(text.text_content())
