"""A take may branch from any moment of another: known is what had been played by then."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from score_kernel import Reading, Score, Take, UnknownName
from score_kernel.session import stage
from score_kernel.testing.clock import ManualClock

if TYPE_CHECKING:
    from collections.abc import Iterator

PLAYED: list[str] = []


def numbers(reading: Reading) -> str:
    """Says something else each time it plays, so that one sees which one was taken over."""
    PLAYED.append(reading.part)
    return f"{reading.part} {len(PLAYED)}: {reading.intent}"


TEAM: dict[str, Any] = {
    "parts": {
        "coder": {"player": "python:numbers"},
        "tester": {"player": "python:numbers", "after": ["coder"]},
        "editor": {"player": "python:numbers", "after": ["tester"]},
    }
}


@pytest.fixture
def score() -> Iterator[Score]:
    PLAYED.clear()
    with Score() as score:
        score.compose("Add.")
        score.orchestrate(TEAM, globals())
        yield score


def conduct(score: Score, **options: Any) -> Take:
    take = score.conduct(**options)
    assert isinstance(take, Take)
    return take


def texts(take: Take) -> list[str]:
    return [take[part].text.partition(":")[0] for part in ("coder", "tester", "editor")]


def test_from_the_moment_a_part_enters_it_and_what_comes_after_play_again(score: Score) -> None:
    first = conduct(score)
    branch = conduct(score, start="take1:tester")
    assert texts(first) == ["coder 1", "tester 2", "editor 3"]
    assert texts(branch) == ["coder 1", "tester 4", "editor 5"]
    assert branch.parent is not None
    assert branch.parent.id == "take1"
    assert texts(first) == ["coder 1", "tester 2", "editor 3"]


def test_from_an_event_what_had_been_played_by_then_is_known(score: Score) -> None:
    first = conduct(score)
    played = [event.seq for event in first.events if type(event).__name__ == "Played"]
    assert texts(conduct(score, start=f"take1#{played[0] - 1}")) == ["coder 4", "tester 5", "editor 6"]
    assert texts(conduct(score, start=f"take1#{played[1]}")) == ["coder 1", "tester 2", "editor 7"]


def test_from_a_time(score: Score) -> None:
    clock = ManualClock()
    lines = {"a": [{"wait": 2, "text": "one"}], "b": [{"wait": 2, "text": "two"}]}
    with Score(clock=clock) as timed:
        parts = {"a": {"player": "script:lines"}, "b": {"player": "script:lines", "after": ["a"]}}
        timed.orchestrate({"parts": parts}, {"lines": lines})
        take = conduct(timed, background=True)
        stage().submit(clock.advance(10)).result(30)
        assert take.wait(30).status == "finished"
        branch = conduct(timed, start="take1@2.5s", background=True)
        assert branch.contributions[0].status == "reused"
        assert branch.contributions[1].status == "playing"
        stage().submit(clock.advance(10)).result(30)
        assert branch.wait(30)["b"].text == "two"


def test_a_branch_knows_nothing_of_what_came_after_its_moment_or_beside_it(score: Score) -> None:
    conduct(score)
    conduct(score, fresh=["editor"])  # take2: editor 4
    third = conduct(score, start="take1")  # all of it known, and equal to take1
    assert (third.id, third.new) == ("take1", False)
    assert texts(conduct(score, start="take1", fresh=["coder"])) == ["coder 5", "tester 6", "editor 7"]
    # as the editor entered in take2, what it had played in take1 was known
    assert texts(conduct(score, start="take2:editor")) == ["coder 1", "tester 2", "editor 3"]


def test_a_label_and_a_take_are_moments_too(score: Score) -> None:
    draft = conduct(score, name="draft")
    assert texts(conduct(score, start="draft:editor")) == ["coder 1", "tester 2", "editor 4"]
    assert conduct(score, start=draft).id == "take1"
    assert conduct(score, start="draft").id == "take1"


def test_intent_and_plan_are_the_present_ones(score: Score) -> None:
    conduct(score)
    score.compose("Subtract.")
    branch = conduct(score, start="take1:tester")
    assert {part: branch[part].reading.intent for part in ("coder", "tester")} == {
        "coder": "Subtract.",
        "tester": "Subtract.",
    }


def test_takes_form_a_tree(score: Score) -> None:
    conduct(score)
    conduct(score, start="take1:coder")
    conduct(score, start="take1:editor")
    conduct(score, fresh=["editor"])
    assert [(take.id, take.parent and take.parent.id) for take in score.takes] == [
        ("take1", None),
        ("take2", "take1"),
        ("take3", "take1"),
        ("take4", "take3"),
    ]


def test_the_next_conduct_goes_on_from_the_latest_take(score: Score) -> None:
    conduct(score)
    branch = conduct(score, start="take1:editor")
    assert conduct(score).id == branch.id


def test_a_moment_that_is_not_there_is_refused_and_nothing_plays(score: Score) -> None:
    conduct(score)
    with pytest.raises(UnknownName, match="there is no take 'take7'"):
        score.conduct(start="take7")
    assert len(score.takes) == 1


def test_the_dry_run_of_a_branch_tells_what_would_play(score: Score) -> None:
    conduct(score)
    dry = score.conduct(start="take1:editor", dry_run=True)
    assert [(row.part, row.verdict) for row in dry.rows] == [  # type: ignore[union-attr]
        ("coder", "reused"),
        ("tester", "reused"),
        ("editor", "plays"),
    ]


def test_branches_survive_a_restart(tmp_path: Any) -> None:
    PLAYED.clear()
    path = tmp_path / "piece.score"
    with Score(path) as score:
        score.orchestrate(TEAM, globals())
        conduct(score)
        conduct(score, start="take1:tester")
    with Score(path) as score:
        score.orchestrate(TEAM, globals())
        assert conduct(score).id == "take2"
        assert texts(conduct(score, start="take1:editor")) == ["coder 1", "tester 2", "editor 6"]
