"""`%%compose --draft` in a real JupyterLab: each proposed line can be copied into the cell."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from score_kernel.testing.provider import LoopbackProvider

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Locator

    from .conftest import Opener
    from .jupyter import Jupyter, Notebook

pytestmark = pytest.mark.browser

CELL = "%%compose Codes --draft openai/gpt-4o\nA function that applies a discount code."
HOSTILE = "</span><script>document.body.dataset.hit = 1</script><img src=x onerror=alert(1)> costs $5 or $6"
PROPOSED = {
    "criteria": ["an unknown code changes nothing", "a price is never below zero"],
    "risks": [HOSTILE],
    "questions": ["May codes be combined?"],
}


@pytest.fixture
def setup() -> Iterator[str]:
    with LoopbackProvider(json.dumps(PROPOSED)) as provider:
        yield f"%load_ext score_kernel\n%env OPENAI_API_KEY=sk-of-the-test\n%env OPENAI_BASE_URL={provider.openai}"


MATHEMATICS = "from IPython.display import HTML\nHTML('mathematics: $y$')"


def drafted(lab: Jupyter, notebook: Opener, path: str, setup: str, *more: str, app: str = "lab") -> Notebook:
    lab.write(path, [setup, CELL, *more])
    found = notebook(path, app=app)
    found.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    found.run_all()
    expect(lines(found)).to_have_count(4)
    return found


def lines(found: Notebook) -> Locator:
    return found.output(1).locator(".score-draft").get_by_role("listitem")


def copy(found: Notebook, line: str) -> Locator:
    return lines(found).filter(has_text=line).get_by_role("button", name="Copy", exact=True)


def clipboard(found: Notebook) -> str:
    return found.page.evaluate("() => navigator.clipboard.readText()")


@pytest.mark.parametrize("app", ["lab", "notebooks"])
def test_each_line_is_copied_as_a_bullet_and_pasted_into_the_cell(
    lab: Jupyter, notebook: Opener, setup: str, app: str
) -> None:
    found = drafted(lab, notebook, f"draft-{app}.ipynb", setup, app=app)
    expect(found.output(1).get_by_role("button", name="Copy")).to_have_count(4)
    copy(found, "May codes").click()
    expect(lines(found).filter(has_text="May codes").get_by_role("status")).to_have_text("copied")
    assert clipboard(found) == "- May codes be combined?"
    button = copy(found, "never below zero")
    expect(button).to_have_accessible_description("a price is never below zero")
    button.focus()
    button.press("Enter")
    expect(button).to_be_focused()  # JupyterLab has an Enter of its own, which goes to the editor
    expect(lines(found).filter(has_text="never below zero").get_by_role("status")).to_have_text("copied")
    editor = found.cell(1).get_by_role("textbox").first
    editor.click()
    editor.press("Control+End")
    found.page.keyboard.insert_text("\n\n## Criteria\n")
    editor.press("Control+v")
    expect(editor).to_contain_text("- a price is never below zero")
    found.run(1)
    expect(found.output(1)).to_contain_text("Composition 'Codes': 1 criterion")


def test_text_of_a_model_is_neither_run_nor_set_as_mathematics(
    lab: Jupyter, notebook: Opener, setup: str
) -> None:
    found = drafted(lab, notebook, "hostile.ipynb", setup, MATHEMATICS)
    expect(lines(found).nth(2)).to_contain_text(HOSTILE)
    copy(found, "costs").click()
    expect(lines(found).nth(2).get_by_role("status")).to_have_text("copied")
    assert clipboard(found) == f"- {HOSTILE}"
    expect(found.output(2).locator("mjx-container")).to_have_count(1)  # which is set later than the draft
    expect(found.output(1).locator("mjx-container, img")).to_have_count(0)
    assert found.page.evaluate("() => document.body.dataset.hit") is None


def test_where_the_browser_has_no_clipboard_for_the_page_it_is_copied_as_ever(
    lab: Jupyter, notebook: Opener, setup: str
) -> None:
    found = drafted(lab, notebook, "insecure.ipynb", setup)
    # as on a page that is not served securely
    found.page.evaluate("() => { navigator.clipboard.writeText = undefined; }")
    copy(found, "never below zero").click()
    expect(lines(found).filter(has_text="never below zero").get_by_role("status")).to_have_text("copied")
    assert clipboard(found) == "- a price is never below zero"
    expect(copy(found, "never below zero")).to_be_focused()


def test_a_saved_notebook_still_copies_and_an_untrusted_one_shows_the_lines_as_text(
    lab: Jupyter, notebook: Opener, setup: str
) -> None:
    found = drafted(lab, notebook, "saved.ipynb", setup)
    saved = found.save()
    found.shut_kernel()
    found.reload(kernel=False)
    assert found.trusted(1)
    expect(found.output(1).get_by_role("button", name="Copy")).to_have_count(4)
    copy(found, "May codes").click()
    expect(lines(found).filter(has_text="May codes").get_by_role("status")).to_have_text("copied")
    saved.cells[1].source += " "  # somebody else's notebook
    lab.write("untrusted.ipynb", saved.cells)
    other = notebook("untrusted.ipynb", kernel=False)
    assert not other.trusted(1)
    expect(lines(other)).to_have_text([*PROPOSED["criteria"], HOSTILE, *PROPOSED["questions"]])
    expect(other.output(1).get_by_role("button", name="Copy")).to_have_count(0)
    expect(other.output(1)).not_to_contain_text("score-draft")  # the style and the script are gone
    other.shot("draft-untrusted")


def test_the_buttons_follow_the_theme(lab: Jupyter, notebook: Opener, setup: str) -> None:
    found = drafted(lab, notebook, "themes.ipynb", setup)
    seen: list[str] = []
    for name in ("Light", "Dark"):
        found.theme(f"JupyterLab {name}")
        style = "b => getComputedStyle(b).color + ' on ' + getComputedStyle(b).backgroundColor"
        seen.append(copy(found, "May codes").evaluate(style))
        found.shot(f"draft-{name.lower()}", found.output(1))
    light, dark = seen
    assert light != dark
