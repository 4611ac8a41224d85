"""Muting, flags, changing the plan and the composition in the middle, and splicing."""

# pyright: reportUnknownLambdaType=false, reportPrivateUsage=false
# players here are lambdas: a reading has whatever the test gave it

from __future__ import annotations

from typing import Any

import pytest

from score_kernel import UsageError

from .led import Gate, Led, course, says, texts


def echo(*parts: str) -> Any:
    def play(reading: Any) -> str:
        return "+".join([*(reading[part].text if part in reading else "-" for part in parts), *reading.notes])

    return play


# Muting ---------------------------------------------------------------------------------------------


def test_what_needs_a_muted_part_goes_on_without_it(led: Led) -> None:
    gate = Gate()
    led.orchestrate(
        {
            "a": {"player": gate},
            "b": {"player": says("B")},
            "c": {"player": echo("a", "b"), "after": ["a", "b"]},
        }
    )
    take = led.conduct()
    gate.wait()
    take.mute("a")
    assert course(led.end(take)) == ["a cut", "b played", "c played", "a muted"]
    assert take["c"].text == "-+B"
    assert [flag.flag for flag in take["c"].flags] == ["dropped"]
    gate.open()
    with pytest.raises(UsageError, match="has ended"):
        take.unmute("a")


def test_an_unmuted_part_plays_after_all(led: Led) -> None:
    led.orchestrate({"a": {"player": says("A"), "enters": "on-cue"}, "b": {"player": "human"}})
    take = led.played()
    take.mute("a")
    with pytest.raises(UsageError, match="a is muted already"):
        take.mute("a")
    take.unmute("a")
    with pytest.raises(UsageError, match="a is not muted"):
        take.unmute("a")
    take.enter("a")
    take.play("b", "mine")
    assert led.end(take).status == "finished"
    assert texts(take) == {"a": "A", "b": "mine"}


def test_what_was_played_before_it_was_muted_is_taken_over_again(led: Led) -> None:
    played: list[int] = []
    led.orchestrate({"a": {"player": lambda reading: played.append(1) or "A"}, "b": {"player": "human"}})
    take = led.played()
    take.mute("a")
    take.unmute("a")
    assert take["a"].status == "reused"
    assert played == [1]


# Skipping -------------------------------------------------------------------------------------------


def test_a_part_whose_predicate_says_no_is_skipped_and_so_is_what_needs_it_alone(led: Led) -> None:
    led.notebook["wanted"] = lambda reading: reading["a"].text == "yes"
    led.orchestrate(
        {
            "a": {"player": says("no")},
            "b": {"player": says("B"), "after": ["a"], "when": "wanted"},
            "c": {"player": echo("b"), "after": ["b"]},
            "d": {"player": echo("a", "b"), "after": ["a", "b"]},
        }
    )
    take = led.played()
    assert course(take) == ["a played", "b skipped", "c skipped", "d played"]
    assert take["d"].text == "no+-"
    assert led.played().id == take.id


def test_a_predicate_that_raises_fails_the_part_that_it_was_asked_for(led: Led) -> None:
    led.notebook["wanted"] = lambda reading: reading.nothing
    led.orchestrate({"b": {"player": says("B"), "when": "wanted"}})
    assert course(led.played()) == ["b failed"]


# Checks and flags -----------------------------------------------------------------------------------


def test_checks_flag_with_their_criterion_and_reason(led: Led) -> None:
    led.notebook |= {
        "short": lambda c: len(c.text) < 3 or "too long",
        "kind": lambda c: True,
        "raises": lambda c: 1 / 0,
    }
    led.orchestrate({"a": {"player": says("long"), "checks": {"c1": "short"}}}, checks=["kind", "raises"])
    take = led.played()
    assert [tuple(flag) for flag in take["a"].flags] == [
        ("criterion", "raises: it raised ZeroDivisionError: division by zero"),
        ("criterion", "c1, short: too long"),
    ]
    assert take.status == "finished"
    assert led.played().id == take.id


def test_a_retake_plays_once_more_with_the_flag_as_its_note(led: Led) -> None:
    led.notebook["short"] = lambda c: "!" in c.text or "it lacks a !"
    led.orchestrate(
        {
            "a": {
                "player": lambda r: "a" + "".join("!" for n in r.notes if "lacks a !" in n),
                "checks": "short",
            }
        },
        on_flag="retake",
    )
    take = led.played()
    assert [c.text for c in take.contributions] == ["a", "a!"]
    assert led.score.notes == {"1": "short: it lacks a !"}
    assert led.played().id == take.id


def test_a_retake_is_one(led: Led) -> None:
    led.notebook["never"] = lambda c: "no"
    led.orchestrate(
        {"a": {"player": lambda r: "a" * (1 + len(r.notes)), "checks": "never", "on_flag": "retake"}}
    )
    take = led.played()
    assert [c.text for c in take.contributions] == ["a", "aa"]
    assert take.status == "finished"


def test_a_note_that_nobody_read_is_marked(led: Led) -> None:
    led.orchestrate({"a": {"player": says("A"), "enters": "on-cue"}, "b": {"player": "human"}})
    take = led.played()
    take.note("a", "be brief")
    take.mute("a")
    take.play("b", "mine")
    assert led.end(take).status == "finished"
    muted = next(c for c in take.contributions if c.status == "muted")
    assert [tuple(flag) for flag in muted.flags] == [("note-unread", "note 1 was never delivered")]


# The plan and the composition change ----------------------------------------------------------------


def test_orchestrating_in_the_middle_keeps_what_is_the_same(led: Led) -> None:
    gate = Gate("B")
    team = {
        "a": {"player": says("A")},
        "b": {"player": gate, "after": ["a"]},
        "c": {"player": echo("b"), "after": ["b"]},
    }
    led.orchestrate(team)
    take = led.conduct()
    gate.wait()
    led.orchestrate({"a": team["a"], "b": team["b"], "d": {"player": echo("a", "b"), "after": ["a", "b"]}})
    gate.open()
    assert led.end(take).status == "finished"
    assert texts(take) == {"a": "A", "b": "B", "c": "", "d": "A+B"}
    assert course(take) == ["a played", "b played", "c cut", "d played"]


def test_what_changed_plays_again_and_who_read_it_is_stale(led: Led) -> None:
    team = {"a": {"player": says("A")}, "b": {"player": echo("a"), "after": ["a"]}, "h": {"player": "human"}}
    led.orchestrate(team)
    take = led.played()
    led.orchestrate({**team, "a": {"player": lambda reading: "another"}})
    assert take["a"].text == "another"
    assert (take["b"].text, [flag.flag for flag in take["b"].flags]) == ("A", ["stale"])
    take.play("h", "mine")
    led.end(take)
    again = led.played()
    assert again["b"].text == "another"


def test_composing_in_the_middle_flags_who_read_the_old(led: Led) -> None:
    led.orchestrate({"a": {"player": says("A")}, "h": {"player": "human", "enters": "on-cue"}})
    take = led.played()
    led.score.compose("Say it otherwise.")
    assert [tuple(flag) for flag in take["a"].flags] == [
        ("stale", "intent: version 1 was read, version 2 stands")
    ]
    assert not take.contributions[1].flags


# Splicing -------------------------------------------------------------------------------------------


def test_a_spliced_take_is_made_of_chosen_contributions(led: Led) -> None:
    led.orchestrate(
        {
            "a": {"player": echo()},
            "b": {"player": echo("a"), "after": ["a"]},
            "c": {"player": echo("b"), "after": ["b"]},
        }
    )
    led.played()
    led.score.note("a", "two")
    led.played()
    take = led.end(led.score.splice(a="take1", b="take2"))
    assert texts(take) == {"a": "", "b": "two", "c": "two"}
    assert [c.status for c in take.contributions] == ["reused", "reused", "reused"]
    assert [flag.flag for flag in take["a"].flags] == ["stale"]
    assert [flag.flag for flag in take["b"].flags] == ["stale"]


def test_what_was_chosen_is_the_answer_from_then_on(led: Led) -> None:
    led.orchestrate({"a": {"player": echo()}})
    led.played()
    led.score.note("a", "two")
    led.played()
    take = led.end(led.score.splice(a="take1"))
    assert led.played().id == take.id
    assert led.end(led.score.splice(a="take1")).id == take.id


def test_only_what_was_played_can_be_chosen(led: Led) -> None:
    led.orchestrate({"a": {"player": says("A")}})
    led.played()
    with pytest.raises(Exception, match="b has not played in take1; there is a"):
        led.score.splice(b="take1")


def test_two_takes_are_compared(led: Led) -> None:
    led.orchestrate({"a": {"player": echo()}, "b": {"player": echo("a"), "after": ["a"]}})
    led.score.note("a", "one two")
    led.played()
    led.score.drop(1)
    led.score.note("a", "one three")
    led.played()
    diff = led.score.diff("take1", "take2")
    assert str(diff).splitlines()[0] == "take1 and take2: 2 of 2 differ"
    assert "    one [-two-]{+three+}" in str(diff)
    assert repr(led.score.diff("take1", "take1")) == "take1 and take1: nothing differs"
