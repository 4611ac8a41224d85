"""Scripts in files: which file, and that nothing in it but the arguments of a tool is anything but text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from score_kernel.notation.scripts import load
from score_kernel.score.script import Item, ScriptError, items_of

if TYPE_CHECKING:
    from pathlib import Path

NOTEBOOK: dict[str, object] = {"lines": {"coder": "from the notebook"}}


def load_from(folder: Path, name: str = "lines.yaml") -> object:
    return load(name, NOTEBOOK.__getitem__, folder)


def test_a_variable_goes_before_a_file(tmp_path: Path) -> None:
    (tmp_path / "lines").write_text("coder: from a file", "utf-8")
    assert load_from(tmp_path, "lines") is NOTEBOOK["lines"]


def test_a_file_is_looked_for_in_the_folder(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "a.yaml").write_text("coder: from a file\n", "utf-8")
    assert load_from(tmp_path, "scripts/a.yaml") == {"coder": "from a file"}


def test_in_a_file_every_scalar_is_text(tmp_path: Path) -> None:
    (tmp_path / "lines.yaml").write_text(
        "coder:\n- yes\n- 42\n- {wait: 2, text: on}\n- |\n  # a comment?\n", "utf-8"
    )
    assert items_of(load_from(tmp_path), "coder", "lines.yaml") == (
        Item("yes"),
        Item("42"),
        Item("on", 2.0),
        Item("# a comment?\n"),
    )


def test_in_a_file_the_args_of_a_tool_are_values(tmp_path: Path) -> None:
    (tmp_path / "lines.yaml").write_text(
        "coder:\n- {tool: search, args: {limit: 2, strict: true, query: yes, at: [1.5, null]}}\n- {tool: 42}\n",
        "utf-8",
    )
    assert items_of(load_from(tmp_path), "coder", "lines.yaml") == (
        Item(tool="search", args='{"at": [1.5, null], "limit": 2, "query": "yes", "strict": true}'),
        Item(tool="42", args="{}"),
    )


def test_a_part_may_be_called_args_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "lines.yaml").write_text("args: [42]\n", "utf-8")
    assert items_of(load_from(tmp_path), "args", "lines.yaml") == (Item("42"),)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"coder: [a\n", "in the script `lines.yaml`, line 1, column 8: "),
        (b"coder: \xff\n", "the script `lines.yaml` is not UTF-8 text: save it as UTF-8"),
        (b"- " * 100_000, "in the script `lines.yaml`, line 1, column 81: this YAML is nested deeper"),
        (b"x" * 1_000_001, "the script `lines.yaml` is larger than 1 MB: split it"),
        (b"coder: !!python/object/apply:os.getcwd []\n", "in the script `lines.yaml`, line 1, column 8: "),
        (b"coder: a\ncoder: b\n", "in the script `lines.yaml`, line 2, column 1: "),
        (b"\n", "the script `lines.yaml` is empty: a script is"),
        (None, "no variable `lines.yaml` in this notebook and no file `lines.yaml` beside it: "),
    ],
    ids=["yaml", "utf-8", "deep", "large", "object", "twice", "empty", "missing"],
)
def test_a_file_that_is_no_script_is_one_line(tmp_path: Path, content: bytes | None, line: str) -> None:
    if content is not None:
        (tmp_path / "lines.yaml").write_bytes(content)
    with pytest.raises(ScriptError) as refused:
        load_from(tmp_path)
    assert str(refused.value).startswith(line)
    assert "\n" not in str(refused.value)
