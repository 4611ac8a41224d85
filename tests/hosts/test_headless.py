"""papermill and nbconvert: a notebook that nobody watches says the same, and its pages need no script."""

from __future__ import annotations

import base64
import html
import html.parser
import os
import shlex
import shutil
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import nbformat
import pytest

from .surroundings import NOTEBOOK, TALE, TALE_LINE, environment, write_notebook

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

NOTEBOOKS = sorted(NOTEBOOK.parent.glob("*.ipynb"))
LIMIT = 300  # seconds: generous, only against a test that would hang


def command(program: Sequence[str | Path]) -> list[str]:
    """A program of this environment."""
    return [sys.executable, "-m", *(str(argument) for argument in program)]


@pytest.fixture(scope="module", autouse=True)
def papermill(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """papermill, executing the notebooks meanwhile, half of them beside the others: their music takes its time."""
    folder = tmp_path_factory.mktemp("papermill")
    shutil.copytree(NOTEBOOK.parent, folder / "notebooks", ignore=shutil.ignore_patterns(".score"))
    runs = [
        shlex.join(command(["papermill", notebook.name, folder / notebook.name, "--no-progress-bar"]))
        for notebook in NOTEBOOKS
    ]
    half = len(runs) // 2
    both = f"({' && '.join(runs[:half])}) & ({' && '.join(runs[half:])}) && wait $!"
    process = subprocess.Popen(
        ["/bin/sh", "-ec", both],
        cwd=folder / "notebooks",
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        yield process, folder
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGTERM)  # papermill shuts its kernel down


class Html(html.parser.HTMLParser):
    """What a page shows before any script has run: its pictures, its text, and the types of its scripts."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.pictures: dict[str, str] = {}
        self.scripts: list[str] = []
        self.text = ""
        self._unseen = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "img":
            self.pictures[told["alt"]] = told["src"]
        if tag in ("script", "style"):
            self._unseen = tag
            self.scripts.append(told.get("type", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == self._unseen:
            self._unseen = ""

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.text += data

    def drawn(self, alt: str) -> str:
        """The SVG of the picture with that alternative text."""
        head, _, data = self.pictures[alt].partition(",")
        assert head == "data:image/svg+xml;base64"
        return base64.b64decode(data).decode()


def converted(notebook: Path, folder: Path, *options: str) -> Html:
    """The page that `jupyter nbconvert --to html` makes of a notebook."""
    arguments = ["nbconvert", "--to", "html", *options, notebook, "--output-dir", folder]
    run = subprocess.run(
        command(arguments), cwd=folder, env=environment(folder), capture_output=True, text=True, timeout=LIMIT
    )
    assert run.returncode == 0, run.stderr
    return Html((folder / notebook.with_suffix(".html").name).read_text("utf-8"))


def test_the_stored_notebook_becomes_a_page_with_pictures(tmp_path: Path) -> None:
    page = converted(NOTEBOOK, tmp_path)
    for name in ("draft", "stricter", "final"):
        picture = page.drawn(f"Take {name}: 5 of 5 parts, 0 failed")
        for part in ("coder", "tester", "docs", "checker", "editor"):
            assert f">{part}<" in picture
    assert "tester   played" in page.text
    assert not [kind for kind in page.scripts if "widget" in kind]


def test_a_notebook_is_executed_into_a_page_with_pictures(tmp_path: Path) -> None:
    page = converted(write_notebook(tmp_path / "tale.ipynb", TALE), tmp_path, "--execute")
    assert ">teller<" in page.drawn(TALE_LINE.strip("<>"))
    assert "Once upon a time." in page.text
    assert "playing" not in page.text
    assert "application/vnd.jupyter.widget-view+json" not in page.scripts


def texts(notebook: Path) -> dict[str, str]:
    """What the cells of a notebook say, by their ids."""
    read: Any = nbformat.read(notebook, as_version=4)
    return {
        cell.id: "".join(out.get("text") or out.get("data", {}).get("text/plain", "") for out in cell.outputs)
        for cell in read.cells
        if cell.cell_type == "code"
    }


def test_papermill_gets_the_texts_that_are_stored(papermill: tuple[subprocess.Popen[str], Path]) -> None:
    process, folder = papermill
    printed, _ = process.communicate(timeout=LIMIT)
    assert process.returncode == 0, printed
    for notebook in NOTEBOOKS:
        assert texts(folder / notebook.name) == texts(notebook)
