"""The cells of the magics are highlighted as what they are written in, and stay cells as any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from .conftest import Opener
    from .jupyter import Jupyter, Notebook

pytestmark = pytest.mark.browser

PYTHON = "for x in range(3):\n    print(x)"
COMPOSE = """%%compose Discount codes -u spec --draft some/model
It is for a shop, and for nothing else.

## Criteria
- an unknown code changes nothing, if possible

```python
for x in range(3):
    pass
```
"""
TEAM = """%%orchestrate -f team.yaml
parts:
  coder: {role: Implementer, task: Write it for us}
tempo: {lead: free, at_once: 4}  # together
"""
CONDUCT = "# a rehearsal\n%%conduct draft --only coder\nBe *brief* for once."

# Whether a word of a cell's editor has one of the theme's colours; without a name, that of plain text.
HAS_COLOUR = """([n, word, name]) => {
    const cell = document.querySelector(`.jp-Notebook .jp-Cell[data-windowed-list-index="${n}"]`);
    const content = cell.querySelector('.cm-content');
    const probe = content.appendChild(document.createElement('span'));
    probe.style.color = name ? `var(--jp-mirror-editor-${name}-color)` : '';
    const wanted = getComputedStyle(probe).color;
    probe.remove();
    const texts = document.createTreeWalker(content, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
        const found = texts.currentNode;
        if (found.data.includes(word)) return getComputedStyle(found.parentElement).color === wanted;
    }
    return false;
}"""


def expect_colour(found: Notebook, n: int, word: str, name: str = "") -> None:
    """The first piece of the cell with this word has that colour of the theme (none: plain text)."""
    found.page.wait_for_function(HAS_COLOUR, arg=[n, word, name])


def editor(found: Notebook, n: int) -> Any:
    return found.cell(n).locator(".cm-content")


def type_in(found: Notebook, n: int, *keys: str) -> None:
    """Click into the cell's editor, go to its start, and press keys; longer texts are typed."""
    editor(found, n).click()
    found.page.keyboard.press("Control+Home")
    for key in keys:
        if "+" in key or key in ("Enter", "Tab", "Backspace", "Delete", "End"):
            found.page.keyboard.press(key)
        else:
            found.page.keyboard.type(key)


def source(found: Notebook, n: int) -> str:
    text = found.page.evaluate(
        "n => window.jupyterapp.shell.currentWidget.content.widgets[n].model.sharedModel.getSource()", n
    )
    return str(text)


@pytest.mark.parametrize("app", ["lab", "notebooks"])
def test_the_magics_cells_have_the_colours_of_markdown_and_yaml(
    lab: Jupyter, notebook: Opener, app: str
) -> None:
    lab.write(f"cells-{app}.ipynb", [PYTHON, COMPOSE, TEAM, CONDUCT])
    found = notebook(f"cells-{app}.ipynb", app=app)
    for theme in ("Dark", "Light"):
        found.theme(f"JupyterLab {theme}")
        expect_colour(found, 0, "for", "keyword")

        expect_colour(found, 1, "%%compose", "operator")
        expect_colour(found, 1, "Discount codes")
        expect_colour(found, 1, "--draft", "attribute")
        expect_colour(found, 1, "It is for a shop")  # no word of Python's is one here
        expect_colour(found, 1, "Criteria", "header")
        expect_colour(found, 1, "-", "attribute")
        expect_colour(found, 1, "an unknown code changes nothing, if possible")
        expect_colour(found, 1, "pass", "keyword")  # but in a fence

        expect_colour(found, 2, "%%orchestrate", "operator")
        expect_colour(found, 2, "parts", "property")
        expect_colour(found, 2, "role", "property")  # the first key in braces
        expect_colour(found, 2, "task", "property")
        expect_colour(found, 2, "Write it for us")
        expect_colour(found, 2, "4", "number")
        expect_colour(found, 2, "# together", "comment")

        expect_colour(found, 3, "# a rehearsal", "comment")
        expect_colour(found, 3, "%%conduct", "operator")
        expect_colour(found, 3, "for once")
        expect(found.page.locator("#jupyterlab-splash")).to_have_count(0)
        found.shot(f"cells-{app}-{theme.lower()}")


@pytest.mark.parametrize("app", ["lab", "notebooks"])
def test_a_cell_changes_its_colours_as_its_first_line_is_typed_and_taken_back(
    lab: Jupyter, notebook: Opener, app: str
) -> None:
    lab.write(f"typed-{app}.ipynb", ["for all of us", "for x in y: pass"])
    found = notebook(f"typed-{app}.ipynb", app=app)
    expect_colour(found, 0, "for", "keyword")
    type_in(found, 0, "%%compos", "Enter")
    expect_colour(found, 0, "for", "keyword")  # not yet
    type_in(found, 0, "End", "e")
    expect_colour(found, 0, "for all of us")
    expect_colour(found, 0, "%%compose", "operator")
    expect_colour(found, 1, "for", "keyword")  # the other is as it was

    found.page.keyboard.press("Control+z")
    expect_colour(found, 0, "for", "keyword")
    found.page.keyboard.press("Control+Shift+z")
    expect_colour(found, 0, "for all of us")
    assert source(found, 0) == "%%compose\nfor all of us"

    type_in(found, 0, "# of a piece", "Enter")
    expect_colour(found, 0, "for all of us")  # a comment may stand above
    type_in(found, 0, "x = 1", "Enter")
    expect_colour(found, 0, "for", "keyword")  # code may not


def test_the_kernels_language_that_comes_later_leaves_the_magics_theirs(
    lab: Jupyter, notebook: Opener
) -> None:
    lab.write("late.ipynb", [COMPOSE, PYTHON])
    found = notebook("late.ipynb", kernel=False)
    for mime in ("text/x-julia", "text/x-ipython"):
        found.page.evaluate(
            "mime => { for (const { model } of window.jupyterapp.shell.currentWidget.content.widgets) "
            "model.mimeType = mime; }",
            mime,
        )
        expect(editor(found, 1)).to_have_attribute("data-language", mime.rpartition("-")[2].lstrip("i"))
        expect(editor(found, 0)).to_have_attribute("data-language", "markdown")
        expect_colour(found, 0, "Criteria", "header")


def test_a_cell_that_is_no_code_any_more_is_left_to_jupyterlab(lab: Jupyter, notebook: Opener) -> None:
    lab.write("types.ipynb", [TEAM])
    found = notebook("types.ipynb")
    expect(editor(found, 0)).to_have_attribute("data-language", "yaml")
    found.activate(0)
    found.command("notebook:change-cell-to-raw")
    expect(found.page.locator(".jp-RawCell .cm-content")).not_to_have_attribute("data-language", "yaml")
    found.command("notebook:change-cell-to-code")
    expect(editor(found, 0)).to_have_attribute("data-language", "yaml")
    expect_colour(found, 0, "role", "property")


def test_a_file_that_begins_so_is_left_to_jupyterlab(lab: Jupyter, notebook: Opener) -> None:
    lab.write("beside.ipynb", [COMPOSE])
    (lab.root / "piece.py").write_text(COMPOSE, "utf-8")
    found = notebook("beside.ipynb")
    expect(editor(found, 0)).to_have_attribute("data-language", "markdown")
    found.command("docmanager:open", {"path": "piece.py", "factory": "Editor"})
    expect(found.page.locator(".jp-FileEditor .cm-content")).to_have_attribute("data-language", "python")
    found.command("application:close")


def test_the_kernel_completes_in_such_a_cell_and_enter_goes_on_where_yaml_does(
    lab: Jupyter, notebook: Opener
) -> None:
    lab.write("completed.ipynb", ["%load_ext score_kernel", "%%orchestrate\n"])
    found = notebook("completed.ipynb")
    found.run(0)
    type_in(found, 1, "Control+End", "parts:", "Enter", "coder:", "Enter", "exp")
    found.page.keyboard.press("Tab")
    item = found.page.locator(".jp-Completer-item")
    expect(item).to_have_count(1)
    expect(item).to_contain_text("expects")
    found.page.keyboard.press("Enter")
    expect_colour(found, 1, "expects", "property")
    assert source(found, 1) == "%%orchestrate\nparts:\n  coder:\n    expects:"


def test_a_notebook_of_many_cells_is_highlighted_where_one_looks(lab: Jupyter, notebook: Opener) -> None:
    cells: list[str] = [text for _ in range(150) for text in (PYTHON, COMPOSE)]
    lab.write("many.ipynb", cells)
    found = notebook("many.ipynb")
    for n in (1, 151, 299):
        found.reveal(n)
        expect_colour(found, n, "Criteria", "header")
        expect_colour(found, n, "It is for a shop")
    assert nbformat.read(found.file, as_version=4).cells[299].source == COMPOSE
