from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from score_kernel.errors import StoreUnwritable
from score_kernel.store import default_path, notebook_name

if TYPE_CHECKING:
    from pathlib import Path


def test_the_notebook_is_known_from_its_server_or_its_editor() -> None:
    assert notebook_name({}, {}) is None
    assert notebook_name({"JPY_SESSION_NAME": ""}, {}) is None
    assert notebook_name({"JPY_SESSION_NAME": "work/piece.ipynb"}, {}) == "work/piece.ipynb"
    assert notebook_name({}, {"__vsc_ipynb_file__": "/srv/piece.ipynb"}) == "/srv/piece.ipynb"
    both = {"JPY_SESSION_NAME": "piece-jvsc-1f0a.ipynb"}, {"__vsc_ipynb_file__": "/srv/piece.ipynb"}
    assert notebook_name(*both) == "/srv/piece.ipynb"
    assert notebook_name({}, {"__vsc_ipynb_file__": 7}) is None


def test_a_console_is_no_notebook() -> None:
    assert notebook_name({"JPY_SESSION_NAME": "work/console-1-0c2f7a"}, {}) is None


def test_the_score_lies_beside_the_notebook_and_out_of_the_repository(tmp_path: Path) -> None:
    path = default_path("piece.v2.ipynb", tmp_path)
    assert path == tmp_path / ".score" / "piece.v2.score"
    assert (tmp_path / ".score" / ".gitignore").read_text() == "*\n"
    assert [p.name for p in (tmp_path / ".score").iterdir()] == [".gitignore"]


def test_a_gitignore_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    default_path("piece.ipynb", tmp_path)
    (tmp_path / ".score" / ".gitignore").write_text("*\n!kept.score\n")
    default_path("piece.ipynb", tmp_path)
    assert (tmp_path / ".score" / ".gitignore").read_text() == "*\n!kept.score\n"


def test_a_path_that_is_there_tells_where_beside_is(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    assert default_path(str(tmp_path / "deep" / "piece.ipynb"), tmp_path) == (
        tmp_path / "deep" / ".score" / "piece.score"
    )
    assert default_path("elsewhere/piece.ipynb", tmp_path) == tmp_path / ".score" / "piece.score"
    assert default_path(str(tmp_path / "gone" / "piece.ipynb"), tmp_path) == (
        tmp_path / ".score" / "piece.score"
    )


def test_no_notebook_no_file(tmp_path: Path) -> None:
    for unknown in (None, "", "/"):
        assert default_path(unknown, tmp_path) is None
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnwritable) as error:
        default_path("piece.ipynb", tmp_path / "file")
    assert "cannot be made" in str(error.value)
    assert "\n" not in str(error.value)
    (tmp_path / ".score").write_text("a file where the folder should be")
    with pytest.raises(StoreUnwritable):
        default_path("piece.ipynb", tmp_path)
