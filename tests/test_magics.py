"""The magics, in a real IPython shell: all the ways of running them, and what bad input gets."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Any

import nbformat
import pytest
from IPython.core.error import UsageError as ShellUsageError

from score_kernel import ScoreError, Take, UsageError
from score_kernel.testing.provider import LoopbackProvider
from score_kernel.testing.shell import TestShell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEAM = """%%orchestrate
parts:
  coder: {player: script:lines}
  editor: {player: python:sums_up, after: [coder]}
"""


@pytest.fixture
def shell() -> Iterator[TestShell]:
    def sums_up(reading: Any) -> str:
        return f"coder said: {reading['coder'].text}"

    with TestShell(lines={"coder": "x = 1"}, sums_up=sums_up) as shell:
        yield shell


@pytest.fixture
def ready(shell: TestShell) -> TestShell:
    shell.run("%%compose Adding\nA function that adds.\n")
    shell.run(TEAM)
    return shell


def test_loading_binds_score_and_prints_nothing() -> None:
    with TestShell() as shell:
        assert shell.out == ""
        assert repr(shell["score"]) == "<Score: 0 parts, 0 takes>"


def test_a_foreign_object_named_score_is_not_overwritten() -> None:
    with TestShell(score=42) as shell:
        assert shell["score"] == 42
        shell.run("%%compose\nAn intent.")
        assert shell["score"] == 42


def test_a_cell_conducts_and_evaluates_to_the_take(ready: TestShell) -> None:
    take = ready.run("%%conduct draft")
    assert isinstance(take, Take)
    assert repr(take) == "<Take draft: 2 of 2 parts, 0 failed>"
    assert ready["take"] is take
    assert ready["draft"] is take
    assert take["editor"].text == "coder said: x = 1"


@pytest.mark.parametrize(
    "cell",
    [
        "%%conduct draft",
        "%conduct draft",
        "# a comment\n\n%%conduct draft",
        "# a comment\n%conduct draft\n\n# and one below",
        "draft = %conduct",
        "%%time\n%%conduct draft",
        "%%capture\n%%conduct draft",
        "%%capture\n%conduct draft",
        "for _ in range(2):\n    %conduct draft",
        "def plays():\n    return get_ipython().run_line_magic('conduct', 'draft')\nplays()",
        "def plays():\n    %conduct draft\nplays()",
        "%%conduct draft;",
        "%%conduct 'draft'\nA note {with} $braces and %percent",
    ],
)
def test_every_way_of_running_it_performs(ready: TestShell, cell: str) -> None:
    ready.run(cell)
    assert ready["draft"].status == "finished"
    assert ready["draft"]["editor"].text == "coder said: x = 1"


def test_a_notebook_that_is_run_by_another_performs(ready: TestShell, tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_code_cell("# here\n%%conduct draft"),
            nbformat.v4.new_code_cell("%conduct again"),
        ]
    )
    file = tmp_path / "inner.ipynb"
    nbformat.write(notebook, file)
    ready.run(f"%run -i {file}")
    assert ready["draft"].status == "finished"
    assert ready["again"].id == ready["draft"].id


def test_conducting_again_says_that_nothing_is_new(ready: TestShell) -> None:
    ready.run("%%conduct")
    assert "Nothing is new" not in ready.out
    ready.run("%%conduct")
    assert "Nothing is new: this is take1. --fresh-all plays everything again." in ready.out
    ready.run("%conduct --fresh-all")
    assert ready["take"].id == "take2"


def test_the_cell_is_the_opening_note(ready: TestShell) -> None:
    ready.run("%%conduct\nKeep {it} $small.")
    assert ready["take"]["editor"].reading.notes == ("Keep {it} $small.",)
    ready.run("%conduct --fresh-all")
    assert ready["take"]["editor"].reading.notes == ("Keep {it} $small.",)


def test_a_dry_run_shows_what_would_play(ready: TestShell) -> None:
    forecast = ready.run("%conduct -n")
    assert "it has not played yet" in str(forecast)
    assert forecast.plays == ("coder", "editor")
    assert not ready["score"].takes


def test_a_dry_run_counts_the_players_of_a_section_together(shell: TestShell) -> None:
    shell.shell.user_ns["items"] = ["one", "two", "three"]
    model = "model: openai/gpt-4o, params: {max_tokens: 100}"
    shell.run(f"%%orchestrate\nparts:\n  coder: {{task: Write, each: items, {model}}}")
    forecast = shell.run("%conduct -n")
    (row,) = forecast.rows
    assert (row.part, row.of, row.verdict, row.why) == (
        "coder",
        "all 3",
        "plays",
        "it has not played yet",
    )
    assert row.tokens > 3 * 100
    assert "coder[all 3]  plays" in str(forecast)
    assert "1 of 1 parts would play. At most" in str(forecast)


def test_of_a_section_a_dry_run_tells_who_is_known_and_who_plays(shell: TestShell) -> None:
    shell.shell.user_ns["items"] = ["one", "two"]
    shell.run("%%orchestrate\nparts:\n  coder: {player: script:lines, each: items}")
    shell.run("%conduct")
    shell.shell.user_ns["items"] = ["one", "two", "three"]
    forecast = shell.run("%conduct -n")
    assert [(row.name, row.verdict) for row in forecast.rows] == [
        ("coder[2 of 3]", "reused"),
        ("coder[1 of 3]", "plays"),
    ]
    assert forecast.plays == ("coder",)
    assert repr(forecast) == "<Dry run: would play coder>"


@pytest.mark.parametrize(
    ("more", "most"),
    [
        ("max_turns: 3", 1),
        ("returns: Form", 2),
        ("checks: [fine], on_flag: retake", 2),
        ("repeat: {from: coder, until: fine, at_most: 3}", 3),
        ("tools: [fine]", None),
    ],
)
def test_a_ceiling_counts_every_pass_and_turn(shell: TestShell, more: str, most: int | None) -> None:
    shell.run("def fine(contribution: str) -> bool:\n    return True\nForm = {'type': 'object'}")
    model = "model: openai/gpt-4o, params: {max_tokens: 1000}"
    shell.run(f"%%orchestrate\nparts:\n  coder: {{task: Write, {model}, {more}}}")
    (row,) = shell.run("%conduct -n").rows
    assert (row.tokens is None) == (row.cost is None) == (most is None)
    if most is not None:  # each later turn is sent what was answered before it, or the loop played
        answered = most * 1000
        sent_again = (most * (most - 1) // 2 if most == 2 else most - 1) * 1000
        assert answered + sent_again < row.tokens < answered + sent_again + most * 200


def test_what_you_played_costs_nothing_and_wants_no_key(
    shell: TestShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    shell.run("%%orchestrate\nparts:\n  coder: {task: Write, model: openai/gpt-4o}")
    shell.run("%%play coder\nx = 2")
    assert shell.out == "You play coder in the next take: %conduct.\n"
    assert "No model is called." in str(shell.run("%conduct -n"))
    shell.run("%conduct")
    assert shell["take"]["coder"].text == "x = 2"


def test_mcp_servers_are_of_every_score_and_stay_while_other_settings_change(shell: TestShell) -> None:
    shell.run("%config ScoreMagics.mcp_servers = {'files': {'command': 'python'}}")
    servers = shell["score"].servers
    assert servers.given == {"files": {"command": "python"}}
    shell.run("%config ScoreMagics.max_material_chars = 300")
    assert shell["score"].servers is servers
    shell.run("%score new")
    assert shell["score"].servers.given == servers.given


def test_materials_are_variables_or_files(
    shell: TestShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = tmp_path / "spec.md"
    spec.write_text("The spec.")
    shell.shell.user_ns["rules"] = "No loops."
    monkeypatch.chdir(tmp_path)
    done = shell.run("%%compose A title of words -u rules,spec.md\nDo it.\n\n## Criteria\n- well\n- soon\n")
    assert repr(done) == "<Composition 'A title of words': 2 criteria, with rules, spec.md>"
    entries = shell["score"].composition
    assert entries["material/rules"] == "No loops."
    assert entries["material/spec.md"] == "The spec."


def test_a_trailing_semicolon_shows_no_result(ready: TestShell) -> None:
    assert ready.run("%%compose;\nAn intent.") is None
    assert ready.run("%orchestrate;") is None


def test_composing_an_edit_says_who_read_the_old_one(ready: TestShell) -> None:
    ready.run("%%conduct")
    done = ready.run("%%compose Adding\nA function that multiplies.\n")
    assert done.stale == ("coder", "editor")
    assert done.changes == ("the intent is version 2",)
    shown = done._repr_markdown_()
    assert "the intent is version 2" in shown
    assert "coder, editor read what is now old" in shown


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("%%compose\n", "empty"),
        ("%%compose -u nothing_of_that_name\nAn intent.", "nothing_of_that_name"),
        ("%%orchestrate\n", "parts"),
        ("%%orchestrate\nparts:\n  coder: {player: script:lines, after: [codr]}\n", "line 3, column 4.*codr"),
        ("%%orchestrate\nparts:\n  a: {task: x, after: [b]}\n  b: {task: y, after: [a]}\n", "a.*b.*a"),
        ("%%orchestrate\nparts:\n  a: {task: x}\n  a: {task: y}\n", "line 4"),
        ("%%orchestrate\nparts:\n  a: {tsk: x}\n", "line 3.*task"),
        ("%%orchestrate\nparts:\n  a: {each: items}\n", "no list `items` in this notebook"),
        ("%%orchestrate\nparts:\n  a: {player: python:nobody}\n", "nobody"),
        ("%conduct", "%%orchestrate"),
        ("%%conduct --lead clock", "%%orchestrate"),
        ("%%conduct --rate fast", "%%orchestrate"),
        ("%%play coder\n", "the cell is empty"),
        ("%%play\nA text", "a part is played in a cell: %%play PART"),
        ("%play coder", "a part is played in a cell: %%play PART"),
        ("%%play coder\nA text", "%%orchestrate"),
        ("%%cue release --edit coder\n", "the cell is empty"),
        ("%cue beat 2", "nothing has been conducted yet"),
        ("%%conduct --from take1", "%%orchestrate"),
        ("%%conduct -r nowhere.score.jsonl", "%%orchestrate"),
        ("%%conduct --fsat", "fsat"),
        ("%%conduct 'unclosed", "quotation mark"),
        ("%%conduct 4x", "'4x' cannot name a take"),
        ("%cue", "wants a verb"),
        ("%cue dance", "no 'dance'"),
        ("%cue enter coder", "nothing has been conducted yet"),
        ("%cue stopp", "did you mean %cue stop"),
        ("%cue note", "a note wants a part and a text: %cue note PART TEXT"),
        ("%cue note coder", "a note wants a part and a text: %cue note PART TEXT"),
        ("%cue note --now", "a note wants a part and a text: %cue note PART TEXT"),
        ("%cue note --now all", "a note wants a part and a text: %cue note PART TEXT"),
        ("%cue note nobody hello", "no part 'nobody'; a note goes to all"),
        ("%%cue note all\n\n", "a note wants a part and a text"),
        ("%%cue note all a text\nand a cell", "a %%cue cell is a note or an answer: %%cue note PART"),
        ("%%cue pause\nnow", "a %%cue cell is a note or an answer: %%cue note PART"),
        ("%cue drop", "%cue drop: it wants N; write %cue drop N"),
        ("%cue drop 3", "no note 3 stands"),
        ("%cue resume now", "it takes no now; write %cue resume"),
        ("%cue resume", "conducted yet"),
        ("%score save x.html", "nothing has been conducted yet"),
        ("%score save x.otlp.json", "not there yet"),
    ],
)
def test_bad_input_gets_one_line_and_leaves_the_score_as_it_was(
    shell: TestShell, cell: str, says: str
) -> None:
    score = shell["score"]
    before = (score.entries, score.plan, len(score.takes))
    result = shell.cell(cell)
    error = result.error_in_exec
    assert isinstance(error, ScoreError)
    rendered = error._render_traceback_()
    assert len("\n".join(rendered).splitlines()) == 1
    assert "Traceback" not in rendered[0]
    assert re.search(says, rendered[0]), rendered[0]
    assert (score.entries, score.plan, len(score.takes)) == before


def test_a_failed_take_makes_the_cell_fail_with_the_traceback_of_its_author(shell: TestShell) -> None:
    shell.run("def breaks(reading):\n    return 1 / 0")
    shell.run(
        "%%orchestrate\nparts:\n  a: {player: python:breaks}\n  coder: {player: script:lines, after: [a]}"
    )
    result = shell.cell("%%conduct")
    assert isinstance(result.error_in_exec, ScoreError)
    lines = result.error_in_exec._render_traceback_()
    assert (
        lines[0]
        == "PerformanceFailed: take1 failed: a: ZeroDivisionError: division by zero (coder waited for it)"
    )
    assert "return 1 / 0" in "\n".join(lines[1:])
    assert "performance.py" not in "\n".join(lines)


def test_help_shows_the_options_and_an_example(shell: TestShell) -> None:
    for magic in ("compose", "orchestrate", "conduct"):
        text = shell.shell.find_line_magic(magic).__doc__
        assert text is not None
        assert f"%%{magic}" in text
    assert "--fresh-all" in (shell.shell.find_cell_magic("conduct").__doc__ or "")


def test_unloading_takes_everything_out_again() -> None:
    with TestShell() as shell:
        shell.run("%unload_ext score_kernel")
        assert isinstance(shell.cell("%conduct").error_in_exec, ShellUsageError)
        shell.run("%load_ext score_kernel")
        assert repr(shell.run("%%compose\nAgain.")) == "<Composition: 0 criteria>"


def test_the_store_can_be_a_file_and_is_there_after_a_restart(shell: TestShell, tmp_path: Path) -> None:
    file = tmp_path / "piece.score"
    shell.run(f"%config ScoreMagics.store = {str(file)!r}")
    shell.run("%%compose\nAn intent.")
    shell.run(TEAM)
    shell.run("%conduct")
    shell.run("%config ScoreMagics.store = ':memory:'")
    assert not shell["score"].takes
    shell.run(f"%config ScoreMagics.store = {str(file)!r}")
    assert [take.id for take in shell["score"].takes] == ["take1"]
    shell.run(TEAM)
    shell.run("%conduct")
    assert "Nothing is new: this is take1" in shell.out


# Notes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("%cue note editor Keep it short", "Keep it short"),
        ("%cue note  editor   Keep it short  ", "Keep it short"),
        ("%cue note --now editor Keep it short", "Keep it short"),
        ("%cue note editor --now is text here --now", "--now is text here --now"),
        ('%cue note editor it\'s $5 for {you}, "really";', 'it\'s $5 for {you}, "really";'),
        ("%cue note editor is it tested?", "is it tested?"),
        ("# first\n%cue note editor what?\n", "what?"),
        ("if True:\n    %cue note editor what (is it?", "what (is it?"),
        (
            "%%cue note editor\nA long one.\n\n- with {braces}; and\n- lines?\n",
            "A long one.\n\n- with {braces}; and\n- lines?",
        ),
        ("# a comment\n\n%%cue note --now editor\nLong.", "Long."),
        ("%%cue note editor;\nLong.", "Long."),
    ],
)
def test_the_text_of_a_note_is_just_as_it_is_written(ready: TestShell, cell: str, text: str) -> None:
    ready.run(cell)
    assert ready["score"].notes == {"1": text}
    assert ready.out == "Note 1: editor reads it in the next take.\n"
    ready.run("%conduct")
    assert ready["take"]["editor"].reading.notes == (text,)
    assert ready["take"]["coder"].reading.notes == ()


def test_a_question_after_another_magic_is_still_a_call_for_help(ready: TestShell) -> None:
    assert ready.cell("%cue?").success
    assert ready.cell("%cue note?").success
    assert ready["score"].notes == {}


def test_a_note_to_all_says_so_and_the_same_note_stands_already(ready: TestShell) -> None:
    ready.run("%cue note all Be kind.")
    assert ready.out == "Note 1: every part reads it in the next take.\n"
    ready.run("%conduct")
    assert ready["take"]["coder"].reading.notes == ("Be kind.",)
    ready.run("%cue drop 1")
    assert ready.out == "Note 1 stands no longer.\n"
    assert ready["score"].notes == {}


# The other options of conduct --------------------------------------------------------------------


def test_a_take_branches_from_a_moment(ready: TestShell) -> None:
    ready.run("%conduct")
    ready.run("%conduct --fresh-all")
    ready.run("%conduct third --from take1:editor --fresh editor")
    assert ready["third"].parent.id == "take1"
    assert ready["third"]["coder"].reused_from == "take1"
    assert "there is no take 'take9'" in str(ready.cell("%conduct --from take9").error_in_exec)


def test_a_recording_plays_offline_in_another_kernel(
    ready: TestShell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ready.run("%conduct")
    ready.run("%score save piece.score.jsonl")
    ready.run("%config ScoreMagics.store = ':memory:'")
    ready.run("%score new")
    ready.run("%%compose Adding\nA function that adds.\n")
    ready.run(TEAM)
    ready.run("%conduct -r piece.score.jsonl --offline")
    assert ready["take"]["editor"].reused_from == "take1 of piece.score.jsonl"
    assert ready["take"]["editor"].text == "coder said: x = 1"


def test_offline_names_the_part_that_is_not_known_and_nearest_plays_it(ready: TestShell) -> None:
    with LoopbackProvider("A summary") as provider:
        model = f"model: openai/any, params: {{api_base: {provider.openai!r}}}, task: Sum up"
        ready.run(TEAM.replace("player: python:sums_up", model))
        ready.run("%conduct")
        ready.run("%%compose Adding\nA function that multiplies.\n")
        error = ready.cell("%conduct --offline").error_in_exec
        assert isinstance(error, ScoreError)
        assert "editor is not known, and offline no model may play it" in str(error)
        ready.run("%conduct --offline --nearest")
        assert ready["take"]["editor"].text == "A summary"
        assert "[-adds-]{+multiplies+}" in ready["take"]["editor"].differs
        assert provider.count == 1
    assert "nearest goes with offline" in str(ready.cell("%conduct --nearest").error_in_exec)


def test_a_take_is_a_data_frame(ready: TestShell) -> None:
    ready.run("%conduct")
    frame = ready["take"].to_frame()
    assert list(frame.columns) == (
        [
            "part",
            "item",
            "status",
            "model",
            "started",
            "ended",
            "tokens_in",
            "tokens_out",
            "cost",
            "flags",
            "text",
        ]
    )
    assert list(frame.part) == ["coder", "editor"]
    assert list(frame.status) == ["played", "played"]
    assert list(frame.model) == ["script:lines", "python:sums_up"]
    assert list(frame.text) == ["x = 1", "coder said: x = 1"]
    assert list(frame.cost) == [0.0, 0.0]
    assert list(frame["flags"]) == ["", ""]
    assert frame.item.isna().all()
    assert (frame.started <= frame.ended).all()


def test_without_pandas_a_data_frame_is_one_line(ready: TestShell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    ready.run("%conduct")
    with pytest.raises(UsageError, match=r"^to_frame\(\) needs pandas: run %pip install pandas$"):
        ready["take"].to_frame()


@pytest.mark.parametrize("cell", ["%%conduct?", "%%compose?", "%orchestrate?", "%cue?"])
def test_a_question_mark_shows_help(shell: TestShell, cell: str) -> None:
    assert shell.cell(cell).success
    assert not shell["score"].takes


def test_a_cell_that_contradicts_itself_is_refused(ready: TestShell) -> None:
    for line, says in [
        ("--only coder --fresh editor", "only keeps what fresh asks for"),
        ("--only coder, editor", "lacks a name"),
        ("score", "cannot name a take"),
        ("class", "cannot name a take"),
    ]:
        error = ready.cell(f"%conduct {line}").error_in_exec
        assert isinstance(error, ScoreError)
        assert says in str(error)
    assert not ready["score"].takes
