"""Conducting from the notebook: every `%cue`, `%%play`, and the tempo of `%conduct`, in a take that goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from score_kernel import ScoreError, Take
from score_kernel.lines import CUES
from score_kernel.score import events as ev
from score_kernel.score.plan import Tempo
from score_kernel.testing.shell import TestShell

if TYPE_CHECKING:
    from collections.abc import Iterator

HANG = 30  # seconds: generous, only against a test that would hang


class Desk:
    """A shell whose cells never wait: takes are conducted until only the conductor can move them."""

    def __init__(self, shell: TestShell) -> None:
        self.shell = shell

    def orchestrate(self, parts: str, tempo: str = "") -> None:
        lines = "\n".join(f"  {line}" for line in parts.strip().splitlines())
        self.shell.run(f"%%orchestrate\n{tempo}\nparts:\n{lines}\n")

    def held(self, line: str = "") -> Take:
        """Conduct until the take is held."""
        self.shell.run(f"%conduct {line}")
        assert self.take.status == "held"
        return self.take

    def cue(self, cell: str) -> str:
        """Send a cue, and wait for what comes of it. Gives what the cell printed."""
        self.shell.run(cell)
        self.take.wait(HANG)
        return self.shell.out

    def refused(self, cell: str) -> str:
        """What a cell that is refused says, in one line; nothing happens."""
        count = len(self.take.events)
        error = self.shell.cell(cell).error_in_exec
        assert isinstance(error, ScoreError), error
        assert len(error._render_traceback_()) == 1
        assert len(self.take.events) == count
        return str(error)

    @property
    def take(self) -> Take:
        return self.shell["score"].take

    def happened(self, kind: type) -> list[Any]:
        return [event for event in self.take.events if isinstance(event, kind)]


@pytest.fixture
def desk() -> Iterator[Desk]:
    def plays(reading: Any) -> str:
        return " ".join([reading.part, *reading.notes])

    def follows(reading: Any) -> str:
        return f"after {reading['coder'].text}" if "coder" in reading else "alone"

    with TestShell(plays=plays, follows=follows, items=["a", "b"], lines="x = 1") as shell:
        shell.run("%%compose\nA function that adds.")
        yield Desk(shell)


# Letting in and leaving out -----------------------------------------------------------------------


def test_a_part_that_waits_for_its_cue_is_let_in(desk: Desk) -> None:
    desk.orchestrate("coder: {player: python:plays, enters: on-cue}")
    assert desk.held().waits_for == "a cue lets coder in: %cue enter coder"
    assert desk.cue("%cue enter coder") == ""
    assert desk.take.status == "finished"
    assert desk.take["coder"].text == "coder"


def test_one_player_of_a_section_is_let_in(desk: Desk) -> None:
    desk.orchestrate("coder: {player: python:plays, each: items, enters: on-cue}")
    desk.held()
    desk.cue("%cue enter coder[1]")
    assert desk.take.status == "held"
    assert [c.status for c in desk.take.contributions] == ["waiting", "played"]
    desk.cue("%cue enter coder")
    assert desk.take.status == "finished"


def test_a_muted_part_is_silent_until_it_is_unmuted(desk: Desk) -> None:
    desk.orchestrate(
        """
        coder: {player: python:plays, enters: on-cue}
        editor: {player: python:follows, after: [coder], hold: true}
        """.replace("        ", "")
    )
    desk.held()
    assert desk.cue("%cue mute coder") == ""
    assert desk.take["coder"].status == "muted"
    assert desk.take.waits_for.endswith(": %cue release editor")
    assert desk.cue("%cue unmute coder") == ""
    desk.cue("%cue enter coder")
    assert desk.take["coder"].text == "coder"


def test_beats_let_in_as_many(desk: Desk) -> None:
    desk.orchestrate("\n".join(f"p{n}: {{player: python:plays}}" for n in range(5)))
    assert desk.held("--lead conductor").waits_for == "a beat: %cue beat"
    assert desk.cue("%cue beat") == ""
    assert len([c for c in desk.take.contributions if c.status == "played"]) == 1
    desk.cue("%cue beat 3")
    assert len([c for c in desk.take.contributions if c.status == "played"]) == 4
    assert [event.n for event in desk.happened(ev.Beat)] == [1, 3]


# Answering ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("%cue release coder", "coder"),
        ("%cue release coder;", "coder"),
        ("%cue release --edit 'A text of {mine}; it is $5' coder", "A text of {mine}; it is $5"),
        ("%cue release --edit=mine coder", "mine"),
        ('%%cue release --edit coder\nSaid "well";\n\n- {a}\n', 'Said "well";\n\n- {a}'),
        ("# a comment\n\n%%cue release --edit coder;\nmine", "mine"),
    ],
)
def test_a_hold_is_released_as_it_is_or_with_another_text(desk: Desk, cell: str, text: str) -> None:
    desk.orchestrate("coder: {player: python:plays, hold: true}")
    desk.held()
    assert desk.cue(cell) == ""
    assert desk.take.status == "finished"
    assert desk.take["coder"].text == text


@pytest.mark.parametrize("cell", ["%cue release --back 'in C' coder", "%%cue release --back coder\nin C\n"])
def test_what_is_sent_back_plays_again_with_the_note(desk: Desk, cell: str) -> None:
    desk.orchestrate("coder: {player: python:plays, hold: true}")
    desk.held()
    desk.cue(cell)
    assert desk.take.status == "held"
    desk.cue("%cue release coder")
    assert desk.take["coder"].text == "coder in C"


def test_what_is_refused_does_not_count(desk: Desk) -> None:
    desk.orchestrate("coder: {player: python:plays, hold: true}")
    desk.held()
    desk.cue("%cue release --no coder")
    assert desk.take["coder"].status == "cut"


def test_one_player_of_a_section_is_released(desk: Desk) -> None:
    desk.orchestrate("coder: {player: python:plays, each: items, hold: true}")
    desk.held()
    desk.cue("%cue release coder[1]")
    assert [c.status for c in desk.take.contributions] == ["held", "played"]


def test_a_tool_that_asks_is_answered(desk: Desk) -> None:
    called: list[str] = []

    def look(word: str) -> str:
        """Look a word up."""
        called.append(word)
        return f"{word}!"

    desk.shell.shell.user_ns["look"] = look
    desk.shell.shell.user_ns["lines"] = [{"tool": "look", "args": {"word": "sum"}}, "done"]
    desk.orchestrate("coder: {player: script:lines, tools: [look], ask: [look]}")
    desk.held()
    assert "%cue release coder" in desk.take.waits_for
    desk.cue("""%cue release --edit '{"word": "total"}' coder""")
    assert called == ["total"]
    assert desk.take["coder"].text == "done"


# Playing along ------------------------------------------------------------------------------------


def test_a_human_part_is_played_in_a_cell(desk: Desk) -> None:
    desk.orchestrate("coder: {player: human}\neditor: {player: python:follows, after: [coder]}")
    assert "%%play coder" in desk.held().waits_for
    assert desk.cue("%%play coder\n\nA {text} of $mine;\n\n") == "You play coder in take1.\n"
    assert desk.take["coder"].text == "A {text} of $mine;"
    assert desk.take["editor"].text == "after A {text} of $mine;"


def test_a_part_that_has_not_entered_is_played_in_its_turn(desk: Desk) -> None:
    desk.orchestrate(
        "coder: {player: python:plays, hold: true}\neditor: {player: python:follows, after: [coder]}"
    )
    desk.held()
    assert desk.cue("# mine\n%%play editor;\nmine") == ""
    assert desk.take.status == "held"
    desk.cue("%cue release coder")
    assert desk.take["editor"].text == "mine"


def test_while_nothing_plays_it_counts_in_the_next_take(desk: Desk) -> None:
    desk.orchestrate("coder: {player: python:plays}")
    desk.shell.run("%conduct")
    assert desk.cue("%%play coder\nmine") == "You play coder in the next take: %conduct.\n"
    assert desk.take["coder"].text == "coder"
    desk.shell.run("%conduct")
    assert (desk.take.id, desk.take["coder"].text) == ("take2", "mine")


def test_one_player_of_a_section_is_played(desk: Desk) -> None:
    desk.orchestrate("coder: {player: human, each: items}")
    desk.held()
    desk.cue("%%play coder[1]\nsecond")
    desk.cue("%%play coder[0]\nfirst")
    assert [c.text for c in desk.take["coder"]] == ["first", "second"]


# Tempo --------------------------------------------------------------------------------------------


def test_a_take_has_the_tempo_that_its_line_gives_it(desk: Desk) -> None:
    desk.orchestrate("coder: {player: python:plays}", "tempo: {at_once: 3, deadline: 5m}")
    desk.held("--lead conductor --at-once 2 --rate 2/s --budget 0.50")
    (started,) = desk.happened(ev.TakeStarted)
    assert started.tempo == Tempo(lead="conductor", at_once=2, rate=120.0, deadline=300.0, budget=0.5)


def test_the_tempo_changes_and_limits_are_lifted(desk: Desk) -> None:
    desk.orchestrate("coder: {player: python:plays, enters: on-cue}", "tempo: {at_once: 3, deadline: 5m}")
    desk.held()
    assert desk.cue("%cue tempo --at-once 1 --rate 60/min --deadline 10m --budget '20k tokens'") == ""
    desk.cue("%cue tempo --deadline 0")
    desk.cue("%cue tempo --lead conductor;")
    tempos = [event.tempo for event in desk.happened(ev.TempoSet)]
    first = Tempo(at_once=1, rate=60.0, deadline=600.0, tokens=20_000)
    assert tempos[:2] == [first, Tempo(at_once=1, rate=60.0, tokens=20_000)]
    assert tempos[2].lead == "conductor"


def test_a_part_that_leads_is_named_on_the_line(desk: Desk) -> None:
    desk.orchestrate("lead: {player: human}\ncoder: {player: python:plays}")
    desk.held("--lead lead")
    desk.cue("%cue tempo --lead free")
    assert desk.take["coder"].text == "coder"


# Refused ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "says"),
    [
        ("%cue enter", "%cue enter: it wants PART; write %cue enter PART"),
        ("%cue enter nobody", "take1 has no part 'nobody'; it has coder, editor"),
        ("%cue enter editor[7]", "editor has no player 7 in take1"),
        ("%cue enter coder", "coder does not wait to be let in: it is held"),
        ("%cue mute nobody", "take1 has no part 'nobody'"),
        ("%cue unmute coder", "coder is not muted"),
        ("%cue release", "it wants PART; write %cue release [--no] [--edit TEXT] [--back NOTE] PART"),
        ("%cue release editor", "editor does not wait for a release; coder does"),
        ("%cue release --no --edit x coder", "one of --edit, --back, --no"),
        ("%cue release --edit coder", "it wants PART"),
        ("%%cue release --edit nobody\nx", "take1 has no part 'nobody'"),
        ("%%cue release --edit coder\n\n", "the cell is empty: write the text below"),
        ("%%cue release --no coder\nx", "a %%cue cell is a note or an answer"),
        ("%cue beat", "beats are for when the conductor leads, and free does: %cue tempo --lead conductor"),
        ("%cue beat 0", "a number of beats is 1 or more, not 0"),
        ("%cue beat two", "a number of beats is 1 or more, not two"),
        ("%cue tempo", "%cue tempo changes what?"),
        ("%cue tempo 5", "it takes no 5; write %cue tempo [--lead WHO]"),
        ("%cue tempo --at-once many", "`at_once` is how many parts play at the same time"),
        ("%cue tempo --rate fast", "`rate` is requests a minute"),
        ("%cue tempo --deadline soon", "`deadline` is a time in seconds"),
        ("%cue tempo --budget much", "`budget` is in USD or in tokens"),
        ("%cue tempo --lead nobody", "'nobody' cannot lead: free, conductor, clock or a part: coder, editor"),
        ("%cue tempo --lead clock", "the clock leads to a deadline"),
        ("%%play\nx", "a part is played in a cell: %%play PART"),
        ("%%play coder editor\nx", "a part is played in a cell: %%play PART"),
        ("%play coder", "a part is played in a cell: %%play PART"),
        ("%%play coder\n  \n", "the cell is empty: write below %%play coder what it contributes"),
        ("%%play nobody\nx", "take1 has no part 'nobody'"),
        ("%%play editor\nx", "editor is a section: say which, as in %%play editor[0]"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(desk: Desk, cell: str, says: str) -> None:
    desk.orchestrate(
        "coder: {player: python:plays, hold: true}\n"
        "editor: {player: python:plays, each: items, enters: on-cue}"
    )
    desk.held()
    assert says in desk.refused(cell)


@pytest.mark.parametrize(
    "cue", ["enter coder", "mute coder", "unmute coder", "release coder", "beat", "tempo --at-once 2"]
)
def test_an_ended_take_is_not_conducted(desk: Desk, cue: str) -> None:
    desk.orchestrate("coder: {player: python:plays}")
    desk.shell.run("%conduct")
    assert "take1 has ended" in desk.refused(f"%cue {cue}")


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("--at-once none", ""),
        ("--at-once many", "`at_once` is how many parts play at the same time"),
        ("--rate fast", "`rate` is requests a minute"),
        ("--deadline soon", "`deadline` is a time in seconds"),
        ("--budget much", "`budget` is in USD or in tokens"),
        ("--lead nobody", "'nobody' cannot lead"),
        ("--lead clock", "the clock leads to a deadline"),
    ],
)
def test_a_tempo_that_cannot_be_conducts_nothing(desk: Desk, line: str, says: str) -> None:
    desk.orchestrate("coder: {player: python:plays}")
    result = desk.shell.cell(f"%conduct {line}")
    if not says:  # no limit is one, too
        assert result.success
        return
    assert says in str(result.error_in_exec)
    assert not desk.shell["score"].takes


def test_help_shows_the_cues_and_how_to_play(desk: Desk) -> None:
    text = desk.shell.shell.find_line_magic("cue").__doc__ or ""
    for verb, (form, does) in CUES.items():
        assert f"%cue {verb} {form}".rstrip() in text
        assert does in text
    assert "%%cue release --edit coder" in text
    assert "%%play critic" in (desk.shell.shell.find_cell_magic("play").__doc__ or "")
    for cell in ("%cue release?", "%%play?", "%play?"):
        assert desk.shell.cell(cell).success
