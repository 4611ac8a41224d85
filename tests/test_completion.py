"""Completion of the magics' lines, through IPython's completer and through a real kernel."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from IPython.core.completer import provisionalcompleter

from score_kernel.lines import CUES
from score_kernel.testing.shell import TestShell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


TEAM = """%%orchestrate
parts:
  coder: {player: script:lines}
  tester: {player: script:lines}
  editor: {player: script:lines, after: [coder, tester]}
"""


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestShell]:
    monkeypatch.chdir(tmp_path)
    with TestShell(lines="Done.") as shell:
        shell.run("%%compose\nAn intent.")
        shell.run(TEAM)
        shell.run("%conduct draft")
        shell.run("%score save piece.score.jsonl")
        shell.run("%score save whole.html")
        shell.run("%score new sketch")
        shell.run("%score use main")
        yield shell


def completed(shell: TestShell, text: str) -> list[str]:
    """The whole lines that a text can be completed to."""
    with provisionalcompleter():
        found = list(shell.shell.Completer.completions(text, len(text)))
    return [text[: c.start] + c.text + text[c.end :] for c in found]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("%cue re", ["%cue resume", "%cue release"]),
        ("%cue ", [f"%cue {verb}" for verb in CUES]),
        ("%cue pause --", ["%cue pause --now"]),
        ("%cue note co", ["%cue note coder"]),
        ("%cue note --now ", [f"%cue note --now {part}" for part in ("coder", "tester", "editor", "all")]),
        ("%%cue note a", ["%%cue note all"]),
        ("%cue release ed", ["%cue release editor"]),
        ("%cue tempo --lead c", [f"%cue tempo --lead {who}" for who in ("conductor", "clock", "coder")]),
        ("%conduct --lead f", ["%conduct --lead free"]),
        ("%%play te", ["%%play tester"]),
        ("%score splice co", ["%score splice coder"]),
        ("%score splice coder:d", ["%score splice coder:draft"]),
        ("%score splice coder:draft,tester:ta", ["%score splice coder:draft,tester:take1"]),
        ("%score re", ["%score reading", "%score replay"]),
        ("%score reading ed", ["%score reading editor"]),
        ("%score reading editor d", ["%score reading editor draft"]),
        ("%score replay ", ["%score replay draft", "%score replay take1"]),
        ("%score replay --sp", ["%score replay --speed"]),
        ("%score replay --speed 4 ta", ["%score replay --speed 4 take1"]),
        ("%score use ", ["%score use main", "%score use sketch"]),
        ("%score load ", ["%score load piece.score.jsonl", "%score load whole.html"]),
        ("%score insert t", ["%score insert tester"]),
        ("%score forget --", ["%score forget --yes"]),
        ("%conduct --only co", ["%conduct --only coder"]),
        ("%conduct --only coder,te", ["%conduct --only coder,tester"]),
        ("%%conduct draft --fresh=coder,e", ["%%conduct draft --fresh=coder,editor"]),
        ("%conduct --from dr", ["%conduct --from draft"]),
        ("%conduct --from take1:ed", ["%conduct --from take1:editor"]),
        ("x = %conduct --from take1:t", ["x = %conduct --from take1:tester"]),
        ("%conduct -r pi", ["%conduct -r piece.score.jsonl"]),
        ("%conduct --off", ["%conduct --offline"]),
        ("%conduct --fresh-all --fr", ["%conduct --fresh-all --fresh", "%conduct --fresh-all --from"]),
        ("%%orchestrate --f", ["%%orchestrate --file"]),
        ("%%compose A title --u", ["%%compose A title --use"]),
        ("# first\n%%conduct --ne", ["# first\n%%conduct --nearest"]),
    ],
)
def test_a_line_of_a_magic_is_completed(shell: TestShell, text: str, lines: list[str]) -> None:
    assert completed(shell, text) == lines


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("par", ["parts:"]),
        ("parts:\n  coder: {pla", ["player:"]),
        ("parts:\n  coder:\n    player: scr", ["script:lines"]),
        ("parts:\n  coder:\n    player: python:su", ["python:sums_up"]),
        ("parts:\n  coder: {task: x}\n  editor: {after: [co", ["coder"]),
        ("parts:\n  coder:\n    model: oll", ["ollama/llama3.2"]),
        ("tempo: {lead: con", ["conductor"]),
    ],
)
def test_an_orchestration_is_completed(
    shell: TestShell, monkeypatch: pytest.MonkeyPatch, text: str, words: list[str]
) -> None:
    monkeypatch.setenv("SCORE_MODEL", "ollama/llama3.2")
    shell.run("def sums_up(reading): return 'x'")
    cell = f"%%orchestrate\n{text}"
    begun = cell[: len(cell) - len(re.split(r"[ {\[]|\n", cell)[-1])]
    assert completed(shell, cell) == [begun + word for word in words]


def test_what_is_no_orchestration_is_not_completed_as_one(shell: TestShell) -> None:
    assert "parts:" not in completed(shell, "%%compose\npar")
    assert "parts:" not in completed(shell, "par")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("lin", "lines"),
        ("print(tak", "print(take"),
        ("%cond", "%conduct"),
        ("%%conduct\n%cond", "%%conduct\n%conduct"),
    ],
)
def test_everything_else_is_left_to_ipython(shell: TestShell, text: str, line: str) -> None:
    assert line in completed(shell, text)


def test_completing_does_not_open_a_score(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shell = TestShell(__vsc_ipynb_file__="nb.ipynb")
    shell.shell.config["ScoreMagics"]["store"] = ""
    with shell:
        completed(shell, "%conduct --only ")
        completed(shell, "%score reading ")
        assert not list(tmp_path.rglob("nb.score"))


def test_unloading_ends_it() -> None:
    with TestShell() as shell:
        assert completed(shell, "%cue res") == ["%cue resume"]
        shell.run("%unload_ext score_kernel")
        assert completed(shell, "%cue res") != ["%cue resume"]
        shell.run("%load_ext score_kernel")
