"""The side panel: the score of the notebook that one looks at, live while it plays."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from .axe import violations
from .jupyter import TOKEN
from .test_performance import COMPOSE, CONDUCT, LOAD, TEAM
from .test_saved import recorded, saved

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Response

    from .conftest import Opener
    from .jupyter import Jupyter, Notebook

pytestmark = pytest.mark.browser

NOWHERE = {"name": "nowhere", "display_name": "Nowhere", "language": "python"}


def panel(found: Notebook) -> Locator:
    return found.page.get_by_role("region", name="Score", exact=True)


def shown(found: Notebook) -> Locator:
    """The panel, once it is asked for."""
    found.command("score-kernel:show")
    expect(panel(found)).to_be_visible()
    return panel(found)


def bars(place: Locator, name: str = "") -> Locator:
    return place.get_by_role("listbox", name="Contributions").get_by_role("option", name=re.compile(name))


def played(name: str, *, count: int, key: str) -> Any:
    """A cell that ran as number `count` and keeps a performance."""
    cell = saved(recorded(name, key=key))
    cell.execution_count = count
    return cell


@pytest.mark.parametrize("app", ["lab", "notebooks"])
def test_the_panel_shows_what_plays_and_conducts_it_and_later_what_was_saved(
    lab: Jupyter, notebook: Opener, app: str
) -> None:
    name = f"panel-{app}.ipynb"
    lab.write(name, [LOAD, COMPOSE, TEAM, CONDUCT])
    found = notebook(name, app=app)
    place = shown(found)
    expect(place).to_contain_text("Type %load_ext score_kernel in a cell to begin")
    expect(place.get_by_role("button", name="Go to its cell")).to_be_hidden()
    found.shot(f"panel-{app}-empty")

    for n in range(3):
        found.run(n)
    found.start(3)
    expect(bars(place, "playing")).to_have_count(3)
    expect(place.get_by_text("to begin")).to_be_hidden()
    place.get_by_role("button", name="Pause performance").click()
    expect(found.output(3).get_by_role("button", name="Resume performance")).to_be_visible()
    expect(bars(place, "played")).to_have_count(3)
    found.shot(f"panel-{app}-paused")
    found.output(3).get_by_role("button", name="Resume performance").click()
    expect(bars(place, "editor, played")).to_have_count(1)
    found.wait_idle()
    expect(place.get_by_role("button", name="Pause performance")).to_have_count(0)
    for theme in ("Dark", "Light"):
        found.theme(f"JupyterLab {theme}")
        expect(found.page.locator("#jupyterlab-splash")).to_have_count(0)
        found.shot(f"panel-{app}-{theme.lower()}")

    found.kept(3)
    found.close()
    again = notebook(name, app=app, kernel=False)
    place = shown(again)
    expect(bars(place, "played")).to_have_count(4)
    playhead = place.get_by_role("slider", name="Playhead")
    place.get_by_role("button", name="Back to start").click()
    expect(playhead).to_have_attribute("aria-valuetext", re.compile(r"^0\.0 s"))
    # it is a view of its own
    other = again.output(3).get_by_role("slider", name="Playhead")
    expect(other).not_to_have_attribute("aria-valuetext", re.compile(r"^0\.0 s"))


def test_the_newest_is_what_ran_last_and_then_what_changes(lab: Jupyter, notebook: Opener) -> None:
    new = "%load_ext score_kernel\nscore.compose('x')\ndef one(reading): return 'One.'\n"
    new += "score.orchestrate({'parts': {'solo': {'player': 'python:one'}}}, namespace=globals())"
    lab.write(
        "newest.ipynb",
        [
            *(played("plain", count=7, key="k7"), played("section", count=3, key="k3")),
            *(new, "%conduct", "# " + "\n#".join("spacer" for _ in range(40))),
        ],
    )
    found = notebook("newest.ipynb")
    place = shown(found)
    expect(bars(place, "^coder")).to_have_count(1)  # number 7, though 3 is further down
    found.reveal(4)
    found.page.locator(".jp-Cell").last.click()
    place.get_by_role("button", name="Go to its cell").click()
    expect(found.cell(0)).to_have_class(re.compile("jp-mod-active"))
    expect(found.cell(0)).to_be_in_viewport()

    found.run(2)
    found.run(3)
    expect(bars(place, "^solo, played")).to_have_count(1)
    expect(bars(place, "^coder")).to_have_count(0)
    found.activate(3)
    found.command("notebook:delete-cell")
    expect(bars(place, "^coder")).to_have_count(1)


def test_the_panel_follows_the_notebook_that_one_looks_at(lab: Jupyter, notebook: Opener) -> None:
    lab.write("first.ipynb", [saved(recorded("plain", key="first"))])
    lab.write("second.ipynb", [saved(recorded("section", key="second"))])
    lab.write("third.ipynb", ["1"])
    found = notebook("first.ipynb")
    place = shown(found)
    expect(place.get_by_role("heading", name="first.ipynb")).to_be_visible()
    expect(bars(place, "^coder")).to_have_count(1)

    found.command("docmanager:open", {"path": "second.ipynb"})
    expect(place.get_by_role("heading", name="second.ipynb")).to_be_visible()
    expect(place.get_by_role("listbox", name="Contributions")).to_be_visible()
    expect(bars(place, "^coder")).to_have_count(0)

    found.command("docmanager:open", {"path": "third.ipynb"})
    expect(place).to_contain_text("No score here yet")
    expect(place.locator(".score-kernel")).to_have_count(0)

    found.command("docmanager:open", {"path": "first.ipynb"})
    expect(bars(place, "^coder")).to_have_count(1)
    for left in ("third", "second", ""):
        found.wait_connected()  # JupyterLab complains when a notebook goes while its kernel comes
        found.page.evaluate("() => { window.jupyterapp.shell.currentWidget.context.model.dirty = false; }")
        found.command("application:close")
        expect(place.get_by_role("heading").first).to_have_text(f"{left}.ipynb" if left else "Score")
    expect(place).to_contain_text("Open a notebook")
    found.command("docmanager:open", {"path": "first.ipynb"})
    expect(bars(place, "^coder")).to_have_count(1)


@pytest.mark.parametrize("app", ["lab", "notebooks"])
def test_a_panel_that_is_not_seen_shows_nothing_and_shows_it_again_when_it_is(
    lab: Jupyter, notebook: Opener, app: str
) -> None:
    lab.write(f"hidden-{app}.ipynb", [saved(recorded())])
    found = notebook(f"hidden-{app}.ipynb", app=app)
    views = found.page.locator(".score-kernel")
    expect(views).to_have_count(1)  # the cell's
    place = shown(found)
    expect(views).to_have_count(2)
    if app == "lab":
        found.command("application:toggle-right-area")
    else:
        found.page.locator("#jp-right-stack .jp-SidePanel-collapse").click()
    expect(place).to_be_hidden()
    expect(views).to_have_count(1)
    shown(found)
    expect(views).to_have_count(2)
    expect(bars(place, "^coder")).to_have_count(1)


def test_the_panel_is_found_by_its_command_and_is_there_again_after_a_reload(
    lab: Jupyter, notebook: Opener
) -> None:
    lab.write("found.ipynb", [saved(recorded())])
    found = notebook("found.ipynb")
    found.command("apputils:activate-command-palette")
    palette = found.page.locator(".lm-CommandPalette")
    palette.locator("input").fill("Show Score")
    with found.page.expect_response(_keeps_the_panel):
        palette.locator(".lm-CommandPalette-item", has_text="Show Score").click()
    expect(bars(panel(found), "^coder")).to_have_count(1)
    shown(found)
    expect(panel(found)).to_be_focused()
    found.reload()
    expect(bars(panel(found), "^coder")).to_have_count(1)


@pytest.mark.parametrize("app", ["lab", "notebooks"])
def test_axe_finds_nothing_in_the_panel(lab: Jupyter, notebook: Opener, app: str) -> None:
    lab.write(f"axe-panel-{app}.ipynb", [saved(recorded())])
    found = notebook(f"axe-panel-{app}.ipynb", app=app)
    place = shown(found)
    for theme in ("Dark", "Light"):
        found.theme(f"JupyterLab {theme}")
        expect(bars(place, "^coder")).to_have_count(1)
        bars(place, "^coder").click()
        expect(place.get_by_role("region", name="Inspector")).to_be_visible()
        assert violations(place) == []
        found.shot(f"panel-{app}-inspector-{theme.lower()}")
    found.activate(0)
    found.command("notebook:clear-cell-output")
    for theme in ("Dark", "Light"):
        found.theme(f"JupyterLab {theme}")
        expect(place).to_contain_text("No score here yet")
        assert violations(place) == []


@pytest.mark.parametrize("page", ["notebooks/pages.ipynb", "tree", "edit/pages.py"])
def test_of_the_pages_of_notebook_those_of_notebooks_have_the_panel(
    lab: Jupyter, browser: Browser, page: str
) -> None:
    lab.write("pages.ipynb", ["1"])
    (lab.root / "pages.py").write_text("1", "utf-8")
    with browser.new_context() as context:
        opened = context.new_page()
        opened.goto(f"{lab.url}{page}?token={TOKEN}")
        opened.wait_for_function("() => window.jupyterapp?.isPluginActivated('score-kernel:panel')")
        has_panel = opened.evaluate("() => window.jupyterapp.commands.hasCommand('score-kernel:show')")
        assert has_panel == page.startswith("notebooks")


def _keeps_the_panel(response: Response) -> bool:
    """JupyterLab keeps its layout, with the panel open."""
    sent = response.request.post_data or ""
    return "/api/workspaces" in response.url and '"current":"score-kernel-panel"' in sent
