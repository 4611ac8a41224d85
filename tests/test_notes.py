"""Notes of the conductor: in every case of the contract's table, standing, dropped, delivered or not."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest

from score_kernel import Reading, Score, Take, UnknownName, UsageError
from score_kernel.score import events as ev
from score_kernel.score.cues import Drop
from score_kernel.session import stage
from score_kernel.testing.clock import ManualClock

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

HANG = 30  # seconds: generous, only against a test that would hang


class Gates:
    """Players that say what notes they read, and wait in the middle until they are let go on."""

    def __init__(self) -> None:
        self.inside = threading.Semaphore(0)
        self.played: list[tuple[str, tuple[str, ...]]] = []
        self._shut: set[str] = set()
        self._open: dict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def shut(self, *parts: str) -> None:
        self._shut.update(parts)

    def open(self, part: str) -> None:
        self._shut.discard(part)
        stage().tell(lambda: self._open[part].set())

    def wait_inside(self) -> None:
        assert self.inside.acquire(timeout=HANG)

    async def plays(self, reading: Reading) -> AsyncGenerator[str]:
        self.played.append((reading.part, reading.notes))
        yield f"{reading.part}:"
        if reading.part in self._shut:
            self.inside.release()
            await self._open[reading.part].wait()
        yield ",".join(reading.notes)


@pytest.fixture
def gates() -> Gates:
    return Gates()


@pytest.fixture
def score(gates: Gates) -> Iterator[Score]:
    with Score() as score:
        score.compose("A function that adds.")
        parts: dict[str, Any] = {
            "coder": {"player": "python:plays"},
            "tester": {"player": "python:plays"},
            "editor": {"player": "python:plays", "after": ["coder"]},
        }
        score.orchestrate({"parts": parts}, {"plays": gates.plays})
        yield score


def conduct(score: Score, **options: Any) -> Take:
    take = score.conduct(**options)
    assert isinstance(take, Take)
    return take


def begin(score: Score, gates: Gates, *shut: str) -> Take:
    """A take in the background, with these parts in the middle of what they play."""
    gates.shut(*shut)
    take = conduct(score, background=True)
    for _ in shut:
        gates.wait_inside()
    return take


def texts(take: Take, part: str) -> list[str]:
    return [c.text_or(f"({c.status})") for c in take.contributions if c.part == part]


def test_a_part_that_has_not_entered_reads_the_note_as_it_enters(score: Score, gates: Gates) -> None:
    take = begin(score, gates, "coder")
    sent = take.note("editor", "be brief")
    assert sent.effects == {"editor": "reads it as it enters"}
    gates.open("coder")
    assert take.wait(HANG).status == "finished"
    assert texts(take, "editor") == ["editor:be brief"]
    assert texts(take, "tester") == ["tester:"]
    (note,) = take.notes
    assert (note.note, note.to, note.text) == ("1", "editor", "be brief")
    assert [c.part for c in note.delivered] == ["editor"]


def test_a_part_that_plays_enters_again_with_the_note_as_it_ends(score: Score, gates: Gates) -> None:
    take = begin(score, gates, "coder")
    assert take.note("coder", "in C").effects == {"coder": "enters again with it as it ends"}
    gates.open("coder")
    assert take.wait(HANG).status == "finished"
    assert texts(take, "coder") == ["coder:", "coder:in C"]
    # the editor waited for it, so it read what was played with the note, and nothing is stale
    assert take["editor"].reading["coder"].text == "coder:in C"
    assert len(texts(take, "editor")) == 1
    assert not any(c.flags for c in take.contributions)


def test_with_now_the_stream_is_cut_and_the_part_enters_again_with_what_it_had(
    score: Score, gates: Gates
) -> None:
    take = begin(score, gates, "coder")
    stage().ask(take.conductor.flush)
    gates.shut("coder")
    sent = take.note("coder", "in C", now=True)
    assert sent.effects == {"coder": "was cut, and enters again with it"}
    gates.wait_inside()
    gates.open("coder")
    assert take.wait(HANG).status == "finished"
    assert texts(take, "coder") == ["(cut)", "coder:in C"]
    messages = take["coder"].reading.messages
    assert [message["role"] for message in messages] == ["system", "user", "assistant", "user"]
    assert messages[2]["content"] == "coder:"
    assert "in C" in messages[3]["content"]
    assert "in C" not in messages[1]["content"]


def test_what_it_had_is_in_the_messages_and_not_in_the_digest(score: Score, gates: Gates) -> None:
    take = begin(score, gates, "coder")
    take.note("coder", "in C")
    gates.open("coder")
    take.wait(HANG)
    assert [m["role"] for m in take["coder"].reading.messages][2:] == ["assistant", "user"]
    assert take["coder"].reading.messages[2]["content"] == "coder:"
    fresh = conduct(score, fresh_all=True)
    assert [m["role"] for m in fresh["coder"].reading.messages] == ["system", "user"]
    assert fresh["coder"].reading.digest == take["coder"].reading.digest


def test_a_part_that_has_played_plays_again_with_the_note_and_its_readers_are_stale(
    score: Score, gates: Gates
) -> None:
    take = begin(score, gates, "tester")
    assert take["editor"].text == "editor:"  # coder and editor have played
    assert take.note("coder", "in C").effects == {"coder": "plays again with it"}
    assert take["coder"].text == "coder:in C"
    gates.open("tester")
    assert take.wait(HANG).status == "finished"
    (flag,) = take["editor"].flags
    assert flag.flag == "stale"
    assert flag.evidence == "coder played again: version 1 was read, version 2 stands"
    gates.played.clear()
    following = conduct(score)
    assert gates.played == [("editor", ())]
    assert following["editor"].reading["coder"].text == "coder:in C"
    assert following["coder"].status == "reused"


def test_a_note_to_all_reaches_every_part_in_its_own_case(score: Score, gates: Gates) -> None:
    take = begin(score, gates, "coder")
    assert take["tester"].text == "tester:"
    assert take.note("all", "hurry").effects == {
        "coder": "enters again with it as it ends",
        "tester": "plays again with it",
        "editor": "reads it as it enters",
    }
    gates.open("coder")
    take.wait(HANG)
    assert {part: take[part].text for part in ("coder", "tester", "editor")} == {
        "coder": "coder:hurry",
        "tester": "tester:hurry",
        "editor": "editor:hurry",
    }


def test_the_same_text_to_the_same_part_is_one_note(score: Score, gates: Gates) -> None:
    take = begin(score, gates, "coder")
    assert take.note("coder", "in C").note == "1"
    again = take.note("coder", "in C\n")
    assert (again.note, again.effects) == ("1", {})
    assert take.note("editor", "in C").note == "2"
    gates.open("coder")
    take.wait(HANG)
    assert len(take.notes) == 2
    assert len(texts(take, "coder")) == 2


def test_a_dropped_note_is_not_read_and_lets_nobody_enter_again(score: Score, gates: Gates) -> None:
    take = begin(score, gates, "coder")
    take.note("coder", "in C")
    take.note("editor", "be brief")
    score.drop(1)
    score.drop("2")
    gates.open("coder")
    take.wait(HANG)
    assert texts(take, "coder") == ["coder:"]
    assert texts(take, "editor") == ["editor:"]
    assert take.notes == ()
    with pytest.raises(UnknownName, match="no note 2 stands; no note stands"):
        score.drop(2)


def test_a_note_stands_in_the_takes_that_branch_after_it_and_in_no_other(score: Score, gates: Gates) -> None:
    first = conduct(score, name="draft")
    assert score.note("tester", "use pytest").effects == {"tester": "reads it in the next take"}
    assert [c.part for c in first.contributions if "use pytest" in c.text] == []
    second = conduct(score)
    assert second["tester"].text == "tester:use pytest"
    assert second["coder"].status == "reused"
    third = conduct(score, fresh=["tester"])
    assert third["tester"].text == "tester:use pytest"
    before = conduct(score, start="draft", fresh=["tester"])
    assert before["tester"].text == "tester:"
    assert score.notes == {}  # the latest take is the one that branched before it


def test_a_note_that_nobody_read_was_never_delivered(score: Score, gates: Gates) -> None:
    take = begin(score, gates, "coder")
    take.note("editor", "be brief")
    take.stop()
    (note,) = take.notes
    assert note.delivered == ()
    # and it stands for the next take
    gates.open("coder")
    assert conduct(score)["editor"].text == "editor:be brief"


def test_a_note_while_paused_counts_as_soon_as_it_goes_on(score: Score, gates: Gates) -> None:
    take = begin(score, gates, "coder")
    take.pause()
    gates.open("coder")
    assert take["tester"].text == "tester:"
    take.note("tester", "use pytest")
    assert texts(take, "tester") == ["tester:", "(waiting)"]
    take.resume()
    assert take.wait(HANG).status == "finished"
    assert texts(take, "tester") == ["tester:", "tester:use pytest"]


def test_conducting_after_notes_plays_nothing_that_was_played_with_them(score: Score, gates: Gates) -> None:
    take = begin(score, gates, "coder")
    take.note("all", "hurry")
    gates.open("coder")
    take.wait(HANG)
    gates.played.clear()
    again = conduct(score)
    assert gates.played == []
    assert again.id == take.id


def test_a_reused_contribution_plays_again_with_a_note(score: Score, gates: Gates) -> None:
    conduct(score)
    gates.shut("tester")
    take = conduct(score, fresh=["tester"], background=True)
    gates.wait_inside()
    assert take.note("coder", "in C").effects == {"coder": "plays again with it"}
    assert take["coder"].text == "coder:in C"
    assert [c.status for c in take.contributions if c.part == "coder"] == ["reused", "played"]
    assert take["coder"].reading.messages[2]["content"] == "coder:"
    gates.open("tester")
    take.wait(HANG)


def test_the_opening_note_of_a_take_is_kept_by_the_next_and_left_behind_by_a_branch(score: Score) -> None:
    conduct(score, note="Small, please.", name="small")
    assert conduct(score, fresh_all=True)["coder"].text == "coder:Small, please."
    assert conduct(score, note="Large, please.")["coder"].text == "coder:Large, please."
    assert score.notes == {"opening": "Large, please."}
    assert conduct(score, start="small", fresh_all=True)["coder"].text == "coder:Small, please."


def test_a_note_counts_among_the_notes_in_the_order_sent(score: Score) -> None:
    score.note("coder", "one")
    conduct(score, note="open")
    score.note("coder", "two")
    assert conduct(score)["coder"].reading.notes == ("one", "open", "two")


@pytest.mark.parametrize(
    ("part", "text", "error", "says"),
    [
        ("codr", "x", UnknownName, "there is no part 'codr'; a note goes to all, coder, tester, editor"),
        ("coder", " \n", UsageError, "a note wants a text: %cue note PART TEXT"),
    ],
)
def test_a_note_that_cannot_be_sent_says_why(
    score: Score, part: str, text: str, error: type[Exception], says: str
) -> None:
    with pytest.raises(error) as caught:
        score.note(part, text)
    assert str(caught.value) == says
    assert score.notes == {}


def test_notes_survive_a_restart(tmp_path: Any, gates: Gates) -> None:
    path = tmp_path / "piece.score"
    plan = {"parts": {"coder": {"player": "python:plays"}}}
    with Score(path) as score:
        score.orchestrate(plan, {"plays": gates.plays})
        conduct(score)
        score.note("coder", "in C")
    with Score(path) as score:
        score.orchestrate(plan, {"plays": gates.plays})
        assert score.notes == {"1": "in C"}
        assert conduct(score)["coder"].text == "coder:in C"


def test_a_note_is_told_at_the_time_it_was_sent_or_dropped() -> None:
    clock = ManualClock()
    with Score(clock=clock) as score:
        score.orchestrate({"parts": {"a": {"player": "script:lines"}}}, {"lines": [{"wait": 9}, "Done."]})
        take = conduct(score, background=True)
        stage().submit(clock.advance(2)).result(HANG)
        take.note("a", "Be brief.")
        stage().submit(clock.advance(1.5)).result(HANG)
        take.cue(Drop("1"))
        told = [(type(e).__name__, e.at) for e in take.events if isinstance(e, ev.Noted | ev.NoteDropped)]
        assert told == [("Noted", 2000), ("NoteDropped", 3500)]
        take.stop()


def test_a_take_does_not_play_what_it_has_played_itself(score: Score, gates: Gates) -> None:
    take = begin(score, gates, "tester")
    assert take["editor"].text == "editor:"
    take.pause()
    take.note("coder", "n")
    score.drop(1)
    take.resume()
    assert take["coder"].status == "reused"  # nothing is to be read that it did not read before
    assert take["coder"].reused_from == take.id
    take.note("coder", "n")
    assert take["coder"].text == "coder:n"
    score.drop(1)
    take.note("coder", "n")
    assert take["coder"].status == "reused"
    gates.open("tester")
    take.wait(HANG)
    assert gates.played.count(("coder", ())) == 1
    assert gates.played.count(("coder", ("n",))) == 1


def test_another_opening_takes_the_place_of_the_one_before(score: Score, gates: Gates) -> None:
    conduct(score, note="A")
    score.note("coder", "one")
    with_a = conduct(score)
    conduct(score, note="B")
    assert conduct(score, note="A").id == with_a.id
    assert with_a["coder"].reading.notes == ("A", "one")


def test_the_opening_of_a_branch_that_is_known_stays_with_that_branch(score: Score) -> None:
    conduct(score, note="A")
    latest = conduct(score, note="B")
    assert conduct(score, note="A", start="take1").id == "take1"
    assert score.notes == {"opening": "B"}
    assert conduct(score).id == latest.id


def test_a_note_says_what_it_does_in_words(score: Score, gates: Gates) -> None:
    assert repr(score.note("coder", "in C")) == "<Note 1 to coder: coder reads it in the next take>"
    assert repr(score.note("coder", "in C")) == "<Note 1 to coder stands already>"
    with Score() as empty:
        assert repr(empty.note("all", "hello")) == "<Note 1 to all stands>"
        with pytest.raises(UnknownName, match=r"there is no part 'coder'; a note goes to all$"):
            empty.note("coder", "hello")
