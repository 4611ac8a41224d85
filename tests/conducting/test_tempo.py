"""Tempo: who leads and how fast, and how it changes while it plays."""

# pyright: reportUnknownLambdaType=false, reportPrivateUsage=false
# players here are lambdas: a reading has whatever the test gave it

from __future__ import annotations

from typing import Any

import pytest

from score_kernel import UnknownName, UsageError

from .led import Led, course, says

TWO = {"a": {"player": says("A")}, "b": {"player": says("B"), "after": ["a"]}}


def timed(led: Led, seconds: float, text: str = "done") -> Any:
    """A player that takes so long."""

    async def play(reading: Any) -> str:
        del reading
        await led.clock.sleep(seconds)
        return text

    return play


# The conductor leads --------------------------------------------------------------------------------


def test_each_entrance_waits_for_a_beat(led: Led) -> None:
    led.orchestrate(TWO)
    take = led.played(lead="conductor")
    assert (take.status, take.waits_for) == ("held", "a beat: %cue beat")
    take.beat()
    assert course(led.end(take)) == ["a played", "b waiting"]
    take.beat()
    assert led.end(take).status == "finished"


def test_beats_are_given_ahead(led: Led) -> None:
    led.orchestrate(TWO)
    take = led.played(lead="conductor")
    take.beat(2)
    assert led.end(take).status == "finished"


def test_a_part_can_be_let_in_without_a_beat(led: Led) -> None:
    led.orchestrate({"a": {"player": says("A")}, "b": {"player": says("B")}})
    take = led.played(lead="conductor")
    take.enter("b")
    assert course(led.end(take)) == ["a waiting", "b played"]


def test_what_is_known_needs_no_beat(led: Led) -> None:
    led.orchestrate(TWO)
    led.played()
    led.orchestrate({**TWO, "b": {"player": says("B"), "after": ["a"], "task": "another"}})
    take = led.played(lead="conductor")
    assert course(take) == ["a reused", "b waiting"]


def test_beats_are_for_when_the_conductor_leads(led: Led) -> None:
    led.orchestrate({"a": {"player": "human"}})
    take = led.played()
    with pytest.raises(UsageError, match="beats are for when the conductor leads, and free does"):
        take.beat()


def test_the_lead_is_given_back_in_the_middle(led: Led) -> None:
    led.orchestrate(TWO)
    take = led.played(lead="conductor")
    take.set_tempo(lead="free")
    assert led.end(take).status == "finished"
    with pytest.raises(UsageError, match="has ended"):
        take.set_tempo(lead="conductor")


def test_only_who_is_there_can_lead(led: Led) -> None:
    led.orchestrate(TWO)
    take = led.played(lead="conductor")
    with pytest.raises(UnknownName, match="'c' cannot lead: free, conductor, clock or a part: a, b"):
        take.set_tempo(lead="c")


# Rests and cues -------------------------------------------------------------------------------------


def test_a_written_rest_counts_from_its_turn(led: Led) -> None:
    led.orchestrate(
        {"a": {"player": timed(led, 2)}, "b": {"player": says("B"), "after": ["a"], "enters": "5s"}}
    )
    take = led.conduct()
    led.pass_(2)
    led.pass_(4.9)
    assert course(take) == ["a played", "b waiting"]
    assert take.status == "playing"
    led.pass_(0.1)
    assert led.end(take).status == "finished"
    assert take["b"].started == 7.0


def test_a_rest_stands_still_while_the_take_is_paused(led: Led) -> None:
    led.orchestrate({"b": {"player": says("B"), "enters": "5s"}})
    take = led.conduct()
    led.pass_(3)
    take.pause()
    led.pass_(100)
    take.resume()
    led.rest()
    led.pass_(1.9)
    assert course(take) == ["b waiting"]
    led.pass_(0.1)
    assert led.end(take).status == "finished"
    assert take["b"].started == 5.0


def test_a_part_that_enters_on_cue_waits_for_it_and_a_cue_can_come_before_its_turn(led: Led) -> None:
    led.orchestrate(
        {"a": {"player": timed(led, 2)}, "b": {"player": says("B"), "after": ["a"], "enters": "on-cue"}}
    )
    take = led.conduct()
    take.enter("b")
    led.pass_(2)
    assert led.end(take).status == "finished"
    led.orchestrate({"b": {"player": says("B"), "enters": "on-cue"}})
    take = led.played()
    assert take.waits_for == "a cue lets b in: %cue enter b"


# Limits ---------------------------------------------------------------------------------------------


def test_at_once_changes_while_it_plays(led: Led) -> None:
    led.orchestrate({name: {"player": timed(led, 10)} for name in "abcd"})
    take = led.conduct(at_once=1)
    assert course(take) == ["a playing", "b waiting", "c waiting", "d waiting"]
    take.set_tempo(at_once=3)
    led.rest()
    assert course(take) == ["a playing", "b playing", "c playing", "d waiting"]
    take.set_tempo(at_once=0)
    led.rest()
    assert course(take)[-1] == "d playing"
    led.pass_(10)
    assert led.end(take).status == "finished"


def test_a_rate_is_kept_over_a_sliding_minute(led: Led) -> None:
    led.notebook["lines"] = "Yes."
    led.orchestrate({f"p{n}": {"player": "script:lines"} for n in range(5)})
    take = led.conduct(rate="2/min")
    assert [c.status for c in take.contributions].count("played") == 2
    led.pass_(59)
    assert [c.status for c in take.contributions].count("played") == 2
    led.pass_(2)
    assert [c.status for c in take.contributions].count("played") == 4
    take.set_tempo(rate=0)
    assert led.end(take).status == "finished"


def test_a_deadline_lets_nothing_more_in_and_asks(led: Led) -> None:
    led.orchestrate({"a": {"player": timed(led, 10, "A")}, "b": {"player": says("B"), "after": ["a"]}})
    take = led.conduct(deadline="5s")
    led.pass_(10)
    assert led.end(take).status == "held"
    assert take.waits_for == "the deadline of 5 s is over: %cue tempo --deadline SECONDS"
    led.pass_(1000)
    take.set_tempo(deadline=20)
    assert led.end(take).status == "finished"


def test_a_budget_is_asked_for_before_each_request(led: Led) -> None:
    spends(led)
    take = led.played(budget=0.03)
    assert (take.status, course(take)) == ("held", ["a played", "b waiting"])
    assert take.waits_for == "the budget of $0.03 is spent ($0.04): %cue tempo --budget USD"
    take.set_tempo(budget="100 tokens")
    assert led.end(take).status == "finished"


def test_a_budget_of_tokens(led: Led) -> None:
    spends(led)
    take = led.played(budget="10 tokens")
    assert take.waits_for == "the budget of 10 tokens is spent (12): %cue tempo --budget N"
    take.stop()
    assert take.status == "stopped"


def spends(led: Led) -> None:
    """Two parts of a model, 12 tokens and four cents each."""
    from score_kernel.score.ports import Usage
    from score_kernel.testing.players import ScriptedModel

    led.orchestrate({"a": {"player": says("A")}, "b": {"player": says("B"), "after": ["a"]}})
    conductor = led.score._conductor
    cast = led.score._cast

    def with_models(plan: Any, *more: Any) -> Any:
        found = cast(plan, *more)
        models = {
            name: ScriptedModel(
                [name], clock=conductor.clock, model="openai/gpt-4o-mini", usage=Usage(10, 2, 0.04)
            )
            for name in ("a", "b")
        }
        found.players.update(models)  # type: ignore[attr-defined]
        return found

    led.score._cast = with_models  # type: ignore[method-assign]


# The clock leads ------------------------------------------------------------------------------------


def test_the_clock_gives_each_part_its_share_of_the_time_that_is_left(led: Led) -> None:
    told: list[str] = []

    async def slow(reading: Any) -> str:
        told.append(reading.messages[1]["content"].rpartition("You have about ")[2])
        await led.clock.sleep(1)
        return "in time"

    async def endless(reading: Any) -> Any:
        told.append(reading.messages[1]["content"].rpartition("You have about ")[2])
        yield "what it has "
        await led.clock.sleep(1000)
        yield "never"

    led.orchestrate(
        {
            "a": {"player": slow},
            "b": {"player": endless, "after": ["a"]},
            "c": {"player": lambda reading: f"c after {reading['b'].text}", "after": ["b"]},
        }
    )
    take = led.conduct(lead="clock", deadline="30s")
    led.pass_(1)
    led.pass_(14)
    assert course(take)[:2] == ["a played", "b playing"]
    led.pass_(1)
    assert led.end(take).status == "finished"
    assert told == ["10 seconds for your part.", "14 seconds for your part."]
    assert take["b"].text == "what it has "
    assert [flag.flag for flag in take["b"].flags] == ["incomplete"]
    assert take["c"].text == "c after what it has "


def test_what_was_ended_with_what_it_had_is_not_known(led: Led) -> None:
    led.orchestrate({"b": {"player": timed(led, 100)}})
    take = led.conduct(lead="clock", deadline="2s")
    led.pass_(3)
    assert led.end(take).status == "finished"
    again = led.conduct(deadline=0)
    assert again.id == "take2"
    led.pass_(100)
    assert course(led.end(again)) == ["b played"]
