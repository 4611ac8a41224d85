"""The built front end, as every page that shows a performance gets it."""

from __future__ import annotations

import gzip

import pytest

from score_kernel.view.live import CODE
from score_kernel.view.page import STATIC
from score_kernel.view.widget import BUNDLE

MOST = 75_000  # bytes, gzipped: the budget of the score view
MOST_FOR_CODE = 40_000  # what colours code, asked for where there is some

IN_NOTEBOOKS = 10_000  # what the extension adds to notebooks, which has no view of its own

EXTENSION = STATIC / "labextension" / "static"


def size(name: str) -> int:
    return len(gzip.compress((STATIC / name).read_bytes(), compresslevel=9))


def test_the_bundle_is_small_enough_to_go_along_with_every_performance() -> None:
    assert BUNDLE == STATIC / "widget.js"
    assert size("widget.js") <= MOST
    assert size("page.js") <= MOST
    assert size("labextension/static/remoteEntry.js") <= MOST


def test_what_colours_code_is_apart_from_it_and_small_too() -> None:
    assert size("code.js") <= MOST_FOR_CODE
    assert (EXTENSION / "code.js").read_bytes() == CODE.read_bytes()


def test_what_the_extension_adds_to_notebooks_is_small_and_uses_the_view_that_is_there() -> None:
    assert size("labextension/static/notebook.js") <= IN_NOTEBOOKS


@pytest.mark.parametrize("name", ["widget.js", "page.js", "labextension/static/remoteEntry.js"])
def test_no_grammar_of_a_language_is_in_the_bundle(name: str) -> None:
    grammar = "nonlocal"  # a word that only Python's has
    assert grammar in CODE.read_text("utf-8")
    assert grammar not in (STATIC / name).read_text("utf-8")


def test_the_licences_of_what_is_bundled_go_along() -> None:
    notices = (STATIC / "THIRD-PARTY-NOTICES.txt").read_text("utf-8")
    for package in ("highlight.js", "marked", "preact"):
        assert f"\n{package} " in notices
    assert notices == (STATIC / "labextension" / "THIRD-PARTY-NOTICES.txt").read_text("utf-8")
