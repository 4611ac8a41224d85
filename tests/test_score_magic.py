"""`%score`: the scores of a kernel kept, opened, looked at, and what bad input gets."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from IPython.core.error import StdinNotImplementedError

from score_kernel import Score, ScoreError, UsageError
from score_kernel.doctor import data_folders, front_end, keys
from score_kernel.lines import CUES, SCORE
from score_kernel.score.events import Entered
from score_kernel.testing.shell import TestShell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEAM = """%%orchestrate
parts:
  coder: {player: script:lines}
  editor: {player: python:sums_up, after: [coder]}
"""
LINES = {"coder": "Here:\n```python\nx = 1\n```"}


def sums_up(reading: Any) -> str:
    return f"coder said {len(reading['coder'].text)} characters"


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestShell]:
    monkeypatch.chdir(tmp_path)
    with TestShell(lines=LINES, sums_up=sums_up) as shell:
        yield shell


@pytest.fixture
def played(shell: TestShell) -> TestShell:
    """A piece called Adding, with one take, draft."""
    shell.run("%%compose Adding\nA function that adds.\n")
    shell.run(TEAM)
    shell.run("%%conduct draft")
    return shell


@pytest.fixture
def beside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a notebook whose name is known, so that scores are files beside it."""
    monkeypatch.chdir(tmp_path)
    return tmp_path / ".score"


def kernel(**names: object) -> TestShell:
    """A shell like that of a kernel which knows its notebook `nb.ipynb`."""
    shell = TestShell(lines=LINES, sums_up=sums_up, __vsc_ipynb_file__="nb.ipynb", **names)
    shell.shell.config["ScoreMagics"]["store"] = ""
    return shell


def recording(at: Path) -> Path:
    """A recording of one take, made somewhere else."""
    with TestShell(lines=LINES, sums_up=sums_up) as other:
        other.run("%%compose Adding\nA function that adds.\n")
        other.run(TEAM)
        other.run("%conduct")
        other.run(f"%score save {at}")
    return at


# Keeping and opening -----------------------------------------------------------------------------


def test_what_is_saved_is_loaded_as_a_further_score(played: TestShell) -> None:
    main = played["score"]
    played.run("%score save piece.score.jsonl")
    assert played.out == (
        "Saved as piece.score.jsonl: %score load piece.score.jsonl opens it, also elsewhere and with no key.\n"
    )
    played.run("%score load piece.score.jsonl")
    assert played.out == "piece is the current score; %score use main goes back.\n"
    assert played["score"] is not main
    assert played["score"].take["editor"].text == main.take["editor"].text
    played.run("%score use main")
    assert played.out == "main is the current score.\n"
    assert played["score"] is main


def test_a_score_that_is_saved_as_a_page_is_loaded_from_it_too(played: TestShell) -> None:
    played.run("%score save piece.html")
    assert played.out == (
        "Saved as piece.html: any browser opens it, also offline; %score load piece.html does, too.\n"
    )
    played.run("%score load piece.html")
    assert played.out == "piece is the current score; %score use main goes back.\n"
    assert played["score"].take["coder"].text == LINES["coder"]


def test_a_loaded_score_conducts_on_its_own(played: TestShell) -> None:
    main = played["score"]
    played.run("%score save piece.score.jsonl")
    played.run("%score load piece.score.jsonl")
    played.run("%conduct")
    assert "Nothing is new: this is take1" in played.out
    played.run("%conduct --fresh-all")
    assert played["take"].id == "take2"
    assert [take.id for take in main.takes] == ["take1"]


def test_the_same_recording_is_loaded_once_and_another_of_its_name_beside_it(played: TestShell) -> None:
    played.run("%score save piece.score.jsonl")
    played.run("%score load piece.score.jsonl")
    piece = played["score"]
    played.run("%score use main")
    played.run("%score load piece.score.jsonl")
    assert played["score"] is piece
    played.run("%score use main")
    played.run("%conduct --fresh-all")
    played.run("%score save piece.score.jsonl")
    played.run("%score load piece.score.jsonl")
    assert played.out == "piece-2 is the current score (piece is another one); %score use main goes back.\n"
    assert len(played["score"].takes) == 2


def test_a_loaded_score_is_kept_beside_the_notebook_and_goes_on_after_a_restart(beside: Path) -> None:
    recording(beside.parent / "piece.score.jsonl")
    said: list[str] = []
    last = ""
    for _ in range(2):
        with kernel() as shell:
            shell.run("%score load piece.score.jsonl")
            said.append(shell.out)
            shell.run(TEAM.replace("after: [coder]", "after: [coder], task: Shorter"))
            shell.run("%conduct")
            assert shell["take"].id == "take2"
            last = shell.out
    assert "Nothing is new: this is take2" in last
    assert said[0] == said[1]
    assert sorted(file.name for file in beside.iterdir()) == [".gitignore", "nb+piece.score"]


def test_another_recording_of_the_same_name_goes_into_the_next_file(beside: Path) -> None:
    recording(beside.parent / "piece.score.jsonl")
    with kernel() as shell:
        shell.run("%score load piece.score.jsonl")
        shell.run("%conduct --fresh-all")
        shell.run("%score save piece.score.jsonl")
    for _ in range(2):
        with kernel() as shell:
            shell.run("%score load piece.score.jsonl")
            assert shell["score"].path.name == "nb+piece.score"  # it begins with those events too
    with kernel() as shell:
        shell.run("%%compose\nSomething else.")
        shell.run("%score save piece.score.jsonl")
    for _ in range(2):
        with kernel() as shell:
            shell.run("%score load piece.score.jsonl")
            assert shell.out.startswith("piece-2 is the current score (piece is another one)")
            assert shell["score"].path.name == "nb+piece-2.score"


def test_a_recording_whose_file_is_open_elsewhere_is_loaded_in_memory_and_says_so(beside: Path) -> None:
    recording(beside.parent / "piece.score.jsonl")
    beside.mkdir()
    with Score(beside / "nb+piece.score"), kernel() as shell:
        shell.run("%score load piece.score.jsonl")
        first, second = shell.out.splitlines()
        assert first.endswith("this score is in memory")
        assert second == "piece is the current score; %score use main goes back."
        assert len(shell["score"].takes) == 1


def test_a_broken_recording_is_refused_and_the_current_score_stays(beside: Path) -> None:
    file = recording(beside.parent / "piece.score.jsonl")
    lines = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text("".join([*lines[:4], lines[4].replace("a", "b", 1), *lines[5:]]), "utf-8")
    with kernel() as shell:
        before = shell["score"]
        error = shell.cell("%score load piece.score.jsonl").error_in_exec
        assert isinstance(error, ScoreError)
        assert "piece.score.jsonl, line 5" in str(error)
        assert shell["score"] is before
        assert not (beside / "nb+piece.score").exists()


def test_a_new_score_is_empty_and_leaves_the_first_as_it_was(played: TestShell) -> None:
    main = played["score"]
    played.run("%score new")
    assert played.out == "score2 is the current score; %score use main goes back.\n"
    assert repr(played["score"]) == "<Score: 0 parts, 0 takes>"
    played.run("%score new sketch")
    sketch = played["score"]
    played.run("%score use main")
    assert played["score"] is main
    played.run("%score new sketch")
    assert played["score"] is sketch


def test_a_new_score_is_reopened_after_a_restart(beside: Path) -> None:
    for n in range(2):
        with kernel() as shell:
            shell.run("%score new sketch")
            assert len(shell["score"].takes) == n
            shell.run(TEAM)
            shell.run("%%compose\nAn intent.")
            shell.run("%conduct")
    assert (beside / "nb+sketch.score").exists()


def test_forgetting_asks_and_then_the_score_is_empty_and_usable(
    beside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    answers = iter(["no", "y"])

    def answer(prompt: str = "") -> str:
        asked.append(prompt)
        return next(answers)

    monkeypatch.setattr("builtins.input", answer)
    with kernel() as shell:
        shell.run("%%compose Adding\nAn intent.")
        shell.run("%score forget")
        assert shell.out == "main stays as it is.\n"
        assert shell["score"].intent == "An intent."
        shell.run("%score forget")
        assert shell.out == "main is empty now.\n"
        assert not list(beside.glob("*.score*"))
        assert shell["score"].intent == ""
        shell.run("%%compose\nAgain.")
        assert (beside / "nb.score").exists()
    assert asked == ["Delete all of main: <Score 'Adding': 0 parts, 0 takes>? [y/N] "] * 2


def test_forgetting_where_nobody_can_be_asked_names_the_option(
    played: TestShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: str = "") -> str:
        raise StdinNotImplementedError("raw_input was called, but this frontend does not support it.")

    monkeypatch.setattr("builtins.input", refuse)
    error = played.cell("%score forget").error_in_exec
    assert str(error) == "nobody can be asked here: %score forget --yes deletes it"
    assert played["score"].takes
    played.run("%score forget --yes")
    assert not played["score"].takes


def test_the_file_of_another_kernel_is_not_forgotten(beside: Path) -> None:
    beside.mkdir()
    with Score(beside / "nb.score") as other:
        other.compose("An intent.")
        with kernel() as shell:
            shell.run("%score forget --yes")
        assert (beside / "nb.score").exists()
        assert other.intent == "An intent."


# Looking ----------------------------------------------------------------------------------------


def test_alone_it_shows_everything_so_far_or_one_line(shell: TestShell) -> None:
    assert shell.run("%score") is None
    assert shell.out == "Nothing has been conducted yet: run a %%conduct cell first.\n"
    with pytest.raises(UsageError, match="nothing has been conducted yet"):
        shell["score"].view()
    shell.run("%%compose\nAn intent.")
    shell.run(TEAM)
    shell.run("%conduct")
    shell.run("%conduct draft --fresh-all")
    view = shell.run("%score")
    assert view.take.id == shell["score"].view().take.id == "take2"
    assert repr(view) == "<Take draft: 2 of 2 parts, 0 failed>"
    assert shell.out.count(repr(view)) == 1  # a terminal has no view
    assert shell.run("%score;") is None


def test_the_takes_are_a_tree_with_the_moments_they_branched_from(played: TestShell) -> None:
    played.run("%conduct --fresh-all")
    played.run("%conduct again --from take1:editor --fresh editor")
    table = played.run("%score takes")
    entered = next(e.seq for e in played["score"]["take1"].events if isinstance(e, Entered) and e.c == 2)
    assert repr(table).splitlines() == [
        "take     label  from      status    played",
        "take1    draft            finished  2 of 2 parts",
        "  take2         take1     finished  2 of 2 parts",
        f"  take3  again  take1#{entered - 1}  finished  2 of 2 parts",
    ]
    markdown = table._repr_markdown_()
    assert "| take1 | draft |  | finished | 2 of 2 parts |" in markdown


def test_without_takes_their_table_is_one_line(shell: TestShell) -> None:
    assert repr(shell.run("%score takes")) == "There are no takes yet: run a %%conduct cell first."


def test_a_reading_is_what_a_part_would_be_given_now(played: TestShell) -> None:
    played.run("%cue note editor Shorter, please.")
    shown = repr(played.run("%score reading editor"))
    assert shown.startswith("editor would read this if it entered now; about ")
    assert "no model is called" in shown
    assert "- intent, version 1, 21 characters" in shown
    assert "- note/1, version 1, 16 characters" in shown
    assert "Shorter, please." in shown
    assert "[system]" in shown


def test_a_reading_with_a_take_is_what_was_given_then(played: TestShell) -> None:
    played.run("%%compose\nA function that multiplies.")
    for take in ("take1", "draft"):
        shown = repr(played.run(f"%score reading coder {take}"))
        assert shown.startswith("coder read this in take1; about ")
        assert "A function that adds." in shown
        assert "multiplies" not in shown


def test_a_reading_of_a_model_has_its_price(shell: TestShell) -> None:
    shell.run("%%compose\nAn intent.")
    shell.run("%%orchestrate\nparts:\n  coder: {task: Code, model: openai/gpt-4o}")
    shown = repr(shell.run("%score reading coder"))
    assert re.match(r"coder would read this if it entered now; about \d+ tokens, \$0\.0\d+\n", shown)


def test_a_replay_in_a_terminal_is_told_in_words(played: TestShell) -> None:
    played.run("%score replay draft --speed 4")
    lines = [line[8:] for line in played.out.splitlines()[:-1]]
    assert lines == [
        "  coder enters",
        "  coder has played: Here: ```python x = 1 ```",
        "  editor enters",
        "  editor has played: coder said 25 characters",
        "  the take has finished",
    ]
    assert played.out.splitlines()[-1] == "<Take draft: 2 of 2 parts, 0 failed>"


def test_code_is_inserted_as_the_next_cell(played: TestShell) -> None:
    played.run("%score insert coder")
    assert played.shell.rl_next_input == "x = 1"


def test_the_status_says_where_it_is_kept_and_what_it_waits_for(beside: Path) -> None:
    with kernel() as shell:
        assert repr(shell.run("%score status")).splitlines()[0] == "main: no title, 0 takes"
        shell.run("%%compose Adding\nAn intent.")
        shell.run(TEAM)
        shell.run("%conduct")
        first, kept, playing = repr(shell.run("%score status")).splitlines()
        assert first == "main: Adding, 1 take"
        assert re.fullmatch(r"kept in .*nb\.score, \d+ kB", kept)
        assert playing == "take1 has finished; nothing plays"
        shell.run("%config ScoreMagics.store = ':memory:'")
        shell.run("%score new")
        told = repr(shell.run("%score status"))
        assert "kept in memory: %score save NAME.score.jsonl keeps it" in told
        assert "nothing has been conducted yet" in told
        assert "other scores here: main (%score use NAME)" in told


def test_the_doctor_tells_versions_and_names_of_keys_and_no_key(
    shell: TestShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-a-secret-of-somebody")
    told = repr(shell.run("%score doctor"))
    assert "keys in the environment, by name only: OPENAI_API_KEY" in told
    assert "secret" not in told
    assert "front end: a terminal" in told
    assert re.search(r"^litellm \d", told, re.MULTILINE)
    assert re.search(r"^extension: ", told, re.MULTILINE)


def test_the_doctor_knows_front_ends_folders_and_keys(tmp_path: Path) -> None:
    assert front_end({}, {"__vsc_ipynb_file__": "a.ipynb"}, True) == "Visual Studio Code"
    assert front_end({"JPY_SESSION_NAME": "a.ipynb"}, {}, True).startswith("a Jupyter server's")
    assert front_end({}, {}, True).startswith("it does not say")
    assert next(data_folders({"JUPYTER_PATH": str(tmp_path)})) == tmp_path
    given = dict.fromkeys(["ANTHROPIC_API_KEY", "HF_TOKEN", "JUPYTERHUB_API_TOKEN", "HOME"], "x")
    assert keys({**given, "GROQ_API_KEY": ""}) == ["ANTHROPIC_API_KEY", "HF_TOKEN"]


# Splicing and comparing ---------------------------------------------------------------------------


def test_a_spliced_take_is_conducted_and_bound(played: TestShell) -> None:
    played.shell.user_ns["lines"] = {"coder": "x = 23"}
    played.run(TEAM)
    played.run("%conduct")
    assert played["take"].id == "take2"
    take = played.run("%score splice coder:draft,editor:take2")
    assert take.id == "take3"
    assert take.status == "finished"
    assert played["take"] is take
    assert take["coder"].text == LINES["coder"]
    assert take["editor"].text == "coder said 6 characters"
    assert [flag.flag for flag in take["editor"].flags] == ["stale"]
    assert played.out.count("<Take: 2 of 2 parts, 0 failed>") == 1
    assert played.run("%score splice coder:draft;") is None


def test_two_takes_are_compared_and_so_is_a_part_of_them(played: TestShell) -> None:
    played.shell.user_ns["lines"] = {"coder": "x = 23"}
    played.run(TEAM)
    played.run("%conduct")
    diff = played.run("%score diff draft take2")
    assert "coder said [-25-]{+6+} characters" in str(diff)
    alone = str(played.run("%score diff draft take2 coder"))
    assert "take1 and take2: 1 of 1 differ" in alone
    assert "characters" not in alone


def test_status_of_a_held_take_names_the_cue(played: TestShell) -> None:
    played.run(TEAM.replace("script:lines", "script:lines, hold: true, reuse: false"))
    played.run("%conduct")
    status = repr(played.run("%score status"))
    assert "take2 is held: it waits for coder: " in status
    assert "%cue release coder" in status


# Bad input ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("lod x", "%score has no 'lod'; did you mean %score load?"),
        ("dance", "%score has no 'dance'; there is %score takes, reading,"),
        ("splice coder", "'coder' chooses nothing: write %score splice coder:take1,tester:take3"),
        ("splice coder:take9", "there is no take 'take9'"),
        ("diff take1", "it wants TAKE; write %score diff TAKE TAKE [PART]"),
        ("save", "%score save: it wants FILE; write %score save FILE"),
        (
            "save x.otlp.json",
            "saving as .otlp.json is not there yet: write %score save NAME.score.jsonl or NAME.html",
        ),
        (
            "save x.txt",
            "a score is saved as NAME.score.jsonl (a recording) or NAME.html (the view in one file)",
        ),
        ("save .html", "a score is saved as NAME.score.jsonl"),
        ("save nowhere/x.html", "x.html cannot be written: there is no such folder"),
        ("save nowhere/x.score.jsonl", "cannot be written"),
        ("load nowhere.score.jsonl", "there is no such file"),
        ("load", "it wants FILE"),
        ("load 'x", "a quotation mark is missing its partner"),
        ("use nobody", "there is no score 'nobody': there is only main"),
        ("new a/b", "'a/b' cannot name a score"),
        ("replay take9", "there is no take 'take9'"),
        ("replay --speed 40", "a replay runs at 0.25 to 16 times the pace, not at 40"),
        ("replay --speed fast", "write %score replay [TAKE] [--speed SPEED]"),
        ("reading", "it wants PART; write %score reading PART [TAKE]"),
        ("reading nobody", "there is no part 'nobody'"),
        ("reading nobody take1", "take1 has no part 'nobody'; it has coder, editor"),
        ("reading coder take7", "there is no take 'take7'"),
        ("insert editor", "what editor played has no fenced code block"),
        ("status now", "it takes no now; write %score status"),
    ],
)
def test_bad_input_gets_one_line_and_changes_nothing(played: TestShell, line: str, says: str) -> None:
    score = played["score"]
    error = played.cell(f"%score {line}").error_in_exec
    assert isinstance(error, ScoreError)
    assert says in str(error), str(error)
    assert len(str(error).splitlines()) == 1
    assert played["score"] is score
    assert len(score.takes) == 1


def test_help_shows_every_verb_and_an_example(shell: TestShell) -> None:
    for magic, verbs in (("cue", CUES), ("score", SCORE)):
        text = shell.shell.find_line_magic(magic).__doc__
        assert text is not None
        for verb in verbs:
            assert f"%{magic} {verb}" in text
        assert "example:" in text
    for cell in ("%score?", "%cue?", "%%cue?", "%%conduct?"):
        assert shell.cell(cell).success
